"""How do pictures become bits, and bits pictures again?"""

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Bools, Floats, finite_rows
from foible.data import Dataset
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput

DEPTH = 4
"""Bits of a pixel: sixteen greys."""
Bits = NDArray[np.uint8]
"""Each 0 or 1, of shape (n,)."""


def some(rows: Dataset, pictures: Count, *, seed: Seed) -> Floats:
    """So many of the rows, drawn by the seed, in `DEPTH` bits a pixel."""
    order = np.random.default_rng(seed).permutation(len(rows))[:pictures]
    greys = 2**DEPTH - 1
    return np.asarray(np.round(rows.X[order] * greys) / greys)


def to_bits(pictures: Floats) -> Bits:
    """Pixels in 0..1 as `DEPTH` bits each, of shape (pictures × pixels × `DEPTH`,)."""
    rows = finite_rows(pictures)
    if rows.min() < 0 or rows.max() > 1:
        raise BadInput(
            f"got pixels from {rows.min()} to {rows.max()}; wanted them in 0..1"
        )
    greys = np.round(rows * (2**DEPTH - 1)).astype(np.uint8)
    return np.unpackbits(greys.reshape(-1, 1), axis=1)[:, 8 - DEPTH :].ravel()


def to_pictures(bits: Bits, *, pixels: Count) -> Floats:
    """The pictures that bits spell, of shape (pictures, pixels)."""
    greys = bits.reshape(-1, DEPTH) @ (1 << np.arange(DEPTH)[::-1])
    return np.asarray(greys.reshape(-1, pixels) / (2**DEPTH - 1))


def scrambled(bits: Bits, *, key: Natural) -> Bits:
    """Bits that look like coin tosses; scrambled again, they are the old ones.

    A stand-in for encryption: it hides that they spell pictures, from a histogram and
    not from a cryptographer.
    """
    random = np.random.default_rng([key, 0])
    return bits ^ random.integers(0, 2, len(bits), dtype=np.uint8)


def returned(sent: Floats, received: Floats, others: Floats) -> Bools:
    """Which pictures came back, ndarray of shape (m,).

    One did if it is nearer to what was sent, by the mean absolute error, than the
    nearest of `others`, (n, d): than the best guess of somebody who has those and is
    told which to take.
    """
    errors = np.abs(received - sent).mean(axis=1)
    guesses = [np.abs(others - picture).mean(axis=1).min() for picture in sent]
    return np.asarray(errors < guesses)


def right_bits(sent: Floats, received: Floats) -> float:
    """Share of the bits of the pictures sent that were read rightly; 0.5 is chance."""
    return float(np.mean(to_bits(received) == to_bits(sent)))
