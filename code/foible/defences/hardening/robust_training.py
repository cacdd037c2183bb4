"""How can training make a model harder to fool?"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from foible.arrays import Floats, Ints
from foible.errors import BadInput
from foible.models import (
    ConvolutionalRecipe,
    Differentiable,
    NetworkRecipe,
    Perturbation,
)

Trained = TypeVar("Trained", NetworkRecipe, ConvolutionalRecipe)


def adversarial(recipe: Trained, *, attack: Perturbation) -> Trained:
    """The same recipe, learning from rows that an attack has moved [madry2018towards].

    Parameters
    ----------
    attack : callable
        Takes the network as it is at that step, rows, labels and a seed, and gives the
        moved rows.
    """
    return replace(recipe, perturb=attack)


def with_noise(recipe: Trained, *, scale: float) -> Trained:
    """The same recipe, learning from rows with Gaussian noise [cohen2019certified].

    Parameters
    ----------
    scale : float
        Standard deviation of the noise, in the unit of the rows.
    """
    if not scale >= 0:
        raise BadInput(f"got scale={scale}; wanted 0 or more")

    def noise(model: Differentiable, X: Floats, y: Ints, /, *, seed: int) -> Floats:
        return X + scale * np.random.default_rng(seed).standard_normal(X.shape)

    return replace(recipe, perturb=noise)
