"""Balancing: one row a defence."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import balancing

ROWS_OWNED = data.clinic().take(np.arange(200))
FLAGS = np.arange(200) % 10 == 0
MODEL = models.standardised(models.network(hidden=4, steps=20))(ROWS_OWNED, seed=0)
NO_GROUPS = {
    "groups of other rows": {"groups": FLAGS[1:]},
    "groups of groups": {"groups": FLAGS[:, np.newaxis]},
}


def inputs():
    return {"rows": ROWS_OWNED, "groups": FLAGS.copy()}


ROWS = [
    Row(
        "balancing.balanced",
        inputs,
        balancing.balanced,
        blind={"groups": np.zeros(200)},
        chance=lambda drawn: abs(drawn.y.mean() - ROWS_OWNED.y.mean()) < 0.15,
        kept=lambda inputs, drawn: len(drawn) == len(inputs["rows"]),
        refused=NO_GROUPS
        | {
            "more than alike": {"strength": 1.5},
            "a strength below nought": {"strength": -0.1},
        },
    ),
    Row(
        "balancing.worst_first",
        lambda: inputs() | {"model": MODEL, "rounds": 2, "steps": 2},
        balancing.worst_first,
        nought={"rounds": 0},
        nothing=lambda inputs, model: model is inputs["model"],
        refused=NO_GROUPS
        | {
            "less than no round": {"rounds": -1},
            "half a round": {"rounds": 0.5},
            "a rate below nought": {"rate": -1.0},
        },
    ),
    Row(
        "balancing.without_columns",
        lambda: {"rows": ROWS_OWNED, "columns": [0, 3]},
        lambda *, seed, **settings: balancing.without_columns(**settings),
        nought={"columns": np.zeros(ROWS_OWNED.X.shape[1], bool)},
        nothing=lambda inputs, rows: np.array_equal(rows.X, ROWS_OWNED.X),
    ),
]
