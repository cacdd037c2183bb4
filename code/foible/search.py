"""How does an attacker climb, when they can see which way is up?

One loop serves every attack that follows a gradient: they differ in what is uphill
(`gradient`), in how a step is made (`step`) and in what is allowed (`project`).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from foible.errors import BadInput

Floats = NDArray[np.float64]
Move = Callable[[Floats], Floats]


def ascend(
    start: Floats, gradient: Move, *, project: Move, step: Move, steps: int
) -> Floats:
    """Where projected gradient ascent ends after a number of steps [madry2018towards].

    Parameters
    ----------
    start : ndarray of shape (n, d)
        Rows to begin from; not changed.
    gradient : callable, (n, d) to (n, d)
        Direction in which the attacker's aim grows, at each row.
    project : callable, (n, d) to (n, d)
        Nearest rows that are allowed. The result is always a projection, so the
        attacker never leaves what they control.
    step : callable, (n, d) to (n, d)
        Move made for a gradient, for example `signed(0.01)`.
    steps : int
        Number of steps, 0 or more.

    Returns
    -------
    ndarray of shape (n, d)
    """
    if steps < 0:
        raise BadInput(f"got steps={steps}; wanted 0 or more")
    place = project(np.array(start, np.float64))
    for _ in range(steps):
        place = project(place + step(gradient(place)))
    return place


# ---------------------------------------------------------------- steps


def signed(size: float) -> Move:
    """Step of `size` in every coordinate [goodfellow2015explaining]."""
    return lambda slope: size * np.sign(slope)


def unit(size: float) -> Move:
    """Step of Euclidean length `size` in every row; none where the slope is zero."""

    def move(slope: Floats) -> Floats:
        length = np.linalg.norm(slope, axis=1, keepdims=True)
        return size * slope / np.where(length > 0, length, 1)

    return move


# ---------------------------------------------------------------- what is allowed


def box(low: float, high: float) -> Move:
    """Projection onto values between `low` and `high`."""
    return lambda rows: np.clip(rows, low, high)


def cube(centre: Floats, radius: float, *, low: float, high: float) -> Move:
    """Projection onto changes of at most `radius` a coordinate (L∞), inside a box."""
    floor, ceiling = np.maximum(centre - radius, low), np.minimum(centre + radius, high)
    return lambda rows: np.clip(rows, floor, ceiling)
