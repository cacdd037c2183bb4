"""How does a defended model look to an attacker who knows the defence?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, finite_rows, pieces
from foible.domains import Amount, Count, Seed
from foible.models import Aim
from foible.models.scoring import Wrapped


@dataclass(frozen=True, eq=False)
class Averaged(Wrapped):
    """A model whose rows get noise, as its attacker should see it: on average.

    The noise is the same at each look, so that the slope fits the value
    [athalye2018synthesizing]. Memory: a few `arrays.CELLS`, or the copies of one row.

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
        rows = finite_rows(X)
        said = (self.model.logits(self._copies(rows[at])) for at in self._parts(rows))
        return np.concatenate([self._mean(logits) for logits in said])

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The mean scores, and the slope of an aim at them."""
        rows, moves = finite_rows(X), []
        parts = list(self._parts(rows))
        if more := len(parts) > 1:  # an aim is asked once, for all rows
            said = self.logits(rows)
            slope = aim(said)
        for part in parts:

            def shared(logits: Floats, part: slice = part) -> Floats:
                by = slope[part] if more else aim(self._mean(logits))
                return np.repeat(by, self.draws, axis=0)

            logits, move = self.model.follow(self._copies(rows[part]), shared)
            moves.append(self._mean(move))
        return said if more else self._mean(logits), np.concatenate(moves)

    def _parts(self, X: Floats) -> Iterator[slice]:
        return pieces(len(X), each=self.draws * X.shape[1])

    def _copies(self, X: Floats) -> Floats:
        random, d = np.random.default_rng(self.seed), X.shape[1]
        noise = self.scale * random.standard_normal((self.draws, d))
        return (X[:, np.newaxis] + noise).reshape(-1, d)

    def _mean(self, values: Floats) -> Floats:
        grouped = values.reshape(-1, self.draws, values.shape[1])
        return np.asarray(grouped.mean(axis=1))
