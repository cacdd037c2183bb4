"""Searches for a suffix, and what stands around a model that refuses."""

import numpy as np
from promises import Row

from foible import models
from foible.defences import refusing
from foible.language import jailbreak
from foible.language.jailbreak import Answered

OWN = jailbreak.wishes(2, forbidden=True, seed=0)
RECIPE = models.language(width=8, layers=1, heads=2, context=40, steps=2, batch=4)
MODEL = RECIPE(jailbreak.lessons(OWN, refusing=False), seed=0)
AIM = Answered(MODEL, OWN)
WAY = models.text_transport(MODEL, answers="tokens", most=3)
TEXTS = [one.read for one in OWN]


def searching(name, how, **more):
    start = ["park", "mia"]
    return Row(
        f"jailbreak.{name}",
        lambda: {"start": [*start], "steps": 2, "count": 5} | more,
        lambda *, seed, **settings: how(AIM, seed=seed, **settings),
        nought={"steps": 0},
        nothing=lambda inputs, found: found.words == ("park", "mia"),
        kept=lambda inputs, found: len(found.words) == 2 and found.read == 2 * 17,
        refused={"no words": {"start": []}, "no candidates": {"count": 0}},
    )


ROWS = [
    searching("searched", jailbreak.searched, top=4),
    searching("wandered", jailbreak.wandered),
    Row(
        "jailbreak.wishes",
        lambda: {"n": 5, "odd": 0.5},
        jailbreak.wishes,
        kept=lambda inputs, made: len(made) == 5,
        refused={"none": {"n": 0}, "more than all": {"odd": 2.0}},
    ),
    Row(
        "refusing.perturbed",
        lambda: {"texts": TEXTS, "share": 0.5, "words": np.arange(3, 9)},
        refusing.perturbed,
        nought={"share": 0.0},
        nothing=lambda inputs, made: all(map(np.array_equal, made, TEXTS)),
        refused={"more than all": {"share": 1.5}},
    ),
    Row(
        "refusing.voted",
        lambda: {"copies": 3, "share": 0.5, "words": np.arange(3, 9), "refusal": 2},
        lambda *, seed, **settings: refusing.voted(WAY, seed=seed, **settings)(TEXTS),
        nought={"share": 0.0},
        nothing=lambda inputs, told: np.array_equal(told, WAY(TEXTS)),
        refused={"no copy": {"copies": 0}, "no words": {"words": np.arange(0)}},
    ),
]
