"""Hardening: one row a defence."""

from dataclasses import replace

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.attacks import evasion
from foible.defences import hardening
from foible.search import Ball
from foible.victim import Victim

DIGITS = data.digits().take(np.arange(120))
FEW = DIGITS.take(np.arange(20))
RECIPE = models.network(hidden=16, steps=20, batch=16)
READER = Victim.trained(RECIPE, DIGITS, seed=0)
FOREST = Victim.trained(models.forest(trees=2, depth=2), DIGITS, seed=0)
NARROW = replace(FEW, X=FEW.X[:, 1:], columns=FEW.columns[1:], image=None)
ELEVEN = replace(FEW, y=np.full(len(FEW), 10), classes=(*FEW.classes, "no digit"))
OF_OTHERS = {"rows too narrow": {"rows": NARROW}}
BELOW = {"nought": {"epsilon": 0.0}, "no number": {"epsilon": np.nan}}
SOLD_OUT = {"more than any noise gives": {"epsilon": 1e9}, "less": {"epsilon": 1e-6}}
DELTAS = {"no delta": {"delta": 0.0}, "a delta of one": {"delta": 1.0}}
VOTE = hardening.smoothed(READER, scale=0.25, draws=10, seed=0).model


def of_recipe(name, defend, nought=None, refused=None, /, **settings):
    """A row for what takes a recipe and gives one; at dose nought it is the same."""

    def nothing(inputs, recipe):
        got, was = (made(DIGITS, seed=0).logits(FEW.X) for made in (recipe, RECIPE))
        return np.allclose(got, was, atol=1e-4)

    return Row(
        f"hardening.{name}",
        lambda: {"recipe": RECIPE} | settings,
        lambda *, recipe, seed, **settings: defend(recipe, **settings),
        nought=nought or {},
        nothing=nothing if nought else None,
        refused=refused or {},
    )


def of_victim(name, defend, refused, nought=None, /, **settings):
    """A row for what takes a victim and gives one; at dose nought it answers alike."""

    def call(*, victim, seed, **settings):
        return defend(victim, **settings).model.predict(FEW.X)

    return Row(
        f"hardening.{name}",
        lambda: {"victim": READER} | settings,
        call,
        nought=nought or {},
        nothing=(lambda inputs, said: np.array_equal(said, READER.model.predict(FEW.X)))
        if nought
        else None,
        refused=refused,
    )


def moved(radius):
    def attack(model, X, y, /, *, seed):
        return evasion.fgsm(model, X, y, ball=Ball(radius))

    return attack


def proved():
    noises = {"selection": 10, "estimation": 100, "alpha": 0.01}
    return {"model": VOTE, "X": FEW.X.copy()} | noises


def abstains_or_is_sure(inputs, found):
    return ((found.radius > 0) == (found.label >= 0)).all()


ROWS = [
    of_recipe(
        "stopped", hardening.stopped, {"steps": 20}, {"no step": {"steps": 0}}, steps=5
    ),
    of_recipe(
        "decayed", hardening.decayed, None, {"nought": {"decay": 0.0}}, decay=0.1
    ),
    of_recipe(
        "private",
        hardening.private,
        None,
        BELOW | SOLD_OUT | DELTAS,
        epsilon=3.0,
        delta=1e-5,
    ),
    of_recipe(
        "adversarial", hardening.adversarial, {"attack": moved(0)}, attack=moved(0.1)
    ),
    of_recipe(
        "with_noise",
        hardening.with_noise,
        {"scale": 0.0},
        {"less than nought": {"scale": -0.1}},
        scale=0.2,
    ),
    of_victim(
        "sharpened",
        hardening.sharpened,
        {"nought": {"factor": 0.0}, "no network": {"victim": FOREST}},
        {"factor": 1.0},
        factor=1000.0,
    ),
    of_victim(
        "quantised",
        hardening.quantised,
        {"one level": {"levels": 1}, "no slope to hide": {"victim": FOREST}},
        {"levels": 10**6},
        levels=3,
    ),
    Row(
        "hardening.smoothed",
        lambda: {"victim": READER, "scale": 0.2, "draws": 10},
        lambda *, victim, **settings: hardening.smoothed(
            victim, **settings
        ).model.predict_proba(FEW.X),
        nought={"scale": 1e-9},
        nothing=lambda inputs, shares: (
            (shares.max(axis=1) == 1).all()
            and np.array_equal(shares.argmax(axis=1), READER.model.predict(FEW.X))
        ),
        refused={"no noise": {"scale": 0.0}, "no voter": {"draws": 0}},
    ),
    Row(
        "hardening.farthest",
        lambda: {"scale": 0.25, "estimation": 100, "alpha": 0.01},
        lambda *, seed, **settings: hardening.farthest(**settings),
        kept=lambda inputs, radius: 0 < radius < 1,
        refused={
            "no noise": {"scale": 0.0},
            "nobody estimates": {"estimation": 0},
            "a chance above one": {"alpha": 1.5},
        },
    ),
    Row(
        "hardening.certified",
        proved,
        lambda *, model, X, **settings: hardening.certified(model, X, **settings),
        kept=abstains_or_is_sure,
        refused={
            what: {"X": bad["X"]}
            for what, bad in unusable(FEW.X, FEW.y).items()
            if "X" in bad
        }
        | {
            "nobody selects": {"selection": 0},
            "nobody estimates": {"estimation": 0},
            "a chance above one": {"alpha": 1.5},
        },
    ),
    Row(
        "hardening.tuned",
        lambda: {"model": READER.model, "rows": FEW, "steps": 5},
        lambda *, model, rows, **settings: hardening.tuned(model, rows, **settings),
        refused=OF_OTHERS
        | {"no step": {"steps": 0}, "one class too many": {"rows": ELEVEN}},
    ),
    Row(
        "hardening.pruned",
        lambda: {"model": READER.model, "rows": FEW, "share": 0.5},
        lambda *, model, rows, share, seed: hardening.pruned(model, rows, share=share),
        nought={"share": 0.0},
        nothing=lambda inputs, made: np.array_equal(
            made.logits(FEW.X), READER.model.logits(FEW.X)
        ),
        refused=OF_OTHERS
        | {"a share above one": {"share": 1.5}, "below nought": {"share": -0.1}},
    ),
]
