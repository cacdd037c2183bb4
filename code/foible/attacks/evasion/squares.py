"""What does a random search find that may only ask for scores?"""

from math import prod

import numpy as np

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.attacks.evasion.losses import margin
from foible.checks import fitting
from foible.domains import Count, Image, Labels, Rows, Seed
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
    other to the edge, keeping what makes the right class lead less. In an L2 ball it
    begins with waves, and moves the length of what lies in one square to a wave in
    another. The squares shrink on a schedule made for 10,000 queries and compressed to
    the number allowed.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities or values.
    image : tuple of int
        Shape of a row that is seen as an image: (height, width) or (height, width, c).
    queries : int
        Most queries for one row; a row on which the model is wrong is left alone.
    """
    X = finite_rows(X, width=prod(image))
    random, (height, width, depth) = np.random.default_rng(seed), (*image, 1)[:3]
    shape = (len(X), height, width, depth)
    radius = np.broadcast_to(np.asarray(ball.radius, float), (len(X), 1))
    begin = _stripes if ball.norm == "Linf" else _tiles
    moved = ball.around(X)(X + radius * begin(shape, random).reshape(X.shape))
    low, high = ball.around(X)(X - radius), ball.around(X)(X + radius)
    told = oracle.ask(moved)
    y = fitting(y, told.shape)
    lead = margin(told, y)
    for query in range(1, queries):
        live = np.flatnonzero(lead > 0)
        if not live.size:
            break
        side = _side(query / queries, height * width, min(height, width))
        some, own, here = (len(live), *shape[1:]), radius[live], moved[live]
        if ball.norm == "Linf":
            marks = _squares(some, side, random).reshape(len(live), -1)
            tried = np.where(marks > 0, high[live], here)
            tried = np.where(marks < 0, low[live], tried)
        else:
            change = _exchanged((here - X[live]).reshape(some), own, side, random)
            project = ball.of(live).around(X[live])
            tried = project(X[live] + change.reshape(len(live), -1))
        now = margin(oracle.ask(tried), y[live])
        better = now < lead[live]
        moved[live[better]], lead[live[better]] = tried[better], now[better]
    return moved


def _side(spent: float, pixels: int, most: int) -> int:
    """Side of the squares once a share of the queries is spent."""
    passed = np.searchsorted(SHRINKS, spent)
    return int(np.clip(round(np.sqrt(0.8 / 2.0**passed * pixels)), 1, most))


def _stripes(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """Upright stripes, -1 or 1 in each colour."""
    n, _, width, depth = shape
    return random.choice([-1, 1], (n, 1, width, depth)) + np.zeros(shape)


def _squares(shape: tuple[int, ...], side: int, random: np.random.Generator) -> Floats:
    """A square in each image, -1 or 1 in each of its colours, and 0 around it."""
    n, height, width, depth = shape
    rows, columns = (
        _within(random.integers(0, length - side + 1, (n, 1)), side, length)
        for length in (height, width)
    )
    signs = random.choice([-1.0, 1.0], (n, 1, 1, depth))
    return signs * (rows[:, :, None] & columns[:, None])[..., np.newaxis]


def _tiles(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """Waves side by side, five each way, of length 1 in all."""
    n, height, width, depth = shape
    tiles, side = np.zeros(shape), max(1, min(height, width) // 5)
    for down in range((height % side) // 2, height - side + 1, side):
        for right in range((width % side) // 2, width - side + 1, side):
            tile = tiles[:, down : down + side, right : right + side]
            tile += _wave(side, random) * random.choice([-1.0, 1.0], (n, 1, 1, depth))
    return np.asarray(tiles / np.sqrt(_squared(tiles))[:, None, None, None])


def _exchanged(
    change: Floats, radius: Floats, side: int, random: np.random.Generator
) -> Floats:
    """Changes (n, height, width, c) of length `radius`, one square given to another.

    What is left of the radius goes to the other square as well.
    """
    n, height, width, depth = change.shape
    side = min(max(side, 3) | 1, height, width)
    ends = [height - side + 1, width - side + 1]
    (down, right), (below, beside) = random.integers(0, ends, (2, 2))
    into = np.s_[:, down : down + side, right : right + side]
    out = np.s_[:, below : below + side, beside : beside + side]
    inside = np.zeros_like(change)
    inside[into], inside[out] = change[into], change[out]
    spare = np.maximum(radius[:, 0] ** 2 - _squared(change), 0) / depth
    length = np.sqrt(spare + _squared(inside))[:, None, None, None]
    new = _wave(side, random) * random.choice([-1.0, 1.0], (n, 1, 1, depth))
    new = new + _flat(change[into])
    moved = change.copy()
    moved[out] = 0
    moved[into] = length * _flat(new)
    size = np.sqrt(_squared(moved))[:, None, None, None]
    return np.asarray(moved / np.maximum(size, 1e-12) * radius[:, :, None, None])


def _squared(change: Floats) -> Floats:
    return np.asarray((change**2).sum(axis=(1, 2, 3)))


def _flat(squares: Floats) -> Floats:
    """Squares (n, s, s, c) of length 1 in each colour."""
    length = np.linalg.norm(squares, axis=(1, 2), keepdims=True)
    return np.asarray(squares / np.maximum(length, 1e-12))


def _wave(side: int, random: np.random.Generator) -> Floats:
    """A hill beside a hollow, (1, side, side, 1), of length 1, either way up."""
    half = side // 2
    wave = np.concatenate([_hill(half, side), -_hill(side - half, side)])
    wave /= np.linalg.norm(wave)
    turned = wave.T if random.random() > 0.5 else wave
    return np.asarray(turned[np.newaxis, :, :, np.newaxis])


def _hill(height: int, width: int) -> Floats:
    """Rectangles on top of each other, each lower and wider, of length 1."""
    hill = np.zeros((height, width))
    for step in range(max(height, width) // 2 + 1):
        down, right = height // 2 - step, width // 2 - step
        across = 2 * step + 1
        hill[max(down, 0) : down + across, max(right, 0) : right + across] += (
            1 / (step + 1) ** 2
        )
    return hill / max(float(np.linalg.norm(hill)), 1e-12)


def _within(start: Ints, side: int, length: int) -> Bools:
    """Which of `length` places lie at most `side` from each start, (n, length)."""
    place = np.arange(length)
    return (place >= start) & (place < start + side)
