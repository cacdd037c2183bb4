"""Which rows does a model misread that was made from other rows?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.data import Dataset
from foible.domains import Seed, Several
from foible.errors import BadInput
from foible.models import Recipe, as_classifier, probabilities


@dataclass(frozen=True, eq=False)
class Crossed:
    """What is said of every row by a model that has not seen it.

    Parameters
    ----------
    truth, answers : ndarray of shape (n,)
    sure : ndarray of shape (n,)
        Probability of the answer.
    """

    truth: Ints
    answers: Ints
    sure: Floats

    @property
    def wrong(self) -> Bools:
        """Which rows are misread, (n,)."""
        return np.asarray(self.answers != self.truth)


def crossed(
    recipe: Recipe,
    rows: Dataset,
    *,
    half: Literal["first", "second"],
    folds: Several = 5,
    seed: Seed,
) -> Crossed:
    """Every row answered once, by a model made from half of the other folds' rows.

    The halves share no row. So what a model of the first half selects, and what a model
    of the second half says of it, have the row itself in common and nothing else.

    Parameters
    ----------
    recipe : Recipe
        Of a classifier.
    rows : Dataset
    half : "first" or "second"
    folds : int
        2 at least.
    seed : int
        Of the folds, the halves and the models; the same for both halves.
    """
    if half not in ("first", "second"):
        raise BadInput(f"got half={half!r}; wanted 'first' or 'second'")
    fold = np.random.default_rng(seed).permutation(len(rows)) % folds
    said = np.zeros((len(rows), len(rows.classes)))
    for number in range(folds):
        here = fold == number
        two = rows.take(~here).split(0.5, seed=seed)
        part = two[0] if half == "first" else two[1]
        made = as_classifier(recipe(part, seed=seed + number))
        table = probabilities(made, rows.X[here])
        said[here, : table.shape[1]] = table
    return Crossed(np.asarray(rows.y, np.int64), said.argmax(axis=1), said.max(axis=1))
