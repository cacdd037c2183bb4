"""Does a reader who takes a chapter away have all of it, and does it run?

The small book is built once with an address of its own; of the real one the quickest
chapter with findings is run in an environment made from its first cell.
"""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from small_book import JUPYTER_BOOK, ROOT, built, edit, extended

import reproduce
import run_notebooks
from foible.exercises import seal

EXTENSIONS = ROOT / "book" / "_ext"
ADDRESSES = {
    "FOIBLE_BASE_URL": "https://example.org/book",
    "FOIBLE_REPOSITORY_URL": "https://github.com/somebody/book",
}
PROSE = r"""
One *half* of $2\,x$, by {cite:t}`known` and 3 < 4, see {ref}`two`, by {eq}`eq-one`.

```{math}
:label: eq-one
x \in G
```

:::{dropdown} A fold
With a [link](https://example.org/there) and `code`.
:::

| a | b |
| - | - |
| 1 | 2 |

## References

```{bibliography}
```
"""
DRAWN = """
```{code-cell}
---
tags: [hide-input]
mystnb:
  image: {alt: A line that rises.}
  figure:
    name: fig-one-line
    caption: |
      It rises to {glue:text}`share`.
---
import matplotlib.pyplot as plt
plt.plot([1, 2]);
```
"""
ASKED = """
:::{question} What does the test say?
:right: 2

All
: No.

Little
: It asks few.
:::

:::{check} double(number)
:wanted: double(4), double(alpha.SHARE)
:within: 0.5

A function `double(number)`.
:::

```{code-cell}
:tags: [hide-cell]
def double(number):
    return 2 * number

double(3)
```
"""
PARSE = "parse: {myst_enable_extensions: [colon_fence, deflist, dollarmath]}\n"
KNOWN = "@misc{known, title = {Known}, author = {Ada Byron}, year = {1843}}\n"


def committed(folder):
    """The folder as the one commit of a repository."""
    person = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (["init", "-q"], ["add", "-A"], [*person, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    asked = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def extension():
    """An extension of the book, by name."""
    sys.path.insert(0, str(EXTENSIONS))
    yield lambda name: importlib.import_module(f"foible_book.{name}")
    sys.path.remove(str(EXTENSIONS))


@pytest.fixture
def asking(book):
    """The small book, whose pages may ask."""
    config = book / "_config.yml"
    config.write_text(config.read_text() + PARSE)
    return book


@pytest.fixture
def published(asking):
    """The small book with prose of every kind, and the name of its commit."""
    book = asking
    extended(book, "figures", "mathml", "pages", "questions", "notebooks")
    edit(
        book / "_config.yml",
        "config: {",
        "config: {bibtex_reference_style: author_year, ",
    )
    edit(book / "_config.yml", "cell_seconds: 5", "cell_seconds: 100")
    (book / "book/references.bib").write_text(KNOWN)
    one = book / "book/attacks/one.md"
    one.write_text(one.read_text() + DRAWN + ASKED + PROSE)
    commit = committed(book)
    outcome = built(book, **ADDRESSES)
    assert outcome.exit == 0, outcome.said
    return book, commit


@pytest.mark.slow
def test_a_notebook_says_what_the_page_says_and_installs_what_it_was_built_with(
    published,
):
    book, commit = published
    folder = book / "_build/html/notebooks"

    one = nbformat.read(folder / "one.ipynb", as_version=4)
    nbformat.validate(one)
    install, *cells = one.cells
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    code = [c for c in cells if c.cell_type == "code"]

    line = f'"git+https://github.com/somebody/book@{commit}"'
    assert install.source.splitlines()[0] == f"%pip install --quiet {line}"
    for said in (
        "It holds 75% of the time, and 84.8 % elsewhere.",
        r"One *half* of $2\,x$, by Byron [[1843](https://example.org/book/book/attacks/"
        "one.html#id4)] and 3 &lt; 4, see "
        "[Two](https://example.org/book/book/attacks/two.html#two), by "
        "[(1)](https://example.org/book/book/attacks/one.html#equation-eq-one).",
        "$$\nx \\in G \\tag{1}\n$$",
        "<details>\n<summary>A fold</summary>\n\n"
        "With a [link](https://example.org/there) and `code`.\n\n</details>",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "**Figure.** It rises to 75%.",
        "Ada Byron. Known. 1843.",
    ):
        assert said in text
    assert code[0].outputs[0].data["text/plain"] == "share: 75%"
    assert code[1].metadata["jupyter"] == {"source_hidden": True}
    picture = next(o for o in code[1].outputs if "image/png" in o.data)
    assert picture.metadata["image/png"]["alt"] == "A line that rises."
    assert "image/svg+xml" not in picture.data
    assert (folder / "requirements.txt").read_text().strip() == line.strip('"')
    script = (folder / "one.py").read_text()
    assert f"# %pip install --quiet {line}" in script
    ast.parse(script)


@pytest.mark.slow
def test_a_notebook_asks_before_the_solution_and_judges_by_it(published):
    book, _ = published
    notebook = nbformat.read(book / "_build/html/notebooks/one.ipynb", as_version=4)
    page = (book / "_build/html/book/attacks/one.html").read_text()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (here,) = (n for n, cell in enumerate(code) if "check" in cell.metadata.tags)
    asked, solution = code[here], code[here + 1]
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    space = {"alpha": SimpleNamespace(SHARE=0.75)}
    ask, _, judge = asked.source.partition("check(")

    exec(asked.source, space)

    assert "double = ...  # a function double(number)" in ask
    assert "number" not in judge
    assert "alpha" not in judge
    assert "<summary>All</summary>\n\n**No.**\n\nNo." in text
    assert "<summary>Little</summary>\n\n**Right.**\n\nIt asks few." in text
    assert solution.source.startswith("def double(number):")
    for answer, right in ((lambda number: number + number, True), (abs, False)):
        space["double"] = answer
        assert bool(eval(f"check({judge}", space)) is right
    assert "A function <code" in page
    assert "foible.exercises" not in page


@pytest.mark.slow
def test_a_check_or_a_question_that_cannot_be_answered_is_said(asking):
    book = asking
    extended(book, "figures", "mathml", "pages", "questions", "notebooks")
    one = book / "book/attacks/one.md"
    faults = (
        ASKED.replace(":right: 2", ":right: 3")
        .replace("double(4), double(alpha.SHARE)", "4 +")
        .replace("check} double(number)", "check} double")
    )
    used = ":::{check} alpha\n:::\n\n```{code-cell}\n3\n```\n\n"
    last = ":::{check} late\n:::\n"
    one.write_text(one.read_text() + faults + used + last)

    outcome = built(book)

    assert outcome.exit
    for said in (
        "got 2 answers, of which number 3 is right",
        "got :wanted: '4 +', invalid syntax; wanted an expression",
        "got the answer alpha, which other cells use; wanted a name of its own",
        "got a check with no cell below; wanted the solution of its exercise",
    ):
        assert said in outcome.said


@pytest.mark.slow
def test_notebooks_are_the_same_twice_and_go_with_their_pages(published):
    book, _ = published
    folder = book / "_build/html/notebooks"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}

    again = built(book, **ADDRESSES)
    second = {path.name: path.read_bytes() for path in folder.iterdir()}
    edit(book / "_toc.yml", "- file: book/attacks/two\n", "")
    edit(book / "book/attacks/one.md", "see {ref}`two`", "see")
    shorter = built(book, **ADDRESSES)

    assert again.exit == shorter.exit == 0, shorter.said
    assert first == second
    assert {path.stem for path in folder.glob("*.ipynb")} == {"one"}


def test_only_what_lies_on_github_runs_elsewhere(extension):
    elsewhere = extension("notebooks").elsewhere

    assert elsewhere("https://example.org/somebody/book/", "one") == []
    assert elsewhere("", "one") == []
    assert elsewhere("https://github.com/somebody/book/", "one") == [
        (
            "Colab",
            "https://colab.research.google.com/github/somebody/book/blob/notebooks/"
            "one.ipynb",
        ),
        (
            "Binder",
            "https://mybinder.org/v2/gh/somebody/book/notebooks?"
            "urlpath=lab/tree/one.ipynb",
        ),
    ]


def test_without_an_address_the_first_cell_says_what_to_install(extension):
    install = extension("notebooks").install("", "abc")

    assert all(line.startswith("#") for line in install.splitlines())
    assert "pip install ." in install


def test_the_package_asks_for_all_that_it_imports():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    doors = [*chain(*told["optional-dependencies"].values())]  # absent, they say so
    lines = told["dependencies"] + doors
    asked = {line.partition("==")[0].lower() for line in lines}
    named = {
        "sklearn": "scikit-learn",
        "model_signing": "model-signing",
        "werkzeug": "flask",
    }
    imported = set()
    for path in (ROOT / "code" / "foible").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    theirs = imported - set(sys.stdlib_module_names) - {"foible"}

    assert {named.get(name, name).lower() for name in theirs} <= asked
    assert all("==" in line for line in lines)


@pytest.mark.slow
def test_a_downloaded_notebook_runs_in_an_environment_made_from_its_first_cell(
    tmp_path,
):
    subprocess.run([JUPYTER_BOOK, "build", str(ROOT)], check=True, capture_output=True)
    page = (ROOT / "_build/html/book/foundations/evidence.html").read_text()
    clone = reproduce.copy(ROOT, tmp_path / "clone")
    committed(clone)

    command = [sys.executable, "scripts/run_notebooks.py", "evidence"]
    done = subprocess.run(
        [*command, "--clone", clone], cwd=ROOT, capture_output=True, text=True
    )

    said = done.stdout
    assert done.returncode == 0, said + done.stderr
    assert '<a href="../../notebooks/evidence.ipynb" download>Notebook</a>' in page
    assert re.search(r"evidence: [1-9]\d* findings, 0 moved", said), said


@pytest.mark.slow
def test_a_notebook_that_stops_is_said_and_its_old_outputs_do_not_count(tmp_path):
    new = nbformat.v4
    old = new.new_output("display_data", {run_notebooks.findings.MIME: {"name": "a"}})
    cells = [new.new_code_cell(code, outputs=[old]) for code in ("print(7)", "1 / 0")]
    notebook = new.new_notebook(cells=cells)

    (said,) = run_notebooks.run(notebook, Path(sys.executable), tmp_path)

    assert "ZeroDivisionError" in said
    assert "the first cell said: 7" in said
    assert list(run_notebooks.found(notebook)) == []


@pytest.mark.parametrize(("solution", "runs"), [("1 + 1", True), ("gone", False)])
def test_a_solution_that_no_longer_runs_is_found_by_an_answer(solution, runs):
    source = (
        "from foible.exercises import check\n\nsum_ = ...  # a number\n"
        f'check("sum_", sum_, globals(), sealed="{seal(solution)}")'
    )

    exec(source, {})
    with nullcontext() if runs else pytest.raises(AssertionError, match="'gone' is"):
        exec(run_notebooks.answered(source), {})


def test_a_finding_that_a_notebook_finds_otherwise_is_said():
    accepted = {name: {"text": "1"} for name in ("one.a", "one.b", "two.a")}

    assert run_notebooks.moved("one", {"a": "1", "b": "1"}, accepted) == []
    assert run_notebooks.moved("one", {"a": "2", "c": "1"}, accepted) == [
        "one.a: 1 in the book, 2 now",
        "one.b: 1 in the book, None now",
        "one.c: None in the book, 1 now",
    ]


def test_a_notebook_that_is_not_there_is_named(tmp_path):
    (tmp_path / "_build/html").mkdir(parents=True)

    with pytest.raises(SystemExit, match="make book first"):
        run_notebooks.main(["one"], Path(tmp_path))
