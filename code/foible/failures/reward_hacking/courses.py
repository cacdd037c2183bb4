"""Where does the boat sail, and what may it do there?

A course is drawn with characters: water, walls, start, finish, buoys, a harbour. A
`Race` is what a learner sees of it: numbered states, four moves, where each leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput

WALL, START, FINISH, HARBOUR, BUOY = "#SFHo"
NOWHERE = np.array([], dtype=np.int64)
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))
"""Up, down, left, right: rows and columns."""
LAGOON = (
    "##############",
    "#S....o..#...#",
    "####.###.#.#.#",
    "####.###...#.#",
    "####o...o###F#",
    "##############",
)
"""The course of the chapter: a lagoon around an island, and then the finish."""


@dataclass(frozen=True, eq=False)
class Course:
    """A course, its cells numbered row by row.

    Parameters
    ----------
    places : ndarray of shape (c, 2)
        Row and column of each cell of water.
    after : ndarray of shape (c, 4)
        The cell that each move leads to; into a wall the boat stays.
    start, finish : int
    buoys : ndarray of shape (b,)
    harbours : ndarray of shape (h,)
        Cells in which a boat gives up.
    away : ndarray of shape (c,)
        Moves from each cell to the finish, at the least.
    """

    places: Ints
    after: Ints
    start: int
    finish: int
    buoys: Ints
    harbours: Ints
    away: Ints


@dataclass(frozen=True, eq=False)
class Race:
    """What a learner sees of a course.

    Parameters
    ----------
    after : ndarray of shape (s, 4)
        The state that each move leads to.
    ends : ndarray of shape (s,)
        Whether the race is over in a state (bool).
    start : int
    home : ndarray of shape (s,)
        Whether it is over because the boat is in (bool).
    cell : ndarray of shape (s,)
        Where the boat is.
    takes : ndarray of shape (s, 4)
        Whether a move takes a buoy (bool).
    """

    after: Ints
    ends: Bools
    start: int
    home: Bools
    cell: Ints
    takes: Bools

    @property
    def arrives(self) -> Bools:
        """Whether a move crosses the finish, (s, 4)."""
        return np.asarray(self.home[self.after] & ~self.ends[:, np.newaxis])


def course(picture: Sequence[str] = LAGOON) -> Course:
    """The course that a picture shows.

    BadInput: when it is not framed by walls, has no start or finish, or no way to it.
    """
    if not picture or len({len(line) for line in picture}) != 1:
        raise BadInput(f"got {list(picture)}; wanted lines of one length")
    grid = np.array([list(line) for line in picture])
    edge = np.concatenate([grid[0], grid[-1], grid[:, 0], grid[:, -1]])
    places = np.argwhere(grid != WALL)
    kinds = grid[tuple(places.T)]
    ends = [np.flatnonzero(kinds == mark) for mark in (START, FINISH)]
    if np.any(edge != WALL) or any(len(found) != 1 for found in ends):
        raise BadInput("wanted walls all around, one start S and one finish F")
    after = _after(grid.shape, places)
    start, finish = (int(found[0]) for found in ends)
    buoys, harbours = (np.flatnonzero(kinds == mark) for mark in (BUOY, HARBOUR))
    away = _away(after, finish, shut=harbours)
    if np.any(np.delete(away, harbours) == len(places)):
        raise BadInput("got a cell without a way to the finish; wanted none")
    return Course(places, after, start, finish, buoys, harbours, away)


def _after(shape: tuple[int, ...], places: Ints) -> Ints:
    """Where each move leads, (c, 4)."""
    number = np.full(shape, -1)
    number[tuple(places.T)] = np.arange(len(places))
    moved = places[:, np.newaxis] + np.array(MOVES)
    there = number[moved[..., 0], moved[..., 1]]
    return np.where(there < 0, np.arange(len(places))[:, np.newaxis], there)


def _away(after: Ints, finish: int, *, shut: Ints = NOWHERE) -> Ints:
    """Moves to the finish by no cell that is shut, (c,); c where there is no way."""
    away = np.full(len(after), len(after))
    away[finish] = 0
    for _ in range(len(after)):
        away = np.minimum(away, 1 + away[after].min(axis=1))
        away[shut] = len(after)
    return np.asarray(np.minimum(away, len(after)))


def drawn(
    *, seed: Seed, shape: tuple[Count, Count] = (6, 11), buoys: Natural = 3
) -> Course:
    """A course drawn by lot: walls in three cells of ten, buoys anywhere.

    The start is any cell of the largest water, the finish the one farthest from it.
    """
    rng = np.random.default_rng(seed)
    while True:
        grid = np.full((shape[0] + 2, shape[1] + 2), WALL)
        grid[1:-1, 1:-1] = np.where(rng.random(shape) < 0.3, WALL, ".")
        places = np.argwhere(grid != WALL)
        after = _after(grid.shape, places)
        start = int(rng.integers(len(places)))
        away = _away(after, start)
        near = np.flatnonzero(away < len(places))
        if len(near) < np.prod(shape) / 2:
            continue
        finish = near[np.argmax(away[near])]
        rest = rng.permutation(np.setdiff1d(near, [start, finish]))[:buoys]
        picture = np.full(grid.shape, WALL)
        picture[tuple(places[near].T)] = "."
        for mark, cells in ((START, [start]), (FINISH, [finish]), (BUOY, rest)):
            picture[tuple(places[cells].T)] = mark
        return course(["".join(line) for line in picture])


def with_harbours(picture: Sequence[str] = LAGOON) -> dict[str, Course]:
    """Every course that has a harbour more, dug into a wall beside water, by its place.

    In a harbour a boat gives up.
    """
    grid = np.array([list(line) for line in picture])
    wet = np.pad(grid != WALL, 1)
    beside = wet[:-2, 1:-1] | wet[2:, 1:-1] | wet[1:-1, :-2] | wet[1:-1, 2:]
    beside[[0, -1]] = beside[:, [0, -1]] = False
    found = {}
    for row, column in np.argwhere((grid == WALL) & beside).tolist():
        dug = grid.copy()
        dug[row, column] = HARBOUR
        name = f"a harbour at {row}, {column}"
        found[name] = course(["".join(line) for line in dug])
    return found


def race(course: Course) -> Race:
    """The race of which one buoy is up at a time; when it is taken, the next comes up.

    State c * b + u: the boat in cell c, buoy u up. Without buoys, the cells alone.
    """
    count = max(1, len(course.buoys))
    cell, up = np.divmod(np.arange(len(course.places) * count), count)
    there = course.after[cell]
    takes = np.zeros(there.shape, dtype=bool)
    if len(course.buoys):
        goal = course.buoys[up][:, np.newaxis]
        takes = (there == goal) & (cell[:, np.newaxis] != goal)
    after = there * count + (up[:, np.newaxis] + takes) % count
    home = cell == course.finish
    ends = home | np.isin(cell, course.harbours)
    after = np.where(ends[:, np.newaxis], np.arange(len(cell))[:, np.newaxis], after)
    takes &= ~ends[:, np.newaxis]
    return Race(after, ends, course.start * count, home, cell, takes)


def without_buoys(course: Course) -> Race:
    """The same water with no buoy in it: its states are its cells."""
    return race(replace(course, buoys=course.buoys[:0]))


def kept(reward: Floats, race: Race) -> Floats:
    """Rewards of every move, (s, 4), if they fit the race; else BadInput."""
    paid = np.asarray(reward, np.float64)
    if paid.shape != race.after.shape or not np.isfinite(paid).all():
        raise BadInput(
            f"got rewards of shape {paid.shape}; wanted finite ones of shape "
            f"{race.after.shape}, one for each state and move"
        )
    return paid
