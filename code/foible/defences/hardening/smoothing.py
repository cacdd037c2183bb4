"""What does a vote over noisy copies of a row prove [cohen2019certified]?"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, norm

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.domains import Amount, Count, Level, Positive, Seed
from foible.models import Classifier, as_classifier, numbered
from foible.victim import Victim

CELLS = 2**18  # noisy values held at once; few enough for a processor's cache


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Answers with the class that a model gives most often to noisy copies of a row.

    Of each row there are so many `draws`, with noise of the standard deviation `scale`
    in the unit of the rows.

    BadInput: a model whose labels are not whole numbers from 0.
    """

    model: Classifier
    scale: Amount
    draws: Count
    seed: Seed

    def __post_init__(self) -> None:
        numbered(self.model)

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return numbered(self.model)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Share of the copies that get each label, ndarray of shape (n, k)."""
        return self.votes(X, draws=self.draws, seed=self.seed) / self.draws

    def predict(self, X: ArrayLike) -> Ints:
        """Label that most copies get, ndarray of shape (n,)."""
        return self.classes_[likeliest(self.predict_proba(X))]

    def votes(self, X: ArrayLike, *, draws: Count, seed: Seed) -> Floats:
        """How many of so many copies get each label, ndarray of shape (n, k).

        Memory: the rows, and `CELLS` of noise, a few times.
        """
        rows, random = finite_rows(X), np.random.default_rng(seed)
        table = np.zeros((len(rows), len(self.classes_)))
        each, size = np.repeat(np.arange(len(rows)), draws), CELLS // rows.shape[1]
        for start in range(0, len(each), max(1, size)):
            part = each[start : start + max(1, size)]
            noise = random.standard_normal((len(part), rows.shape[1]))
            said = self.model.predict(rows[part] + self.scale * noise)
            np.add.at(table, part, said[:, np.newaxis] == self.classes_)
        return table


def smoothed(victim: Victim, *, scale: Positive, draws: Count, seed: Seed) -> Victim:
    """The same model, answering by a vote over noisy copies of each row.

    Best one that has learned with as much noise, see `with_noise`.

    BadInput: the model gives no probabilities, or a setting is not above 0.
    """
    model = Smoothed(as_classifier(victim.model), scale, draws, seed)
    return replace(victim, model=model)


class Certificate(NamedTuple):
    """What is sure about a vote, row by row.

    `label` is the answer, or -1, which is no label, where the vote abstains; within
    Euclidean distance `radius` of the row the answer is the same.
    """

    label: Ints
    radius: Floats


def farthest(scale: Positive, *, estimation: Count, alpha: Level = 0.001) -> float:
    """The radius that no vote of so many copies can prove, even if all agree.

    The scale is that of the noise, the others are as for `certified`.
    """
    return float(scale * norm.ppf(alpha ** (1 / estimation)))


def certified(
    model: Smoothed,
    X: ArrayLike,
    *,
    selection: Count = 100,
    estimation: Count = 1000,
    alpha: Level = 0.001,
    seed: Seed,
) -> Certificate:
    """The answer of a vote, and how far around it is sure [cohen2019certified].

    Some noise selects the label; other noise, drawn afresh, bounds how often the model
    gives it. Each row's statement is wrong with a chance of at most `alpha`.

    Parameters
    ----------
    selection, estimation : int
        Noisy copies of each row for the one and the other.
    alpha : float
        Chance of a wrong statement, for each row.
    """
    first, second = np.random.SeedSequence(seed).generate_state(2)
    label = likeliest(model.votes(X, draws=selection, seed=int(first)))
    votes = model.votes(X, draws=estimation, seed=int(second))
    hits = votes[np.arange(len(label)), label]
    low = beta.ppf(alpha, hits, estimation - hits + 1)  # Clopper-Pearson's
    sure = np.nan_to_num(low) > 0.5
    radius = np.where(sure, model.scale * norm.ppf(np.where(sure, low, 0.5)), 0)
    return Certificate(np.where(sure, model.classes_[label], -1), radius)
