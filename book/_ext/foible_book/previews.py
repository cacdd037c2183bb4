"""What does a link to a page show where it is shared? Its title, claim and figure.

A picture of 1200 × 630, `previews/<page>.png`, drawn when the site has an address: a
preview is asked for by its whole address, so that no other site would ever show it.
"""

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont

from foible_book import figures

FOLDER = "previews"
SIZE = (1200, 630)
EDGE = 64
PAPER, INK, QUIET, MARK = "#ffffff", "#21262c", "#5b626a", "#b34e00"
FONTS = Path(mpl.get_data_path(), "fonts", "ttf")
LINE = 1.35  # heights of a letter


def file_of(page: str) -> str:
    """Where the preview of a page lies in the site."""
    return f"{FOLDER}/{page.replace('/', '-')}.png"


def draw(site: Path, page: str, title: str, claim: str, label: str) -> None:
    """Draw the preview of a page; a figure of this label stands at its right."""
    card = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, 0, SIZE[0], 12), fill=MARK)
    figure = site / figures.FOLDER / f"{label}.png"
    width = SIZE[0] - 2 * EDGE
    if label and figure.exists():
        width = _paste(card, figure) - 2 * EDGE
    y = _write(pen, title, EDGE, width, size=54, bold=True, colour=INK, lines=3)
    left = int((SIZE[1] - EDGE - 72 - y) // (28 * LINE))
    _write(pen, claim, y + 24, width, size=28, bold=False, colour=INK, lines=left)
    foot = ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", 24)
    pen.text((EDGE, SIZE[1] - EDGE), "Foible", QUIET, foot, "ls")
    path = site / file_of(page)
    path.parent.mkdir(exist_ok=True)
    card.save(path)


def _paste(card: Image.Image, path: Path) -> int:
    """Put the figure at the right; where it begins."""
    with Image.open(path) as figure:
        shown = figure.convert("RGB")
    shown.thumbnail((560, SIZE[1] - 2 * EDGE))
    left = SIZE[0] - EDGE - shown.width
    card.paste(shown, (left, (SIZE[1] - shown.height) // 2))
    return left


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    y: float,
    width: float,
    *,
    size: int,
    bold: bool,
    colour: str,
    lines: int,
) -> float:
    """Write a text in lines that fit, cut with an ellipsis; where the next one goes."""
    font = ImageFont.truetype(
        FONTS / ("DejaVuSerif-Bold.ttf" if bold else "DejaVuSans.ttf"), size
    )
    all_lines = list(_lines(text, font, width))
    for number, line in enumerate(all_lines[:lines], start=1):
        cut = number == lines < len(all_lines)
        pen.text((EDGE, y), f"{line.rstrip('.,;:')}…" if cut else line, colour, font)
        y += LINE * size
    return y


def _lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line
