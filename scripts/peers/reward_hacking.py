"""The best plan for the boat, and what it learns by trial and error.

mdptoolbox-hiive gets the race as a table of transitions; a race that is over pays
nothing and stays where it is. Plans are compared by the worth of every state, exactly.
Its Q-learning has no end of a race: it takes a hundred moves, wherever they lead, and
then begins anew in a state drawn from all; of moves that it thinks equally good it
always takes the first, which at the start leads into a wall. So it stands here as it
comes, and sailed as ours: the same rate and share of moves by lot, from the start, anew
after an end, and with values that begin not quite equal.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from unittest import mock

import numpy as np

from foible.arrays import Floats, Ints
from foible.failures import reward_hacking as racing
from foible.failures.reward_hacking import Race
from peers.table import Row, timed

DISCOUNT = 0.97
MOVES = 20_000
BOATS = 10
PATIENCE = 100
Boat = Callable[[Race, Floats, int], Floats]
"""From a race, a reward and a seed to what each move is worth, (s, 4)."""


def compared() -> Iterator[Row]:
    """The lines of this family: plans for two rewards, and learning for one."""
    race = racing.race(racing.course())
    rewards = {
        "buoys": race.takes.astype(float),
        "the finish": race.arrives.astype(float),
    }
    for name, paid in rewards.items():
        yield from _plans(race, name, paid)
    yield from _learners(race, rewards["buoys"])


def _table(race: Race) -> Floats:
    """Where each move leads, as chances (4, s, s)."""
    return np.eye(len(race.after))[race.after.T]


def _worth(race: Race, paid: Floats, policy: Ints) -> Floats:
    """What a policy earns from each state, exactly, (s,)."""
    states = np.arange(len(race.after))
    flow = _table(race)[policy, states] * ~race.ends[:, np.newaxis]
    earned = paid[states, policy] * ~race.ends
    steps = np.eye(len(states)) - DISCOUNT * flow
    return np.asarray(np.linalg.solve(steps, earned), np.float64)


def _plans(race: Race, name: str, paid: Floats) -> Iterator[Row]:
    from hiive.mdptoolbox import mdp

    policy, seconds = timed(
        lambda: racing.planned(race, paid, discount=DISCOUNT), rounds=5
    )
    ours = _worth(race, paid, policy)
    chances = _table(race)

    def theirs(kind: str, **how: float) -> Any:
        found = getattr(mdp, kind)(chances, paid, DISCOUNT, **how)
        found.run()
        return found

    kinds: dict[str, dict[str, float]] = {
        "PolicyIteration": {"eval_type": 0},
        "ValueIteration": {"epsilon": 1e-9, "max_iter": 10_000},
    }
    for kind, how in kinds.items():
        found, their_seconds = timed(partial(theirs, kind, **how))
        worth = np.array(found.V)
        yield Row(
            f"the best plan for {name}, {len(race.after)} states",
            "worth of the start, and the same of every state",
            float(ours[race.start]),
            seconds,
            f"mdptoolbox-hiive {kind}",
            float(worth[race.start]),
            their_seconds,
            "equal",
            1e-5,
            float(abs(ours - worth).max()),
        )


def _learners(race: Race, paid: Floats) -> Iterator[Row]:
    best = _worth(race, paid, racing.planned(race, paid, discount=DISCOUNT))

    def reached(values: list[Floats]) -> float:
        """Mean over boats of the share of the best worth from the start."""
        worths = [_worth(race, paid, value.argmax(axis=1)) for value in values]
        return float(np.mean([one[race.start] for one in worths]) / best[race.start])

    learned, seconds = timed(
        lambda: racing.learned(
            race, paid, boats=BOATS, steps=MOVES, discount=DISCOUNT, seed=0
        ),
        rounds=3,
    )
    for name, boat in {"as it comes": _as_it_comes, "sailed as ours": _as_ours}.items():
        theirs, their_seconds = timed(partial(_boats, boat, race, paid))
        yield Row(
            f"{BOATS} boats paid for buoys that learn for {MOVES:,} moves",
            "share of the best worth from the start",
            reached(list(learned)),
            seconds,
            f"mdptoolbox-hiive QLearning, {name}",
            reached(theirs),
            their_seconds,
            "higher",
            0.02,
        )


def _boats(boat: Boat, race: Race, paid: Floats) -> list[Floats]:
    return [boat(race, paid, seed) for seed in range(BOATS)]


def _as_it_comes(race: Race, paid: Floats, seed: int) -> Floats:
    return _boat(race, paid, seed)


def _as_ours(race: Race, paid: Floats, seed: int) -> Floats:
    out = 0

    def over(state: int, move: int, there: int) -> bool:
        nonlocal out
        out += 1
        again = bool(race.ends[there]) or out >= PATIENCE
        out = 0 if again else out
        return again

    draw = np.random.randint

    def from_the_start(low: int, high: int) -> int:
        return race.start if high == len(race.after) else int(draw(low, high))

    how = {"alpha": 0.5, "alpha_decay": 1.0, "epsilon": 0.2, "epsilon_decay": 1.0}
    with mock.patch.object(np.random, "randint", from_the_start):
        return _boat(race, paid, seed, unequal=1e-9, iter_callback=over, **how)


def _boat(
    race: Race, paid: Floats, seed: int, *, unequal: float = 0.0, **how: Any
) -> Floats:
    """What it thinks each move is worth, (s, 4)."""
    from hiive.mdptoolbox import mdp

    np.random.seed(seed)  # noqa: NPY002 - what it draws from
    boat = mdp.QLearning(_table(race), paid, DISCOUNT, n_iter=MOVES, **how)
    boat.Q += unequal * np.random.default_rng(seed).random(boat.Q.shape)
    boat.run()
    return np.asarray(boat.Q)
