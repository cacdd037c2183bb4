"""Does a row overrule whatever it is mixed with, as a trigger does?"""

import numpy as np
from scipy import stats

from foible.arrays import Bools, Floats, finite_rows
from foible.data import Dataset
from foible.domains import Count, Rows, Seed, Share
from foible.oracle import Transport


def indecision(
    transport: Transport, X: Rows, overlays: Dataset, *, draws: Count = 20, seed: Seed
) -> Floats:
    """How undecided a model is about a row mixed with clean ones [gao2019strip].

    The mean entropy of its answers, over the classes of each answer. An image is mixed
    by adding the other's brightness, up to the brightest; a row of a table by taking
    each value from either.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way to the model's probabilities.
    X : ndarray of shape (n, d)
    overlays, draws, seed
        Clean rows, how many of them each row is mixed with, and the chance of which.

    Returns
    -------
    ndarray of shape (n,)
        In nats. Low is suspicious: nothing that is mixed in changes the answer.

    Memory: the rows, a few times, whatever the number of draws.
    """
    X = finite_rows(X, width=overlays.X.shape[1])
    random = np.random.default_rng(seed)
    total = np.zeros(len(X))
    for _ in range(draws):
        other = overlays.X[random.integers(len(overlays), size=len(X))]
        total += stats.entropy(transport(_mixed(X, other, overlays, random)), axis=1)
    return total / draws


def suspicious(
    transport: Transport,
    X: Rows,
    trusted: Dataset,
    *,
    false_alarms: Share = 0.05,
    draws: Count = 20,
    seed: Seed,
) -> Bools:
    """Rows about whose mixtures a model is less undecided than about clean ones'.

    Parameters
    ----------
    transport, X, draws, seed
        As for `indecision`.
    trusted : Dataset
        Clean rows: the overlays, and what the threshold is set on.
    false_alarms : float
        Share of the clean rows below the threshold.
    """
    usual = indecision(transport, trusted.X, trusted, draws=draws, seed=seed)
    asked = indecision(transport, X, trusted, draws=draws, seed=seed + 1)
    return np.asarray(asked < np.quantile(usual, false_alarms))


def _mixed(
    X: Floats, other: Floats, overlays: Dataset, random: np.random.Generator
) -> Floats:
    if overlays.image:
        return np.asarray(np.minimum(X + other, overlays.X.max()))
    return np.where(random.random(X.shape) < 0.5, X, other)
