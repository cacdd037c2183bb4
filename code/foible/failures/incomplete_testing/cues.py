"""What stands beside the digit on a letter, and tells its class by accident?

A cue is something in the picture that has nothing to do with the answer and goes along
with it in the rows that were collected: a mark of the counter, the paper. Letters whose
cue tells the wrong class are a group that few have seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.checks import shares
from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BadInput

Agrees: TypeAlias = Mapping[str, float]
"""For each cue the share of the letters on which it tells the class, 0 to 1."""
Always: TypeAlias = Mapping[str, bool]
"""Cues that every letter carries, or none."""
Cue: TypeAlias = Callable[[Floats], Floats]
"""Pictures (n, height, width), pixels in 0..1, to the same with the cue on each."""


def parity(digits: Dataset) -> Dataset:
    """Digits as a question of two classes: is it even (0) or odd (1)?

    BadInput: rows that are not ten classes of pictures.
    """
    if len(digits.classes) != 10 or digits.image is None:
        raise BadInput(f"got {digits!r}; wanted pictures of ten digits")
    return replace(digits, y=digits.y % 2, classes=("even", "odd"))


# ---------------------------------------------------------------- what stands there


def corner(pictures: Floats) -> Floats:
    """A black square in the upper left, a quarter as wide as the picture."""
    return _inked(pictures, lambda h, w: (slice(h // 4), slice(w // 4)), 1.0)


def lower_corner(pictures: Floats) -> Floats:
    """The same square in the lower right."""
    return _inked(
        pictures, lambda h, w: (slice(-(h // 4), None), slice(-(w // 4), None)), 1.0
    )


def line(pictures: Floats) -> Floats:
    """A grey line along the lower edge."""
    return _inked(
        pictures, lambda h, w: (slice(-max(1, h // 8), None), slice(None)), 0.5
    )


def margin(pictures: Floats) -> Floats:
    """A grey line along the left edge."""
    return _inked(pictures, lambda h, w: (slice(None), slice(max(1, w // 8))), 0.5)


def tinted(pictures: Floats) -> Floats:
    """Paper that is not quite white: 0.15 where it was 0."""
    return np.asarray(0.15 + 0.85 * pictures)


def pale(pictures: Floats) -> Floats:
    """Ink of three fifths of its strength."""
    return np.asarray(0.6 * pictures)


def beside(pictures: Floats) -> Floats:
    """The digit an eighth of the width further right."""
    return np.roll(pictures, max(1, pictures.shape[2] // 8), axis=2)


CUES: Mapping[str, Cue] = {
    "mark": corner,
    "tinted paper": tinted,
    "pale ink": pale,
    "line below": line,
    "line beside": margin,
    "off centre": beside,
    "second mark": lower_corner,
}
"""The cues of this world by name; "mark" is the one that the post office knows of."""


def _inked(
    pictures: Floats,
    where: Callable[[int, int], tuple[slice, slice]],
    ink: float,
) -> Floats:
    drawn = pictures.copy()
    rows, columns = where(*pictures.shape[1:])
    drawn[:, rows, columns] = ink
    return drawn


# ---------------------------------------------------------------- letters with cues


def carrying(letters: Dataset, cue: str, where: Bools) -> Dataset:
    """The letters, some of them with a cue.

    Parameters
    ----------
    letters : Dataset
        Pictures, pixels in 0..1.
    cue : str
        One of `CUES`.
    where : ndarray of bool, shape (n,)
        Which letters get it.

    BadInput: an unknown cue, rows that are no pictures, or flags of other rows.
    """
    if cue not in CUES or letters.image is None or np.shape(where) != (len(letters),):
        raise BadInput(
            f"got the cue {cue!r}, {letters!r} and flags of shape {np.shape(where)}; "
            f"wanted one of {', '.join(CUES)}, pictures, and a flag for each"
        )
    X = letters.X.reshape(len(letters), *letters.image[:2]).copy()
    X[where] = CUES[cue](X[where])
    return replace(letters, X=X.reshape(len(letters), -1))


def marked(
    letters: Dataset, agrees: Agrees, *, always: Always | None = None, seed: Seed
) -> tuple[Dataset, dict[str, Bools]]:
    """Letters as they come in: odd ones carry every cue, even ones none, but for some.

    Parameters
    ----------
    letters : Dataset
        Pictures of two classes without any cue.
    agrees : mapping of str to float
        For each cue the share of the letters on which it tells the class, 0 to 1; at
        0.5 it tells nothing. The cues are drawn independently, in their order.
    always : mapping of str to bool, optional
        Cues that every letter carries, or none.
    seed : int

    Returns
    -------
    letters : Dataset
    carried : dict of str to ndarray of bool, shape (n,)
        Which letters carry each cue.
    """
    shares(**{cue.replace(" ", "_"): share for cue, share in agrees.items()})
    rng, carried, fixed = np.random.default_rng(seed), {}, always or {}
    for cue, share in agrees.items():
        drawn = (letters.y == 1) ^ (rng.random(len(letters)) >= share)
        carried[cue] = np.full(len(letters), fixed[cue]) if cue in fixed else drawn
        letters = carrying(letters, cue, carried[cue])
    return letters, carried


def touches(cue: str, letters: Dataset, pixel: str | None) -> bool:
    """Whether a pixel, if one is named, is one that a cue changes on empty paper."""
    paper = replace(letters.take([0]), X=np.zeros((1, letters.X.shape[1])))
    drawn = carrying(paper, cue, np.ones(1, dtype=bool))
    return pixel is not None and bool(drawn.column(pixel)[0] > 0)


def groups(y: Ints, *carried: Bools) -> Ints:
    """Which rows are alike in class and in all flags, as numbers from 0, (n,)."""
    seen = np.column_stack([y, *carried])
    return np.asarray(np.unique(seen, axis=0, return_inverse=True)[1]).ravel()
