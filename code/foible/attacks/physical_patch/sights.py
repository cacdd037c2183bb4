"""From where will the car look, and through what?"""

from dataclasses import replace

import numpy as np

from foible.domains import Count, Seed
from foible.road.views import Views, draw_views

FAR, NEAR = 1.7, 1.05  # distances at which an approach begins and ends


def farther(views: Views, *, seed: Seed) -> Views:
    """The same views from distances of 1.6 to 2, which `draw_views` never draws."""
    rng = np.random.default_rng(seed)
    return replace(views, distance=rng.uniform(1.6, 2, len(views)))


def through_another_camera(views: Views, *, seed: Seed) -> Views:
    """The same views through a worse lens, with more noise than `draw_views` draws."""
    rng = np.random.default_rng(seed)
    return replace(
        views,
        blur=rng.uniform(0.025, 0.04, len(views)),
        noise=rng.uniform(0.05, 0.1, len(views)),
    )


def approaches(count: Count, *, frames: Count, seed: Seed) -> Views:
    """So many drives towards a sign, as many pictures of each one after the other.

    Light and weather are those of the drive, the distance falls, the car swerves, and
    each picture has noise, drops and flakes of its own.

    Returns
    -------
    Views
        count · frames of them, drive by drive.
    """
    drives = draw_views(count, seed=seed).take(np.repeat(np.arange(count), frames))
    other = draw_views(count * frames, seed=seed + 1)
    swerve = {name: other[name] for name in ("rotation", "right", "down", "grain")}
    turn = drives["turn"] + other["turn"] / 7
    distance = np.tile(np.linspace(FAR, NEAR, frames), count)
    return replace(drives, distance=distance, turn=turn, **swerve)
