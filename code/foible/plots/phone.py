"""How does a figure look on a phone?

A drawing that is shrunk to a phone has letters that nobody reads. So each figure is
drawn twice: as it was made, and again at the width of a phone, with letters of the size
of the text around it. The second drawing travels inside the first, and so do the kind
of the figure and the rows behind it.
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from weakref import WeakKeyDictionary

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from foible.plots import names
from foible.plots.behind import behind
from foible.plots.looks import styled

_REDRAWN: WeakKeyDictionary[Any, Callable[[bool], None]] = WeakKeyDictionary()
WIDTH = 3.6  # inches, which is 358 pixels with the edge that is left around a drawing
LETTERS = 9.75  # points, which are 13 pixels
ASIDE = '<metadata id="{}">{}</metadata>'


def drawings(figure: Figure) -> dict[str, str]:
    """The figure as SVG by its type; inside, in base64, what belongs to it.

    That is its drawing for a phone, its kind and the rows behind it, as CSV.

    IPython's `MimeBundleFormatter` takes this function for a figure.
    """
    with styled(), unclipped(figure):
        wide = _svg(figure)
        with narrowed(figure):
            narrow = _svg(figure)
    kind, table = behind(figure)
    along = {"phone": narrow, "kind": kind, "rows": table}
    inside = "".join(
        ASIDE.format(name, base64.b64encode(text.encode()).decode())
        for name, text in along.items()
    )
    return {"image/svg+xml": f"{inside}</svg>".join(wide.rsplit("</svg>", 1))}


def redrawn(figure: Figure, draw: Callable[[bool], None]) -> None:
    """Draw the figure now, and later for a phone, by a function of its own.

    It is told whether it is a phone, may set the height, and draws from nothing.
    """
    _REDRAWN[figure] = draw
    draw(False)


@contextmanager
def unclipped(figure: Figure) -> Iterator[None]:
    """Let nothing be clipped that stays within its axes anyway, for a while.

    Each clipped line is a group with a mask, which costs whoever shows the drawing.
    """
    drawn = [(ax, a) for ax in figure.axes for a in (*ax.lines, *ax.collections)]
    figure.canvas.draw()
    loose = [a for ax, a in drawn if a.get_clip_on() and _within(a, ax)]
    for artist in loose:
        artist.set_clip_on(False)
    yield
    for artist in loose:
        artist.set_clip_on(True)


def _within(artist: Artist, ax: Axes) -> bool:
    """Whether the axes hold all of it."""
    inner, outer = artist.get_window_extent(), ax.get_window_extent()
    return bool(
        outer.x0 <= inner.x0 <= inner.x1 <= outer.x1
        and outer.y0 <= inner.y0 <= inner.y1 <= outer.y1
    )


@contextmanager
def narrowed(figure: Figure) -> Iterator[None]:
    """Give the figure the width of a phone, and its letters their size, for a while.

    Pictures keep their shape; a plot keeps most of its height.
    """
    width, height = figure.get_size_inches()
    redraw = _REDRAWN.get(figure)
    if redraw:
        redraw(True)
    texts = {text: text.get_fontsize() for text in figure.findobj(Text)}
    pictures = any(ax.get_images() for ax in figure.axes)
    scale = WIDTH / width if pictures else 1 if redraw else 0.85
    figure.set_size_inches(WIDTH, scale * figure.get_size_inches()[1])
    for text in texts:
        text.set_fontsize(LETTERS)
    with names.placed_again(figure):
        yield
    figure.set_size_inches(width, height)
    for text, size in texts.items():
        text.set_fontsize(size)
    if redraw:
        redraw(False)


def _svg(figure: Figure) -> str:
    written = StringIO()
    figure.savefig(
        written,
        format="svg",
        bbox_inches="tight",
        dpi="figure",
        metadata={"Date": None},
    )
    return written.getvalue()
