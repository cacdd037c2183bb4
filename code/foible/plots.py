"""How does every figure look, and what does a colour mean?

A colour has one meaning throughout the book. The four are told apart by people with
any of the common kinds of colour blindness, and every line is labelled besides.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, Literal, TypeAlias

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from matplotlib.transforms import Bbox
from matplotlib.typing import LineStyleType
from numpy.typing import ArrayLike, NDArray

Meaning = Literal["attacker", "victim", "defence", "chance"]
Points: TypeAlias = NDArray[np.float64]  # (n, 2), in pixels; one of them is (2,)
Step: TypeAlias = tuple[int, int]

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
    """Write each line's name beside it, in the line's colour.

    It stands where it hides the least of any line or other name, and of such places
    where its line is furthest from the others. Call this last: scales and limits of the
    axes must not move after it.

    Parameters
    ----------
    x : array_like of shape (n,)
    lines : mapping of str to array_like of shape (n,)
        Heights of each line over `x`.
    meanings : mapping of str to Meaning
        Of each line, for its colour.
    """
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())
    texts = {
        name: ax.annotate(
            name,
            (np.asarray(x)[-1], np.asarray(line)[-1]),
            (6, 0),
            textcoords="offset points",
            color=COLOURS[meanings[name]],
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
        for name, line in lines.items()
    }
    for name, text in [*texts.items()] * 2:  # a name may make the axes narrower
        ax.figure.canvas.draw()
        shown = {other: _on_screen(ax, x, y) for other, y in lines.items()}
        boxes = {other: t.get_window_extent() for other, t in texts.items()}
        spot, (side, height) = _best_spot(ax, name, shown, boxes)
        text.xy = tuple(ax.transData.inverted().transform(spot))
        text.set_position((6 * side, height))
        text.set_horizontalalignment("left" if side > 0 else "right")


def _on_screen(ax: Axes, x: ArrayLike, y: ArrayLike) -> Points:
    """Points of a line, and eleven between each two of them, in pixels."""
    ends = ax.transData.transform(np.column_stack([np.asarray(x), np.asarray(y)]))
    where = np.arange(12 * (len(ends) - 1) + 1) / 12
    return np.column_stack([np.interp(where, range(len(ends)), c) for c in ends.T])


def _best_spot(
    ax: Axes, name: str, shown: Mapping[str, Points], boxes: Mapping[str, Bbox]
) -> tuple[Points, Step]:
    """On which point of its line a name stands, and which step from there."""
    own, scale, frame = shown[name], ax.figure.dpi / 72, ax.get_window_extent()
    lines = [line for other, line in shown.items() if other != name]
    names = [box for other, box in boxes.items() if other != name]
    gaps = [abs(own - line)[:, 1] for line in lines] or [np.zeros(len(own))]
    alone = np.min(gaps, axis=0).round()
    choices = {}
    for place in range(len(own) - 1, -1, -3):
        last = place == len(own) - 1
        for step in _steps(last=last):
            box = _beside(own[place], boxes[name], step, scale)
            hidden = _hidden(box, own, lines, names)
            beyond = box.x0 < frame.x0 or box.y0 < frame.y0 or box.y1 > frame.y1 + 20
            beyond |= not last and box.x1 > frame.x1
            choices[place, step] = hidden + 100 * beyond, -alone[place]
    place, step = min(choices, key=lambda choice: choices[choice])
    return own[place], step


def _steps(*, last: bool) -> Iterator[Step]:
    """From a point to its name: which side, and how many typographic points up."""
    if last:
        yield from ((1, 0), (1, 11), (1, -11))
    for height in (11, -11, 17, -17):
        yield from ((1, height), (-1, height))


def _beside(point: Points, size: Bbox, step: Step, scale: float) -> Bbox:
    """The box in which a name of this size would stand."""
    side, height = step
    left = point[0] + 6 * scale if side > 0 else point[0] - 6 * scale - size.width
    bottom = point[1] + height * scale - size.height / 2
    return Bbox.from_bounds(left, bottom, size.width, size.height)


def _hidden(
    box: Bbox, own: Points, lines: Sequence[Points], names: Sequence[Bbox]
) -> int:
    """How much a name in this box is in the way, or may be taken for another's."""
    wide, middle = box.padded(2), (box.p0 + box.p1) / 2
    far = [np.linalg.norm(line - middle, axis=1).min() for line in (own, *lines)]
    hits = sum(wide.count_contains(line) for line in (own, *lines))
    crowd = sum(wide.overlaps(other) for other in names)
    return int(hits) + 100 * crowd + 20 * any(other < far[0] for other in far[1:])


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
