"""How does a figure keep its name, and follow the reader from light to dark?

A figure labelled `fig-<stem>-<what>` is published as `figures/<label>.svg`, with its
dark twin `figures/<label>-dark.svg`, and `figures/<label>.png` for slides; these carry
their message and source, and their addresses outlive every rendering. The page shows
`-page.svg` and, on a phone, `-phone.svg`, each with a dark twin. Every image needs
alternative text.
"""

import base64
import re
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

import findings
import takeaway

FOLDER = "figures"
DRAWN_ON, PAPER = "#ffffff", "#fffefb"  # by the cells; of the light page
DARK_PAPER, DARK_INK, DARK_FAINT = "#14181e", "#d3dae0", "#333c48"
DARK_COLOURS = {  # at least 4.5 to 1 against the dark paper
    "attacker": "#f07f2e",
    "victim": "#56a9e0",
    "defence": "#2db98f",
    "chance": "#9aa3ad",
}
PIXELS = 96 / 72  # of a page, per point
PHONE = "(max-width: 30rem)"
ASIDE = re.compile(r'<metadata id="phone">(.*?)</metadata>')  # see foible.plots.phone
HEAVY, QUALITY = 300_000, 85  # letters of a drawing, with that for a phone
PNG = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")
PAGE = "-page"
SUFFIXES = ("-page-dark", "-phone-dark", "-dark", "-phone", "-page")
PEN = {"ink": "#24292f", "quiet": "#5b626a"}
LIGHT = PEN | {"paper": PAPER}
DARK = {"paper": DARK_PAPER, "ink": DARK_INK, "quiet": "#9aa5b1"}
SENTENCE = re.compile(r"(?<=[.!?])\s")
log = logging.getLogger(__name__)


def drawings(svg: str) -> dict[str, str]:
    """The drawing, and the one for a phone that travels inside it, by suffix."""
    found = ASIDE.search(svg)
    inside = {"-phone": base64.b64decode(found[1]).decode()} if found else {}
    return {PAGE: ASIDE.sub("", svg)} | inside


def message(caption: str) -> str:
    """What a figure says: the first sentence of its caption."""
    return " ".join(SENTENCE.split(caption)[0].split()).removesuffix(".")


def lighter(svg: str) -> str:
    """A heavy drawing with the pictures in it as WebP, and itself if it is light."""
    return PNG.sub(_as_webp, svg) if len(svg) > HEAVY else svg


def _as_webp(picture: re.Match[str]) -> str:
    with Image.open(BytesIO(base64.b64decode(picture[1]))) as pixels:
        written = BytesIO()
        pixels.save(written, "WEBP", quality=QUALITY, method=6)
    return f"data:image/webp;base64,{base64.b64encode(written.getvalue()).decode()}"


def darkened(svg: str) -> str:
    """The same drawing on dark paper, each meaning in its lighter colour."""
    exchange = _exchange()
    colours = re.compile("|".join(exchange), re.IGNORECASE)
    dark = colours.sub(lambda match: exchange[match[0].lower()], svg)
    return dark.replace("<svg ", f'<svg fill="{DARK_INK}" ', 1)


@cache
def _exchange() -> dict[str, str]:
    """Each colour of the light drawing, and what it is on dark paper."""
    from foible import plots  # a second of imports, for a build that draws nothing

    meanings = {light: DARK_COLOURS[name] for name, light in plots.COLOURS.items()}
    return {
        DRAWN_ON: DARK_PAPER,
        plots.INK: DARK_INK,
        plots.FAINT: DARK_FAINT,
    } | meanings


def size(svg: str) -> tuple[int, int]:
    """Width and height of a drawing on the page, in pixels."""
    head = svg[svg.index("<svg ") : svg.index(">", svg.index("<svg "))]
    width, height = (
        float(re.search(rf'\b{side}="([\d.]+)pt"', head)[1])  # type: ignore[index]
        for side in ("width", "height")
    )
    return round(width * PIXELS), round(height * PIXELS)


class NamedFigures(SphinxPostTransform):
    """Publish each labelled figure under its label, before one format is chosen."""

    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace what a labelled figure shows."""
        for figure in list(self.document.findall(nodes.figure)):
            label = next(iter(figure["ids"]), "")
            bundles = [
                part
                for part in figure.findall(nodes.container)
                if part.get("nb_element") == "mime_bundle"
            ]
            images = {
                kind["mime_type"]: image
                for bundle in bundles
                for kind in bundle.findall(nodes.container)
                for image in kind.findall(nodes.image)
                if "mime_type" in kind
            }
            if label.startswith("fig-") and "image/svg+xml" in images:
                self._publish(figure, label, images)
                for bundle in bundles:
                    bundle.parent.remove(bundle)

    def _publish(
        self, figure: nodes.figure, label: str, images: dict[str, nodes.image]
    ) -> None:
        """Write the files, and show them in the figure."""
        folder = Path(self.app.outdir, FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        drawing = images["image/svg+xml"]
        check_alternative(drawing, label)
        svg = lighter(self._file(drawing).read_text(encoding="utf-8"))
        told = self._message(figure), self._source(label)
        for suffix, one in drawings(svg).items():
            light, dark = one.replace(DRAWN_ON, PAPER), darkened(one)
            written = {f"{suffix}.svg": light, f"{suffix}-dark.svg": dark}
            if suffix == PAGE:
                written[".svg"] = takeaway.svg(light, *told, **LIGHT)
                written["-dark.svg"] = takeaway.svg(dark, *told, **DARK)
            for end, content in written.items():
                (folder / f"{label}{end}").write_text(content, encoding="utf-8")
        if "image/png" in images:
            png = self._file(images["image/png"]).read_bytes()
            points = size(svg)[0] / PIXELS
            whole = takeaway.png(png, *told, points=points, **PEN)
            (folder / f"{label}.png").write_bytes(whole)
        here = "../" * self.env.docname.count("/") + FOLDER
        alt = drawing.get("alt", "")
        figure.insert(0, _raw(shown(self.app.outdir, here, label, alt)))
        for caption in figure.findall(nodes.caption):
            caption.append(_raw(_line(here, label, png="image/png" in images)))

    def _message(self, figure: nodes.figure) -> str:
        """The first sentence of the caption, with its numbers."""
        caption = "".join(part.astext() for part in figure.findall(nodes.caption))
        return message(findings.told(caption, findings.all_of(self.env)))

    def _source(self, label: str) -> str:
        """Where the figure comes from, of which version, under which licence."""
        title = self.env.titles[self.env.docname].astext()
        base, version = self.config.html_baseurl, self.config.foible_version
        place = f"{base}figures/{label}.svg" if base else label
        parts = f"Foible, {title}", place, version, "CC BY 4.0"
        return " · ".join(filter(None, parts))

    def _file(self, image: nodes.image) -> Path:
        """Where the image lies on the disk."""
        return Path(self.env.srcdir, image["uri"])


class Promises(SphinxPostTransform):
    """Refuse a cell that names a figure and draws none."""

    default_priority = 2
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look into every cell that names a figure."""
        for cell in self.document.findall(nodes.container):
            shown = cell.get("cell_metadata", {}).get("mystnb", {})
            name = shown.get("figure", {}).get("name")
            if name and not any(cell.findall(nodes.image)):
                log.warning(
                    "got no figure from the cell that promises %s; "
                    "end the cell with the call that draws it",
                    name,
                    location=cell,
                    type="figures",
                )


class Alternatives(SphinxPostTransform):
    """Refuse an image that says nothing to those who cannot see it."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look at every image that is left."""
        for image in self.document.findall(nodes.image):
            check_alternative(image, "")


def check_alternative(image: nodes.image, label: str) -> None:
    """Warn when the alternative text is missing, a path, or the label."""
    alt = image.get("alt", "").strip()
    path = image.get("uri", "")
    if not alt or alt in {label, path, Path(path).name, Path(path).stem}:
        log.warning(
            "got %s as alternative text; wanted a sentence on what one would see",
            repr(alt) if alt else "nothing",
            location=_around(image),
            type="figures",
        )


def _around(node: nodes.Element) -> nodes.Element:
    """The block around the node, whose line in the source is known."""
    block = node.parent
    while not block.line and block.parent is not None:
        block = block.parent
    return block


def shown(site: Path | str, here: str, label: str, alt: str) -> str:
    """Both drawings; the theme hides one, for the eye and for the ear."""
    themes = (("light", ""), ("dark", "-dark"))
    both = (_picture(Path(site), here, label, suffix, alt, t) for t, suffix in themes)
    return f'<div class="foible-drawing">{"".join(both)}</div>'


def _picture(
    site: Path, here: str, label: str, suffix: str, alt: str, theme: str
) -> str:
    """The drawing of one theme, narrower on a phone if it was drawn so."""
    wide, narrow = (f"{label}{kind}{suffix}.svg" for kind in (PAGE, "-phone"))
    image = (
        f'<img class="foible-figure only-{theme}" src="{here}/{wide}" '
        f'alt="{escape(alt)}" {_room(site / FOLDER / wide)} loading="lazy">'
    )
    if not (site / FOLDER / narrow).exists():
        return image
    room = _room(site / FOLDER / narrow)
    source = f'<source media="{PHONE}" srcset="{here}/{narrow}" {room}>'
    return f"<picture>{source}{image}</picture>"


def _room(path: Path) -> str:
    """The attributes that keep a drawing's place before it is loaded."""
    return 'width="{}" height="{}"'.format(*size(path.read_text(encoding="utf-8")))


def _line(here: str, label: str, *, png: bool) -> str:
    """For those who want to show the figure elsewhere."""
    links = [f'<a href="{here}/{label}.png">PNG</a>'] if png else []
    links.append(f'<a href="{here}/{label}.svg">SVG</a>')
    links.append(f'<a href="#{label}">link</a>')
    return f'<span class="foible-figure-line">{" · ".join(links)}</span>'


def _raw(html: str) -> nodes.raw:
    """HTML that stands on the page as it is."""
    return nodes.raw("", html, format="html")


def forget_renamed(app: Sphinx, error: Exception | None) -> None:
    """Take away the files of figures that the book no longer has."""
    labels = app.env.domaindata["std"]["anonlabels"].values()
    known = {identifier for _, identifier in labels}
    for path in Path(app.outdir, FOLDER).glob("fig-*"):
        label = re.sub(f"({'|'.join(SUFFIXES)})$", "", path.stem)
        if error is None and label not in known:
            path.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Give every figure its name."""
    app.connect("build-finished", forget_renamed)
    app.add_post_transform(Promises)
    app.add_post_transform(NamedFigures)
    app.add_post_transform(Alternatives)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
