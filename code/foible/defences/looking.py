"""How can one look at a picture so that something stuck on it cannot decide?

Whatever lies in a small square of a picture lies under one of a few covers. A network
that reads the same under each of them cannot have been misled by it, and one that reads
the same under every two cannot be (`Covered`); it is best one that has learned to read
under covers (`with_covers`). Whoever sees several pictures of one thing can let them
vote (`voted`).
"""

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Annotated

import numpy as np

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.data import Dataset
from foible.domains import Count, Image, Natural, Rows, Seed, counted
from foible.errors import BadInput
from foible.models import Classifier, as_classifier

LEVELS = 255  # a camera's pixels are whole numbers from 0 to this
GREY = 0.5
UNSURE = -1


def covers(image: Image, *, patch: Count, count: Count) -> Bools:
    """Square covers, one of which hides any square of so many pixels.

    Parameters
    ----------
    image : tuple of int
        Shape of a picture, (n, n) or (n, n, channels).
    patch : int
        Width of what is to be hidden, in pixels.
    count : int
        How many covers there are in a line; more of them are smaller.

    Returns
    -------
    ndarray of bool, shape (count², d)
        The pixels under each cover. Those nearest the middle, where things are, come
        first: under them answers differ soonest, and `Covered` asks no further.
    """
    size = image[0]
    if image[1] != size or patch > size:
        raise BadInput(
            f"got pictures of shape {image} and a patch of {patch} pixels; wanted "
            "square pictures, and a patch that fits in"
        )
    step = -(-(size - patch + 1) // count)
    width = min(patch + step - 1, size)
    at = np.minimum(np.arange(count) * step, size - width)
    lines = (np.arange(size) >= at[:, None]) & (np.arange(size) < at[:, None] + width)
    table = lines[:, None, :, None] & lines[None, :, None, :]
    shape = (count**2, size, size, *image[2:])
    table = table.reshape(shape[:3] + (1,) * len(image[2:]))
    off = abs(at + (width - size) / 2)
    order = np.argsort(np.add.outer(off**2, off**2).ravel(), kind="stable")
    return np.broadcast_to(table, shape).reshape(count**2, -1)[order]


@dataclass(frozen=True, eq=False)
class Covered:
    """Answers by what a model reads under covers, each in turn.

    Parameters
    ----------
    model : Classifier
    covers : ndarray of bool, shape (m, d)
        As from `covers`.
    """

    model: Classifier
    covers: Bools

    def __post_init__(self) -> None:
        as_classifier(self.model)  # whose labels are none of ours for an alarm

    def agreed(self, X: Rows) -> Ints:
        """What is read under every cover, (n,); -1, an alarm, where they differ.

        It proves what it says [mccoyd2020minority]. Whatever is put under one of the
        covers, that cover hides it and reads what it read before, so that the answer
        is the same or there is an alarm.
        """
        rows = seen(X)
        labels = self._under(rows, self.covers[0])
        for cover in self.covers[1:]:
            left = np.flatnonzero(labels != UNSURE)
            if not len(left):
                break
            differs = self._under(rows[left], cover) != labels[left]
            labels[left[differs]] = UNSURE
        return labels

    def predict(self, X: Rows) -> Ints:
        """What is read under most covers, unless a few can prove it wrong, (n,).

        The label that a smaller party of covers reads is taken where every second
        cover confirms it [xiang2022patchcleanser].
        """
        rows = seen(X)
        first = np.stack([self._under(rows, cover) for cover in self.covers], axis=1)
        answers = voted(first)
        for row in np.flatnonzero((first != answers[:, np.newaxis]).any(axis=1)):
            for party in np.flatnonzero(first[row] != answers[row]):
                both = np.where(self.covers | self.covers[party], GREY, rows[row])
                if (self.model.predict(both) == first[row, party]).all():
                    answers[row] = first[row, party]
                    break
        return answers

    def certified(self, X: Rows) -> Ints:
        """What `predict` says whatever is put under one of the covers, (n,), else -1.

        A label is sure if the model reads it under every two covers. Then the cover
        that hides the change reads it, alone and with any other, and no other label is
        confirmed by all [xiang2022patchcleanser].
        """
        rows = seen(X)
        labels = self._under(rows, self.covers[0])
        sure = np.ones(len(rows), bool)
        for one, other in combinations_with_replacement(self.covers, 2):
            left = np.flatnonzero(sure)
            if not len(left):
                break
            sure[left] = self._under(rows[left], one | other) == labels[left]
        return np.where(sure, labels, UNSURE)

    def _under(self, rows: Floats, cover: Bools) -> Ints:
        return np.asarray(self.model.predict(np.where(cover, GREY, rows)), np.int64)


def seen(X: Rows) -> Floats:
    """Pictures as a camera stores them: in whole numbers of 0 to 255."""
    return np.asarray(np.rint(finite_rows(X) * LEVELS) / LEVELS)


def with_covers(
    rows: Dataset,
    *,
    narrow: Count,
    wide: Count,
    squares: Natural,
    copies: Count,
    seed: Seed,
) -> Dataset:
    """The same pictures to learn from, several times, under grey squares.

    Parameters
    ----------
    rows : Dataset
        Pictures.
    narrow, wide : int
        Narrowest and widest square, in pixels; where it lies is drawn anew each time.
    squares : int
        How many there are on each picture; one is what `Covered.agreed` asks for, two
        what `Covered.certified` does.
    copies : int
        How often each picture is there, and that is all: none is left uncovered.
    """
    if rows.image is None or not narrow <= wide <= min(rows.image[:2]):
        raise BadInput(
            f"got squares of {narrow} to {wide} pixels in pictures of {rows.image}; "
            "wanted pictures, and the narrow one first, both within"
        )
    rng = np.random.default_rng(seed)
    pictures = np.tile(rows.X, (copies, 1)).reshape(-1, *rows.image)
    for picture in pictures:
        for width in rng.integers(narrow, wide + 1, squares):
            top, left = rng.integers(0, np.array(rows.image[:2]) - width + 1)
            picture[top : top + width, left : left + width] = GREY
    X, y = pictures.reshape(len(pictures), -1), np.tile(rows.y, copies)
    return replace(rows, X=X, y=y)


def voted(labels: Annotated[Ints, counted("things", "pictures")]) -> Ints:
    """Commonest label of several pictures each, (n, frames); of equals the least."""
    return np.array([np.bincount(row).argmax() for row in labels])
