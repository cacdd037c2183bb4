"""Reward hacking: one row a way to learn, to compare or to pursue."""

import numpy as np
from promises import Row

from foible.failures import reward_hacking as rh

COURSE = rh.course()
LAGOON, WATER = rh.race(COURSE), rh.without_buoys(COURSE)
PLAYERS = rh.players(COURSE, skill=0.3)
STATES, STEPS = len(WATER.ends), 30
RNG = np.random.default_rng(0)
DIFFERENCE, WON = RNG.normal(size=(60, 4)), RNG.random(60) < 0.5
WORTH = RNG.normal(size=(2, STATES))
SPENT = rh.races(WATER, PLAYERS, count=40, steps=STEPS, seed=0)


def paid():
    return {"race": LAGOON, "reward": LAGOON.takes.astype(float), "discount": 0.9}


BAD_REWARDS = {
    "rewards of another race": {"reward": np.zeros((3, 4))},
    "a reward that is no number": {"reward": LAGOON.takes * np.nan},
}


def pursued():
    return {
        "race": WATER,
        "worth": WORTH.copy(),
        "players": PLAYERS.copy(),
        "weight": np.ones(2),
        "steps": STEPS,
    }


def at_distance():
    inputs = pursued() | {"nats": np.array([0.5, 1.0])}
    return {name: inputs[name] for name in inputs if name != "weight"}


ROWS = [
    Row(
        "reward_hacking.learned",
        lambda: paid() | {"boats": 2, "steps": 300},
        rh.learned,
        nought={"steps": 0},
        nothing=lambda inputs, value: not value.any(),
        blind={"reward": np.zeros(LAGOON.after.shape)},
        chance=lambda value: not value.any(),
        kept=lambda inputs, value: value.shape == (2, *LAGOON.after.shape),
        refused=BAD_REWARDS
        | {
            "no boat": {"boats": 0},
            "fewer than no steps": {"steps": -1},
            "a discount above one": {"discount": 1.1},
        },
    ),
    Row(
        "reward_hacking.planned",
        paid,
        lambda *, seed, **inputs: rh.planned(**inputs),
        kept=lambda inputs, policy: set(policy) <= {0, 1, 2, 3},
        refused=BAD_REWARDS | {"no discount": {"discount": 1.0}},
    ),
    Row(
        "reward_hacking.races",
        lambda: {"race": WATER, "policy": PLAYERS.copy(), "count": 5, "steps": STEPS},
        rh.races,
        kept=lambda inputs, spent: (spent.sum(axis=1) <= STEPS + 1).all(),
        refused={"no race": {"count": 0}, "no moves": {"steps": 0}},
    ),
    Row(
        "reward_hacking.preferred",
        lambda: {
            "one": SPENT[:20].copy(),
            "other": SPENT[20:].copy(),
            "rater": rh.Rater(rh.fair(WATER, steps=STEPS)),
        },
        rh.preferred,
        kept=lambda inputs, won: won.dtype == bool and len(won) == 20,
        refused={
            "no noise": {"rater": rh.Rater(np.ones(STATES), noise=0)},
            "races of another course": {"one": SPENT[:20, 1:]},
        },
    ),
    Row(
        "reward_hacking.fitted",
        lambda: {"difference": DIFFERENCE.copy(), "won": WON.copy()},
        lambda *, seed, **inputs: rh.fitted(**inputs),
        blind={"difference": np.zeros_like(DIFFERENCE)},
        chance=lambda prices: not prices.worth.any(),
        refused={
            "answers to others": {"won": WON[1:]},
            "no penalty": {"ridge": 0.0},
        },
    ),
    Row(
        "reward_hacking.pursued",
        pursued,
        lambda *, seed, **inputs: rh.pursued(**inputs),
        blind={"worth": np.zeros_like(WORTH)},
        chance=lambda found: np.allclose(found.distance, 0),
        kept=lambda inputs, found: np.allclose(found.policy.sum(axis=-1), 1),
        refused={
            "no weight": {"weight": np.zeros(2)},
            "worths of another water": {"worth": WORTH[:, 1:]},
            "no moves": {"steps": 0},
        },
    ),
    Row(
        "reward_hacking.at_distance",
        at_distance,
        lambda *, seed, **inputs: rh.at_distance(**inputs),
        nought={"nats": np.zeros(2)},
        nothing=lambda inputs, found: np.allclose(found.policy, PLAYERS, atol=1e-4),
        kept=lambda inputs, found: (found.distance <= inputs["nats"] + 1e-6).all(),
        refused={"less than no distance": {"nats": np.array([-1.0, 1.0])}},
    ),
    Row(
        "reward_hacking.best_of",
        lambda: {
            "proxy": WORTH[0].copy(),
            "true": WORTH[1].copy(),
            "counts_of": np.array([1, 3]),
        },
        lambda *, seed, **inputs: rh.best_of(**inputs),
        nought={"counts_of": np.array([1])},
        nothing=lambda inputs, best: np.allclose(best, inputs["true"].mean()),
        refused={
            "none of them": {"counts_of": np.array([0])},
            "more than there are": {"counts_of": np.array([STATES + 1])},
        },
    ),
]
