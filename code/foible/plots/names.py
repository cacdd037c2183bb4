"""Where does the name of a line stand?

Beside its line, where it hides the least of any line or other name, and of such places
where its line is furthest from the others. A figure that changes its size has its names
placed anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

Points: TypeAlias = NDArray[np.float64]  # (n, 2), in pixels; one of them is (2,)
Step: TypeAlias = tuple[int, int]

NARROW = 5.0  # inches: a figure in which names beside it leave little of it
PHONE = 60  # how much worse a name is that takes as much room as there is
_NAMED: WeakKeyDictionary[Any, list[Callable[[], None]]] = WeakKeyDictionary()


def write(
    ax: Axes,
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    colours: Mapping[str, str],
) -> None:
    """Write each line's name beside it, in its colour.

    Parameters
    ----------
    x : array_like of shape (n,)
    lines : mapping of str to array_like of shape (n,)
        Heights of each line over `x`.
    colours : mapping of str to str
        Of each line.
    """
    texts = {
        name: ax.annotate(
            name,
            (np.asarray(x)[-1], np.asarray(line)[-1]),
            (6, 0),
            textcoords="offset points",
            color=colours[name],
            va="center",
            fontweight="bold",
            annotation_clip=False,
        )
        for name, line in lines.items()
    }
    placed = partial(_placed, ax, x, lines, texts)
    _NAMED.setdefault(ax.figure.figure, []).append(placed)
    placed()


@contextmanager
def placed_again(figure: Figure) -> Iterator[None]:
    """Place the names of its lines for another size of the figure, for a while."""
    texts = figure.findobj(Annotation)
    before = [(t, t.xy, t.get_position(), t.get_horizontalalignment()) for t in texts]
    for placed in _NAMED.get(figure, []):
        placed()
    yield
    for text, point, step, side in before:
        text.xy = point
        text.set(position=step, horizontalalignment=side)


def _placed(
    ax: Axes,
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    texts: Mapping[str, Annotation],
) -> None:
    """Put each name where it hides least."""
    narrow = ax.figure.figure.get_size_inches()[0] < NARROW
    for text in texts.values():  # all at once may leave no room for narrow axes
        text.set_in_layout(not narrow)
    for name, text in [*texts.items()] * 2:  # a name may make the axes narrower
        ax.figure.figure.draw_without_rendering()
        shown = {other: _on_screen(ax, x, y) for other, y in lines.items()}
        boxes = {other: t.get_window_extent() for other, t in texts.items()}
        spot, (side, height) = _best_spot(ax, name, shown, boxes, narrow=narrow)
        text.xy = tuple(ax.transData.inverted().transform(spot))
        text.set_position((6 * side, height))
        text.set_horizontalalignment("left" if side > 0 else "right")
    for text in texts.values():
        text.set_in_layout(True)


def _on_screen(ax: Axes, x: ArrayLike, y: ArrayLike) -> Points:
    """Points of a line, and eleven between each two of them, in pixels."""
    ends = ax.transData.transform(np.column_stack([np.asarray(x), np.asarray(y)]))
    where = np.arange(12 * (len(ends) - 1) + 1) / 12
    return np.column_stack([np.interp(where, range(len(ends)), c) for c in ends.T])


def _best_spot(
    ax: Axes,
    name: str,
    shown: Mapping[str, Points],
    boxes: Mapping[str, Bbox],
    *,
    narrow: bool,
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
            room = PHONE * max(box.x1 - frame.x1, 0) / frame.width if narrow else 0
            choices[place, step] = hidden + 100 * beyond + room, -alone[place]
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
