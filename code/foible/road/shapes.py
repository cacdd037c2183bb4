"""What are signs made of?

Each shape is the signed distance to it in sign coordinates, negative inside.
"""

from itertools import pairwise
from typing import TypeAlias

import numpy as np

from foible.arrays import Reals
from foible.domains import Amount, Count, Positive

Colour: TypeAlias = tuple[float, float, float]
Points: TypeAlias = list[tuple[float, float]]
RED, BLUE, YELLOW = (0.77, 0.06, 0.12), (0.02, 0.29, 0.62), (0.98, 0.76, 0.05)
WHITE, BLACK = (0.95, 0.95, 0.94), (0.07, 0.07, 0.08)


def circle(at: Reals, radius: Amount, x: float = 0, y: float = 0) -> Reals:
    """A disc round a point."""
    return np.asarray(np.hypot(at[0] - x, at[1] - y) - radius)


def box(
    at: Reals, width: Positive, height: Positive, x: float = 0, y: float = 0
) -> Reals:
    """An upright rectangle round a point."""
    across, along = abs(at[0] - x) - width / 2, abs(at[1] - y) - height / 2
    return np.asarray(np.maximum(across, along))


def convex(at: Reals, corners: Points) -> Reals:
    """A convex polygon, its corners clockwise as seen on the sign."""
    ends = np.array(corners)
    along = np.roll(ends, -1, axis=0) - ends
    out = along[:, ::-1] * [1, -1] / np.linalg.norm(along, axis=1, keepdims=True)
    sides = np.tensordot(out, at, 1) - (out * ends).sum(axis=1)[:, None, None]
    return np.asarray(sides.max(axis=0))


def regular(at: Reals, sides: Count, radius: Amount, turn: float) -> Reals:
    """A regular polygon around the middle, a corner at `turn` degrees."""
    angles = np.deg2rad(turn + 360 / sides * np.arange(sides))
    corners = zip(radius * np.cos(angles), radius * np.sin(angles), strict=True)
    return convex(at, list(corners))


def line(at: Reals, points: Points, width: Positive) -> Reals:
    """A stroke of round ends along a path."""
    nearest = np.full(at.shape[1:], np.inf)
    for (x, y), (to_x, to_y) in pairwise(points):
        dx, dy = to_x - x, to_y - y
        share = ((at[0] - x) * dx + (at[1] - y) * dy) / max(dx * dx + dy * dy, 1e-12)
        share = np.clip(share, 0, 1)
        gap = np.hypot(at[0] - x - share * dx, at[1] - y - share * dy)
        nearest = np.minimum(nearest, gap)
    return nearest - width / 2


def bend(
    x: float, y: float, wide: float, high: float, start: float, end: float
) -> Points:
    """Points of an arc, angles in degrees clockwise from the right."""
    angles = np.deg2rad(np.linspace(start, end, 13))
    return list(zip(x + wide * np.cos(angles), y + high * np.sin(angles), strict=True))


def arrow(at: Reals, points: Points, width: Positive, head: float) -> Reals:
    """A stroke with a triangle at its end."""
    (x, y), (tip_x, tip_y) = points[-2:]
    along = np.array([tip_x - x, tip_y - y])
    along /= np.linalg.norm(along)
    side, tip = along[::-1] * [-1, 1], np.array([tip_x, tip_y])
    corners = [tip + head * along, tip + head * side, tip - head * side]
    triangle = convex(at, [(float(a), float(b)) for a, b in corners])
    return np.minimum(line(at, points, width), triangle)


# Strokes in a box from -1 to 1 each way.
_GLYPHS: dict[str, list[Points]] = {
    "S": [bend(0, -0.5, 0.8, 0.5, -20, -270) + bend(0, 0.5, 0.8, 0.5, -90, 160)],
    "T": [[(-0.9, -1), (0.9, -1)], [(0, -1), (0, 1)]],
    "O": [bend(0, 0, 0.8, 1, 0, 360)],
    "P": [
        [(-0.7, 1), (-0.7, -1), (0.1, -1)],
        [*bend(0.1, -0.45, 0.65, 0.55, -90, 90), (-0.7, 0.1)],
    ],
    "0": [bend(0, 0, 0.75, 1, 0, 360)],
    "3": [[(-0.7, -1), (0.65, -1), (-0.1, -0.2), *bend(-0.1, 0.4, 0.8, 0.6, -90, 150)]],
    "5": [
        [(0.7, -1), (-0.55, -1), (-0.65, -0.1), *bend(0, 0.38, 0.78, 0.62, -130, 150)]
    ],
    "8": [bend(0, -0.5, 0.62, 0.5, 0, 360), bend(0, 0.5, 0.78, 0.5, 0, 360)],
}


def word(at: Reals, text: str, *, wide: float, high: float, width: Positive) -> Reals:
    """A word in the middle, each letter `wide` and `high`, of strokes of a width."""
    gap = 1.45 * wide
    starts = gap * (np.arange(len(text)) - (len(text) - 1) / 2)
    strokes = [
        line(at, [(x + px * wide / 2, py * high / 2) for px, py in points], width)
        for letter, x in zip(text, starts, strict=True)
        for points in _GLYPHS[letter]
    ]
    return np.asarray(np.min(strokes, axis=0))
