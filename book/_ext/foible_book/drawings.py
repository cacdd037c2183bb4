"""How does a drawing follow the reader from light to dark, and what travels in it?

A cell draws on white. Its drawing for a phone, the kind of the figure and the rows
behind it travel inside, see `foible.plots`.
"""

import base64
import re
from functools import cache
from io import BytesIO

from PIL import Image

DRAWN_ON, PAPER = "#ffffff", "#fffefb"  # by the cells; of the light page
DARK_PAPER, DARK_INK, DARK_FAINT = "#14181e", "#d3dae0", "#333c48"
DARK_COLOURS = {  # at least 4.5 to 1 against the dark paper
    "attacker": "#f07f2e",
    "victim": "#56a9e0",
    "defence": "#2db98f",
    "chance": "#9aa3ad",
}
PAPERS = re.compile(f"fill: ({DRAWN_ON}|{PAPER}|{DARK_PAPER})")
PIXELS = 96 / 72  # of a page, per point
ASIDE = re.compile(r'<metadata id="(phone|kind|rows)">(.*?)</metadata>')
HEAVY, QUALITY = 300_000, 85  # letters of a drawing
PNG = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")


def alone(svg: str) -> str:
    """The drawing without what travels in it."""
    return ASIDE.sub("", svg)


def along(svg: str) -> dict[str, str]:
    """What travels in a drawing: that for a `phone`, the `kind`, and the `rows`."""
    return {name: base64.b64decode(text).decode() for name, text in ASIDE.findall(svg)}


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


def transparent(svg: str) -> str:
    """The same drawing without the paper, which is the first shape that is filled."""
    return PAPERS.sub("fill: none", svg, count=1)


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
