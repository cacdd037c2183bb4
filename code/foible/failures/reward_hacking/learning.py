"""What does a boat do that is paid, by trial and error or by foresight?"""

import numpy as np

from foible.arrays import Floats, Ints
from foible.domains import Count, Natural, Seed, Share
from foible.errors import BadInput
from foible.failures.reward_hacking.courses import Race, kept


def learned(
    race: Race,
    reward: Floats,
    *,
    boats: Count,
    steps: Natural,
    discount: Share,
    seed: Seed,
    explore: Share = 0.2,
    rate: Share = 0.5,
    patience: Count = 100,
) -> Floats:
    """Value of every move by Q-learning [watkins1992learning], of several boats.

    Each boat learns for itself. It starts again when it has finished, or when it has
    been out for `patience` moves, which it does not count as an end.

    Parameters
    ----------
    race : Race
    reward : ndarray of shape (s, 4)
        What each move pays.
    boats, steps : int
        How many learn, and for how many moves each.
    discount : float
        What a reward is worth a move later, 0 to 1.
    seed : int
    explore, rate : float
        Share of moves made by lot, and how far a value follows the newest reward.
    patience : int

    Returns
    -------
    ndarray of shape (boats, s, 4)
    """
    paid = kept(reward, race)
    rng = np.random.default_rng(seed)
    value = np.zeros((boats, *race.after.shape))
    boat, at, out = np.arange(boats), np.full(boats, race.start), np.zeros(boats, int)
    for _ in range(steps):
        noise = rng.random((boats, 4)) * 1e-9  # of equal moves, any
        move = (value[boat, at] + noise).argmax(axis=1)
        by_lot = rng.random(boats) < explore
        move = np.where(by_lot, rng.integers(4, size=boats), move)
        there = race.after[at, move]
        later = np.where(race.ends[there], 0, value[boat, there].max(axis=1))
        aim = paid[at, move] + discount * later
        value[boat, at, move] += rate * (aim - value[boat, at, move])
        out = out + 1
        again = race.ends[there] | (out >= patience)
        at, out = np.where(again, race.start, there), np.where(again, 0, out)
    return value


def planned(race: Race, reward: Floats, *, discount: Share) -> Ints:
    """The best move in every state, (s,), exactly, by policy iteration.

    Of equally good moves it keeps the first. The discount must be below 1.
    """
    paid = kept(reward, race)
    if not 0 <= discount < 1:
        raise BadInput(f"got discount={discount}; wanted 0 or more and below 1")
    states, going = np.arange(len(race.after)), ~race.ends
    policy = np.zeros(len(states), dtype=np.int64)
    while True:
        flow = np.eye(len(states))
        np.add.at(flow, (states, race.after[states, policy]), -discount * going)
        worth = np.linalg.solve(flow, paid[states, policy] * going)
        value = paid + discount * worth[race.after]
        gain = value.max(axis=1) - value[states, policy]
        better = np.where(gain > 1e-9, value.argmax(axis=1), policy)
        if np.array_equal(better, policy):
            return policy
        policy = better


def sailed(race: Race, policy: Ints, *, steps: Natural) -> Ints:
    """The states that a boat passes, its start first, until it finishes or time is up.

    Parameters
    ----------
    policy : ndarray of shape (s,)
        The move that it makes in each state.
    """
    passed = [race.start]
    while len(passed) <= steps and not race.ends[passed[-1]]:
        passed.append(int(race.after[passed[-1], policy[passed[-1]]]))
    return np.array(passed)
