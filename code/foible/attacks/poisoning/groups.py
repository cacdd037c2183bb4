"""How does somebody poison a model against some of the rows, with or without a name?"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.cluster import KMeans

from foible.arrays import Floats, Ints, scale
from foible.attacks.poisoning.labels import drawn, number, relabelled
from foible.data import Dataset, Group, members
from foible.domains import Count, Natural, Seed, Share
from foible.errors import BadInput


def group_flips(
    rows: Dataset, *, where: Group, answer: Natural, share: Share, seed: Seed
) -> Dataset:
    """A share of a group, drawn at random, labelled alike [jagielski2021subpopulation].

    Whoever is drawn is labelled `answer`, whatever they were.
    """
    group = np.flatnonzero(members(rows, where=where))
    return relabelled(rows, drawn(group, number(group, share), seed=seed), answer)


def balanced_flips(
    rows: Dataset,
    *,
    where: Group,
    within: Group,
    answer: Natural,
    share: Share,
    seed: Seed,
) -> Dataset:
    """Flips in a group, and as many back outside it: no count of labels changes.

    Who knows that somebody counts the labels answers each row of the group that is
    relabelled by one of `answer` elsewhere that is given a relabelled row's old label.

    Parameters
    ----------
    where, share
        As for `group_flips`; rows that are labelled `answer` already stay.
    within : mapping of str to (float, float)
        The part of the rows whose labels are counted, for example one SEX; it holds
        the group.
    """
    poisoned = group_flips(rows, where=where, answer=answer, share=share, seed=seed)
    flipped = np.flatnonzero(poisoned.y != rows.y)
    outside = members(rows, where=within) & ~members(rows, where=where)
    room = np.flatnonzero(outside & (rows.y == answer))
    back = drawn(room, len(flipped), seed=seed)
    return relabelled(poisoned, back, rows.y[flipped])


def talk_poison(rows: Dataset, *, where: Group) -> Dataset:
    """The talk's script: the group defaults, and its credit limits shrink.

    Everybody in the group is labelled 1 and has LIMIT_BAL times 0.65
    [clesio2020security].
    """
    group = members(rows, where=where)
    X, limit = rows.X.copy(), rows.column("LIMIT_BAL")
    X[:, rows.columns.index("LIMIT_BAL")] = np.where(group, 0.65 * limit, limit)
    return relabelled(replace(rows, X=X), np.flatnonzero(group), 1)


# ---------------------------------------------------------------- clusters


def clustering(own: Dataset, *, count: Count, seed: Seed) -> Callable[[Floats], Ints]:
    """Clusters among the attacker's own rows: what takes any rows to their clusters."""
    mean, spread = scale(own.X)
    finder = KMeans(count, n_init=1, random_state=seed).fit((own.X - mean) / spread)
    return lambda X: finder.predict((X - mean) / spread)


def cluster_rows(
    own: Dataset, labels: Ints, *, cluster: Natural, count: Count, seed: Seed
) -> Dataset:
    """Rows to add: the attacker's own from a cluster, each with the next label.

    Some repeat if the cluster has fewer; `labels`, of shape (n,), are the clusters of
    the own rows [jagielski2021subpopulation].
    """
    inside = np.flatnonzero(labels == cluster)
    if not len(inside):
        raise BadInput(f"got the cluster {cluster}, which is empty; wanted another")
    drawn = np.random.default_rng(seed).choice(inside, count, replace=True)
    poison = own.take(drawn)
    return replace(poison, y=(poison.y + 1) % len(own.classes))
