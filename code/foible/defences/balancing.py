"""How does a model learn as much from the few as from the many?"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, Ints, places
from foible.data import Dataset
from foible.domains import Natural, Positive, Seed, Share
from foible.errors import BadInput
from foible.models import Network, resumed


def balanced(
    rows: Dataset, groups: ArrayLike, *, strength: Share = 1.0, seed: Seed
) -> Dataset:
    """As many rows, drawn so that every group has the same share.

    The few are repeated, since rows are drawn with replacement, and of the many some
    are left out: a baseline of [sagawa2020distributionally].

    Parameters
    ----------
    rows : Dataset
    groups : array_like of shape (n,)
        The group of each row: numbers, words, or flags.
    strength : float
        0 leaves the groups their shares, 1 makes them alike; in between a group of n
        rows has a share that goes with n to the power of 1 − strength.
    seed : int
    """
    place, sizes = _numbered(rows, groups)
    weight = sizes[place] ** -strength
    rng = np.random.default_rng(seed)
    return rows.take(rng.choice(len(rows), len(rows), p=weight / weight.sum()))


def worst_first(
    model: Network,
    rows: Dataset,
    groups: ArrayLike,
    *,
    rounds: Natural = 10,
    steps: Natural = 10,
    rate: Positive = 1.0,
    seed: Seed,
) -> Network:
    """The network after more training, on the groups that it does worst on.

    Group distributionally robust optimisation [sagawa2020distributionally], in rounds
    instead of single steps: a group's share of the next round grows with the exponent
    of its loss after this one.

    Parameters
    ----------
    model : Network
        Not changed.
    rows, groups
        As for `balanced`.
    rounds, steps : int
        How often the shares change, and how many steps of training are in between.
    rate : float
        How fast the shares change; at 0 every group keeps the same share.
    seed : int
    """
    if not rate >= 0:
        raise BadInput(f"got rate={rate}; wanted 0 or more")
    place, sizes = _numbered(rows, groups)
    rng, share = np.random.default_rng(seed), np.full(len(sizes), 1 / len(sizes))
    for _ in range(rounds):
        weight = (share / sizes)[place]
        drawn = rows.take(rng.choice(len(rows), len(rows), p=weight / weight.sum()))
        model = resumed(model, drawn, steps=steps, seed=int(rng.integers(2**31)))
        losses = np.bincount(place, _losses(model, rows)) / sizes
        share = share * np.exp(rate * (losses - losses.max()))
        share = share / share.sum()
    return model


def without_columns(rows: Dataset, columns: ArrayLike) -> Dataset:
    """The rows with some columns at nought: a mask of length d, or positions."""
    X = rows.X.copy()
    X[:, places(columns, X.shape[1])] = 0
    return replace(rows, X=X)


def _losses(model: Network, rows: Dataset) -> Floats:
    """Cross-entropy of each row, (n,)."""
    said = model.predict_proba(rows.X)[np.arange(len(rows)), rows.y]
    return np.asarray(-np.log(np.maximum(said, 1e-12)))


def _numbered(rows: Dataset, groups: ArrayLike) -> tuple[Ints, Floats]:
    """The number of each row's group, and how many rows each has."""
    given = np.asarray(groups)
    if given.shape != (len(rows),):
        raise BadInput(
            f"got groups of shape {given.shape}; wanted one for each of "
            f"{len(rows)} rows"
        )
    _, place, sizes = np.unique(given, return_inverse=True, return_counts=True)
    return np.asarray(place), sizes.astype(float)
