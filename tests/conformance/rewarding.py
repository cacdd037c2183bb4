"""Rewarding: one row a defence of a reward."""

import numpy as np
from promises import Row

from foible.defences import rewarding

RNG = np.random.default_rng(0)
AFTER, ENDS = np.array([[1, 0], [2, 0], [2, 2]]), np.array([False, False, True])
WORTHS = RNG.normal(size=(2, 5, 3))


def mean(difference, won):
    return (difference * won[..., np.newaxis]).mean(axis=-2)


ROWS = [
    Row(
        "rewarding.shaped",
        lambda: {
            "reward": np.ones((3, 2)),
            "after": AFTER.copy(),
            "ends": ENDS.copy(),
            "potential": np.arange(3.0),
        },
        lambda *, seed, **inputs: rewarding.shaped(**inputs, discount=0.9),
        nought={"potential": np.zeros(3)},
        nothing=lambda inputs, paid: (paid == inputs["reward"]).all(),
        refused={
            "a potential too few": {"potential": np.zeros(2)},
            "rewards of other moves": {"reward": np.ones((3, 4))},
        },
    ),
    Row(
        "rewarding.several",
        lambda: {
            "difference": RNG.normal(size=(2, 9, 3)) * 0 + 1,
            "won": np.ones((2, 9), dtype=bool),
            "fit": mean,
            "members": 4,
        },
        rewarding.several,
        kept=lambda inputs, worths: worths.shape == (2, 4, 3),
        refused={"no member": {"members": 0}},
    ),
    Row(
        "rewarding.least",
        lambda: {"worths": WORTHS.copy()},
        lambda *, seed, worths: rewarding.least(worths),
        kept=lambda inputs, least: (least[:, np.newaxis] <= inputs["worths"]).all(),
    ),
    Row(
        "rewarding.lower_bound",
        lambda: {"worth": WORTHS[0].copy(), "doubt": np.ones((5, 3)), "times": 2.0},
        lambda *, seed, **inputs: rewarding.lower_bound(**inputs),
        nought={"times": 0.0},
        nothing=lambda inputs, bound: (bound == inputs["worth"]).all(),
        refused={
            "less than no doubt": {"times": -1.0},
            "doubts of others": {"doubt": np.ones((4, 3))},
        },
    ),
    Row(
        "rewarding.counted",
        lambda: {"shares": np.full((4, 3), 0.5), "trials": 20, "margin": 2},
        rewarding.counted,
        blind={"shares": np.zeros((4, 3))},
        chance=lambda stop: not stop.any(),
        kept=lambda inputs, stop: set(stop) <= {0, 1, 2},
        refused={
            "less than no margin": {"margin": -1},
            "no trial": {"trials": 0},
            "a share above one": {"shares": np.full((4, 3), 1.5)},
        },
    ),
]
