"""How can training give less away of its rows, or make a model harder to fool?"""

import warnings
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm

from foible.arrays import Floats, Ints
from foible.domains import Amount, Count, Level, Natural, Positive, Share
from foible.errors import BadInput
from foible.models import (
    ConvolutionalRecipe,
    Differentiable,
    NetworkRecipe,
    Perturbation,
    PrivateLanguageRecipe,
    PrivateRecipe,
    private_network,
)

ORDERS = [1 + x / 10 for x in range(1, 100)] + list(range(11, 64)) + [96, 160, 256, 512]
"""Orders of Rényi's divergence at which the accountant looks; more help small noise."""
NOISES = (0.05, 5000.0)
"""Noise between which `private` looks, in units of the clipping length."""
Trained = TypeVar("Trained", NetworkRecipe, ConvolutionalRecipe)


def stopped(recipe: NetworkRecipe, *, steps: Count) -> NetworkRecipe:
    """The same recipe, stopped early: after at most so many steps, at least 1."""
    return replace(recipe, steps=min(steps, recipe.steps))


def decayed(recipe: NetworkRecipe, *, decay: Positive) -> NetworkRecipe:
    """The same recipe with a penalty, `decay` / 2 times the squared parameters."""
    return replace(recipe, decay=decay)


def adversarial(recipe: Trained, *, attack: Perturbation) -> Trained:
    """The same recipe, learning from rows that an attack has moved [madry2018towards].

    It moves the rows against the network as it is at that step.
    """
    return replace(recipe, perturb=attack)


def with_noise(recipe: Trained, *, scale: Amount) -> Trained:
    """The same recipe, learning from rows with Gaussian noise [cohen2019certified].

    Its standard deviation is `scale`, in the unit of the rows.
    """
    if not scale >= 0:
        raise BadInput(f"got scale={scale}; wanted 0 or more")

    def noise(model: Differentiable, X: Floats, y: Ints, /, *, seed: int) -> Floats:
        return X + scale * np.random.default_rng(seed).standard_normal(X.shape)

    return replace(recipe, perturb=noise)


def private(
    recipe: NetworkRecipe,
    *,
    epsilon: Positive,
    delta: Level,
    steps: Natural = 60,
    rate: Positive = 0.03,
    clip: Positive = 1.0,
) -> PrivateRecipe:
    """The same network, made with differential privacy [abadi2016deep].

    Adjacent are two data sets of which one has one row more. Nothing is sampled: every
    step sees every row, so no amplification by sampling is claimed. The noise is the
    least for which `spent` is at most `epsilon`.

    Parameters
    ----------
    recipe : NetworkRecipe
        Its layers are kept; how it is trained is not.
    epsilon : float
        The privacy loss that is allowed, above 0.
    delta : float
        How surely, between 0 and 1; well below one over the number of rows. The others
        are as for `models.private_network`.

    BadInput: an `epsilon` or `delta` that means nothing, or that no noise reaches.
    """
    if not epsilon > 0 or not 0 < delta < 1:
        raise BadInput(
            f"got epsilon={epsilon}, delta={delta}; wanted epsilon above 0 and delta "
            "between 0 and 1"
        )
    made = partial(
        private_network, hidden=recipe.hidden, steps=steps, rate=rate, clip=clip
    )

    def excess(logarithm: float) -> float:
        return spent(made(noise=float(np.exp(logarithm))), delta=delta) - epsilon

    low, high = np.log(NOISES)
    if excess(low) < 0 or excess(high) > 0:
        raise BadInput(
            f"got epsilon={epsilon}; wanted one that noise of {NOISES[0]} to "
            f"{NOISES[1]} gives in {steps} steps"
        )
    return made(noise=float(np.exp(brentq(excess, low, high, xtol=1e-9) + 1e-8)))


def spent(
    recipe: PrivateRecipe | PrivateLanguageRecipe,
    *,
    delta: Level,
    sampled: Share = 1.0,
) -> float:
    """Epsilon of one such model, by Opacus' accountant [yousefpour2021opacus].

    Each step sees each row, or each text, by a toss of its own with the chance
    `sampled`: that of a network sees all, that of a language model `batch` / n.

    For rows added or removed one at a time, and for the training alone: a search for
    the best settings on the same rows would have to be paid for as well.
    It is an upper bound, somewhat above the least epsilon; infinite without noise.
    """
    if not recipe.noise:
        return float("inf")
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(recipe.noise, sampled, recipe.steps)]
    with warnings.catch_warnings():  # further orders could only lower the bound
        warnings.filterwarnings("ignore", message="Optimal order")
        return float(accountant.get_epsilon(delta=delta, alphas=ORDERS))


def spent_exactly(recipe: PrivateRecipe, *, delta: Level) -> float:
    """The least epsilon that is true of one such model [balle2018improving].

    All steps together are one Gaussian mechanism, see `ceiling`, and of that the least
    delta for each epsilon is known in closed form; otherwise as `spent`.
    """
    if not 0 < delta < 1:
        raise BadInput(f"got delta={delta}; wanted it between 0 and 1")
    if not recipe.noise:
        return float("inf")
    apart = np.sqrt(recipe.steps) / recipe.noise

    def excess(epsilon: float) -> float:
        far = norm.logcdf(-apart / 2 - epsilon / apart) + epsilon
        return float(norm.cdf(apart / 2 - epsilon / apart) - np.exp(far) - delta)

    most = apart**2 / 2 + apart * norm.isf(delta)  # where the first term alone is delta
    return float(brentq(excess, 0, most)) if excess(0) > 0 else 0.0


def ceiling(recipe: PrivateRecipe, false_alarms: ArrayLike) -> Floats:
    """Most members that anybody can find, whatever they know and compute.

    All steps together are one Gaussian mechanism, so an attacker has to tell two normal
    distributions of spread 1 apart whose means differ by √steps / noise. This is exact
    for rows added or removed one at a time.

    Returns
    -------
    ndarray
        Shares, 0 to 1, in the shape of `false_alarms`, which are shares too.
    """
    alarms = np.asarray(false_alarms, dtype=np.float64)
    if not recipe.noise:
        return np.ones_like(alarms)
    apart = np.sqrt(recipe.steps) / recipe.noise
    return np.asarray(norm.cdf(norm.ppf(alarms) + apart))
