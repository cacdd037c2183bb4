"""Does a candidate beat other rows, with few shadows to tell what is expected?"""

import numpy as np

from foible.arrays import Floats
from foible.attacks.membership_inference.shadows import Shadows, gaussian
from foible.attacks.membership_inference.signals import confidence
from foible.checks import shares
from foible.data import Dataset
from foible.oracle import Oracle


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
    oracle, rows, shadows
        As for `lira`; a few shadows are enough.
    population : Dataset
        Other rows of the same kind, seen by no model.
    a : float
        How far from 1 a stranger's confidence is taken to be raised by membership.

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
