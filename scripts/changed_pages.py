"""Which pages of the site does a change alter, and in what?

    python scripts/changed_pages.py OLD NEW         two built sites, each `_build/html`

Prints a list in Markdown, a line for each page that a reader would see differ: its
words, its tables and code, or its figures. What a page brings that none had before, a
script, a handler, a frame or a host, is named: it may reach further than it looks. What
surrounds every page (the list of chapters, the links to the next one) is left out, and
so are the page's own statistics of the build, which differ each time. Two builds of one
source differ in nothing.
"""

import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from reproduce import LEFT_OUT

ARTICLE = "article.text"
ACTIVE = ("script", "iframe", "frame", "object", "embed", "form", "base", "portal")
ADDRESSES = ("src", "href", "data", "action", "formaction", "srcset", "poster")


class Content(NamedTuple):
    """What a reader sees of a page: its text, its figures by name, and the rest.

    What it reaches for is what runs in it, and the hosts that it names.
    """

    words: str
    figures: dict[str, bytes]
    markup: str
    reach: frozenset[str]


def pages(site: Path) -> dict[str, Content]:
    """The pages of a site by their path in it, without those of figures alone."""
    paths = {path.relative_to(site).as_posix(): path for path in site.rglob("*.html")}
    return {
        name: _content(path)
        for name, path in sorted(paths.items())
        if not name.startswith(("_", "figures/")) and name not in LEFT_OUT
    }


def changes(old: dict[str, Content], new: dict[str, Content]) -> list[str]:
    """A line of Markdown for each page that comes, goes or differs."""
    lines = []
    before = {it for page in old.values() for it in page.reach}
    for name in sorted(old | new):
        if name in new and (brought := sorted(new[name].reach - before)):
            lines.append(f"- **`{name}` brings {', '.join(brought)}**")
        if name not in old:
            lines.append(f"- `{name}`: new")
        elif name not in new:
            lines.append(f"- `{name}`: gone; links to it die")
        elif what := _differing(old[name], new[name]):
            lines.append(f"- `{name}`: {what}")
    return lines


def _differing(old: Content, new: Content) -> str:
    """What differs, in a phrase; nothing if nothing does."""
    found = []
    if old.words != new.words:
        found.append("text")
    figures = old.figures.keys() | new.figures.keys()
    other = [n for n in sorted(figures) if old.figures.get(n) != new.figures.get(n)]
    found += [f"`{name}`" for name in other]
    if not found and old.markup != new.markup:
        found.append("markup, such as an alt text")
    return ", ".join(found)


def _content(path: Path) -> Content:
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one(ARTICLE) or soup
    sources = [str(image.get("src", "")) for image in article.select("img")]
    figures = {source: path.parent / source for source in sources}
    return Content(
        words=re.sub(r"\s+", " ", article.get_text(" ")),
        figures={
            file.name: file.read_bytes() for file in figures.values() if file.is_file()
        },
        markup=str(article),
        reach=frozenset(_reach(soup)),
    )


def _reach(soup: BeautifulSoup) -> Iterator[str]:
    """What runs in a page, and the hosts that it names."""
    for tag in soup.find_all(True):
        given = {name: str(value) for name, value in tag.attrs.items()}
        addresses = [given[name] for name in ADDRESSES if name in given]
        if tag.name in ACTIVE and given.get("type") != "application/ld+json":
            where = [urlsplit(it).path.lstrip("./") for it in addresses]
            own = sha256(tag.get_text().encode()).hexdigest()[:8]
            yield f"{tag.name} `{''.join(where) or own}`"
        yield from (f"handler `{name}`" for name in given if name.startswith("on"))
        for parts in map(urlsplit, addresses):
            if parts.scheme not in ("", "http", "https", "mailto"):
                yield f"address `{parts.scheme}:`"
            elif parts.netloc:
                yield f"host `{parts.netloc}`"


def main(old: Path, new: Path) -> int:
    """Print the changed pages; 2 if one of the two is no site."""
    for site in (old, new):
        if not (site / "index.html").is_file():
            print(f"{site} holds no site; wanted the _build/html of a green build")
            return 2
    lines = changes(pages(old), pages(new))
    print("\n".join(lines) or "No page changes for its readers.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("say which: python scripts/changed_pages.py OLD/_build/html NEW/...")
    sys.exit(main(*map(Path, sys.argv[1:])))
