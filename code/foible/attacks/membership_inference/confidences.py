"""Is a model sure of a candidate, by itself or beside other rows?"""

from collections.abc import Callable

import numpy as np

from foible.arrays import Floats
from foible.attacks.membership_inference.shadows import Attack, Shadows, gaussian
from foible.attacks.membership_inference.signals import FLOOR, confidence
from foible.checks import shares
from foible.data import Dataset
from foible.oracle import Oracle


def loss_attack(oracle: Oracle, rows: Dataset) -> Floats:
    """Low loss on the own label, high score, (n,) [yeom2018privacy].

    The target answers with probabilities, to one query for each candidate.
    """
    return np.log(np.maximum(confidence(oracle, rows), FLOOR))


def alone(attack: Callable[[Oracle, Dataset], Floats]) -> Attack:
    """An attack without shadows, in the form of those that have some."""
    return lambda oracle, rows, shadows: attack(oracle, rows)


def rmia(
    oracle: Oracle,
    rows: Dataset,
    shadows: Shadows,
    *,
    population: Dataset,
    a: float = 0.3,
) -> Floats:
    """How many of the population a candidate beats [zarifzadeh2024low].

    Each row's confidence is divided by what is expected of it, the mean over few
    shadows that have not seen it, leaned towards what seeing it would do. The score is
    the share of the population with a smaller ratio.

    Parameters
    ----------
    population : Dataset
        Other rows of the same kind, seen by no model.
    a : float
        How far from 1 a stranger's confidence is taken to be raised by membership. The
        others are as for `lira`; a few shadows are enough.

    Returns
    -------
    ndarray of shape (n,)
        Share, 0 to 1; where all are beaten, above 1 in the order of the ratios.
    """
    shares(a=a)
    known = shadows.say(confidence, population)
    others = confidence(oracle, population) / _expected(known.mean(axis=0), a)
    mean, _ = gaussian(shadows.say(confidence, rows), ~shadows.member)
    ratio = confidence(oracle, rows) / _expected(mean, a)
    beaten = np.searchsorted(np.sort(others), ratio) / len(others)
    return np.asarray(beaten + np.where(beaten == 1, ratio - others.max(), 0))


def _expected(outside: Floats, a: float) -> Floats:
    """Mean confidence over all models, from that over those that saw the row not."""
    return np.asarray(((1 + a) * outside + (1 - a)) / 2)
