"""What do traffic signs look like, fresh from the factory?

The signs are drawn here, in the shapes and colours of the Vienna Convention on Road
Signs and Signals of 1968; none is a picture of anybody's. Sign coordinates run from -1
to 1, x to the right and y down, across the square that holds the sign. An artwork is an
array of shape (h, w, 4): red, green, blue and opacity, 0 to 1, straight, not
premultiplied. What a camera makes of it is told in `foible.camera`.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.errors import BadInput

Floats: TypeAlias = NDArray[np.floating[Any]]
Colour: TypeAlias = tuple[float, float, float]
Points: TypeAlias = list[tuple[float, float]]

# ---------------------------------------------------------------- distances

# Each shape is the signed distance to it in sign coordinates, negative inside.


def _circle(at: Floats, radius: float, x: float = 0, y: float = 0) -> Floats:
    return np.asarray(np.hypot(at[0] - x, at[1] - y) - radius)


def _box(at: Floats, width: float, height: float, x: float = 0, y: float = 0) -> Floats:
    across, along = abs(at[0] - x) - width / 2, abs(at[1] - y) - height / 2
    return np.asarray(np.maximum(across, along))


def _convex(at: Floats, corners: Points) -> Floats:
    """A convex polygon, its corners clockwise as seen on the sign."""
    ends = np.array(corners)
    along = np.roll(ends, -1, axis=0) - ends
    out = along[:, ::-1] * [1, -1] / np.linalg.norm(along, axis=1, keepdims=True)
    sides = np.tensordot(out, at, 1) - (out * ends).sum(axis=1)[:, None, None]
    return np.asarray(sides.max(axis=0))


def _regular(at: Floats, sides: int, radius: float, turn: float) -> Floats:
    """A regular polygon around the middle, a corner at `turn` degrees."""
    angles = np.deg2rad(turn + 360 / sides * np.arange(sides))
    corners = zip(radius * np.cos(angles), radius * np.sin(angles), strict=True)
    return _convex(at, list(corners))


def _line(at: Floats, points: Points, width: float) -> Floats:
    """A stroke of round ends along a path."""
    nearest = np.full(at.shape[1:], np.inf)
    for (x, y), (to_x, to_y) in pairwise(points):
        dx, dy = to_x - x, to_y - y
        share = ((at[0] - x) * dx + (at[1] - y) * dy) / max(dx * dx + dy * dy, 1e-12)
        share = np.clip(share, 0, 1)
        gap = np.hypot(at[0] - x - share * dx, at[1] - y - share * dy)
        nearest = np.minimum(nearest, gap)
    return nearest - width / 2


def _bend(
    x: float, y: float, wide: float, high: float, start: float, end: float
) -> Points:
    """Points of an arc, angles in degrees clockwise from the right."""
    angles = np.deg2rad(np.linspace(start, end, 13))
    return list(zip(x + wide * np.cos(angles), y + high * np.sin(angles), strict=True))


def _arrow(at: Floats, points: Points, width: float, head: float) -> Floats:
    """A stroke with a triangle at its end."""
    (x, y), (tip_x, tip_y) = points[-2:]
    along = np.array([tip_x - x, tip_y - y])
    along /= np.linalg.norm(along)
    side, tip = along[::-1] * [-1, 1], np.array([tip_x, tip_y])
    corners = [tip + head * along, tip + head * side, tip - head * side]
    triangle = _convex(at, [(float(a), float(b)) for a, b in corners])
    return np.minimum(_line(at, points, width), triangle)


# ---------------------------------------------------------------- letters

# Strokes in a box from -1 to 1 each way.

_GLYPHS: dict[str, list[Points]] = {
    "S": [_bend(0, -0.5, 0.8, 0.5, -20, -270) + _bend(0, 0.5, 0.8, 0.5, -90, 160)],
    "T": [[(-0.9, -1), (0.9, -1)], [(0, -1), (0, 1)]],
    "O": [_bend(0, 0, 0.8, 1, 0, 360)],
    "P": [
        [(-0.7, 1), (-0.7, -1), (0.1, -1)],
        [*_bend(0.1, -0.45, 0.65, 0.55, -90, 90), (-0.7, 0.1)],
    ],
    "0": [_bend(0, 0, 0.75, 1, 0, 360)],
    "3": [
        [(-0.7, -1), (0.65, -1), (-0.1, -0.2), *_bend(-0.1, 0.4, 0.8, 0.6, -90, 150)]
    ],
    "5": [
        [(0.7, -1), (-0.55, -1), (-0.65, -0.1), *_bend(0, 0.38, 0.78, 0.62, -130, 150)]
    ],
    "8": [_bend(0, -0.5, 0.62, 0.5, 0, 360), _bend(0, 0.5, 0.78, 0.5, 0, 360)],
}


def _word(at: Floats, text: str, *, wide: float, high: float, width: float) -> Floats:
    """A word in the middle, each letter `wide` and `high`, of strokes of a width."""
    gap = 1.45 * wide
    starts = gap * (np.arange(len(text)) - (len(text) - 1) / 2)
    strokes = [
        _line(at, [(x + px * wide / 2, py * high / 2) for px, py in points], width)
        for letter, x in zip(text, starts, strict=True)
        for points in _GLYPHS[letter]
    ]
    return np.asarray(np.min(strokes, axis=0))


# ---------------------------------------------------------------- the signs

RED, BLUE, YELLOW = (0.77, 0.06, 0.12), (0.02, 0.29, 0.62), (0.98, 0.76, 0.05)
WHITE, BLACK = (0.95, 0.95, 0.94), (0.07, 0.07, 0.08)
ARTWORK = 64  # width of an artwork in its own pixels, unless said otherwise

Layers: TypeAlias = Iterator[tuple[Floats, Colour]]


def _forbidding(at: Floats) -> Layers:
    yield _circle(at, 0.96), RED
    yield _circle(at, 0.77), WHITE


def _warning(at: Floats) -> Layers:
    corners = [(0.0, -0.88), (0.98, 0.82), (-0.98, 0.82)]
    yield _convex(at, corners), RED
    yield _convex(at, corners) + 0.17, WHITE


def _stop(at: Floats) -> Layers:
    yield _regular(at, 8, 0.98, 22.5), WHITE
    yield _regular(at, 8, 0.92, 22.5), RED
    yield _word(at, "STOP", wide=0.29, high=0.56, width=0.11), WHITE


def _yield(at: Floats) -> Layers:
    corners = [(-0.98, -0.82), (0.98, -0.82), (0.0, 0.88)]
    yield _convex(at, corners), RED
    yield _convex(at, corners) + 0.2, WHITE


def _priority(at: Floats) -> Layers:
    yield _regular(at, 4, 0.98, 0), BLACK
    yield _regular(at, 4, 0.93, 0), WHITE
    yield _regular(at, 4, 0.62, 0), YELLOW


def _no_entry(at: Floats) -> Layers:
    yield _circle(at, 0.96), RED
    yield _box(at, 1.4, 0.36), WHITE


def _limit(number: str) -> Callable[[Floats], Layers]:
    def layers(at: Floats) -> Layers:
        yield from _forbidding(at)
        yield _word(at, number, wide=0.44, high=0.76, width=0.16), BLACK

    return layers


def _car(at: Floats, x: float) -> Floats:
    roof = [(x - 0.14, -0.26), (x + 0.14, -0.26), (x + 0.2, 0), (x - 0.2, 0)]
    wheels = np.minimum(
        _box(at, 0.1, 0.2, x - 0.17, 0.2), _box(at, 0.1, 0.2, x + 0.17, 0.2)
    )
    body = np.minimum(_box(at, 0.5, 0.24, x, 0.06), _convex(at, list(roof)))
    return np.minimum(body, wheels)


def _no_overtaking(at: Floats) -> Layers:
    yield from _forbidding(at)
    yield _car(at, -0.31), RED
    yield _car(at, 0.31), BLACK


def _ahead(at: Floats) -> Layers:
    yield _circle(at, 0.96), BLUE
    yield _arrow(at, [(0, 0.66), (0, -0.3)], 0.24, 0.4), WHITE


def _right(at: Floats) -> Layers:
    yield _circle(at, 0.96), BLUE
    path = [
        (-0.4, 0.6),
        (-0.4, 0.1),
        *_bend(-0.2, 0.1, 0.2, 0.2, 180, 270),
        (0.28, -0.1),
    ]
    yield _arrow(at, path, 0.24, 0.38), WHITE


def _roundabout(at: Floats) -> Layers:
    yield _circle(at, 0.96), BLUE
    for start in (30, 150, 270):
        yield _arrow(at, _bend(0, 0, 0.5, 0.5, start, start + 75), 0.17, 0.24), WHITE


def _danger(at: Floats) -> Layers:
    yield from _warning(at)
    bar = [(-0.14, -0.35), (0.14, -0.35), (0.08, 0.3), (-0.08, 0.3)]
    yield np.minimum(_convex(at, bar), _circle(at, 0.12, 0, 0.5)), BLACK


def _walker(at: Floats, x: float, y: float, tall: float) -> Floats:
    def limb(*points: tuple[float, float]) -> Floats:
        return _line(at, [(x + tall * a, y + tall * b) for a, b in points], 0.17 * tall)

    head = _circle(at, 0.17 * tall, x, y - 0.78 * tall)
    legs = np.minimum(limb((0, 0), (-0.32, 0.7)), limb((0, 0), (0.3, 0.7)))
    arms = limb((-0.36, 0), (0, -0.45), (0.36, -0.05))
    return np.minimum(np.minimum(head, legs), np.minimum(arms, limb((0, -0.5), (0, 0))))


def _children(at: Floats) -> Layers:
    yield from _warning(at)
    yield _walker(at, -0.22, 0.22, 0.54), BLACK
    yield _walker(at, 0.27, 0.34, 0.4), BLACK


_DRAWINGS: dict[str, Callable[[Floats], Layers]] = {
    "stop": _stop,
    "yield": _yield,
    "priority road": _priority,
    "no entry": _no_entry,
    "speed limit 30": _limit("30"),
    "speed limit 50": _limit("50"),
    "speed limit 80": _limit("80"),
    "no overtaking": _no_overtaking,
    "ahead only": _ahead,
    "turn right": _right,
    "roundabout": _roundabout,
    "danger": _danger,
    "children": _children,
}

NAMES = tuple(_DRAWINGS)
"""What each sign is called; its place here is its label."""


def places(size: int) -> Floats:
    """Sign coordinates x and y of the pixels of an artwork, of shape (2, size, size).

    Raises
    ------
    BadInput
        `size` is below 1.
    """
    if size < 1:
        raise BadInput(f"got a size of {size} pixels; wanted at least 1")
    line = (2 * np.arange(size) + 1) / size - 1
    return np.stack(np.meshgrid(line, line))


def artwork(name: str, *, size: int = ARTWORK) -> Floats:
    """A sign as it comes from the factory: flat, evenly lit, seen from the front.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    size : int
        Width and height in pixels.

    Returns
    -------
    ndarray of shape (size, size, 4)
        Red, green, blue and opacity, 0 to 1.

    Raises
    ------
    BadInput
        A name that no sign has, or a size below 1.
    """
    if name not in _DRAWINGS:
        raise BadInput(f"got a sign named {name!r}; wanted one of {', '.join(NAMES)}")
    at = places(size)
    sheet = np.zeros((size, size, 4))
    for distance, colour in _DRAWINGS[name](at):
        cover = np.clip(0.5 - distance * size / 2, 0, 1)[..., np.newaxis]
        fresh = (
            sheet[..., 3:] == 0
        )  # a first colour is not mixed with what is not there
        sheet[..., :3] += np.where(fresh, cover > 0, cover) * (colour - sheet[..., :3])
        sheet[..., 3:] += cover * (1 - sheet[..., 3:])
    return sheet


def square(
    *, x: float, y: float, width: float, size: int = ARTWORK
) -> NDArray[np.bool_]:
    """The pixels of an artwork that a square sticker would cover.

    Parameters
    ----------
    x, y, width : float
        Its middle and its width in sign coordinates.
    size : int
        Width of the artwork in pixels.

    Returns
    -------
    ndarray of shape (size, size), bool
    """
    return np.asarray(_box(places(size), width, width, x, y) <= 0)


def stuck(sheet: Floats, where: NDArray[np.bool_], colour: ArrayLike) -> Floats:
    """An artwork with a sticker on it; what reaches over the sign's edge is cut off.

    Parameters
    ----------
    sheet : ndarray of shape (h, w, 4)
        The artwork; not changed.
    where : ndarray of shape (h, w), bool
        The pixels that the sticker covers, as from `square`.
    colour : array_like of shape (3,) or (h, w, 3)
        One colour for all, or a picture the size of the artwork.

    Returns
    -------
    ndarray of shape (h, w, 4)

    Raises
    ------
    BadInput
        Shapes that do not fit, or a colour outside 0 to 1.
    """
    paint = np.asarray(colour, np.float64)
    fits = sheet.ndim == 3 and sheet.shape == (*where.shape, 4)
    if not fits or paint.shape not in ((3,), (*where.shape, 3)):
        raise BadInput(
            f"got an artwork of shape {sheet.shape}, a sticker of {where.shape} and a "
            f"colour of {paint.shape}; wanted (h, w, 4), (h, w) and (3,) or (h, w, 3)"
        )
    if not ((paint >= 0) & (paint <= 1)).all():
        raise BadInput("got a colour outside 0 to 1; wanted each part within")
    other = sheet.copy()
    other[..., :3] = np.where(where[..., np.newaxis], paint, sheet[..., :3])
    return other
