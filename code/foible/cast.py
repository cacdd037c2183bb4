"""Who are the victims that the reader gets to know?

The bank, the clinic, the post office and the road are each made here: their rows, cut
so that nobody is judged by what they have seen, and the recipe of their model. A
chapter that departs from it names what it changes.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import train_test_split

from foible import data, models
from foible.data import Dataset
from foible.domains import Level, Seed
from foible.models import Recipe
from foible.victim import Victim

TALKS_FOREST = models.forest(trees=5, depth=3, leaf=100)
"""The forest of the talk's demonstrations [clesio2020security]."""
CLINICS_MODEL = models.standardised(models.logistic())
READER = models.network(hidden=(128, 64), steps=400, rate=0.003, batch=64)
PLAIN_READER = models.network(hidden=64, steps=200)
"""For digits too, where it does not matter how well they are read."""
EYE = models.convolutional(filters=(8, 16), steps=600)


@dataclass(frozen=True, eq=False)
class Role:
    """A victim before it is made: rows that share no row, and a recipe.

    Parameters
    ----------
    owned : Dataset
        What the owner makes the model from.
    aside : Dataset
        What is set aside for somebody else: the attacker's own, or a defender's
        trusted rows.
    judged : Dataset
        What nobody sees before it is judged.
    recipe : Recipe
    """

    owned: Dataset
    aside: Dataset
    judged: Dataset
    recipe: Recipe

    def victim(self, *, seed: Seed) -> Victim:
        """A victim made from the owned rows."""
        return Victim.trained(self.recipe, self.owned, seed=seed)


def cut(
    rows: Dataset, recipe: Recipe, *, owned: Level, aside: Level, seed: Seed = 0
) -> Role:
    """A role whose rows are cut twice.

    Parameters
    ----------
    owned : float
        Share of the rows.
    aside : float
        Share of the rest.
    seed : int
        Of both cuts; 0 in all of the book.
    """
    ours, rest = rows.split(owned, seed=seed)
    theirs, judged = rest.split(aside, seed=seed)
    return Role(ours, theirs, judged, recipe)


def bank(
    *, owned: Level = 0.5, aside: Level = 0.6, recipe: Recipe = TALKS_FOREST
) -> Role:
    """Layman Brothers decide on credit, from the talk's ten columns."""
    return cut(data.talk_view(data.bank()), recipe, owned=owned, aside=aside)


def clinic(
    *, owned: Level = 0.5, aside: Level = 0.3, recipe: Recipe = CLINICS_MODEL
) -> Role:
    """The clinic tells harmless tumours from malignant ones."""
    return cut(data.clinic(), recipe, owned=owned, aside=aside)


def post_office(
    *, owned: Level = 0.6, aside: Level = 1 / 3, recipe: Recipe = READER
) -> Role:
    """The post office reads digits."""
    return cut(data.digits(), recipe, owned=owned, aside=aside)


def road(*, owned: Level = 0.6, aside: Level = 0.15, recipe: Recipe = EYE) -> Role:
    """A car reads traffic signs."""
    return cut(data.signs(), recipe, owned=owned, aside=aside)


def talks_split(rows: Dataset, *, seed: Seed = 42) -> tuple[Dataset, Dataset]:
    """Rows to learn from and one in ten to test by, as the talk divided them."""
    places = np.arange(len(rows))
    train, test = train_test_split(places, test_size=0.1, random_state=seed)
    return rows.take(train), rows.take(test)
