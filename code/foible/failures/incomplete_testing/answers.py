"""Which answers are right, in the whole test, in a group, and across a split?"""

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Bools
from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BadInput
from foible.failures.incomplete_testing.cues import Agrees, Always, marked
from foible.models import Classifier, Recipe, as_classifier


def right(
    model: Classifier,
    letters: Dataset,
    agrees: Agrees,
    *,
    always: Always | None = None,
    seed: Seed,
) -> Bools:
    """Which letters a model answers rightly, with cues drawn anew, (n,).

    Parameters
    ----------
    model : Classifier
    letters : Dataset
        Without cues.
    agrees, always, seed
        As for `marked`.
    """
    seen, _ = marked(letters, agrees, always=always, seed=seed)
    return np.asarray(model.predict(seen.X) == letters.y)


def worst(
    model: Classifier, letters: Dataset, agrees: Agrees, *, cue: str, seed: Seed
) -> float:
    """Share of right answers in the worst of four groups: each class, with and without.

    Every letter is tried both ways, with the cue and without it, so that a group has as
    many letters as its class; the other cues come as they come. Otherwise as `right`.
    """
    found = []
    for carried in (True, False):
        hits = right(model, letters, agrees, always={cue: carried}, seed=seed)
        found += [hits[letters.y == label].mean() for label in np.unique(letters.y)]
    return float(min(found))


def crossed(recipe: Recipe, rows: Dataset, fold: ArrayLike, *, seed: Seed) -> Bools:
    """Which rows are answered rightly by a model that has not seen their fold, (n,).

    Parameters
    ----------
    recipe : Recipe
    rows : Dataset
    fold : array_like of shape (n,)
        The fold of each row; at least two.
    seed : int
        Of every model.
    """
    given = np.asarray(fold)
    if given.shape != (len(rows),) or len(np.unique(given)) < 2:
        raise BadInput(
            f"got folds of shape {given.shape}; wanted one of at least two for each "
            f"of {len(rows)} rows"
        )
    hits = np.zeros(len(rows), dtype=bool)
    for one in np.unique(given):
        model = as_classifier(recipe(rows.take(given != one), seed=seed))
        held = rows.take(given == one)
        hits[given == one] = model.predict(held.X) == held.y
    return hits
