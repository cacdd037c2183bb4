"""Inspecting: one row a search for triggers, one row a detector of them."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import inspecting

DIGITS = data.digits().take(np.arange(120))
READER = models.network(hidden=16, steps=40)(DIGITS, seed=0)
NARROW = models.network(hidden=4, steps=2)(data.clinic().take(np.arange(60)), seed=0)


def network_and_rows():
    return {"model": READER, "rows": DIGITS}


def inside(inputs, found):
    sizes = {found.masks.shape, found.patterns.shape}
    values = np.concatenate([found.masks, found.patterns])
    return sizes == {(10, 64)} and 0 <= values.min() <= values.max() <= 1


ROWS = [
    Row(
        "inspecting.triggers",
        network_and_rows,
        lambda *, seed, **given: inspecting.triggers(
            **{"rounds": 2, "seed": seed} | given
        ),
        nought={"rounds": 0},
        nothing=lambda inputs, found: bool((found.masks == 0.5).all()),
        kept=inside,
        refused={
            "a model of other rows": {"model": NARROW},
            "no rows in a step": {"batch": 0},
            "an obedience above one": {"obedience": 1.5},
        },
    ),
    Row(
        "inspecting.suspected",
        network_and_rows,
        inspecting.suspected,
        nought={"level": np.inf},
        nothing=lambda inputs, alarm: alarm is False,
        refused={"a model of other rows": {"model": NARROW}},
    ),
    Row(
        "inspecting.likeness",
        lambda: {"model": READER},
        lambda *, seed, **given: inspecting.likeness(**given),
        kept=lambda inputs, found: 0 <= found < 1,
    ),
]
