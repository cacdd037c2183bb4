"""How is a reward learned from somebody who says which of two races was better?

The players sail; somebody looks at two of their races and prefers one; a reward model,
a price for a move spent in each cell, is fitted to what they prefer.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from foible.arrays import Bools, Floats
from foible.domains import Count, Finite, Natural, Positive, Seed, Share
from foible.errors import BadInput
from foible.failures.reward_hacking.courses import Course, Race


class Rater(NamedTuple):
    """Somebody who compares races.

    Parameters
    ----------
    likes : ndarray of shape (s,)
        What they think a move spent in each state is worth.
    noise : float
        How many moves apart two races must be for them to be right nearly three times
        in four, above 0.
    comparisons : int
        How many pairs they look at.
    """

    likes: Floats
    noise: float = 10.0
    comparisons: int = 200


class Water(NamedTuple):
    """Where people sail, how, and who compares their races.

    Parameters
    ----------
    race : Race
    players : ndarray of shape (s, 4)
        Chances of their moves.
    rater : Rater
    steps : int
        Moves that a race may take.
    """

    race: Race
    players: Floats
    rater: Rater
    steps: int


class Prices(NamedTuple):
    """A reward model: what a move spent in each cell is worth, and how surely.

    Parameters
    ----------
    worth : ndarray of shape (..., s)
    doubt : ndarray of shape (..., s)
        Standard deviation of each, by Laplace's approximation.
    """

    worth: Floats
    doubt: Floats


def players(course: Course, *, skill: Share) -> Floats:
    """How people sail, (c, 4): some moves towards the finish, the others by lot."""
    nearer = course.away[course.after] < course.away[:, np.newaxis]
    toward = nearer / np.maximum(1, nearer.sum(axis=1, keepdims=True))
    mixed = (1 - skill) / 4 + skill * toward
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True))


def races(
    race: Race, policy: Floats, *, count: Count, steps: Count, seed: Seed
) -> Floats:
    """Moves that each of several races spends in each state, (count, s).

    A state in which the race is over counts once.

    Parameters
    ----------
    policy : ndarray of shape (s, 4) or (steps, s, 4)
        Chances of the moves in each state, the same at all times or not.
    """
    if policy.shape[-2:] != race.after.shape:
        raise BadInput(
            f"got chances of shape {policy.shape}; wanted (..., {race.after.shape})"
        )
    if not ((policy >= 0).all() and (policy.sum(axis=-1) > 0).all()):
        raise BadInput(
            "got chances below 0, or none at all; wanted some move each time"
        )
    rng = np.random.default_rng(seed)
    chances = np.broadcast_to(policy, (steps, *race.after.shape)).cumsum(axis=-1)
    spent, at = np.zeros((count, len(race.ends))), np.full(count, race.start)
    every = np.arange(count)
    for now in chances:
        spent[every, at] += ~race.ends[at]
        lot = rng.random((count, 1)) * now[at, -1:]
        at = race.after[at, (lot > now[at]).sum(axis=1)]
    spent[every, at] += race.ends[at]
    return spent


def fair(race: Race, *, steps: Natural) -> Floats:
    """What a move in each state is worth if all that counts is to come in soon, (s,).

    Every move costs one; giving up costs as much as a race that does not come in.
    """
    gone = np.where(race.ends, -float(steps), -1.0)
    return np.asarray(np.where(race.home, 0.0, gone))


def preferred(one: Finite, other: Finite, rater: Rater, *, seed: Seed) -> Bools:
    """Whether somebody prefers the first of two races, (m,) [bradley1952rank].

    Parameters
    ----------
    one, other : ndarray of shape (m, s)
        Moves spent in each state.
    rater : Rater
    """
    if not rater.noise > 0:
        raise BadInput(f"got noise={rater.noise}; wanted above 0")
    if one.shape != other.shape or one.shape[1:] != rater.likes.shape:
        raise BadInput(
            f"got races of shapes {one.shape} and {other.shape}; wanted two of shape "
            f"(m, {len(rater.likes)})"
        )
    lead = (one - other) @ rater.likes / rater.noise
    chance = 1 / (1 + np.exp(-np.clip(lead, -50, 50)))
    return np.asarray(np.random.default_rng(seed).random(len(lead)) < chance)


def asked(water: Water, policy: Floats, *, seed: Seed) -> tuple[Floats, Bools]:
    """Comparisons of races sailed in some way with races as the players sail them.

    Parameters
    ----------
    policy : ndarray of shape (s, 4) or (steps, s, 4)

    Returns
    -------
    difference : ndarray of shape (m, s)
        Moves spent in each state by the first less those by the second.
    won : ndarray of shape (m,)
        Whether the first was preferred (bool).
    """
    own, players, rater, steps = water
    seeds = np.random.default_rng(seed).integers(2**31, size=3).tolist()
    one, other = (
        races(own, way, count=rater.comparisons, steps=steps, seed=drawn)
        for way, drawn in zip((policy, players), seeds, strict=False)
    )
    return one - other, preferred(one, other, rater, seed=seeds[2])


def compared(water: Water, seeds: Sequence[Seed]) -> tuple[Floats, Bools]:
    """Sets of comparisons of the players' races, (u, m, s) and (u, m), one a seed."""
    sets = [asked(water, water.players, seed=seed) for seed in seeds]
    difference, won = zip(*sets, strict=True)
    return np.array(difference), np.array(won)


def fitted(difference: Finite, won: Bools, *, ridge: Positive = 1.0) -> Prices:
    """Prices by Bradley and Terry's model, by Newton's method [bradley1952rank].

    Parameters
    ----------
    difference : ndarray of shape (..., m, s)
        Moves spent in each state by the first race less those by the second; several
        models are fitted at once.
    won : ndarray of shape (..., m)
        Whether the first was preferred.
    ridge : float
        Penalty on the squares of the prices, halved, above 0.
    """
    if difference.shape[:-1] != won.shape or not ridge > 0:
        raise BadInput(
            f"got comparisons of shapes {difference.shape} and {won.shape}, and "
            f"ridge={ridge}; wanted (..., m, s) and (..., m), and ridge above 0"
        )
    penalty = ridge * np.eye(difference.shape[-1])
    turned = np.swapaxes(difference, -1, -2)
    worth = np.zeros((*won.shape[:-1], difference.shape[-1]))
    for _ in range(100):
        chance = 1 / (1 + np.exp(-(difference @ worth[..., np.newaxis])))
        slope = (
            turned @ (chance - won[..., np.newaxis]) + ridge * worth[..., np.newaxis]
        )
        curve = turned @ (chance * (1 - chance) * difference) + penalty
        step = np.linalg.solve(curve, slope)[..., 0]
        worth = worth - step
        if np.abs(step).max() < 1e-9:
            break
    doubt = np.sqrt(np.diagonal(np.linalg.inv(curve), axis1=-2, axis2=-1))
    return Prices(worth, doubt)
