"""Can these settings, rows and labels be used? One clear error says why not."""

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, Ints, finite_rows
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


def labelled_rows(X: ArrayLike, y: ArrayLike, *, classes: int) -> tuple[Floats, Ints]:
    """Finite rows (n, d) and a label for each, 0 to `classes` - 1; else BadInput."""
    rows, labels = finite_rows(X), np.asarray(y)
    if labels.shape != (len(rows),) or labels.dtype.kind not in "iu":
        raise BadInput(
            f"got {len(rows)} rows and labels of shape {labels.shape} and kind "
            f"{labels.dtype}; wanted a whole number for each row"
        )
    if not ((labels >= 0) & (labels < classes)).all():
        raise BadInput(
            f"got labels from {labels.min()} to {labels.max()}; wanted 0 to "
            f"{classes - 1}, the columns of the model"
        )
    return rows, labels.astype(np.int64)
