"""How does an attacker climb, when they can see which way is up?

One loop serves every attack that follows a gradient: they differ in what is uphill
(`gradient`), in how a step is made (`step`) and in what is allowed (`project`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Floats
from foible.domains import Amount, Amounts, Finite, Natural, Rows
from foible.errors import BadInput

Move = Callable[[Floats], Floats]
Norm = Literal["Linf", "L2"]
ROUNDING = 1e-9  # so far may rows stick out of their box


def ascend(
    start: Rows, gradient: Move, *, project: Move, step: Move, steps: Natural
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
    place = project(np.array(start))
    for _ in range(steps):
        place = project(place + step(gradient(place)))
    return place


# ---------------------------------------------------------------- steps


def signed(size: Amount | Amounts) -> Move:
    """Step of `size` in every coordinate [goodfellow2015explaining]."""
    return lambda slope: size * np.sign(slope)


def unit(size: Amount | Amounts) -> Move:
    """Step of Euclidean length `size` in every row; none where the slope is zero."""

    def move(slope: Floats) -> Floats:
        length = np.linalg.norm(slope, axis=1, keepdims=True)
        return size * slope / np.where(length > 0, length, 1)

    return move


# ---------------------------------------------------------------- what is allowed


def box(low: float, high: float) -> Move:
    """Projection onto values between `low` and `high`."""
    return lambda rows: np.clip(rows, low, high)


def cube(centre: Finite, radius: Amount | Amounts, *, low: float, high: float) -> Move:
    """Projection onto changes of at most `radius` a coordinate (L∞), inside a box."""
    floor, ceiling = np.maximum(centre - radius, low), np.minimum(centre + radius, high)
    return lambda rows: np.clip(rows, floor, ceiling)


@dataclass(frozen=True, eq=False)
class Ball:
    """How far rows may be moved: at most `radius` from where they were, inside a box.

    Parameters
    ----------
    radius : float or ndarray of shape (n, 1)
        Largest distance, in the unit of the rows; one for all rows, or one each.
    norm : {"Linf", "L2"}
        Largest change of a coordinate, or Euclidean length of the change.
    low, high : float
        Least and greatest value of a coordinate, such as of a pixel; infinite where
        there is no such end, as of rows that were standardised.

    BadInput: a radius below 0, an unknown norm, an empty box, or rows outside of it.
    """

    radius: Amount | Amounts
    norm: Norm = "Linf"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise BadInput(
                f"got a box from {self.low} to {self.high}; wanted low below high"
            )

    def around(self, centre: Finite) -> Move:
        """Projection into the ball around rows (n, d) that lie inside the box.

        For L2 the rows are first pulled back to the sphere and then into the box,
        which leaves them in the ball, if not always at its nearest point.
        """
        least, most = centre.min(initial=np.inf), centre.max(initial=-np.inf)
        if least < self.low - ROUNDING or most > self.high + ROUNDING:
            raise BadInput(
                f"got rows from {least} to {most}; wanted them in the ball's box, from "
                f"{self.low} to {self.high}: give it theirs, or low=-inf and high=inf"
            )
        if self.norm == "Linf":
            return cube(centre, self.radius, low=self.low, high=self.high)

        def pulled(rows: Floats) -> Floats:
            change = rows - centre
            length = np.linalg.norm(change, axis=1, keepdims=True)
            shrink = np.minimum(1, self.radius / np.maximum(length, 1e-300))
            return np.asarray(np.clip(centre + change * shrink, self.low, self.high))

        return pulled

    def step(self, share: Amount | Amounts) -> Move:
        """Step of a share of the radius, in the direction steepest by the norm."""
        size = share * self.radius
        return signed(size) if self.norm == "Linf" else unit(size)

    def drawn(self, centre: Rows, random: np.random.Generator) -> Floats:
        """Rows drawn evenly from the ball around rows (n, d), then put into the box."""
        n, d = centre.shape
        if self.norm == "Linf":
            change = random.uniform(-1, 1, (n, d))
        else:
            change = unit(1)(random.standard_normal((n, d)))
            change *= random.random((n, 1)) ** (1 / d)
        return self.around(centre)(np.asarray(centre + self.radius * change))

    def spent(self, centre: Rows, rows: Rows) -> Floats:
        """Distance of each row from where it was, ndarray of shape (n,)."""
        return distance(centre, rows, norm=self.norm)

    def of(self, where: NDArray[Any]) -> "Ball":
        """The ball of some rows only: positions, or a mask of length n."""
        if np.ndim(self.radius) == 0:
            return self
        return replace(self, radius=np.asarray(self.radius)[where])


def distance(one: Rows, other: Rows, *, norm: Norm) -> Floats:
    """Distance between paired rows (n, d), ndarray of shape (n,)."""
    if one.shape != other.shape:
        raise BadInput(
            f"got rows of shapes {one.shape} and {other.shape}; wanted pairs of rows"
        )
    change = np.abs(one - other)
    return np.asarray(
        change.max(axis=1) if norm == "Linf" else np.linalg.norm(change, axis=1)
    )
