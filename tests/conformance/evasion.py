"""Evasion: one row an attack."""

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import evasion
from foible.search import Ball

# ---------------------------------------------------------------- evasion

DIGITS = data.digits().take(np.arange(120))
READER = models.network(hidden=16, steps=40)(DIGITS, seed=0)
SOME = DIGITS.take(np.arange(8))
MOVED = {"ball": Ball(0.1)}
BAD_SETTINGS = {"a negative radius": {"radius": -0.1}}


def images():
    return {"model": READER, "X": SOME.X.copy(), "y": SOME.y.copy(), "radius": 0.1}


def moving(attack, **settings):
    """An attack by gradient on digits, whose dose is the radius."""

    def call(*, model, X, y, radius, seed):
        return attack(model, X, y, ball=Ball(radius), seed=seed, **settings)

    return call


def seedless(attack):
    """An attack without chance, called like the others."""
    return lambda *rest, seed, **settings: attack(*rest, **settings)


def inside(inputs, moved):
    away = np.abs(moved - inputs["X"]).max()
    return away <= inputs["radius"] + 1e-9 and moved.min() >= 0 and moved.max() <= 1


def evader(name, attack, **settings):
    return Row(
        f"evasion.{name}",
        images,
        moving(attack, **settings),
        nought={"radius": 0.0},
        nothing=lambda inputs, moved: np.array_equal(moved, inputs["X"]),
        kept=inside,
        refused=BAD_SETTINGS,
    )


ROWS = [
    evader(
        "fgsm", lambda model, X, y, *, ball, seed: evasion.fgsm(model, X, y, ball=ball)
    ),
    evader("pgd", evasion.pgd, steps=5, restarts=1),
    evader("apgd", evasion.apgd, steps=10),
    evader("targeted", evasion.targeted, steps=10),
]
