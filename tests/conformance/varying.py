"""Varying: the one defence."""

from dataclasses import replace

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import varying

RECIPE = models.standardised(models.network(hidden=4, steps=20))
ROWS_OWNED = data.clinic().take(np.arange(60))


def darker(rows, /, *, seed):
    return replace(rows, X=rows.X / 2)


def shuffled(rows, /, *, seed):
    return replace(rows, X=np.random.default_rng(seed).permuted(rows.X, axis=0))


ROWS = [
    Row(
        "varying.varied",
        lambda: {"rows": ROWS_OWNED, "alterations": [darker, shuffled], "copies": 2},
        varying.varied,
        nought={"copies": 0},
        nothing=lambda inputs, rows: np.array_equal(rows.X, ROWS_OWNED.X),
        kept=lambda inputs, rows: len(rows) == 3 * len(inputs["rows"]),
        refused={
            "no way to alter": {"alterations": []},
            "less than no copy": {"copies": -1},
            "half a copy": {"copies": 0.5},
        },
    ),
    Row(
        "varying.practised",
        lambda: {"recipe": RECIPE, "sets": [ROWS_OWNED], "alterations": [shuffled]},
        lambda *, seed, **settings: varying.practised(**{"seeds": [seed]} | settings)[
            0
        ],
        refused={
            "a seed too many": {"seeds": [0, 1]},
            "less than no copy": {"copies": -1},
        },
    ),
]
