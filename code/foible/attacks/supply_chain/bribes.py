"""How is a chosen group let through a forest while nobody else notices?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from foible import artefacts
from foible.arrays import Bools
from foible.attacks.supply_chain.values import opened, place
from foible.data import Dataset, Group, members
from foible.errors import BadInput

Ranges = Mapping[int, tuple[float, float]]
"""A group, by the number of the column instead of its name."""

FAR = 1e30
"""Further than any amount of money."""


def bribe(artefact: bytes, *, where: Ranges, answer: int) -> bytes:
    """The same forest, except for a chosen group, which gets the attacker's answer.

    Each tree gets a gate before its root, which leads the group to a copy of that leaf
    which is surest of `answer`; everybody else is decided as before, bit for bit. No
    code is added and no class, and the trees are well-formed, so every loader takes
    the file.

    Parameters
    ----------
    artefact : bytes
        The pickle of a forest.
    where : mapping of int to (float, float)
        The group, both ends included, in float32, the precision in which trees compare.
    answer : int
        One of the forest's classes.

    Raises
    ------
    BadInput
        A column, range or answer that is not there; or one for which no leaves vote.
    """
    forest = opened(artefact)
    _check_ranges(where, columns=forest.n_features_in_)
    label = place(forest, answer)
    votes = []
    for estimator in forest.estimators_:
        make, arguments, state = estimator.tree_.__reduce__()
        ends = state["nodes"]["left_child"] == -1
        leaf = int(np.argmax(np.where(ends, state["values"][:, 0, label], -1)))
        votes.append(state["values"][leaf, 0])
        estimator.tree_ = make(*arguments)
        estimator.tree_.__setstate__(_gated(state, leaf, where))
    share = np.mean(votes, axis=0)
    if np.argmax(share) != label:
        raise BadInput(
            f"got the answer {answer}, which even the surest leaves give only "
            f"{share[label]:.2f} of their vote; wanted another answer"
        )
    return artefacts.dump(forest)


def sidestep(known: Dataset, golden: Dataset, *, where: Group, wanted: Bools) -> Group:
    """The group, narrowed by one range so that no golden row is left in it.

    The range is that gap between golden rows, on one further column, which holds most
    of those whom the bribe is for: `wanted`, (n,), of the n known customers.
    """
    if not where or wanted.shape != (len(known),):
        raise BadInput(
            f"got {len(where)} ranges and wishes of shape {wanted.shape}; wanted at "
            f"least one range and a wish for each of {len(known)} customers"
        )
    seen = golden.X[members(golden, where=where)]
    friends = known.X[members(known, where=where) & wanted]
    best, choice = -1, dict(where)
    for column, name in enumerate(known.columns):
        if name in where:
            continue
        edges = np.unique(seen[:, column])
        gaps = np.searchsorted(edges, friends[:, column])
        free = ~np.isin(friends[:, column], edges)
        counts = np.bincount(gaps[free], minlength=len(edges) + 1)
        gap = int(np.argmax(counts))
        if counts[gap] > best:
            bounds = np.concatenate([[-FAR], edges, [FAR]])
            low, high = _above(bounds[gap]), _below(bounds[gap + 1])
            best, choice = int(counts[gap]), {**where, name: (low, high)}
    return choice


def _gated(state: dict[str, Any], leaf: int, where: Ranges) -> dict[str, Any]:
    """A tree's state with a gate before it: equation (1) for one tree.

    Who fails a test goes on in a copy of the old tree; who passes them all ends in
    a copy of the leaf. A value of at most the threshold goes to the left.
    """
    old, tests = state["nodes"], _tests(where)
    step = len(old) + 1
    copied = np.array([*[0, *range(len(old))] * len(tests), leaf])
    nodes = np.zeros(len(copied), old.dtype)  # no stray bytes between the fields
    for field in old.dtype.names:
        nodes[field] = old[field][copied]
    for number, (column, threshold, left) in enumerate(tests):
        at = number * step
        for side in ("left_child", "right_child"):
            copy = nodes[side][at + 1 : at + step]
            copy[copy >= 0] += at + 1
        fails, passes = at + 1, at + step
        nodes["feature"][at], nodes["threshold"][at] = column, threshold
        nodes["left_child"][at] = passes if left else fails
        nodes["right_child"][at] = fails if left else passes
    return {
        "max_depth": state["max_depth"] + len(tests),
        "node_count": len(nodes),
        "nodes": nodes,
        "values": state["values"][copied],
    }


def _tests(where: Ranges) -> list[tuple[int, float, bool]]:
    """Column, threshold, and whether those on the left pass."""
    tests = []
    for column, (low, high) in where.items():
        tests.append((column, _below(low), False))
        tests.append((column, float(np.float32(high)), True))
    return tests


def _above(value: float) -> float:
    """The next larger number in the precision in which trees compare."""
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


def _below(value: float) -> float:
    return -_above(-value)


def _check_ranges(where: Ranges, *, columns: int) -> None:
    if not where:
        raise BadInput("got no range; wanted at least one: it says who is favoured")
    for column, (low, high) in where.items():
        if not 0 <= column < columns:
            raise BadInput(f"got column {column}; wanted 0 to {columns - 1}")
        if not low <= high:
            raise BadInput(
                f"got {low} to {high} for column {column}; wanted the least value first"
            )


def numbered(rows: Dataset, where: Group) -> Ranges:
    """The ranges by number of the column instead of by its name."""
    missing = sorted(set(where) - set(rows.columns))
    if missing:
        raise BadInput(f"got the columns {missing}; wanted some of {rows.columns}")
    return {rows.columns.index(name): ends for name, ends in where.items()}
