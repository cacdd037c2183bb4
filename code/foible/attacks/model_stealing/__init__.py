"""What can somebody build who may only ask a model?

A copy. Where the thief knows the family of the model, its answers are equations and
the copy is exact: `by_equations` for linear models, `by_bisection` for the same from
labels alone, `by_paths` for a tree, `by_kinks` for a network of one hidden layer.
Where they do not, `harvested` trains a copy of their own on the answers; `natural`,
`uniform`, `active` and `jacobian` choose what is asked. The judges at the end compare
the copies with the model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Bools, Floats, Ints, likeliest, scale, with_one
from foible.data import Dataset
from foible.errors import BadInput, BudgetExceeded
from foible.evidence import Cell, DoseResponse, Matrix, Outcome, Separation
from foible.judging import counted
from foible.metrics import Interval, accuracy, agreement
from foible.models import (
    Classifier,
    Model,
    Network,
    Recipe,
    probabilities,
    transport,
)
from foible.oracle import Answers, Oracle, Transport
from foible.victim import Victim

# ---------------------------------------------------------------- linear models


def simplex(columns: int) -> Floats:
    """The fewest rows that settle a linear model: the origin and a step on each axis.

    Returns
    -------
    ndarray of shape (columns + 1, columns)
    """
    return np.vstack([np.zeros(columns), np.eye(columns)])


def by_equations(oracle: Oracle, X: Floats, *, least: float = 0.0) -> Network:
    """A linear model, solved from its probabilities [tramer2016stealing].

    The log-odds of each class against the first are linear in the row, so d + 1 answers
    settle d weights and a bias for each class. More answers are taken by least squares.
    A row with a probability of 0, or below `least`, is left out.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities; knows of a logistic or softmax regression.
    X : ndarray of shape (n, d)
        Rows to ask, for example `simplex(d)`; against muted answers `near_boundary`.
    least : float
        Probability below which an answer is not trusted.

    Returns
    -------
    Network
        A single layer; the logit of the first class is 0.

    Raises
    ------
    BadInput
        When no answer gives an equation.
    """
    told = oracle.ask(X)
    useful = (told > 0).all(axis=1) & (told >= least).all(axis=1)
    if not useful.any():
        raise BadInput(
            "got no answer that gives an equation; wanted probabilities between 0 and "
            "1: of labels, use by_bisection"
        )
    log_odds = np.log(told[useful] / told[useful, :1])
    solved = np.linalg.lstsq(with_one(X[useful]), log_odds, rcond=None)[0]
    return Network(((solved[:-1], solved[-1]),))


def near_boundary(
    oracle: Oracle, own: Floats, *, count: int, reach: float = 0.2, seed: int
) -> Floats:
    """Rows at which a linear model is unsure, so that muted answers still tell.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities, of two classes; asked for `own` and 30 rows more.
    own : ndarray of shape (n, d)
        Rows of the attacker's own, of both classes.
    count : int
        How many.
    reach : float
        Standard deviation of the rows around a point of the boundary, in spreads of
        the own rows.
    seed : int
        Of the choice of the point and of the rows.

    Returns
    -------
    ndarray of shape (count, d)
    """
    rng, labels = np.random.default_rng(seed), likeliest(oracle.ask(own))
    low, high = (rng.choice(own[labels == label]) for label in (0, 1))
    for _ in range(30):
        middle = (low + high) / 2
        above = likeliest(oracle.ask(middle[np.newaxis]))[0] == 1
        low, high = (low, middle) if above else (middle, high)
    away = reach * scale(own)[1] * rng.normal(size=(count, own.shape[1]))
    return np.asarray(low + away)


def by_bisection(oracle: Oracle, X: Floats, *, steps: int = 50, seed: int) -> Network:
    """A linear boundary between two classes, from labels alone [lowd2005adversarial].

    Between a row of one class and a row of the other lies a point of the boundary;
    halving finds it. As many points as there are columns settle the hyperplane. Labels
    say nothing of how steep the model is, so the copy's probabilities mean nothing.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels.
    X : ndarray of shape (n, d)
        Rows of the attacker's own, of both classes.
    steps : int
        Halvings; each asks d rows.
    seed : int
        Of the choice of pairs.

    Raises
    ------
    BadInput
        When the model gives all rows one label.
    """
    labels = oracle.ask(X)
    classes = np.unique(labels)
    if len(classes) != 2:
        raise BadInput(f"got rows of {len(classes)} classes; wanted two: ask more rows")
    centre, spread = scale(X)
    draw = np.random.default_rng(seed).choice
    count = X.shape[1]
    low, high = (draw((X[labels == name] - centre) / spread, count) for name in classes)
    for _ in range(steps):
        middle = (low + high) / 2
        above = (oracle.ask(centre + spread * middle) == classes[1])[:, np.newaxis]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    plane = np.linalg.svd(with_one((low + high) / 2))[2][-1]
    plane *= np.sign(with_one((X - centre) / spread) @ plane @ (labels - labels.mean()))
    layer = plane[:-1, np.newaxis] * [0.0, 1.0], plane[-1] * np.array([0.0, 1.0])
    return _in_own_units([layer], centre, spread)


def _in_own_units(
    layers: Sequence[tuple[Floats, Floats]], centre: Floats, spread: Floats
) -> Network:
    """A network on scaled rows as the same network on rows as they are."""
    (weight, bias), *others = layers
    own = weight / spread[:, np.newaxis]
    return Network(((own, bias - centre @ own), *others))


# ---------------------------------------------------------------- trees

FURTHEST = 1e30  # in any column, on either side of 0


@dataclass(frozen=True)
class Leaves:
    """A tree as the list of its leaves: boxes, and the answer inside each.

    Boxes are counted in float32 numbers, as trees compare: `places`.

    Parameters
    ----------
    low, high : ndarray of shape (m, d)
        The places of the least and the greatest number of each box, both inside.
    answers : ndarray of shape (m, k)
    """

    low: Ints
    high: Ints
    answers: Floats

    def values(self, X: Floats) -> Floats:
        """The answer to each row, ndarray of shape (n, k); NaN outside all boxes."""
        told = np.full((len(X), self.answers.shape[1]), np.nan)
        where = places(X)
        for low, high, answer in zip(self.low, self.high, self.answers, strict=True):
            told[((low <= where) & (where <= high)).all(axis=1)] = answer
        return told

    def predict(self, X: Floats) -> NDArray[Any]:
        """The number for each row, or where there are several the likeliest class."""
        told = self.values(X)
        return told[:, 0] if told.shape[1] == 1 else likeliest(told)


def places(X: Floats) -> Ints:
    """Place of each number among all float32 numbers, ascending, that of 0 being 0."""
    bits = np.asarray(X, np.float32).view(np.int32).astype(np.int64)
    return np.asarray(np.where(bits < 0, -(bits & 0x7FFFFFFF), bits))


def numbers(place: Ints) -> Floats:
    """The number at each place: undoes `places`."""
    size = np.abs(place).astype(np.int32).view(np.float32)
    return np.asarray(np.where(place < 0, -size, size), np.float64)


def by_paths(oracle: Oracle, columns: int) -> Leaves:
    """Every leaf of a tree, found by walking from edge to edge [tramer2016stealing].

    A leaf is a box, and its answer is its name. From a point inside, halving finds
    where the name ends on each side of each column; what is left of the space is cut
    into boxes, and the walk goes on in each. No range is known before: the space is
    that of all float32 numbers up to `FURTHEST`. Leaves with one answer break it.

    Parameters
    ----------
    oracle : Oracle
        Knows of a tree; answers with values, or probabilities.
    columns : int
        Width of a row.
    """
    everything = places(np.full(columns, FURTHEST))
    rest = [(-everything, everything)]
    found: list[_Leaf] = []
    while rest:
        low, high = rest.pop()
        inside = (low + high) // 2
        leaf = next((f for f in found if _holds(f, inside)), None)
        if leaf is None:
            leaf = _leaf(oracle, inside, everything)
            found.append(leaf)
        rest += _around(leaf, low, high)
    return Leaves(*map(np.array, zip(*found, strict=True)))


class _Leaf(NamedTuple):
    low: Ints
    high: Ints
    answer: Floats


def _holds(leaf: _Leaf, inside: Ints) -> bool:
    return bool((leaf.low <= inside).all() and (inside <= leaf.high).all())


def _leaf(oracle: Oracle, inside: Ints, everything: Ints) -> _Leaf:
    """The box around a point in which the answer stays what it is there."""
    answer = oracle.ask(numbers(inside)[np.newaxis])[0]
    d = len(inside)
    column = np.tile(np.arange(d), 2)
    same, other = np.tile(inside, 2), np.concatenate([-everything, everything])

    def alike(place: Ints, which: Ints) -> Bools:
        rows = np.repeat(inside[np.newaxis], len(which), axis=0)
        rows[np.arange(len(which)), column[which]] = place
        return np.asarray((oracle.ask(numbers(rows)) == answer).all(axis=1))

    same = np.where(alike(other, np.arange(2 * d)), other, same)
    while (open_ := np.flatnonzero(abs(other - same) > 1)).size:
        middle = (same[open_] + other[open_]) // 2
        yes = alike(middle, open_)
        same[open_[yes]], other[open_[~yes]] = middle[yes], middle[~yes]
    return _Leaf(same[:d], same[d:], answer)


def _around(leaf: _Leaf, low: Ints, high: Ints) -> list[tuple[Ints, Ints]]:
    """What is left of a box when a leaf is cut out of it, as boxes."""
    low, high, left = low.copy(), high.copy(), []
    for j in range(len(low)):
        if low[j] < leaf.low[j]:
            top = high.copy()
            top[j] = leaf.low[j] - 1
            left.append((low.copy(), top))
            low[j] = leaf.low[j]
        if high[j] > leaf.high[j]:
            bottom = low.copy()
            bottom[j] = leaf.high[j] + 1
            left.append((bottom, high.copy()))
            high[j] = leaf.high[j]
    return left


# ---------------------------------------------------------------- networks

REACH = 50.0  # how far along a line kinks are looked for, in spreads of the rows
QUIET = 3  # lines without a new kink after which all are taken to be found
STRAIGHT = 1e-9  # relative error below which a guess on a straight piece is right
LEAST = 1e-6  # smaller changes of slope, relative to it, are rounding
FINEST = 1e-7  # shorter steps than this drown in rounding
NEAR = 1e-4  # closer to a known plane than this, in spreads, is on it
LONE = 1e-6  # second singular value over the first, where one unit alone switches


def log_odds(transport: Transport) -> Transport:
    """Logits up to a shift, from probabilities: what `by_kinks` can work with."""

    def answered(X: Floats) -> Floats:
        logs = np.log(np.maximum(transport(X), np.finfo(float).tiny))
        return np.asarray(logs - logs[:, :1])

    return answered


def by_kinks(oracle: Oracle, rows: Floats, *, seed: int) -> Network:
    """A network of one hidden layer, exact up to rounding [carlini2020cryptanalytic].

    Between kinks the logits are straight. Along a line, two straight pieces meet where
    a unit switches; there the slopes on the two sides differ by that unit's weights, up
    to a factor [jagielski2020high]. With all units known the rest is linear, and least
    squares settles it. The copy computes the same function with other weights.

    Parameters
    ----------
    oracle : Oracle
        Knows of one hidden layer with ReLU, of any width; answers with values (logits).
    rows : ndarray of shape (n, d)
        Rows of the attacker's own, for centre and spread of each column.
    seed : int
        Of the lines.

    Raises
    ------
    BadInput
        When no line has a kink.
    """
    rng, (centre, spread) = np.random.default_rng(seed), scale(rows)

    def told(Z: Floats) -> Floats:
        return oracle.ask(centre + spread * Z)

    d, quiet = rows.shape[1], 0
    planes = np.empty((0, d + 1))
    while quiet < QUIET:
        start, way = rng.normal(size=(2, d))
        quiet += 1
        for at in _kinks(lambda t: told(start + np.outer(t, way)), -REACH, REACH):  # noqa: B023
            place = start + at * way
            if _known(planes, place):
                continue
            plane = _plane(told, place, way)
            if plane is not None:
                planes, quiet = np.vstack([planes, plane]), 0
    if not len(planes):
        raise BadInput("got logits without a kink; wanted a network: use by_equations")
    return _in_own_units(_assembled(told, planes, rng), centre, spread)


def _known(planes: Floats, place: Floats) -> bool:
    gaps = abs(planes @ np.append(place, 1))
    return bool((gaps < NEAR * (1 + np.linalg.norm(place))).any())


def _kinks(line: Callable[[Floats], Floats], low: float, high: float) -> list[float]:
    """Where a piecewise straight function of one number bends, between two ends."""
    found, rest = [], [(low, high)]
    while rest:
        low, high = rest.pop()
        step = (high - low) / 1000
        told = line(np.array([low, low + step, high - step, high]))
        slopes = (told[1] - told[0]) / step, (told[3] - told[2]) / step
        turn = slopes[1] - slopes[0]
        size = np.linalg.norm(turn)
        if step < FINEST or size < LEAST * (1 + np.linalg.norm(slopes)):
            continue
        gap = (told[0] - slopes[0] * low) - (told[3] - slopes[1] * high)
        at = float(gap @ turn / size**2)
        if low < at < high:
            guess = told[0] + slopes[0] * (at - low)
            off = np.abs(line(np.array([at]))[0] - guess).max()
            if off < STRAIGHT * np.abs(told).max():
                found.append(at)
                continue
        rest += [(low, (low + high) / 2), ((low + high) / 2, high)]
    return found


def _plane(
    told: Callable[[Floats], Floats], place: Floats, way: Floats
) -> Floats | None:
    """Weights and bias, of length 1, of the unit that switches at a place.

    The slopes before and after differ by a matrix of rank one. Where they do not,
    another unit switches too near: None.
    """
    for step in (1e-3, 1e-4, 1e-5):
        slopes = [
            _slope(told, place + side * step * way, step / 30) for side in (-1, 1)
        ]
        _, sizes, axes = np.linalg.svd(slopes[1] - slopes[0])
        if sizes[1] < LONE * sizes[0]:
            return _centred(told, axes[0], -float(axes[0] @ place))
    return None


def _centred(told: Callable[[Floats], Floats], normal: Floats, offset: float) -> Floats:
    """A plane whose offset is measured once more, where it is nearest to the origin.

    Far out a small error of the direction is a large one of the offset. The search is
    lopsided, so that halving it does not cut where the kink is expected.
    """
    foot = -offset * normal
    again = _kinks(lambda t: told(foot + np.outer(t, normal)), -1.3e-3, 1e-3)
    return np.append(normal, offset - min(again, key=abs, default=0.0))


def _slope(told: Callable[[Floats], Floats], place: Floats, step: float) -> Floats:
    """Slope of each logit along each column, ndarray of shape (k, d)."""
    answers = told(np.vstack([place, place + step * np.eye(len(place))]))
    return np.asarray((answers[1:] - answers[0]).T / step)


def _assembled(
    told: Callable[[Floats], Floats], planes: Floats, rng: np.random.Generator
) -> list[tuple[Floats, Floats]]:
    """Layers of the network whose units switch on these planes."""
    h, d = len(planes), planes.shape[1] - 1
    normals, offsets = planes[:, :-1], planes[:, -1]
    count = -(-2 * (h + d + 1) // h)
    feet = np.repeat(-offsets[:, np.newaxis] * normals, count, axis=0)
    Z = feet + rng.normal(size=feet.shape)
    terms = np.hstack([np.abs(Z @ normals.T + offsets), with_one(Z)])
    solved = np.linalg.lstsq(terms, told(Z), rcond=None)[0]
    bends, straight, bias = solved[:h], solved[h:-1], solved[-1]
    k = len(bias)
    weight = np.hstack([normals.T, -normals.T, straight, -straight])
    first = np.concatenate([offsets, -offsets, np.zeros(2 * k)])
    last = np.vstack([bends, bends, np.eye(k), -np.eye(k)])
    return [(weight, first), (last, bias)]


def hidden_width(answers: Floats) -> tuple[int, float]:
    """Width of a network's last hidden layer, from its logits [carlini2024stealing].

    Logits are a linear map of the hidden units, so many of them span no more dimensions
    than there are units that ever switch on: fewer than there are classes, or there is
    nothing to see.

    Parameters
    ----------
    answers : ndarray of shape (n, k)
        Logits of n rows; log-probabilities do as well.

    Returns
    -------
    width : int
        Where the singular values break off.
    gap : float
        By what factor they do. Near 1, or 10, it means nothing: all k are in use.
    """
    centred = answers - answers.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    drops = sizes[:-1] / np.maximum(sizes[1:], np.finfo(float).tiny)
    width = int(np.argmax(drops)) + 1
    return width, float(drops[width - 1])


# ---------------------------------------------------------------- learned copies

CANDIDATES = (
    2000  # among which an active thief chooses, of the pool and of the box each
)
SHARES = 5  # of a row, dealt out to the classes as the probabilities say
STEP = 0.1  # of each column's range


def grid(
    columns: Sequence[str],
    *,
    fixed: Mapping[str, float],
    over: Mapping[str, Sequence[float]],
) -> Floats:
    """Rows of every combination of some columns' values, the others fixed.

    Parameters
    ----------
    columns : sequence of str
        Of a row, in order.
    fixed : mapping of str to float
        What the other columns hold.
    over : mapping of str to sequence of float
        What these columns run through.

    Raises
    ------
    BadInput
        A column that is neither fixed nor run through.
    """
    lost = set(columns) - set(fixed) - set(over)
    if lost:
        raise BadInput(f"got no value for {sorted(lost)}; fix them or run through them")
    axes = [over.get(name, [fixed.get(name, 0.0)]) for name in columns]
    return np.array(list(product(*axes)), dtype=np.float64)


class Seen(NamedTuple):
    """What a thief knows before the next round of questions.

    Parameters
    ----------
    pool : ndarray of shape (m, d)
        Rows of their own, in an order of their own.
    X : ndarray of shape (n, d)
        Rows asked so far.
    y : ndarray of shape (n,)
        The labels that were answered.
    copy : Classifier, optional
        What was learned from them; None before the first round.
    """

    pool: Floats
    X: Floats
    y: Ints
    copy: Classifier | None


Draw: TypeAlias = Callable[[Seen, int, np.random.Generator], Floats]
"""Chooses the next rows to ask: how many, and by which chance."""


def natural(seen: Seen, count: int, rng: np.random.Generator) -> Floats:
    """The next rows of the thief's own [orekondy2019knockoff]."""
    return seen.pool[np.arange(len(seen.X), len(seen.X) + count) % len(seen.pool)]


def uniform(seen: Seen, count: int, rng: np.random.Generator) -> Floats:
    """Rows from the box that holds the thief's own [tramer2016stealing]."""
    low, high = seen.pool.min(axis=0), seen.pool.max(axis=0)
    return rng.uniform(low, high, (count, len(low)))


def active(seen: Seen, count: int, rng: np.random.Generator) -> Floats:
    """Of many new rows, natural and uniform, those of which the copy is least sure."""
    if seen.copy is None:
        return natural(seen, count, rng)
    asked = {row.tobytes() for row in seen.X}
    own = np.unique(seen.pool, axis=0)
    fresh = own[[row.tobytes() not in asked for row in own]]
    some = rng.permutation(fresh)[:CANDIDATES]
    rows = np.vstack([some, uniform(seen, CANDIDATES, rng)])
    doubt = np.argsort(_ahead(probabilities(seen.copy, rows)), kind="stable")
    return np.asarray(rows[doubt[:count]])


def jacobian(seen: Seen, count: int, rng: np.random.Generator) -> Floats:
    """Rows already asked, moved a step along the copy's slope [papernot2017practical].

    Only for a copy that is a `Network`.
    """
    if seen.copy is None:
        return natural(seen, count, rng)
    chosen = rng.choice(len(seen.X), count, replace=count > len(seen.X))
    low, high = seen.pool.min(axis=0), seen.pool.max(axis=0)
    slope = cast(Network, seen.copy).gradient(seen.X[chosen], seen.y[chosen])
    moved = seen.X[chosen] + STEP * (high - low) * np.sign(slope)
    return np.asarray(np.clip(moved, low, high))


DRAWS: Mapping[str, Draw] = {
    "natural": natural,
    "uniform": uniform,
    "active": active,
    "jacobian": jacobian,
}
"""Ways to choose what to ask, by name."""


def harvested(
    oracle: Oracle,
    own: Dataset,
    recipe: Recipe,
    *,
    draw: Draw,
    budgets: Sequence[int],
    seed: int,
) -> list[Classifier]:
    """Copies learned from what an oracle answers, one for each budget.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels or with probabilities.
    own : Dataset
        The thief's own rows; what their labels are is not looked at.
    recipe : Recipe
        How the thief makes a model.
    draw : callable
        How they choose what to ask: one of `DRAWS`.
    budgets : sequence of int
        Numbers of queries, ascending; each copy learns from all that was asked before.
    seed : int
        Of the order of the pool, of the draws, and of the making.

    Returns
    -------
    list of Classifier
    """
    rng = np.random.default_rng(seed)
    pool = rng.permutation(own.X)
    seen = Seen(pool, pool[:0], np.empty(0, np.int64), None)
    told: Floats = np.empty((0, len(own.classes)))
    copies: list[Classifier] = []
    for before, budget in pairwise([0, *budgets]):
        X = draw(seen, budget - before, rng)
        told = np.vstack([told, _shares(oracle.ask(X), len(own.classes))])
        X = np.vstack([seen.X, X])
        copy = _taught(replace(own, X=X, y=likeliest(told)), told, recipe, seed=seed)
        seen = Seen(pool, X, likeliest(told), copy)
        copies.append(copy)
    return copies


def _shares(answer: NDArray[Any], classes: int) -> Floats:
    """Labels as probabilities; probabilities as they are."""
    return answer if answer.ndim == 2 else np.eye(classes)[answer]


def _taught(rows: Dataset, told: Floats, recipe: Recipe, *, seed: int) -> Classifier:
    """A copy that learns each row as often with each label as its probability says."""
    if not np.isin(told, (0, 1)).all():
        index, label = np.nonzero(np.rint(SHARES * told))
        times = np.rint(SHARES * told)[index, label].astype(int)
        where = np.repeat(index, times)
        rows = replace(rows, X=rows.X[where], y=np.repeat(label, times))
    if len(np.unique(rows.y)) == 1:
        weight = np.zeros((rows.X.shape[1], len(rows.classes)))
        return Network(((weight, np.eye(len(rows.classes))[rows.y[0]]),))
    return cast(Classifier, recipe(rows, seed=seed))


def _ahead(told: Floats) -> Floats:
    """How far the likeliest class is before the second, ndarray of shape (n,)."""
    ranked = np.sort(told, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2])


def shared(ways: Sequence[Transport]) -> Transport:
    """One way out of many accounts, which take turns row by row."""
    begun = 0

    def answered(X: Floats) -> Floats:
        nonlocal begun
        turns = (begun + np.arange(len(X))) % len(ways)
        begun += len(X)
        asked = np.argsort(turns, kind="stable")
        told = [ways[i](X[turns == i]) for i in np.unique(turns)]
        return np.asarray(np.vstack(told)[np.argsort(asked)])

    return answered


# ---------------------------------------------------------------- the judges

STOLEN = 0.95  # share of rows on which a copy agrees that counts as stolen
ON_ROWS, ON_BOX, RIGHT = "agreement on rows", "agreement on uniform", "accuracy on rows"


def judge(
    victim: Victim,
    way: Transport,
    own: Dataset,
    judged: Dataset,
    recipe: Recipe,
    *,
    draw: Draw = natural,
    answers: Answers = "label",
    budgets: Sequence[int],
    repeats: int = 5,
    seed: int,
) -> DoseResponse:
    """How well copies do that are learned from ever more answers.

    Parameters
    ----------
    victim : Victim
        The truth: what the copies are compared with.
    way : callable, (n, d) to (n, k)
        The way by which the thief reaches it, in this process or over HTTP, muted or
        not.
    own, judged : Dataset
        The thief's rows, and other rows, on which the copies are compared; as many
        again are drawn from the box that holds these.
    recipe : Recipe
        The thief's.
    draw, answers, budgets
        As in `harvested` and `Oracle`.
    repeats : int
        Thieves, each with a seed of their own.
    seed : int
        Of the first; also of the uniform rows.
    """
    box = _box(judged.X, seed=seed)
    truth, beyond = (victim.oracle(answers="label").ask(X) for X in (judged.X, box))
    found: dict[str, list[list[float]]] = {ON_ROWS: [], ON_BOX: [], RIGHT: []}
    for number in range(repeats):
        oracle = Oracle(way, budget=budgets[-1], answers=answers)
        copies = harvested(
            oracle, own, recipe, draw=draw, budgets=budgets, seed=seed + number
        )
        said = [copy.predict(judged.X) for copy in copies]
        found[ON_ROWS].append([agreement(truth, y) for y in said])
        found[ON_BOX].append([agreement(beyond, c.predict(box)) for c in copies])
        found[RIGHT].append([accuracy(judged.y, y) for y in said])
    return DoseResponse(
        np.array(budgets, dtype=float),
        {name: np.array(values).T for name, values in found.items()},
        "queries",
        "share of rows",
        {ON_ROWS: "attacker", ON_BOX: "attacker", RIGHT: "victim"},
        units="thieves",
    )


def across(thefts: Mapping[str, DoseResponse], line: str) -> DoseResponse:
    """One line of each of several thefts, side by side."""
    first = next(iter(thefts.values()))
    return replace(
        first,
        responses={name: theft.responses[line] for name, theft in thefts.items()},
        response_name=line,
        meanings=dict.fromkeys(thefts, "attacker"),
    )


def judge_picks(
    victim: Victim, copies: Mapping[str, Classifier], rows: Dataset, *, label: int
) -> Separation:
    """Whether a copy can pick the rows to which the victim gives a label.

    Parameters
    ----------
    victim : Victim
    copies : mapping of str to Classifier
        Each scores the rows by its own probability of the label.
    rows : Dataset
        None of them asked by the thief.
    label : int
    """
    wanted = victim.oracle(answers="label").ask(rows.X) == label
    scores = {}
    for name, copy in copies.items():
        score = probabilities(copy, rows.X)[:, label]
        scores[name] = score[wanted], score[~wanted]
    return Separation(scores, group=f"“{rows.classes[label]}”")


def judge_near(
    victim: Victim, copies: Mapping[str, Classifier], rows: Dataset, *, within: float
) -> Separation:
    """Whether a copy can pick the rows near the victim's boundary.

    Near is: the victim's likeliest class is less than `within` before the second. The
    copy's own margin is the score.
    """
    near = _ahead(victim.oracle().ask(rows.X)) < within
    scores = {}
    for name, copy in copies.items():
        score = -_ahead(probabilities(copy, rows.X))
        scores[name] = score[near], score[~near]
    return Separation(scores, group="rows near the boundary")


class Theft(NamedTuple):
    """One theft: from whom, by what, and where the copy is compared.

    Parameters
    ----------
    victim : Victim
    answers : {"probabilities", "label", "values"}
        What its oracle answers.
    steal : callable, Oracle to model
        The attack.
    rows : ndarray of shape (n, d)
        None of them asked by the thief.
    """

    victim: Victim
    answers: Answers
    steal: Callable[[Oracle], Model]
    rows: Floats


def judge_exact(thefts: Mapping[str, Theft], *, seed: int) -> Matrix:
    """What copies cost in queries, and on how many rows they agree.

    The uniform rows are as many as the others, in the box that holds these. A copy that
    agrees on `STOLEN` of the rows is harm; it is stopped where the whole interval of
    its share lies below, and undecided in between.

    Parameters
    ----------
    thefts : mapping of str to Theft
    seed : int
        Of the uniform rows.
    """
    cells = []
    for theft in thefts.values():
        oracle = theft.victim.oracle(answers=theft.answers)
        copy = theft.steal(oracle)
        asked = Cell(float(oracle.asked), form="{:,.0f}")
        both = theft.rows, _box(theft.rows, seed=seed)
        cells.append([asked, *(_agreed(theft.victim, copy, X) for X in both)])
    columns = ["queries", "agrees on rows", "on uniform rows"]
    return Matrix(list(thefts), columns, cells, corner="theft")


def judge_muted(
    thefts: Mapping[str, Theft],
    mutings: Mapping[str, Callable[[Transport], Transport]],
    *,
    budget: int,
) -> Matrix:
    """Agreement of each theft's copy when the answers are muted.

    A thief may find nothing to solve, or run out of queries: both are stopped. Else it
    ends as for `judge_exact`.

    Parameters
    ----------
    thefts : mapping of str to Theft
    mutings : mapping of str to callable, Transport to Transport
        The defences.
    budget : int
        Queries of each thief.
    """
    cells = [
        [_muted(theft, muting, budget) for muting in mutings.values()]
        for theft in thefts.values()
    ]
    return Matrix(list(thefts), list(mutings), cells, corner="theft")


def _muted(theft: Theft, muting: Callable[[Transport], Transport], budget: int) -> Cell:
    way = transport(theft.victim.model, answers=theft.answers)
    oracle = Oracle(muting(way), budget=budget, answers=theft.answers)
    try:
        copy = theft.steal(oracle)
    except BudgetExceeded:
        return Cell("over budget", "stopped")
    except BadInput:
        return Cell("unsolvable", "stopped")
    return _agreed(theft.victim, copy, theft.rows)


def _agreed(victim: Victim, copy: Model, X: Floats) -> Cell:
    """Share of rows on which a copy agrees: stolen, stopped or, by chance, either."""
    alike = victim.model.predict(X) == copy.predict(X)

    def short(interval: Interval) -> Outcome:
        return "stopped" if interval.high < STOLEN else "undecided"

    return counted(alike, "harm" if alike.mean() >= STOLEN else short, form="{:.1%}")


def _box(X: Floats, *, seed: int) -> Floats:
    """As many rows as these, evenly in the box that holds them."""
    return np.random.default_rng(seed).uniform(X.min(axis=0), X.max(axis=0), X.shape)


def judge_averaging(
    victim: Victim,
    ways: Mapping[str, Transport],
    own: Floats,
    *,
    budgets: Sequence[int],
    repeats: int = 5,
    seed: int,
) -> DoseResponse:
    """How well a thief averages muted answers of a logistic regression out.

    The response is the relative error of the weights, columns scaled by their spread
    among the thief's rows. The queries that find the boundary are not counted.

    Parameters
    ----------
    victim : Victim
        A logistic regression.
    ways : mapping of str to Transport
        The muted ways, by name.
    own : ndarray of shape (n, d)
        Rows of the thief's, of both classes.
    budgets : sequence of int
        Rows asked near the boundary, ascending.
    repeats, seed : int
        Thieves, and the seed of the first.
    """
    spread = scale(own)[1]
    truth = _direction(cast(Network, victim.model), spread)
    found = {}
    for name, way in ways.items():
        errors = np.empty((len(budgets), repeats))
        for i, count in enumerate(budgets):
            for number in range(repeats):
                oracle = Oracle(way)
                X = near_boundary(oracle, own, count=count, seed=seed + number)
                solved = _direction(by_equations(oracle, X, least=0.05), spread)
                errors[i, number] = np.linalg.norm(solved - truth)
        found[name] = errors / np.linalg.norm(truth)
    return DoseResponse(
        np.array(budgets, dtype=float),
        found,
        "queries",
        "relative error of the weights",
        dict.fromkeys(ways, "attacker"),
        units="thieves",
        within=(0, np.inf),
    )


def _direction(model: Network, spread: Floats) -> Floats:
    weight = model.layers[0][0]
    return np.asarray((weight[:, 1] - weight[:, 0]) * spread)
