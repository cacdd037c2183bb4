"""Which rows does the owner hold, which the attacker, and which the judge?"""

from typing import NamedTuple

from foible.data import Dataset
from foible.metrics import accuracy
from foible.models import Classifier, Recipe, as_classifier
from foible.victim import Victim


class World(NamedTuple):
    """A victim, the attacker's own rows, and the rows to judge by: all disjoint."""

    victim: Victim
    own: Dataset
    rows: Dataset

    def surrogate(self) -> Classifier:
        """The attacker's own model, by the victim's recipe."""
        return as_classifier(self.victim.recipe(self.own, seed=self.victim.seed))

    def right(self, poisoned: Dataset, recipe: Recipe | None = None) -> float:
        """Accuracy on the judged rows, if the model is made so from these instead."""
        made = (recipe or self.victim.recipe)(poisoned, seed=self.victim.seed)
        return accuracy(self.rows.y, made.predict(self.rows.X))
