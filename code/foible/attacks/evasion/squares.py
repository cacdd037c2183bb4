"""What does a random search find that may only ask for scores?"""

from math import prod

import numpy as np

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.attacks.evasion.losses import margin
from foible.checks import fitting
from foible.domains import Count, Image, Labels, Rows, Seed
from foible.errors import BadInput
from foible.oracle import Oracle
from foible.search import Ball

SHRINKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
"""Shares of the queries after which the squares of `square` halve."""


def square(
    oracle: Oracle,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    image: Image,
    queries: Count = 1000,
    seed: Seed,
) -> Floats:
    """Rows after a random search over squares of pixels [andriushchenko2020square].

    It begins with stripes at the edge of the ball, and then sets one square after the
    other to the edge, keeping what makes the right class lead less. The squares shrink
    on a schedule made for 10,000 queries and compressed to the number allowed.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities or values.
    image : tuple of int
        Shape of a row that is seen as an image: (height, width) or (height, width, c).
    queries : int
        Most queries for one row; a row on which the model is wrong is left alone.

    BadInput: a ball of another norm than Linf.
    """
    if ball.norm != "Linf":
        raise BadInput(f"got a ball of the norm {ball.norm}; square wants Linf")
    X = finite_rows(X, width=prod(image))
    random, (height, width, depth) = np.random.default_rng(seed), (*image, 1)[:3]
    shape = (len(X), height, width, depth)
    radius = np.broadcast_to(np.asarray(ball.radius), (len(X), 1))
    stripes = random.choice([-1, 1], (len(X), 1, width, depth)) + np.zeros(shape)
    moved = ball.around(X)(X + radius * stripes.reshape(X.shape))
    told = oracle.ask(moved)
    y = fitting(y, told.shape)
    lead = margin(told, y)
    for query in range(1, queries):
        live = np.flatnonzero(lead > 0)
        if not live.size:
            break
        side = _side(query / queries, height * width, min(height, width))
        marks = _squares((len(live), *shape[1:]), side, random).reshape(len(live), -1)
        edge = ball.of(live).around(X[live])(X[live] + radius[live] * marks)
        tried = np.where(marks == 0, moved[live], edge)
        now = margin(oracle.ask(tried), y[live])
        better = now < lead[live]
        moved[live[better]], lead[live[better]] = tried[better], now[better]
    return moved


def _side(spent: float, pixels: int, most: int) -> int:
    """Side of the squares once a share of the queries is spent."""
    passed = np.searchsorted(SHRINKS, spent)
    return int(np.clip(round(np.sqrt(0.8 / 2.0**passed * pixels)), 1, most))


def _squares(shape: tuple[int, ...], side: int, random: np.random.Generator) -> Floats:
    """A square in each image, -1 or 1 in each of its colours, and 0 around it."""
    n, height, width, depth = shape
    rows, columns = (
        _within(random.integers(0, length - side + 1, (n, 1)), side, length)
        for length in (height, width)
    )
    signs = random.choice([-1.0, 1.0], (n, 1, 1, depth))
    return signs * (rows[:, :, None] & columns[:, None])[..., np.newaxis]


def _within(start: Ints, side: int, length: int) -> Bools:
    """Which of `length` places lie at most `side` from each start, (n, length)."""
    place = np.arange(length)
    return (place >= start) & (place < start + side)
