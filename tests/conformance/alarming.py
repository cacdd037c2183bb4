"""Alarms: one row a look."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import alarming

CLINIC = data.clinic()
HALVES = CLINIC.split(0.5, seed=0)
MODEL = models.standardised(models.logistic())(HALVES[0], seed=0)
STRANGE = CLINIC.take(CLINIC.column("mean area") > 700)


def ask(X):
    return MODEL.predict_proba(X)


def rows():
    return {"known": HALVES[1], "window": HALVES[0].take(slice(0, 200))}


def alarmed(*, seed, false_alarms=0.05, **settings):
    found = alarming.alarms(
        ask, *HALVES[::-1], labels=20, repeats=20, seed=seed, **settings
    )
    return [alarm.limit(false_alarms) for alarm in found.values()]


ROWS = [
    Row(
        "alarming.columns",
        rows,
        lambda *, known, window, seed: alarming.columns(known)(window),
        nought={"window": HALVES[1]},
        nothing=lambda inputs, far: far == 0,
        kept=lambda inputs, far: 0 <= far <= 1,
    ),
    Row(
        "alarming.outputs",
        rows,
        lambda *, known, window, seed: alarming.outputs(ask, known)(window),
        nought={"window": HALVES[1]},
        nothing=lambda inputs, far: far == 0,
        kept=lambda inputs, far: 0 <= far <= 1,
    ),
    Row(
        "alarming.classifier",
        rows,
        lambda *, known, window, seed, **settings: alarming.classifier(
            known, seed=seed, **settings
        )(window),
        chance=lambda right: 0.35 < right < 0.65,
        refused={"a tree of no depth": {"depth": 0}, "half a leaf": {"leaf": 0.5}},
    ),
    Row(
        "alarming.guesses",
        rows,
        lambda *, known, window, seed, **settings: alarming.guesses(
            ask, known, seed=seed, **settings
        )(window.X),
        kept=lambda inputs, wrong: 0 <= wrong.min() <= wrong.max() <= 1,
        refused={"a leaf of nobody": {"leaf": 0}},
    ),
    Row(
        "alarming.guessed",
        rows,
        lambda *, known, window, seed: alarming.guessed(lambda X: X[:, 0] * 0 + 0.25)(
            window
        ),
        kept=lambda inputs, wrong: wrong == 0.25,
    ),
    Row(
        "alarming.errors",
        lambda: {"labels": 50, "window": STRANGE},
        lambda *, labels, window, seed: alarming.errors(ask, labels=labels)(window),
        kept=lambda inputs, wrong: 0 <= wrong <= 1,
        refused={"no label": {"labels": 0}},
    ),
    Row(
        "alarming.alarms",
        lambda: {"window": 50},
        alarmed,
        refused={
            "no rows": {"window": 0},
            "more than all windows": {"false_alarms": 1.5},
        },
    ),
    Row(
        "alarming.farthest",
        lambda: {"known": list(np.sort(CLINIC.X, axis=0).T), "X": CLINIC.X.copy()},
        lambda *, known, X, seed: alarming.farthest(known, X),
        nought={},
        nothing=lambda inputs, far: far == 0,
        refused={"rows of other columns": {"X": CLINIC.X[:, :3]}},
    ),
]
