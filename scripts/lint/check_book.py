"""Do the pages keep the rules of the book, each by itself and all together?

Prints one line a defect, `file:line: what is wrong; what to do`. The rules for a single
page are in `check_chapters`. Between the pages, the package and the bibliography:

- every page can be read, see `reading`, and is in the table of contents;
- the bibliography can be read; every key that is cited is in it, and every entry is
  cited on a page or named in a docstring;
- every term that is linked is in the glossary, and every entry is linked from a page;
- every finding that is quoted is stated, and every finding that is stated is quoted;
- an excerpt of the package cuts through no docstring, signature or statement;
- a docstring of the package tells of what its function takes, see `docstrings`.

With `--finished`, which `make test` uses, the marks "To be written" of a new chapter
are defects too; without it they are counted, and no more.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pybtex.database import parse_file
from pybtex.exceptions import PybtexError

from lint import docstrings
from lint.check_chapters import CHAPTERS, Defect, defects, page_defects, unwritten
from lint.excerpts import cut_excerpts
from lint.manuscript import Page, Role, pages, paths, unreadable

BIBLIOGRAPHY = Path("book/references.bib")
GLOSSARY = Path("book/glossary.md")
CONTENTS = Path("_toc.yml")
LISTED = re.compile(r"^[ -]*(?:file|root): *(\S+?)(?:\.md)? *$", re.MULTILINE)
OWN = ("glue:text", "glue", "victim", "attacked", "defended")  # quote the page itself
ENTRY = re.compile(r"@\w+\{([^,\s]+),")
NAMED = re.compile(r"\[([a-z]+\d{4}[a-z]+)\]")


def main(root: Path, *, finished: bool) -> int:
    """Print the defects of the book; whether there are any decides the exit."""
    book = pages(root)
    found = [*_unread(root), *_unlisted(root), *_damage(root)]
    if len(book) == len(paths(root)):  # or else what a page says may seem to miss
        found += [*_citations(root, book), *_terms(book), *_findings(book)]
    found += [defect for page in book for defect in _of_one(page)]
    found += [defect for page in book for defect in _excerpts(root, page)]
    found += [
        Defect(*wrong, "mend its docstring") for wrong in docstrings.defects(root)
    ]
    marks = [mark for page in book for mark in unwritten(page)]
    for defect in sorted(found + marks if finished else found):
        print(defect)
    print(f"{len(book)} pages, {len(found)} defects, {len(marks)} parts to be written")
    return 1 if found or (finished and marks) else 0


def _of_one(page: Page) -> list[Defect]:
    chapter = page.path.as_posix().startswith(CHAPTERS)
    return defects(page) if chapter else page_defects(page)


def _all(book: list[Page], *names: str) -> Iterator[tuple[Page, Role]]:
    """The roles of these names, and the pages on which they stand."""
    for page in book:
        for role in page.roles:
            if role.name in names:
                yield page, role


def _unread(root: Path) -> Iterator[Defect]:
    for path in paths(root):
        if error := unreadable(root, path):
            yield Defect(path, error.line, error.wrong, error.remedy)


def _unlisted(root: Path) -> Iterator[Defect]:
    listed = LISTED.findall((root / CONTENTS).read_text(encoding="utf-8"))
    for path in paths(root):
        name = path.with_suffix("").as_posix()
        if name not in listed:
            wrong = "a page in no table of contents, which nobody would see"
            yield Defect(path, 1, wrong, f"add '- file: {name}' to {CONTENTS}")


# What the book refers to


def _excerpts(root: Path, page: Page) -> Iterator[Defect]:
    for line, wrong in cut_excerpts(root, page):
        yield Defect(page.path, line, wrong, "choose its lines anew, by the source")


def _damage(root: Path) -> Iterator[Defect]:
    """Why the bibliography cannot be read."""
    try:
        parse_file(root / BIBLIOGRAPHY, bib_format="bibtex")
    except PybtexError as error:
        line = getattr(error, "lineno", 1)
        yield Defect(BIBLIOGRAPHY, line, f"{error}", "mend the entry before this line")


def _citations(root: Path, book: list[Page]) -> Iterator[Defect]:
    lines = (root / BIBLIOGRAPHY).read_text(encoding="utf-8").splitlines()
    entries = {
        match[1]: number
        for number, line in enumerate(lines, 1)
        if (match := ENTRY.match(line))
    }
    code = (root / "code" / "foible").rglob("*.py")
    used = {key for path in code for key in NAMED.findall(path.read_text("utf-8"))}
    for page, role in _all(book, "cite", "cite:p", "cite:t"):
        for key in map(str.strip, role.content.split(",")):
            used.add(key)
            if key not in entries:
                wrong = f"the citation of '{key}', which is not in the bibliography"
                remedy = f"mend the key, or add an entry to {BIBLIOGRAPHY}"
                yield Defect(page.path, role.line, wrong, remedy)
    for key, number in entries.items():
        if key not in used:
            wrong = f"'{key}' is neither cited nor named in a docstring"
            yield Defect(BIBLIOGRAPHY, number, wrong, "cite it, or take it out")


def _terms(book: list[Page]) -> Iterator[Defect]:
    entries = {
        term.casefold(): (page.path, number)
        for page in book
        if page.path == GLOSSARY
        for number, term in _entries(page)
    }
    used = set()
    for page, role in _all(book, "term"):
        term = role.target.casefold()
        used.add(term)
        if term not in entries:
            wrong = f"the term '{role.target}', which is not in the glossary"
            remedy = f"mend the word, or explain it in {GLOSSARY}"
            yield Defect(page.path, role.line, wrong, remedy)
    for term, (path, number) in entries.items():
        if term not in used:
            wrong = f"no page uses the term '{term}'"
            remedy = "link it where it is first said, or take it out"
            yield Defect(path, number, wrong, remedy)


def _entries(glossary: Page) -> Iterator[tuple[int, str]]:
    """The line and the words of each term: what is not indented."""
    for directive in glossary.directives:
        if directive.name == "glossary":
            lines = enumerate(directive.body.splitlines(), directive.first)
            yield from ((n, s) for n, s in lines if s and not s.startswith((" ", ":")))


# What the book states


def _findings(book: list[Page]) -> Iterator[Defect]:
    stated = {}
    for page in book:
        for line, name in page.findings:
            if name is None:
                wrong, remedy = "a finding with a computed name", "write it as a string"
                yield Defect(page.path, line, wrong, remedy)
            else:
                stated[f"{page.stem}.{name}"] = (page.path, line)
    quoted = {f"{page.stem}.{name}" for page in book for name in _barred(page)}
    for page, role in _all(book, *OWN, "finding"):
        name = role.content.partition(":")[0]
        full = name if role.name == "finding" else f"{page.stem}.{name}"
        quoted.add(full)
        if full not in stated:
            wrong = f"the quotation of '{name}', which no cell states"
            remedy = "mend the name, or state it with finding()"
            yield Defect(page.path, role.line, wrong, remedy)
    for full, (path, line) in stated.items():
        if full not in quoted:
            name = full.partition(".")[2]
            wrong = f"the finding '{name}' is stated and never quoted"
            yield Defect(path, line, wrong, "quote it in the prose, or take it out")


def _barred(page: Page) -> list[str]:
    """The findings that the chapter's card on the front page shows."""
    card = (page.front.get("foible") or {}).get("card") or {}
    return [name for _, _, name in card.get("bars", [])]


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), finished="--finished" in sys.argv[1:]))
