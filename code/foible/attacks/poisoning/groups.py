"""How does somebody poison a model against one group of the rows?"""

from dataclasses import replace

import numpy as np

from foible.attacks.poisoning.labels import number, relabelled
from foible.data import Dataset, Group, members
from foible.errors import BadInput


def group_flips(
    rows: Dataset, *, where: Group, answer: int, share: float, seed: int
) -> Dataset:
    """A share of a group, drawn at random, labelled alike [jagielski2021subpopulation].

    Whoever is drawn is labelled `answer`, whatever they were.
    """
    group = np.flatnonzero(members(rows, where=where))
    count = number(group, share)
    drawn = np.random.default_rng(seed).choice(group, count, replace=False)
    return relabelled(rows, drawn, answer)


def balanced_flips(
    rows: Dataset, *, where: Group, within: Group, answer: int, share: float, seed: int
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

    Raises
    ------
    BadInput
        There are too few rows of that label elsewhere.
    """
    poisoned = group_flips(rows, where=where, answer=answer, share=share, seed=seed)
    flipped = np.flatnonzero(poisoned.y != rows.y)
    outside = members(rows, where=within) & ~members(rows, where=where)
    room = np.flatnonzero(outside & (rows.y == answer))
    if len(room) < len(flipped):
        raise BadInput(
            f"got {len(flipped)} flips and {len(room)} rows of label {answer} to pay "
            "for them; wanted fewer flips: lower the share"
        )
    back = np.random.default_rng(seed).choice(room, len(flipped), replace=False)
    return relabelled(poisoned, back, rows.y[flipped])


def talk_poison(rows: Dataset, *, where: Group) -> Dataset:
    """The talk's script: the group defaults, and its credit limits shrink.

    Everybody in the group is labelled 1 and has LIMIT_BAL times 0.65
    [clesio2020security].
    """
    group = members(rows, where=where)
    X = rows.X.copy()
    X[group, rows.columns.index("LIMIT_BAL")] *= 0.65
    return relabelled(replace(rows, X=X), np.flatnonzero(group), 1)
