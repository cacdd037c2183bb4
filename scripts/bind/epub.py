"""How does the site become an EPUB, the same whenever it is made of the same site?

Each page is a chapter in XHTML, with its formulas as MathML and its drawings as SVG.
The archive holds no date: two sites of one commit give one file.
"""

import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from bs4 import Tag

from bind import leaves
from bind.leaves import Leaf

TITLE = "Foible: the executable book on the security of machine learning"
AUTHOR = "The Foible contributors"
RIGHTS = "Text and figures CC BY 4.0, code MIT."
CHECKER = Path("/usr/share/java/epubcheck.jar")
LOOK = Path(__file__).with_name("epub.css")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that an archive can name
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
KEPT = {  # of a browser's attributes, those that a reader of books knows
    "id", "class", "href", "src", "alt", "title", "lang", "colspan", "rowspan", "scope",
    "start", "value",
}  # fmt: skip
DRAWN = {"viewbox": "viewBox", "preserveaspectratio": "preserveAspectRatio"}
SVG = "http://www.w3.org/2000/svg"
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
    '<html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">'
)
CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
    'full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>\n"
)
DECLARED = re.compile(rb"<!DOCTYPE[^>]*>")  # leads elsewhere, which no book may
REVISED = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Item:
    """A file of the book: what it is called, what it holds, and what it is."""

    name: str
    content: bytes
    kind: str
    properties: str = ""


def chapter(leaf: Leaf, inside: set[str], base: str) -> Item:
    """A leaf as XHTML."""
    text = leaves.bound(leaf, inside, base, _between)
    for tag in [text, *text.find_all(True)]:
        _tidy(tag)
    kinds = [name for name in ("math", "svg") if text.find(name)]
    properties = " ".join({"math": "mathml"}.get(kind, kind) for kind in kinds)
    html = (
        f'{HEAD}<head><title>{escape(leaf.title)}</title><link rel="stylesheet" '
        f'href="book.css"/></head><body>{text.decode()}</body></html>\n'
    )
    return Item(
        f"{leaf.name}.xhtml", html.encode(), "application/xhtml+xml", properties
    )


def _between(page: str, fragment: str) -> str:
    place = f"{leaves.name_of(page)}.xhtml"
    return f"{place}#{fragment}" if fragment else place


def _tidy(tag: Tag) -> None:
    """Leave of a tag what belongs into a book."""
    if tag.name == "math" or tag.find_parent("math"):
        return
    if tag.name == "svg" or tag.find_parent("svg"):
        tag.attrs = {DRAWN.get(key, key): value for key, value in tag.attrs.items()}
        tag.attrs |= {"xmlns": SVG} if tag.name == "svg" else {}
        tag.attrs.pop("focusable", None)
        return
    tag.attrs = {key: tag.attrs[key] for key in tag.attrs if key in KEPT}
    if not tag.attrs.get("class", True):
        del tag["class"]


def pictures(bound: list[Leaf], site: Path) -> list[Item]:
    """Every drawing, once; the text then names it by its place in the book."""
    found: dict[str, Item] = {}
    for leaf in bound:
        for picture in leaf.text.select("img[src]"):
            path = (site / leaf.page).parent / str(picture["src"])
            path = _known_everywhere(path.resolve())
            picture["src"] = f"pictures/{path.name}"
            content = DECLARED.sub(b"", path.read_bytes())
            kind = KINDS[path.suffix]
            found[path.name] = Item(f"pictures/{path.name}", content, kind)
    return [found[name] for name in sorted(found)]


def _known_everywhere(drawing: Path) -> Path:
    """The drawing, or its PNG if it holds pictures that few readers of books know."""
    plain = drawing.with_name(f"{drawing.stem.removesuffix('-page')}.png")
    if b"image/webp" in drawing.read_bytes() and plain.exists():
        return plain
    return drawing


def contents(bound: list[Leaf]) -> Item:
    """The table of contents, part by part."""
    rows = []
    for part, those in groupby(bound, lambda leaf: leaf.part):
        links = "".join(
            f'<li><a href="{leaf.name}.xhtml">{escape(leaf.title)}</a></li>'
            for leaf in those
        )
        inner = f"<li><span>{escape(part)}</span><ol>{links}</ol></li>"
        rows.append(inner if part else links)
    html = (
        f'{HEAD}<head><title>Contents</title><link rel="stylesheet" href="book.css"/>'
        "</head><body>"
        f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(rows)}</ol></nav>'
        "</body></html>\n"
    )
    return Item("contents.xhtml", html.encode(), "application/xhtml+xml", "nav")


def package(items: list[Item], version: str) -> str:
    """What the book is called, what it holds, and in which order it is read."""
    manifest = "".join(
        f'<item id="i{number}" href="{item.name}" media-type="{item.kind}"'
        + (f' properties="{item.properties}"' if item.properties else "")
        + "/>"
        for number, item in enumerate(items)
    )
    spine = "".join(
        f'<itemref idref="i{number}"/>'
        for number, item in enumerate(items)
        if item.name.endswith(".xhtml")
    )
    day = REVISED.search(version)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"foible {version}")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package version="3.0" xml:lang="en" '
        'xmlns="http://www.idpf.org/2007/opf" unique-identifier="name">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="name">urn:uuid:{name}</dc:identifier>'
        f"<dc:title>{TITLE}</dc:title><dc:language>en</dc:language>"
        f"<dc:creator>{AUTHOR}</dc:creator><dc:rights>{RIGHTS}</dc:rights>"
        f"<dc:description>This is the book of {escape(version)}.</dc:description>"
        '<meta property="dcterms:modified">'
        f"{day[0] if day else '1980-01-01'}T00:00:00Z</meta></metadata>"
        f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>\n"
    )


def check(book: Path) -> None:
    """Refuse a book that epubcheck finds fault with."""
    done = subprocess.run(  # noqa: S603 (our own)
        ["java", "-jar", CHECKER, "--failonwarnings", book],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"epubcheck finds fault with {book}:\n{done.stderr[-4000:]}")


def bind(site: Path, target: Path, version: str) -> None:
    """Write the site as one archive."""
    bound = leaves.leaves(site)
    inside, base = {leaf.page for leaf in bound}, leaves.base_of(site)
    drawn = pictures(bound, site)
    look = Item("book.css", LOOK.read_bytes(), "text/css")
    chapters = [chapter(leaf, inside, base) for leaf in bound]
    items = [contents(bound), *chapters, look, *drawn]
    files = {
        "META-INF/container.xml": CONTAINER.encode(),
        "book.opf": package(items, version).encode(),
    } | {item.name: item.content for item in items}
    with ZipFile(target, "w") as archive:
        kind = ZipInfo("mimetype", EARLIEST)
        archive.writestr(kind, "application/epub+zip", compress_type=ZIP_STORED)
        for name, content in files.items():
            archive.writestr(ZipInfo(name, EARLIEST), content, ZIP_DEFLATED)
