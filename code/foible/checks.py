"""Can these settings, rows and labels be used? One clear error says why not."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, Ints, finite_rows
from foible.domains import Count
from foible.errors import BadInput


def shares(**settings: float) -> None:
    """Refuse a setting that is not from 0 to 1."""
    for name, value in settings.items():
        if not 0 <= value <= 1:
            raise BadInput(f"got {name}={value}; wanted 0 to 1")


def counts(*, least: int = 1, **settings: int) -> None:
    """Refuse a setting that is no whole number, or less than the least."""
    for name, value in settings.items():
        if int(value) != value or value < least:
            raise BadInput(f"got {name}={value}; wanted a whole number from {least}")


def labelled_rows(X: ArrayLike, y: ArrayLike, *, classes: Count) -> tuple[Floats, Ints]:
    """Finite rows (n, d) and a label for each, 0 to `classes` - 1; else BadInput."""
    rows = finite_rows(X)
    return rows, fitting(np.asarray(y), (len(rows), classes))


def fitting(labels: NDArray[Any], shape: tuple[int, ...]) -> Ints:
    """Labels as column numbers, if there is one for each row of a table (n, k)."""
    if len(shape) != 2:
        raise BadInput(f"got a table of shape {shape}; wanted (n, k)")
    n, k = shape
    if (
        labels.shape != (n,)
        or labels.dtype.kind not in "iub"
        or not labels.size
        or not 0 <= labels.min() <= labels.max() < k
    ):
        whole = labels.size and labels.dtype.kind in "iu"
        span = f" from {labels.min()} to {labels.max()}" if whole else ""
        raise BadInput(
            f"got labels{span} of {labels.dtype} and of shape {labels.shape}; wanted "
            f"whole numbers of shape ({n},), each from 0 to {k - 1}"
        )
    return labels.astype(np.int64)
