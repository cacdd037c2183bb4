"""How does a deck become slides that can be edited? As text, tables and pictures.

Headings, lists, code and tables are text; formulas are text as well, in one line, with
their letters raised and lowered. A figure is its PNG, with its alternative text. What
the speaker says is in the notes. The numbers travel along in a part of the file.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bs4 import BeautifulSoup, NavigableString, Tag
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Emu, Pt

from foible_book import decks, slim

NAMESPACE = "urn:foible:findings"
CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
PIXEL = 9525  # in the units of such files
WIDTH, HEIGHT, EDGE = 1280, 720, 64
TOP, HEAD, FOOT = 44, 100, 668
POINT = 0.75  # of a pixel
TITLE_ONLY = 5  # of the layouts that come with python-pptx
SERIF, SANS, MONO = "Georgia", "Arial", "Courier New"
INK, QUIET = "21262C", "5B626A"
COLOURS = {
    "role-victim": "0068A3",
    "role-attacked": "B34E00",
    "role-defended": "00705A",
    "foible-harm": "B34E00",
    "foible-unnoticed": "B34E00",
    "foible-stopped": "00705A",
    "cited": QUIET,
}
LINES = ("p", "li", "dt", "dd")
NARROWER = 0.9  # the letters of other typefaces are wider than ours
PADDING = 4  # letters beside a cell
DATE = (1980, 1, 1, 0, 0, 0)


class Run(NamedTuple):
    """A piece of a line, and how it is set."""

    text: str
    style: frozenset[str]
    colour: str = ""


def write(deck: dict[str, Any], figures: Path, path: Path) -> None:
    """The deck as a file of slides, the same bytes from the same deck."""
    shown = Presentation()
    shown.slide_width, shown.slide_height = _px(WIDTH), _px(HEIGHT)
    shown.core_properties.title = deck["title"]
    shown.core_properties.author = deck["author"]
    shown.core_properties.comments = deck["version"]
    for number, slide in enumerate(deck["slides"], 1):
        _slide(shown, deck, slide, number, figures)
    _carry(shown, decks.carried(deck))
    drafted = io.BytesIO()
    shown.save(drafted)
    path.write_bytes(_dated(drafted))


def _slide(
    shown: Any, deck: dict[str, Any], slide: dict[str, Any], number: int, figures: Path
) -> None:
    """One slide: heading, blocks from the top down, a foot, and notes."""
    page = shown.slides.add_slide(shown.slide_layouts[TITLE_ONLY])
    title = slide["kind"] == "title"
    _heading(page, slide["heading"], large=title)
    y = TOP + HEAD + 24
    room = (FOOT - y - 12) // max(len(slide["blocks"]), 1)
    for block in slide["blocks"]:
        if block["form"] == "figure":
            _figure(page, figures / f"{block['label']}.png", block["alt"], y, room)
        elif block["form"] == "table":
            _table(page, block, y)
        else:
            _text(page, block, y, room)
        y += room
    chapter = slide.get("chapter", deck["title"])
    foot = f"Foible: {chapter} · {deck['version']} · {number} of {len(deck['slides'])}"
    box = _box(page, EDGE, FOOT, WIDTH - 2 * EDGE, 28)
    _set(box.text_frame.paragraphs[0], [Run(foot, frozenset(), QUIET)], 14, SANS)
    said = [f"{slide['minutes']} min", *slide["notes"]]
    page.notes_slide.notes_text_frame.text = "\n".join(said)


def _heading(page: Any, html: str, *, large: bool) -> None:
    """The heading, in the placeholder that programs and screen readers look for."""
    holder = page.shapes.title
    holder.left, holder.top = _px(EDGE), _px(TOP)
    holder.width, holder.height = _px(WIDTH - 2 * EDGE), _px(HEAD)
    holder.text_frame.word_wrap = True
    holder.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    holder.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    size = 60 if large else 38 if len(slim.plain(html)) < 60 else 32
    bold = [run._replace(style=run.style | {"bold"}) for run in _runs(_soup(html))]
    _set(holder.text_frame.paragraphs[0], bold, size, SERIF)


def _text(page: Any, block: dict[str, Any], y: int, room: int) -> None:
    """Prose, a card, or code, a paragraph a line."""
    code = block["form"] == "code"
    steps = slim.CODE_STEPS if code else slim.STEPS
    size = round(steps[min(block["step"], len(steps) - 1)] * NARROWER)
    frame = _box(page, EDGE, y, WIDTH - 2 * EDGE, room).text_frame
    for place, runs in enumerate(_lines(block)):
        line = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        close = code or any("term" in run.style for run in runs)
        line.space_after = Pt(0 if close else round(0.5 * size * POINT))
        _set(line, runs, size, MONO if code else SANS)


def _lines(block: dict[str, Any]) -> Iterator[list[Run]]:
    """The lines of a block; items of a list begin with their sign."""
    if block["form"] == "code":
        for line in block["text"].splitlines():
            yield [Run(line, frozenset())]
        return
    whole = _soup(block["html"])
    for part in whole.find_all([*LINES, "math"]):
        formula = part.name == "math"
        if formula != (part.get("display") == "block") or (
            part.name == "p" and part.find_parent("li")
        ):
            continue
        runs = list(_runs(part))
        if part.name == "li":
            runs.insert(0, Run(_sign(part), frozenset({"bold"}), "B34E00"))
        if part.name == "dt":
            runs = [Run(r.text, r.style | {"bold", "term"}, "B34E00") for r in runs]
        yield runs


def _sign(item: Tag) -> str:
    """The number of an item, or a dot."""
    listed = item.find_parent(["ol", "ul"])
    if listed is None or listed.name == "ul":
        return "•  "
    before = len(item.find_previous_siblings("li"))
    return f"{int(str(listed.get('start', '1'))) + before}.  "


def _soup(html: str) -> BeautifulSoup:
    whole = BeautifulSoup(html, "html.parser")
    for note in whole("annotation"):
        note.decompose()
    return whole


# ------------------------------------------------------------------ pieces of a line

SPACED = set("=≤≥≠<>∈+−-⊙⋅·:")
STYLES = {"strong": "bold", "em": "italic", "code": "mono", "mi": "italic"}
SCRIPTS = {"msup": ("", "up"), "msub": ("", "down"), "msubsup": ("", "down", "up")}
SCRIPTS |= {
    "munder": ("", "down"),
    "mover": ("", "up"),
    "munderover": ("", "down", "up"),
}


def _runs(part: Tag, style: frozenset[str] = frozenset(), colour: str = "") -> Any:
    """The pieces of a line, in order."""
    for child in part.children:
        if isinstance(child, NavigableString):
            text = re.sub(r"\s+", " ", str(child))
            if text:
                yield Run(text, style, colour)
        elif isinstance(child, Tag):
            yield from _of_tag(child, style, colour)


def _of_tag(tag: Tag, style: frozenset[str], colour: str) -> Iterator[Run]:
    """What a tag adds to the pieces in it."""
    names = tag.get_attribute_list("class")
    colour = next((COLOURS[n] for n in names if n in COLOURS), colour)
    if tag.name in STYLES:
        style |= {STYLES[tag.name]}
    if "found" in names:
        style |= {"bold"}
    if tag.name == "mo" and tag.get_text() in SPACED:
        yield Run(f" {tag.get_text()} ", style, colour)
    elif tag.name in SCRIPTS:
        parts = [child for child in tag.children if isinstance(child, Tag)]
        for child, script in zip(parts, SCRIPTS[tag.name], strict=False):
            yield from _of_tag(child, style | ({script} if script else set()), colour)
    elif tag.name == "mfrac":
        above, below = (child for child in tag.children if isinstance(child, Tag))
        yield from _of_tag(above, style, colour)
        yield Run(" / ", style, colour)
        yield from _of_tag(below, style, colour)
    else:
        yield from _runs(tag, style, colour)
        if tag.name in ("mtd", "mtr") and tag.find_next_sibling():
            row_ends = tag.name == "mtr" and tag.get_text()[-1:] not in ",;"
            yield Run("; " if row_ends else "  ", style, colour)


def _set(line: Any, runs: list[Run], size: int, font: str) -> None:
    """Set a paragraph."""
    for run in runs:
        piece = line.add_run()
        piece.text = run.text
        piece.font.size = Pt(round(size * POINT))
        piece.font.name = MONO if "mono" in run.style else font
        piece.font.bold = "bold" in run.style
        piece.font.italic = "italic" in run.style
        red, green, blue = bytes.fromhex(run.colour or INK)
        piece.font.color.rgb = RGBColor(red, green, blue)  # type: ignore[no-untyped-call]
        shift = {"up": "30000", "down": "-25000"}
        for name in run.style & set(shift):
            piece.font._element.set("baseline", shift[name])


# ------------------------------------------------------------- boxes, pictures, tables


def _px(pixels: float) -> Any:
    return Emu(round(pixels * PIXEL))


def _box(page: Any, x: int, y: int, width: int, height: int) -> Any:
    box = page.shapes.add_textbox(_px(x), _px(y), _px(width), _px(height))
    box.text_frame.word_wrap = True
    return box


def _figure(page: Any, png: Path, alt: str, y: int, room: int) -> None:
    """The picture, as large as there is room, with its alternative text."""
    with Image.open(png) as picture:
        across, down = picture.size
    scale = min((WIDTH - 2 * EDGE) / across, room / down)
    left = (WIDTH - across * scale) / 2
    shape = page.shapes.add_picture(
        str(png), _px(left), _px(y), _px(across * scale), _px(down * scale)
    )
    shape._element.nvPicPr.cNvPr.set("descr", alt)


def _table(page: Any, block: dict[str, Any], y: int) -> None:
    """A table that can be edited."""
    rows = [row.find_all(["th", "td"]) for row in _soup(block["html"])("tr")]
    columns = max(map(len, rows))
    size = round(slim.STEPS[block["step"]] * slim.CELL * NARROWER)
    shape = page.shapes.add_table(
        len(rows), columns, _px(EDGE), _px(y), _px(WIDTH - 2 * EDGE), _px(10)
    )
    longest = [
        max(len(c.get_text()) for c in column) for column in zip(*rows, strict=False)
    ]
    share = (WIDTH - 2 * EDGE) / (sum(longest) + PADDING * columns)
    for column, letters in zip(shape.table.columns, longest, strict=False):
        column.width = _px(share * (letters + PADDING))
    shape.table._tbl.tblPr.find(f"{{{_A}}}tableStyleId").text = PLAIN
    for across, row in enumerate(rows):
        shape.table.rows[across].height = _px(1.5 * size)
        for along, cell in enumerate(row):
            place = shape.table.cell(across, along)
            place.margin_top = place.margin_bottom = _px(2)
            runs = list(_of_tag(cell, frozenset({"bold"} if not across else ()), ""))
            _set(place.text_frame.paragraphs[0], runs, size, SANS)


_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid


# ----------------------------------------------------------------------- the file


def _carry(shown: Any, data: str) -> None:
    """Put the numbers into a part of their own, which programs keep."""
    safe = data.replace("&", "&amp;").replace("<", "&lt;")
    text = f'<findings xmlns="{NAMESPACE}">{safe}</findings>'
    name, kind = PackURI("/customXml/item1.xml"), "application/xml"
    part = Part(name, kind, shown.part.package, text.encode())
    shown.part.relate_to(part, CUSTOM)


def _dated(drafted: io.BytesIO) -> bytes:
    """The same archive in one order and with one date."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(drafted) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n))
        for name in names:
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return written.getvalue()
