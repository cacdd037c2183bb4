"""What only hides the slope, and not the mistakes?"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, Ints, finite_rows
from foible.checks import counts
from foible.models import (
    Aim,
    Differentiable,
    Network,
    Scoring,
    as_differentiable,
    as_network,
)
from foible.models.checks import positive
from foible.victim import Victim


def sharpened(victim: Victim, *, factor: float) -> Victim:
    """The same answers, from logits `factor` times as large: no defence at all.

    The probabilities become 0 and 1, and the slope of their loss vanishes
    [carlini2017towards].

    Raises
    ------
    BadInput
        The model is not a network.
    """
    positive(factor=factor)
    *others, (weight, bias) = as_network(victim.model).layers
    return replace(victim, model=Network((*others, (weight * factor, bias * factor))))


@dataclass(frozen=True, eq=False)
class Quantised(Scoring):
    """A model that sees its rows rounded to a few levels between 0 and 1."""

    model: Differentiable
    levels: int

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)

    def squeeze(self, X: Floats) -> Floats:
        """Rows rounded to the levels, ndarray of shape (n, d)."""
        return np.rint(X * (self.levels - 1)) / (self.levels - 1)

    def logits(self, X: ArrayLike) -> Floats:
        """What the model says of the rounded rows, ndarray of shape (n, k)."""
        return self.model.logits(self.squeeze(finite_rows(X)))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and the slope by the rows, which is nought: steps are flat."""
        rows = finite_rows(X)
        return self.logits(rows), np.zeros_like(rows)


def quantised(victim: Victim, *, levels: int) -> Victim:
    """The same model behind a quantiser of its inputs, which hides the slope.

    Raises
    ------
    BadInput
        The model has no gradient to hide, or fewer than two levels are asked for.
    """
    counts(levels=levels, least=2)
    return replace(victim, model=Quantised(as_differentiable(victim.model), levels))
