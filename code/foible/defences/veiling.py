"""How are vectors kept so that a thief reads little in them, and a search works?"""

import numpy as np
from scipy.stats import ortho_group

from foible.arrays import Floats
from foible.domains import Amount, Rows, Seed, Several


def noisy(vectors: Rows, *, length: Amount, seed: Seed) -> Floats:
    """Vectors with noise of about this length added to each, once [morris2023text].

    Parameters
    ----------
    vectors : ndarray of shape (n, width)
        Of length 1.
    length : float
        Of the noise, which is normal and the same in all directions: 1 for as long as
        the vector.
    seed : int
    """
    scale = length / np.sqrt(vectors.shape[1])
    return vectors + np.random.default_rng(seed).normal(0, scale, vectors.shape)


def key(width: Several, *, seed: Seed) -> Floats:
    """A rotation drawn from all, ndarray of shape (width, width): the owner's secret.

    Vectors and questions times the key have the cosines that they had.
    """
    return np.asarray(ortho_group.rvs(width, random_state=np.random.default_rng(seed)))
