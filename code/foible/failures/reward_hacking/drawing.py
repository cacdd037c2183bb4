"""How does a course look, and the way that a boat takes on it?"""

from collections.abc import Mapping
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from foible import plots
from foible.arrays import Floats, Ints
from foible.failures.reward_hacking.courses import Course


def ways(
    course: Course,
    boats: Mapping[str, tuple[Ints, plots.Meaning]],
    *,
    deep: bool = False,
) -> Figure:
    """Draw the course once for each boat, with the way that it takes.

    Parameters
    ----------
    boats : mapping of str to (ndarray of shape (k,), meaning)
        By what is said above its panel: the cells that it passes, and its colour.
    deep : bool
        Whether the panels stand one below the other; on a phone they always do.
    """
    with plots.styled():
        figure = plt.figure()

    def draw(phone: bool) -> None:
        below = deep or phone
        figure.clear()
        figure.set_size_inches(*_size(len(boats), phone, below))
        with plots.styled():
            shape = (len(boats), 1) if below else (1, len(boats))
            panels = figure.subplots(*shape, squeeze=False).ravel()
            for ax, (name, (cells, meaning)) in zip(panels, boats.items(), strict=True):
                _water(ax, course)
                _way(ax, course.places[cells], meaning)
                ax.set_title(name, color=plots.COLOURS[meaning], loc="left", size=11)

    plots.redrawn(figure, draw)
    plots.rows(figure, _rows(course, boats), kind="diagram")
    return figure


def _size(panels: int, phone: bool, below: bool) -> tuple[float, float]:
    width = 3.6 if phone else 6.4
    each = width if below else width / panels
    return width, (0.5 + 0.42 * each) * (panels if below else 1)


def _water(ax: Axes, course: Course) -> None:
    """Cells of water, and what is in them."""
    for row, column in course.places.tolist():
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=plots.FAINT, lw=0)
        )
    marks = [(course.start, "s", 60), (course.finish, "P", 110)]
    for cell, mark, size in marks:
        row, column = course.places[cell]
        ax.scatter(column, row, marker=mark, s=size, color=plots.INK, zorder=3)
    for row, column in course.places[course.buoys].tolist():
        ax.scatter(
            column, row, s=70, color="white", edgecolor=plots.INK, lw=1.6, zorder=3
        )
    low, high = course.places.min(axis=0) - 0.7, course.places.max(axis=0) + 0.7
    ax.set(xlim=(low[1], high[1]), ylim=(high[0], low[0]), aspect="equal")
    ax.set_axis_off()


def _way(ax: Axes, places: Floats | Ints, meaning: plots.Meaning) -> None:
    """The line that a boat draws, with an arrow at every third move."""
    colour = plots.COLOURS[meaning]
    ax.plot(places[:, 1], places[:, 0], color=colour, lw=3, zorder=2)
    for one, other in list(pairwise(places))[1::3]:
        middle, step = (one + other) / 2, (other - one) * 0.3
        ax.annotate(
            "",
            (middle + step)[::-1],
            (middle - step)[::-1],
            arrowprops={
                "arrowstyle": "-|>",
                "color": colour,
                "lw": 0,
                "mutation_scale": 16,
            },
            zorder=2,
        )


def _rows(
    course: Course, boats: Mapping[str, tuple[Ints, plots.Meaning]]
) -> pd.DataFrame:
    frames = [
        pd.DataFrame(course.places[cells], columns=["row", "column"])
        .rename_axis("move")
        .reset_index()
        .assign(boat=name)
        for name, (cells, _) in boats.items()
    ]
    return pd.DataFrame(np.vstack(frames), columns=list(frames[0].columns))
