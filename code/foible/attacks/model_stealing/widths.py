"""How wide is a network that only shows its logits?"""

import numpy as np

from foible.arrays import Floats, finite_rows
from foible.errors import BadInput


def hidden_width(answers: Floats) -> tuple[int, float]:
    """Width of a network's last hidden layer, from its logits [carlini2024stealing].

    Logits (n, k), or log-probabilities, are a linear map of the hidden units, so many
    of them span no more dimensions than there are units that ever switch on: fewer than
    there are classes, or there is nothing to see.

    Returns
    -------
    width : int
        Where the singular values break off.
    gap : float
        By what factor they do. Near 1, or 10, it means nothing: all k are in use.
    """
    answers = finite_rows(answers)
    if min(answers.shape) < 2:
        raise BadInput(f"got logits of shape {answers.shape}; wanted 2 rows, 2 classes")
    centred = answers - answers.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    drops = sizes[:-1] / np.maximum(sizes[1:], np.finfo(float).tiny)
    width = int(np.argmax(drops)) + 1
    return width, float(drops[width - 1])
