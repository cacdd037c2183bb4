"""Marks in texts: what each does to a text, and what it says of one."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import marking

ORDERS = data.Orders()
MODEL = models.language(width=8, layers=1, heads=2, context=24, steps=3, batch=8)(
    ORDERS.drawn(30, seed=0), seed=0
)
PROMPTS = np.full((3, 4), 3)


def marking_by(mark):
    def call(*, prompts, words, seed):
        return marking.marked(MODEL, prompts, mark, words=words, seed=seed)

    return call


def drawn(*, contexts, words, seed):
    return marking.draws(1, contexts, words)


def scored(*, hits, share, seed):
    return marking.z_score(hits, share=share)


def written(name, mark):
    return Row(
        f"marking.{name}",
        lambda: {"prompts": PROMPTS.copy(), "words": 6},
        marking_by(mark),
        kept=lambda inputs, told: told.shape == (3, 6) and told.min() >= 2,
        refused={"no word": {"words": 0}, "too many": {"words": 30}},
    )


ROWS = [
    written("none", None),
    written("green", marking.Green(key=1)),
    written("either", marking.Either([marking.Green(key=1), marking.Green(key=2)])),
    written("luck", marking.Luck(key=1, width=2)),
    written("sequence", marking.Sequence(key=1, length=9)),
    Row(
        "marking.draws",
        lambda: {"contexts": PROMPTS.copy(), "words": np.arange(5)},
        drawn,
        kept=lambda inputs, told: told.shape == (3, 5) and told.min() >= 0,
    ),
    Row(
        "marking.z_score",
        lambda: {"hits": np.array([True, False, True]), "share": 0.5},
        scored,
        refused={"no share": {"share": 1.5}},
    ),
]
