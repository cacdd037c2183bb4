"""How does a defended model look to an attacker who knows the defence?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, finite_rows
from foible.domains import Amount, Count, Seed
from foible.models import Aim
from foible.models.scoring import Wrapped


@dataclass(frozen=True, eq=False)
class Averaged(Wrapped):
    """A model whose rows get noise, as its attacker should see it: on average.

    The noise is the same at each look, so that the slope fits the value
    [athalye2018synthesizing].

    Parameters
    ----------
    model : Differentiable
        What sees the noisy rows.
    scale : float
        Standard deviation of the noise.
    draws : int
        How many noisy copies of a row are averaged.
    """

    scale: Amount
    draws: Count
    seed: Seed

    def logits(self, X: ArrayLike) -> Floats:
        """Mean scores over the noise, ndarray of shape (n, k)."""
        return self._mean(self.model.logits(self._copies(finite_rows(X))))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The mean scores, and the slope of an aim at them."""

        def shared(logits: Floats) -> Floats:
            return np.repeat(aim(self._mean(logits)), self.draws, axis=0)

        logits, slope = self.model.follow(self._copies(finite_rows(X)), shared)
        return self._mean(logits), self._mean(slope)

    def _copies(self, X: Floats) -> Floats:
        random, d = np.random.default_rng(self.seed), X.shape[1]
        noise = self.scale * random.standard_normal((self.draws, d))
        return (X[:, np.newaxis] + noise).reshape(-1, d)

    def _mean(self, values: Floats) -> Floats:
        grouped = values.reshape(-1, self.draws, values.shape[1])
        return np.asarray(grouped.mean(axis=1))
