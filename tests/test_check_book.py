"""Do the pages, the bibliography and the glossary agree with each other?"""

import json
from pathlib import Path

import pytest

from lint import check_book, fix_prose
from lint.manuscript import Page

ROOT = Path(__file__).parents[1]

INDEX = """(index)=
# A book

Chapter one says {finding}`one.share` of a {term}`Victim`.
"""
ONE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

(one)=
# One

{glue:text}`share` of {term}`oracles <oracle>` {cite:p}`gu2017badnets,kumar2019failure`.
A page may show the role itself: ``{glue:text}`nothing` ``.

```{code-cell}
from foible.findings import finding

finding("share", 1, "{:.0%}", between=(0, 1))
```
"""
GLOSSARY = """(glossary)=
# Glossary

```{glossary}
oracle
  What is asked.

victim
  Who is asked.
```
"""
BIBLIOGRAPHY = """% Checked.
@misc{gu2017badnets,
  title = {BadNets}
}

@misc{kumar2019failure,
  title = {Failures}
}

@misc{yeom2018privacy,
  title = {Privacy}
}
"""
MODULE = '"""Who was a member [yeom2018privacy]."""\n'
CONTENTS = """format: jb-book
root: book/index
chapters:
- file: book/foundations/one
- file: book/glossary
"""
FILES = {
    "book/index.md": INDEX,
    "book/foundations/one.md": ONE,
    "book/glossary.md": GLOSSARY,
    "book/references.bib": BIBLIOGRAPHY,
    "code/foible/metrics.py": MODULE,
    "_toc.yml": CONTENTS,
}


@pytest.fixture
def book(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def edit(book, name, old, new):
    text = (book / name).read_text(encoding="utf-8")
    assert old in text
    (book / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_book_has_no_defect(book, capsys):
    status = check_book.main(book, finished=True)

    assert capsys.readouterr().out == "3 pages, 0 defects, 0 parts to be written\n"
    assert status == 0


DEFECTS = {
    "a page that nobody would see": (
        "_toc.yml",
        "- file: book/glossary\n",
        "",
        "book/glossary.md:1: a page in no table of contents, which nobody would see; "
        "add '- file: book/glossary' to _toc.yml",
    ),
    "a script": (
        "book/index.md",
        "# A book",
        "# A book\n\n<script src='x.js'></script>",
        "book/index.md:4: raw HTML, '<script src='x.js'></script>'; say it in MyST",
    ),
    "a handler within a line": (
        "book/index.md",
        "Chapter one",
        "Chapter <b onclick='x()'>one</b>",
        "book/index.md:4: raw HTML, '<b onclick='x()'>'; say it in MyST",
    ),
    "a link to elsewhere as HTML": (
        "book/index.md",
        "Chapter one",
        "<a href='https://example.org'>One</a>",
        "book/index.md:4: raw HTML, '<a href='https://example.org'>'; say it in MyST",
    ),
    "a raw directive": (
        "book/index.md",
        "# A book",
        "# A book\n\n```{raw} html\n<script></script>\n```",
        "book/index.md:4: the directive 'raw'; say it in MyST",
    ),
    "a raw directive inside another": (
        "book/index.md",
        "# A book",
        "# A book\n\n:::{note}\n```{eval-rst}\n.. raw:: html\n```\n:::",
        "book/index.md:5: the directive 'eval-rst'; say it in MyST",
    ),
    "unknown key": (
        "book/foundations/one.md",
        "gu2017badnets",
        "gu2017",
        "book/foundations/one.md:14: the citation of 'gu2017', which is not in the",
    ),
    "unused key": (
        "code/foible/metrics.py",
        "[yeom2018privacy]",
        "",
        "book/references.bib:10: 'yeom2018privacy' is neither cited nor named",
    ),
    "an entry that does not end": (
        "book/references.bib",
        "= {BadNets}\n}",
        "= {BadNets}",
        "book/references.bib:5: syntax error in line 5: '}' expected; mend",
    ),
    "unknown term": (
        "book/index.md",
        "{term}`Victim`",
        "{term}`Victim` of {term}`sorcery`",
        "book/index.md:4: the term 'sorcery', which is not in the glossary",
    ),
    "unused term": (
        "book/index.md",
        "{term}`Victim`",
        "victim",
        "book/glossary.md:8: no page uses the term 'victim'",
    ),
    "unknown glue": (
        "book/foundations/one.md",
        "{glue:text}`share`",
        "{glue:text}`share` and {glue:text}`part`",
        "book/foundations/one.md:14: the quotation of 'part', which no cell states",
    ),
    "unknown finding": (
        "book/index.md",
        "{finding}`one.share`",
        "{finding}`two.share`",
        "book/index.md:4: the quotation of 'two.share', which no cell states",
    ),
    "computed name": (
        "book/foundations/one.md",
        'finding("share"',
        'finding(f"share"',
        "book/foundations/one.md:20: a finding with a computed name",
    ),
    "own rules": (
        "book/index.md",
        "{term}`Victim`.",
        "{term}`Victim`. And more.",
        "book/index.md:4: more than one sentence on a line",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "words"), DEFECTS.values(), ids=DEFECTS)
def test_a_planted_disagreement_is_one_line(book, capsys, name, old, new, words):
    edit(book, name, old, new)

    status = check_book.main(book, finished=False)

    assert status == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(words)], lines
    assert all("; " in line for line in lines[:-1])


SHOWN = """import numpy as np


@cached
def shares(
    rows, columns
):
    \"\"\"What is counted.

    By columns.
    \"\"\"
    counts = rows.sum(axis=0)
    for column in columns:
        counts[column] = max(
            counts[column], 1
        )
    return counts
"""
WHOLE = ["1-4, 9-", "1-8, 14", "9", "9, 14", "10-13", "5-8", "2-"]
CUT = {  # what is cut through, by the lines of the function that are shown
    "1-3, 9-": "5-7",
    "1-5, 9-": "8-11",
    "1-4, 7-": "8-11",
    "1-4, 9-11": "14-16",
    "9, 12-": "14-16",
    "1-4, 9-10, 14": "13",
    "1-4, 11-": "13",
    "1-4": "5-7",
}


def excerpt(book, lines, name="shares"):
    (book / "code/foible/shares.py").write_text(SHOWN)
    shown = f"```{{literalinclude}} ../code/foible/shares.py\n:pyobject: {name}\n"
    edit(
        book, "book/index.md", "# A book\n", f"# A book\n{shown}:lines: {lines}\n```\n"
    )


@pytest.mark.parametrize("lines", WHOLE)
def test_an_excerpt_of_whole_statements_is_none(book, lines):
    excerpt(book, lines)

    assert check_book.main(book, finished=True) == 0


@pytest.mark.parametrize(("lines", "cut"), CUT.items())
def test_an_excerpt_that_cuts_something_is_one_line(book, capsys, lines, cut):
    excerpt(book, lines)

    assert check_book.main(book, finished=False) == 1
    assert capsys.readouterr().out.splitlines()[0] == (
        f"book/index.md:3: an excerpt that cuts through shares.py:{cut}; "
        "choose its lines anew, by the source"
    )


@pytest.mark.parametrize(
    ("lines", "name", "words"),
    [
        ("1-4, 9-15", "shares", "of lines 1-4, 9-15 of shares, which has others"),
        ("some", "shares", "of lines some of shares, which has others"),
        ("1-4", "parts", "of lines 1-4 of parts, which has others"),
    ],
)
def test_an_excerpt_of_what_is_not_there_is_one_line(book, capsys, lines, name, words):
    excerpt(book, lines, name)

    assert check_book.main(book, finished=False) == 1
    assert f"book/index.md:3: an excerpt {words}; choose" in capsys.readouterr().out


def test_an_excerpt_of_no_file_is_one_line(book, capsys):
    excerpt(book, "1-4, 9-")
    (book / "code/foible/shares.py").unlink()

    assert check_book.main(book, finished=False) == 1
    assert "an excerpt of ../code/foible/shares.py, which is not there; choose" in (
        capsys.readouterr().out
    )


def test_a_finding_that_nobody_quotes_is_a_defect(book, capsys):
    stated = 'finding("share", 1, "{:.0%}", between=(0, 1))\n'
    edit(book, "book/foundations/one.md", stated, stated + stated.replace("sh", "c"))

    check_book.main(book, finished=False)

    said = capsys.readouterr().out
    assert "one.md:21: the finding 'care' is stated and never quoted" in said


def test_a_chapter_must_keep_the_whole_contract(book, capsys):
    (book / "book" / "attacks").mkdir()
    (book / "book" / "attacks" / "two.md").write_text(ONE, encoding="utf-8")

    check_book.main(book, finished=False)

    said = capsys.readouterr().out
    assert "book/attacks/two.md:1: there is no section 'The idea'" in said
    assert "book/attacks/two.md:12: the title has no label two" in said


def test_marks_are_counted_while_writing_and_refused_at_the_end(book, capsys):
    mark = ":::{admonition} To be written\nSay who.\n:::\n"
    edit(book, "book/index.md", "# A book\n", f"# A book\n\n{mark}")

    while_writing = check_book.main(book, finished=False)
    at_the_end = check_book.main(book, finished=True)

    counted, refused, _ = capsys.readouterr().out.splitlines()
    assert (while_writing, at_the_end) == (0, 1)
    assert counted == "3 pages, 0 defects, 1 parts to be written"
    assert refused.startswith("book/index.md:4: a part is to be written; ")


# ---------------------------------------------------------------- what fix mends

UNTIDY = """---
title: Kept. As it is.
---

# A page. Of two

First. Second.  Third (e.g. This).
- One `a. B`. Two.
  And three. Four.

> Said. Again.

| A. B. | C. |

```bash
echo A. B.
```

{cite:t}`a` say so. {term}`Victims <victim>` do not.\x20\x20
"""
TIDY = """---
title: Kept. As it is.
---

# A page. Of two

First.
Second.
Third (e.g. This).
- One `a. B`.
  Two.
  And three.
  Four.

> Said.
> Again.

| A. B. | C. |

```bash
echo A. B.
```

{cite:t}`a` say so.
{term}`Victims <victim>` do not.
"""


def test_fixing_puts_each_sentence_on_a_line_and_no_blanks_after_it(book, capsys):
    path = book / "book" / "index.md"
    path.write_text(UNTIDY, encoding="utf-8")

    fix_prose.main(book)

    assert path.read_text(encoding="utf-8") == TIDY
    assert capsys.readouterr().out == "mended book/index.md\n"


def test_what_was_fixed_has_no_such_defect_and_is_not_fixed_again(book):
    page = Page(book / "book" / "index.md", TIDY)

    assert fix_prose.mended(page) == TIDY
    assert check_book.page_defects(page) == []


def test_a_bar_on_the_front_page_is_a_share():
    known = json.loads((ROOT / "book/findings.json").read_text())

    values = {
        f"{path.stem}.{name}": known[f"{path.stem}.{name}"]["value"]
        for path in sorted(ROOT.glob("book/*/*.md"))
        for name in check_book._barred(Page(path, path.read_text()))
    }

    assert values
    assert {name: one for name, one in values.items() if not 0 <= one <= 1} == {}
