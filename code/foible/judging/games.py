"""Who was in the training data of which target? Only a judge knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Bools, masks
from foible.data import Dataset
from foible.data.rows import Taken
from foible.domains import Count, Seed
from foible.models import Model, Recipe
from foible.models.kinds import made


@dataclass(frozen=True, eq=False)
class Game:
    """Targets, the candidates, and who of them is a member of what.

    Parameters
    ----------
    models : sequence of Model, length t
        The targets, which may serve as shadows against one another.
    rows : Dataset
        The n candidates, the same for all targets.
    member : ndarray of bool, shape (t, n)
        Which candidates each target was made from.
    """

    models: Sequence[Model]
    rows: Dataset
    member: Bools

    @classmethod
    def played(
        cls, recipe: Recipe, rows: Dataset, *, targets: Count, seed: Seed
    ) -> "Game":
        """Targets made from random halves of the candidates, see `masks`."""
        member = masks(targets, len(rows), seed=seed)
        parts = Taken(rows, member)
        return cls(made(recipe, parts, seeds=range(targets)), rows, member)

    def errors(self, rows: Dataset) -> float:
        """Share of wrong answers to rows, over all targets."""
        said = [model.predict(rows.X) != rows.y for model in self.models]
        return float(np.mean(said))
