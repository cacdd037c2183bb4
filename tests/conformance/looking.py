"""Looking: one row the covers, one each answer, one the training, one the vote."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import looking

SIGNS = data.draw_signs(52, seed=0)
EYE = models.convolutional(filters=(4, 4), hidden=8, steps=8)(SIGNS, seed=0)
IMAGE = (32, 32, 3)
HIDDEN = looking.covers(IMAGE, patch=8, count=2)
HOLE = {"a hole": {"X": np.full((1, 3072), np.nan)}, "no rows": {"X": SIGNS.X[:0]}}


ROWS = [
    Row(
        "looking.covers",
        lambda: {"image": IMAGE, "patch": 6, "count": 3},
        lambda *, seed, **settings: looking.covers(**settings),
        kept=lambda inputs, hidden: hidden.shape == (9, 3072),
        refused={
            "no pixel": {"patch": 0},
            "no cover": {"count": 0},
            "more than the picture": {"patch": 33},
            "no square": {"image": (32, 16, 3)},
        },
    ),
    Row(
        "looking.Covered.agreed",
        lambda: {"X": SIGNS.X[:9].copy()},
        lambda *, seed, X: looking.Covered(EYE, HIDDEN).agreed(X),
        refused=HOLE,
    ),
    Row(
        "looking.Covered.predict",
        lambda: {"X": SIGNS.X[:9].copy()},
        lambda *, seed, X: looking.Covered(EYE, HIDDEN).predict(X),
        refused=HOLE,
    ),
    Row(
        "looking.Covered.certified",
        lambda: {"X": SIGNS.X[:9].copy()},
        lambda *, seed, X: looking.Covered(EYE, HIDDEN).certified(X),
        refused=HOLE,
    ),
    Row(
        "looking.with_covers",
        lambda: {"rows": SIGNS, "narrow": 3, "wide": 6, "squares": 1, "copies": 2},
        lambda *, seed, **settings: looking.with_covers(**settings, seed=seed),
        nought={"squares": 0, "copies": 1},
        nothing=lambda inputs, rows: np.array_equal(rows.X, SIGNS.X),
        refused={
            "no pixel": {"narrow": 0},
            "the wide one first": {"narrow": 7},
            "more than the picture": {"wide": 33},
            "no copy": {"copies": 0},
            "no pictures": {"rows": data.irises()},
        },
    ),
    Row(
        "looking.voted",
        lambda: {"labels": np.array([[1, 2, 2], [0, 0, 5]])},
        lambda *, seed, labels: looking.voted(labels),
        kept=lambda inputs, said: said.tolist() == [2, 0],
        refused={"no pictures": {"labels": np.zeros((2, 0), int)}},
    ),
]
