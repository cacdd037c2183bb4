"""How is a reward made so that to earn it is to do what was meant?

`shaped` pays for progress and takes it back for going back. The others take a learned
reward less at its word: by the worst of several (`least`), by as much as it is in doubt
(`lower_bound`), or up to where counting says that it still helps (`counted`).
"""

from collections.abc import Callable
from typing import Annotated

import numpy as np

from foible import domains
from foible.arrays import Bools, Floats, Ints
from foible.domains import Amount, Count, Natural, Seed, Share
from foible.errors import BadInput


def shaped(
    reward: Annotated[Floats, domains.shaped("s", "a")],
    after: Annotated[Ints, domains.counted("s", "a", below="s")],
    ends: Annotated[Bools, domains.flagged("s")],
    potential: Annotated[Floats, domains.shaped("s")],
    *,
    discount: Share,
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
    height = np.where(ends, 0.0, potential)
    return np.asarray(reward + discount * height[after] - height[:, np.newaxis])


def several(
    difference: Annotated[Floats, domains.shaped("u", "m", "s")],
    won: Annotated[Bools, domains.flagged("u", "m")],
    fit: Callable[[Floats, Bools], Floats],
    *,
    members: Count,
    seed: Seed,
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
    sets, size = won.shape
    drawn = np.random.default_rng(seed).integers(size, size=(sets, members, size))
    own = np.arange(sets)[:, np.newaxis, np.newaxis]
    return fit(difference[own, drawn], won[own, drawn])


def least(worths: Annotated[Floats, domains.shaped("u", "members", "s")]) -> Floats:
    """What the worst of several models says of each state [coste2024reward].

    (u, members, s) to (u, s).
    """
    return np.asarray(worths.min(axis=1))


def lower_bound(
    worth: Annotated[Floats, domains.shaped("u", "s")],
    doubt: Annotated[Floats, domains.shaped("u", "s", least=0)],
    *,
    times: Amount,
) -> Floats:
    """What a state is worth at the least, by some standard deviations, (u, s)."""
    return np.asarray(worth - times * doubt)


def counted(
    shares: Annotated[Floats, domains.shaped("u", "k")],
    *,
    trials: Count,
    margin: Natural,
    seed: Seed,
) -> Ints:
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
    if not np.all((shares >= -1e-9) & (shares <= 1 + 1e-9)):
        raise BadInput(f"got shares up to {shares.max()}; wanted 0 to 1")
    seen = np.random.default_rng(seed).binomial(trials, np.clip(shares, 0, 1))
    gained = seen.max(axis=1) >= seen[:, 0] + margin
    return np.where(gained, seen.argmax(axis=1), 0)
