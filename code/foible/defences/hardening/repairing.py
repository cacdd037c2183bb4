"""What helps a finished network that may have a backdoor?"""

from typing import TypeVar

import numpy as np

from foible.data import Dataset
from foible.domains import Count, Natural, Positive, Seed, Share
from foible.models import Convolutional, Network, resumed

Repaired = TypeVar("Repaired", Network, Convolutional)


def tuned(
    model: Network,
    rows: Dataset,
    *,
    steps: Natural = 400,
    rate: Positive = 0.01,
    batch: Count | None = 64,
    seed: Seed,
) -> Network:
    """The same network, trained further on clean rows [liu2018fine].

    They are not those that it was made from. The others are as for `models.resumed`.
    """
    size = None if batch is None else min(batch, len(rows))
    return resumed(model, rows, steps=steps, rate=rate, batch=size, seed=seed)


def pruned(model: Repaired, rows: Dataset, *, share: Share) -> Repaired:
    """The same network without the units that rest on clean rows [liu2018fine].

    Cut off is a share, 0 to 1, of the last hidden layer's units: those with the lowest
    mean value on these rows.
    """
    busy = model.features(rows.X).mean(axis=0)
    resting = np.argsort(busy, kind="stable")[: int(share * len(busy))]
    weights = model.weights()
    weights[[name for name in weights if name.startswith("weight_")][-1]][resting] = 0
    return model.with_weights(weights)
