"""What does a view make of a sign: pose, optics, surroundings?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from foible.arrays import Floats, Reals
from foible.domains import Count
from foible.road.views import Views, centres
from foible.road.weather import behind, between

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
    behind, through, added : ndarray of shape (m, 3, s, s)
        What is seen where the sign is not, the share of the light that reaches the
        camera, and the light from what is in between.
    optics : ndarray of shape (m, size, s)
        Weight of each line of samples in each line of pixels.
    noise : ndarray of shape (m, 3, size, size)
        Added to the pixels.
    """

    grid: Reals
    behind: Reals
    through: Reals
    added: Reals
    optics: Reals
    noise: Reals


def scenes(views: Views, *, size: Count) -> Iterator[tuple[slice, Scene]]:
    """The scenes of all views, some at a time, each with the places of its views."""
    step = max(1, GROUP * 32**2 // size**2)
    for start in range(0, len(views), step):
        part = slice(start, start + step)
        yield part, _scene(views.take(part), size)


def _scene(views: Views, size: int) -> Scene:
    """Everything of some pictures but the sign, in float32."""
    samples = FINE * size
    grid = _grid(views, samples)
    backdrop = behind(views, grid, samples)
    gain = views["light"][:, None] * (1 + np.outer(views["warmth"], [1, 0, -1]))
    through, added = between(views, grid, gain, samples)
    grains, shape = map(np.random.default_rng, views["grain"]), (3, size, size)
    noise = np.stack([grain.standard_normal(shape, np.float32) for grain in grains])
    noise *= views["noise"].astype(np.float32)[:, None, None, None]
    optics = _optics(views["blur"], size)
    return Scene(grid, backdrop, through, added, optics, noise)


def _grid(views: Views, samples: int) -> Reals:
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
    line = centres(samples)
    back = np.linalg.inv(to_picture)[:, :, None, None, :]  # (m, 3, 1, 1, 3)
    across, along = back[..., 0] * line, back[..., 1] * line[:, None]
    x, y, near = np.moveaxis(across + along + back[..., 2], 1, 0)
    ahead = near > 1e-9  # the rest of the sign's plane is behind the camera
    near = np.where(ahead, near, 1)
    grid = np.stack([np.where(ahead, x / near, 9), np.where(ahead, y / near, 9)], -1)
    return np.asarray(np.clip(grid, -1e4, 1e4), np.float32)


def _turned(views: Views) -> Floats:
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


def _optics(blur: Floats, size: int) -> Reals:
    """Share of each sample in each pixel: its Gaussian spot, as far as it falls there.

    A spot is never sharper than a fifth of a pixel.
    """
    spot = np.maximum(2 * blur, 0.4 / size)[:, None, None]
    edges = 2 * np.arange(size + 1) / size - 1
    below = ndtr((edges[:, None] - centres(FINE * size)) / spot)
    shares = np.diff(below, axis=1)
    return np.asarray(shares / shares.sum(axis=2, keepdims=True), np.float32)
