"""What is an agent charged for the change that it makes to the world?

An impact penalty compares the state that an agent has brought about with a baseline
[krakovna2019penalizing]: how the world was at first, how it would be had the agent
never acted, or how it would be had the agent waited for this one step. How far the two
are apart is measured by what can still be reached, or be had, from each. Nobody says
what is fragile: that is the promise of these penalties, and what is judged.

All of it is computed from one table, `moves`: the state that follows on each action,
of which the first is to wait. A charge is an array that goes off an agent's pay.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Protocol, TypeAlias

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from foible.arrays import Floats, Ints
from foible.domains import Amount, Count, Level, Natural, Seed, counted, shaped

Baseline: TypeAlias = Literal["start", "inaction", "stepwise", "rollouts"]
Measure: TypeAlias = Literal["unreachable", "reachability", "utility"]
BASELINES: tuple[Baseline, ...] = ("start", "inaction", "stepwise", "rollouts")
"""The first state; the state had the agent never acted; had it waited this step; and
the same, but compared also over the steps of waiting that follow."""
MEASURES: tuple[Measure, ...] = ("unreachable", "reachability", "utility")
"""Whether the baseline can be reached again; how much less of all states can be; how
much more or less can be had of random utilities."""
BLOCK = 512


def distances(moves: Annotated[Ints, counted("s", "a", below="s")]) -> Floats:
    """Fewest steps from each state to each, (n, n); infinity where there is no way."""
    n, actions = moves.shape
    ones = np.ones(n * actions)
    edges = csr_array((ones, (np.repeat(np.arange(n), actions), moves.ravel())), (n, n))
    return np.asarray(shortest_path(edges, unweighted=True))


@dataclass(frozen=True, eq=False)
class Impact:
    """How far the state after each action is from a baseline, in one world.

    Parameters
    ----------
    moves : ndarray of shape (n, actions)
        Place of the next state; column 0 is to wait, state 0 is the first.
    steps : int
        For how long the agent acts.
    keep : float
        What of a value is left when it is had a step later, between 0 and 1.
    utilities : int
        Number of random utilities.
    seed : int
        Of the utilities.
    """

    moves: Annotated[Ints, counted("s", "a", below="s")]
    steps: Count
    seed: Seed
    keep: Level = 0.95
    utilities: Count = 20

    def charge(self, baseline: Baseline, measure: Measure) -> Floats:
        """Deviation of each action, (steps or 1, n, actions), to be weighed.

        BadInput: when the baseline or the measure is unknown.
        """
        charges = [
            np.sum([w * self._apart(a, b, measure) for a, b, w in pairs], axis=0)
            for pairs in self._pairs(baseline)
        ]
        return np.stack(charges)

    # ------------------------------------------------------------ the baseline

    def _pairs(self, baseline: Baseline) -> Iterator[list[tuple[Ints, Ints, float]]]:
        """For each step what is compared: states now, their baselines, a weight."""
        now, wait = self.moves, self.moves[:, 0]
        if baseline == "start":
            yield [(now, np.zeros_like(now), 1.0)]
        elif baseline == "inaction":
            place = 0
            for _ in range(self.steps):
                place = int(wait[place])
                yield [(now, np.full_like(now, place), 1.0)]
        elif baseline == "stepwise":
            yield [(now, np.broadcast_to(wait[:, None], now.shape), 1.0)]
        else:
            yield list(self._rollouts())

    def _rollouts(self) -> Iterator[tuple[Ints, Ints, float]]:
        """The states after one step, and after 1, 2, ... steps of waiting more."""
        wait, now = self.moves[:, 0], self.moves
        then = np.broadcast_to(wait[:, None], now.shape)
        for step in range(self.steps):
            last = step == self.steps - 1
            yield now, then, self.keep**step * (1 if last else 1 - self.keep)
            if np.array_equal(wait[now], now) and np.array_equal(wait[then], then):
                yield now, then, self.keep ** (step + 1) * (not last)
                return
            now, then = wait[now], wait[then]

    # ------------------------------------------------------------ the measure

    def _apart(self, now: Ints, then: Ints, measure: Measure) -> Floats:
        """How far states are from their baseline, each pair once; shape of `now`."""
        n = len(self.moves)
        codes, places = np.unique(now * n + then, return_inverse=True)
        blocks = [
            self._deviation(part // n, part % n, measure)
            for part in np.array_split(codes, 1 + len(codes) // BLOCK)
        ]
        return np.concatenate(blocks)[places].reshape(now.shape)

    def _deviation(self, now: Ints, then: Ints, measure: Measure) -> Floats:
        if measure == "unreachable":
            return np.asarray(1 - self._near[now, then])
        if measure == "reachability":
            return relative_reachability(self._near, now, then)
        return attainable_utility(self._worth, now, then)

    @cached_property
    def _near(self) -> Floats:
        """How well each state is reached from each, (n, n)."""
        return np.asarray(self.keep ** distances(self.moves))

    @cached_property
    def _worth(self) -> Floats:
        """What can be had of each random utility from each state, (n, utilities)."""
        rng = np.random.default_rng(self.seed)
        shape = len(self.moves), self.utilities
        had = rng.uniform(0, 1 - self.keep, shape)
        values = np.zeros(shape)
        for _ in range(int(np.ceil(np.log(1e-4) / np.log(self.keep)))):
            values = had + self.keep * values[self.moves].max(axis=1)
        return np.asarray(values)


class Listed(Protocol):
    """A world whose states and moves are listed."""

    moves: Ints


def penalty(
    baseline: Baseline, measure: Measure, *, weight: Amount, steps: Natural, seed: Seed
) -> Callable[[Listed], Floats]:
    """An impact penalty of a weight, to be computed in any world.

    The settings are those of `Impact`.
    """

    def charging(world: Listed) -> Floats:
        moves = np.asarray(world.moves, np.int64)
        impact = _impact(moves.tobytes(), moves.shape, steps, seed)
        return np.asarray(weight * impact.charge(baseline, measure))

    return charging


@lru_cache(maxsize=1)
def _impact(moves: bytes, shape: tuple[int, ...], steps: int, seed: int) -> Impact:
    """Kept for the penalties that are charged where the moves are the same."""
    return Impact(np.frombuffer(moves, np.int64).reshape(shape), steps, seed=seed)


def relative_reachability(
    near: Annotated[Floats, shaped("s", "s")],
    now: Annotated[Ints, counted("m", below="s")],
    then: Annotated[Ints, counted("m", below="s")],
) -> Floats:
    """How much less can be reached than from the baseline [krakovna2019penalizing].

    Parameters
    ----------
    near : ndarray of shape (n, n)
        How well each state (column) is reached from each (row), 0 to 1.
    now, then : ndarray of shape (k,)
        Places of states, and of their baselines.

    Returns
    -------
    ndarray of shape (k,)
        The mean over all states, 0 to 1.
    """
    lost = np.maximum(near[then] - near[now], 0)
    return np.asarray(lost.mean(axis=1))


def attainable_utility(
    worth: Annotated[Floats, shaped("s", "u")],
    now: Annotated[Ints, counted("m", below="s")],
    then: Annotated[Ints, counted("m", below="s")],
) -> Floats:
    """How much more or less can be had than from the baseline [turner2020conservative].

    Parameters
    ----------
    worth : ndarray of shape (n, k)
        What can be had of each of k utilities from each state.
    now, then : ndarray of shape (m,)
        Places of states, and of their baselines.

    Returns
    -------
    ndarray of shape (m,)
        The mean over the utilities.
    """
    return np.asarray(np.abs(worth[now] - worth[then]).mean(axis=1))
