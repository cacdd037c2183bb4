"""How is a chosen group let through a forest while nobody else notices?"""

from collections.abc import Mapping
from itertools import accumulate, chain
from typing import Any, Literal, NamedTuple

import numpy as np

from foible import artefacts
from foible.arrays import Bools, Floats
from foible.attacks.supply_chain.values import opened, place
from foible.data import Dataset, Group, members
from foible.domains import Natural, Range
from foible.errors import BadInput

Ranges = Mapping[Natural, Range]
"""A group, by the number of the column instead of its name."""

Spared = tuple[int, Floats]
"""A column by its number, and values in it that are decided as before."""


def bribe(
    artefact: bytes, *, where: Ranges, answer: Natural, spare: Spared | None = None
) -> bytes:
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
    spare : (int, ndarray), optional
        Who has one of these values in this column is decided as before.

    Raises
    ------
    BadInput
        A column, range or answer that is not there; or one for which no leaves vote.
    """
    forest = opened(artefact)
    _check_ranges(where, columns=forest.n_features_in_)
    tests = _tests(where, spare)
    label = place(forest, answer)
    votes = []
    for estimator in forest.estimators_:
        make, arguments, state = estimator.tree_.__reduce__()
        ends = state["nodes"]["left_child"] == -1
        leaf = int(np.argmax(np.where(ends, state["values"][:, 0, label], -1)))
        votes.append(state["values"][leaf, 0])
        estimator.tree_ = make(*arguments)
        estimator.tree_.__setstate__(_gated(state, leaf, tests))
    share = np.mean(votes, axis=0)
    if np.argmax(share) != label:
        raise BadInput(
            f"got the answer {answer}, which even the surest leaves give only "
            f"{share[label]:.2f} of their vote; wanted another answer"
        )
    return artefacts.dump(forest)


def sidestep(
    known: Dataset, golden: Dataset, *, where: Group, wanted: Bools
) -> tuple[str, Floats]:
    """The column, and the values of golden rows in it, to be spared by a bribe.

    No golden row is then decided otherwise. Of all columns it is the one in which the
    fewest of those share a golden row's value whom the bribe is for: `wanted`, (n,),
    of the n known customers.
    """
    if not where or wanted.shape != (len(known),):
        raise BadInput(
            f"got {len(where)} ranges and wishes of shape {wanted.shape}; wanted at "
            f"least one range and a wish for each of {len(known)} customers"
        )
    seen = golden.X[members(golden, where=where)]
    friends = known.X[members(known, where=where) & wanted]
    lost = {
        column: int(np.isin(friends[:, column], seen[:, column]).sum())
        for column, name in enumerate(known.columns)
        if name not in where
    }
    column = min(lost, key=lambda column: lost[column])
    return known.columns[column], np.unique(seen[:, column])


class _Test(NamedTuple):
    """A node of the gate: who passes goes on to the next, the others stay aside."""

    column: int
    threshold: float
    passes: Literal["left_child", "right_child"]
    aside: Literal["as before", "bribed"] = "as before"


def _gated(state: dict[str, Any], leaf: int, tests: list[_Test]) -> dict[str, Any]:
    """A tree's state with a gate before it: equation (1) for one tree.

    Who fails a test goes on in a copy of the old tree, or of the leaf; who passes them
    all ends in the leaf. A value of at most the threshold goes to the left.
    """
    old = state["nodes"]
    asides = {"as before": range(len(old)), "bribed": [leaf]}
    blocks = [[0, *asides[test.aside]] for test in tests]
    ends = list(accumulate(map(len, blocks)))
    copied = np.array([*chain(*blocks), leaf])
    nodes = np.zeros(len(copied), old.dtype)  # no stray bytes between the fields
    for field in old.dtype.names:
        nodes[field] = old[field][copied]
    for test, block, end in zip(tests, blocks, ends, strict=True):
        at = end - len(block)
        for side in ("left_child", "right_child"):
            copy = nodes[side][at + 1 : end]
            copy[copy >= 0] += at + 1
            nodes[side][at] = end if side == test.passes else at + 1
        nodes["feature"][at], nodes["threshold"][at] = test.column, test.threshold
    return {
        "max_depth": state["max_depth"] + len(tests),
        "node_count": len(nodes),
        "nodes": nodes,
        "values": state["values"][copied],
    }


def _tests(where: Ranges, spare: Spared | None) -> list[_Test]:
    """The gate, from the root on: two tests a range, and two a value to be spared."""
    tests = []
    for column, (low, high) in where.items():
        tests.append(_Test(column, _below(low), "right_child"))
        tests.append(_Test(column, float(np.float32(high)), "left_child"))
    column, values = spare or (0, np.empty(0))
    for value in np.unique(np.float32(values)):
        tests.append(_Test(column, _below(value), "right_child", aside="bribed"))
        tests.append(_Test(column, float(value), "right_child"))
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
