"""Detectors: one row for each kind, and for what is done about its alarms."""

import numpy as np
from promises import Row

from foible import data, models
from foible.judging import (
    User,
    by,
    detectors,
    improbable,
    of_features,
    of_file,
    of_model,
    of_questions,
    of_rows,
    refusing,
    remade,
    unless,
    without,
)
from foible.victim import Victim

ROWS_MADE_FROM = data.digits().take(np.arange(150))
TRUSTED = data.digits().take(np.arange(150, 200))
RECIPE = models.network(hidden=8, steps=20)
VICTIM = Victim.trained(RECIPE, ROWS_MADE_FROM, seed=0)
TREES = Victim.trained(models.forest(trees=2), ROWS_MADE_FROM, seed=0)
LEVEL = 1.0
"""What the detectors below take for suspicious; at nought they suspect nobody."""


def user(victim=VICTIM):
    return User(victim, TRUSTED, detectors.written(victim.model))


def asked():
    return {"user": user(), "X": TRUSTED.X[:20].copy(), "level": LEVEL}


def behind(defence):
    """What is got from behind a defence that is made of a level."""

    def call(user, X, level, *, seed):
        guarded = defence(level)(user)
        return guarded.answers(X), guarded.alarms(X) if guarded.alarms else None

    return call


def as_it_is(inputs, found):
    answers, alarms = found
    said = VICTIM.model.predict(inputs["X"])
    return np.array_equal(answers, said) and (alarms is None or not alarms.any())


def flagged(X, level):
    return np.arange(len(X)) < level * len(X) / 2


def rows(level):
    return without(of_rows(lambda rows, known: flagged(rows.X, level)))


def features(level):
    return without(of_features(lambda seen, known: flagged(seen[0], level)))


def model(level):
    return unless(of_model(lambda model, known: level > 0))


def file(level):
    """Nobody changed the file: at any level."""
    return unless(of_file(lambda artefact: artefact[: int(100 * level)].hex()))


def p_values(level):
    return unless(improbable(of_rows(lambda *both: {"a": 0.5}), level=level))


def questions(level):
    return refusing(of_questions(lambda answers, X, known: flagged(X, level)))


def detector(name, defence, **more):
    nought = {"level": 0.0}
    return Row(
        f"detectors.{name}",
        asked,
        behind(defence),
        nought=nought,
        nothing=as_it_is,
        refused={"rows too narrow": {"X": TRUSTED.X[:, 1:]}} | more.get("refused", {}),
    )


ROWS = [
    detector("of_rows", rows),
    detector(
        "of_features",
        features,
        refused={"a model without features": {"user": user(TREES)}},
    ),
    detector("of_file", file),
    detector("of_questions", questions),
    detector("by", lambda level: by(lambda model, known: model)),
    detector("remade", lambda level: remade(RECIPE)),
    Row(
        "detectors.of_model",
        asked,
        behind(model),
        nought={"level": 0.0},
        nothing=as_it_is,
    ),
    Row(
        "detectors.improbable",
        asked,
        behind(p_values),
        nought={"level": 0.0},
        nothing=as_it_is,
    ),
]
