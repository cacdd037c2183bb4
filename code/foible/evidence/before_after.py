"""What did one change do, on the same rows?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from foible import metrics, plots
from foible.arrays import Bools
from foible.evidence.showing import bounded, html, signed, tidied


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

    def before(self, name: str) -> metrics.Measured:
        """Share before."""
        return _share(self.outcomes[name][0])

    def after(self, name: str) -> metrics.Measured:
        """Share after."""
        return _share(self.outcomes[name][1])

    def difference(self, name: str) -> tuple[float, metrics.Interval]:
        """Share after minus share before, with its 95% interval."""
        return metrics.paired_change(*self.outcomes[name])

    def tidy(self) -> pd.DataFrame:
        """Three rows for each share: before, after, and the paired change."""
        rows = []
        for name, (before, after) in self.outcomes.items():
            for dose, held in (("before", before), ("after", after)):
                ends = metrics.wilson(held.sum(), held.size)
                rows.append((name, dose, float(held.mean()), ends, held.size))
            rows.append((name, "change", *self.difference(name), before.size))
        return tidied(rows)

    def table(self) -> pd.DataFrame:
        """A row for each share: before, after, the paired change, and n."""
        rows: dict[str, dict[str, str]] = {}
        for what, dose, value, *ends, n in self.tidy().itertuples(index=False):
            low, high = ends
            row = rows.setdefault(what, {})
            if dose == "change":
                word = f"{signed(value)} ({signed(low)} to {signed(high)})"
                row |= {"change, points": word, "n": str(n)}
            else:
                head = self.change if dose == "after" else dose
                row[head] = bounded(value, metrics.Interval(low, high))
        return pd.DataFrame.from_dict(rows, orient="index")

    def _repr_html_(self) -> str:
        return html(self.table())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each share before (victim) and after (attacker), joined by a line."""
        with plots.styled():
            ax = plots.axes(ax, height=0.8 + 0.7 * len(self.outcomes))
        plots.redrawn(ax.figure.figure, partial(self._draw, ax))
        plots.rows(ax.figure.figure, self.tidy(), kind="before and after")
        return ax

    def _draw(self, ax: Axes, phone: bool) -> None:
        """On a phone the name of a share stands above its line."""
        names = list(self.outcomes)
        ax.clear()
        with plots.styled():
            for place, name in enumerate(self.outcomes):
                before, after = self.before(name), self.after(name)
                ax.plot([before, after], [place, place], color=plots.FAINT, zorder=1)
                ends: tuple[tuple[float, plots.Meaning, str, int], ...] = (
                    (before, "victim", "o", 9),
                    (after, "attacker", "D", -15),
                )
                for value, meaning, mark, lift in ends:
                    colour = plots.COLOURS[meaning]
                    ax.scatter(value, place, color=colour, marker=mark, zorder=2)
                    ax.annotate(
                        f"{value:.1%}",
                        (value, place),
                        (0, lift),
                        textcoords="offset points",
                        color=colour,
                        ha="center",
                    )
            ax.set_yticks(range(len(names)), [""] * len(names) if phone else names)
            ax.set(xlim=(-0.07, 1.07), ylim=(len(names) - 0.4, -0.6))
            ax.set_xlabel(f"rows: before ●, {self.change} ◆")
            plots.plain_ticks(ax, x=True)
            for place, name in enumerate(names if phone else ()):
                ax.text(-0.05, place - 0.36, name, va="bottom")


def _share(held: Bools) -> metrics.Measured:
    bounds = partial(metrics.wilson, held.sum(), held.size)
    return metrics.Measured(held.mean(), held.size, bounds)
