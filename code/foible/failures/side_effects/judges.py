"""How does each penalty end, in which room?"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from foible.arrays import Floats
from foible.evidence import Cell, Matrix, Outcome
from foible.failures.side_effects.endings import (
    STEPS,
    Ending,
    ending,
    endings,
    must_be_lost,
)
from foible.failures.side_effects.planning import walk
from foible.failures.side_effects.rooms import World
from foible.judging import counted, panel

Charging: TypeAlias = Callable[[World], Floats]
"""Takes a world to what each action is charged in it."""
OUTCOMES: Mapping[Ending, Outcome] = {
    "well": "stopped",
    "harm": "harm",
    "undone": "undecided",
}


def judge_weights(
    world: World, charges: Mapping[str, Floats], *, weights: Sequence[float]
) -> Matrix:
    """How it ends in one room at each weight (column) of each penalty (row)."""
    found = {n: endings(world, c, weights=weights) for n, c in charges.items()}
    columns = {f"{weight:g}": place for place, weight in enumerate(weights)}

    def cell(ends: list[Ending], place: int) -> Cell:
        return Cell(ends[place], OUTCOMES[ends[place]])

    return panel(found, columns, cell, corner="penalty, at weight")


def judge_rooms(
    worlds: Mapping[str, World], penalties: Mapping[str, Charging], *, seed: int
) -> Matrix:
    """How it ends for each penalty (row) in each room (column)."""

    def cell(charging: Charging, world: World) -> Cell:
        done = walk(world, charging(world), steps=STEPS, seed=seed)
        end = ending(world, done, spared=must_be_lost(world))
        return Cell(end, OUTCOMES[end])

    return panel(penalties, worlds, cell, corner="penalty")


def judge_drawn(
    worlds: Sequence[World], penalties: Mapping[str, Charging], *, seed: int
) -> Matrix:
    """In what share of many rooms it ends how, for each penalty (row)."""
    found = {
        name: [
            ending(world, walk(world, charging(world), steps=STEPS, seed=seed + place))
            for place, world in enumerate(worlds)
        ]
        for name, charging in penalties.items()
    }
    columns: dict[str, Ending] = {
        "ends well": "well",
        "something lost": "harm",
        "job undone": "undone",
    }

    def cell(ends: list[Ending], wanted: Ending) -> Cell:
        return counted([end == wanted for end in ends], OUTCOMES[wanted])

    return panel(found, columns, cell, corner="penalty")
