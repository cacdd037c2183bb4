"""How can a reader of pictures be made surer of a picture that is seen otherwise?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from foible.arrays import Floats, finite_rows
from foible.data import Dataset, settled
from foible.domains import Natural, Seed, Share
from foible.errors import BadInput
from foible.oracle import Transport

Moving = Callable[[Floats], Floats]
"""Takes pictures (n, d) to pictures (n, d), moved."""


def with_moves(
    rows: Dataset, moves: Sequence[Moving], *, copies: Natural, seed: Seed
) -> Dataset:
    """The rows, and so many copies of each, each copy by a move that is drawn.

    Augmentation as [engstrom2019exploring] measure it.

    Parameters
    ----------
    rows : Dataset
    moves : sequence of callable
        What is drawn from, evenly.
    copies : int
        0 leaves the rows as they are.
    seed : int
    """
    _some(moves)
    n, drawn = len(rows), np.random.default_rng(seed)
    X = np.empty(((copies + 1) * n, rows.X.shape[1]))
    X[:n] = rows.X
    for copy in range(1, copies + 1):
        numbers = drawn.integers(len(moves), size=n)
        for number in np.unique(numbers):
            here = np.flatnonzero(numbers == number)
            X[copy * n + here] = moves[number](rows.X[here])
    return replace(rows, X=settled(X), y=np.tile(rows.y, copies + 1))


def voted(ask: Transport, moves: Sequence[Moving]) -> Transport:
    """The mean of what a model says of each move of a row, as probabilities (n, k).

    Test-time aggregation of [engstrom2019exploring], by means instead of votes; it asks
    once for each move.
    """
    _some(moves)
    return lambda X: np.mean([ask(move(finite_rows(X))) for move in moves], axis=0)


def least_sure(sure: Floats, *, refused: Share) -> float:
    """The sureness below which the least sure share of known answers lies.

    Whoever refuses what is less sure than this refuses that share of rows like the
    known ones [geifman2017selective]; at 0 nothing is refused.

    Parameters
    ----------
    sure : array_like of shape (m,)
        Probability of the answer to each of m rows set aside.
    refused : float
        0 to 1.
    """
    known = finite_rows(np.reshape(sure, (-1, 1)))[:, 0]
    return float(np.quantile(known, refused)) if refused else 0.0


def _some(moves: Sequence[Moving]) -> None:
    if not moves:
        raise BadInput("got no move; wanted one at least")
