"""Poisoned passages, and veils over vectors: one row for each that draws."""

import numpy as np
from promises import Row

from foible import models
from foible.defences import veiling
from foible.language import retrieval
from foible.language.retrieval import Target, World

TARGET = Target("alder", "port", "8123")
WORLD = World.drawn(services=3, helps=20, seed=0)
MEANING = models.meaning(WORLD.texts, width=16, seed=0)


def told(name, how, **settings):
    return Row(
        f"retrieval.{name}",
        lambda: {"count": 3} | settings,
        lambda *, seed, **settings: how(TARGET, seed=seed, **settings),
        kept=lambda inputs, texts: len(texts) == inputs["count"],
        refused={"none": {"count": 0}},
    )


ROWS = [
    told("in_passing", retrieval.in_passing),
    told("lie_alone", retrieval.lie_alone),
    told("question_and_lie", retrieval.question_and_lie),
    told("shuffled", retrieval.shuffled),
    told("repeated", retrieval.repeated, times=2),
    told("copied", retrieval.copied, seen=WORLD.texts),
    told("apart", retrieval.apart, meaning=MEANING, most=0.8, tries=6),
    Row(
        "retrieval.worlds",
        lambda: {"services": 2, "helps": 3},
        lambda *, seed, **settings: World.drawn(seed=seed, **settings).texts,
        refused={"no service": {"services": 0}, "too many": {"services": 25}},
    ),
    Row(
        "veiling.noisy",
        lambda: {"vectors": np.eye(4), "length": 0.5},
        lambda *, seed, **settings: veiling.noisy(seed=seed, **settings),
        nought={"length": 0.0},
        nothing=lambda inputs, made: np.array_equal(made, inputs["vectors"]),
        refused={"less than none": {"length": -1.0}},
    ),
    Row(
        "veiling.key",
        lambda: {"width": 4},
        lambda *, seed, width: veiling.key(width, seed=seed),
        refused={"one number": {"width": 1}},
    ),
]
