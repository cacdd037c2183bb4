"""What does a picture become that is seen from elsewhere, or while something moves?

As in `changes`: pictures (n, height, width, colours), a strength from 0 to 5, and a
generator.
"""

import numpy as np
from scipy import ndimage

from foible.arrays import Floats
from foible.domains import Amount, Pictures


def motion(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """The mean along a level path of 0.1 widths, times strength."""
    reach = 0.05 * strength * pictures.shape[2]
    steps = np.linspace(-reach, reach, 9)
    return np.asarray(np.mean([_seen(pictures, right=s) for s in steps], axis=0))


def tilt(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """Turned by 10 degrees times strength, to the left or to the right."""
    side = rng.choice([-1, 1], len(pictures))
    return _seen(pictures, angle=np.deg2rad(10 * strength) * side)


def shift(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """Moved by 0.05 widths times strength, in any direction."""
    way = rng.uniform(0, 2 * np.pi, len(pictures))
    reach = 0.05 * strength * pictures.shape[2]
    return _seen(pictures, down=reach * np.sin(way), right=reach * np.cos(way))


def distance(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """Seen from 1 + 0.2 × strength times as far, in the middle."""
    return _seen(pictures, scale=1 + 0.2 * strength)


def _seen(
    pictures: Floats,
    *,
    angle: Floats | float = 0.0,
    scale: float = 1.0,
    down: Floats | float = 0.0,
    right: Floats | float = 0.0,
) -> Floats:
    """Pictures turned, made smaller and moved; around them their border's colour.

    The angle, in radians, and the way, in pixels, are for each picture or for all.
    """
    n, height, width = pictures.shape[:3]
    sin, cos, below, beside = (
        np.broadcast_to(one, n)[:, np.newaxis, np.newaxis]
        for one in (np.sin(angle), np.cos(angle), down, right)
    )
    row, column = (height - 1) / 2, (width - 1) / 2
    y, x = np.mgrid[:height, :width]
    y, x = y - row - below, x - column - beside
    rows = scale * (cos * y - sin * x) + row
    columns = scale * (sin * y + cos * x) + column
    each = np.broadcast_to(np.arange(n)[:, np.newaxis, np.newaxis], rows.shape)
    paper = _border(pictures)
    seen = [
        ndimage.map_coordinates(sheet, [each, rows, columns], order=1)
        for sheet in np.moveaxis(pictures - paper, 3, 0)
    ]
    return np.asarray(np.stack(seen, axis=-1) + paper)


def _border(pictures: Floats) -> Floats:
    """The median colour of each picture's outermost pixels, (n, 1, 1, colours)."""
    edges = [pictures[:, [0, -1]], pictures[:, :, [0, -1]]]
    n, colours = len(pictures), pictures.shape[3]
    outer = np.concatenate([edge.reshape(n, -1, colours) for edge in edges], axis=1)
    return np.asarray(np.median(outer, axis=1)[:, np.newaxis, np.newaxis])
