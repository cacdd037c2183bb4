"""How does it look: what practice gains, change by change?"""

from collections.abc import Mapping
from functools import partial

from matplotlib.axes import Axes

from foible import plots
from foible.evidence import Matrix
from foible.plots import Meaning

MARKS = ("o", "s", "D")


def dots(
    found: Matrix, meanings: Mapping[str, Meaning], ax: Axes | None = None
) -> Axes:
    """A line for each row of a table of gains, a mark for each of its columns.

    Parameters
    ----------
    found : Matrix
        As `judge_gains` gives it.
    meanings : mapping of str to Meaning
        The colour of each column, three at most.
    """
    with plots.styled():
        ax = plots.axes(ax, height=0.8 + 0.32 * len(found.rows))
    plots.redrawn(ax.figure.figure, partial(_draw, found, meanings, ax))
    plots.rows(ax.figure.figure, found.tidy(), kind="matrix")
    return ax


def _draw(
    found: Matrix, meanings: Mapping[str, Meaning], ax: Axes, phone: bool
) -> None:
    ax.clear()
    places = range(len(found.rows))
    with plots.styled():
        ax.axvline(0, color=plots.COLOURS["chance"], lw=1)
        for mark, (way, meaning) in zip(MARKS, meanings.items(), strict=False):
            values = [float(found.value(row, way)) for row in found.rows]
            ends = [found.cell(row, way).interval for row in found.rows]
            colour = plots.COLOURS[meaning]
            ax.hlines(places, *zip(*ends, strict=True), color=colour, alpha=0.35, lw=3)
            ax.scatter(values, places, color=colour, marker=mark, label=way, zorder=2)
        ax.set_yticks(places, list(found.rows))
        ax.set_ylim(len(found.rows) - 0.5, -0.5)
        ax.set_xlabel("right answers more than without practice")
        plots.plain_ticks(ax, x=True)
        ax.legend(loc="lower right", fontsize=8)
