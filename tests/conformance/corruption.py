"""Corruption: one row what changes pictures, what is compared, what is searched."""

import numpy as np
from promises import Row

from foible import data, models
from foible.failures import corruption

DIGITS = data.digits().take(np.arange(80))
CLINIC = data.clinic().take(np.arange(50))
MODEL = models.softmax()(DIGITS, seed=0)
WRONG = np.full((3, 5), 0.4)


ROWS = [
    Row(
        "corruption.corrupted",
        lambda: {"rows": DIGITS, "doses": [("noise", 3), ("tilt", 2.5)]},
        corruption.corrupted,
        nought={"doses": [(name, 0) for name in corruption.CHANGES]},
        nothing=lambda inputs, rows: np.array_equal(rows.X, DIGITS.X),
        kept=lambda inputs, rows: 0 <= rows.X.min() <= rows.X.max() <= 1,
        refused={
            "rows that are no pictures": {"rows": CLINIC},
            "a change that nobody knows": {"doses": [("rain", 1)]},
            "too strong": {"doses": [("noise", 6)]},
            "less than nothing": {"doses": [("noise", -1)]},
        },
    ),
    Row(
        "corruption.mean_corruption_error",
        lambda: {"wrong": WRONG / 2, "baseline": WRONG.copy()},
        lambda *, seed, **settings: corruption.mean_corruption_error(**settings),
        nought={"wrong": WRONG},
        nothing=lambda inputs, mce: np.isclose(mce, 1),
        kept=lambda inputs, mce: np.isclose(mce, 0.5),
        refused={
            "errors of other changes": {"wrong": WRONG[1:]},
            "a change that is no table": {"wrong": WRONG[0], "baseline": WRONG[0]},
            "a baseline that never errs": {"baseline": 0 * WRONG},
        },
    ),
    Row(
        "corruption.worst",
        lambda: {
            "before": [MODEL],
            "after": [MODEL],
            "sets": [DIGITS],
            "candidates": corruption.alone(["noise", "blur"]),
        },
        corruption.worst,
        kept=lambda inputs, found: not found[1].any(),
        refused={"nothing to try": {"candidates": []}},
    ),
]
