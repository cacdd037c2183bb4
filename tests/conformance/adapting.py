"""Adapting: one row a repair."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import adapting

CLINIC = data.clinic()
OWNED, NEW = CLINIC.split(0.5, seed=0)
MODEL = models.standardised(models.logistic())(OWNED, seed=0)
SHARES = np.bincount(OWNED.y) / len(OWNED)


def ask(X):
    return MODEL.predict_proba(X)


def summing(inputs, said):
    return np.allclose(said.sum(axis=1), 1) and said.min() >= 0


ROWS = [
    Row(
        "adapting.rebased",
        lambda: {"shares": SHARES.copy(), "X": NEW.X.copy()},
        lambda *, shares, X, seed, **settings: adapting.rebased(
            ask, shares, X, **settings
        )(NEW.X),
        kept=summing,
        refused={
            "a class that never comes": {"shares": np.array([0.0, 1.0])},
            "shares of other classes": {"shares": np.full(3, 1 / 3)},
            "no round": {"rounds": 0},
        },
    ),
    Row(
        "adapting.resembling",
        lambda: {"rows": OWNED, "X": NEW.X.copy()},
        adapting.resembling,
        blind={"X": OWNED.X.copy()},
        chance=lambda drawn: abs(drawn.y.mean() - OWNED.y.mean()) < 0.1,
        kept=lambda inputs, drawn: len(drawn) == len(inputs["rows"]),
        refused={
            "rows of other columns": {"X": NEW.X[:, :3]},
            "a tree of no depth": {"depth": 0},
        },
    ),
    Row(
        "adapting.recalibrated",
        lambda: {"rows": NEW},
        lambda *, rows, seed: adapting.recalibrated(ask, rows)(NEW.X),
        kept=summing,
        refused={"rows of one class": {"rows": NEW.take(NEW.y == 1)}},
    ),
]
