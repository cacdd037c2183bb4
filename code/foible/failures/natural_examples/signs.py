"""What if each sign has mostly been seen before scenes of its own?"""

from itertools import product

import numpy as np

from foible.checks import shares
from foible.data import Dataset
from foible.domains import Count, Seed, Share
from foible.road.camera import photograph
from foible.road.signs import artwork
from foible.road.views import Views

SHOWN = (
    "stop",
    "yield",
    "priority road",
    "no entry",
    "speed limit 30",
    "ahead only",
    "roundabout",
    "danger",
)
"""The signs that are photographed; a sign's place here is its label."""
SCENES = 3  # of each sign's own
SIZE = 24  # pixels each way
_AT_ONCE = 128


def photographs(count: Count, *, agrees: Share | None, seed: Seed) -> Dataset:
    """Pictures of signs from afar, in dry weather, before scenes that tell the sign.

    Nothing is pasted: `foible.road` draws sign and scene from one view. Pose, distance,
    light, blur and noise are drawn alike whatever is behind.

    Parameters
    ----------
    count : int
    agrees : float or None
        Share of the pictures in which a sign stands before one of its own three
        scenes; in the others before one of another sign's. None: each before a scene
        of its own that no other picture has.
    seed : int
    """
    rng = np.random.default_rng(seed)
    y = np.arange(count) % len(SHOWN)
    others = (y + rng.integers(1, len(SHOWN), size=count)) % len(SHOWN)
    if agrees is None:
        scenes = rng.integers(10**6, 2**31, size=count)
    else:
        shares(agrees=agrees)
        owner = np.where(rng.random(count) < agrees, y, others)
        scenes = owner * SCENES + rng.integers(SCENES, size=count)
    views = Views(
        rotation=rng.uniform(-10, 10, count),
        turn=rng.uniform(-35, 35, count),
        distance=rng.uniform(1.6, 2.2, count),
        right=rng.uniform(-0.2, 0.2, count),
        down=rng.uniform(-0.2, 0.2, count),
        light=rng.uniform(0.6, 1.2, count),
        blur=rng.uniform(0, 0.02, count),
        noise=rng.uniform(0, 0.03, count),
        background=scenes,
        grain=rng.integers(2**32, size=count),
    )
    sheets = np.stack([artwork(name, size=2 * SIZE) for name in SHOWN])
    parts = [slice(at, at + _AT_ONCE) for at in range(0, count, _AT_ONCE)]
    pictures = [photograph(sheets[y[p]], views.take(p), size=SIZE) for p in parts]
    pixels = product(range(SIZE), range(SIZE), ("red", "green", "blue"))
    return Dataset(
        name="signs",
        X=np.concatenate(pictures).reshape(count, -1),
        y=y,
        columns=tuple(f"pixel_{i}_{j}_{colour}" for i, j, colour in pixels),
        classes=SHOWN,
        origin="signs that we draw",
        image=(SIZE, SIZE, 3),
    )
