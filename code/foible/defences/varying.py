"""How does a model learn that a change of the picture does not change the answer?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from foible.data import Dataset
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput
from foible.models import Model, Recipe


class Alter(Protocol):
    """Rows to rows as many, of the same columns."""

    def __call__(self, rows: Dataset, /, *, seed: int) -> Dataset:
        """The rows, altered."""


def varied(
    rows: Dataset, alterations: Sequence[Alter], *, copies: Natural = 2, seed: Seed
) -> Dataset:
    """The rows, and behind them copies, each row altered in one of some ways.

    Training with such copies is known as data augmentation.

    Parameters
    ----------
    rows : Dataset
        n of them, which come first and stay as they are.
    alterations : sequence of callable
        From rows and a seed to rows; each row of each copy is given to one of them,
        drawn at random.
    copies : int
        How many, from 0.
    seed : int

    Returns
    -------
    Dataset
        (1 + copies) × n rows with the labels of those that they come from.

    BadInput: less than no copy, or copies and no alteration.
    """
    if copies and not alterations:
        raise BadInput("got no alterations; wanted at least one way to alter a row")
    rng = np.random.default_rng(seed)
    X = np.tile(rows.X, (1 + copies, 1))
    for copy in np.split(X, 1 + copies)[1:]:
        drawn = rng.integers(len(alterations), size=len(rows))
        seeds = rng.integers(2**31, size=len(alterations))
        for i in np.unique(drawn):
            chosen = drawn == i
            copy[chosen] = alterations[i](rows.take(chosen), seed=int(seeds[i])).X
    return replace(rows, X=X, y=np.tile(rows.y, 1 + copies))


def practised(
    recipe: Recipe,
    sets: Sequence[Dataset],
    alterations: Sequence[Alter],
    *,
    copies: Count = 2,
    seeds: Sequence[Seed],
) -> list[Model]:
    """A model from each set of rows, taught with altered copies of them.

    Parameters
    ----------
    recipe : Recipe
    sets : sequence of Dataset, length r
    alterations, copies
        As for `varied`; with no alteration there are no copies.
    seeds : sequence of int, length r
        Of all that is drawn for each set.

    BadInput: as for `varied`, or not a seed for each set.
    """
    if len(seeds) != len(sets):
        raise BadInput(
            f"got {len(seeds)} seeds for {len(sets)} sets; wanted one for each"
        )
    more = copies if alterations else 0
    rows = [
        varied(one, alterations, copies=more, seed=seed)
        for one, seed in zip(sets, seeds, strict=True)
    ]
    return list(recipe.many(rows, seeds=seeds))
