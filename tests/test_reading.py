"""Is a page that cannot be read one line that says where and what to do?"""

import pytest
from small_book import HEADER, TWO, built

from lint import check_book, fix_prose

INSIDE = ":::{dropdown} More\n```{code-cell}\n1\n```\n:::\n"
BAD = {  # the page, the line to blame, and what is said of it
    "Latin-1": (
        f"{HEADER}{TWO}\nIn Z\xfcrich.\n".encode("latin-1"),
        "In Z",
        "got the byte 0xfc, which is no UTF-8; save the page as UTF-8",
    ),
    "a byte order mark": (
        f"\ufeff{HEADER}{TWO}".encode(),
        "---",
        "got a byte order mark; run 'make fix', which takes it out",
    ),
    "CR LF": (
        f"{HEADER}{TWO}".replace("\n", "\r\n").encode(),
        "---",
        "got a carriage return; run 'make fix', which takes it out",
    ),
    "a header that is no YAML": (
        f"{HEADER}{TWO}".replace("  name: python3", "  name: [python3").encode(),
        "---\n\n(two)",
        "got a header that is no YAML: ",
    ),
    "a header of a cell that is no YAML": (
        f"{HEADER}{TWO}".replace("cell}\n", "cell}\n---\ntags: [a\n---\n").encode(),
        "```{code-cell}",
        "got a header of a cell that is no YAML; mend it between its '---'",
    ),
    "a cell in a dropdown": (
        f"{HEADER}{TWO}\n{INSIDE}".encode(),
        "```{code-cell}\n1",
        "got a code cell inside something else, where it would not run; take it out",
    ),
    "a cell in a list": (
        f"{HEADER}{TWO}\n- One:\n\n  ```{{code-cell}}\n  1\n  ```\n".encode(),
        "  ```{code-cell}",
        "got a code cell inside something else, where it would not run; take it out",
    ),
}
PAGE = "book/attacks/two.md"


def line_of(page, place):
    said = page.decode("latin-1").replace("\r\n", "\n")
    return said[: said.rindex(place) if place != "---" else 0].count("\n") + 1


@pytest.mark.slow
@pytest.mark.parametrize(("page", "place", "words"), BAD.values(), ids=BAD)
def test_one_bad_page_is_one_line_and_the_others_are_built(book, page, place, words):
    (book / PAGE).write_bytes(page)

    outcome = built(book)

    assert outcome.exit == 1
    listed = outcome.said.partition("The site is NOT good:\n")[2].splitlines()
    (line,) = [line for line in listed if line.startswith("  ")]
    assert f"{PAGE}:{line_of(page, place)}: ERROR: this page is left out: " in line
    assert words in line
    assert "Traceback" not in outcome.said
    assert ">75%<" in (book / "_build/staging/book/attacks/one.html").read_text()


@pytest.mark.parametrize(("page", "place", "words"), BAD.values(), ids=BAD)
def test_make_check_says_the_same(tmp_path, monkeypatch, capsys, page, place, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_bytes(page)
    (tmp_path / "_toc.yml").write_text("root: book/index\n- file: book/attacks/two\n")
    (tmp_path / "book/references.bib").write_text("")

    assert check_book.main(tmp_path, finished=False) == 1

    line, count = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{PAGE}:{line_of(page, place)}: {words}")
    assert count == "0 pages, 1 defects, 0 parts to be written"


@pytest.mark.parametrize("name", ["a byte order mark", "CR LF"])
def test_make_fix_mends_what_an_editor_has_left(tmp_path, capsys, name):
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_bytes(BAD[name][0])

    fix_prose.main(tmp_path)

    assert (tmp_path / PAGE).read_bytes() == f"{HEADER}{TWO}".encode()
    assert capsys.readouterr().out == f"mended {PAGE}\n"
