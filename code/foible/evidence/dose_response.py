"""What happens as the attacker, or the world, gets more?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from foible import metrics, plots
from foible.arrays import Bools, Floats
from foible.domains import Dose, Range
from foible.errors import BadInput
from foible.evidence.showing import between, bounded, html, minus, tidied


@dataclass(frozen=True)
class DoseResponse:
    """What happens as the attacker, or the world, gets more.

    Parameters
    ----------
    dose : ndarray of shape (k,)
        How much, ascending.
    responses : mapping of str to ndarray of shape (k, r)
        For each line by name: the response at each dose, of r independent units. Bool
        where each is a yes or a no; NaN where a unit was not measured, for example
        since the same world would be counted again.
    dose_name, response_name : str
        Labels of the axes, with units.
    meanings : mapping of str to meaning
        The colour of each line: "attacker", "victim", "defence" or "chance".
    units : str
        What is counted, in the plural: rows, models, worlds, draws.
    within : (float, float)
        Least and greatest value that a response can have.
    dose_share, response_share : bool
        Whether the doses, or the responses, are shares, shown in per cent. Responses
        within 0 and 1 are, if nothing is said.
    """

    dose: Floats
    responses: Mapping[str, Floats | Bools]
    dose_name: str
    response_name: str
    meanings: Mapping[str, plots.Meaning]
    units: str
    within: Range = (0.0, 1.0)
    dose_share: bool = False
    response_share: bool | None = None

    def __post_init__(self) -> None:
        if np.any(np.diff(self.dose) <= 0):
            raise BadInput(f"got doses {self.dose}; wanted them ascending")
        low, high = self.within
        for name, values in self.responses.items():
            if np.ndim(values) != 2 or len(values) != len(self.dose):
                raise BadInput(
                    f"got {name!r} of shape {np.shape(values)}; wanted "
                    f"({len(self.dose)}, {self.units}): a row for each dose"
                )
            if np.any((values < low) | (values > high)):
                raise BadInput(
                    f"got {name!r} from {np.nanmin(values)} to {np.nanmax(values)}; "
                    f"wanted {low} to {high}, or say what a response is within"
                )

    def at(self, name: str, dose: Dose) -> metrics.Measured:
        """Mean response of one line at one of the doses."""
        row = self.responses[name][place := self._place(dose)]
        bounds = partial(self._bounds, name, place)
        return metrics.Measured(np.nanmean(row), _count(row), bounds)

    def _bounds(self, name: str, place: int) -> metrics.Interval:
        return metrics.Interval(*self.interval(name)[place])

    def lead(self, one: str, other: str, dose: Dose) -> metrics.Interval:
        """95% interval of one line's mean less the other's, paired unit by unit.

        By `metrics.paired_change` where both are yes or no, else Student's.
        """
        place = self._place(dose)
        first, second = (self.responses[name][place] for name in (one, other))
        if first.dtype == second.dtype == bool:
            return metrics.paired_change(second, first)[1]
        return metrics.student(first.astype(float) - second)

    def _place(self, dose: float) -> int:
        index = np.flatnonzero(np.isclose(self.dose, dose))
        if not len(index):
            raise BadInput(f"got the dose {dose}; wanted one of {self.dose.tolist()}")
        return int(index[0])

    def interval(self, name: str) -> Floats:
        """95% bounds of the mean at each dose, of shape (k, 2).

        Wilson's where each response is a yes or a no, else Student's; NaN where the
        units say nothing of their spread: a single one, or all alike.
        """
        values = self.responses[name]
        if values.dtype == bool:
            return np.array([metrics.wilson(row.sum(), row.size) for row in values])
        bounds = [metrics.student(row[np.isfinite(row)]) for row in values]
        return np.clip(bounds, *self.within)

    def tidy(self) -> pd.DataFrame:
        """A row for each line and dose: what, dose, value, low, high, n."""
        return tidied(
            (name, dose, np.nanmean(row), metrics.Interval(*ends), _count(row))
            for name, values in self.responses.items()
            for dose, row, ends in zip(
                self.dose.tolist(), values, self.interval(name), strict=True
            )
        )

    def table(self) -> pd.DataFrame:
        """A row for each dose; mean and interval of each line, and n."""
        written = "{:.6g}%" if self.dose_share else "{:g}"
        size = 100 if self.dose_share else 1
        tidy = self.tidy().assign(dose=lambda t: (size * t.dose).map(written.format))
        tidy["word"] = [
            self._said(value, metrics.Interval(low, high))
            for value, low, high in zip(tidy.value, tidy.low, tidy.high, strict=True)
        ]
        table = tidy.pivot(index="dose", columns="what", values="word")
        table = table.loc[tidy.dose.unique(), list(self.responses)]
        each = tidy.groupby("dose", sort=False).n.agg(lambda ns: sorted(set(ns)))
        table[f"n ({self.units})"] = [" and ".join(map(str, ns)) for ns in each]
        return table.rename_axis(index=self.dose_name, columns=None)

    @property
    def _shares(self) -> bool:
        stated = self.response_share
        return self.within == (0, 1) if stated is None else stated

    def _said(self, value: float, interval: metrics.Interval) -> str:
        """A share in per cent, any other response as a number."""
        if self._shares:
            return bounded(value, interval)
        return minus(value) + between(interval)

    def _repr_html_(self) -> str:
        return html(self.table())

    def plot(self, ax: Axes | None = None, **settings: Any) -> Axes:
        """Draw each line with its interval and its name.

        Settings such as `xscale="log"` go to `Axes.set`, before the names are placed.
        """
        with plots.styled():
            ax = plots.axes(ax)
            means = {
                name: np.nanmean(rows, axis=1) for name, rows in self.responses.items()
            }
            for place, (name, mean) in enumerate(means.items()):
                meaning = self.meanings[name]
                colour, line = plots.COLOURS[meaning], plots.LINES[place % 4]
                low, high = self.interval(name).T
                low, high = (np.where(np.isnan(e), mean, e) for e in (low, high))
                ax.fill_between(self.dose, low, high, color=colour, alpha=0.2, lw=0)
                ax.plot(self.dose, mean, marker="o", linestyle=line, color=colour)
            ax.set(xlabel=self.dose_name, ylabel=self.response_name, **settings)
            plots.plain_ticks(
                ax, x=self.dose_share, y=self._shares, ticked="xticks" in settings
            )
            plots.name_lines(ax, self.dose, means, meanings=self.meanings)
        units = {"dose_name": self.dose_name, "value_name": self.response_name}
        rows = self.tidy().assign(**units)
        plots.rows(ax.figure.figure, rows, kind="dose and response")
        return ax


def _count(row: Floats | Bools) -> int:
    return int(np.isfinite(row).sum())
