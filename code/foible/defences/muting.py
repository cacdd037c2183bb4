"""How much less can a service tell, and still be of use?

Each defence here stands between a model and those who ask it: it takes the way to the
model and gives back a way that tells less. So they stack, and every attack runs
against them unchanged.
"""

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, likeliest
from foible.domains import Amount, Count, Seed
from foible.errors import BadInput
from foible.oracle import Transport


def rounded(transport: Transport, *, decimals: Count) -> Transport:
    """The same answers, rounded to so many decimals, at least 1.

    A row of rounded probabilities need not sum to 1. To tell the class alone, use
    `top_label`.
    """
    return lambda X: np.round(transport(X), decimals)


def top_label(transport: Transport) -> Transport:
    """1 for the likeliest class (of equals, the first), and 0 for every other."""

    def answered(X: Floats) -> Floats:
        told = transport(X)
        return np.eye(told.shape[1])[likeliest(told)]

    return answered


def grouped(transport: Transport, *, groups: ArrayLike) -> Transport:
    """The probability of each group of classes, and no more.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
    groups : array_like of shape (k,)
        The group of each class, whole numbers from 0.

    Returns
    -------
    callable, (n, d) to (n, groups)

    BadInput: groups that are none, when it is made; another number of classes, when it
    is asked.
    """
    names = np.asarray(groups)
    if names.ndim != 1 or names.dtype.kind not in "iu" or not len(names):
        raise BadInput(f"got groups {names}; wanted a whole number for each class")
    if names.min() < 0:
        raise BadInput(f"got the group {names.min()}; wanted numbers from 0")
    sums = np.eye(names.max() + 1)[names]

    def answered(X: Floats) -> Floats:
        told = transport(X)
        if told.shape[1] != len(sums):
            raise BadInput(f"got {told.shape[1]} classes; wanted {len(sums)}")
        return np.asarray(told @ sums)

    return answered


def noisy(transport: Transport, *, scale: Amount, seed: Seed) -> Transport:
    """Probabilities with noise, so that no answer is quite the model's.

    Gaussian noise is added to each, what falls below 0 becomes 0, and each row is
    scaled to sum to 1 again. The noise is new at every question: asking again and
    averaging takes it out.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
    scale : float
        Standard deviation of the noise, 0 or more.
    seed : int
        Of the noise; the same questions in the same order get the same answers.
    """
    if not scale >= 0:
        raise BadInput(f"got scale={scale}; wanted 0 or more")
    rng = np.random.default_rng(seed)

    def answered(X: Floats) -> Floats:
        told = transport(X)
        blurred = np.maximum(told + rng.normal(0, scale, told.shape), 1e-12)
        return np.asarray(blurred / blurred.sum(axis=1, keepdims=True))

    return answered
