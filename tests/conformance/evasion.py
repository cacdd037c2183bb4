"""Evasion: one row an attack."""

from dataclasses import replace

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.attacks import evasion
from foible.search import Ball

DIGITS = data.digits().take(np.arange(120))
SHUFFLED = replace(DIGITS, y=np.random.default_rng(0).permutation(DIGITS.y))
RECIPE = models.network(hidden=16, steps=40)
READER = RECIPE(DIGITS, seed=0)
LINEAR = models.softmax()(DIGITS, seed=0)
FOREST = models.forest(trees=3, depth=3)(DIGITS, seed=0)
SOME = DIGITS.take(np.flatnonzero(READER.predict(DIGITS.X) == DIGITS.y)[:20])
OTHERS = SOME.X[[np.flatnonzero(SOME.y != label)[0] for label in SOME.y]]
UNUSABLE = unusable(SOME.X, SOME.y)
NO_STEPS = {"no step": {"steps": 0}}
FREE = evasion.anything(64)


def by_gradient(attack):
    """An attack by gradient on digits, whose dose is the radius."""

    def call(*, model, X, y, radius, seed, **settings):
        return attack(model, X, y, ball=Ball(radius), seed=seed, **settings)

    return call


def seedless(attack):
    """An attack without chance, called like the others."""
    return lambda *rest, seed, **settings: attack(*rest, **settings)


def inside(inputs, moved):
    away = np.abs(moved - inputs["X"]).max()
    return away <= inputs["radius"] + 1e-9 and moved.min() >= 0 and moved.max() <= 1


def stayed(inputs, moved):
    return np.array_equal(moved, inputs["X"])


def found_inside(inputs, moved):
    """As `inside`, of the rows that are found; the others are marked throughout."""
    found = np.isfinite(moved).all(axis=1)
    asked = inputs | {"X": inputs["X"][found]}
    return np.isnan(moved[~found]).all() and inside(asked, moved[found])


def evader(
    name, attack, refused=NO_STEPS, /, *, nothing=stayed, kept=inside, **settings
):
    """A row for who has the model."""

    def inputs():
        images = {"model": READER, "X": SOME.X.copy(), "y": SOME.y.copy()}
        return images | {"radius": 0.1} | settings

    return Row(
        f"evasion.{name}",
        inputs,
        by_gradient(attack),
        nought={"radius": 0.0},
        nothing=nothing,
        kept=kept,
        refused=UNUSABLE | {"a negative radius": {"radius": -0.1}} | refused,
    )


def carried(*, own, model, X, y, seed):
    attack = evasion.carried(evasion.pgd, own)
    return model.predict(attack(model, X, y, ball=Ball(0.05), seed=seed)) == y


def square(*, oracle, X, y, radius, queries, image, seed, norm="Linf"):
    settings = {"ball": Ball(radius, norm), "image": image, "queries": queries}
    return evasion.square(oracle, X, y, **settings, seed=seed)


def asked_for_scores():
    oracle = models.oracle(READER, budget=20 * len(SOME), answers="values")
    asked = {"oracle": oracle, "X": SOME.X.copy(), "y": SOME.y.copy()}
    return asked | {"radius": 0.1, "queries": 20, "image": (8, 8)}


def asked_for_labels():
    oracle = models.oracle(READER, answers="label")
    asked = {"oracle": oracle, "X": SOME.X.copy(), "y": SOME.y.copy()}
    return asked | {"start": OTHERS.copy(), "rounds": 2, "draws": 20}


def wrong_and_in_the_box(inputs, found):
    wrong = READER.predict(found) != inputs["y"]
    return wrong.all() and found.min() >= 0 and found.max() <= 1


def reachable():
    return {"model": LINEAR, "X": SOME.X.copy(), "y": SOME.y.copy()}


def changeable():
    regions = evasion.boxes(FOREST)
    asked = {"regions": regions, "X": SOME.X.copy(), "wanted": 3}
    return asked | {"scale": np.ones(64), "rules": FREE}


ROWS = [
    evader("fgsm", seedless(evasion.fgsm), {}),
    evader("pgd", evasion.pgd, steps=5, restarts=1),
    evader("apgd", evasion.apgd, steps=10),
    evader(
        "targeted", evasion.targeted, NO_STEPS | {"no target": {"targets": 0}}, steps=10
    ),
    evader("fab", evasion.fab, NO_STEPS | {"no target": {"targets": 0}}, steps=10),
    evader(
        "flips",
        evasion.flips,
        {"one level": {"levels": 1}, "no try": {"tries": 0}},
        levels=3,
    ),
    evader(
        "autoattack",
        evasion.autoattack,
        {},
        attacks=evasion.ensemble((8, 8), steps=5, queries=20),
    ),
    evader(
        "nearest",
        evasion.nearest,
        {"no halving": {"halvings": 0}},
        nothing=lambda inputs, moved: np.isnan(moved).all(),
        kept=found_inside,
        attack=evasion.pgd,
        halvings=2,
    ),
    Row(
        "evasion.carried",
        lambda: (
            {"own": RECIPE(DIGITS, seed=1), "model": READER}
            | {"X": SOME.X.copy(), "y": SOME.y.copy()}
        ),
        carried,
        blind={"own": RECIPE(SHUFFLED, seed=1)},
        chance=lambda right: right.mean() >= 0.9,
    ),
    Row(
        "evasion.square",
        asked_for_scores,
        square,
        nought={"radius": 0.0},
        nothing=stayed,
        kept=inside,  # the oracle's own budget is the other one
        refused=UNUSABLE
        | {"no query": {"queries": 0}, "another image": {"image": (8, 7)}},
    ),
    Row(
        "evasion.square, L2",
        lambda: asked_for_scores() | {"norm": "L2"},
        square,
        nought={"radius": 0.0},
        nothing=stayed,
        kept=inside,
        refused=UNUSABLE,
    ),
    Row(
        "evasion.hopskipjump",
        asked_for_labels,
        lambda *, oracle, X, y, **settings: evasion.hopskipjump(
            oracle, X, y, box=(0, 1), **settings
        ),
        kept=wrong_and_in_the_box,
        refused={
            what: bad  # how many classes there are, labels alone do not say
            for what, bad in UNUSABLE.items()
            if not what.startswith("a label")
        }
        | {
            "no round": {"rounds": 0},
            "no draw": {"draws": 0},
            "too few starts": {"start": OTHERS[1:]},
            "a start that is right": {"start": SOME.X},
        },
    ),
    Row(
        "evasion.reach",
        reachable,
        seedless(evasion.reach),
        kept=lambda inputs, far: (far >= 0).all(),
        refused=UNUSABLE | {"no linear model": {"model": READER}},
    ),
    Row(
        "evasion.boxes",
        lambda: {"forest": FOREST, "most": 100_000},
        seedless(evasion.boxes),
        refused={"too many regions": {"most": 2}},
    ),
    Row(
        "evasion.cheapest",
        changeable,
        seedless(
            lambda *, regions, X, **settings: evasion.cheapest(regions, X, **settings)
        ),
        kept=lambda inputs, moved: (FOREST.predict(moved) == 3).all(),
        refused={what: {"X": bad["X"]} for what, bad in UNUSABLE.items() if "X" in bad}
        | {"an answer that no tree gives": {"wanted": 99}},
    ),
]
