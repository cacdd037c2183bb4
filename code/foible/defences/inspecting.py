"""Does a finished model hide a trigger?

`triggers` looks, for each class, for the smallest stamp that makes a network answer
with it; `anomaly` says how much smaller one class's is than the others'; `suspected`
whether that is an alarm.
"""

from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats
from foible.data import Dataset
from foible.models import Differentiable
from foible.search import ascend, box


@dataclass(frozen=True, eq=False)
class Triggers:
    """For each of k classes a stamp that leads to it.

    The masks, (k, d), say how much of each value is replaced, 0 to 1, and the patterns,
    (k, d), by what; `obeyed`, (k,), which share of the rows each leads to its class.
    """

    masks: Floats
    patterns: Floats
    obeyed: Floats


def triggers(
    model: Differentiable,
    rows: Dataset,
    *,
    penalty: float = 0.003,
    steps: int = 200,
    rate: float = 0.1,
    batch: int = 30,
    seed: int,
) -> Triggers:
    """The smallest stamps that lead to each class, all at once [wang2019neural].

    Minimises the cross-entropy of rows with the stamp, plus the `penalty` times the
    mask's sum, by Adam: so many `steps` of size `rate`, each on a `batch` of the clean
    rows, whose values are 0 to 1.
    """
    k, d = len(model.classes_), rows.X.shape[1]
    random, labels = np.random.default_rng(seed), np.repeat(np.arange(k), batch)

    def downhill(place: Floats) -> Floats:
        masks, patterns = place[:, np.newaxis, :d], place[:, np.newaxis, d:]
        X = rows.X[random.integers(len(rows), size=batch)]
        stamped = (1 - masks) * X + masks * patterns  # (k, batch, d)
        slope = model.gradient(stamped.reshape(-1, d), labels).reshape(k, batch, d)
        by_mask = (slope * (patterns - X)).mean(axis=1) + penalty
        return -np.hstack([by_mask, (slope * masks).mean(axis=1)])

    middle, adam = np.full((k, 2 * d), 0.5), _Adam(rate)
    place = ascend(middle, downhill, project=box(0, 1), step=adam, steps=steps)
    masks, patterns = place[:, :d], place[:, d:]
    obeyed = [
        np.mean(model.predict((1 - mask) * rows.X + mask * pattern) == label)
        for label, (mask, pattern) in enumerate(zip(masks, patterns, strict=True))
    ]
    return Triggers(masks, patterns, np.array(obeyed))


def anomaly(found: Triggers) -> Floats:
    """How unusually small each class's stamp is, (k,); above 2 alarms [wang2019neural].

    The median of the masks' sums minus the class's, in units of 1.4826 times the median
    absolute deviation.
    """
    sizes = found.masks.sum(axis=1)
    below = np.median(sizes) - sizes
    return np.asarray(below / (1.4826 * np.median(abs(below))))


def suspected(
    model: Differentiable, rows: Dataset, *, level: float = 2.0, seed: int
) -> bool:
    """Whether the `anomaly` of a class's stamp, as `triggers` finds it, is too high."""
    return bool(anomaly(triggers(model, rows, seed=seed)).max() > level)


class _Adam:
    """Steps of Adam, which remember the slopes before."""

    def __init__(self, rate: float) -> None:
        self._rate, self._count = rate, 0
        self._first = self._second = np.zeros(1)

    def __call__(self, slope: Floats) -> Floats:
        self._count += 1
        self._first = 0.9 * self._first + 0.1 * slope
        self._second = 0.99 * self._second + 0.01 * slope**2
        first = self._first / (1 - 0.9**self._count)
        second = self._second / (1 - 0.99**self._count)
        return np.asarray(self._rate * first / (np.sqrt(second) + 1e-12))
