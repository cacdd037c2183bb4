"""How does a figure keep its name, and what is published under it?

A figure labelled `fig-<stem>-<what>` is published in the folder `figures`, where its
label alone decides every address: `<label>.svg` and `.png` on white, `-dark.svg` on
dark paper and `-dark.png` on none, `-source.svg` and `-source.png` with message and
source, `.csv` with the rows behind it, and `.html` with the figure alone. These outlive
every rendering. The page shows `-page.svg` and, on a phone, `-phone.svg`, each with a
dark twin. Every image needs alternative text.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from html import escape
from itertools import repeat
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from foible_book import drawings, pictures, plates, takeaway
from foible_book.guard import end_with_parent
from foible_book.plates import FOLDER, PAGE, PHONE, Plate, message

__all__ = ["FOLDER", "message", "shown"]

NARROW = "(max-width: 30rem)"
SUFFIXES = ("-page-dark", "-phone-dark", "-source", "-dark", "-phone", "-page")
ENDED = re.compile(f"({'|'.join(SUFFIXES)})$")
PEN = {"ink": "#24292f", "quiet": "#5b626a"}
log = logging.getLogger(__name__)


class NamedFigures(SphinxPostTransform):
    """Publish each labelled figure under its label, before one format is chosen."""

    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace what a labelled figure shows."""
        known = plates.of_page(self.app, self.env.docname)
        drawn: list[tuple[Plate, str]] = []
        for figure in list(self.document.findall(nodes.figure)):
            if image := plates.drawing(figure):
                label = figure["ids"][0]
                check_alternative(image, label)
                check_name(figure, label)
                drawn.append((known[label], plates.drawn(self.app, image["uri"])))
                here = "../" * self.env.docname.count("/") + FOLDER
                shows = shown(known[label], here)
                for bundle in plates.bundles(figure):
                    bundle.parent.remove(bundle)
                figure.insert(0, nodes.raw("", shows, format="html"))
        publish(self.app, drawn)


def draw(app: Sphinx, _: Builder) -> None:
    """Have all pictures of the book, which take longest, drawn on all cores."""
    known = list(plates.all_of(app))
    svgs = [drawings.alone(plates.drawn(app, plate.uri)) for plate in known]
    with ProcessPoolExecutor(initializer=end_with_parent) as pool:
        list(pool.map(taken, known, svgs, repeat(_kept(app))))


def publish(app: Sphinx, drawn: Sequence[tuple[Plate, str]]) -> None:
    """Write what the page shows of its figures, and what a reader takes away."""
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for plate, svg in drawn:
        inside, alone = drawings.along(svg), drawings.alone(svg)
        files = taken(plate, alone, _kept(app))
        files |= seen(PAGE, _lighter(app, f"{plate.label}{PAGE}", alone))
        if "phone" in inside:
            lighter = _lighter(app, f"{plate.label}{PHONE}", inside["phone"])
            files |= seen(PHONE, lighter)
        if "rows" in inside:
            files[".csv"] = inside["rows"]
        for end, content in files.items():
            whole = content.encode() if isinstance(content, str) else content
            (folder / f"{plate.label}{end}").write_bytes(whole)


def _lighter(app: Sphinx, name: str, svg: str) -> str:
    """A drawing without heavy pictures in it, made once."""
    if len(svg) <= drawings.HEAVY:
        return svg
    made = pictures.kept(
        _kept(app), name, svg, lambda it: drawings.lighter(it).encode()
    )
    return made.decode()


def _kept(app: Sphinx) -> Path:
    return Path(app.doctreedir).with_name("pictures")


def seen(suffix: str, svg: str) -> dict[str, str]:
    """A drawing as the page shows it, light and dark."""
    light = svg.replace(drawings.DRAWN_ON, drawings.PAPER)
    return {f"{suffix}.svg": light, f"{suffix}-dark.svg": drawings.darkened(svg)}


def taken(plate: Plate, svg: str, kept: Path) -> dict[str, str | bytes]:
    """The files that a reader takes away, by the ends of their names."""
    said, label = plate.said, plate.label
    dark = drawings.darkened(svg)
    light = takeaway.described(svg, said)
    picture = pictures.kept(kept, label, svg)
    night = pictures.kept(kept, f"{label}-dark", drawings.transparent(dark))
    points = plate.sizes[PAGE][0] / drawings.PIXELS
    told = plate.message, plate.source
    signed = pictures.kept(
        kept,
        f"{label}-source",
        f"{svg} {told} {points}",
        lambda _: takeaway.png(picture, *told, points=points, **PEN),
    )
    return {
        ".svg": light,
        "-dark.svg": takeaway.described(dark, said),
        "-source.svg": takeaway.svg(light, *told, paper=drawings.DRAWN_ON, **PEN),
        ".png": pictures.told(picture, said),
        "-dark.png": pictures.told(night, said),
        "-source.png": pictures.told(signed, said),
    }


class Promises(SphinxPostTransform):
    """Refuse a cell that names a figure and draws none."""

    default_priority = 2
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look into every cell that names a figure."""
        for cell in self.document.findall(nodes.container):
            shown = cell.get("cell_metadata", {}).get("mystnb", {})
            name = shown.get("figure", {}).get("name")
            if name and not any(map(plates.drawing, cell.findall(nodes.figure))):
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


def check_name(figure: nodes.figure, label: str) -> None:
    """Warn when the label ends as the files of another figure do."""
    if ended := ENDED.search(label):
        log.warning(
            "got a figure named %s; wanted a name that does not end in %s, as the "
            "files of %s do",
            label,
            ended[0],
            label.removesuffix(ended[0]),
            location=figure,
            type="figures",
        )


def _around(node: nodes.Element) -> nodes.Element:
    """The block around the node, whose line in the source is known."""
    block = node.parent
    while not block.line and block.parent is not None:
        block = block.parent
    return block


def shown(plate: Plate, here: str) -> str:
    """Both drawings; the theme hides one, for the eye and for the ear.

    `here` leads from the page to the folder of figures, which may be written later.
    """
    both = _picture(plate, here, "light", ""), _picture(plate, here, "dark", "-dark")
    return f'<div class="foible-drawing">{"".join(both)}</div>'


def _picture(plate: Plate, here: str, theme: str, suffix: str) -> str:
    """The drawing of one theme, narrower on a phone if it was drawn so."""
    image = (
        f'<img class="foible-figure only-{theme}" '
        f'src="{here}/{plate.label}{PAGE}{suffix}.svg" '
        f'alt="{escape(plate.alt)}" {_room(plate, PAGE)} loading="lazy">'
    )
    if PHONE not in plate.sizes:
        return image
    narrow = f"{here}/{plate.label}{PHONE}{suffix}.svg"
    room = _room(plate, PHONE)
    source = f'<source media="{NARROW}" srcset="{narrow}" {room}>'
    return f"<picture>{source}{image}</picture>"


def _room(plate: Plate, kind: str) -> str:
    """The attributes that keep a drawing's place before it is loaded."""
    return 'width="{}" height="{}"'.format(*plate.sizes[kind])


def label_of(path: Path) -> str:
    """The label of the figure that a file belongs to."""
    return ENDED.sub("", path.name.partition(".")[0])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Give every figure its name."""
    app.setup_extension("foible_book.plates")
    app.connect("write-started", draw)
    app.add_post_transform(Promises)
    app.add_post_transform(NamedFigures)
    app.add_post_transform(Alternatives)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
