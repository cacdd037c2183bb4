"""What does an agent do that wants its pay and nothing else?

Planning is exact: from the last step back to the first the best action of each state is
known. What the agent is charged besides its pay, it is told as an array.
"""

from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats, Ints
from foible.domains import Count, Seed
from foible.errors import BadInput
from foible.failures.side_effects.rooms import World

PAY, STEP = 1.0, 0.02
"""For the job, once; and what each step costs until it is done."""
EFFORT = 1e-6
"""What moving costs, so that whoever has nothing to gain stands still."""
TIE = 1e-9
"""Most by which one action is liked better than another that is as good."""


@dataclass(frozen=True)
class Walk:
    """What an agent did.

    Parameters
    ----------
    places : ndarray of shape (steps + 1,)
        Of the states in `World.states`.
    actions : ndarray of shape (steps,)
    paid : int
        The step that did the job, counted from 1; 0 if none did.
    """

    places: Ints
    actions: Ints
    paid: int


def walk(world: World, charge: Floats, *, steps: Count, seed: Seed) -> Walk:
    """What the agent does that earns most, its pay less its charge.

    Parameters
    ----------
    world : World
    charge : ndarray that broadcasts to shape (steps, n, 5)
        What each action costs in each state at each step, besides `STEP`.
    steps : int
        How long the agent acts; it goes on when the job is done.
    seed : int
        Of the taste that decides between actions that are as good.
    """
    wanted = (steps, *world.moves.shape)
    try:
        charges = np.broadcast_to(charge, wanted)
    except ValueError:
        raise BadInput(f"got a charge {np.shape(charge)}; wanted {wanted}") from None
    if not np.isfinite(charges).all():
        raise BadInput("got a charge that is not finite; wanted numbers")
    best = _planned(world, charges, seed=seed)
    places, actions, paid = [0], [], 0
    for step in range(steps):
        place = places[-1]
        action = int(best[step, int(paid > 0), place])
        if not paid and world.pays[place, action]:
            paid = step + 1
        places.append(int(world.moves[place, action]))
        actions.append(action)
    return Walk(np.array(places), np.array(actions), paid)


def _planned(world: World, charges: Floats, *, seed: int) -> Ints:
    """The best action at each step, before and after the pay, in each state."""
    moves, pays = world.moves, world.pays
    taste = np.random.default_rng(seed).uniform(0, TIE, moves.shape)
    taste[:, 1:] -= EFFORT
    before, after = np.zeros(len(moves)), np.zeros(len(moves))
    best = np.zeros((len(charges), 2, len(moves)), dtype=np.int64)
    for step in reversed(range(len(charges))):
        later = after[moves]
        done = taste - charges[step] + later
        todo = taste - charges[step] - STEP
        todo += np.where(pays, PAY + later, before[moves])
        best[step] = todo.argmax(axis=1), done.argmax(axis=1)
        before, after = todo.max(axis=1), done.max(axis=1)
    return best
