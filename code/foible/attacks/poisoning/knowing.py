"""What does somebody do who knows the defence?"""

from collections.abc import Mapping

import numpy as np

from foible.attacks.poisoning.crafted import crafted_rows, enlarged
from foible.attacks.poisoning.labels import (
    drawn,
    margin_flips,
    neighbourhood_flips,
    random_flips,
)
from foible.data import Dataset
from foible.metrics import accuracy
from foible.models import Classifier, Recipe


def menu(
    rows: Dataset, own: Dataset, surrogate: Classifier, *, share: float, seed: int
) -> dict[str, Dataset]:
    """The rows after each attack that a stranger to the defence would try, by name."""
    return {
        "at random": random_flips(rows, share=share, seed=seed),
        "margin-chosen": margin_flips(rows, surrogate, share=share),
        "crafted rows": enlarged(
            rows, lambda n: crafted_rows(rows, own, count=n, seed=seed), share=share
        ),
    }


def neighbourhoods(
    rows: Dataset, *, share: float, count: int = 12, seed: int
) -> dict[str, Dataset]:
    """The rows after `neighbourhood_flips` round some of them, drawn at random."""
    centres = drawn(np.arange(len(rows)), count, seed=seed)
    return {
        f"round row {centre}": neighbourhood_flips(rows, share=share, centre=centre)
        for centre in centres.tolist()
    }


def worst(
    poisons: Mapping[str, Dataset], recipe: Recipe, own: Dataset, *, seed: int
) -> str:
    """The poison that harms most: who knows the recipe, defence included, tries all.

    They compare on rows of their own the models that are made so with one seed.
    """
    made = recipe.many(list(poisons.values()), seeds=[seed] * len(poisons))
    right = [accuracy(own.y, model.predict(own.X)) for model in made]
    return list(poisons)[int(np.argmin(right))]
