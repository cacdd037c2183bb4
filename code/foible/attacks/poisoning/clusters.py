"""How does somebody poison a part of the population that no column names?"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.cluster import KMeans

from foible.arrays import Floats, Ints, scale
from foible.checks import counts
from foible.data import Dataset
from foible.errors import BadInput


def clustering(own: Dataset, *, count: int, seed: int) -> Callable[[Floats], Ints]:
    """Clusters among the attacker's own rows: what takes any rows to their clusters."""
    mean, spread = scale(own.X)
    finder = KMeans(count, n_init=1, random_state=seed).fit((own.X - mean) / spread)
    return lambda X: finder.predict((X - mean) / spread)


def cluster_rows(
    own: Dataset, labels: Ints, *, cluster: int, count: int, seed: int
) -> Dataset:
    """Rows to add: the attacker's own from a cluster, each with the next label.

    Some repeat if the cluster has fewer; `labels`, of shape (n,), are the clusters of
    the own rows [jagielski2021subpopulation].
    """
    inside = np.flatnonzero(labels == cluster)
    if not len(inside):
        raise BadInput(f"got the cluster {cluster}, which is empty; wanted another")
    counts(count=count)
    drawn = np.random.default_rng(seed).choice(inside, count, replace=True)
    poison = own.take(drawn)
    return replace(poison, y=(poison.y + 1) % len(own.classes))
