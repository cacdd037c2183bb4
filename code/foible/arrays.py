"""What passes between the parts of the package, and what is the same for all of it?

NumPy at every border: rows are float64 of shape (n, d), labels int64 of shape (n,).
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.domains import FINITE_ROWS, Count, Natural, Real, Rows, Seed, Table
from foible.errors import BadInput

CELLS = 2**24
"""Numbers that an array in between holds at most, 128 MB of float64."""
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Reals: TypeAlias = NDArray[np.floating[Any]]
"""Of any precision."""
Tokens: TypeAlias = Sequence[Ints]
"""n texts, each the numbers of its words, int64 of shape (t,), of any length from 1."""


def finite_rows(X: ArrayLike, *, width: Count | None = None) -> Floats:
    """Rows as a finite float64 array of shape (n, d), at least one.

    Parameters
    ----------
    X : array_like of shape (n, d)
    width : int, optional
        The d that is wanted, if it is known.

    BadInput: when they are not.
    """
    rows: Floats = FINITE_ROWS("rows", X)
    if width is not None and rows.shape[1] != width:
        raise BadInput(f"got rows {rows.shape[1]} wide; wanted {width} columns")
    return rows


def places(index: ArrayLike, length: Natural) -> NDArray[Any]:
    """Positions among so many things, or a mask of them, as an array of shape (m,).

    BadInput: when it is neither, or one of the positions is not there.
    """
    where = np.asarray(index)
    try:
        found = np.arange(length)[where]
    except IndexError as error:
        raise BadInput(
            f"got what takes none of {length} ({error}); wanted positions or a mask"
        ) from error
    if found.ndim != 1:
        raise BadInput(f"got positions of shape {where.shape}; wanted (m,)")
    return where


def pieces(length: Natural, *, each: Count) -> Iterator[slice]:
    """So many things, piece by piece, where `each` makes so many numbers.

    A piece makes `CELLS` numbers at most, or is one thing.
    """
    size = max(1, CELLS // each)
    return (slice(start, start + size) for start in range(0, length, size))


def likeliest(
    scores: Annotated[
        Floats, Table(np.float64, ("n", "k"), within=Real(finite=False), empty=False)
    ],
) -> Ints:
    """Column of the largest score of each row, the first of equals, shape (n,)."""
    return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)


def scale(X: Rows) -> tuple[Floats, Floats]:
    """Mean and spread of each column, (d,) both; the spread 1 where it never varies."""
    spread = X.std(axis=0)
    return X.mean(axis=0), np.where(spread > 0, spread, 1.0)


def with_one(X: Rows) -> Floats:
    """Rows with a 1 behind each, (n, d + 1): a bias as one more weight."""
    return np.column_stack([X, np.ones(len(X))])


def masks(models: Count, rows: Count, *, seed: Seed) -> Bools:
    """Who is a member of what, (models, rows): an independent toss for each of them.

    Never so that each row is in exactly half of the models: then the others of its
    models would tell by their number alone whether the target is one more.
    """
    return np.random.default_rng(seed).random((models, rows)) < 0.5
