"""What is the smallest change that a linear model or a forest notices, exactly?"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from foible.arrays import Bools, Floats, Ints, finite_rows, likeliest, pieces
from foible.checks import fitting
from foible.domains import Count, Labels, Natural, Rows, shaped
from foible.errors import BadInput
from foible.models import Grown, Network, Precision, as_network, trees
from foible.search import Norm


def reach(model: Network, X: Rows, y: Labels, *, norm: Norm = "Linf") -> Floats:
    """Distance of each row from the boundary of a linear model, exactly.

    The lead over a rival class falls fastest along the difference of their weights, by
    that difference's dual norm for each unit of distance; the nearest rival decides.

    Returns
    -------
    ndarray of shape (n,)
        0 where the model is wrong already. No box is heeded.

    BadInput: the model has more than one layer.
    """
    weight, _ = as_network(model, most=1).layers[0]
    scores = model.logits(X)
    y, speed = fitting(y, scores.shape), np.empty(scores.shape)
    for part in pieces(len(y), each=weight.size):
        apart = weight[:, y[part]].T[:, :, np.newaxis] - weight[np.newaxis]
        speed[part] = np.linalg.norm(apart, ord=1 if norm == "Linf" else 2, axis=1)
    lead = scores[np.arange(len(y)), y][:, np.newaxis] - scores
    rival = np.arange(scores.shape[1]) != y[:, np.newaxis]
    far = np.where(rival, lead / np.where(rival, speed, 1), np.inf)
    return np.asarray(np.maximum(far.min(axis=1), 0))


@dataclass(frozen=True, eq=False)
class Boxes:
    """The regions in which a forest gives one answer: above `low`, up to `high`."""

    low: Floats
    high: Floats
    answer: Ints
    precision: Precision = "float32"  # in which the trees compare


@dataclass(frozen=True, eq=False)
class Rules:
    """What may be changed about a row, and to what.

    Parameters
    ----------
    free : ndarray of bool, shape (d,)
        Columns that may change.
    low, high : ndarray of shape (d,)
        Least and greatest value of a changed column.
    whole : bool
        Whether changed values must be whole numbers.
    """

    free: Bools
    low: Floats
    high: Floats
    whole: bool = True


def anything(columns: Count) -> Rules:
    """The rules of who may change every column to any value."""
    wide = np.full(columns, np.inf)
    return Rules(np.ones(columns, bool), -wide, wide, whole=False)


def boxes(forest: Grown, *, most: Count = 100_000) -> Boxes:
    """All regions of a forest, each with its answer [kantchelian2016evasion].

    A region is a set of leaves, one of each tree, that a row can reach together; more
    than `most` of them are refused with BadInput. They multiply with every tree: some
    ten shallow ones are within reach, a hundred are not. What counts as a forest, see
    `models.trees`; gradient boosting does.
    Memory: what is returned, a few times, and a few `arrays.CELLS`.
    """
    grown = trees(forest)
    d, k = grown.columns, len(grown.labels)
    low, high = np.full((1, d), -np.inf), np.full((1, d), np.inf)
    votes = grown.start[np.newaxis]
    for one in grown.each:
        least, greatest, share = one.leaves(d)
        kept, count = [], 0
        for part in pieces(len(low), each=d * len(least)):
            lower = np.maximum(low[part, None], least).reshape(-1, d)
            upper = np.minimum(high[part, None], greatest).reshape(-1, d)
            both = (votes[part, None] + share).reshape(-1, k)
            some = (lower < upper).all(axis=1)
            kept.append((lower[some], upper[some], both[some]))
            count += int(some.sum())
            if count > most:
                raise BadInput(
                    f"got over {most} regions; wanted a smaller forest, or most=..."
                )
        low, high, votes = map(np.concatenate, zip(*kept, strict=True))
    return Boxes(low, high, grown.labels[likeliest(votes)], grown.precision)


def cheapest(
    regions: Boxes,
    X: Rows,
    *,
    wanted: Natural,
    scale: Annotated[Floats, shaped("d", least=0, beyond=True)],
    rules: Rules,
) -> Floats:
    """The nearest rows that get the wanted answer and keep the rules, exactly.

    In each region with that answer the nearest row is found column by column; the
    nearest of these is the nearest of all [kantchelian2016evasion].

    Parameters
    ----------
    scale : ndarray of shape (d,)
        What counts as one unit in each column; the distance is Euclidean.

    Returns
    -------
    ndarray of shape (n, d)
        Rows in the precision in which the trees compare; a row for which nothing
        that is allowed helps is left alone.

    Memory: a few `arrays.CELLS`, or the regions, a few times.
    """
    X = finite_rows(X, width=regions.low.shape[1])
    good = regions.answer == wanted
    if not good.any():
        raise BadInput(f"got wanted={wanted}, which the forest never answers")
    some = Boxes(
        regions.low[good], regions.high[good], regions.answer[good], regions.precision
    )
    place = np.empty_like(X)
    for part in pieces(len(X), each=some.low.size):
        place[part] = _cheapest(some, X[part], scale, rules)
    return place


def _cheapest(regions: Boxes, X: Floats, scale: Floats, rules: Rules) -> Floats:
    """The nearest rows in any of the regions, (n, d)."""
    above, up_to, rows = regions.low, regions.high, X[:, np.newaxis]
    low, high = _ends(above, up_to, rules, regions.precision)
    seen = rows.astype(regions.precision)  # as trees compare
    inside = (above < seen) & (seen <= up_to)  # (n, m, d): such a column stays
    place = np.where(inside, rows, np.clip(rows, low, np.maximum(low, high)))
    allowed = inside | (rules.free & (low <= high))
    cost = np.linalg.norm((place - rows) / scale, axis=2)
    cost[~allowed.all(axis=2)] = np.inf
    found, best = np.isfinite(cost.min(axis=1)), cost.argmin(axis=1)
    return np.where(found[:, np.newaxis], place[np.arange(len(X)), best], X)


def _ends(
    low: Floats, high: Floats, rules: Rules, precision: Precision
) -> tuple[Floats, Floats]:
    """Least and greatest value that a rule-abiding row may have in each region."""
    least = _rounded(low, up=True, precision=precision)
    greatest = _rounded(high, up=False, precision=precision)
    if rules.whole:
        least = np.where(rules.free, np.floor(low) + 1, least)
        greatest = np.where(rules.free, np.floor(high), greatest)
    return (
        np.where(rules.free, np.maximum(least, rules.low), least),
        np.where(rules.free, np.minimum(greatest, rules.high), greatest),
    )


def _rounded(values: Floats, *, up: bool, precision: Precision) -> Floats:
    """The next value in a precision above each, or the last one up to it."""
    near = values.astype(precision)
    past = near <= values if up else near > values
    side = near.dtype.type(np.inf if up else -np.inf)
    return np.where(past, np.nextafter(near, side), near).astype(np.float64)
