"""What does the camera see, and how should an artwork change for it to see more?"""

from dataclasses import fields

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from foible.arrays import Floats
from foible.domains import Count
from foible.errors import BadInput
from foible.road.camera import checked_artworks
from foible.road.scene import Scene, scenes
from foible.road.views import Views


def through_camera(artworks: ArrayLike, views: Views, *, size: Count = 32) -> Floats:
    """What `road.camera.photograph` shows, made so that it can be differentiated.

    Parameters
    ----------
    artworks : array_like of shape (h, w, 4) or (n, h, w, 4)
        One for all n views, or one for each.
    views, size
        As for `road.camera.photograph`.

    Returns
    -------
    ndarray of shape (n, size, size, 3)
    """
    sheets = torch.tensor(checked_artworks(artworks, len(views)))
    pictures = [
        _developed(_of(sheets, part), scene) for part, scene in scenes(views, size=size)
    ]
    return np.asarray(torch.cat(pictures).numpy())


def camera_backward(
    artworks: ArrayLike, views: Views, slope: ArrayLike, *, size: Count = 32
) -> Floats:
    """How artworks should change for the pictures of them to move along `slope`.

    With one artwork for all views this is the sum over the views: the direction that
    an attacker climbs who wants a sticker to work from all of them
    [athalye2018synthesizing].

    Parameters
    ----------
    artworks, views, size
        As for `through_camera`.
    slope : array_like of shape (n, size, size, 3) or (n, d)
        One number for each pixel of the pictures, as from a network's `backward`; any
        other number of them is BadInput.

    Returns
    -------
    ndarray of the shape of `artworks`
        Also by the opacity, which is the last of the four.
    """
    sheets = torch.tensor(checked_artworks(artworks, len(views)), requires_grad=True)
    wanted = torch.tensor(np.asarray(slope, np.float64))
    if wanted.numel() != len(views) * size * size * 3 or len(wanted) != len(views):
        raise BadInput(
            f"got a slope of shape {tuple(wanted.shape)}; wanted "
            f"({len(views)}, {size}, {size}, 3)"
        )
    wanted = wanted.view(-1, size, size, 3)
    total = torch.zeros_like(sheets)
    for part, scene in scenes(views, size=size):
        pictures = _developed(_of(sheets, part), scene)
        total += torch.autograd.grad(pictures, sheets, wanted[part])[0]
    return np.asarray(total.numpy())


def _of(sheets: Tensor, part: slice) -> Tensor:
    return sheets if sheets.ndim == 3 else sheets[part]


def _developed(sheets: Tensor, scene: Scene) -> Tensor:
    """Pictures (m, size, size, 3), float64, as `Scene` says they come about."""
    grid, behind, through, added, optics, noise = (
        torch.from_numpy(getattr(scene, part.name)).double() for part in fields(scene)
    )
    colour, opacity = sheets[..., :3], sheets[..., 3:]
    solid = torch.cat([colour * opacity, opacity], -1).movedim(-1, -3)
    solid = solid.expand(len(grid), *solid.shape[-3:])
    seen = torch.nn.functional.grid_sample(solid, grid, align_corners=False)
    light = through * (seen[:, :3] + (1 - seen[:, 3:]) * behind) + added
    pixels = optics[:, None] @ light @ optics[:, None].mT + noise
    return pixels.clamp(0, 1).movedim(1, -1)
