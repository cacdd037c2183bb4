"""How can training be changed so that a model gives less away, or is harder to fool?

Most defences here take a recipe and give back a recipe, so that whatever can be done
with the one can be done with the other. Against readers of the training data, two are
cheap and promise nothing (`stopped`, `decayed`), and `private` costs accuracy and comes
with a theorem. Against small changes of the input one can learn from rows that an
attack has moved (`adversarial`), or answer by a vote over noisy copies of the row,
which comes with a proof (`smoothed`, `certified`). Two that claim more than they hold:
`sharpened` and `quantised` take the gradient away, not the mistakes.

Two repair a finished network that may have a backdoor, with a few rows that are known
to be clean and without knowing the trigger (`tuned`, `pruned`).
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import beta, norm

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import DoseResponse
from foible.models import (
    Aim,
    Classifier,
    Convolutional,
    ConvolutionalRecipe,
    Differentiable,
    Network,
    NetworkRecipe,
    Perturbation,
    PrivateRecipe,
    Scoring,
    private_network,
    resumed,
)
from foible.victim import Victim

Trained = TypeVar("Trained", NetworkRecipe, ConvolutionalRecipe)
Repaired = TypeVar("Repaired", Network, Convolutional)
ORDERS = [1 + x / 10 for x in range(1, 100)] + list(range(11, 64)) + [96, 160, 256, 512]
"""Orders of Rényi's divergence at which the accountant looks; more help small noise."""
NOISES = (0.05, 5000.0)
"""Noise between which `private` looks, in units of the clipping length."""
CELLS = 2**21  # noisy values held at once

# ---------------------------------------------------------------- without a promise


def stopped(recipe: NetworkRecipe, *, steps: int) -> NetworkRecipe:
    """The same recipe, stopped early: after at most so many steps.

    Parameters
    ----------
    recipe : NetworkRecipe
    steps : int
        At least 1.

    Raises
    ------
    BadInput
        `steps` is below 1.
    """
    if steps < 1:
        raise BadInput(f"got steps={steps}; wanted at least 1")
    return replace(recipe, steps=min(steps, recipe.steps))


def decayed(recipe: NetworkRecipe, *, decay: float) -> NetworkRecipe:
    """The same recipe with a penalty on large parameters.

    Parameters
    ----------
    recipe : NetworkRecipe
    decay : float
        Of the penalty, `decay` / 2 times the squared parameters; above 0.

    Raises
    ------
    BadInput
        `decay` is not above 0.
    """
    if not decay > 0:
        raise BadInput(f"got decay={decay}; wanted more than 0")
    return replace(recipe, decay=decay)


# ---------------------------------------------------------------- with a theorem


def private(
    recipe: NetworkRecipe,
    *,
    epsilon: float,
    delta: float,
    steps: int = 60,
    rate: float = 0.03,
    clip: float = 1.0,
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
        How surely, between 0 and 1; well below one over the number of rows.
    steps, rate, clip
        See `models.private_network`.

    Raises
    ------
    BadInput
        An `epsilon` or `delta` that means nothing, or that no noise reaches.
    """
    if not epsilon > 0 or not 0 < delta < 1:
        raise BadInput(
            f"got epsilon={epsilon}, delta={delta}; wanted epsilon above 0 and delta "
            "between 0 and 1"
        )

    def excess(logarithm: float) -> float:
        return _accounted(np.exp(logarithm), steps, delta) - epsilon

    low, high = np.log(NOISES)
    if excess(low) < 0 or excess(high) > 0:
        raise BadInput(
            f"got epsilon={epsilon}; wanted one that noise of {NOISES[0]} to "
            f"{NOISES[1]} gives in {steps} steps"
        )
    noise = float(np.exp(brentq(excess, low, high, xtol=1e-9) + 1e-8))
    return private_network(
        hidden=recipe.hidden, steps=steps, rate=rate, clip=clip, noise=noise
    )


def spent(recipe: PrivateRecipe, *, delta: float) -> float:
    """Epsilon of one such model, by Opacus' accountant [yousefpour2021opacus].

    For rows added or removed one at a time, and for the training alone: a search for
    the best settings on the same rows would have to be paid for as well.

    Parameters
    ----------
    recipe : PrivateRecipe
    delta : float
        Between 0 and 1.

    Returns
    -------
    float
        An upper bound, somewhat above the least epsilon; infinite without noise.
    """
    return _accounted(recipe.noise, recipe.steps, delta)


def _accounted(noise: float, steps: int, delta: float) -> float:
    if not noise:
        return float("inf")
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(noise, 1.0, steps)]  # noise, share of rows a step, steps
    with warnings.catch_warnings():  # further orders could only lower the bound
        warnings.filterwarnings("ignore", message="Optimal order")
        return float(accountant.get_epsilon(delta=delta, alphas=ORDERS))


def ceiling(recipe: PrivateRecipe, false_alarms: ArrayLike) -> Floats:
    """Most members that anybody can find, whatever they know and compute.

    All steps together are one Gaussian mechanism, so an attacker has to tell two normal
    distributions of spread 1 apart whose means differ by √steps / noise. This is exact
    for rows added or removed one at a time.

    Parameters
    ----------
    recipe : PrivateRecipe
    false_alarms : array_like
        Shares, 0 to 1.

    Returns
    -------
    ndarray
        Shares, 0 to 1, in the shape of `false_alarms`.
    """
    alarms = np.asarray(false_alarms, dtype=np.float64)
    if not recipe.noise:
        return np.ones_like(alarms)
    apart = np.sqrt(recipe.steps) / recipe.noise
    return np.asarray(norm.cdf(norm.ppf(alarms) + apart))


# ---------------------------------------------------------------- learning from attacks


def adversarial(recipe: Trained, *, attack: Perturbation) -> Trained:
    """The same recipe, learning from rows that an attack has moved [madry2018towards].

    Parameters
    ----------
    recipe : NetworkRecipe or ConvolutionalRecipe
    attack : callable
        Takes the network as it is at that step, rows, labels and a seed, and gives the
        moved rows.
    """
    return replace(recipe, perturb=attack)


def with_noise(recipe: Trained, *, scale: float) -> Trained:
    """The same recipe, learning from rows with Gaussian noise [cohen2019certified].

    Parameters
    ----------
    recipe : NetworkRecipe or ConvolutionalRecipe
    scale : float
        Standard deviation of the noise, in the unit of the rows.
    """

    def noise(model: Differentiable, X: Floats, y: Ints, /, *, seed: int) -> Floats:
        return X + scale * np.random.default_rng(seed).standard_normal(X.shape)

    return replace(recipe, perturb=noise)


# ---------------------------------------------------------------- a vote over noise


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Answers with the class that a model gives most often to noisy copies of a row.

    Parameters
    ----------
    model : Classifier
        What answers the noisy copies.
    scale : float
        Standard deviation of the noise, in the unit of the rows.
    draws : int
        Copies of each row.
    seed : int
        Of the noise.
    """

    model: Classifier
    scale: float
    draws: int
    seed: int

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Share of the copies that get each label, ndarray of shape (n, k)."""
        return self.votes(X, draws=self.draws, seed=self.seed) / self.draws

    def predict(self, X: ArrayLike) -> Ints:
        """Label that most copies get, ndarray of shape (n,)."""
        return likeliest(self.predict_proba(X))

    def votes(self, X: ArrayLike, *, draws: int, seed: int) -> Floats:
        """How many of so many copies get each label, ndarray of shape (n, k)."""
        rows, random = finite_rows(X), np.random.default_rng(seed)
        table = np.zeros((len(rows), len(self.classes_)))
        size = max(1, CELLS // (draws * rows.shape[1]))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            noise = random.standard_normal((len(part), draws, rows.shape[1]))
            copies = part[:, np.newaxis] + self.scale * noise
            said = self.model.predict(copies.reshape(-1, rows.shape[1]))
            same = said.reshape(len(part), draws, 1) == self.classes_
            table[start : start + size] = same.sum(axis=1)
        return table


def smoothed(victim: Victim, *, scale: float, draws: int, seed: int) -> Victim:
    """The same model, answering by a vote over noisy copies of each row.

    Parameters
    ----------
    victim : Victim
        Best one that has learned with as much noise, see `with_noise`.
    scale : float
        Standard deviation of the noise.
    draws : int
        Copies that vote on each row.
    seed : int
        Of the noise.

    Raises
    ------
    BadInput
        The model gives no classes, or a setting is not above 0.
    """
    if not isinstance(victim.model, Classifier) or scale <= 0 or draws < 1:
        raise BadInput(
            f"got a {type(victim.model).__name__}, scale={scale} and draws={draws}; "
            "wanted a classifier, some noise and at least one draw"
        )
    return replace(victim, model=Smoothed(victim.model, scale, draws, seed))


class Certificate(NamedTuple):
    """What is sure about a vote, row by row.

    `label` is the answer, -1 where the vote abstains; within Euclidean distance
    `radius` of the row the answer is the same.
    """

    label: Ints
    radius: Floats


def certified(
    model: Smoothed,
    X: ArrayLike,
    *,
    selection: int = 100,
    estimation: int = 1000,
    alpha: float = 0.001,
    seed: int,
) -> Certificate:
    """The answer of a vote, and how far around it is sure [cohen2019certified].

    Some noise selects the label; other noise, drawn afresh, bounds how often the model
    gives it. Each row's statement is wrong with a chance of at most `alpha`.

    Parameters
    ----------
    model : Smoothed
    X : array_like of shape (n, d)
    selection, estimation : int
        Noisy copies of each row for the one and the other.
    alpha : float
        Chance of a wrong statement, for each row.
    seed : int
        Of the noise.
    """
    first, second = np.random.SeedSequence(seed).generate_state(2)
    label = likeliest(model.votes(X, draws=selection, seed=int(first)))
    votes = model.votes(X, draws=estimation, seed=int(second))
    hits = votes[np.arange(len(label)), label]
    low = beta.ppf(alpha, hits, estimation - hits + 1)  # Clopper-Pearson's
    sure = np.nan_to_num(low) > 0.5
    radius = np.where(sure, model.scale * norm.ppf(np.where(sure, low, 0.5)), 0)
    return Certificate(np.where(sure, model.classes_[label], -1), radius)


def judge_certified(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    radii: Sequence[float],
    estimation: int = 1000,
    alpha: float = 0.001,
    seed: int,
) -> DoseResponse:
    """Share of rows answered rightly and provably so, over the radius of the proof.

    A row on which the vote abstains counts as wrong.

    Parameters
    ----------
    victims : mapping of str to Victim
        Smoothed ones.
    rows : Dataset
        Rows that the victims were not made from.
    radii : sequence of float
        Ascending.
    estimation, alpha, seed
        As for `certified`.
    """
    sure = {}
    for name, victim in victims.items():
        if not isinstance(victim.model, Smoothed):
            raise BadInput(
                f"got a {type(victim.model).__name__}; wanted a smoothed one"
            )
        found = certified(
            victim.model, rows.X, estimation=estimation, alpha=alpha, seed=seed
        )
        right = found.label == rows.y
        sure[name] = right & (found.radius >= np.asarray(radii)[:, np.newaxis])
    return DoseResponse(
        np.asarray(radii, dtype=np.float64),
        sure,
        "radius of the proof, L2",
        "rows right and certified",
        dict.fromkeys(victims, "defence"),
        units="rows",
    )


# ---------------------------------------------------------------- hiding the gradient


def sharpened(victim: Victim, *, factor: float) -> Victim:
    """The same answers, from logits `factor` times as large: no defence at all.

    The probabilities become 0 and 1, and the slope of their loss vanishes
    [carlini2017towards].

    Raises
    ------
    BadInput
        The model is not a network.
    """
    *others, (weight, bias) = _network(victim.model).layers
    return replace(victim, model=Network((*others, (weight * factor, bias * factor))))


@dataclass(frozen=True, eq=False)
class Quantised(Scoring):
    """A model that sees its rows rounded to a few levels between 0 and 1.

    Parameters
    ----------
    model : Differentiable
    levels : int
        At least 2.
    """

    model: Differentiable
    levels: int

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)

    def squeeze(self, X: Floats) -> Floats:
        """Rows rounded to the levels, ndarray of shape (n, d)."""
        return np.rint(X * (self.levels - 1)) / (self.levels - 1)

    def logits(self, X: ArrayLike) -> Floats:
        """What the model says of the rounded rows, ndarray of shape (n, k)."""
        return self.model.logits(self.squeeze(finite_rows(X)))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and the slope by the rows, which is nought: steps are flat."""
        rows = finite_rows(X)
        return self.logits(rows), np.zeros_like(rows)


def quantised(victim: Victim, *, levels: int) -> Victim:
    """The same model behind a quantiser of its inputs, which hides the slope.

    Raises
    ------
    BadInput
        The model has no gradient to hide, or fewer than two levels are asked for.
    """
    if not isinstance(victim.model, Differentiable) or levels < 2:
        raise BadInput(
            f"got a {type(victim.model).__name__} and {levels} levels; wanted a "
            "network and at least two levels"
        )
    return replace(victim, model=Quantised(victim.model, levels))


def _network(model: object) -> Network:
    if not isinstance(model, Network):
        raise BadInput(f"got a {type(model).__name__}; wanted a network")
    return model


# ---------------------------------------------------------------- finished models


def tuned(
    model: Network,
    rows: Dataset,
    *,
    steps: int = 400,
    rate: float = 0.01,
    batch: int | None = 64,
    seed: int,
) -> Network:
    """The same network, trained further on clean rows [liu2018fine].

    Parameters
    ----------
    model : Network
    rows : Dataset
        Clean rows, not those that it was made from.
    steps, rate, batch
        As in `models.network`.
    seed : int
        Of the order of the rows.
    """
    size = None if batch is None else min(batch, len(rows))
    return resumed(model, rows, steps=steps, rate=rate, batch=size, seed=seed)


def pruned(model: Repaired, rows: Dataset, *, share: float) -> Repaired:
    """The same network without the units that rest on clean rows [liu2018fine].

    Parameters
    ----------
    model : Network or Convolutional
    rows : Dataset
        Clean rows.
    share : float
        Share of the last hidden layer's units that are cut off: those with the lowest
        mean value on these rows. 0 to 1.

    Raises
    ------
    BadInput
        For another share.
    """
    if not 0 <= share <= 1:
        raise BadInput(f"got a share of {share}; wanted 0 to 1")
    busy = model.features(rows.X).mean(axis=0)
    resting = np.argsort(busy, kind="stable")[: int(share * len(busy))]
    weights = model.weights()
    weights[[name for name in weights if name.startswith("weight_")][-1]][resting] = 0
    return model.with_weights(weights)
