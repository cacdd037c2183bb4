"""How does a room look, and the way that an agent takes through it?"""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Polygon, Rectangle

from foible import plots
from foible.failures.side_effects.planning import Walk
from foible.failures.side_effects.rooms import Cell, Room, World


def ways(world: World, walks: Mapping[str, tuple[Walk, plots.Meaning]]) -> Figure:
    """Draw the room once for each walk, with its way and what it leaves of the vases.

    Parameters
    ----------
    walks : mapping of str to (Walk, meaning)
        By what is said above its panel; the meaning gives the colour.
    """
    with plots.styled():
        figure = plt.figure()

    def draw(phone: bool) -> None:
        figure.clear()
        wide = 3.6 if phone else 6.4
        figure.set_size_inches(wide, 0.8 * wide if phone else 0.3 * wide)
        with plots.styled():
            shape = (len(walks), 1) if phone else (1, len(walks))
            panels = figure.subplots(*shape, squeeze=False).ravel()
            for ax, (name, (walk, meaning)) in zip(panels, walks.items(), strict=True):
                last = world.states[walk.places[-1]]
                _floor(ax, world.room, last.whole)
                rows, columns = zip(*_cells(world, walk), strict=True)
                ax.plot(columns, rows, color=plots.COLOURS[meaning], lw=3, zorder=2)
                ax.set_title(name, color=plots.COLOURS[meaning], loc="left", size=11)

    plots.redrawn(figure, draw)
    plots.rows(figure, _rows(world, walks), kind="diagram")
    return figure


def _cells(world: World, walk: Walk) -> list[Cell]:
    return [world.states[place].agent for place in walk.places]


def _floor(ax: Axes, room: Room, whole: tuple[bool, ...]) -> None:
    """The floor, start (square), goal (cross), and the vases, whole or in pieces."""
    inside = [cell for letter in "AGV =" for cell in room.cells(letter)]
    for row, column in inside:
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=plots.FAINT, lw=0)
        )
    for letter, mark, size in (("A", "s", 60), ("G", "P", 110)):
        for row, column in room.cells(letter):
            ax.scatter(column, row, marker=mark, s=size, color=plots.INK, zorder=3)
    for cell, stands in zip(room.cells("V"), whole, strict=True):
        _vase(ax, cell, stands)
    rows, columns = zip(*inside, strict=True)
    ax.set(xlim=(min(columns) - 0.6, max(columns) + 0.6))
    ax.set(ylim=(max(rows) + 0.6, min(rows) - 0.6), aspect="equal")
    ax.set_axis_off()


def _vase(ax: Axes, cell: Cell, stands: bool) -> None:
    y, x = cell
    ink: dict[str, Any] = {
        "facecolor": "white",
        "edgecolor": plots.INK,
        "lw": 1.4,
        "zorder": 3,
    }
    if stands:
        neck = [(-0.12, -0.38), (0.12, -0.38), (0.07, -0.1), (-0.07, -0.1)]
        ax.add_patch(Ellipse((x, y + 0.1), 0.42, 0.5, **ink))
        ax.add_patch(Polygon([(x + a, y + b) for a, b in neck], **ink))
        return
    for a, b in ((-0.25, 0.2), (0.02, -0.25), (0.25, 0.22), (-0.05, 0.28)):
        shard = [(0, -0.12), (0.13, 0.06), (-0.1, 0.1)]
        ax.add_patch(Polygon([(x + a + u, y + b + v) for u, v in shard], **ink))


def _rows(
    world: World, walks: Mapping[str, tuple[Walk, plots.Meaning]]
) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"row": row, "column": column, "step": step, "agent": name}
            for name, (walk, _) in walks.items()
            for step, (row, column) in enumerate(_cells(world, walk))
        ]
    )
