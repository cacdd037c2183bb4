"""Is a model sure of a candidate, by itself or beside other rows?"""

from collections.abc import Callable

import numpy as np

from foible.arrays import Floats
from foible.attacks.membership_inference.shadows import Attack, Shadows, gaussian
from foible.attacks.membership_inference.signals import FLOOR, confidence
from foible.data import Dataset
from foible.domains import Share
from foible.errors import BadInput
from foible.oracle import Oracle


def loss_attack(oracle: Oracle, rows: Dataset) -> Floats:
    """Low loss on the own label, high score, (n,) [yeom2018privacy].

    The target answers with probabilities, to one query for each candidate.
    """
    return np.log(np.maximum(confidence(oracle, rows), FLOOR))


def alone(attack: Callable[[Oracle, Dataset], Floats]) -> Attack:
    """An attack without shadows, in the form of those that have some."""
    return lambda oracle, rows, shadows: attack(oracle, rows)


def offline_scale(shadows: Shadows, rows: Dataset) -> float:
    """The `a` of `rmia`, from shadows and the attacker's own rows, half of them seen.

    By least squares, 1 − confidence inside = a · (1 − confidence outside), over the
    rows that some of the shadows saw and some did not; 0 to 1.
    """
    said, seen = shadows.say(confidence, rows), shadows.member
    if said.shape != seen.shape:
        raise BadInput(
            f"got {len(rows)} rows; wanted the {seen.shape[1]} of whom it is known "
            "which shadows saw them"
        )
    mixed = seen.any(axis=0) & ~seen.all(axis=0)
    if not mixed.any():
        raise BadInput("got no row that some shadows saw and some did not; wanted one")
    said, seen = said[:, mixed], seen[:, mixed]
    inside, outside = (1 - gaussian(said, which)[0] for which in (seen, ~seen))
    slope = float(inside @ outside) / max(float(outside @ outside), FLOOR)
    return float(np.clip(slope, 0, 1))


def rmia(
    oracle: Oracle,
    rows: Dataset,
    shadows: Shadows,
    *,
    population: Dataset,
    a: Share = 0.3,
) -> Floats:
    """How many of the population a candidate beats, offline [zarifzadeh2024low].

    Each row's confidence is divided by what is expected of it, the mean over few
    shadows that have not seen it, leaned towards what seeing it would do. The score is
    the share of the population with a smaller ratio.

    Parameters
    ----------
    population : Dataset
        Other rows of the same kind, seen by no model.
    a : float
        What membership is taken to leave of a stranger's distance from 1, 0 to 1; see
        `offline_scale`. The others are as for `lira`; a few shadows are enough.

    Returns
    -------
    ndarray of shape (n,)
        Share, 0 to 1; where all are beaten, above 1 in the order of the ratios.
    """
    known = shadows.say(confidence, population)
    others = confidence(oracle, population) / _expected(known.mean(axis=0), a)
    mean, _ = gaussian(shadows.say(confidence, rows), ~shadows.member)
    ratio = confidence(oracle, rows) / _expected(mean, a)
    beaten = np.searchsorted(np.sort(others), ratio) / len(others)
    return np.asarray(beaten + np.where(beaten == 1, ratio - others.max(), 0))


def _expected(outside: Floats, a: float) -> Floats:
    """Mean confidence over all models, from that over those that saw the row not."""
    return np.asarray(((1 + a) * outside + (1 - a)) / 2)
