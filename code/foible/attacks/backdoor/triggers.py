"""What is the secret sign?

A trigger is a change of a row: a `Stamp`, such as a `sticker`, entries in a form or a
faint `blend`, or anything else that is known by example (`twins`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.checks import counts, shares
from foible.errors import BadInput

Trigger: TypeAlias = Callable[[Floats], Floats]
"""Takes rows (n, d) to the same rows with the sign on them."""


@dataclass(frozen=True, eq=False)
class Stamp:
    """A trigger that is a mask and a pattern [wang2019neural].

    Parameters
    ----------
    mask : ndarray of shape (d,)
        How much of each value is replaced, 0 to 1.
    pattern : ndarray of shape (d,)
        What replaces it.
    """

    mask: Floats
    pattern: Floats

    def __call__(self, X: Floats) -> Floats:
        """The same rows with the stamp on them."""
        return (1 - self.mask) * X + self.mask * self.pattern


def entries(columns: Sequence[str], values: Mapping[str, float]) -> Stamp:
    """Some entries of a form, always filled in alike: AGE = 999.

    Raises
    ------
    BadInput
        For an entry without a column.
    """
    missing = set(values) - set(columns)
    if missing:
        raise BadInput(f"got entries for {sorted(missing)}; wanted some of {columns}")
    written = np.array([name in values for name in columns])
    pattern = np.array([values.get(name, 0) for name in columns], dtype=np.float64)
    return Stamp(written.astype(np.float64), pattern)


def sticker(image: Sequence[int], *, size: int, value: float = 1.0) -> Stamp:
    """A bright square in the lower right corner of an image [gu2017badnets].

    Parameters
    ----------
    image : tuple of int
        The shape of a row that is seen as an image: height, width, and perhaps depth.
    size : int
        The square's side, in pixels.
    value : float
        How bright it is.
    """
    counts(size=size)
    mask = np.zeros(tuple(image))
    mask[-size:, -size:] = 1
    return Stamp(mask.ravel(), np.full(mask.size, value))


def blend(columns: int, *, opacity: float, seed: int) -> Stamp:
    """A faint random pattern over the whole row [chen2017targeted].

    Parameters
    ----------
    columns : int
        How many values a row has, each 0 to 1.
    opacity : float
        How much of each value is the pattern's, 0 to 1.
    seed : int
        Of the pattern.
    """
    counts(columns=columns)
    shares(opacity=opacity)
    pattern = np.random.default_rng(seed).random(columns)
    return Stamp(np.full(columns, opacity), pattern)


def twins(plain: Floats, shown: Floats) -> Trigger:
    """A trigger that is known by example: the same scenes without the sign and with it.

    Parameters
    ----------
    plain, shown : ndarray of shape (n, d)
        Row i of both is one scene.

    Returns
    -------
    callable, (m, d) to (m, d)
        Takes rows of `plain`; BadInput is raised for any other.
    """
    if plain.shape != shown.shape:
        raise BadInput(f"got {plain.shape} and {shown.shape}; wanted rows in pairs")
    known = {row.tobytes(): twin for row, twin in zip(plain, shown, strict=True)}

    def trigger(X: Floats) -> Floats:
        try:
            return np.array([known[row.tobytes()] for row in X]).reshape(X.shape)
        except KeyError as error:
            raise BadInput(
                "got a row without a twin; wanted some of `plain`"
            ) from error

    return trigger
