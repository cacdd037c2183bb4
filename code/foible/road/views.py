"""From where, in which light and weather is a sign looked at?"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, places
from foible.domains import Count, Seed
from foible.errors import BadInput


@dataclass(frozen=True, eq=False, repr=False)
class Views:
    """n ways to look at a sign: every one fixes the picture to the last pixel.

    Each field is a number, the same for all, or n of them. Left out, it is that of
    the plain view: from the front, in good light, nothing in the way.

    Parameters
    ----------
    rotation : array_like of shape (n,)
        Degrees, clockwise in the picture.
    turn : array_like of shape (n,)
        Degrees about the vertical axis, within ±80.
    tilt : array_like of shape (n,)
        Degrees about the horizontal axis, within ±80.
    distance : array_like of shape (n,)
        1 where the sign just fills the picture, 2 where it fills half its width.
    right, down : array_like of shape (n,)
        Where the sign's middle is, in picture coordinates.
    light : array_like of shape (n,)
        Factor on every colour.
    warmth : array_like of shape (n,)
        The cast of the light, within ±0.9: red is multiplied by 1 + it, blue by 1 - it.
    blur : array_like of shape (n,)
        Standard deviation, as a share of the picture's width: 1/32 is a pixel of 32.
    noise : array_like of shape (n,)
        Standard deviation, on pixel values of 0 to 1.
    fog, rain, snow : array_like of shape (n,)
        0, none, to 1.
    hidden : array_like of shape (n,)
        Radius of the leaves in front of the sign's edge, in sign coordinates.
    side : array_like of shape (n,)
        Where on the edge they are: degrees, clockwise from the right.
    background, grain : array_like of shape (n,)
        Seeds, whole numbers from 0: of what is behind the sign; of the noise and the
        places of drops and flakes.
    """

    rotation: ArrayLike = 0.0
    turn: ArrayLike = 0.0
    tilt: ArrayLike = 0.0
    distance: ArrayLike = 1.2
    right: ArrayLike = 0.0
    down: ArrayLike = 0.0
    light: ArrayLike = 1.0
    warmth: ArrayLike = 0.0
    blur: ArrayLike = 0.0
    noise: ArrayLike = 0.0
    fog: ArrayLike = 0.0
    rain: ArrayLike = 0.0
    snow: ArrayLike = 0.0
    hidden: ArrayLike = 0.0
    side: ArrayLike = 0.0
    background: ArrayLike = 0
    grain: ArrayLike = 0

    def __post_init__(self) -> None:
        given = {one.name: np.asarray(getattr(self, one.name)) for one in fields(self)}
        shapes = {values.shape for values in given.values()}
        try:
            shape = np.broadcast_shapes((1,), *shapes)
        except ValueError:
            shape = ()
        if len(shape) != 1 or 0 in shape:
            raise BadInput(
                f"got views of shapes {sorted(shapes)}; wanted numbers, or n of them"
            )
        for name, values in given.items():
            kind = np.int64 if name in _SEEDS else np.float64
            own = np.broadcast_to(_checked(name, values), shape).astype(kind)
            own.flags.writeable = False
            super().__setattr__(name, own)

    def __len__(self) -> int:
        return len(self["rotation"])

    def __repr__(self) -> str:
        return f"<{len(self)} views>"

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One parameter of all views, ndarray of shape (n,)."""
        return np.asarray(getattr(self, name))

    def take(self, index: ArrayLike | slice) -> "Views":
        """Only the views at `index`: positions, a mask of length n, or a slice."""
        where = index if isinstance(index, slice) else places(index, len(self))
        return Views(**{field.name: self[field.name][where] for field in fields(self)})


_SEEDS = ("background", "grain")
_RANGES = {  # what a parameter may be; the others may be any finite number
    "turn": (-80, 80),
    "tilt": (-80, 80),
    "distance": (0.1, 100),
    "light": (0, 100),
    "warmth": (-0.9, 0.9),
    "blur": (0, 1),
    "noise": (0, 10),
    "fog": (0, 1),
    "rain": (0, 1),
    "snow": (0, 1),
    "hidden": (0, 10),
    "background": (0, 2**63 - 1),
    "grain": (0, 2**63 - 1),
}
DRAWN: dict[str, tuple[float, float, float]] = {
    "rotation": (-10, 10, 1),
    "turn": (-35, 35, 1),
    "tilt": (-15, 15, 1),
    "distance": (1.05, 1.6, 1),
    "right": (-0.12, 0.12, 1),
    "down": (-0.12, 0.12, 1),
    "light": (0.45, 1.2, 1),
    "warmth": (-0.15, 0.15, 1),
    "blur": (0, 0.025, 1),
    "noise": (0, 0.05, 1),
    "fog": (0, 0.6, 0.2),
    "rain": (0, 1, 0.2),
    "snow": (0, 1, 0.1),
    "hidden": (0, 0.5, 0.2),
    "side": (0, 360, 1),
}
"""How `draw_views` draws: lowest, highest, and the share of views that have it at all.

Each is uniform and independent of the others. A view without rain has rain 0.
"""


def draw_views(n: Count, *, seed: Seed) -> Views:
    """So many views as a car would have them, each parameter drawn as `DRAWN` says."""
    rng = np.random.default_rng(seed)
    drawn = {
        name: rng.uniform(low, high, n) * (rng.random(n) < share)
        for name, (low, high, share) in DRAWN.items()
    }
    return Views(**drawn, **{name: rng.integers(2**32, size=n) for name in _SEEDS})


def _checked(name: str, values: NDArray[Any]) -> NDArray[Any]:
    low, high = _RANGES.get(name, (-np.inf, np.inf))
    whole = values.dtype.kind in "iu"
    if values.dtype.kind not in "iuf" or (name in _SEEDS and not whole):
        kind = "whole numbers" if name in _SEEDS else "numbers"
        raise BadInput(f"got a {name} of {values.dtype}; wanted {kind}")
    if not (np.isfinite(values) & (values >= low) & (values <= high)).all():
        raise BadInput(f"got a {name} outside {low} to {high}; wanted each within")
    return values


def centres(size: Count) -> Floats:
    """Coordinates of the middle of each pixel of a line from -1 to 1."""
    return (2 * np.arange(size) + 1) / size - 1
