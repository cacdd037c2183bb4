"""How does every figure look, and what does a colour mean?

A colour has one meaning throughout the book. The four are told apart by people with
any of the common kinds of colour blindness, and every line is labelled besides.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, Literal

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from matplotlib.typing import LineStyleType
from numpy.typing import ArrayLike, NDArray

from foible.plots import names

Meaning = Literal["attacker", "victim", "defence", "chance"]

COLOURS: dict[Meaning, str] = {
    "attacker": "#d55e00",
    "victim": "#0072b2",
    "defence": "#009e73",
    "chance": "#767676",
}
LINES: tuple[LineStyleType, ...] = ("-", "--", "-.", ":")
INK, FAINT = "#24292f", "#d8dee4"
STYLE = resources.files("foible") / "style.mplstyle"


@contextmanager
def styled() -> Iterator[None]:
    """Give the figures made inside it the look of the book."""
    # A notebook's back end that is loaded inside would be undone on the way out.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    with mpl.rc_context():
        plt.style.use(str(STYLE))
        yield


def axes(ax: Axes | None, *, width: float = 6.4, height: float = 3.6) -> Axes:
    """The caller's axes, or new ones of a size in inches.

    New axes keep the style that is in force: call inside `styled()`.
    """
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def plain_ticks(
    ax: Axes, *, x: bool = False, y: bool = False, ticked: bool = False
) -> None:
    """Write shares in per cent, and powers as 1, 10, 100.

    Parameters
    ----------
    x, y : bool
        Whether the numbers of this axis are shares.
    ticked : bool
        Whether the caller has set the ticks of the horizontal axis: they stay.
    """
    for axis, share in ((ax.xaxis, x), (ax.yaxis, y)):
        if ticked and axis is ax.xaxis:
            continue
        if share:
            axis.set_major_formatter(lambda v, _: f"{100 * v:.6g}%")
        elif axis.get_scale() == "log":
            axis.set_major_formatter(lambda v, _: f"{v:,.6g}")
        if axis.get_scale() == "log":
            axis.set_minor_formatter(NullFormatter())


def name_lines(
    ax: Axes,
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    meanings: Mapping[str, Meaning],
) -> None:
    """Write each line's name beside it, where it hides least, in the line's colour.

    Call this last: scales and limits of the axes must not move after it.

    Parameters
    ----------
    x : array_like of shape (n,)
    lines : mapping of str to array_like of shape (n,)
        Heights of each line over `x`.
    meanings : mapping of str to Meaning
        Of each line, for its colour.
    """
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    names.write(ax, x, lines, colours={n: COLOURS[m] for n, m in meanings.items()})


def gallery(
    rows: Mapping[str, Sequence[NDArray[np.floating[Any]]]], *, width: float = 6.4
) -> Figure:
    """Rows of pictures, each row with its name before it.

    Parameters
    ----------
    rows : mapping of str to sequence of ndarray
        Pictures of shape (h, w) in grey, (h, w, 3) or (h, w, 4), values 0 to 1; as
        many in each row.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        It keeps the style that is in force: call inside `styled()`.
    """
    longest, across = max(map(len, rows)), len(next(iter(rows.values())))
    side = (width - 0.085 * longest) / across
    figure, grid = plt.subplots(
        len(rows), across, figsize=(width, side * len(rows)), squeeze=False
    )
    for (name, pictures), places in zip(rows.items(), grid, strict=True):
        for picture, ax in zip(pictures, places, strict=True):
            ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[], frame_on=False)
        places[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure
