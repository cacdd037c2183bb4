"""What does a car's camera see of a flat sign, from where, in which weather?

A view is one way to look at a sign: pose, light, optics, weather, background. The
camera shows an artwork (see `foible.road.signs`), perhaps with a sticker on it, from a
view, and nothing of the picture is left to chance: the same view gives the same pixels.
So an attack on the sign can be judged over a stated distribution of views.

Picture coordinates run from -1 to 1, x to the right and y down.
"""

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats, Reals
from foible.domains import Count
from foible.errors import BadInput
from foible.road.scene import Scene, scenes
from foible.road.views import Views


def photograph(artworks: ArrayLike, views: Views, *, size: Count = 32) -> Floats:
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
    """
    sheets = checked_artworks(artworks, len(views)).astype(np.float32)
    pictures = np.empty((len(views), size, size, 3))
    for part, scene in scenes(views, size=size):
        own = sheets if sheets.ndim == 3 else sheets[part]
        pictures[part] = _exposed(own, scene).transpose(0, 2, 3, 1)
    return pictures


def checked_artworks(artworks: ArrayLike, n: int) -> Floats:
    """Artworks (h, w, 4) or (n, h, w, 4), 0 to 1, if n views can show them."""
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


def _exposed(sheets: Reals, scene: Scene) -> Reals:
    """Pictures (m, 3, size, size) of artworks (h, w, 4) or (m, h, w, 4)."""
    seen = _sampled(sheets, scene.grid)
    colour, opacity = seen[:, :3], seen[:, 3:]
    light = scene.through * (colour + (1 - opacity) * scene.behind) + scene.added
    optics = scene.optics[:, np.newaxis]
    pixels = optics @ light @ optics.transpose(0, 1, 3, 2)
    return np.clip(pixels + scene.noise, 0, 1)


def _sampled(sheets: Reals, grid: Reals) -> Reals:
    """Colour times opacity, and opacity, at each sample: (m, 4, s, s), bilinear."""
    h, w = sheets.shape[-3:-1]
    opacity = sheets[..., 3:]
    solid = np.concatenate([sheets[..., :3] * opacity, opacity], axis=-1)
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
