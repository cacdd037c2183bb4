"""How hard is a reward pursued, and where does that lead?

Two ways to pursue it: take the best of n races that the players sail, or change how
they sail, as far as a distance from them allows. The distance is the same for both,
the Kullback-Leibler divergence of the races, in nats.
"""

from typing import Annotated, NamedTuple

import numpy as np

from foible.arrays import Floats
from foible.domains import Count, Finite, Natural, Numbers, shaped
from foible.errors import BadInput
from foible.failures.reward_hacking.courses import Race

FREE = 1e-4
"""A weight of the distance that is as good as none."""
FAR, HALVINGS = 1e6, 20


class Sailing(NamedTuple):
    """How boats sail that pursue a reward; u of them.

    Parameters
    ----------
    policy : ndarray of shape (u, steps, s, 4)
        Chances of the moves, by time and state.
    spent : ndarray of shape (u, s)
        Moves spent in each state, on average.
    finished : ndarray of shape (u,)
        Share of races that come in.
    distance : ndarray of shape (u,)
        From the players, in nats.
    """

    policy: Floats
    spent: Floats
    finished: Floats
    distance: Floats


def best_of(
    proxy: Annotated[Floats, shaped("m")],
    true: Annotated[Floats, shaped("m")],
    counts_of: Numbers,
) -> Floats:
    """What the best of n is truly worth, exactly, for every n [gao2023scaling].

    The mean over all ways to draw n of the races that were sailed, and to keep the one
    that the proxy prefers.

    Parameters
    ----------
    proxy, true : ndarray of shape (N,)
        Of each race.
    counts_of : ndarray of shape (k,)
        Each n, from 1 to N.

    Returns
    -------
    ndarray of shape (k,)
    """
    total = len(proxy)
    if true.shape != proxy.shape or not 1 <= min(counts_of) <= max(counts_of) <= total:
        raise BadInput(
            f"got {total} proxies, true values of shape {true.shape} and n from "
            f"{min(counts_of)} to {max(counts_of)}; wanted as many of both, and n from "
            f"1 to {total}"
        )
    ranked = true[np.argsort(proxy, kind="stable")]
    return np.array([_chances(total, int(n)) @ ranked for n in counts_of])


def _chances(total: int, n: int) -> Floats:
    """Chance of each of so many, from the least to the greatest, to be the best of n.

    That the best is among the first i is the chance to draw n of them, C(i, n) of
    C(total, n), which is made from the top by its ratios.
    """
    place = np.arange(total, 0, -1)
    ratios = np.maximum(place - n, 0) / place
    among = np.concatenate([[1.0], np.cumprod(ratios)])[::-1]
    return np.asarray(np.diff(among))


def pursued(
    race: Race,
    worth: Finite,
    players: Annotated[Floats, shaped("s", 4, least=0)],
    *,
    weight: Annotated[Floats, shaped("u", least=0, beyond=True)],
    steps: Count,
) -> Sailing:
    """The best way to sail for a reward, less a weighted distance from the players.

    Exact, by the dynamic programming of [todorov2006linearly]: it is where a policy
    gradient with a penalty on the distance would end, if it found the optimum.

    Parameters
    ----------
    worth : ndarray of shape (u, s)
        What a move spent in each state is worth; of an end, once.
    players : ndarray of shape (s, 4)
        Chances of the moves before the reward was pursued.
    weight : ndarray of shape (u,)
        Of the distance, in the unit of the reward, above 0; the smaller the harder the
        reward is pursued.
    steps : int
        Moves that a race may take.
    """
    worth, weight = np.atleast_2d(worth), np.asarray(weight, np.float64)
    shapes = worth.shape, players.shape
    if shapes != ((len(weight), len(race.ends)), race.after.shape):
        raise BadInput(
            f"got worths of shape {worth.shape} and chances of {players.shape}; wanted "
            f"{(len(weight), len(race.ends))} and {race.after.shape}"
        )
    prior, scale = np.log(players), weight[:, np.newaxis, np.newaxis]
    later = np.where(race.ends, worth, 0)
    policy = np.empty((len(weight), steps, *race.after.shape))
    for now in reversed(range(steps)):
        score = later[:, race.after] / scale + prior
        top = score.max(axis=-1, keepdims=True)
        shares = np.exp(score - top)
        total = shares.sum(axis=-1, keepdims=True)
        policy[:, now] = shares / total
        ahead = (scale * (top + np.log(total)))[..., 0]
        later = worth + np.where(race.ends, 0, ahead)
    return _sailing(race, policy, players)


def _sailing(race: Race, policy: Floats, players: Floats) -> Sailing:
    """What comes of ways to sail, (u, steps, s, 4)."""
    units, states = len(policy), len(race.ends)
    there = np.zeros((units, states))
    there[:, race.start] = 1
    spent, distance = np.zeros(there.shape), np.zeros(units)
    into = np.zeros((states, 4, states))
    into[np.arange(states)[:, None], np.arange(4), race.after] = 1
    flow = into.reshape(-1, states)
    logs = np.log(players)
    for now in np.moveaxis(policy, 1, 0):
        out = there * ~race.ends
        spent += out
        gap = (now * (np.log(np.maximum(now, 1e-300)) - logs)).sum(axis=-1)
        distance += np.sum(out * gap, axis=1)
        moved = out[..., np.newaxis] * now
        there = there * race.ends + moved.reshape(units, -1) @ flow
    return Sailing(policy, spent + there * race.ends, there @ race.home, distance)


def at_distance(
    race: Race,
    worth: Finite,
    players: Annotated[Floats, shaped("s", 4, least=0)],
    *,
    nats: Annotated[Floats, shaped("u", least=0)],
    steps: Natural,
) -> Sailing:
    """The best way to sail for a reward at a distance, found by halving.

    Where the best of all ways is nearer than that, it is that one.

    Parameters
    ----------
    worth : ndarray of shape (u, s)
    players : ndarray of shape (s, 4)
    nats : ndarray of shape (u,)
        Largest distance, 0 or more.
    """
    if not np.all(np.asarray(nats) >= 0):
        raise BadInput(f"got a distance of {np.min(nats)}; wanted 0 or more")
    low = np.full(len(nats), np.log(FREE))
    high = np.full(len(nats), np.log(FAR))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = pursued(race, worth, players, weight=np.exp(middle), steps=steps)
        near = found.distance <= nats
        low, high = np.where(near, low, middle), np.where(near, middle, high)
    return pursued(race, worth, players, weight=np.exp(high), steps=steps)
