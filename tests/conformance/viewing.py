"""Viewing: one row a defence."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import viewing

DIGITS = data.digits().take(np.arange(60))
MODEL = models.softmax()(DIGITS, seed=0)


def mirrored(X):
    return X[:, ::-1]


ROWS = [
    Row(
        "viewing.with_moves",
        lambda: {"rows": DIGITS, "moves": [mirrored, np.copy], "copies": 2},
        viewing.with_moves,
        nought={"copies": 0},
        nothing=lambda inputs, rows: np.array_equal(rows.X, DIGITS.X),
        kept=lambda inputs, rows: len(rows) == 3 * len(DIGITS),
        refused={"less than no copy": {"copies": -1}, "no move": {"moves": []}},
    ),
    Row(
        "viewing.voted",
        lambda: {"X": DIGITS.X.copy(), "moves": [np.copy, mirrored]},
        lambda *, X, moves, seed: viewing.voted(MODEL.predict_proba, moves)(X),
        nought={"moves": [np.copy]},
        nothing=lambda inputs, said: np.allclose(said, MODEL.predict_proba(DIGITS.X)),
        kept=lambda inputs, said: np.allclose(said.sum(axis=1), 1),
        refused={"no move": {"moves": []}},
    ),
    Row(
        "viewing.least_sure",
        lambda: {"sure": np.linspace(0.1, 1, 50), "refused": 0.1},
        lambda *, seed, **settings: viewing.least_sure(**settings),
        nought={"refused": 0.0},
        nothing=lambda inputs, least: least == 0,
        kept=lambda inputs, least: np.mean(inputs["sure"] < least) <= 0.1,
        refused={"more than all": {"refused": 1.1}, "nobody": {"sure": []}},
    ),
]
