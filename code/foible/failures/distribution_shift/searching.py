"""Which shift costs most and shows least?"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from foible.arrays import Floats
from foible.data import Dataset, Group, members
from foible.domains import Amount, Finite, Number, Several, Share
from foible.errors import BadInput
from foible.failures.distribution_shift.worlds import Shift, behaving
from foible.oracle import Transport


def costliest(
    transport: Transport,
    rows: Dataset,
    groups: Sequence[Group],
    *,
    size: Number,
    most: Share,
    least: Share = 0.1,
) -> tuple[Group, int]:
    """The group and the class whose commoner coming costs most and shows little.

    Every group of enough rows, with every class, is tried on the rows given, and those
    that would move a column or an output too far are left out.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
    rows : Dataset
        With labels, of today; not those on which the shift is judged.
    groups : sequence of Group
    size : float
        As in `behaving`.
    most : float
        How far a column or an output may move: `shown`, 0 to 1.
    least : float
        Share of the rows that a group must have.
    """
    wrong = (transport(rows.X).argmax(axis=1) != rows.y).astype(float)
    tried: list[tuple[float, Group, int, Shift]] = []
    for group in groups:
        if members(rows, where=group).mean() < least:
            continue
        for label in range(len(rows.classes)):
            shift: Shift = partial(behaving, group=group, label=label)
            tried.append((_mean(wrong, shift(rows, size)), group, label, shift))
    tried.sort(key=lambda one: -one[0])
    held = np.column_stack([rows.X, transport(rows.X)])
    for _, group, label, shift in tried:
        if shown(held, shift(rows, size)) <= most:
            return group, label
    raise BadInput(
        f"got {len(groups)} groups, all of which move what is seen by more than "
        f"{most}; wanted one that does not: allow more, or give other groups"
    )


def unseen(
    rows: Dataset,
    size: Amount,
    *,
    transport: Transport,
    guess: Callable[[Floats], Floats],
    most: Share,
    cuts: Several = 50,
) -> Floats:
    """Other customers of whom no column tells: p(x) changes, and p(y | x) stays.

    Each row comes at most exp(size) times as often, and at least 1 / exp(size) times;
    of all such weights that move no column and no output by more than `most`, those
    with the most guessed errors: a linear program.

    Parameters
    ----------
    rows : Dataset
        Their labels are not looked at.
    transport : callable, (n, d) to (n, k)
    guess : callable, (n, d) to (n,)
        Probability of an error, as `alarming.guesses` gives it, from other rows.
    most : float
        How far a column or an output may move, 0 to 1, at its `cuts` quantiles.
    """
    told, wrong = transport(rows.X), np.asarray(guess(rows.X))
    if len(told) != len(rows) or wrong.shape != (len(rows),):
        raise BadInput(
            f"got {len(told)} answers and guesses of shape {wrong.shape}; wanted one "
            f"of each for {len(rows)} rows"
        )
    if not np.isfinite(wrong).all():
        raise BadInput("got guesses that are not finite; wanted probabilities")
    held = np.column_stack([rows.X, told])
    edges = np.quantile(held, np.arange(1, cuts) / cuts, axis=0, method="lower")
    below = [held[:, j] <= cut for j, cut in _cuts(edges)]
    ones = np.ones(len(rows))
    sums = np.vstack([*below, ones]) / len(rows)
    slack = np.append(np.full(len(below), most), 0)
    found = milp(
        -wrong / len(rows),
        constraints=LinearConstraint(sums, sums @ ones - slack, sums @ ones + slack),
        bounds=Bounds(np.exp(-size), np.exp(size)),
    )
    return np.asarray(found.x)


def _cuts(edges: Floats) -> list[tuple[int, float]]:
    return [(j, cut) for j, column in enumerate(edges.T) for cut in np.unique(column)]


def shown(seen: Finite, weights: Finite) -> float:
    """How far the columns move if rows come by weight: the furthest one, 0 to 1.

    The statistic of Kolmogorov and Smirnov of each column with the weights against
    the same without.

    Parameters
    ----------
    seen : ndarray of shape (n, d)
        Whatever an alarm could look at.
    weights : ndarray of shape (n,)
    """
    if np.ndim(seen) != 2 or np.shape(weights) != (len(seen),):
        raise BadInput(
            f"got columns of shape {np.shape(seen)} and weights of shape "
            f"{np.shape(weights)}; wanted (n, d) and (n,)"
        )
    extra = weights / weights.sum() - 1 / len(weights)
    furthest = 0.0
    for column in seen.T:
        _, place = np.unique(column, return_inverse=True)
        gaps = np.cumsum(np.bincount(place, extra))
        furthest = max(furthest, float(np.abs(gaps).max()))
    return furthest


def _mean(values: Floats, weights: Floats) -> float:
    return float(values @ weights / weights.sum())
