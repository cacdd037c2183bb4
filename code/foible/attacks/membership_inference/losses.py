"""Is a model's loss on a candidate low?"""

from collections.abc import Callable

import numpy as np

from foible.arrays import Floats
from foible.attacks.membership_inference.shadows import Attack
from foible.attacks.membership_inference.signals import FLOOR, confidence
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
