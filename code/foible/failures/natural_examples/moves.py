"""How does one picture become many that a person reads as the same?

A move turns, shifts and stretches a picture, and is linear in its pixels: each new
pixel is a mean of four old ones, what comes from outside is nought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import sparse

from foible.arrays import Floats, finite_rows
from foible.domains import Count, Image, Rows, Seed
from foible.errors import BadInput

ANGLES = (-15.0, -7.5, 0.0, 7.5, 15.0)  # degrees
SHIFT = 1 / 16  # of the width: half a pixel of 8
KINDS: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "turned and shifted": {
            "rotation": (-15, 15),
            "right": (-SHIFT, SHIFT),
            "down": (-SHIFT, SHIFT),
        },
        "sized and slanted": {
            "zoom": (0.85, 1.15),
            "stretch": (0.85, 1.15),
            "slant": (-0.2, 0.2),
        },
    }
)
"""Kinds of move: between what each of its settings is drawn."""


@dataclass(frozen=True)
class Move:
    """One way to move a picture; left out, a setting does nothing.

    Parameters
    ----------
    image : tuple of int
        Height and width of the pictures.
    rotation : float
        Degrees, clockwise.
    right, down : float
        Shares of the width and the height.
    zoom : float
        Factor on the size, above 0.
    stretch : float
        Factor on the width alone, above 0.
    slant : float
        How far the foot goes to the right of the head, as a share of the height.
    """

    image: Image
    rotation: float = 0.0
    right: float = 0.0
    down: float = 0.0
    zoom: float = 1.0
    stretch: float = 1.0
    slant: float = 0.0

    def __post_init__(self) -> None:
        if len(self.image) != 2:
            raise BadInput(
                f"got pictures of shape {self.image}; wanted (height, width)"
            )
        if not (self.zoom > 0 and self.stretch > 0):
            raise BadInput(
                f"got zoom={self.zoom} and stretch={self.stretch}; wanted both above 0"
            )

    def __call__(self, X: Rows) -> Floats:
        """The pictures (n, d), moved."""
        height, width = self.image
        rows = finite_rows(X, width=height * width)
        return np.asarray((self._weights() @ rows.T).T)

    def _weights(self) -> sparse.csr_matrix:
        """Share of each old pixel in each new one, (d, d), bilinear."""
        height, width = self.image
        d = height * width
        down, right = (np.arange(d) // width, np.arange(d) % width)
        x, y = (2 * right + 1) / width - 1, (2 * down + 1) / height - 1
        from_x, from_y = self._back() @ [x - 2 * self.right, y - 2 * self.down]
        column, row = ((from_x + 1) * width - 1) / 2, ((from_y + 1) * height - 1) / 2
        parts = []
        for i in (np.floor(row), np.floor(row) + 1):
            for j in (np.floor(column), np.floor(column) + 1):
                share = (1 - abs(row - i)) * (1 - abs(column - j))
                inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
                old = (i * width + j)[inside].astype(int)
                parts.append((share[inside], np.flatnonzero(inside), old))
        shares, new, old = map(np.concatenate, zip(*parts, strict=True))
        return sparse.csr_matrix((shares, (new, old)), shape=(d, d))

    def _back(self) -> Floats:
        """From where on the old picture a place of the new one comes, (2, 2)."""
        angle = np.deg2rad(self.rotation)
        turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        size = np.diag([self.zoom * self.stretch, self.zoom])
        return np.asarray(np.linalg.inv(turn @ size @ [[1, self.slant], [0, 1]]))


def grid(image: Image) -> list[Move]:
    """45 moves: five angles to 15 degrees, three places across and three along.

    One of them does nothing.
    """
    steps = (-SHIFT, 0.0, SHIFT)
    return [
        Move(tuple(image), rotation=angle, right=right, down=down)
        for angle in ANGLES
        for right in steps
        for down in steps
    ]


def draw_moves(
    image: Image, count: Count, *, kinds: Sequence[str], seed: Seed
) -> list[Move]:
    """So many moves, each setting of the `KINDS` drawn evenly between its bounds."""
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or not kinds:
        raise BadInput(f"got the kinds {list(kinds)}; wanted some of {list(KINDS)}")
    rng = np.random.default_rng(seed)
    bounds = {name: ends for kind in kinds for name, ends in KINDS[kind].items()}
    drawn = {name: rng.uniform(*ends, count) for name, ends in bounds.items()}
    return [
        Move(tuple(image), **{name: float(each[i]) for name, each in drawn.items()})
        for i in range(count)
    ]
