"""Physical patches: one row the climb, one the search, one the training."""

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import physical_patch as pp
from foible.attacks.physical_patch.stickers import BRIGHT, DARK
from foible.road import signs
from foible.road.views import draw_views

SIGNS = data.draw_signs(130, seed=0)
EYE = models.convolutional(filters=(4, 4), hidden=8, steps=8)(SIGNS, seed=0)
SHEET, STOP = signs.artwork("stop"), signs.NAMES.index("stop")
PLACE = pp.Place(0, 0, 0.9)
EXPOSURE = pp.Exposure.of(SHEET, PLACE, draw_views(6, seed=1))
REHEARSAL = pp.Rehearsal(STOP, {PLACE: EXPOSURE}, {PLACE: EXPOSURE.take([0, 1])})
REMADE = pp.Remade(STOP, {k: [EXPOSURE] for k in range(len(signs.NAMES))})
BAD = {
    "no such sign": {"sign": 13},
    "the sign as its own target": {"target": STOP},
    "less than no step": {"steps": -1},
}


def of_tape(inputs, colours):
    """Every colour is one of the eight that there are."""
    return bool(np.isin(colours, [DARK, BRIGHT]).all())


def call(*, seed, **inputs):
    return pp.by_expectation(EYE, EXPOSURE, **inputs, seed=seed)


ROWS = [
    Row(
        "physical_patch.by_expectation",
        lambda: {"sign": STOP, "target": None, "steps": 3},
        call,
        kept=of_tape,
        refused=BAD,
    ),
    Row(
        "physical_patch.searched",
        lambda: {"rehearsal": REHEARSAL, "targets": [None, 3]},
        lambda *, seed, **inputs: pp.searched(
            EYE, **inputs, labels=EYE.predict, seed=seed
        ),
        kept=lambda inputs, found: of_tape(inputs, found[1]),
        refused={"the sign as its own target": {"targets": [STOP]}},
    ),
    Row(
        "physical_patch.Remade",
        lambda: {"X": SIGNS.X[:26].copy(), "y": SIGNS.y[:26].copy()},
        lambda *, seed, X, y: REMADE(EYE, X, y, seed=seed),
        kept=lambda inputs, rows: (
            rows.shape == inputs["X"].shape and rows.min() >= 0 and rows.max() <= 1
        ),
    ),
]
