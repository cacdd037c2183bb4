"""How near is the boundary, if the model is taken for a plane at every step?"""

import numpy as np

from foible.arrays import Bools, Floats, Ints, likeliest
from foible.attacks.evasion.losses import rivals
from foible.checks import fitting
from foible.domains import Count, Labels, Rows, Seed
from foible.models import Differentiable
from foible.search import Ball

BEYOND = 1.05  # times the way to the plane, so as to end behind it
HOMEWARD = 0.1  # the largest share of a step that heads for the row itself
BACK = 0.9  # of its distance is left to a wrong row
BENDS = 10  # walls of the box that a way to a plane meets, one after the other


def fab(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    targets: Count = 9,
    steps: Count = 100,
    seed: Seed,
) -> Floats:
    """The nearest wrong rows along planes in place of the boundary [croce2020fab].

    Towards each of the likeliest wrong classes in turn, each step goes to the plane
    that the slope draws where two scores would be equal, and a little towards where
    that plane is nearest to the row itself; a wrong row is kept if it is nearer, and
    taken back towards its own. The radius decides only what is found in the end. For
    `targets` see `targeted`; the other arguments are as for `pgd`, and the seed is not
    used.

    Returns
    -------
    ndarray of shape (n, d)
        The nearest wrong rows inside the ball. A row without one, or that is wrong
        already, is left alone.
    """
    scores, best = model.logits(X), np.array(X)
    y = fitting(y, scores.shape)
    radius = np.broadcast_to(np.asarray(ball.radius, float), (len(X), 1))[:, 0]
    left = np.flatnonzero(likeliest(scores) == y)
    for target in rivals(scores, y).T[:targets]:
        if left.size:
            own = model, X[left], y[left], target[left]
            found, far = _found(*own, ball=ball, steps=steps)
            inside = far <= radius[left]
            best[left[inside]], left = found[inside], left[~inside]
    return best


def _found(
    model: Differentiable, X: Floats, y: Ints, target: Ints, *, ball: Ball, steps: int
) -> tuple[Floats, Floats]:
    """The nearest wrong rows (n, d) on the way to a target; how far, or infinity."""
    each, here = np.arange(len(X)), X
    best, least = X, np.full(len(X), np.inf)

    def ahead(logits: Floats) -> Floats:
        slope = np.zeros_like(logits)
        slope[each, target], slope[each, y] = 1, -1
        return slope

    for _ in range(steps):
        logits, slope = model.follow(here, ahead)
        rise = (logits[each, y] - logits[each, target])[:, np.newaxis]
        home = rise + (slope * (here - X)).sum(axis=1, keepdims=True)
        one, other = _way(here, slope, rise, ball), _way(X, slope, home, ball)
        far, further = (ball.spent(X, X + way)[:, np.newaxis] for way in (one, other))
        share = np.minimum(far / np.maximum(far + further, 1e-8), HOMEWARD)
        here, there = here + BEYOND * one, X + BEYOND * other
        here = np.clip(here + share * (there - here), ball.low, ball.high)
        wrong, far = likeliest(model.logits(here)) != y, ball.spent(X, here)
        nearer = wrong & (far < least)
        best, least = _chosen(nearer, here, best), np.where(nearer, far, least)
        here = _chosen(wrong, X + BACK * (here - X), here)
    return best, least


def _chosen(which: Bools, one: Floats, other: Floats) -> Floats:
    return np.where(which[:, np.newaxis], one, other)


def _way(X: Floats, slope: Floats, rise: Floats, ball: Ball) -> Floats:
    """The shortest change (n, d) inside the box that rises so much along a slope.

    Columns that have come to a wall leave the rest to the others. One that rises less
    goes as far as there is room.
    """
    way = np.sign(rise) * Ball(1, ball.norm).step(1)(slope)
    size, left, free = np.zeros_like(rise), abs(rise), np.ones_like(X, bool)
    for _ in range(BENDS):
        pace = abs((way * slope * free).sum(axis=1, keepdims=True))
        size = size + np.where(pace > 0, left / np.where(pace > 0, pace, 1), 0)
        there = X + size * way
        free = (ball.low < there) & (there < ball.high)
        change = np.clip(there, ball.low, ball.high) - X
        left = abs(rise) - abs((change * slope).sum(axis=1, keepdims=True))
    return np.asarray(change)
