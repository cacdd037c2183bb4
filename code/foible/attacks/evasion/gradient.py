"""What does one step uphill do, and what do many?"""

from functools import partial
from typing import Protocol

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.evasion.losses import margin
from foible.domains import Count, Labels, Natural, Rows, Seed
from foible.errors import BadInput
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
    target: Labels | None = None,
    seed: Seed,
) -> Floats:
    """Rows after steps uphill on the loss, kept inside the ball [madry2018towards].

    A step is 2.5 radii divided by the number of steps. With a target the steps are
    downhill on the loss of that label.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    restarts : int
        Climbs from random places, besides the one that begins at the rows themselves.
        Of all climbs, each row keeps the one that ends worst for the model; with a
        target, the one whose target leads most.
    target : ndarray of shape (n,), optional
        The labels to get to, each another than in `y`.
    seed : int
        Of the random places; not used without restarts.

    Returns
    -------
    ndarray of shape (n, d)

    BadInput: a target that is the label to get away from.
    """
    random, sign, aim = np.random.default_rng(seed), 1.0, y
    if target is not None:
        sign, aim = -1.0, target
        if same := int((target == y).sum()):
            raise BadInput(
                f"got {same} targets that are the label to get away from; wanted others"
            )
    climb = partial(
        ascend,
        gradient=lambda rows: sign * model.gradient(rows, aim),
        project=ball.around(X),
        step=ball.step(2.5 / steps),
        steps=steps,
    )
    worst = climb(X)
    for _ in range(restarts):
        other = climb(ball.drawn(X, random))
        now, then = (sign * margin(model.logits(at), aim) for at in (other, worst))
        worse = now < then
        worst = np.where(worse[:, np.newaxis], other, worst)
    return worst
