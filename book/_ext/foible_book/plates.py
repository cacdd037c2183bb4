"""What is known of a figure, wherever it is shown?

Its message is the first sentence of its caption. Its kind comes from the evidence that
drew itself, or from what stands on its axes. All that is read of a chapter is kept, so
that the gallery need not read it again; numbers and findings are filled in when asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

from foible_book import drawings, findings, numbering, origins

FOLDER = "figures"
PAGE, PHONE = "-page", "-phone"  # suffixes of what a page shows
LICENCE, TERMS = "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"
SENTENCE = re.compile(r"(?<=[.!?])\s")


class Read(NamedTuple):
    """What a chapter says of a figure, before its findings are known."""

    caption: str
    alt: str
    kind: str
    sizes: dict[str, tuple[int, int]]
    rows: bool
    uri: str


@dataclass(frozen=True)
class Plate:
    """A figure and where it comes from; what is unknown is empty."""

    label: str
    page: str
    chapter: str
    number: int
    message: str
    alt: str
    kind: str
    sizes: dict[str, tuple[int, int]]  # of its drawings, in pixels, by their suffixes
    rows: bool
    author: str
    version: str
    date: str
    base: str
    uri: str = ""  # of the drawing, as its chapter made it

    def address(self, end: str) -> str:
        """The whole address of one of its files, if the site has one."""
        return f"{self.base}{FOLDER}/{self.label}{end}" if self.base else ""

    @property
    def name(self) -> str:
        """What it is called away from its page."""
        return f"{self.chapter}, figure {self.number}"

    @property
    def source(self) -> str:
        """The line under a figure that leaves the page."""
        place = self.address(".html") or self.label
        parts = f"Foible, {self.name}", place, self.version, LICENCE
        return " · ".join(filter(None, parts))

    @property
    def citation(self) -> str:
        """How the figure is cited where it is used, with its licence."""
        version = f"version {self.version}" if self.version else ""
        date = "" if self.date in self.version else self.date
        book = ", ".join(filter(None, ("Foible", version, date)))
        parts = (
            f"{self.author}. “{self.message}.”",
            f"Figure {self.number} in “{self.chapter}”. {book}",
            self.address(".html") or self.label,
            f"{LICENCE}, {TERMS}",
        )
        return f"{parts[0]} {'. '.join(parts[1:])}"

    @property
    def said(self) -> dict[str, str]:
        """What its files say of themselves, by names that a PNG knows."""
        facts = {
            "Title": self.message,
            "Author": self.author,
            "Description": self.alt,
            "Copyright": f"{self.author}, {LICENCE}",
            "License": TERMS,
            "Source": self.address(".html") or f"Foible, {self.name} ({self.label})",
            "Version": self.version,
            "Creation Time": self.date,
        }
        return {name: text for name, text in facts.items() if text}


def message(caption: str) -> str:
    """What a figure says: the first sentence of its caption."""
    return " ".join(SENTENCE.split(caption)[0].split()).removesuffix(".")


def reading(caption: str) -> str:
    """How a figure is read: what its caption says after the message."""
    return " ".join(" ".join(SENTENCE.split(caption)[1:]).split())


def bundles(figure: nodes.figure) -> list[nodes.container]:
    """The outputs of a cell that a figure shows, in all their formats."""
    those = figure.findall(nodes.container)
    return [part for part in those if part.get("nb_element") == "mime_bundle"]


def drawing(figure: nodes.figure) -> nodes.image | None:
    """The drawing among them, for a figure that has a label."""
    if not next(iter(figure["ids"]), "").startswith("fig-"):
        return None
    for bundle in bundles(figure):
        for kind in bundle.findall(nodes.container):
            if kind.get("mime_type") == "image/svg+xml":
                return next(iter(kind.findall(nodes.image)), None)
    return None


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what a page says of its figures."""
    found = _figures(app.env)[app.env.docname] = {}
    for figure in doctree.findall(nodes.figure):
        if image := drawing(figure):
            svg = drawn(app, image["uri"])
            inside = drawings.along(svg)
            sizes = {PAGE: drawings.size(svg)}
            if "phone" in inside:
                sizes[PHONE] = drawings.size(inside["phone"])
            found[figure["ids"][0]] = Read(
                caption="".join(_said(figure, app.config.foible_origin)),
                alt=image.get("alt", ""),
                kind=inside.get("kind", ""),
                sizes=sizes,
                rows="rows" in inside,
                uri=image["uri"],
            )


def drawn(app: Sphinx, uri: str) -> str:
    """The drawing that a chapter made."""
    return Path(app.srcdir, uri).read_text(encoding="utf-8")


def _said(figure: nodes.figure, origin: str) -> Iterator[str]:
    """The words of a caption that are said of this origin of the data."""
    for caption in figure.findall(nodes.caption):
        for text in caption.findall(nodes.Text):
            other, part = False, text.parent
            while part is not caption:
                other |= part.get("origin", origin) != origin
                part = part.parent
            if not other:
                yield text.astext()


def of_page(app: Sphinx, page: str) -> dict[str, Plate]:
    """The figures of a page by their labels, in its order."""
    env, config = app.env, app.config
    known = findings.all_of(env)
    own = origins.fields(env, page)
    return {
        label: Plate(
            label=label,
            page=page,
            chapter=env.titles[page].astext(),
            number=numbering.number(env, page, label),
            message=message(findings.told(read.caption, known)),
            alt=origins.filled(read.alt, own),
            kind=read.kind,
            sizes=read.sizes,
            rows=read.rows,
            uri=read.uri,
            author=config.author,
            version=getattr(config, "foible_version", ""),
            date=getattr(config, "foible_date", "") or config.copyright,
            base=config.html_baseurl,
        )
        for label, read in _figures(env).get(page, {}).items()
    }


def named(app: Sphinx, label: str) -> Plate | None:
    """The figure of this label, if the book has it."""
    page, _ = app.env.domaindata["std"]["anonlabels"].get(label, ("", ""))
    return of_page(app, page).get(label) if page else None


def all_of(app: Sphinx) -> Iterator[Plate]:
    """Every figure of the book, in the order of its chapters."""
    order = app.env.toctree_includes.get(app.config.root_doc, [])
    for page in [app.config.root_doc, *order]:
        yield from of_page(app, page).values()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Read what is known of figures."""
    app.connect("doctree-read", collect)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _figures(env: BuildEnvironment) -> dict[str, dict[str, Read]]:
    pages: dict[str, dict[str, Any]] = vars(env).setdefault("foible_figures", {})
    return pages
