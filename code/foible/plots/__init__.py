"""How does every figure look, on a page and on a phone, and what does a colour mean?"""

from foible.plots.behind import Kind, rows
from foible.plots.looks import (
    COLOURS,
    FAINT,
    INK,
    LINES,
    Meaning,
    axes,
    gallery,
    name_lines,
    plain_ticks,
    styled,
)
from foible.plots.phone import drawings, redrawn

__all__ = [
    "COLOURS",
    "FAINT",
    "INK",
    "LINES",
    "Kind",
    "Meaning",
    "axes",
    "drawings",
    "gallery",
    "name_lines",
    "plain_ticks",
    "redrawn",
    "rows",
    "styled",
]
