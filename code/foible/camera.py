"""What does a car's camera see of a flat sign, from where, in which weather?

A view is one way to look at a sign: pose, light, optics, weather, background. The
camera shows an artwork (see `foible.signs`), perhaps with a sticker on it, from a view,
and nothing of the picture is left to chance: the same view gives the same pixels. So an
attack on the sign can be judged over a stated distribution of views.

Picture coordinates run from -1 to 1, x to the right and y down.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from foible.errors import BadInput

Floats: TypeAlias = NDArray[np.floating[Any]]
Ints: TypeAlias = NDArray[np.int64]

# ---------------------------------------------------------------- views


@dataclass(frozen=True, eq=False, repr=False)
class Views:
    """n ways to look at a sign: every one fixes the picture to the last pixel.

    Each field is a number, the same for all, or n of them. Left out, it is that of
    the plain view: from the front, in good light, nothing in the way.

    Parameters
    ----------
    rotation : array_like of shape (n,)
        Degrees, clockwise in the picture.
    turn : array_like of shape (n,)
        Degrees about the vertical axis, within ±80.
    tilt : array_like of shape (n,)
        Degrees about the horizontal axis, within ±80.
    distance : array_like of shape (n,)
        1 where the sign just fills the picture, 2 where it fills half its width.
    right, down : array_like of shape (n,)
        Where the sign's middle is, in picture coordinates.
    light : array_like of shape (n,)
        Factor on every colour.
    warmth : array_like of shape (n,)
        The cast of the light, within ±0.9: red is multiplied by 1 + it, blue by 1 - it.
    blur : array_like of shape (n,)
        Standard deviation, as a share of the picture's width: 1/32 is a pixel of 32.
    noise : array_like of shape (n,)
        Standard deviation, on pixel values of 0 to 1.
    fog, rain, snow : array_like of shape (n,)
        0, none, to 1.
    hidden : array_like of shape (n,)
        Radius of the leaves in front of the sign's edge, in sign coordinates.
    side : array_like of shape (n,)
        Where on the edge they are: degrees, clockwise from the right.
    background, grain : array_like of shape (n,)
        Seeds, whole numbers from 0: of what is behind the sign; of the noise and the
        places of drops and flakes.

    Raises
    ------
    BadInput
        Values outside these ranges, or fields of different lengths.
    """

    rotation: ArrayLike = 0.0
    turn: ArrayLike = 0.0
    tilt: ArrayLike = 0.0
    distance: ArrayLike = 1.2
    right: ArrayLike = 0.0
    down: ArrayLike = 0.0
    light: ArrayLike = 1.0
    warmth: ArrayLike = 0.0
    blur: ArrayLike = 0.0
    noise: ArrayLike = 0.0
    fog: ArrayLike = 0.0
    rain: ArrayLike = 0.0
    snow: ArrayLike = 0.0
    hidden: ArrayLike = 0.0
    side: ArrayLike = 0.0
    background: ArrayLike = 0
    grain: ArrayLike = 0

    def __post_init__(self) -> None:
        given = {
            field.name: np.asarray(getattr(self, field.name)) for field in fields(self)
        }
        try:
            shape = np.broadcast_shapes(
                (1,), *(values.shape for values in given.values())
            )
        except ValueError:
            shape = ()
        if len(shape) != 1 or 0 in shape:
            shapes = sorted({values.shape for values in given.values()})
            raise BadInput(
                f"got views of shapes {shapes}; wanted numbers, or n of them"
            )
        for name, values in given.items():
            kind = np.int64 if name in _SEEDS else np.float64
            own = np.broadcast_to(_checked(name, values), shape).astype(kind)
            own.flags.writeable = False
            super().__setattr__(name, own)

    def __len__(self) -> int:
        return len(self["rotation"])

    def __repr__(self) -> str:
        return f"<{len(self)} views>"

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One parameter of all views, ndarray of shape (n,)."""
        return np.asarray(getattr(self, name))

    def take(self, index: ArrayLike | slice) -> "Views":
        """Only the views at `index`: positions, a mask of length n, or a slice."""
        where = index if isinstance(index, slice) else np.asarray(index)
        return Views(**{field.name: self[field.name][where] for field in fields(self)})


_SEEDS = ("background", "grain")
_RANGES = {  # what a parameter may be; the others may be any finite number
    "turn": (-80, 80),
    "tilt": (-80, 80),
    "distance": (0.1, 100),
    "light": (0, 100),
    "warmth": (-0.9, 0.9),
    "blur": (0, 1),
    "noise": (0, 10),
    "fog": (0, 1),
    "rain": (0, 1),
    "snow": (0, 1),
    "hidden": (0, 10),
    "background": (0, 2**63 - 1),
    "grain": (0, 2**63 - 1),
}

DRAWN: dict[str, tuple[float, float, float]] = {
    "rotation": (-10, 10, 1),
    "turn": (-35, 35, 1),
    "tilt": (-15, 15, 1),
    "distance": (1.05, 1.6, 1),
    "right": (-0.12, 0.12, 1),
    "down": (-0.12, 0.12, 1),
    "light": (0.45, 1.2, 1),
    "warmth": (-0.15, 0.15, 1),
    "blur": (0, 0.025, 1),
    "noise": (0, 0.05, 1),
    "fog": (0, 0.6, 0.2),
    "rain": (0, 1, 0.2),
    "snow": (0, 1, 0.1),
    "hidden": (0, 0.5, 0.2),
    "side": (0, 360, 1),
}
"""How `draw_views` draws: lowest, highest, and the share of views that have it at all.

Each is uniform and independent of the others. A view without rain has rain 0.
"""


def draw_views(n: int, *, seed: int) -> Views:
    """Views as a car would have them, each parameter drawn as `DRAWN` says.

    Parameters
    ----------
    n : int
        How many, at least 1.
    seed : int
        The same seed gives the same views.

    Raises
    ------
    BadInput
        `n` is below 1.
    """
    if n < 1:
        raise BadInput(f"got n={n}; wanted at least one view")
    rng = np.random.default_rng(seed)
    drawn = {
        name: rng.uniform(low, high, n) * (rng.random(n) < share)
        for name, (low, high, share) in DRAWN.items()
    }
    return Views(**drawn, **{name: rng.integers(2**32, size=n) for name in _SEEDS})


def _checked(name: str, values: NDArray[Any]) -> NDArray[Any]:
    low, high = _RANGES.get(name, (-np.inf, np.inf))
    whole = values.dtype.kind in "iu"
    if values.dtype.kind not in "iuf" or (name in _SEEDS and not whole):
        kind = "whole numbers" if name in _SEEDS else "numbers"
        raise BadInput(f"got a {name} of {values.dtype}; wanted {kind}")
    if not (np.isfinite(values) & (values >= low) & (values <= high)).all():
        raise BadInput(f"got a {name} outside {low} to {high}; wanted each within")
    return values


# ---------------------------------------------------------------- the camera

FINE = 2  # samples across each pixel
FOCAL = 4.0  # of the lens, in half widths of the picture
GROUP = 64  # views that are worked on side by side, to stay in the cache


@dataclass(frozen=True, eq=False)
class Scene:
    """All of m pictures but the sign; on a fine raster of (s, s) samples each.

    A picture is ``clip(optics (through (a c + (1 - a) behind) + added) opticsᵀ +
    noise)``, where c and a are the colour and the opacity of the sign at `grid`.

    Parameters
    ----------
    grid : ndarray of shape (m, s, s, 2)
        Sign coordinates x and y of each sample.
    behind : ndarray of shape (m, 3, s, s)
        What is seen where the sign is not.
    through : ndarray of shape (m, 3, s, s)
        Share of the light that reaches the camera.
    added : ndarray of shape (m, 3, s, s)
        Light from what is in between.
    optics : ndarray of shape (m, size, s)
        Weight of each line of samples in each line of pixels.
    noise : ndarray of shape (m, 3, size, size)
        Added to the pixels.
    """

    grid: Floats
    behind: Floats
    through: Floats
    added: Floats
    optics: Floats
    noise: Floats


def photograph(
    artworks: ArrayLike, views: Views, *, size: int = 32
) -> NDArray[np.float64]:
    """What the camera shows of an artwork from each view.

    Parameters
    ----------
    artworks : array_like of shape (h, w, 4) or (n, h, w, 4)
        One for all views, or one for each.
    views : Views
        n of them.
    size : int
        Width and height of the pictures in pixels.

    Returns
    -------
    ndarray of shape (n, size, size, 3)
        Pixels of 0 to 1.

    Raises
    ------
    BadInput
        Artworks of another shape or with values outside 0 to 1, or a size below 1.
    """
    sheets = checked_artworks(artworks, len(views)).astype(np.float32)
    pictures = np.empty((len(views), size, size, 3))
    for part, scene in scenes(views, size=size):
        own = sheets if sheets.ndim == 3 else sheets[part]
        pictures[part] = _exposed(own, scene).transpose(0, 2, 3, 1)
    return pictures


def scenes(views: Views, *, size: int) -> Iterator[tuple[slice, Scene]]:
    """The scenes of all views, some at a time, each with the places of its views.

    Raises
    ------
    BadInput
        `size` is below 1.
    """
    if size < 1:
        raise BadInput(f"got a size of {size} pixels; wanted at least 1")
    step = max(1, GROUP * 32**2 // size**2)
    for start in range(0, len(views), step):
        part = slice(start, start + step)
        yield part, _scene(views.take(part), size)


def checked_artworks(artworks: ArrayLike, n: int) -> NDArray[np.float64]:
    """Artworks of shape (h, w, 4) or (n, h, w, 4), float64, if n views can show them.

    Raises
    ------
    BadInput
        When they cannot.
    """
    try:
        sheets = np.asarray(artworks, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("got artworks that are not numbers; wanted (h, w, 4)") from error
    fits = sheets.ndim == 3 or (sheets.ndim == 4 and len(sheets) == n)
    if not fits or sheets.shape[-1] != 4 or not sheets.size:
        raise BadInput(
            f"got artworks of shape {sheets.shape}; wanted (h, w, 4), or "
            f"({n}, h, w, 4) for {n} views"
        )
    if not ((sheets >= 0) & (sheets <= 1)).all():
        raise BadInput("got an artwork with values outside 0 to 1; wanted each within")
    return sheets


def _exposed(sheets: Floats, scene: Scene) -> Floats:
    """Pictures (m, 3, size, size) of artworks (h, w, 4) or (m, h, w, 4)."""
    seen = _sampled(sheets, scene.grid)
    colour, opacity = seen[:, :3], seen[:, 3:]
    light = scene.through * (colour + (1 - opacity) * scene.behind) + scene.added
    optics = scene.optics[:, np.newaxis]
    pixels = optics @ light @ optics.transpose(0, 1, 3, 2)
    return np.clip(pixels + scene.noise, 0, 1)


def _sampled(sheets: Floats, grid: Floats) -> Floats:
    """Colour times opacity, and opacity, at each sample: (m, 4, s, s), bilinear."""
    h, w = sheets.shape[-3:-1]
    solid = np.concatenate(
        [sheets[..., :3] * sheets[..., 3:], sheets[..., 3:]], axis=-1
    )
    margin = [(0, 0)] * (sheets.ndim - 3) + [(1, 1), (1, 1), (0, 0)]
    texels = np.pad(solid, margin).reshape(-1, 4)
    x, y = (grid[..., 0] + 1) * (w / 2) + 0.5, (grid[..., 1] + 1) * (h / 2) + 0.5
    hit = (x > 0) & (x < w + 1) & (y > 0) & (y < h + 1)
    left, top = x[hit].astype(np.int32), y[hit].astype(np.int32)
    x, y = (x[hit] - left)[:, np.newaxis], (y[hit] - top)[:, np.newaxis]
    corner = top * (w + 2) + left
    if sheets.ndim == 4:
        corner += np.nonzero(hit)[0].astype(np.int32) * ((h + 2) * (w + 2))
    above = texels[corner] * (1 - x) + texels[corner + 1] * x
    below = texels[corner + w + 2] * (1 - x) + texels[corner + w + 3] * x
    seen = np.zeros((4, *hit.shape), np.float32)
    seen[:, hit] = (above * (1 - y) + below * y).T
    return seen.swapaxes(0, 1)


# ---------------------------------------------------------------- the scene


def _scene(views: Views, size: int) -> Scene:
    """Everything of some pictures but the sign, in float32."""
    samples = FINE * size
    grid = _grid(views, samples)
    behind = _behind(views, grid, samples)
    gain = views["light"][:, None] * (1 + np.outer(views["warmth"], [1, 0, -1]))
    through, added = _between(views, grid, gain, samples)
    noise = np.stack(
        [
            np.random.default_rng(seed).standard_normal((3, size, size), np.float32)
            for seed in views["grain"]
        ]
    )
    return Scene(
        grid=grid,
        behind=behind,
        through=through,
        added=added,
        optics=_optics(views["blur"], size),
        noise=noise * views["noise"].astype(np.float32)[:, None, None, None],
    )


def _centres(size: int) -> NDArray[np.float64]:
    """Coordinates of the middle of each pixel of a line from -1 to 1."""
    return (2 * np.arange(size) + 1) / size - 1


def _grid(views: Views, samples: int) -> Floats:
    """Sign coordinates (m, s, s, 2) of each sample, by a pinhole camera.

    A point p of the sign is turned to q = R p, at the depth FOCAL × distance + q₂; its
    place in the picture is FOCAL q over the depth, plus the offset.
    """
    turned = _turned(views)
    to_picture = np.zeros((len(views), 3, 3))
    to_picture[:, :2, :2] = FOCAL * turned[:, :2, :2]
    to_picture[:, 2, :2] = turned[:, 2, :2]
    to_picture[:, 2, 2] = FOCAL * views["distance"]
    for axis, offset in enumerate(("right", "down")):
        to_picture[:, axis] += views[offset][:, None] * to_picture[:, 2]
    line = _centres(samples)
    back = np.linalg.inv(to_picture)[:, :, None, None, :]  # (m, 3, 1, 1, 3)
    across, along = back[..., 0] * line, back[..., 1] * line[:, None]
    x, y, near = np.moveaxis(across + along + back[..., 2], 1, 0)
    ahead = near > 1e-9  # the rest of the sign's plane is behind the camera
    near = np.where(ahead, near, 1)
    grid = np.stack([np.where(ahead, x / near, 9), np.where(ahead, y / near, 9)], -1)
    return np.asarray(np.clip(grid, -1e4, 1e4), np.float32)


def _turned(views: Views) -> NDArray[np.float64]:
    """Rotation matrices (m, 3, 3): about the vertical, the horizontal, the sight."""
    matrices = []
    for name, (a, b) in (("rotation", (0, 1)), ("tilt", (1, 2)), ("turn", (2, 0))):
        angle = np.deg2rad(views[name])
        matrix = np.tile(np.eye(3), (len(views), 1, 1))
        matrix[:, a, a] = matrix[:, b, b] = np.cos(angle)
        matrix[:, b, a] = np.sin(angle)
        matrix[:, a, b] = -np.sin(angle)
        matrices.append(matrix)
    return np.asarray(matrices[0] @ matrices[1] @ matrices[2])


def _optics(blur: NDArray[np.float64], size: int) -> Floats:
    """Share of each sample in each pixel: its Gaussian spot, as far as it falls there.

    A spot is never sharper than a fifth of a pixel.
    """
    spot = np.maximum(2 * blur, 0.4 / size)[:, None, None]
    edges = 2 * np.arange(size + 1) / size - 1
    below = ndtr((edges[:, None] - _centres(FINE * size)) / spot)
    shares = np.diff(below, axis=1)
    return np.asarray(shares / shares.sum(axis=2, keepdims=True), np.float32)


# ---------------------------------------------------------------- behind the sign

TEXTURE = 256  # width of the textures, which repeat without a seam
SEEN = 128  # how much of them a picture shows


@cache
def _cloud() -> Floats:
    """Cloudy values of spread 1, of shape (TEXTURE, TEXTURE), coarse and fine."""
    rng = np.random.default_rng(1)
    waves = np.hypot(*np.meshgrid(*[np.fft.fftfreq(TEXTURE, 1 / TEXTURE)] * 2))
    chaos = np.fft.fft2(rng.standard_normal((TEXTURE, TEXTURE)))
    field = np.fft.ifft2(chaos / np.maximum(waves, 2) ** 1.5).real
    return np.asarray(field / field.std(), np.float32)


def _windows(texture: Floats, seeds: Ints, samples: int) -> Floats:
    """What each seed shows of a texture, (m, s, s)."""
    starts = np.array(
        [np.random.default_rng([s, 1]).integers(TEXTURE, size=2) for s in seeds]
    )
    steps = np.arange(samples) * SEEN // samples
    rows = (starts[:, :1] + steps) % TEXTURE
    columns = (starts[:, 1:] + steps) % TEXTURE
    return texture[rows[:, :, None], columns[:, None, :]]


def _behind(views: Views, grid: Floats, samples: int) -> Floats:
    """Sky above, land below, both cloudy; and the sign's pole: (m, 3, s, s)."""
    draws = np.array([np.random.default_rng(s).random(9) for s in views["background"]])
    draws = draws.astype(np.float32)[:, :, None, None]
    cloud = _windows(_cloud(), views["background"], samples)
    line = _centres(samples).astype(np.float32)[:, None]
    horizon = 1.2 * draws[:, 0] - 0.6
    land = np.clip(4 * (line - horizon + 0.25 * cloud) + 0.5, 0, 1)[:, None]
    sky = 0.45 + 0.5 * draws[:, 1:2] + [[[-0.15]], [[-0.05]], [[0.1]]] * draws[:, 2:3]
    ground = 0.1 + 0.5 * draws[:, 3:6] * (0.4 + 0.6 * draws[:, 6:7])
    scene = sky + land * (ground - sky) + (0.03 + 0.09 * land) * cloud[:, None]
    width = views["distance"].astype(np.float32)[:, None, None] * 2 / samples
    pole = np.maximum(abs(grid[..., 0]) - 0.06, -grid[..., 1])
    cover = np.clip(0.5 - pole / width, 0, 1)[:, None]
    return np.asarray(np.clip(scene + cover * (0.5 - scene), 0, 1), np.float32)


# ---------------------------------------------------------------- before the sign


def _between(
    views: Views, grid: Floats, gain: Floats, samples: int
) -> tuple[Floats, Floats]:
    """What leaves and fog and weather let through, and what they add."""

    def shaped(values: Floats) -> Floats:
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
            through, added = (
                (1 - drops) * through,
                (1 - drops) * added + drops * bright * day,
            )
    return through, added


def _leaves(views: Views, grid: Floats) -> tuple[Floats, Floats]:
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


def _ranked(marks: Sequence[tuple[NDArray[np.bool_], int, int]], rng: Any) -> Floats:
    """For each place of a texture, the least amount of weather that reaches it."""
    rank = np.full((TEXTURE, TEXTURE), 2, np.float32)
    for stamp, row, column in marks:
        rows, columns = np.nonzero(stamp)
        at = (rows + row) % TEXTURE, (columns + column) % TEXTURE
        rank[at] = np.minimum(rank[at], rng.random())
    return rank


@cache
def _rain() -> Floats:
    """Slanting streaks, 2 wide and 20 to 40 long."""
    rng = np.random.default_rng(2)
    marks = []
    for row, column, length in rng.integers(
        [0, 0, 20], [TEXTURE, TEXTURE, 40], (260, 3)
    ):
        y, x = np.mgrid[:length, :16]
        marks.append((abs(x - 8 + y / 4 - 1) < 1.2, row, column))
    return _ranked(marks, rng)


@cache
def _snow() -> Floats:
    """Round flakes, 4 to 9 wide."""
    rng = np.random.default_rng(3)
    marks = []
    for row, column, width in rng.integers([0, 0, 4], [TEXTURE, TEXTURE, 9], (330, 3)):
        y, x = np.mgrid[:width, :width] - (width - 1) / 2
        marks.append((np.hypot(x, y) <= width / 2, row, column))
    return _ranked(marks, rng)


_WEATHER = (("rain", _rain, 0.85, 0.45), ("snow", _snow, 1.0, 0.85))
