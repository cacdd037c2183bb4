"""Distribution shift: one row a change of the world."""

import numpy as np
from promises import Row

from foible import data, models
from foible.failures import distribution_shift as shift

DIGITS = data.digits().take(np.arange(40))
CLINIC = data.clinic()
MODEL = models.standardised(models.logistic())(CLINIC, seed=0)
LARGE = {"mean area": (600.0, np.inf)}
COLUMN = "mean radius"


def area(X):
    return X[:, 3] / X[:, 3].max()


def ones(inputs, weights):
    return np.allclose(weights, 1)


def world(call):
    return lambda *, rows, size, seed, **settings: call(rows, size, **settings)


def inputs(**settings):
    return lambda: {"rows": CLINIC, "size": 1.0, **settings}


ROWS = [
    Row(
        "distribution_shift.tilted",
        inputs(column=COLUMN),
        world(shift.tilted),
        nought={"size": 0.0},
        nothing=ones,
        kept=lambda inputs, weights: weights.min() >= 0,
        refused={"no number": {"size": np.nan}, "no such column": {"column": "scent"}},
    ),
    Row(
        "distribution_shift.commoner",
        inputs(label=1),
        world(shift.commoner),
        nought={"size": 0.0},
        nothing=ones,
        refused={"no such class": {"label": 2}, "no number": {"size": np.inf}},
    ),
    Row(
        "distribution_shift.behaving",
        inputs(group=LARGE, label=1),
        world(shift.behaving),
        nought={"size": 0.0},
        nothing=ones,
        kept=lambda inputs, weights: np.isclose(weights.mean(), 1),
        refused={"no such class": {"label": -1}},
    ),
    Row(
        "distribution_shift.windows",
        lambda: {"rows": CLINIC, "weights": np.ones(569), "size": 50, "count": 3},
        shift.windows,
        kept=lambda inputs, drawn: [len(one) for one in drawn] == [50] * 3,
        refused={
            "no window": {"count": 0},
            "weights of other rows": {"weights": np.ones(3)},
            "weights below nought": {"weights": -np.ones(569)},
            "nobody": {"weights": np.zeros(569)},
        },
    ),
    Row(
        "distribution_shift.slanted",
        lambda: {"rows": DIGITS, "slope": 0.4},
        lambda *, rows, slope, seed: shift.slanted(rows, slope),
        nought={"slope": 0.0},
        nothing=lambda inputs, moved: np.allclose(moved.X, DIGITS.X),
        kept=lambda inputs, moved: 0 <= moved.X.min() <= moved.X.max() <= 1,
        refused={"rows that are no pictures": {"rows": CLINIC}},
    ),
    Row(
        "distribution_shift.shown",
        lambda: {"seen": CLINIC.X.copy(), "weights": 1.0 + CLINIC.y},
        lambda *, seen, weights, seed: shift.shown(seen, weights),
        nought={"weights": np.ones(569)},
        nothing=lambda inputs, far: far < 1e-9,
        kept=lambda inputs, far: 0 <= far <= 1,
        refused={"weights of other rows": {"weights": np.ones(3)}},
    ),
    Row(
        "distribution_shift.unseen",
        inputs(most=0.05),
        lambda *, rows, size, seed, **settings: shift.unseen(
            rows, size, transport=MODEL.predict_proba, guess=area, **settings
        ),
        nought={"size": 0.0},
        nothing=ones,
        kept=lambda inputs, weights: (
            np.isclose(weights.mean(), 1) and weights.max() <= np.e + 1e-6
        ),
        refused={
            "no number": {"size": np.nan},
            "a size below 0": {"size": -1.0},
            "a share above 1": {"most": 2.0},
            "no cut": {"cuts": 0},
        },
    ),
    Row(
        "distribution_shift.costliest",
        lambda: {"rows": CLINIC, "groups": [LARGE], "size": 1.0, "most": 0.5},
        lambda *, rows, groups, seed, **settings: shift.costliest(
            MODEL.predict_proba, rows, groups, **settings
        ),
        kept=lambda inputs, found: found[0] in inputs["groups"],
        refused={
            "nothing that is still": {"most": 0.0},
            "a share above 1": {"most": 2.0},
            "no group": {"groups": []},
        },
    ),
]
