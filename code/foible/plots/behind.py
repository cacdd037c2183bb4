"""Which numbers stand behind a figure?

Evidence that draws itself hands its rows over. What a cell draws by hand is read from
the axes: points, lines and bars, each under its label, else under the meaning of its
colour. Of pictures only shapes are told: who wants the pixels runs the cell.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from foible.plots.looks import COLOURS

if TYPE_CHECKING:
    import pandas as pd  # half a second, for a site that only asks for our colours

Kind = Literal[
    "dose and response",
    "before and after",
    "matrix",
    "separation",
    "points and lines",
    "pictures",
    "diagram",
]
Row = dict[Any, object]

_GIVEN: WeakKeyDictionary[Any, list[tuple[Kind, "pd.DataFrame"]]] = WeakKeyDictionary()
PIXELS = "not listed; the cell that draws the picture has them"


def rows(
    figure: Figure, frame: "pd.DataFrame", *, kind: Kind = "points and lines"
) -> None:
    """Hand over rows behind a figure, where its axes would not tell them."""
    _GIVEN.setdefault(figure, []).append((kind, frame))


def behind(figure: Figure) -> tuple[Kind, str]:
    """What kind of figure it is, and the rows behind it as CSV."""
    if given := _GIVEN.get(figure):
        frames = [frame.to_dict("records") for _, frame in given]
        return given[0][0], _csv([dict(row) for rows in frames for row in rows])
    panels = [ax for ax in figure.axes if ax.get_visible()]
    if any(ax.images for ax in panels):
        return "pictures", _csv(list(_pictures(panels)))
    if drawn := [row for n, ax in enumerate(panels, 1) for row in _drawn(ax, n)]:
        return "points and lines", _csv(drawn)
    return "diagram", _csv([{"text": t.get_text()} for ax in panels for t in ax.texts])


def _csv(those: list[Row]) -> str:
    """A header, and a line for each row; numbers with six digits."""
    written = StringIO()
    names = list(dict.fromkeys(name for row in those for name in row))
    table = csv.DictWriter(written, names, lineterminator="\n")
    table.writeheader()
    table.writerows({n: _cell(value) for n, value in row.items()} for row in those)
    return written.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, float | np.floating):
        return value
    return f"{value:.6g}" if np.isfinite(value) else ""


def _pictures(panels: list[Axes]) -> Iterator[Row]:
    """The shape of each picture, with the name of its row and its own."""
    line = ""
    for number, ax in enumerate(panels, 1):
        line = ax.get_ylabel() or line
        for image in ax.images:
            height, width, *depth = np.asarray(image.get_array()).shape
            yield {
                "picture": number,
                "row": line,
                "name": ax.get_title(),
                "height": height,
                "width": width,
                "colour": "yes" if depth else "no",
                "pixels": PIXELS,
            }


def _drawn(ax: Axes, number: int) -> Iterator[Row]:
    """The points, lines and bars of one panel."""
    panel = {"panel": ax.get_title() or number}
    names = {"x_name": ax.get_xlabel(), "y_name": ax.get_ylabel()}
    series: list[tuple[str, Any, Any]] = []
    for place, bars in enumerate(ax.containers, 1):
        if isinstance(bars, BarContainer) and len(bars):
            name = _name(bars.get_label(), bars[0].get_facecolor(), f"bars {place}")
            series.append((name, *_of_bars(bars)))
    for place, line in enumerate(ax.lines, 1):
        name = _name(line.get_label(), line.get_color(), f"line {place}")
        series.append((name, *_of_line(ax, line)))
    for place, points in enumerate(ax.collections, 1):
        if len(where := np.asarray(points.get_offsets())) and where.any():
            name = _name(points.get_label(), points.get_facecolor(), f"points {place}")
            series.append((name, *where.T))
    for name, across, up in series:
        for x, y in zip(_named(ax.xaxis, across), _named(ax.yaxis, up), strict=True):
            yield panel | {"series": name, "x": x, "y": y} | names


def _of_bars(bars: BarContainer) -> tuple[list[float], list[float]]:
    """Where each bar stands, and how far it goes."""
    middles = [bar.get_center() for bar in bars]
    if bars.orientation == "horizontal":
        return [bar.get_width() for bar in bars], [y for _, y in middles]
    return [x for x, _ in middles], [bar.get_height() for bar in bars]


def _of_line(ax: Axes, line: Line2D) -> tuple[Any, Any]:
    """The points of a line; one across all of the axes has a single place."""
    x, y = (np.asarray(values, float) for values in line.get_data())
    inside = line.get_transform().contains_branch_seperately(ax.transData)
    if all(inside):
        return x, y
    lost = np.full(1, np.nan)
    return (x[:1] if inside[0] else lost), (y[:1] if inside[1] else lost)


def _name(label: object, colour: Any, otherwise: str) -> str:
    """The label that a cell gave, else what the colour means, else a number."""
    if label and not str(label).startswith("_"):
        return str(label)
    one = colour[0] if np.ndim(colour) == 2 and len(colour) else colour
    meanings = {light: meaning for meaning, light in COLOURS.items()}
    try:
        return meanings.get(to_hex(one), otherwise)
    except ValueError:
        return otherwise


def _named(axis: Axis, places: Any) -> list[object]:
    """Places on an axis, as its ticks call them where that is a word."""
    ticks = [float(place) for place in axis.get_ticklocs()]
    called = zip(ticks, axis.get_major_formatter().format_ticks(ticks), strict=True)
    words = {place: text for place, text in called if text[:1].isalpha()}
    return [words.get(place, place) for place in places]
