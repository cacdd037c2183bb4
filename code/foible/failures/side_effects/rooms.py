"""What is in a room, and what does each step of an agent change?

A room is a few lines of letters. A state of it is a row of small whole numbers: the
cell where the agent stands, what the belt carries and where, whether the belt runs,
and which vases are whole. `World` lists all states that can come about, with the state
that follows on each action, so that everything else on this subject is exact: no state
is sampled, and nothing is learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Bools, Ints
from foible.domains import Natural
from foible.errors import BadInput

Cell: TypeAlias = tuple[int, int]
"""Line and column of a room."""
Job: TypeAlias = Literal["reach", "rescue"]
LETTERS: Mapping[str, str] = {
    "#": "wall",
    " ": "floor",
    "A": "where the agent starts",
    "G": "the goal",
    "V": "a vase on the floor, which breaks under whoever steps on it",
    "=": "a belt, which carries its load a cell to the right each step",
    "v": "the belt with a vase on it, which breaks at the end",
    "d": "the belt with a dish on it, which a person takes at the end",
    "s": "a switch, which starts and stops the belt when it is stepped on",
}
WAYS = ((0, 0), (-1, 0), (0, 1), (1, 0), (0, -1))
ACTIONS = ("wait", "up", "right", "down", "left")
LIMIT = 20_000
"""States that a room may have."""


class State(NamedTuple):
    """One state of a room.

    Parameters
    ----------
    agent : (int, int)
    load : int
        Place on the belt, counted from 0; `Room.end` behind its last cell; -1 in the
        agent's hand. Always the end where nothing lies on the belt.
    runs : bool
        Whether the belt runs.
    whole : tuple of bool
        For each vase on the floor, whether it is whole.
    """

    agent: Cell
    load: int
    runs: bool
    whole: tuple[bool, ...]


@dataclass(frozen=True)
class Room:
    """A room, drawn with `LETTERS`, one string a line.

    The agent takes what lies on the belt into its hand by stepping onto it, and puts it
    down by stepping onto another cell of the belt. A belt with a switch stands still
    at first.

    Parameters
    ----------
    lines : sequence of str
        All of one length.

    Raises
    ------
    BadInput
        When a letter is unknown, no agent or two of them are there, or the job cannot
        be told: a room has a goal, or a vase on its belt to be rescued.
    """

    lines: Sequence[str]

    def __post_init__(self) -> None:
        text = "".join(self.lines)
        unknown = sorted({letter for letter in text if letter not in LETTERS})
        if not text or unknown or len({len(line) for line in self.lines}) != 1:
            raise BadInput(
                f"got the letters {unknown} in lines of {[*map(len, self.lines)]}; "
                f"wanted lines of one length, made of {''.join(LETTERS)!r}"
            )
        loads, belts = text.count("v") + text.count("d"), self.belt
        if text.count("A") != 1 or text.count("G") > 1 or loads > 1:
            raise BadInput("wanted one A, and at most one G and one load (v or d)")
        if "G" not in text and "v" not in text:
            raise BadInput("got no job; wanted a goal G, or a vase v to be rescued")
        if belts and belts != [(belts[0][0], belts[0][1] + i) for i in range(self.end)]:
            raise BadInput("wanted the cells of the belt side by side in one line")

    def cells(self, letters: str) -> list[Cell]:
        """Where one of these letters stands."""
        return [
            (y, x)
            for y, line in enumerate(self.lines)
            for x, letter in enumerate(line)
            if letter in letters
        ]

    @cached_property
    def belt(self) -> list[Cell]:
        """The cells of the belt, in its direction."""
        return self.cells("=vd")

    @cached_property
    def end(self) -> int:
        """The place behind the last cell of the belt."""
        return len(self.belt)

    @cached_property
    def vases(self) -> list[Cell]:
        """Where the vases on the floor stand."""
        return self.cells("V")

    @cached_property
    def job(self) -> Job:
        """What the agent is paid for: to reach the goal, else to rescue the load."""
        return "reach" if self.cells("G") else "rescue"

    @property
    def start(self) -> State:
        """How the room is at first."""
        loads = self.cells("vd")
        load = self.belt.index(loads[0]) if loads else self.end
        whole = (True,) * len(self.vases)
        return State(self.cells("A")[0], load, not self.cells("s"), whole)

    def after(self, state: State, action: int) -> State:
        """What follows on an action; what cannot be done is a wait."""
        agent, load, runs, whole = state
        place = agent[0] + WAYS[action][0], agent[1] + WAYS[action][1]
        if action and place in self._free:
            agent = place
            whole = tuple(
                w and v != place for w, v in zip(whole, self.vases, strict=True)
            )
            runs ^= place in self._switches
            spot = self._spots.get(place, self.end)
            if spot < self.end and load == -1:
                load = spot
            elif spot < self.end and load == spot:
                load = -1
        if runs and 0 <= load < self.end:
            load += 1
        return State(agent, load, runs, whole)

    @cached_property
    def _free(self) -> set[Cell]:
        return set(self.cells("".join(LETTERS).replace("#", "")))

    @cached_property
    def _switches(self) -> set[Cell]:
        return set(self.cells("s"))

    @cached_property
    def _spots(self) -> dict[Cell, int]:
        return {cell: spot for spot, cell in enumerate(self.belt)}


@dataclass(frozen=True, eq=False)
class World:
    """All states that can come about in a room, the first one first.

    Parameters
    ----------
    room : Room
    states : list of State
    moves : ndarray of shape (n, 5)
        Place of the state that follows on each of `ACTIONS`, of which 0 is to wait.
    pays : ndarray of bool, shape (n, 5)
        Whether the action does the job. It is paid for once.
    """

    room: Room
    states: list[State] = field(init=False)
    moves: Ints = field(init=False)
    pays: Bools = field(init=False)

    def __post_init__(self) -> None:
        states, places, moves = [self.room.start], {self.room.start: 0}, []
        for state in states:
            row = []
            for action in range(len(WAYS)):
                after = self.room.after(state, action)
                if after not in places:
                    places[after] = len(states)
                    states.append(after)
                row.append(places[after])
            moves.append(row)
            if len(states) > LIMIT:
                raise BadInput(f"got more than {LIMIT} states; wanted a smaller room")
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "moves", np.array(moves, dtype=np.int64))
        does = np.array([self._does(state) for state in states])
        object.__setattr__(self, "pays", does[self.moves])

    def _does(self, state: State) -> bool:
        if self.room.job == "rescue":
            return state.load == -1
        return state.agent == self.room.cells("G")[0]

    def waited(self, place: int, steps: Natural) -> int:
        """The state after so many steps of waiting."""
        for _ in range(steps):
            place = int(self.moves[place, 0])
        return place
