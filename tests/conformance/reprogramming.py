"""Reprogramming: one row a search for programs."""

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import reprogramming as rp
from foible.victim import Victim

DIGITS = data.digits().take(np.arange(300))
VICTIM = Victim.trained(models.network(hidden=16, steps=60), DIGITS, seed=0)
OWN, HELD = data.irises().split(0.7, seed=0)
IMAGE = (8, 8)
EFFORT = rp.Effort(draws=4, kept=2, steps=4, rounds=1)
BAD = {
    "a regression": {"own": data.diabetes()},
    "other columns held": {"held": data.wines()},
    "an image without room": {"image": (2, 2)},
}


def rows():
    return {"own": OWN, "held": HELD, "image": IMAGE}


def within(inputs, program):
    """Pixels stay pixels, and outside the frame nothing but the row is written."""
    pixels, inside = program.base, program.base[~program.frame]
    return bool(0 <= pixels.min() <= pixels.max() <= 1 and (inside == 0.5).all())


def untouched(inputs, program):
    return bool((program.base == 0.5).all())


ROWS = [
    Row(
        "reprogramming.by_gradient",
        rows,
        lambda *, seed, **inputs: rp.by_gradient(
            VICTIM.model, **inputs, effort=EFFORT, seed=seed
        ),
        kept=within,
        refused=BAD,
    ),
    Row(
        "reprogramming.by_slope",
        lambda: {"own": OWN, "image": IMAGE, "steps": 4},
        lambda *, seed, **inputs: rp.by_slope(VICTIM.model, **inputs, seed=seed),
        kept=within,
        refused={"an image without room": {"image": (2, 2)}},
    ),
    Row(
        "reprogramming.by_labels",
        lambda: rows() | {"queries": 1300},
        lambda *, seed, **inputs: rp.by_labels(
            VICTIM.oracle(answers="label", budget=inputs["queries"]),
            **inputs,
            labels=10,
            seed=seed,
        ),
        nought={"queries": 1},
        nothing=untouched,
        kept=within,
        refused=BAD | {"no query": {"queries": 0}},
    ),
    Row(
        "reprogramming.in_two_questions",
        lambda: rows() | {"queries": 2600},
        lambda *, seed, **inputs: rp.in_two_questions(
            VICTIM.oracle(answers="label", budget=inputs["queries"]),
            **inputs,
            labels=10,
            seed=seed,
        ),
        nought={"queries": 2},
        nothing=lambda inputs, chain: all(
            untouched(inputs, one) for one in chain.programs
        ),
        kept=lambda inputs, chain: all(within(inputs, one) for one in chain.programs),
        refused=BAD,
    ),
    Row(
        "reprogramming.like_digits",
        lambda: {"own": OWN, "held": HELD, "limits": [1.0], "digits": DIGITS},
        lambda *, seed, **inputs: rp.like_digits(
            VICTIM.model,
            **inputs,
            labels=VICTIM.model.predict,
            effort=EFFORT,
            seed=seed,
        ),
        kept=lambda inputs, found: all(
            one.base.min() >= 0 and one.base.max() <= 1 for one in found
        ),
        refused={
            "no limit": {"limits": []},
            "no pictures": {"digits": DIGITS.select(DIGITS.columns)},
            "other columns held": {"held": data.wines()},
        },
    ),
]
