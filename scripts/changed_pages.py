"""Which pages of the site does a change alter, and in what?

    python scripts/changed_pages.py OLD NEW         two built sites, each `_build/html`

Prints a list in Markdown, a line for each page that a reader would see differ: its
words, its tables and code, or its figures. What surrounds every page (the list of
chapters, the links to the next one) is left out, and so are the page's own statistics
of the build, which differ each time. Two builds of one source differ in nothing.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup

from reproduce import LEFT_OUT

ARTICLE = "article.text"


class Content(NamedTuple):
    """What a reader sees of a page: its text, its figures by name, and the rest."""

    words: str
    figures: dict[str, bytes]
    markup: str


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
    for name in sorted(old | new):
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
    )


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
