"""How does the site become one PDF? A browser prints it, twice.

Only the first print says on which page a chapter begins; the table of contents of the
second one tells it. Drawings stay vectors, links lead within the file, and the titles
are its outline.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import cast

from bs4 import BeautifulSoup
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from bind import leaves
from bind.leaves import Leaf

BROWSER = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
SECONDS = 300
LOOK = Path(__file__).with_name("print.css")
TITLE = "Foible: the executable book on the security of machine learning"
AUTHOR = "The Foible contributors"


def sheet(bound: list[Leaf], site: Path, version: str, pages: dict[str, int]) -> str:
    """The whole book as one page, with its title and its table of contents."""
    look = LOOK.read_text(encoding="utf-8")
    theme = (site / "_static/foible.css").absolute().as_uri()
    inside, base = {leaf.page for leaf in bound}, leaves.base_of(site)
    texts = "".join(_text(leaf, inside, base, site) for leaf in bound)
    return (
        '<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f'<title>{TITLE}</title><link rel="stylesheet" href="{theme}">'
        f"<style>{look}</style></head><body>"
        f'<section class="title"><p class="book">Foible</p>'
        f"<p>{escape(TITLE.partition(': ')[2])}</p>"
        f"<p>{AUTHOR}</p><p>{escape(version)}</p></section>"
        f'<nav class="contents"><h1>Contents</h1>{_contents(bound, pages)}</nav>'
        f"{texts}</body></html>"
    )


def _contents(bound: list[Leaf], pages: dict[str, int]) -> str:
    """The title of each leaf with its page, part by part."""
    lists = []
    for part, those in groupby(bound, lambda leaf: leaf.part):
        rows = "".join(
            f'<li><a href="#{leaf.name}"><span>{escape(leaf.title)}</span>'
            f"<b>{pages.get(leaf.name, 0)}</b></a></li>"
            for leaf in those
        )
        lists.append(f"<h2>{escape(part)}</h2>" * bool(part) + f"<ol>{rows}</ol>")
    return "".join(lists)


def _text(leaf: Leaf, inside: set[str], base: str, site: Path) -> str:
    """A leaf whose names are its own among all others."""
    for tag in leaf.text.select("[id]"):
        tag["id"] = f"{leaf.name}--{tag['id']}"
    for picture in leaf.text.select("img[src]"):
        place = site / leaf.page
        picture["src"] = (place.parent / str(picture["src"])).resolve().as_uri()
        del picture["loading"]
    leaf.text["id"], leaf.text["class"] = leaf.name, f"leaf {leaf.page.split('/')[1]}"
    return str(leaves.bound(leaf, inside, base, _within))


def _within(page: str, fragment: str) -> str:
    name = leaves.name_of(page)
    return f"#{name}--{fragment}" if fragment else f"#{name}"


def printed(html: str, folder: Path) -> PdfReader:
    """What the browser prints of a page."""
    source, target = folder / "book.html", folder / "book.pdf"
    source.write_text(html, encoding="utf-8")
    command = [*BROWSER, f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(  # noqa: S603 (our own)
        [*command, f"--print-to-pdf={target}", source.as_uri()],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode or not target.exists():
        sys.exit(f"chromium did not print the book:\n{done.stderr[-2000:]}")
    return PdfReader(target)


def begins(printed: PdfReader) -> Iterator[tuple[str, int]]:
    """The name of each place in the file, and its page, from one."""
    for name, place in printed.named_destinations.items():
        number = printed.get_destination_page_number(place)
        if number is not None:
            yield name.lstrip("/"), number + 1


def rename(outline: DictionaryObject, titles: Iterator[str]) -> None:
    """Write each title of the outline once; the browser repeats it after a break."""
    entry = outline.get("/First")
    while entry is not None:
        found = entry.get_object()
        found[NameObject("/Title")] = TextStringObject(next(titles))
        rename(found, titles)
        entry = found.get("/Next")


def headings(html: str) -> Iterator[str]:
    """The titles of the whole book, as its outline has them."""
    found = BeautifulSoup(html, "html.parser").find_all(re.compile("^h[1-6]$"))
    return (" ".join(heading.get_text().split()) for heading in found)


def check(book: Path) -> None:
    """Refuse a book whose chapters cannot be found."""
    if len(PdfReader(book).outline) < 2:
        sys.exit(f"{book} has no outline; this chromium may be too old")


def bind(site: Path, target: Path, version: str) -> None:
    """Print the site into one file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        first = sheet(leaves.leaves(site), site, version, {})
        numbers = dict(begins(printed(first, folder)))
        second = sheet(leaves.leaves(site), site, version, numbers)
        whole = PdfWriter(clone_from=printed(second, folder))
        rename(
            cast("DictionaryObject", whole.root_object["/Outlines"]), headings(second)
        )
        whole.add_metadata({"/Title": TITLE, "/Author": AUTHOR, "/Subject": version})
        whole.write(target)
