"""How far is the boundary of a linear model, exactly?"""

import numpy as np

from foible.arrays import Floats, Ints
from foible.models import (
    Network,
    as_network,
)
from foible.search import Norm


def reach(model: Network, X: Floats, y: Ints, *, norm: Norm = "Linf") -> Floats:
    """Distance of each row from the boundary of a linear model, exactly.

    The lead over a rival class falls fastest along the difference of their weights, by
    that difference's dual norm for each unit of distance; the nearest rival decides.

    Parameters
    ----------
    model : Network
        Of a single layer.
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
    norm : {"Linf", "L2"}

    Returns
    -------
    ndarray of shape (n,)
        0 where the model is wrong already. No box is heeded.

    Raises
    ------
    BadInput
        The model is not linear.
    """
    weight, _ = as_network(model, most=1).layers[0]
    apart = weight[:, y].T[:, :, np.newaxis] - weight[np.newaxis]
    speed = np.linalg.norm(apart, ord=1 if norm == "Linf" else 2, axis=1)
    scores = model.logits(X)
    lead = scores[np.arange(len(y)), y][:, np.newaxis] - scores
    rival = np.arange(scores.shape[1]) != y[:, np.newaxis]
    far = np.where(rival, lead / np.where(rival, speed, 1), np.inf)
    return np.asarray(np.maximum(far.min(axis=1), 0))
