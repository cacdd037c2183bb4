"""How is a reward made so that to earn it is to do what was meant?

`shaped` pays for progress and takes it back for going back. The others take a learned
reward less at its word: by the worst of several (`least`), by as much as it is in doubt
(`lower_bound`), or up to where counting says that it still helps (`counted`).
"""

from collections.abc import Callable

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.checks import counts
from foible.errors import BadInput


def shaped(
    reward: Floats, after: Ints, ends: Bools, potential: Floats, *, discount: float
) -> Floats:
    """A reward with a potential's differences added, (s, 4) [ng1999policy].

    What it adds sums up, along any way, to what is left of the potential at its end
    less what there was at its start. So no circle earns by it, and the best ways to act
    are what they were.

    Parameters
    ----------
    reward : ndarray of shape (s, a)
        What each move pays.
    after : ndarray of shape (s, a)
        The state that each move leads to.
    ends : ndarray of shape (s,)
        Whether all is over in a state (bool): its potential counts as nought.
    potential : ndarray of shape (s,)
        How good it is to be somewhere; any numbers will do.
    discount : float
        The learner's own.
    """
    if reward.shape != after.shape or not len(potential) == len(ends) == len(after):
        raise BadInput(
            f"got rewards of shape {reward.shape}, moves of {after.shape} and "
            f"{len(potential)} potentials; wanted (s, a) twice, and s potentials"
        )
    height = np.where(ends, 0.0, potential)
    return np.asarray(reward + discount * height[after] - height[:, np.newaxis])


def several(
    difference: Floats,
    won: Bools,
    fit: Callable[[Floats, Bools], Floats],
    *,
    members: int,
    seed: int,
) -> Floats:
    """Reward models of comparisons drawn anew with replacement [coste2024reward].

    Parameters
    ----------
    difference : ndarray of shape (u, m, s)
        Of each comparison, for each of u sets of them.
    won : ndarray of shape (u, m)
    fit : callable
        Takes (..., m, s) and (..., m) to worths (..., s).
    members : int
        How many models are made of each set.

    Returns
    -------
    ndarray of shape (u, members, s)
    """
    counts(members=members)
    sets, size = won.shape
    drawn = np.random.default_rng(seed).integers(size, size=(sets, members, size))
    own = np.arange(sets)[:, np.newaxis, np.newaxis]
    return fit(difference[own, drawn], won[own, drawn])


def least(worths: Floats) -> Floats:
    """What the worst of several models says of each state [coste2024reward].

    (u, members, s) to (u, s).
    """
    return np.asarray(worths.min(axis=1))


def lower_bound(worth: Floats, doubt: Floats, *, times: float) -> Floats:
    """What a state is worth at the least, by some standard deviations, (u, s)."""
    if worth.shape != doubt.shape or not times >= 0:
        raise BadInput(
            f"got worths of shape {worth.shape}, doubts of {doubt.shape} and "
            f"times={times}; wanted two of one shape, and times 0 or more"
        )
    return np.asarray(worth - times * doubt)


def counted(shares: Floats, *, trials: int, margin: int, seed: int) -> Ints:
    """How far to go, by counting successes on the way: a step for each of u, (u,).

    The first step with the most successes; but the first of all, where nothing has been
    done yet, unless the most are more than its own by a margin.

    Parameters
    ----------
    shares : ndarray of shape (u, k)
        Chance of a success after each of k steps, of which only trials are seen.
    trials : int
        How often it is tried after each step.
    margin : int
        How many successes more are not taken for chance, 0 or more.
    """
    counts(trials=trials)
    counts(least=0, margin=margin)
    if not np.all((shares >= -1e-9) & (shares <= 1 + 1e-9)):
        raise BadInput(f"got shares up to {shares.max()}; wanted 0 to 1")
    seen = np.random.default_rng(seed).binomial(trials, np.clip(shares, 0, 1))
    gained = seen.max(axis=1) >= seen[:, 0] + margin
    return np.where(gained, seen.argmax(axis=1), 0)
