"""What does a thief ask next, who does not know the family of the model?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats, Ints
from foible.domains import Count, Number
from foible.errors import BadInput
from foible.models import Classifier, as_differentiable, probabilities

CANDIDATES = 2000  # of the pool, and of the box, among which an active thief chooses
STEP = 0.1  # of each column's range


def grid(
    columns: Sequence[str],
    *,
    fixed: Mapping[str, Number],
    over: Mapping[str, Sequence[Number]],
) -> Floats:
    """Rows of every combination of what some columns run over, the others fixed.

    A column that is neither is BadInput.
    """
    lost = set(columns) - set(fixed) - set(over)
    if lost:
        raise BadInput(
            f"got no value for {sorted(lost)}; wanted them fixed or run through"
        )
    axes = [over.get(name, [fixed.get(name, 0.0)]) for name in columns]
    return np.array(list(product(*axes)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Harvest:
    """What a thief has before the next round of questions."""

    pool: Floats  # (m, d): rows of their own, in an order of their own
    X: Floats  # (n, d): rows asked so far
    y: Ints  # (n,): the labels that were answered
    learn: Callable[[], Classifier] | None = None  # how, once there are answers

    @cached_property
    def copy(self) -> Classifier | None:
        """A copy learned from the answers; None before the first round."""
        return self.learn() if self.learn else None


Draw: TypeAlias = Callable[[Harvest, int, np.random.Generator], Floats]
"""Chooses the next rows to ask: how many, and by which chance."""


def natural(harvest: Harvest, count: Count, rng: np.random.Generator) -> Floats:
    """The next rows of the thief's own [orekondy2019knockoff]."""
    return harvest.pool[
        np.arange(len(harvest.X), len(harvest.X) + count) % len(harvest.pool)
    ]


def uniform(harvest: Harvest, count: Count, rng: np.random.Generator) -> Floats:
    """Rows from the box that holds the thief's own [tramer2016stealing]."""
    low, high = harvest.pool.min(axis=0), harvest.pool.max(axis=0)
    return rng.uniform(low, high, (count, len(low)))


def active(harvest: Harvest, count: Count, rng: np.random.Generator) -> Floats:
    """Of many new rows, natural and uniform, those of which the copy is least sure."""
    if harvest.copy is None:
        return natural(harvest, count, rng)
    asked = {row.tobytes() for row in harvest.X}
    own = np.unique(harvest.pool, axis=0)
    fresh = own[[row.tobytes() not in asked for row in own]]
    some = rng.permutation(fresh)[:CANDIDATES]
    rows = np.vstack([some, uniform(harvest, CANDIDATES, rng)])
    doubt = np.argsort(lead(probabilities(harvest.copy, rows)), kind="stable")
    return np.asarray(rows[doubt[:count]])


def jacobian(harvest: Harvest, count: Count, rng: np.random.Generator) -> Floats:
    """Rows already asked, moved a step along the copy's slope [papernot2017practical].

    Only for a copy whose gradient can be followed.
    """
    if harvest.copy is None:
        return natural(harvest, count, rng)
    chosen = rng.choice(len(harvest.X), count, replace=count > len(harvest.X))
    low, high = harvest.pool.min(axis=0), harvest.pool.max(axis=0)
    slope = as_differentiable(harvest.copy).gradient(
        harvest.X[chosen], harvest.y[chosen]
    )
    moved = harvest.X[chosen] + STEP * (high - low) * np.sign(slope)
    return np.asarray(np.clip(moved, low, high))


DRAWS: Mapping[str, Draw] = {
    "natural": natural,
    "uniform": uniform,
    "active": active,
    "jacobian": jacobian,
}
"""Ways to choose what to ask, by name."""


def lead(told: Floats) -> Floats:
    """How far the likeliest class is before the second, ndarray of shape (n,)."""
    ranked = np.sort(told, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2])
