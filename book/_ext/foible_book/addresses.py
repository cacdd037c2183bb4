"""Which addresses of the book stay? Those of all pages that it ever published.

`book/addresses.yml` lists these pages, and says of each that moved where it is now:

    pages:
      - book/attacks/evasion
    moved:
      book/attacks/old_name: book/attacks/evasion

A build that loses a page without saying where it went is red, and so is one with a page
that is not in the list. A page has a short address besides, `c/<stem>/`, which stays
when the page moves to another folder. Both are small pages that lead on.
"""

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import yaml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

LIST = "book/addresses.yml"
SHORT = "c"
AFTER_WRITING = 800
LEADS_ON = '<meta http-equiv="refresh"'
log = logging.getLogger(__name__)


class Published(NamedTuple):
    """The pages that were ever published, and where those are that moved."""

    pages: frozenset[str]
    moved: dict[str, str]


class Wrong(NamedTuple):
    """What is wrong with the list, and the page that it is about."""

    page: str
    words: str


def published(root: Path) -> Published:
    """What the list says; without a list, nothing."""
    path = root / LIST
    said = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Published(frozenset(said.get("pages") or ()), said.get("moved") or {})


def short(page: str) -> str:
    """The short address of a page, which stays when it moves."""
    return f"{SHORT}/{PurePosixPath(page).name}/"


def wrong(known: Published, there: set[str]) -> Iterator[Wrong]:
    """Why a reader with an old address would be lost, or with a new one some day."""
    for page in sorted(known.pages - there - known.moved.keys()):
        remedy = f"say under `moved:` where it went, as in `{page}: <a page>`"
        yield Wrong(page, f"got no page {page}, which was published; {remedy}")
    for old, new in sorted(known.moved.items()):
        if old in there:
            yield Wrong(old, f"got {old} under `moved:`, and the page is here")
        elif new not in there:
            yield Wrong(old, f"got {old} moved to {new}; wanted a page of the book")
    for page in sorted(there - known.pages):
        yield Wrong(page, f"got a new page; add `- {page}` to `pages:` in {LIST}")
    of_stem = defaultdict(list)
    for page in sorted(there):
        of_stem[short(page)].append(page)
    for address, pages in of_stem.items():
        if len(pages) > 1:
            both = " and ".join(pages)
            yield Wrong(pages[1], f"got {both}, both at {address}; rename one")


def leading(title: str, target: str, canonical: str) -> str:
    """A page that does nothing but lead to another."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">\n'
        f'{LEADS_ON} content="0; url={escape(target)}">\n'
        f'<link rel="canonical" href="{escape(canonical)}">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n"
        f'<p>This page is at <a href="{escape(target)}">{escape(title)}</a>.</p>\n'
        "</body>\n</html>\n"
    )


def write(site: Path, files: dict[str, str]) -> None:
    """Write these files into a site, by their addresses."""
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Hold the book to its list, and write the pages that lead on."""
    if exception or app.builder.format != "html":
        return
    known, there = published(Path(app.srcdir)), app.env.found_docs
    for page, words in wrong(known, there):
        log.warning("%s", words, location=_place(Path(app.srcdir), page, there))
    moved = {old: new for old, new in known.moved.items() if new in there}
    stems = {short(old): new for old, new in moved.items()}
    stems |= {short(page): page for page in there}
    files = {f"{at}index.html": _lead(app, at, page) for at, page in stems.items()}
    files |= {f"{old}.html": _lead(app, old, new) for old, new in moved.items()}
    write(Path(app.outdir), files)


def _lead(app: Sphinx, address: str, page: str) -> str:
    """The page at this address, which leads to a page of the book."""
    there = app.builder.get_target_uri(page)
    up = "../" * address.count("/")
    base = app.config.html_baseurl
    return leading(
        app.env.titles[page].astext(), f"{up}{there}", f"{base or up}{there}"
    )


def _place(root: Path, page: str, there: set[str]) -> str | tuple[str, int]:
    """The line of the list, or the new page, where something has to be done."""
    lines = (root / LIST).read_text("utf-8").splitlines() if page not in there else []
    found = (number for number, line in enumerate(lines, 1) if page in line)
    return f"{LIST}:{next(found, 1)}" if lines else (page, 1)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Keep every address."""
    app.connect("build-finished", publish, priority=AFTER_WRITING)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
