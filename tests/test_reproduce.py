"""Is a site the same from every build, and is it said when it is not?"""

import shutil

import pytest
from small_book import ROOT, edit, extended, written

import reproduce

FIGURE = """
```{code-cell}
---
mystnb:
  image: {alt: A line that rises from one to two.}
  figure: {name: fig-two-line, caption: It rises.}
---
import matplotlib.pyplot as plt
plt.plot([1, 2], marker="o");
```
"""


@pytest.fixture
def sources(tmp_path):
    """A small book with a figure and with the real package beside its own."""
    book = written(tmp_path / "book")
    real = ROOT / "code" / "foible"
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(real, book / "code" / "foible", unwanted, dirs_exist_ok=True)
    two = book / "book" / "attacks" / "two.md"
    two.write_text(two.read_text() + FIGURE)
    (book / "book" / "build.md").write_text("# Costs\n\n```{build-statistics}\n```\n")
    edit(book / "_toc.yml", "attacks/two\n", "attacks/two\n- file: book/build\n")
    extended(book, "figures", "pages")
    return book


@pytest.mark.slow
def test_two_builds_in_two_folders_serial_and_parallel_make_one_site(sources, capsys):
    outcome = reproduce.main(sources)

    said = capsys.readouterr().out
    assert outcome == 0, said
    assert "0 of " in said
    assert not (sources / "_build").exists()


@pytest.mark.slow
def test_a_cell_that_gives_something_else_each_time_is_found(sources, capsys):
    edit(sources / "book/attacks/two.md", "beta.NUMBER", "import time; time.time_ns()")

    outcome = reproduce.main(sources)

    said = capsys.readouterr().out
    assert outcome == 1
    assert "book/attacks/two.html differs:" in said


def test_every_file_of_both_sites_is_compared(tmp_path):
    for name, text in (("one", "abc"), ("two", "abx")):
        site = tmp_path / name
        (site / "book").mkdir(parents=True)
        (site / "same.html").write_text("same")
        (site / "page.html").write_text(text)
        (site / "book/build.html").write_text(text)
        (site / f"{name}.html").write_text(text)

    found = reproduce.differences(tmp_path / "one", tmp_path / "two")

    assert found == {
        "one.html": f"only in {tmp_path / 'one'}",
        "page.html": "b'abc'\nb'abx'",
        "two.html": f"only in {tmp_path / 'two'}",
    }


def test_a_copy_leaves_behind_what_was_built(tmp_path):
    (tmp_path / "book/_build/html").mkdir(parents=True)
    (tmp_path / "book/.git").mkdir()
    (tmp_path / "book/index.md").write_text("# Index\n")

    copy = reproduce.copy(tmp_path / "book", tmp_path / "copy")

    assert [path.name for path in copy.rglob("*")] == ["index.md"]
