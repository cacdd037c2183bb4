"""What does one step uphill do, and what do many?"""

from functools import partial
from typing import Protocol

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.evasion.losses import margin
from foible.domains import Count, Labels, Natural, Rows, Seed
from foible.models import Differentiable
from foible.search import Ball, ascend


class Evasion(Protocol):
    """Moves rows inside a ball so that a model goes wrong on them."""

    def __call__(
        self, model: Differentiable, X: Floats, y: Ints, /, *, ball: Ball, seed: int
    ) -> Floats:
        """Moved rows, ndarray of shape (n, d)."""


def fgsm(model: Differentiable, X: Rows, y: Labels, *, ball: Ball) -> Floats:
    """Rows after one step as large as is allowed [goodfellow2015explaining]."""

    def uphill(rows: Floats) -> Floats:
        return model.gradient(rows, y)

    return ascend(X, uphill, project=ball.around(X), step=ball.step(1), steps=1)


def pgd(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    steps: Count = 40,
    restarts: Natural = 0,
    seed: Seed,
) -> Floats:
    """Rows after steps uphill on the loss, kept inside the ball [madry2018towards].

    A step is 2.5 radii divided by the number of steps.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    restarts : int
        Climbs from random places, besides the one that begins at the rows themselves.
        Of all climbs, each row keeps the one that ends worst for the model.
    seed : int
        Of the random places; not used without restarts.

    Returns
    -------
    ndarray of shape (n, d)
    """
    random = np.random.default_rng(seed)
    climb = partial(
        ascend,
        gradient=lambda rows: model.gradient(rows, y),
        project=ball.around(X),
        step=ball.step(2.5 / steps),
        steps=steps,
    )
    worst = climb(X)
    for _ in range(restarts):
        other = climb(ball.drawn(X, random))
        worse = margin(model.logits(other), y) < margin(model.logits(worst), y)
        worst = np.where(worse[:, np.newaxis], other, worst)
    return worst
