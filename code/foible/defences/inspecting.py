"""Does a finished model hide a trigger?

`triggers` looks, for each class, for the smallest stamp that makes a network answer
with it; `anomaly` says how much smaller one class's is than the others'; `suspected`
whether that is an alarm. `likeness` looks for hidden units that see the same.
"""

from dataclasses import dataclass

import numpy as np

from foible.arrays import Bools, Floats, Ints, likeliest, pieces
from foible.data import Dataset
from foible.domains import Amount, Count, Limit, Natural, Seed, Share
from foible.errors import BadInput
from foible.models import Differentiable, Network
from foible.search import ascend, box

STEPS = 5  # of Adam in a round
SEEN = 200  # rows on which obedience is counted after a round
PATIENCE = 2  # rounds before the price moves
DEARER = 1.5  # times the price, when it is raised


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
    obedience: Share = 0.99,
    penalty: Amount = 0.001,
    rounds: Natural = 25,
    batch: Count = 40,
    seed: Seed,
) -> Triggers:
    """The smallest stamps found that lead to each class [wang2019neural].

    Minimises the cross-entropy of clean rows, whose values are 0 to 1, with the stamp,
    plus a price times the mask's sum, all classes at once. In each of the `rounds` Adam
    makes `STEPS` steps on a `batch` each. The price is as in the authors' code: nought
    until the stamp reaches the `obedience`, then the `penalty`; raised after `PATIENCE`
    rounds in a row that reach it, lowered after as many that do not. For each class
    the smallest mask that reached it is returned, or else the last.
    Memory: what is returned, a dozen times, and a few `arrays.CELLS`.
    """
    k, d = len(model.classes_), rows.X.shape[1]
    random, price = np.random.default_rng(seed), _Price(k, penalty)

    def downhill(place: Floats) -> Floats:
        X = rows.X[random.integers(len(rows), size=batch)]
        slope = np.empty((k, 2 * d))
        for part in pieces(k, each=batch * d):
            slope[part] = _uphill(model, place[part], X, np.arange(k)[part])
        slope[:, :d] += price.now[:, np.newaxis]
        return -slope

    place, adam = np.full((k, 2 * d), 0.5), _Adam(0.1)
    best, least, reached = place.copy(), np.full(k, np.inf), np.zeros(k)
    for _ in range(rounds):
        place = ascend(place, downhill, project=box(0, 1), step=adam, steps=STEPS)
        seen = rows.X[random.integers(len(rows), size=SEEN)]
        obeyed = _obeyed(model, place, seen)
        held, size = obeyed >= obedience, place[:, :d].sum(axis=1)
        price.heed(held)
        better = (held & (size < least)) | (least == np.inf)
        best[better], reached[better] = place[better], obeyed[better]
        least = np.where(held, np.minimum(size, least), least)
    return Triggers(best[:, :d], best[:, d:], reached)


def _uphill(model: Differentiable, place: Floats, X: Floats, labels: Ints) -> Floats:
    """Slope of the rows' mean loss by mask and pattern, for each of some classes."""
    stamped, (masks, patterns) = _stamped(place, X), _halves(place)
    wanted = np.repeat(labels, len(X))
    slope = model.gradient(stamped.reshape(len(wanted), -1), wanted)
    slope = slope.reshape(stamped.shape)
    by_mask = (slope * (patterns - X)).mean(axis=1)
    return np.hstack([by_mask, (slope * masks).mean(axis=1)])


def _halves(place: Floats) -> tuple[Floats, Floats]:
    d = place.shape[1] // 2
    return place[:, np.newaxis, :d], place[:, np.newaxis, d:]  # each (k, 1, d)


def _stamped(place: Floats, X: Floats) -> Floats:
    masks, patterns = _halves(place)
    return np.asarray((1 - masks) * X + masks * patterns)  # (k, n, d)


def _obeyed(model: Differentiable, place: Floats, X: Floats) -> Floats:
    """Share of rows that each class's stamp leads to it, (k,)."""
    right = np.empty((len(place), len(X)))
    for part in pieces(len(place), each=X.size):
        said = model.logits(_stamped(place[part], X).reshape(-1, X.shape[1]))
        labels = np.arange(len(place))[part, np.newaxis]
        right[part] = likeliest(said).reshape(-1, len(X)) == labels
    return np.asarray(right.mean(axis=1))


def anomaly(found: Triggers) -> Floats:
    """How unusually small each class's stamp is, (k,); above 2 alarms [wang2019neural].

    The median of the masks' sums minus the class's, in units of 1.4826 times the median
    absolute deviation. So none is above the median in these units: where the clean
    classes' stamps differ much in size, even an empty one is no alarm; where most are
    alike, a smaller one is infinitely unusual, and those that are alike are at 0.

    BadInput: less than three classes, of which none could ever alarm.
    """
    sizes = found.masks.sum(axis=1)
    _several_classes(len(sizes))
    below: Floats = np.median(sizes) - sizes
    unit = 1.4826 * np.median(abs(below))
    unusual: Floats = np.zeros(len(sizes))
    with np.errstate(divide="ignore"):
        np.divide(below, unit, out=unusual, where=below != 0)
    return unusual


def _several_classes(count: int) -> None:
    """Refuse two classes, which lie equally far from their median whatever they are."""
    if count < 3:
        raise BadInput(
            f"got {count} classes, whose stamps cannot differ from a median; wanted "
            "three or more: compare the sums of the masks yourself"
        )


def suspected(
    model: Differentiable,
    rows: Dataset,
    *,
    level: Limit = 2.0,
    obedience: Share = 0.99,
    seed: Seed,
) -> bool:
    """Whether a stamp that works, as `triggers` finds it, has too high an `anomaly`.

    BadInput: less than three classes.
    """
    _several_classes(len(model.classes_))
    found = triggers(model, rows, obedience=obedience, seed=seed)
    return bool(((anomaly(found) > level) & (found.obeyed >= obedience)).any())


def likeness(model: Network) -> float:
    """The largest cosine of two hidden units' incoming weights, in any layer.

    Units that were trained differ; 1 means that two see the same, as units that were
    written by hand may. Units without weights are left out; 0 if no two are left.
    """
    highest = 0.0
    for weight, _ in model.layers[:-1]:
        lengths = np.linalg.norm(weight, axis=0)
        columns = weight[:, lengths > 0] / lengths[lengths > 0]
        cosines = columns.T @ columns
        np.fill_diagonal(cosines, 0)
        highest = max(highest, float(cosines.max(initial=0)))
    return highest


class _Price:
    """What a mask's size costs each of k classes, by how well its stamp works."""

    def __init__(self, k: int, start: float) -> None:
        self.now, self._start = np.zeros(k), start
        self._up, self._down = np.zeros(k, dtype=int), np.zeros(k, dtype=int)

    def heed(self, held: Bools) -> None:
        """Take note of which classes' stamps work, (k,)."""
        self._up = np.where(held, self._up + 1, 0)
        self._down = np.where(held, 0, self._down + 1)
        more, less = self._up >= PATIENCE, self._down >= PATIENCE
        raised = np.where(self.now == 0, self._start, self.now * DEARER)
        self.now = np.where(
            more, raised, np.where(less, self.now / DEARER**1.5, self.now)
        )
        self._up[more], self._down[less] = 0, 0


class _Adam:
    """Steps of Adam, which remember the slopes before."""

    def __init__(self, rate: float) -> None:
        self._rate, self._count = rate, 0
        self._first = self._second = np.zeros(1)

    def __call__(self, slope: Floats) -> Floats:
        self._count += 1
        self._first = 0.5 * self._first + 0.5 * slope
        self._second = 0.9 * self._second + 0.1 * slope**2
        first = self._first / (1 - 0.5**self._count)
        second = self._second / (1 - 0.9**self._count)
        return np.asarray(self._rate * first / (np.sqrt(second) + 1e-12))
