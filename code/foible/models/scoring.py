"""What follows from logits, and from their slope?"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax as normalised

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.checks import fitting
from foible.models.kinds import Aim, Differentiable
from foible.search import Move


class Scoring(ABC):
    """What follows from a model's logits, and from their slope by its rows."""

    @abstractmethod
    def logits(self, X: ArrayLike) -> Floats:
        """Scores before they become probabilities, ndarray of shape (n, k).

        Rows that are not finite or not d wide are BadInput.
        """

    @abstractmethod
    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and how rows should move for an aim to grow, in one pass.

        Any aim that can be written with the logits has its gradient here.

        Parameters
        ----------
        X : array_like of shape (n, d)
        aim : callable
            Takes the logits to the aim's derivative by them, both (n, k).

        Returns
        -------
        logits : ndarray of shape (n, k)
        slope : ndarray of shape (n, d)
        """

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class, ndarray of shape (n, k), rows summing to 1."""
        return np.asarray(normalised(self.logits(X), axis=1))

    def predict(self, X: ArrayLike) -> Ints:
        """Likeliest label of each row, ndarray of shape (n,)."""
        return likeliest(self.logits(X))

    def gradient(self, X: ArrayLike, y: ArrayLike) -> Floats:
        """Slope of each row's own cross-entropy loss, ndarray of shape (n, d).

        Labels (n,) that are not from 0 to k - 1 are BadInput.
        """
        labels = np.asarray(y)

        def aim(logits: Floats) -> Floats:
            slope = np.asarray(normalised(logits, axis=1))
            slope[np.arange(len(slope)), fitting(labels, slope.shape)] -= 1
            return slope

        return self.follow(X, aim)[1]

    def backward(self, X: ArrayLike, slope: Floats) -> Floats:
        """How rows should move, (n, d), for the logits to move along a slope (n, k)."""
        return self.follow(X, lambda _: slope)[1]


@dataclass(frozen=True, eq=False)
class Wrapped(Scoring):
    """A model behind something; its labels are the model's."""

    model: Differentiable

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)


@dataclass(frozen=True, eq=False)
class StraightThrough(Wrapped):
    """A model behind a step whose slope is nought, as its attacker should see it.

    Rows go forward through the step, `squeeze`; the slope comes back as if it were not
    there [athalye2018obfuscated].
    """

    squeeze: Move

    def logits(self, X: ArrayLike) -> Floats:
        """What the model behind the step says, ndarray of shape (n, k)."""
        return self.model.logits(self.squeeze(finite_rows(X)))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and the slope of an aim by what comes out of the step."""
        return self.model.follow(self.squeeze(finite_rows(X)), aim)
