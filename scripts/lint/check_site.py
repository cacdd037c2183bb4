"""Does every link of the built site lead somewhere?

    python -m lint.check_site                links within the site, offline
    python -m lint.check_site --external     links to elsewhere, over the network

Prints one line a defect, `file:line: what is wrong; what to do`. A link to elsewhere is
broken if its server says that the page is gone, or if there is no server of that name.
A server that refuses robots, or has a bad day, proves nothing: it is listed, no more.
"""

import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

SITE = Path("_build/html")
GONE = {404, 410}
SECONDS = 20
AGENT = "Mozilla/5.0 (compatible; the link check of an open textbook)"


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


def answers(urls: Iterable[str]) -> dict[str, str]:
    """What became of each address: "" if it is there, else the reason."""
    with (
        httpx.Client(
            follow_redirects=True, timeout=SECONDS, headers={"User-Agent": AGENT}
        ) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        wanted = sorted(set(urls))
        found = pool.map(lambda url: _answer(client, url), wanted)
        return dict(zip(wanted, found, strict=True))


def _answer(client: httpx.Client, url: str) -> str:
    """The first lines of an answer are enough: the body is not fetched."""
    try:
        with client.stream("GET", url) as response:
            code = response.status_code
    except httpx.ConnectError:
        return "gone: no server answers"
    except httpx.HTTPError as error:
        return f"not known: {type(error).__name__}"
    if code in GONE:
        return f"gone: the server says {code}"
    return f"not known: the server says {code}" if code >= 400 else ""


def elsewhere(readings: list[Reading]) -> int:
    """Print what became of the links to elsewhere; 1 if one is gone."""
    links = [
        link._replace(target=urldefrag(link.target).url)
        for reading in readings
        for link in reading.links
        if urlsplit(link.target).scheme in ("http", "https")
    ]
    first = {link.target: link for link in reversed(links)}
    found = {url: said for url, said in answers(first).items() if said}
    for url, said in sorted(found.items(), key=lambda item: item[1]):
        page, line, _ = first[url]
        print(
            f"{SITE / page}:{line}: {url} is {said}; open it by hand, mend the source"
        )
    gone = [said for said in found.values() if said.startswith("gone")]
    print(f"{len(first)} addresses elsewhere, {len(gone)} of them gone")
    return 1 if gone else 0


def main(root: Path, *, external: bool) -> int:
    """Print the links that lead nowhere; whether there are any decides the exit."""
    if not (root / SITE / "index.html").is_file():
        print(f"no link was checked: {SITE} holds no site; run 'make book' first")
        return 0
    readings = read(root / SITE)
    if external:
        return elsewhere(readings)
    found = broken(root / SITE, readings)
    for link, reason in found:
        place = f"{SITE / link.page}:{link.line}"
        remedy = "mend the source of the page, and build"
        print(f"{place}: the link to '{link.target}': {reason}; {remedy}")
    count = sum(len(reading.links) for reading in readings)
    print(f"{len(readings)} built pages, {count} links, {len(found)} broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), external="--external" in sys.argv[1:]))
