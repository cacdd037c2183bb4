"""What do the pages of the site say, in the order of reading, when nothing folds?

A leaf is a page without what only a browser can use: its menus, its notes and its dark
drawings go, its folds stand open, and a link that would open a note leads to where the
note leads.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from bs4 import BeautifulSoup, Tag

LEFT_OUT = (
    "book/build.html",  # is not the same twice
    "book/reference/reference.html",  # is looked up, and not read
)
UNWANTED = (
    ".where, .headerlink, .foible-figure-line, .only-dark, .foible-cite, .copy, "
    "source, script, form, button, .facts li:has(> a), .collapsed, .expanded"
)
NAME = re.compile(r"\W+")

Leads = Callable[[str, str], str]


@dataclass(frozen=True)
class Leaf:
    """A page: where it lies in the site, the part it is of, its title, its text."""

    page: str
    part: str
    title: str
    text: Tag

    @property
    def name(self) -> str:
        """A word for it that stands in addresses."""
        return name_of(self.page)


def name_of(page: str) -> str:
    """The word for a page that stands in addresses."""
    stem = page.removeprefix("book/").removesuffix(".html")
    return NAME.sub("-", stem)


def leaves(site: Path, home: str = "book/index.html") -> list[Leaf]:
    """Every page that the menu lists, after the one that welcomes."""
    order = [(home, ""), *_listed(_opened(site / home), home)]
    return [_leaf(site, page, part) for page, part in order if page not in LEFT_OUT]


def _listed(welcome: BeautifulSoup, home: str) -> Iterator[tuple[str, str]]:
    """The pages of the menu, each with the caption above it."""
    part = ""
    for tag in welcome.select('nav[aria-label="Chapters"] :is(.caption, a)'):
        if tag.name == "a":
            yield urljoin(home, str(tag["href"])), part
        else:
            part = tag.get_text().strip()


def _opened(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _leaf(site: Path, page: str, part: str) -> Leaf:
    whole = _opened(site / page)
    text, title = whole.select_one("article"), whole.select_one("article h1")
    if text is None or title is None:
        sys.exit(f"{site / page} has no text with a title; run `make book`")
    for tag in text.select(UNWANTED):
        tag.decompose()
    _lead_past_notes(text)
    for fold in text.select("details"):
        _open(fold)
    for tag in text.select("picture"):
        tag.unwrap()
    text.name = "section"
    return Leaf(page, part, title.get_text().strip(), text)


def _lead_past_notes(text: Tag) -> None:
    """Take the notes away; their links lead where the notes led, or nowhere."""
    notes = {str(note["id"]): note.extract() for note in text.select(".note")}
    for link in text.select('a[href^="#note-"]'):
        further = notes.get(str(link["href"])[1:], Tag(name="span")).find("a")
        if isinstance(further, Tag):
            link["href"] = str(further["href"])
        else:
            link.unwrap()


def _open(fold: Tag) -> None:
    """Let a fold stand open, under the words that would have opened it."""
    fold.name = "div"
    line = fold.find("summary", recursive=False)
    if isinstance(line, Tag) and line.get_text().strip():
        line.name, line["class"] = "div", "summary"
    elif isinstance(line, Tag):
        line.decompose()
        del fold["class"]


def bound(leaf: Leaf, inside: set[str], base: str, leads: Leads) -> Tag:
    """The text of a leaf whose links lead to other leaves, or to the site."""
    for link in leaf.text.select("a[href]"):
        page, fragment = urldefrag(urljoin(leaf.page, str(link["href"])))
        if page in inside:
            link["href"] = leads(page, fragment)
        elif base and "//" not in page:
            link["href"] = urljoin(base, page)
        elif "//" not in page:
            link.unwrap()
    return leaf.text


def base_of(site: Path, home: str = "book/index.html") -> str:
    """The address of the site, if it says one."""
    link = _opened(site / home).select_one('link[rel="canonical"]')
    return str(link["href"]).removesuffix(home) if link else ""


def file_name(version: str, kind: str) -> str:
    """What the book is called as a file."""
    known = re.sub(r"[^\w.]+", "-", version).strip("-")
    return f"foible-{known}.{kind}" if known else f"foible.{kind}"
