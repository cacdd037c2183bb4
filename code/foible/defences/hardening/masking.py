"""What only hides the slope, and not the mistakes?"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, finite_rows
from foible.domains import Positive, Several
from foible.models import Aim, Network, as_differentiable, as_network
from foible.models.scoring import StraightThrough
from foible.victim import Victim


def sharpened(victim: Victim, *, factor: Positive) -> Victim:
    """The same answers, from logits `factor` times as large: no defence at all.

    The probabilities become 0 and 1, and the slope of their loss vanishes
    [carlini2017towards].

    BadInput: the model is not a network.
    """
    *others, (weight, bias) = as_network(victim.model).layers
    return replace(victim, model=Network((*others, (weight * factor, bias * factor))))


class Flat(StraightThrough):
    """A model behind a step, whose true slope by the rows is nought."""

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and no slope."""
        rows = finite_rows(X)
        return self.logits(rows), np.zeros_like(rows)


def quantised(victim: Victim, *, levels: Several) -> Victim:
    """The same model behind a rounding of its inputs to a few levels from 0 to 1.

    BadInput: the model has no gradient to hide, or fewer than two levels are asked for.
    """

    def squeeze(X: Floats) -> Floats:
        return np.rint(X * (levels - 1)) / (levels - 1)

    return replace(victim, model=Flat(as_differentiable(victim.model), squeeze))
