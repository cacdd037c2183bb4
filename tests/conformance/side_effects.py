"""Side effects: one row the planner, one row the penalty."""

import numpy as np
from promises import Row

from foible.defences import minding
from foible.failures import side_effects

VASE = side_effects.World(side_effects.ROOMS["vase"])


ROWS = [
    Row(
        "side_effects.walk",
        lambda: {"world": VASE, "charge": np.zeros(VASE.moves.shape)},
        lambda *, world, charge, seed: side_effects.walk(
            world, charge, steps=10, seed=seed
        ),
        nought={"charge": np.full(VASE.moves.shape, [0.0, 9, 9, 9, 9])},
        nothing=lambda inputs, done: not done.places.any(),
        kept=lambda inputs, done: len(done.actions) == 10,
        refused={
            "a charge of another world": {"charge": np.zeros((3, 5))},
            "a hole": {"charge": np.full(VASE.moves.shape, np.nan)},
        },
    ),
    Row(
        "minding.Impact.charge",
        lambda: {"moves": VASE.moves.copy()},
        lambda *, moves, seed: minding.Impact(moves, 10, seed=seed).charge(
            "stepwise", "reachability"
        ),
        nought={"moves": np.tile(np.arange(4)[:, np.newaxis], (1, 5))},
        nothing=lambda inputs, charge: not charge.any(),
        kept=lambda inputs, charge: bool(np.all((charge >= 0) & (charge <= 1))),
        refused={
            "no moves": {"moves": VASE.moves[:0]},
            "a place that is not there": {"moves": VASE.moves + 99},
        },
    ),
]
