"""What stands behind a sign, and what hangs or falls before it?"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from foible.arrays import Bools, Ints, Reals
from foible.domains import Count
from foible.road.views import Views, centres

TEXTURE = 256  # width of the textures, which repeat without a seam
SEEN = 128  # how much of them a picture shows


@cache
def _cloud() -> Reals:
    """Cloudy values of spread 1, of shape (TEXTURE, TEXTURE), coarse and fine."""
    rng = np.random.default_rng(1)
    waves = np.hypot(*np.meshgrid(*[np.fft.fftfreq(TEXTURE, 1 / TEXTURE)] * 2))
    chaos = np.fft.fft2(rng.standard_normal((TEXTURE, TEXTURE)))
    field = np.fft.ifft2(chaos / np.maximum(waves, 2) ** 1.5).real
    return np.asarray(field / field.std(), np.float32)


def _windows(texture: Reals, seeds: Ints, samples: int) -> Reals:
    """What each seed shows of a texture, (m, s, s)."""
    starts = np.array(
        [np.random.default_rng([s, 1]).integers(TEXTURE, size=2) for s in seeds]
    )
    steps = np.arange(samples) * SEEN // samples
    rows = (starts[:, :1] + steps) % TEXTURE
    columns = (starts[:, 1:] + steps) % TEXTURE
    return texture[rows[:, :, None], columns[:, None, :]]


def behind(views: Views, grid: Reals, samples: Count) -> Reals:
    """Sky above, land below, both cloudy; and the sign's pole: (m, 3, s, s)."""
    draws = np.array([np.random.default_rng(s).random(9) for s in views["background"]])
    draws = draws.astype(np.float32)[:, :, None, None]
    cloud = _windows(_cloud(), views["background"], samples)
    line = centres(samples).astype(np.float32)[:, None]
    horizon = 1.2 * draws[:, 0] - 0.6
    land = np.clip(4 * (line - horizon + 0.25 * cloud) + 0.5, 0, 1)[:, None]
    sky = 0.45 + 0.5 * draws[:, 1:2] + [[[-0.15]], [[-0.05]], [[0.1]]] * draws[:, 2:3]
    ground = 0.1 + 0.5 * draws[:, 3:6] * (0.4 + 0.6 * draws[:, 6:7])
    scene = sky + land * (ground - sky) + (0.03 + 0.09 * land) * cloud[:, None]
    width = views["distance"].astype(np.float32)[:, None, None] * 2 / samples
    pole = np.maximum(abs(grid[..., 0]) - 0.06, -grid[..., 1])
    cover = np.clip(0.5 - pole / width, 0, 1)[:, None]
    return np.asarray(np.clip(scene + cover * (0.5 - scene), 0, 1), np.float32)


def between(
    views: Views, grid: Reals, gain: Reals, samples: Count
) -> tuple[Reals, Reals]:
    """What leaves and fog and weather let through, and what they add."""

    def shaped(values: Reals) -> Reals:
        return values.astype(np.float32).reshape(len(views), -1, 1, 1)

    gain, fog = shaped(gain), shaped(views["fog"])
    day = np.minimum(shaped(views["light"]), 1)
    cover, leaves = _leaves(views, grid)
    through = (1 - fog) * (1 - cover) * gain
    added = (1 - fog) * cover * leaves * gain + fog * 0.8 * day
    for name, texture, bright, solid in _WEATHER:
        if views[name].any():
            rank = _windows(texture(), views["grain"], samples)[:, None]
            drops = solid * (rank < shaped(views[name]))
            through = (1 - drops) * through
            added = (1 - drops) * added + drops * bright * day
    return through, added


def _leaves(views: Views, grid: Reals) -> tuple[Reals, Reals]:
    """Where leaves are, (m, 1, s, s), and their colour, (m, 3, s, s)."""
    side = np.deg2rad(views["side"]).astype(np.float32)[:, None, None]
    x, y = grid[..., 0] - np.cos(side), grid[..., 1] - np.sin(side)
    around = np.arctan2(y, x)
    ragged = 1 + 0.15 * np.sin(5 * around + 3 * side) + 0.1 * np.sin(11 * around)
    reach = views["hidden"].astype(np.float32)[:, None, None] * ragged - np.hypot(x, y)
    cover = np.clip(8 * reach, 0, 1)[:, None]
    shade = 0.75 + 0.25 * np.sin(17 * x) * np.sin(13 * y)
    green = np.array([0.16, 0.28, 0.1], np.float32)[:, None, None]
    return cover, shade[:, None] * green


def _ranked(marks: Sequence[tuple[Bools, int, int]], rng: Any) -> Reals:
    """For each place of a texture, the least amount of weather that reaches it."""
    rank = np.full((TEXTURE, TEXTURE), 2, np.float32)
    for stamp, row, column in marks:
        rows, columns = np.nonzero(stamp)
        at = (rows + row) % TEXTURE, (columns + column) % TEXTURE
        rank[at] = np.minimum(rank[at], rng.random())
    return rank


@cache
def _rain() -> Reals:
    """Slanting streaks, 2 wide and 20 to 40 long."""
    rng = np.random.default_rng(2)
    marks = []
    most = [TEXTURE, TEXTURE, 40]
    for row, column, length in rng.integers([0, 0, 20], most, (260, 3)):
        y, x = np.mgrid[:length, :16]
        marks.append((abs(x - 8 + y / 4 - 1) < 1.2, row, column))
    return _ranked(marks, rng)


@cache
def _snow() -> Reals:
    """Round flakes, 4 to 9 wide."""
    rng = np.random.default_rng(3)
    marks = []
    for row, column, width in rng.integers([0, 0, 4], [TEXTURE, TEXTURE, 9], (330, 3)):
        y, x = np.mgrid[:width, :width] - (width - 1) / 2
        marks.append((np.hypot(x, y) <= width / 2, row, column))
    return _ranked(marks, rng)


_WEATHER = (("rain", _rain, 0.85, 0.45), ("snow", _snow, 1.0, 0.85))
