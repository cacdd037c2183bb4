"""What do a sensor, a lens, a file and the light do to a picture?

Each change takes pictures (n, height, width, colours) with pixels in 0..1, a strength
from 0, nothing, to 5, and a generator, and gives pictures of the same shape, before
they are clipped. Lengths go with the width, so that a strength means the same on a
small picture and on a large one.
"""

import numpy as np
from scipy import fft, ndimage

from foible.arrays import Floats
from foible.domains import Amount, Pictures

BLOCK = 8  # pixels, as in JPEG
SPOT = 0.25  # radius of a glare, as a share of the width

# ---------------------------------------------------------------- grain


def noise(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """Gaussian noise of standard deviation 0.1 × strength."""
    return pictures + 0.1 * strength * rng.standard_normal(pictures.shape)


def specks(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """Five in a hundred pixels, times strength, are black or white."""
    drawn = rng.random((*pictures.shape[:3], 1)) / (0.05 * strength + 1e-12)
    return np.where(drawn < 1, (drawn < 0.5) * 1.0, pictures)


def dead_columns(
    pictures: Pictures, strength: Amount, rng: np.random.Generator
) -> Floats:
    """Seven in a hundred columns of the sensor, times strength, say nought."""
    n, _, width, _ = pictures.shape
    return pictures * (rng.random((n, 1, width, 1)) >= 0.07 * strength)


# ---------------------------------------------------------------- detail


def blur(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """A Gaussian blur of 0.03 widths, times strength."""
    sigma = 0.03 * strength * pictures.shape[2]
    return np.asarray(ndimage.gaussian_filter(pictures, (0, sigma, sigma, 0)))


def compression(
    pictures: Pictures, strength: Amount, rng: np.random.Generator
) -> Floats:
    """Waves of 8 × 8 blocks, rounded, the finer the more coarsely, as in JPEG."""
    if not strength:
        return pictures
    n, height, width, colours = pictures.shape
    margins = [(0, 0), (0, -height % BLOCK), (0, -width % BLOCK), (0, 0)]
    padded = np.pad(pictures, margins, mode="edge")
    down, across = padded.shape[1] // BLOCK, padded.shape[2] // BLOCK
    blocks = padded.reshape(n, down, BLOCK, across, BLOCK, colours)
    step = 0.06 * strength * (1 + np.add.outer(np.arange(BLOCK), np.arange(BLOCK)))
    step = step[:, np.newaxis, :, np.newaxis]
    waves = fft.dctn(blocks, axes=(2, 4), norm="ortho")
    rounded = fft.idctn(np.round(waves / step) * step, axes=(2, 4), norm="ortho")
    return np.asarray(rounded.reshape(padded.shape)[:, :height, :width])


# ---------------------------------------------------------------- light


def fog(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """0.15 × strength of the light comes from bright, cloudy air."""
    coarse = rng.random((len(pictures), 3, 3, 1))
    height, width = pictures.shape[1:3]
    cloud = ndimage.zoom(coarse, (1, height / 3, width / 3, 1), order=1)
    share = 0.15 * strength * (0.7 + 0.5 * cloud)
    return np.asarray((1 - share) * pictures + share * 0.8)


def dusk(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """0.17 × strength less contrast, around each picture's mean."""
    mean = pictures.mean(axis=(1, 2, 3), keepdims=True)
    return np.asarray(mean + (1 - 0.17 * strength) * (pictures - mean))


def glare(pictures: Pictures, strength: Amount, rng: np.random.Generator) -> Floats:
    """A bright spot of 0.3 × strength in the middle, somewhere in the picture."""
    n, height, width, _ = pictures.shape
    row, column = rng.random((2, n, 1, 1))
    y, x = np.mgrid[:height, :width] + 0.5
    far = np.hypot(y / height - row, x / width - column) / SPOT
    return np.asarray(pictures + 0.3 * strength * np.exp(-(far**2))[..., np.newaxis])
