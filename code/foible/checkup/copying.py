"""How good a copy do the questions buy?"""

import numpy as np

from foible import models
from foible.arrays import Ints
from foible.attacks import model_stealing
from foible.checkup.found import FEWEST, Found, counted
from foible.checkup.subject import Subject
from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BudgetExceeded
from foible.models import Classifier, Network, Recipe

QUESTIONS = 1000


def stolen(subject: Subject, seed: Seed) -> Found:
    """Answers on which a copy agrees that was bought with questions.

    BudgetExceeded: too few are left to begin.
    """
    half = len(subject.rows) // 2
    own, other = subject.rows.take(slice(0, half)), subject.rows.take(slice(half, None))
    count, truth = min(QUESTIONS, subject.watch.left), subject.told[half:]
    if count < FEWEST:
        raise BudgetExceeded(f"got {subject.watch.left} questions; wanted more")
    copy, tried = _copy(subject, own, count, seed)
    return counted(
        np.asarray(copy.predict(other.X) == truth),
        status="measured",
        wanted=len(other),
        baseline=_unasked(own, other, truth, subject.image, seed),
        said={"tried": tried, "strength": f"{count:,} questions at most"},
    )


def _copy(
    subject: Subject, own: Dataset, count: int, seed: int
) -> tuple[Classifier, str]:
    """A copy, and how it was made."""
    told, few = subject.answers == "probabilities", min(count, len(own))
    if told and _linear(subject) and subject.rows.X.shape[1] < few:
        asked = subject.inside(own.X[:few])
        copy = model_stealing.by_equations(subject.oracle_in_units(), asked)
        return models.unscaled(copy, *subject.units), "equations for its weights"
    what = "a network of 64 units" if subject.image else "a forest of 50 trees"
    draw, budgets = "active", [max(1, count // 4), count]
    if subject.image or subject.held.any():
        draw, budgets = "natural", [few]
    copies = model_stealing.harvested(
        subject.oracle(),
        own,
        _recipe(subject.image),
        draw=model_stealing.DRAWS[draw],
        budgets=budgets,
        seed=seed,
    )
    return copies[-1], f"{what}, taught by its answers to {draw} rows"


def _unasked(
    own: Dataset, other: Dataset, truth: Ints, image: bool, seed: int
) -> float:
    """On how many of the answers a copy agrees that learned the true labels."""
    if len(np.unique(own.y)) < 2:
        return float(np.mean(truth == own.y[0]))
    copy = _recipe(image)(own, seed=seed)
    return float(np.mean(copy.predict(other.X) == truth))


def _recipe(image: bool) -> Recipe:
    """What learns without knowing how the model was made."""
    return models.network(hidden=64, steps=200) if image else models.forest(trees=50)


def _linear(subject: Subject) -> bool:
    """Whether it is a linear model of a table."""
    model = subject.model
    layers = model.layers if isinstance(model, Network) else ()
    return len(layers) == 1 and not subject.image
