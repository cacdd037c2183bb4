"""What do traffic signs look like, fresh from the factory?

The signs are drawn here, in the shapes and colours of the Vienna Convention on Road
Signs and Signals of 1968; none is a picture of anybody's. Sign coordinates run from -1
to 1, x to the right and y down, across the square that holds the sign. An artwork is an
array of shape (h, w, 4): red, green, blue and opacity, 0 to 1, straight, not
premultiplied. What a camera makes of it is told in `foible.road.camera`.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Bools, Reals
from foible.domains import Count, Positive
from foible.errors import BadInput
from foible.road.shapes import (
    BLACK,
    BLUE,
    RED,
    WHITE,
    YELLOW,
    Colour,
    arrow,
    bend,
    box,
    circle,
    convex,
    line,
    regular,
    word,
)
from foible.road.views import centres

ARTWORK = 64  # width of an artwork in its own pixels, unless said otherwise
Layers: TypeAlias = Iterator[tuple[Reals, Colour]]


def _forbidding(at: Reals) -> Layers:
    yield circle(at, 0.96), RED
    yield circle(at, 0.77), WHITE


def _warning(at: Reals) -> Layers:
    corners = [(0.0, -0.88), (0.98, 0.82), (-0.98, 0.82)]
    yield convex(at, corners), RED
    yield convex(at, corners) + 0.17, WHITE


def _stop(at: Reals) -> Layers:
    yield regular(at, 8, 0.98, 22.5), WHITE
    yield regular(at, 8, 0.92, 22.5), RED
    yield word(at, "STOP", wide=0.29, high=0.56, width=0.11), WHITE


def _yield(at: Reals) -> Layers:
    corners = [(-0.98, -0.82), (0.98, -0.82), (0.0, 0.88)]
    yield convex(at, corners), RED
    yield convex(at, corners) + 0.2, WHITE


def _priority(at: Reals) -> Layers:
    yield regular(at, 4, 0.98, 0), BLACK
    yield regular(at, 4, 0.93, 0), WHITE
    yield regular(at, 4, 0.62, 0), YELLOW


def _no_entry(at: Reals) -> Layers:
    yield circle(at, 0.96), RED
    yield box(at, 1.4, 0.36), WHITE


def _limit(number: str) -> Callable[[Reals], Layers]:
    def layers(at: Reals) -> Layers:
        yield from _forbidding(at)
        yield word(at, number, wide=0.44, high=0.76, width=0.16), BLACK

    return layers


def _car(at: Reals, x: float) -> Reals:
    roof = [(x - 0.14, -0.26), (x + 0.14, -0.26), (x + 0.2, 0), (x - 0.2, 0)]
    left, right = (box(at, 0.1, 0.2, x + side, 0.2) for side in (-0.17, 0.17))
    body = np.minimum(box(at, 0.5, 0.24, x, 0.06), convex(at, list(roof)))
    return np.minimum(body, np.minimum(left, right))


def _no_overtaking(at: Reals) -> Layers:
    yield from _forbidding(at)
    yield _car(at, -0.31), RED
    yield _car(at, 0.31), BLACK


def _ahead(at: Reals) -> Layers:
    yield circle(at, 0.96), BLUE
    yield arrow(at, [(0, 0.66), (0, -0.3)], 0.24, 0.4), WHITE


def _right(at: Reals) -> Layers:
    yield circle(at, 0.96), BLUE
    turn = bend(-0.2, 0.1, 0.2, 0.2, 180, 270)
    path = [(-0.4, 0.6), (-0.4, 0.1), *turn, (0.28, -0.1)]
    yield arrow(at, path, 0.24, 0.38), WHITE


def _roundabout(at: Reals) -> Layers:
    yield circle(at, 0.96), BLUE
    for start in (30, 150, 270):
        yield arrow(at, bend(0, 0, 0.5, 0.5, start, start + 75), 0.17, 0.24), WHITE


def _danger(at: Reals) -> Layers:
    yield from _warning(at)
    bar = [(-0.14, -0.35), (0.14, -0.35), (0.08, 0.3), (-0.08, 0.3)]
    yield np.minimum(convex(at, bar), circle(at, 0.12, 0, 0.5)), BLACK


def _walker(at: Reals, x: float, y: float, tall: float) -> Reals:
    def limb(*points: tuple[float, float]) -> Reals:
        return line(at, [(x + tall * a, y + tall * b) for a, b in points], 0.17 * tall)

    head = circle(at, 0.17 * tall, x, y - 0.78 * tall)
    legs = np.minimum(limb((0, 0), (-0.32, 0.7)), limb((0, 0), (0.3, 0.7)))
    arms = limb((-0.36, 0), (0, -0.45), (0.36, -0.05))
    return np.minimum(np.minimum(head, legs), np.minimum(arms, limb((0, -0.5), (0, 0))))


def _children(at: Reals) -> Layers:
    yield from _warning(at)
    yield _walker(at, -0.22, 0.22, 0.54), BLACK
    yield _walker(at, 0.27, 0.34, 0.4), BLACK


_DRAWINGS: dict[str, Callable[[Reals], Layers]] = {
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


def places(size: Count) -> Reals:
    """Sign coordinates x and y of the pixels of an artwork: (2, size, size)."""
    return np.stack(np.meshgrid(centres(size), centres(size)))


def artwork(name: str, *, size: Count = ARTWORK) -> Reals:
    """A sign as it comes from the factory: flat, evenly lit, seen from the front.

    Red, green, blue and opacity, 0 to 1, of shape (size, size, 4), of one of `NAMES`.
    """
    if name not in _DRAWINGS:
        raise BadInput(f"got a sign named {name!r}; wanted one of {', '.join(NAMES)}")
    at = places(size)
    sheet = np.zeros((size, size, 4))
    for distance, colour in _DRAWINGS[name](at):
        cover = np.clip(0.5 - distance * size / 2, 0, 1)[..., np.newaxis]
        fresh = sheet[..., 3:] == 0  # a first colour is mixed with nothing
        sheet[..., :3] += np.where(fresh, cover > 0, cover) * (colour - sheet[..., :3])
        sheet[..., 3:] += cover * (1 - sheet[..., 3:])
    return sheet


def square(*, x: float, y: float, width: Positive, size: Count = ARTWORK) -> Bools:
    """The pixels (size, size) that a square sticker covers, at x, y of the sign."""
    return np.asarray(box(places(size), width, width, x, y) <= 0)


def stuck(sheet: Reals, where: Bools, colour: ArrayLike) -> Reals:
    """An artwork with a sticker on it; what reaches over the sign's edge is cut off.

    Parameters
    ----------
    sheet : ndarray of shape (h, w, 4)
    where : ndarray of shape (h, w), bool
        The pixels that the sticker covers, as from `square`.
    colour : array_like of shape (3,) or (h, w, 3)
        One colour for all, or a picture the size of the artwork, 0 to 1.
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
