"""Can a score tell two groups apart?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from foible import metrics, plots
from foible.arrays import Floats, Ints
from foible.domains import Level, Natural, Tolerated
from foible.errors import BadInput
from foible.evidence.showing import bounded, html, tidied

POINTS = 100  # of a curve, for those who draw it again


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

    def found(self, name: str, *, false_alarms: Tolerated) -> metrics.Measured:
        """Share of the group found at a share of false alarms."""
        inside, outside = self.scores[name]
        share = metrics.found_at(inside, outside, false_alarms=false_alarms)
        bounds = partial(self.interval, name, false_alarms=false_alarms)
        return metrics.Measured(share, len(inside), bounds)

    def interval(self, name: str, *, false_alarms: Tolerated) -> metrics.Interval:
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

    def more(
        self, name: str, than: str, *, false_alarms: Tolerated
    ) -> tuple[float, metrics.Interval]:
        """By how much more one score finds than another, of the same things.

        With the 95% bounds of the difference, by the bootstrap of `interval`.
        """
        if not self.shared:
            raise BadInput(
                "got scores of which nothing is known to be shared; wanted `shared`"
            )
        return metrics.found_difference(
            self.scores[name],
            self.scores[than],
            false_alarms=false_alarms,
            shared=self.shared,
            seed=0,
        )

    def each(self, name: str, *, false_alarms: Tolerated, side: Natural = 0) -> Floats:
        """How often each of the first shared things is flagged, ndarray of shape (u,).

        The share of its scores that pass the threshold of `found`; NaN where it has
        none. At `side` 0 of those inside, what is found; at 1 of those outside: each
        one's own share of false alarms.
        """
        curve = metrics.roc(*self.scores[name])
        threshold = curve.thresholds[curve.false_alarms <= false_alarms].min()
        numbers, scores = self.shared[0][side], self.scores[name][side]
        size = int(max(part.max() for part in self.shared[0])) + 1
        hits = np.bincount(numbers[scores >= threshold], minlength=size)
        with np.errstate(invalid="ignore"):
            return np.asarray(hits / np.bincount(numbers, minlength=size))

    def tidy(self) -> pd.DataFrame:
        """A row for each score and share of false alarms, 1% and 0.1%.

        0.1% only where there are others enough to see one false alarm.
        """
        return tidied(
            (
                name,
                share,
                self.found(name, false_alarms=share),
                self.interval(name, false_alarms=share),
                len(inside),
            )
            for name, (inside, outside) in self.scores.items()
            for share in (0.01, 0.001)
            if len(outside) >= 1 / share or share == 0.01
        )

    def curves(self, fewest: Level) -> pd.DataFrame:
        """The ROC of each score at 100 shares of false alarms, from the fewest to all.

        The shares are evenly spaced as `plot` draws them, by their logarithm.
        """
        shares = np.geomspace(fewest, 1, POINTS)
        parts = []
        for name, (inside, outside) in self.scores.items():
            curve = metrics.roc(inside, outside)
            last = np.searchsorted(curve.false_alarms, shares, side="right") - 1
            found = {"false_alarms": shares, "found": curve.found[last]}
            parts.append(pd.DataFrame({"what": name} | found))
        return pd.concat(parts).assign(found_name=f"{self.group} found")

    def table(self) -> pd.DataFrame:
        """A row for each score: what it finds at 1% and 0.1%, its area, and n."""
        found = {
            (what, dose): bounded(value, metrics.Interval(low, high))
            for what, dose, value, low, high, _ in self.tidy().itertuples(index=False)
        }
        rows = {
            name: {
                f"{self.group} found at 1% false alarms": found[name, 0.01],
                "at 0.1%": found.get(
                    (name, 0.001), f"not measurable with {len(outside)} others"
                ),
                "AUC": f"{metrics.auc(inside, outside):.3f}",
                "n": f"{len(inside)} and {len(outside)}",
            }
            for name, (inside, outside) in self.scores.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _repr_html_(self) -> str:
        return html(self.table())

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
            ax.set(xlabel="false alarms", ylabel=f"{self.group} found")
            plots.plain_ticks(ax, x=True, y=True)
            ax.legend(loc="lower right")
        plots.rows(ax.figure.figure, self.curves(floor), kind="separation")
        return ax
