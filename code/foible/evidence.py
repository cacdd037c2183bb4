"""What happened, in a shape that shows itself as a table and as a figure?

Four shapes are enough for the whole book:

`Separation`    can a score tell two groups apart?
`DoseResponse`  what happens as the attacker, or the world, gets more?
`BeforeAfter`   what did one change do, on the same rows?
`Matrix`        which of these meets which of those, and how does it end?

Evidence holds numbers and never computes an attack; `plot(ax=None)` draws on the
caller's axes, or on new ones, and returns them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from foible import metrics, plots
from foible.arrays import Bools, Floats, Ints
from foible.errors import BadInput

Outcome = Literal["harm", "unseen", "stopped", "neutral"]

OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "harm": ("▲", plots.COLOURS["attacker"]),
    "unseen": ("△", plots.COLOURS["attacker"]),
    "stopped": ("■", plots.COLOURS["defence"]),
    "neutral": ("·", plots.COLOURS["chance"]),
}


@dataclass(frozen=True)
class Separation:
    """Whether a score tells two groups apart, judged where false alarms are few.

    Parameters
    ----------
    scores : mapping of str to (ndarray of shape (n,), ndarray of shape (m,))
        For each score by name: its values inside the group to be found, and outside.
    group : str
        What is to be found, in the plural: "members".
    shared : sequence of (ndarray of shape (n,), ndarray of shape (m,)), optional
        Where the scores are not independent: for each thing that several of them have
        in common, a person or a model, its number for every score inside and outside.
        The intervals are then a bootstrap over these things.
    """

    scores: Mapping[str, tuple[Floats, Floats]]
    group: str
    shared: Sequence[tuple[Ints, Ints]] = ()

    def __post_init__(self) -> None:
        if not self.scores:
            raise BadInput("got no score; wanted at least one, by name")
        for name, (inside, outside) in self.scores.items():
            for one, other in self.shared:
                if (len(one), len(other)) != (len(inside), len(outside)):
                    raise BadInput(
                        f"got {len(inside)} and {len(outside)} scores of {name!r}, and "
                        f"{len(one)} and {len(other)} numbers of what they share; "
                        "wanted a number for each score"
                    )

    def __or__(self, other: "Separation") -> "Separation":
        """The scores of both, of the same rows in the same order."""
        return replace(self, scores={**self.scores, **other.scores})

    def found(self, name: str, *, false_alarms: float) -> float:
        """Share of the group found at a share of false alarms."""
        inside, outside = self.scores[name]
        return metrics.found_at(inside, outside, false_alarms=false_alarms)

    def interval(self, name: str, *, false_alarms: float) -> metrics.Interval:
        """95% bounds of the share found: Wilson's, or a bootstrap of what is shared.

        The bootstrap is never taken to be narrower than Wilson's: where nothing is
        found, it would be a point.
        """
        inside, outside = self.scores[name]
        found = self.found(name, false_alarms=false_alarms)
        alone = metrics.wilson(round(found * len(inside)), len(inside))
        if not self.shared:
            return alone
        together = metrics.found_interval(
            inside, outside, false_alarms=false_alarms, shared=self.shared, seed=0
        )
        low, high = min(alone.low, together.low), max(alone.high, together.high)
        return metrics.Interval(low, high)

    def each(self, name: str, *, false_alarms: float) -> Floats:
        """How often each of the first shared things is found, ndarray of shape (u,).

        The share of its scores inside that pass the threshold of `found`; NaN where it
        has none.
        """
        inside, outside = self.scores[name]
        curve = metrics.roc(inside, outside)
        threshold = curve.thresholds[curve.false_alarms <= false_alarms].min()
        numbers = self.shared[0][0]
        size = int(max(side.max() for side in self.shared[0])) + 1
        hits = np.bincount(numbers[inside >= threshold], minlength=size)
        with np.errstate(invalid="ignore"):
            return np.asarray(hits / np.bincount(numbers, minlength=size))

    def table(self) -> pd.DataFrame:
        """A row for each score: what it finds at 1% and 0.1%, its area, and n."""
        rows = {
            name: {
                f"{self.group} found at 1% false alarms": self._cell(name, 0.01),
                "at 0.1%": self._cell(name, 0.001)
                if len(outside) >= 1000
                else f"not measurable with {len(outside)} others",
                "AUC": f"{metrics.auc(inside, outside):.3f}",
                "n": f"{len(inside)} and {len(outside)}",
            }
            for name, (inside, outside) in self.scores.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _cell(self, name: str, false_alarms: float) -> str:
        return _bounded(
            self.found(name, false_alarms=false_alarms),
            self.interval(name, false_alarms=false_alarms),
        )

    def _repr_html_(self) -> str:
        return _html(self.table())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ROC of each score on logarithmic axes, with the line of chance."""
        with plots.styled():
            ax = plots.axes(ax, height=4.4)
            floor = 0.5 / max(len(outside) for _, outside in self.scores.values())
            ends = [floor, 1]
            ax.plot(ends, ends, ":", color=plots.COLOURS["chance"], label="chance")
            for place, (name, (inside, outside)) in enumerate(self.scores.items()):
                curve = metrics.roc(inside, outside)
                ax.plot(
                    np.maximum(curve.false_alarms, floor),
                    np.maximum(curve.found, floor),
                    linestyle=plots.LINES[place % 4],
                    color=plots.COLOURS["attacker"],
                    label=name,
                )
            ax.set(xscale="log", yscale="log", xlim=(floor, 1), ylim=(floor, 1.05))
            ax.set(
                xlabel="share of false alarms", ylabel=f"share of {self.group} found"
            )
            ax.legend(loc="lower right")
        return ax


@dataclass(frozen=True)
class DoseResponse:
    """What happens as the attacker, or the world, gets more.

    Parameters
    ----------
    dose : ndarray of shape (k,)
        How much, ascending.
    responses : mapping of str to ndarray of shape (k, r)
        For each line by name: the response at each dose, in r independent repeats;
        bool where each is a yes or a no.
    dose_name, response_name : str
        Labels of the axes, with units.
    meanings : mapping of str to meaning
        The colour of each line: "attacker", "victim", "defence" or "chance".
    """

    dose: Floats
    responses: Mapping[str, Floats | Bools]
    dose_name: str
    response_name: str
    meanings: Mapping[str, plots.Meaning]

    def __post_init__(self) -> None:
        if np.any(np.diff(self.dose) <= 0):
            raise BadInput(f"got doses {self.dose}; wanted them ascending")
        for name, values in self.responses.items():
            if np.ndim(values) != 2 or len(values) != len(self.dose):
                raise BadInput(
                    f"got {name!r} of shape {np.shape(values)}; wanted "
                    f"({len(self.dose)}, repeats): a row for each dose"
                )

    def at(self, name: str, dose: float) -> float:
        """Mean response of one line at one of the doses."""
        index = np.flatnonzero(np.isclose(self.dose, dose))
        if not len(index):
            raise BadInput(f"got the dose {dose}; wanted one of {self.dose.tolist()}")
        return float(np.mean(self.responses[name][index[0]]))

    def interval(self, name: str) -> NDArray[np.float64]:
        """95% bounds of the mean at each dose, of shape (k, 2).

        Wilson's for a line whose repeats are yes (1) and no (0), else a bootstrap.
        """
        values = self.responses[name]
        if values.dtype == bool or set(np.unique(values)) == {0, 1}:
            yes = values.sum(axis=1).astype(int)
            return np.array([metrics.wilson(hits, values.shape[1]) for hits in yes])
        return np.array([metrics.bootstrap(row, seed=0) for row in values])

    def table(self) -> pd.DataFrame:
        """A row for each dose; mean and interval of each line."""
        cells = {
            name: [
                f"{_minus(row.mean())} ({_between(low, high)})"
                for row, (low, high) in zip(values, self.interval(name), strict=True)
            ]
            for name, values in self.responses.items()
        }
        repeats = {np.shape(values)[1] for values in self.responses.values()}
        index = pd.Index([f"{dose:g}" for dose in self.dose], name=self.dose_name)
        frame = pd.DataFrame(cells, index=index)
        frame["n"] = " and ".join(f"{count} repeats" for count in sorted(repeats))
        return frame

    def _repr_html_(self) -> str:
        return _html(self.table())

    def plot(self, ax: Axes | None = None, **settings: Any) -> Axes:
        """Draw each line with its interval and its name.

        Settings such as `xscale="log"` go to `Axes.set`, before the names are placed.
        """
        with plots.styled():
            ax = plots.axes(ax)
            means = {
                name: np.mean(rows, axis=1) for name, rows in self.responses.items()
            }
            for place, (name, mean) in enumerate(means.items()):
                meaning = self.meanings[name]
                colour, line = plots.COLOURS[meaning], plots.LINES[place % 4]
                low, high = self.interval(name).T
                ax.fill_between(self.dose, low, high, color=colour, alpha=0.2, lw=0)
                ax.plot(self.dose, mean, marker="o", linestyle=line, color=colour)
            ax.set(xlabel=self.dose_name, ylabel=self.response_name, **settings)
            plots.name_lines(ax, self.dose, means, meanings=self.meanings)
        return ax


@dataclass(frozen=True)
class BeforeAfter:
    """What one change did, measured on the same rows before and after.

    Parameters
    ----------
    outcomes : mapping of str to (ndarray of shape (n,), ndarray of shape (n,))
        For each share by name: whether it held for each row, before and after (bool).
    change : str
        What lies between, in a phrase: "after the file is altered".
    """

    outcomes: Mapping[str, tuple[Bools, Bools]]
    change: str

    def __post_init__(self) -> None:
        for before, after in self.outcomes.values():
            metrics.paired_change(before, after)

    def before(self, name: str) -> float:
        """Share before."""
        return float(np.mean(self.outcomes[name][0]))

    def after(self, name: str) -> float:
        """Share after."""
        return float(np.mean(self.outcomes[name][1]))

    def difference(self, name: str) -> tuple[float, metrics.Interval]:
        """Share after minus share before, with its 95% interval."""
        return metrics.paired_change(*self.outcomes[name])

    def table(self) -> pd.DataFrame:
        """A row for each share: before, after, the paired change, and n."""
        rows = {}
        for name, (before, _) in self.outcomes.items():
            change, (low, high) = self.difference(name)
            rows[name] = {
                "before": _share_cell(self.before(name), len(before)),
                self.change: _share_cell(self.after(name), len(before)),
                "change, points": f"{_signed(change)} "
                f"({_signed(low)} to {_signed(high)})",
                "n": str(len(before)),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _repr_html_(self) -> str:
        return _html(self.table())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each share before (victim) and after (attacker), joined by a line."""
        with plots.styled():
            ax = plots.axes(ax, height=0.8 + 0.7 * len(self.outcomes))
            for place, name in enumerate(self.outcomes):
                before, after = self.before(name), self.after(name)
                ax.plot([before, after], [place, place], color=plots.FAINT, zorder=1)
                ax.scatter(before, place, color=plots.COLOURS["victim"], zorder=2)
                ax.scatter(
                    after, place, color=plots.COLOURS["attacker"], marker="D", zorder=2
                )
                for value, lift in ((before, 9), (after, -15)):
                    ax.annotate(
                        f"{value:.1%}",
                        (value, place),
                        (0, lift),
                        textcoords="offset points",
                        ha="center",
                    )
            ax.set_yticks(range(len(self.outcomes)), list(self.outcomes))
            ax.set(xlim=(-0.03, 1.03), ylim=(len(self.outcomes) - 0.4, -0.6))
            ax.set_xlabel(f"share of rows: before ●, {self.change} ◆")
        return ax


@dataclass(frozen=True)
class Matrix:
    """Which of these meets which of those, and how each meeting ends.

    Parameters
    ----------
    rows, columns : sequence of str
        What meets what.
    cells : sequence of sequences of (str, outcome)
        The word or number for each meeting, and what it means: "harm" (the attacker
        got what they wanted), "unseen" (the attack is there and nothing noticed),
        "stopped", or "neutral".
    corner : str
        What the rows are.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[tuple[str, Outcome]]]
    corner: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.cells}
        if len(self.cells) != len(self.rows) or widths != {len(self.columns)}:
            raise BadInput(
                f"got {len(self.cells)} rows of {sorted(widths)} cells; wanted "
                f"{len(self.rows)} rows of {len(self.columns)}"
            )

    def word(self, row: str, column: str) -> str:
        """The word for one meeting."""
        line = self.cells[list(self.rows).index(row)]
        return line[list(self.columns).index(column)][0]

    def count(self, outcome: Outcome) -> int:
        """Number of meetings that end so."""
        return sum(kind == outcome for row in self.cells for _, kind in row)

    def table(self) -> pd.DataFrame:
        """The words alone."""
        words = [[word for word, _ in row] for row in self.cells]
        return pd.DataFrame(words, index=list(self.rows), columns=list(self.columns))

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr><th scope='row'>{escape(name)}</th>"
            + "".join(
                f"<td class='foible-{kind}'><span aria-hidden='true'>"
                f"{OUTCOMES[kind][0]}</span> {escape(word)}</td>"
                for word, kind in row
            )
            + "</tr>"
            for name, row in zip(self.rows, self.cells, strict=True)
        )
        corner = f"<th scope='col'>{escape(self.corner)}</th>"
        return _framed(
            f"<table class='foible-evidence foible-matrix'><thead><tr>{corner}{head}"
            f"</tr></thead><tbody>{body}</tbody></table>"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix as marks and words: ▲ harm, △ unseen, ■ stopped."""
        with plots.styled():
            size = (1.6 + 1.25 * len(self.columns), 0.9 + 0.42 * len(self.rows))
            ax = plots.axes(ax, width=size[0], height=size[1])
            for y, row in enumerate(self.cells):
                for x, (word, kind) in enumerate(row):
                    mark, colour = OUTCOMES[kind]
                    ax.text(
                        x, y, f"{mark} {word}", color=colour, ha="center", va="center"
                    )
            self._name_sides(ax, [name.replace(" ", "\n") for name in self.columns])
        return ax

    def tiles(self, ax: Axes | None = None) -> Axes:
        """Draw a large matrix as narrow tiles, percent signs left out.

        A framed tile is "stopped", a shaded one "harm", a coloured number without a
        tile "unseen".
        """
        with plots.styled():
            size = (1.4 + 0.33 * len(self.columns), 1.1 + 0.3 * len(self.rows))
            ax = plots.axes(ax, width=size[0], height=size[1])
            for y, row in enumerate(self.cells):
                for x, (word, kind) in enumerate(row):
                    _tile(ax, x, y, word.removesuffix("%"), kind)
            self._name_sides(ax, list(self.columns), rotation=90)
        return ax

    def _name_sides(self, ax: Axes, columns: list[str], *, rotation: int = 0) -> None:
        """The names of columns above and of rows beside, and no frame."""
        ax.set_xticks(range(len(columns)), columns, rotation=rotation)
        ax.set_yticks(range(len(self.rows)), list(self.rows))
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(self.rows) - 0.5, -0.5))
        ax.xaxis.tick_top()
        ax.grid(False)
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)


def _tile(ax: Axes, x: int, y: int, word: str, kind: Outcome) -> None:
    colour, corner = OUTCOMES[kind][1], (x - 0.45, y - 0.4)
    if kind in {"stopped", "harm"}:
        shade = Rectangle(corner, 0.9, 0.8, facecolor=colour, alpha=0.25, linewidth=0)
        ax.add_patch(shade)
    if kind == "stopped":
        ax.add_patch(Rectangle(corner, 0.9, 0.8, fill=False, edgecolor=colour, lw=2))
    ink = colour if kind == "unseen" else plots.INK
    size = 9 if len(word) < 4 else 8
    ax.text(x, y, word, color=ink, size=size, ha="center", va="center")


# ---------------------------------------------------------------- cells and frames


def _share_cell(share: float, n: int) -> str:
    """A share of n rows as a percentage with its Wilson interval."""
    return _bounded(share, metrics.wilson(round(share * n), n))


def _bounded(share: float, interval: metrics.Interval) -> str:
    """A share as a percentage with its interval."""
    low, high = interval
    places = 2 if 0 < share < 0.02 else 1
    return f"{share:.{places}%} ({100 * low:.{places}f}–{high:.{places}%})"


def _minus(number: float) -> str:
    """A number with three decimals and a true minus sign."""
    return f"{number:.3f}".replace("-", "−")


def _between(low: float, high: float) -> str:
    """An interval; a dash would be lost beside a minus sign."""
    return f"{_minus(low)}{' to ' if low < 0 else '–'}{_minus(high)}"


def _signed(share: float) -> str:
    """A change of a share in points, with a true minus sign."""
    return f"{100 * share:+.2f}".replace("-", "−")


def _html(table: pd.DataFrame) -> str:
    """A data frame as an HTML table that can be scrolled on a narrow screen."""
    table.index.name, corner = None, table.index.name
    markup = table.to_html(classes="foible-evidence", border=0, justify="left")
    markup = re.sub(
        r"(<td>[^<(]*\S) (\([^<]*\))</td>", r"\1 <small>\2</small></td>", markup
    )
    head = f"<th>{escape(str(corner))}</th>" if corner else "<td></td>"
    markup = markup.replace("<th></th>", head, 1)
    return _framed(markup)


def _framed(markup: str) -> str:
    """A frame that scrolls by itself, also by keyboard."""
    frame = "<div class='foible-scroll' tabindex='0' role='group' aria-label='table'>"
    return f"{frame}{markup}</div>"
