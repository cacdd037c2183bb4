"""What is a sticker made of, and where on the sign is it?"""

from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats, Ints
from foible.checks import counts
from foible.domains import Count, Positive, Seed
from foible.errors import BadInput
from foible.road.signs import ARTWORK, square, stuck

DARK, BRIGHT = 0.1, 0.9  # least and greatest share of a colour that tape sends back


@dataclass(frozen=True)
class Place:
    """A square sticker's place on a sign, and the squares that it is made of.

    Parameters
    ----------
    x, y : float
        Its middle, in sign coordinates: -1 to 1, x to the right and y down.
    width : float
        In sign coordinates; 2 is as wide as the sign.
    squares : int
        How many squares of one colour it has in a line.

    BadInput: a sticker that leaves a square without a pixel of the artwork.
    """

    x: float
    y: float
    width: Positive
    squares: Count = 4

    def __post_init__(self) -> None:
        counts(squares=self.squares)
        if self.width <= 0 or len(np.unique(self.pieces())) != self.squares**2 + 1:
            raise BadInput(
                f"got {self!r}, of whose squares some lie outside the sign or are "
                "smaller than a pixel of the artwork; wanted a larger sticker, or one "
                "nearer to the middle"
            )

    def pieces(self) -> Ints:
        """Which square each pixel of the artwork belongs to, (h, w), -1 for none."""
        where = square(x=self.x, y=self.y, width=self.width, size=ARTWORK)
        lines = []
        for middle in (self.y, self.x):
            at = (2 * np.arange(ARTWORK) + 1) / ARTWORK - 1
            step = (at - middle + self.width / 2) / self.width * self.squares
            lines.append(np.clip(step.astype(np.int64), 0, self.squares - 1))
        own = lines[0][:, np.newaxis] * self.squares + lines[1]
        return np.where(where, own, -1)

    def on(self, sheet: Floats, colours: Floats) -> Floats:
        """The artwork (h, w, 4) with the sticker on it.

        Parameters
        ----------
        colours : ndarray of shape (squares², 3) or (squares² · 3,)
            Red, green and blue of each square, 0 to 1, line by line.
        """
        paint = np.asarray(colours, np.float64).reshape(-1, 3)
        if len(paint) != self.squares**2:
            raise BadInput(
                f"got colours for {len(paint)} squares; wanted {self.squares**2}"
            )
        pieces = self.pieces()
        return np.asarray(stuck(sheet, pieces >= 0, paint[pieces]))

    @property
    def size(self) -> int:
        """How many numbers a sticker here is made of."""
        return 3 * self.squares**2


def printed(colours: Floats) -> Floats:
    """The nearest colours of tape: each of red, green and blue is dark or bright.

    That gives eight colours: black, white, red, green, blue, yellow, magenta and cyan.
    """
    return np.where(colours < (DARK + BRIGHT) / 2, DARK, BRIGHT)


def drawn(place: Place, count: Count, *, seed: Seed) -> Floats:
    """Stickers of colours of tape at random, (count, size)."""
    return printed(np.random.default_rng(seed).random((count, place.size)))


def black(place: Place) -> Floats:
    """A sticker all black, (size,)."""
    return np.full(place.size, DARK)
