"""What does a model say of rows as they are, and of the same rows moved?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.data import Dataset
from foible.domains import Count
from foible.errors import BadInput
from foible.oracle import Transport

Moving = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Look:
    """All that one model says; answers are classes, sureness is 0 to 1.

    Parameters
    ----------
    truth : ndarray of shape (n,)
    straight, straight_sure : ndarray of shape (n,)
        Answer to each row as it is, and its probability.
    moved, moved_sure : ndarray of shape (k, n)
        The same for each move of each row.
    known_sure : ndarray of shape (m,)
        How sure the model is of rows set aside, as they are.
    """

    truth: Ints
    straight: Ints
    straight_sure: Floats
    moved: Ints
    moved_sure: Floats
    known_sure: Floats

    @property
    def wrong(self) -> Bools:
        """Which moves of which rows are misread, (k, n)."""
        return np.asarray(self.moved != self.truth)


def looked(
    ask: Transport, rows: Dataset, moves: Sequence[Moving], *, aside: Dataset
) -> Look:
    """What a model says of rows, of each move of them, and of rows set aside."""
    if not moves:
        raise BadInput("got no move; wanted one at least, such as those of grid()")
    straight, known = ask(rows.X), ask(aside.X)
    said = np.stack([ask(move(rows.X)) for move in moves])
    return Look(
        np.asarray(rows.y, np.int64),
        straight.argmax(axis=1),
        straight.max(axis=1),
        said.argmax(axis=2),
        said.max(axis=2),
        known.max(axis=1),
    )


def missed(ask: Transport, rows: Dataset, moves: Sequence[Moving]) -> Bools:
    """Which moves of which rows are misread, (k, n)."""
    return looked(ask, rows, moves, aside=rows.take([0])).wrong


def none_of(wrong: Bools, count: Count) -> Floats:
    """Chance that none of `count` moves, drawn without repeats, is misread, (n,).

    With w of the k moves of a row misread it is C(k - w, count) / C(k, count): exact,
    nothing is drawn.

    Parameters
    ----------
    wrong : ndarray of bool, shape (k, n)
    count : int
        1 to k.
    """
    k, bad = len(_table(wrong)), np.sum(wrong, axis=0)
    if not 1 <= count <= k:
        raise BadInput(f"got count={count}; wanted 1 to the {k} moves that there are")
    left = np.maximum(k - bad, count)  # where fewer are left, see below
    logs = gammaln(left + 1) - gammaln(left - count + 1)
    logs -= gammaln(k + 1) - gammaln(k - count + 1)
    return np.where(k - bad >= count, np.exp(logs), 0.0)


def fewest(wrong: Bools, count: Count) -> list[int]:
    """The `count` moves under which the fewest rows stay right, taken one by one.

    Each is the one that is misread for the most rows that all before it left right.
    """
    table = _table(wrong)
    right, chosen = np.ones(table.shape[1], bool), list[int]()
    for _ in range(min(count, len(table))):
        gain = (table & right).sum(axis=1)
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        right &= ~table[chosen[-1]]
    return chosen


def _table(wrong: Bools) -> Bools:
    table = np.asarray(wrong)
    if table.ndim != 2 or table.dtype != bool or not table.size:
        raise BadInput(
            f"got flags of shape {table.shape} and type {table.dtype}; wanted bools of "
            "shape (moves, rows)"
        )
    return np.asarray(finite_rows(table) > 0)
