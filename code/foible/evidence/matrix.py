"""Which of these meets which of those, and how does it end?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, Literal

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from foible import plots
from foible.domains import Natural, Unknown
from foible.errors import BadInput
from foible.evidence.showing import framed, shown, tidied
from foible.metrics import Interval, Measured
from foible.plots import Meaning

Outcome = Literal["harm", "unnoticed", "stopped", "undecided", "no attack"]

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    "harm": ("▲", plots.COLOURS["attacker"]),
    "unnoticed": ("△", plots.COLOURS["attacker"]),
    "stopped": ("■", plots.COLOURS["defence"]),
    "undecided": ("◇", plots.COLOURS["chance"]),
    "no attack": ("·", plots.COLOURS["chance"]),
}
ROW = 0.46  # inches of a row of tiles with its name, on a phone
UNKNOWN = Interval(float("nan"), float("nan"))


@dataclass(frozen=True)
class Cell:
    """How one meeting ended.

    Parameters
    ----------
    value : float or str
        What was measured; where a meeting ends in one of several ways, the name of
        that way: "runs", "refused". NaN where it was not tried.
    outcome : outcome
        "harm" (the attacker got what they wanted), "unnoticed" (the attack is there
        and nothing noticed), "stopped", "undecided" (chance could have done it, or
        what was said is no alarm), or "no attack".
    n : int
        Of how many: rows, models, files.
    interval : Interval
        95% bounds of the value; unknown if left out.
    form : str
        Format of a number, which may name n, hits (value times n), low and high.
    """

    value: Unknown | str
    outcome: Outcome = "no attack"
    n: Natural = 1
    interval: Interval = UNKNOWN
    form: str = "{:.0%}"

    @property
    def word(self) -> str:
        """What is shown."""
        if isinstance(self.value, str):
            return self.value
        if self.value != self.value:
            return "–"
        low, high = self.interval
        hits = round(self.value * self.n)
        return shown(self.value, self.form, n=self.n, hits=hits, low=low, high=high)


NOT_TRIED = Cell(float("nan"), n=0)


@dataclass(frozen=True)
class Matrix:
    """Which of these meets which of those, and how each meeting ends.

    Parameters
    ----------
    rows, columns : sequence of str
        What meets what.
    cells : sequence of sequences of Cell
        For each row its meetings with the columns.
    corner : str
        What the rows are.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[Cell]]
    corner: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.cells}
        if len(self.cells) != len(self.rows) or widths != {len(self.columns)}:
            raise BadInput(
                f"got {len(self.cells)} rows of {sorted(widths)} cells; wanted "
                f"{len(self.rows)} rows of {len(self.columns)}"
            )

    def row(self, name: str) -> dict[str, Cell]:
        """The meetings of one row, by column."""
        if name not in self.rows:
            raise BadInput(f"got the row {name!r}; wanted one of {list(self.rows)}")
        cells = self.cells[list(self.rows).index(name)]
        return dict(zip(self.columns, cells, strict=True))

    def column(self, name: str) -> dict[str, Cell]:
        """The meetings of one column, by row."""
        return {row: self.cell(row, name) for row in self.rows}

    def cell(self, row: str, column: str) -> Cell:
        """One meeting."""
        if column not in self.columns:
            raise BadInput(f"got {column!r}; wanted one of {list(self.columns)}")
        return self.row(row)[column]

    def value(self, row: str, column: str) -> Measured:
        """What was measured in one meeting, a number."""
        cell = self.cell(row, column)
        if isinstance(cell.value, str):
            raise BadInput(f"got {cell.value!r}, which is no number; ask for the cell")
        return Measured(cell.value, cell.n, partial(Interval, *cell.interval))

    def count(self, outcome: Outcome) -> int:
        """Number of meetings that end so."""
        return sum(cell.outcome == outcome for row in self.cells for cell in row)

    def tidy(self) -> pd.DataFrame:
        """A row for each meeting: what (row), dose (column), value, low, high, n."""
        meetings = [
            (row, column, cell)
            for row in self.rows
            for column, cell in self.row(row).items()
        ]
        frame = tidied(
            (r, c, cell.value, cell.interval, cell.n) for r, c, cell in meetings
        )
        return frame.assign(outcome=[cell.outcome for *_, cell in meetings])

    def table(self) -> pd.DataFrame:
        """The words alone."""
        words = [[cell.word for cell in row] for row in self.cells]
        return pd.DataFrame(words, index=list(self.rows), columns=list(self.columns))

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr><th scope='row'>{escape(name)}</th>"
            + "".join(map(_marked, row))
            + "</tr>"
            for name, row in zip(self.rows, self.cells, strict=True)
        )
        corner = f"<th scope='col'>{escape(self.corner)}</th>"
        return framed(
            f"<table class='foible-evidence foible-matrix'><thead><tr>{corner}{head}"
            f"</tr></thead><tbody>{body}</tbody></table>"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix as marks and words: ▲ harm, △ unnoticed, ■ stopped."""

        def write(ax: Axes, x: float, y: float, cell: Cell) -> None:
            mark, colour = OUTCOMES[cell.outcome]
            ax.text(x, y, f"{mark} {cell.word}", color=colour, ha="center", va="center")

        size = (1.6 + 1.25 * len(self.columns), 0.9 + 0.42 * len(self.rows))
        names = [name.replace(" ", "\n") for name in self.columns]
        return self._drawn(ax, write, size, names)

    def tiles(self, ax: Axes | None = None) -> Axes:
        """Draw a large matrix as narrow tiles, percent signs left out.

        A framed tile is "stopped", a shaded one "harm", a coloured number without a
        tile "unnoticed". On a phone the name of a row stands above its tiles.
        """
        size = (1.4 + 0.4 * len(self.columns), 1.1 + 0.3 * len(self.rows))
        with plots.styled():
            ax = plots.axes(ax, width=size[0], height=size[1])
        plots.redrawn(ax.figure.figure, partial(self._tiled, ax))
        plots.rows(ax.figure.figure, self.tidy(), kind="matrix")
        return ax

    def _tiled(self, ax: Axes, phone: bool) -> None:
        rows, step = range(len(self.rows)), 1.55 if phone else 1.0
        ax.clear()
        with plots.styled():
            self._write(ax, _tile, step)
            self._name(ax, list(self.columns), step, rotation=90)
            if phone:
                ax.figure.figure.set_figheight(1.1 + ROW * len(rows))
                ax.set(yticks=[], ylim=(step * rows[-1] + 0.5, -1))
                for y, name in enumerate(self.rows):
                    ax.text(-0.45, step * y - 0.42, name, va="bottom")

    def bars(
        self, column: str, *, meanings: Mapping[str, Meaning], notes: Mapping[str, str]
    ) -> Figure:
        """Draw the shares in one column as bars, the longest first, in two halves.

        On a phone the halves stand one below the other.

        Parameters
        ----------
        meanings : mapping of str to Meaning
            Of each row, for its colour.
        notes : mapping of str to str
            What is written inside the bars of some rows, which are hollow.
        """
        names = sorted(self.rows, key=lambda name: -self.value(name, column))
        half = (len(names) + 1) // 2
        with plots.styled():
            figure = plt.figure(figsize=(6.4, 0.2 + 0.22 * half))

        def draw(phone: bool) -> None:
            deep = len(names) if phone else half
            figure.clear()
            if phone:
                figure.set_figheight(0.2 + 0.22 * deep)
            with plots.styled():
                parts = figure.subplots(1, 1 if phone else 2, squeeze=False)[0]
                for ax, own in zip(parts, (names[:deep], names[deep:]), strict=False):
                    self._bars(ax, own, column, meanings, notes)
                    ax.set_ylim(deep - 0.5, -0.5)

        plots.redrawn(figure, draw)
        shown = self.tidy()
        plots.rows(figure, shown[shown.dose == column], kind="matrix")
        return figure

    def _bars(
        self,
        ax: Axes,
        names: Sequence[str],
        column: str,
        meanings: Mapping[str, Meaning],
        notes: Mapping[str, str],
    ) -> None:
        words: dict[str, Any] = {"size": 9, "va": "center_baseline"}
        for y, name in enumerate(names):
            cell, share = self.cell(name, column), self.value(name, column)
            colour = plots.COLOURS[meanings[name]]
            full = colour if name not in notes else "none"
            ax.barh(y, share, height=0.65, color=full, edgecolor=colour, lw=1.5)
            ax.text(0.04, y, notes.get(name, ""), color=colour, **words)
            ax.text(share + 0.03, y, cell.word, color=colour, **words)
        ax.set_yticks(range(len(names)), names, size=9)
        ax.set(xlim=(0, 1.35), xticks=[], frame_on=False)
        ax.tick_params(length=0)
        ax.grid(False)

    def _drawn(
        self,
        ax: Axes | None,
        write: Callable[[Axes, float, float, Cell], None],
        size: tuple[float, float],
        columns: list[str],
    ) -> Axes:
        """Cells with the names of columns above and of rows beside."""
        with plots.styled():
            ax = plots.axes(ax, width=size[0], height=size[1])
            self._write(ax, write, 1)
            self._name(ax, columns, 1)
        plots.rows(ax.figure.figure, self.tidy(), kind="matrix")
        return ax

    def _write(
        self, ax: Axes, write: Callable[[Axes, float, float, Cell], None], step: float
    ) -> None:
        """The cells, rows a step apart."""
        for y, row in enumerate(self.cells):
            for x, cell in enumerate(row):
                write(ax, x, step * y, cell)

    def _name(
        self, ax: Axes, columns: list[str], step: float, *, rotation: int = 0
    ) -> None:
        """The names around the cells, and no frame."""
        places = [step * y for y in range(len(self.rows))]
        ax.set_xticks(range(len(columns)), columns, rotation=rotation)
        ax.set_yticks(places, list(self.rows))
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(places[-1] + 0.5, -0.5))
        ax.xaxis.tick_top()
        ax.grid(False)
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)


def stacked(*matrices: Matrix) -> Matrix:
    """Several matrices as one; "–" where a column was not tried."""
    columns = list(dict.fromkeys(name for one in matrices for name in one.columns))
    lines = [(name, one.row(name)) for one in matrices for name in one.rows]
    cells = [[row.get(column, NOT_TRIED) for column in columns] for _, row in lines]
    return Matrix([name for name, _ in lines], columns, cells, matrices[0].corner)


def _marked(cell: Cell) -> str:
    kind, mark = cell.outcome.replace(" ", "-"), OUTCOMES[cell.outcome][0]
    return (
        f"<td class='foible-{kind}'><span aria-hidden='true'>{mark}</span> "
        f"{escape(cell.word)}</td>"
    )


def _tile(ax: Axes, x: float, y: float, cell: Cell) -> None:
    colour, corner = OUTCOMES[cell.outcome][1], (x - 0.45, y - 0.4)
    word = cell.word.removesuffix("%").replace(" ", "")
    if cell.outcome in {"stopped", "harm"}:
        shade = Rectangle(corner, 0.9, 0.8, facecolor=colour, alpha=0.25, linewidth=0)
        ax.add_patch(shade)
    if cell.outcome == "stopped":
        ax.add_patch(Rectangle(corner, 0.9, 0.8, fill=False, edgecolor=colour, lw=2))
    ink = colour if cell.outcome == "unnoticed" else plots.INK
    size = 9 if len(word) < 4 else 8
    ax.text(x, y, word, color=ink, size=size, ha="center", va="center")
