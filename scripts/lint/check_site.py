"""Does every link of the site lead somewhere?

    python -m lint.check_site                links within the built site, offline
    python -m lint.check_site --external     links to elsewhere, over the network

Prints one line a defect, `file:line: what is wrong; what to do`. Links to elsewhere are
asked by Sphinx's `linkcheck`. One is broken if its server says that the page is gone,
or if there is no server of that name; a server that refuses robots, or has a bad day,
proves nothing: it is listed, no more.
"""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

SITE = Path("_build/html")
ASKED = Path("_build/linkcheck/output.json")
GONE = re.compile(r"(404|410) |.*(Connection refused|NameResolutionError)", re.DOTALL)


class Link(NamedTuple):
    """A reference of a page, and where it stands."""

    page: str
    line: int
    target: str


class Reading(HTMLParser):
    """The references and the anchors of one page."""

    def __init__(self, page: str, html: str) -> None:
        super().__init__()
        self.page = page
        self.links: list[Link] = []
        self.anchors = {"", "top"}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag refers to, and by what name it can be referred to."""
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")
            elif name in ("href", "src") and ("rel", "canonical") not in attrs:
                self.links.append(Link(self.page, self.getpos()[0], value or ""))


def read(site: Path) -> list[Reading]:
    """All pages of a site; what the theme keeps in `_static` is no page."""
    paths = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    return [
        Reading(path.as_posix(), (site / path).read_text(encoding="utf-8"))
        for path in paths
        if not path.parts[0].startswith("_")
    ]


def broken(site: Path, readings: list[Reading]) -> list[tuple[Link, str]]:
    """The links within the site that lead nowhere, each with the reason."""
    anchors = {reading.page: reading.anchors for reading in readings}
    found = []
    for link in (link for reading in readings for link in reading.links):
        parts = urlsplit(link.target)
        if parts.scheme or parts.netloc:
            continue
        path, anchor = urldefrag(urljoin(f"/{link.page}", link.target))
        target = unquote(urlsplit(path).path).lstrip("/") or "index.html"
        if not (site / target).is_file():
            found.append((link, "there is no such file"))
        elif unquote(anchor) not in anchors.get(target, {unquote(anchor)}):
            found.append((link, "that page has no such anchor"))
    return found


def ask(root: Path) -> None:
    """Let Sphinx ask for every address elsewhere; how it ends does not decide."""
    (root / ASKED).unlink(missing_ok=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    # As a custom builder it gets a folder of its own, and leaves the site alone.
    builder = ["--builder", "custom", "--custom-builder", "linkcheck"]
    subprocess.run([jupyter_book, "build", root, *builder], check=False)  # noqa: S603


def elsewhere(root: Path) -> int:
    """Print the addresses that Sphinx did not reach; 1 if one is gone."""
    if not (root / ASKED).is_file():
        print("no address was asked for: the build is red; see above")
        return 1
    lines = (root / ASKED).read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    found = [it for it in asked if it["status"] in ("broken", "timeout")]
    gone = [it for it in found if GONE.match(it["info"])]
    for it in found:
        said = "gone" if it in gone else "not known"
        place, reason = f"{it['filename']}:{it['lineno']}", it["info"]
        print(f"{place}: {it['uri']} is {said}: {reason}; open it by hand, mend it")
    print(f"{len(asked)} addresses elsewhere, {len(gone)} of them gone")
    return 1 if gone else 0


def main(root: Path) -> int:
    """Print the links that lead nowhere; whether there are any decides the exit."""
    if not (root / SITE / "index.html").is_file():
        print(f"no link was checked: {SITE} holds no site; run 'make book' first")
        return 0
    readings = read(root / SITE)
    found = broken(root / SITE, readings)
    for link, reason in found:
        place = f"{SITE / link.page}:{link.line}"
        remedy = "mend the source of the page, and build"
        print(f"{place}: the link to '{link.target}': {reason}; {remedy}")
    count = sum(len(reading.links) for reading in readings)
    print(f"{len(readings)} built pages, {count} links, {len(found)} broken")
    return 1 if found else 0


if __name__ == "__main__":
    if "--external" in sys.argv[1:]:
        ask(Path.cwd())
        sys.exit(elsewhere(Path.cwd()))
    sys.exit(main(Path.cwd()))
