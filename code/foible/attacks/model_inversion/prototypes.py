"""What does a class look like to the model?"""

import numpy as np
from scipy.ndimage import zoom

from foible import metrics, search
from foible.arrays import Floats, Ints, pieces
from foible.checks import fitting
from foible.data import Dataset
from foible.domains import Amount, Count, Image, Natural, Numbers, Seed
from foible.errors import BadInput
from foible.models import Differentiable
from foible.oracle import Oracle, scores_of

QUERIES = 40
"""Asked for each label at each step of `prototypes_asked`."""


def brush(image: Image | None, *, grid: Count = 8) -> Floats:
    """What the attacker paints with: a coarse grid of greys, blended between.

    Nobody believes in pictures whose every pixel is set by itself: on large images
    those please the model and look like noise. An image of the grid's own size is
    painted pixel by pixel.

    Parameters
    ----------
    image : tuple of two int
        Height and width, both the same; None, of rows that are no images, is refused.
    grid : int
        Greys along each side.

    Returns
    -------
    ndarray of shape (grid², height · width)
    """
    if image is None:
        raise BadInput("got rows of another kind; wanted images")
    greys = np.eye(grid**2).reshape(-1, grid, grid)
    scale = image[0] / grid
    fine = [zoom(g, scale, order=1, mode="nearest", grid_mode=True) for g in greys]
    return np.array(fine).reshape(grid**2, -1)


def prototypes(
    model: Differentiable,
    labels: Numbers,
    *,
    brush: Floats,
    steps: Natural = 200,
    size: Amount = 0.1,
) -> Floats:
    """For each label an image of which the model is sure [fredrikson2015model].

    It begins at black and follows the model's own gradient.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    brush : ndarray of shape (c, d)
        What is painted with; each of the c greys stays between 0 and 1.
    size : float
        Length of each of the `steps`.

    Returns
    -------
    ndarray of shape (n, d)
    """
    greys = search.ascend(
        np.zeros((len(labels), len(brush))),
        lambda greys: -model.gradient(greys @ brush, labels) @ brush.T,
        project=search.box(0, 1),
        step=search.unit(size),
        steps=steps,
    )
    return np.asarray(greys @ brush)


def prototypes_asked(
    oracle: Oracle,
    labels: Numbers,
    *,
    brush: Floats,
    steps: Natural = 100,
    reach: Amount = 0.1,
    size: Amount = 0.2,
    seed: Seed,
) -> Floats:
    """The same from answers only, for `QUERIES` queries a label and step.

    The gradient is measured: pairs of opposite steps in random directions, each weighed
    by how much surer of the label its one end makes the model than its other.

    Parameters
    ----------
    oracle : Oracle
        That answers with probabilities, or what a defence has left of them.
    labels, brush, steps, size
        As for `prototypes`; it begins at grey.
    reach : float
        How far to look. Where answers come in coarse steps one must look further.

    Memory: the pictures, and a few `arrays.CELLS`.
    """
    rng, pairs = np.random.default_rng(seed), QUERIES // 2

    def slope(greys: Floats) -> Floats:
        parts = pieces(len(greys), each=QUERIES * brush.shape[-1])
        return np.concatenate([some(greys[part], labels[part]) for part in parts])

    def some(greys: Floats, labels: Ints) -> Floats:
        way = rng.standard_normal((len(greys), pairs, len(brush)))
        ends = greys[:, None] + reach * np.concatenate([way, -way], axis=1)
        told = scores_of(oracle, ends.reshape(-1, len(brush)) @ brush)
        own = fitting(labels, (len(labels), told.shape[1]))[:, np.newaxis]
        each = np.arange(len(labels))[:, None], np.arange(QUERIES)
        chances = told.reshape(len(greys), QUERIES, -1)[*each, own]
        sure = np.log(np.maximum(chances, 1e-6))
        surer = sure[:, :pairs] - sure[:, pairs:]
        return np.asarray(np.sum(surer[:, :, np.newaxis] * way, axis=1))

    greys = search.ascend(
        np.full((len(labels), len(brush)), 0.5),
        slope,
        project=search.box(0, 1),
        step=search.unit(size),
        steps=steps,
    )
    return np.asarray(greys @ brush)


def nearest_likeness(images: Floats, labels: Numbers, rows: Dataset) -> Floats:
    """Likeness of each image to that row of its class which it resembles most."""
    alike = metrics.likeness(images, rows.X)
    return np.asarray(np.where(labels[:, None] == rows.y, alike, -1).max(axis=1))
