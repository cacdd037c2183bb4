"""Does building a book run what must run, and is it red when it must be?

Every test builds a small book in a folder of its own.
"""

import json
import re
import shutil
from itertools import pairwise

import pytest
from small_book import HEADER, built, edit, extended, line_of

pytestmark = pytest.mark.slow


# What runs


def test_nothing_changed_starts_no_kernel(green):
    outcome = built(green)

    assert (outcome.exit, outcome.ran) == (0, [])


def test_a_clean_book_shows_its_findings_in_prose_and_in_a_file(green):
    site = green / "_build" / "html"

    findings = json.loads((site / "findings.json").read_text())

    assert findings == {
        "one.share": {
            "value": 0.75,
            "text": "75%",
            "between": [0.6, 0.9],
            "range": ["60%", "90%"],
            "chapter": "book/attacks/one",
            "made": "made-share",
        }
    }
    one = (site / "book/attacks/one.html").read_text()
    known = 'title="held to 60% to 90%"'
    assert f'#made-share" {known}>75%</a></span> of the time' in one
    assert 'id="made-share"' in one
    assert "84.8 % elsewhere" in one
    index = (site / "book/index.html").read_text()
    assert f'href="attacks/one.html#made-share" {known}>75%</a>' in index


def test_each_origin_of_the_data_has_its_own_sentence_and_range(book):
    index, one = book / "book/index.md", book / "book/attacks/one.md"
    edit(index, "says", "{embedded}`invents` {real}`measures` ")
    edit(one, "elsewhere.", "{real}``in truth {glue:text}`share` ``.")
    edit(one, "between=(0.6, 0.9)", "between=(0.6, 0.9), real=(0.8, 1)")
    edit(one, "the old words", "As much as {share} of the disc.")

    site, data = book / "_build/html/book", book / "data"
    data.mkdir()

    assert built(book).exit == 0
    assert "invents" in (site / "index.html").read_text()
    assert "measures" not in (site / "index.html").read_text()
    assert "in truth" not in (site / "attacks/one.html").read_text()

    refused = built(book, FOIBLE_DATA=str(data))
    edit(one, "real=(0.8, 1)", "real=(0.7, 1)")

    assert refused.exit == 1
    assert "share is 0.75, outside 0.8 to 1" in refused.said
    assert built(book, FOIBLE_DATA=str(data)).exit == 0
    assert "invents" not in (site / "index.html").read_text()
    assert "measures" in (site / "index.html").read_text()
    said = (site / "attacks/one.html").read_text()
    assert re.search(r"in truth <span[^>]*><a[^>]*>75%", said)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("book/attacks/one.md", "It holds", "It nearly always holds"),
        ("book/attacks/one.md", "the old words", "other words"),
        ("book/attacks/two.md", "{code-cell}\n", "{code-cell}\n:tags: [hide-input]\n"),
        ("code/foible/base.py", "HALF = 0.5", "# one in two\nHALF = 0.5  # really"),
        ("code/foible/base.py", "HALF", '"""A docstring."""\n\nHALF'),
    ],
    ids=["prose", "alt text", "tag", "comment", "docstring"],
)
def test_an_edit_that_cannot_change_an_output_starts_no_kernel(book, file, old, new):
    edit(book / file, old, new)

    outcome = built(book)

    assert (outcome.exit, outcome.ran) == (0, [])


def test_a_changed_cell_runs_its_chapter_only(book):
    edit(book / "book/attacks/two.md", "beta.NUMBER", "beta.NUMBER + 1")

    outcome = built(book)

    assert (outcome.exit, outcome.ran) == (0, ["book/attacks/two"])
    assert "book/attacks/two runs: its code cells changed" in outcome.said
    assert "4712" in (book / "_build/html/book/attacks/two.html").read_text()


def test_a_changed_module_runs_what_depends_on_it_and_taking_it_back_runs_nothing(
    green,
):
    module = green / "code/foible/base.py"
    edit(module, "0.5", "0.6")

    changed = built(green)
    index = (green / "_build/html/book/index.html").read_text()
    edit(module, "0.6", "0.5")
    reverted = built(green)

    assert (changed.exit, changed.ran) == (0, ["book/attacks/one"])
    assert "book/attacks/one runs: foible.base changed" in changed.said
    assert ">85%<" in index
    assert (reverted.exit, reverted.ran) == (0, [])
    assert ">75%<" in (green / "_build/html/book/index.html").read_text()


def test_the_map_of_failures_follows_the_chapters_that_there_are(book):
    extended(book, "home")
    edit(book / "book/index.md", "# Trial", "# Trial\n\n```{failure-map}\n```")
    stems = ["two", "evasion", "rows_in_files", "two"]
    for stem in stems[1:3]:
        page = book / f"book/attacks/{stem}.md"
        page.write_text(f"{HEADER}\n({stem})=\n# Trial of {stem}\n")

    pages = []
    for old, new in pairwise(["two", *stems]):
        edit(book / "_toc.yml", f"attacks/{old}", f"attacks/{new}")
        outcome = built(book)
        assert outcome.exit == 0, outcome.said
        pages.append((book / "_build/html/book/index.html").read_text())

    maps = [page.partition("<main")[2] for page in pages]
    assert ['href="attacks/evasion.html"' in m for m in maps] == [0, 1, 0, 0]
    assert ['href="attacks/rows_in_files.html"' in m for m in maps] == [0, 0, 1, 0]
    assert ["reads rows, or columns" in m for m in maps] == [0, 0, 1, 0]
    assert not (book / "_build/html/book/attacks/evasion.html").exists()


def test_a_damaged_record_is_run_again(book):
    (record,) = (book / "_build/records/book/attacks/two").glob("*.json")
    record.write_text(record.read_text()[:100])

    outcome = built(book)

    assert (outcome.exit, outcome.ran) == (0, ["book/attacks/two"])
    assert f"the record {record} is damaged" in outcome.said


# What is red

TITLE = "# Two\n"
IN_CHAPTER_TWO = {
    "a raising cell": ("beta.NUMBER", "x = 1\nx / 0", "x / 0", "ZeroDivisionError"),
    "a slow cell": (
        "beta.NUMBER",
        "while True: pass",
        "from foible",
        "longer than 5 s of a processor",
    ),
    "a cell whose child is slow": (
        "beta.NUMBER",
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'while True: pass'])",
        "from foible",
        "longer than 5 s of a processor",
    ),
    "stderr": (
        "beta.NUMBER",
        "import warnings\nwarnings.warn('hm')",
        "warnings.warn",
        "UserWarning: hm",
    ),
    "a dead kernel": ("beta.NUMBER", "__import__('os')._exit(1)", "from", "died"),
    "a finding that moved": (
        "beta.NUMBER",
        "from foible.findings import finding as f\nf('n', 7, '{:.0f}', between=(0, 1))",
        "f('n'",
        "FindingMoved: n is 7.0, outside 0 to 1",
    ),
    "a command that fails": (
        "beta.NUMBER",
        "!false",
        "!false",
        "got a command for a sh",
    ),
    "an end": ("beta.NUMBER", "exit()", "exit()", "got the end of the kernel"),
    "much print": (
        "beta.NUMBER",
        "print('x' * 60_000_000)",
        "print(",
        "got more than 2 MB in print",
    ),
    "a large table": (
        "beta.NUMBER",
        "'x' * 3_000_000",
        "from",
        "the chapter shows 3 MB, and 2 MB are its limit",
    ),
    "a large drawing": (
        "beta.NUMBER",
        "from IPython.display import SVG\nSVG('<svg>' + 'x' * 11_000_000 + '</svg>')",
        "from foible",
        "the chapter draws 11 MB, and 10 MB are its limit",
    ),
    "an address of memory": (
        "beta.NUMBER",
        "object()",
        "from foible",
        "its output differs each time, 'at 0x",
    ),
    "a module that no cell names": (
        "beta.NUMBER",
        "from importlib import import_module\nimport_module('foible.alpha')",
        "import_module('",
        "got an import of foible.alpha that no cell spells out",
    ),
    "a file beside the chapter": (
        "beta.NUMBER",
        "open('one.md').read()",
        "open('",
        "got a file that nobody counts, book/attacks/one.md",
    ),
    "a file that is written beside the chapter": (
        "beta.NUMBER",
        "open('new.txt', 'w')",
        "open('",
        "got a file that nobody counts, book/attacks/new.txt",
    ),
    "a script beside the chapter": (
        "beta.NUMBER",
        "%run one.md",
        "%run",
        "got a file that nobody counts, book/attacks/one.md",
    ),
    "a hidden import": (
        "beta.NUMBER",
        "exec('import foible.alpha')",
        "exec(",
        "got an import of foible.alpha that no cell spells out",
    ),
    "no header": (HEADER.strip(), "(x)=", "(x)=", "without a full header"),
    "half a header": ("  name: python3\n", "", "---", "without a full header"),
    "an unknown citation": (TITLE, f"{TITLE}\n{{cite}}`no`\n", "{cite}", "no"),
    "an unknown reference": (TITLE, f"{TITLE}\n{{ref}}`no`\n", "{ref}", "'no'"),
    "an unknown glue": (TITLE, f"{TITLE}\n{{glue:text}}`no`\n", "{glue", "'two.no'"),
    "an unknown finding": (TITLE, f"{TITLE}\n{{finding}}`a.b`\n", "{finding}", "'a.b'"),
    "a missing image": (TITLE, f"{TITLE}\n![one](no.png)\n", "![one]", "no.png"),
}


@pytest.mark.parametrize(
    ("old", "new", "place", "words"), IN_CHAPTER_TWO.values(), ids=IN_CHAPTER_TWO
)
def test_it_is_red_on_the_first_build_and_on_the_second(book, old, new, place, words):
    chapter = book / "book/attacks/two.md"
    edit(chapter, old, new)
    line = line_of(chapter, place)

    outcomes = [built(book), built(book)]

    for outcome in outcomes:
        assert outcome.exit != 0
        said = outcome.said.partition("The site is NOT good:")[2].splitlines()
        assert any(f"two.md:{line}: " in s and words in s for s in said), outcome.said
    assert list((book / "_build/html").iterdir()) == []


@pytest.mark.parametrize(("seconds", "good"), [(6, True), (1000, False)])
def test_a_cell_may_wait_for_longer_than_it_may_work_but_not_for_ever(
    book, seconds, good
):
    edit(book / "_config.yml", "cell_seconds: 5", "cell_seconds: 3")
    chapter = book / "book/attacks/two.md"
    edit(chapter, "beta.NUMBER", f"import time\ntime.sleep({seconds})")

    outcome = built(book)

    assert (outcome.exit == 0) is good, outcome.said
    waited = f"two.md:{line_of(chapter, 'from foible')}: ERROR: cell was not done after"
    assert (f"{waited} 12 s; does it wait for something?" in outcome.said) is not good


PORTS = """import os, socket
ports = set()
for number in range(3, 256):
    try:
        with socket.socket(fileno=os.dup(number)) as own:
            if own.family == socket.AF_INET:
                ports.add(own.getsockname())
    except OSError:
        pass  # no socket
assert len(ports) < 2, ports
beta.NUMBER"""


def test_a_kernel_is_told_no_port_that_another_program_could_take_first(book):
    edit(book / "book/attacks/two.md", "beta.NUMBER", PORTS)

    outcome = built(book)

    assert outcome.exit == 0, outcome.said  # but one, which the system gave it


def test_a_cell_may_use_a_temporary_folder(book):
    folder = "import os, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
    made = "    os.mkdir(os.path.join(folder, 'public'))\nbeta.NUMBER"
    edit(book / "book/attacks/two.md", "beta.NUMBER", folder + made)

    outcome = built(book)

    assert outcome.exit == 0, outcome.said


def test_what_pip_notes_beside_the_package_may_be_read(book):
    notes = book / "code/foible.egg-info"
    notes.mkdir()
    (notes / "entry_points.txt").write_text("[console_scripts]\n")
    (notes / "PKG-INFO").write_text("Name: foible\nVersion: 1\n")
    asked = "from importlib import metadata\nmetadata.entry_points()\nbeta.NUMBER"
    edit(book / "book/attacks/two.md", "beta.NUMBER", asked)

    outcome = built(book)

    assert outcome.exit == 0, outcome.said


def test_two_findings_of_one_name_are_red(book):
    shutil.copytree(book / "book/attacks", book / "book/failures")
    edit(book / "_toc.yml", "book/attacks/two", "book/failures/one")

    outcome = built(book)

    assert outcome.exit != 0
    assert "one.share is also stated by book/attacks/one" in outcome.said


def test_all_chapters_run_to_their_ends_before_the_build_is_red(book):
    edit(
        book / "book/attacks/one.md", "from foible import", "1 / 0\nfrom foible import"
    )
    edit(book / "book/attacks/two.md", "beta.NUMBER", "beta.WORD")

    first = built(book)
    edit(book / "book/attacks/one.md", "1 / 0\n", "")
    edit(book / "book/attacks/two.md", "beta.WORD", "beta.NUMBER")
    mended = built(book)

    assert first.exit != 0
    assert first.ran == ["book/attacks/one", "book/attacks/two"]
    assert "ZeroDivisionError" in first.said
    assert "has no attribute 'WORD'" in first.said
    assert (mended.exit, mended.ran) == (0, [])
