"""What would a sticker look like, without taking the photographs again?

A picture is, but for what is too dark or too bright for the camera, a straight line in
the colours of the sticker. Its slope is found once for each view, and then thousands of
stickers cost a multiplication each.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, Ints, Reals, places
from foible.attacks.physical_patch.stickers import Place
from foible.domains import Count
from foible.errors import BadInput
from foible.road.camera import photograph
from foible.road.scene import Scene, scenes
from foible.road.views import Views

GREY = 0.5


@dataclass(frozen=True, eq=False)
class Exposure:
    """How n pictures of a sign depend on a sticker that is on it.

    Parameters
    ----------
    grey : ndarray of shape (n, d)
        The pictures, with a grey sticker.
    slopes : ndarray of shape (n, d / 3, b)
        How much of each of its b squares each pixel sees.
    tint : ndarray of shape (n, 3)
        By how much the light of each colour is more than the light of green.
    """

    grey: Reals
    slopes: Reals
    tint: Reals

    @classmethod
    def of(cls, sheet: Floats, place: Place, views: Views, *, size: Count = 32) -> Self:
        """Of an artwork (h, w, 4) with a sticker at a place, from n views."""
        plain = place.on(sheet, np.full(place.size, GREY))
        grey = photograph(plain, views, size=size).reshape(len(views), -1)
        pieces, opacity = place.pieces(), sheet[..., 3]
        slopes = [
            _slopes(scene, pieces, opacity) for _, scene in scenes(views, size=size)
        ]
        tint = 1 + np.outer(views["warmth"], [1, 0, -1])
        return cls(grey.astype(np.float32), np.concatenate(slopes), tint)

    def __len__(self) -> int:
        return len(self.grey)

    def take(self, index: ArrayLike) -> "Exposure":
        """Only the views at `index`: positions, or a mask of length n."""
        where = places(index, len(self))
        return Exposure(self.grey[where], self.slopes[where], self.tint[where])

    def pictures(self, colours: Floats) -> Floats:
        """The pictures (n, d) with a sticker (size,)."""
        squares = self.slopes.shape[2]
        if colours.size != 3 * squares:
            raise BadInput(
                f"got colours for {colours.size / 3:g} squares; wanted {squares}"
            )
        change = np.asarray(colours, np.float32).reshape(-1, 3) - GREY
        moved = (self.slopes @ change) * self.tint[:, np.newaxis]
        return np.clip(self.grey + moved.reshape(len(self), -1), 0, 1)

    def backward(self, slope: Floats) -> Floats:
        """How a sticker should change for the pictures to move along a slope (n, d).

        The sum over the views, of shape (size,): the expectation that is climbed
        [athalye2018synthesizing].
        """
        if slope.shape != self.grey.shape:
            raise BadInput(
                f"got a slope of shape {slope.shape}; wanted {self.grey.shape}, as the "
                "pictures have"
            )
        wanted = slope.reshape(len(self), -1, 3) * self.tint[:, np.newaxis]
        change = np.einsum("npb,npc->bc", self.slopes, wanted, optimize=True)
        return np.asarray(change.ravel(), np.float64)


def reach(sheet: Floats, place: Place, views: Views, *, size: Count = 32) -> Ints:
    """Width of the square of pixels that any sticker at a place can change, (n,).

    A camera stores 256 levels. What a black sticker and a white one leave at the same
    level no other can change, since each pixel grows with every colour.
    """
    ends = [
        np.rint(
            255
            * photograph(place.on(sheet, np.full(place.size, ink)), views, size=size)
        )
        for ink in (0.0, 1.0)
    ]
    moved = (ends[0] != ends[1]).any(axis=3)
    sides = [moved.any(axis=axis) for axis in (1, 2)]
    last = [size - side[:, ::-1].argmax(axis=1) for side in sides]
    spans = [end - side.argmax(axis=1) for end, side in zip(last, sides, strict=True)]
    return np.where(moved.any(axis=(1, 2)), np.maximum(*spans), 0)


def _slopes(scene: Scene, pieces: Ints, opacity: Floats) -> Reals:
    """How much of each square each green pixel sees, (m, size², b)."""
    m, s = scene.grid.shape[:2]
    count, size = int(pieces.max()) + 1, scene.optics.shape[1]
    seen = np.zeros((m, count + 1, s * s), np.float32)
    line, spot = np.divmod(np.arange(m * s * s), s * s)
    for piece, share in _corners(scene.grid.reshape(-1, 2), pieces, opacity):
        np.add.at(seen, (line, piece, spot), share)
    light = seen[:, :-1].reshape(m, count, s, s) * scene.through[:, 1:2]
    optics = scene.optics[:, np.newaxis]
    pixels = optics @ light @ optics.transpose(0, 1, 3, 2)
    return np.ascontiguousarray(pixels.reshape(m, count, size**2).transpose(0, 2, 1))


def _corners(grid: Reals, pieces: Ints, opacity: Floats) -> list[tuple[Ints, Floats]]:
    """The squares of the four pixels around each sample, and their shares of it."""
    h, w = pieces.shape
    x, y = (grid[:, 0] + 1) * w / 2 - 0.5, (grid[:, 1] + 1) * h / 2 - 0.5
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    corners = []
    for down in (0, 1):
        for right in (0, 1):
            row, column = top + down, left + right
            inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
            at = np.where(inside, row, 0), np.where(inside, column, 0)
            share = np.abs(1 - down - y + top) * np.abs(1 - right - x + left)
            own = np.where(inside, pieces[at], -1)
            corners.append((own, np.where(inside, share * opacity[at], 0)))
    return corners
