"""What is the secret sign?

A trigger is a change of a row: a `Stamp`, such as a `sticker`, entries in a form or a
faint `blend`, or anything else that is known by example (`twins`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.domains import (
    Count,
    Finite,
    Image,
    Number,
    Real,
    Seed,
    Share,
    Table,
    shaped,
)
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

    mask: Annotated[Floats, shaped("d", least=0)]
    pattern: Annotated[Floats, shaped("d")]

    def __call__(
        self, X: Annotated[Floats, Table(np.float64, ("n", "d"), within=Real())]
    ) -> Floats:
        """The same rows with the stamp on them."""
        if X.shape[1] != len(self.mask):
            raise BadInput(
                f"got rows {X.shape[1]} wide; wanted {len(self.mask)}, as the stamp is"
            )
        return (1 - self.mask) * X + self.mask * self.pattern


def entries(columns: Sequence[str], values: Mapping[str, Number]) -> Stamp:
    """Some entries of a form, always filled in alike: AGE = 999."""
    missing = set(values) - set(columns)
    if missing:
        raise BadInput(f"got entries for {sorted(missing)}; wanted some of {columns}")
    written = np.array([name in values for name in columns])
    pattern = np.array([values.get(name, 0) for name in columns], dtype=np.float64)
    return Stamp(written.astype(np.float64), pattern)


def sticker(image: Image, *, size: Count, value: Number = 1.0) -> Stamp:
    """A square in the lower right corner of an image [gu2017badnets].

    Its side is `size` pixels, and its brightness `value`, 0 to 1; `image` is the shape
    of a row that is seen as one: height, width, and perhaps depth.
    """
    mask = np.zeros(tuple(image))
    mask[-size:, -size:] = 1
    return Stamp(mask.ravel(), np.full(mask.size, value))


def blend(columns: Count, *, opacity: Share, seed: Seed) -> Stamp:
    """A faint random pattern over the whole row [chen2017targeted].

    A row has so many `columns`, each 0 to 1; `opacity`, 0 to 1, is the pattern's share.
    """
    pattern = np.random.default_rng(seed).random(columns)
    return Stamp(np.full(columns, opacity), pattern)


def twins(plain: Finite, shown: Finite) -> Trigger:
    """A trigger that is known by example: the same scenes without the sign and with it.

    Row i of `plain` and of `shown`, both (n, d), is one scene. The trigger takes rows
    of `plain`; BadInput is raised for any other.
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
