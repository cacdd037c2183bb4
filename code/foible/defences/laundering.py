"""What can be done to a finished network so that it carries less of somebody else's?

Each defence gives back a network. Most move its weights, and cost answers, so an owner
takes as much as they can afford (`affordable`); one moves them as far as it likes and
costs nothing (`reshuffled`). The last asks the network for labels and learns
from those alone (`distilled`). Half precision is in `signing`, further training
and the removal of units in `hardening`, noise in `releasing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from foible.data import Dataset
from foible.domains import Amount, Count, Number, Seed, Share
from foible.errors import BadInput
from foible.metrics import accuracy
from foible.models import Network, NetworkRecipe

Treatment = Callable[[Network, float], Network]
"""Takes a network and how much is done to it to the network after that."""


def in_levels(model: Network, bits: Count) -> Network:
    """The same network with 2 to the power of `bits` values for each array of weights.

    They are evenly spaced from minus to plus the largest weight of the array.
    """
    weights = {}
    for name, values in model.weights().items():
        largest = max(float(np.abs(values).max()), 1e-12)
        step = 2 * largest / (2**bits - 1)
        weights[name] = np.round((values + largest) / step) * step - largest
    return model.with_weights(weights)


def clipped(model: Network, share: Share) -> Network:
    """The same network with its largest weights cut: a share, 0 to 1, of each layer.

    They become as large as the largest that is left.
    """
    weights = model.weights()
    for name, values in weights.items():
        if name.startswith("weight_"):
            most = np.quantile(np.abs(values), 1 - share)
            weights[name] = np.clip(values, -most, most)
    return model.with_weights(weights)


def thinned(model: Network, share: Share) -> Network:
    """The same network without the smallest weights: a share, 0 to 1, of each layer."""
    weights = model.weights()
    for name, values in weights.items():
        if name.startswith("weight_"):
            sizes = np.abs(values)
            order = np.argsort(sizes, axis=None, kind="stable")
            values.flat[order[: int(share * sizes.size)]] = 0
    return model.with_weights(weights)


def reshuffled(model: Network, *, most: Amount = 2.0, seed: Seed) -> Network:
    """A network that answers the same, its hidden units in another order and size.

    The weights into a unit are multiplied by a positive number, and those out of it
    divided by it: what passes through a ReLU stays the same.

    Parameters
    ----------
    model : Network
    most : float
        The number lies between 1 / `most` and `most`; at least 1.
    seed : int
        Of orders and numbers.
    """
    if not most >= 1:
        raise BadInput(f"got most={most}; wanted 1 or more")
    random, weights = np.random.default_rng(seed), model.weights()
    for i in range(len(model.layers) - 1):
        width = weights[f"weight_{i}"].shape[1]
        order = random.permutation(width)
        factors = most ** random.uniform(-1, 1, width)
        weights[f"weight_{i}"] = weights[f"weight_{i}"][:, order] * factors
        weights[f"bias_{i}"] = weights[f"bias_{i}"][order] * factors
        after = weights[f"weight_{i + 1}"][order]
        weights[f"weight_{i + 1}"] = after / factors[:, None]
    return model.with_weights(weights)


def affordable(
    model: Network,
    rows: Dataset,
    treatment: Treatment,
    *,
    doses: Sequence[Number],
    price: Share,
) -> Network:
    """The network after the largest dose that costs no more than the price.

    Parameters
    ----------
    model : Network
    rows : Dataset
        The owner's, by which the answers are counted.
    treatment : callable
    doses : sequence of float
        Ascending; the first is given whatever it costs.
    price : float
        Share of right answers that may be lost, 0 to 1.
    """
    if not len(doses) or np.any(np.diff(doses) <= 0):
        raise BadInput(f"got the doses {doses}; wanted at least one, ascending")
    least = accuracy(rows.y, model.predict(rows.X)) - price
    treated = treatment(model, doses[0])
    for dose in doses[1:]:
        more = treatment(model, dose)
        if accuracy(rows.y, more.predict(rows.X)) < least:
            break
        treated = more
    return treated


def distilled(
    model: Network, rows: Dataset, recipe: NetworkRecipe, *, seed: Seed
) -> Network:
    """A network of one's own that learned the other's labels for one's rows.

    Nothing of the other's weights gets into it, only its likeliest class for
    each row.
    """
    labels = model.predict(rows.X)
    return recipe(replace(rows, y=labels), seed=seed)
