"""How is a tree read off, leaf by leaf?"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Bools, Floats, Ints, finite_rows, likeliest
from foible.domains import Count, Rows, Seed
from foible.errors import BadInput, NoAnswer, ServiceRefused
from foible.oracle import Oracle, scores_of

FURTHEST = 1e30  # in any column, on either side of 0
CORNERS = 20  # of a box, asked before it is taken for part of one leaf


@dataclass(frozen=True)
class Leaves:
    """A tree as a list of boxes, whole leaves or parts, and the answer inside each.

    Boxes are counted in float32 numbers, as trees compare: `places`.
    """

    low: Ints  # (m, d): places of the least numbers inside
    high: Ints  # (m, d): of the greatest
    answers: Floats  # (m, k)

    def predict(self, X: Rows) -> NDArray[Any]:
        """The number for each row, or where there are several the likeliest class."""
        told = np.full((len(X), self.answers.shape[1]), np.nan)
        where = places(X)
        for low, high, answer in zip(self.low, self.high, self.answers, strict=True):
            told[((low <= where) & (where <= high)).all(axis=1)] = answer
        return told[:, 0] if told.shape[1] == 1 else likeliest(told)


def places(X: Floats) -> Ints:
    """Place of each number among all float32 numbers, ascending, that of 0 being 0."""
    bits = np.asarray(X, np.float32).view(np.int32).astype(np.int64)
    return np.asarray(np.where(bits < 0, -(bits & 0x7FFFFFFF), bits))


def numbers(place: Ints) -> Floats:
    """The number at each place: undoes `places`."""
    size = np.abs(place).astype(np.int32).view(np.float32)
    return np.asarray(np.where(place < 0, -size, size), np.float64)


def by_paths(
    oracle: Oracle,
    columns: Count,
    *,
    box: tuple[Floats, Floats] | None = None,
    seed: Seed,
) -> Leaves:
    """Every leaf of a tree, found by walking from edge to edge [tramer2016stealing].

    A leaf is a box, and its answer is its name. From a point inside, halving finds
    where the name ends on each side of each column; what is left of the space is cut
    into boxes, and the walk goes on in each. No range is known before: the space is
    that of all float32 numbers up to `FURTHEST`. Leaves may have one answer: corners
    of each box are asked too, and it is cut where one of them answers otherwise.

    Parameters
    ----------
    oracle : Oracle
        Knows of a tree; answers with values, or probabilities.
    columns : int
        Width of a row.
    box : tuple of two ndarrays of shape (d,), optional
        Least and greatest number of each column that may be asked; nothing is found out
        about what lies outside.
    seed : int
        Of the corners.
    """
    space, rng = _space(columns, box), np.random.default_rng(seed)
    rest = [space]
    found: list[_Leaf] = []
    while rest:
        low, high = rest.pop()
        inside = (low + high) // 2
        leaf = next((leaf for leaf in found if leaf.holds(inside)), None)
        if leaf is None:
            leaf = _cut(oracle, _leaf(oracle, inside, *space), inside, rng)
            found.append(leaf)
        rest += _around(leaf, low, high)
    return Leaves(*map(np.array, zip(*found, strict=True)))


def _space(columns: int, box: tuple[Floats, Floats] | None) -> tuple[Ints, Ints]:
    """Where the walk may go: places of float32 numbers inside the box."""
    if box is None:
        everything = places(np.full(columns, FURTHEST))
        return -everything, everything
    low, high = (np.asarray(edge, np.float64) for edge in box)
    if not low.shape == high.shape == (columns,) or (low > high).any():
        raise BadInput("got no box; wanted low and high numbers for each column")
    down, up = places(low), places(high)
    return down + (numbers(down) < low), up - (numbers(up) > high)


def answered_box(oracle: Oracle, inside: Floats) -> tuple[Floats, Floats]:
    """The box of the numbers that a service answers to: a refusal is an answer.

    Parameters
    ----------
    oracle : Oracle
        Of a service that refuses rows out of a range of its own for each column.
    inside : ndarray of shape (d,)
        A row that it answers, else ServiceRefused; halving finds the edges from there,
        each column by itself.

    Returns
    -------
    low, high : ndarrays of shape (d,)
        Least and greatest number of each column, up to float32, or `FURTHEST`.
    """
    middle = places(finite_rows([inside])[0])
    oracle.ask(inside[np.newaxis])

    def edge(column: int, end: int) -> int:
        here, there = int(middle[column]), end
        while abs(there - here) > 1:
            between = (here + there) // 2
            row = inside.copy()
            row[column] = numbers(np.array(between))
            here, there = (between, there) if _told(oracle, row) else (here, between)
        return here

    furthest = int(places(np.array(FURTHEST)))
    columns = range(len(inside))
    low, high = ([edge(j, end) for j in columns] for end in (-furthest, furthest))
    return numbers(np.array(low)), numbers(np.array(high))


def _told(oracle: Oracle, row: Floats) -> bool:
    try:
        oracle.ask(row[np.newaxis])
    except NoAnswer:
        raise
    except ServiceRefused:
        return False
    return True


class _Leaf(NamedTuple):
    low: Ints
    high: Ints
    answer: Floats

    def holds(self, inside: Ints) -> bool:
        return bool((self.low <= inside).all() and (inside <= self.high).all())


def _leaf(oracle: Oracle, inside: Ints, lowest: Ints, highest: Ints) -> _Leaf:
    """The box around a point in which the answer stays what it is there."""
    answer = scores_of(oracle, numbers(inside)[np.newaxis])[0]
    d = len(inside)
    column = np.tile(np.arange(d), 2)
    same, other = np.tile(inside, 2), np.concatenate([lowest, highest])

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


def _cut(oracle: Oracle, leaf: _Leaf, inside: Ints, rng: np.random.Generator) -> _Leaf:
    """The box, made smaller until none of the corners asked has another answer.

    Of a box that is not inside one leaf, half of the corners lie in others. On the way
    from the inside to such a corner, one column after another, the answer changes.
    """

    def alike(rows: Ints) -> Bools:
        return np.asarray((oracle.ask(numbers(rows)) == leaf.answer).all(axis=1))

    low, high = leaf.low.copy(), leaf.high.copy()
    while True:
        corners = np.where(rng.random((CORNERS, len(low))) < 0.5, low, high)
        wrong = corners[~alike(corners)]
        if not len(wrong):
            return _Leaf(low, high, leaf.answer)
        way = np.where(np.tri(len(low), dtype=bool), wrong[0], inside)
        column = int(np.argmin(alike(way)))
        row, same, other = way[column], inside[column], wrong[0, column]
        while abs(other - same) > 1:
            row[column] = (same + other) // 2
            yes = alike(row[np.newaxis])[0]
            same, other = (row[column], other) if yes else (same, row[column])
        (high if other > same else low)[column] = same


def _around(leaf: _Leaf, low: Ints, high: Ints) -> list[tuple[Ints, Ints]]:
    """What is left of a box when a leaf is cut out of it, as boxes."""
    left = []
    for here in np.eye(len(low), dtype=bool):
        if (low < leaf.low)[here]:
            left.append((low, np.where(here, leaf.low - 1, high)))
            low = np.where(here, leaf.low, low)
        if (high > leaf.high)[here]:
            left.append((np.where(here, leaf.high + 1, low), high))
            high = np.where(here, leaf.high, high)
    return left
