"""Muting: one row a defence."""

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.defences import muting

ROWS_ASKED = data.clinic().take(np.arange(200))
MODEL = models.standardised(models.logistic())(ROWS_ASKED, seed=0)
BAD = unusable(ROWS_ASKED.X, ROWS_ASKED.y)
TABLES = {
    what: {"X": BAD[what]["X"]}
    for what in ("no rows", "one row that is no table", "a row too narrow", "a hole")
}


def seedless(defence):
    return lambda way, *, seed, **settings: defence(way, **settings)


def muted(name, defence, *, nought=None, nothing=None, refused=None, **settings):
    def call(*, X, seed, **settings):
        return defence(models.transport(MODEL), seed=seed, **settings)(X)

    return Row(
        f"muting.{name}",
        lambda: {"X": ROWS_ASKED.X.copy()} | settings,
        call,
        nought=nought or {},
        nothing=nothing,
        kept=lambda inputs, told: told.min() >= 0 and told.max() <= 1,
        refused=TABLES | (refused or {}),
    )


def as_it_was(inputs, told):
    return np.allclose(told, MODEL.predict_proba(inputs["X"]), rtol=0, atol=1e-11)


ROWS = [
    muted(
        "rounded",
        seedless(muting.rounded),
        decimals=1,
        nought={"decimals": 16},
        nothing=as_it_was,
        refused={"no decimal": {"decimals": 0}, "half a decimal": {"decimals": 1.5}},
    ),
    muted("top_label", seedless(muting.top_label)),
    muted(
        "grouped",
        seedless(muting.grouped),
        groups=[0, 1],
        nought={"groups": [0, 1]},
        nothing=as_it_was,
        refused={
            "a group below nought": {"groups": [0, -1]},
            "groups of other classes": {"groups": [0, 1, 1]},
            "half a group": {"groups": [0.5, 1.0]},
        },
    ),
    muted(
        "noisy",
        muting.noisy,
        scale=0.1,
        nought={"scale": 0.0},
        nothing=as_it_was,
        refused={
            "less than no noise": {"scale": -1},
            "noise that is no number": {"scale": np.nan},
        },
    ),
]
