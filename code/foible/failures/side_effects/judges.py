"""How does each penalty end, in which room?"""

from collections.abc import Mapping, Sequence

import numpy as np

from foible.arrays import Floats
from foible.defences.minding import Baseline, Impact, Measure
from foible.domains import Amount, Seed, Share
from foible.errors import BadInput
from foible.evidence import BeforeAfter, Cell, Matrix, Outcome
from foible.failures.side_effects.endings import (
    STEPS,
    Charging,
    Ending,
    ending,
    endings,
    must_be_lost,
)
from foible.failures.side_effects.planning import walk
from foible.failures.side_effects.rooms import World
from foible.judging import counted, panel

OUTCOMES: Mapping[Ending, Outcome] = {
    "well": "stopped",
    "harm": "harm",
    "undone": "undecided",
}


def judge_weights(
    world: World, charges: Mapping[str, Floats], *, weights: Sequence[Amount]
) -> Matrix:
    """How it ends in one room at each weight (column) of each penalty (row)."""
    found = {n: endings(world, c, weights=weights) for n, c in charges.items()}
    columns = {f"{weight:g}": place for place, weight in enumerate(weights)}

    def cell(ends: list[Ending], place: int) -> Cell:
        return Cell(ends[place], OUTCOMES[ends[place]])

    return panel(found, columns, cell, corner="penalty, at weight")


def judge_rooms(
    worlds: Mapping[str, World], penalties: Mapping[str, Charging], *, seed: Seed
) -> Matrix:
    """How it ends for each penalty (row) in each room (column)."""

    def cell(charging: Charging, world: World) -> Cell:
        done = walk(world, charging(world), steps=STEPS, seed=seed)
        end = ending(world, done, spared=must_be_lost(world))
        return Cell(end, OUTCOMES[end])

    return panel(penalties, worlds, cell, corner="penalty")


def judge_drawn(found: Mapping[str, Sequence[Ending]]) -> Matrix:
    """In what share of `drawn_endings` it ends how, for each penalty (row)."""
    columns: dict[str, Ending] = {
        "ends well": "well",
        "something lost": "harm",
        "job undone": "undone",
    }

    def cell(ends: Sequence[Ending], wanted: Ending) -> Cell:
        return counted([end == wanted for end in ends], OUTCOMES[wanted])

    return panel(found, columns, cell, corner="penalty")


def judge_rivals(found: Mapping[str, Sequence[Ending]], *, than: str) -> BeforeAfter:
    """Rooms with something lost, under one penalty and under each other one.

    BadInput: when the penalty is not among them.
    """
    if than not in found:
        raise BadInput(f"got {than!r}; wanted one of {list(found)}")
    harmed = {
        name: np.array([end == "harm" for end in ends]) for name, ends in found.items()
    }
    first = harmed.pop(than)
    pairs = {name: (other, first) for name, other in harmed.items()}
    return BeforeAfter(pairs, f"with {than}")


def judge_discounts(
    world: World,
    keeps: Sequence[Share],
    *,
    baseline: Baseline,
    measure: Measure,
    seeds: Sequence[Seed],
) -> Matrix:
    """For how many sets of random utilities some weight ends well, at each discount.

    One row for the penalty, a column for each discount.
    """

    def cell(name: str, keep: float) -> Cell:
        charges = [
            Impact(world.moves, STEPS, seed=seed, keep=keep).charge(baseline, measure)
            for seed in seeds
        ]
        return counted(["well" in endings(world, charge) for charge in charges])

    name = f"{baseline}, {measure}"
    columns = {f"{keep:g}": keep for keep in keeps}
    return panel({name: name}, columns, cell, corner="penalty, at discount")
