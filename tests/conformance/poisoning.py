"""Poisoning: one row an attack."""

from functools import partial

import numpy as np
from promises import Row

from foible import data
from foible.attacks import poisoning

DIGITS = data.digits().take(np.arange(120))


def rows_and_share():
    return {"rows": DIGITS, "share": 0.2}


def unpoisoned(inputs, found):
    return np.array_equal(found.y, inputs["rows"].y) and np.array_equal(
        found.X, inputs["rows"].X
    )


SHARES = {"a share above one": {"share": 1.5}, "a share below nought": {"share": -0.1}}

ROWS = [
    Row(
        "poisoning.random_flips",
        rows_and_share,
        poisoning.random_flips,
        nought={"share": 0.0},
        nothing=unpoisoned,
        refused=SHARES,
    ),
    Row(
        "poisoning.one_way_flips",
        rows_and_share,
        partial(poisoning.one_way_flips, answer=3),
        nought={"share": 0.0},
        nothing=unpoisoned,
        refused=SHARES,
    ),
]
