"""What do logits tell of a network: how wide is it, and what are its weights?"""

from collections.abc import Callable

import numpy as np

from foible.arrays import Floats, finite_rows, scale, with_one
from foible.errors import BadInput
from foible.models import Network, unscaled
from foible.oracle import Oracle, Transport

REACH = 50.0  # how far along a line kinks are looked for, in spreads of the rows
QUIET = 3  # lines without a new kink after which all are taken to be found
STRAIGHT = 1e-9  # relative error below which a guess on a straight piece is right
LEAST = 1e-6  # smaller changes of slope, relative to it, are rounding
FINEST = 1e-7  # shorter steps than this drown in rounding
NEAR = 1e-4  # closer to a known plane than this, in spreads, is on it
LONE = 1e-6  # second singular value over the first, where one unit alone switches


def hidden_width(answers: Floats) -> tuple[int, float]:
    """Width of a network's last hidden layer, from its logits [carlini2024stealing].

    Logits (n, k), or log-probabilities, are a linear map of the hidden units, so many
    of them span no more dimensions than there are units that ever switch on: fewer than
    there are classes, or there is nothing to see.

    Returns
    -------
    width : int
        Where the singular values break off.
    gap : float
        By what factor they do. Near 1, or 10, it means nothing: all k are in use.
    """
    answers = finite_rows(answers)
    if min(answers.shape) < 2:
        raise BadInput(f"got logits of shape {answers.shape}; wanted 2 rows, 2 classes")
    centred = answers - answers.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    drops = sizes[:-1] / np.maximum(sizes[1:], np.finfo(float).tiny)
    width = int(np.argmax(drops)) + 1
    return width, float(drops[width - 1])


def log_odds(transport: Transport) -> Transport:
    """Logits up to a shift, from probabilities: what `by_kinks` can work with."""

    def answered(X: Floats) -> Floats:
        logs = np.log(np.maximum(transport(X), np.finfo(float).tiny))
        return np.asarray(logs - logs[:, :1])

    return answered


def by_kinks(oracle: Oracle, rows: Floats, *, seed: int) -> Network:
    """A network of one hidden layer, exact up to rounding [carlini2020cryptanalytic].

    Between kinks the logits are straight. Along a line, two straight pieces meet where
    a unit switches; there the slopes on the two sides differ by that unit's weights, up
    to a factor [jagielski2020high]. With all units known the rest is linear, and least
    squares settles it. The copy computes the same function with other weights.

    Parameters
    ----------
    oracle : Oracle
        Knows of one hidden layer with ReLU, of any width; answers with values (logits).
        Where no line has a kink it is BadInput.
    rows : ndarray of shape (n, d)
        Rows of the attacker's own, for centre and spread of each column.
    seed : int
        Of the lines.
    """
    rng, (centre, spread) = np.random.default_rng(seed), scale(finite_rows(rows))

    def told(Z: Floats) -> Floats:
        return oracle.ask(centre + spread * Z)

    d, quiet = rows.shape[1], 0
    planes = np.empty((0, d + 1))
    while quiet < QUIET:
        start, way = rng.normal(size=(2, d))
        quiet += 1
        for at in _kinks(lambda t: told(start + np.outer(t, way)), -REACH, REACH):  # noqa: B023
            place = start + at * way
            near = NEAR * (1 + np.linalg.norm(place))
            known = (abs(planes @ np.append(place, 1)) < near).any()
            plane = None if known else _plane(told, place, way)
            if plane is not None:
                planes, quiet = np.vstack([planes, plane]), 0
    if not len(planes):
        raise BadInput("got logits without a kink; wanted a network: use by_equations")
    return unscaled(_assembled(told, planes, rng), centre, spread)


def _kinks(line: Callable[[Floats], Floats], low: float, high: float) -> list[float]:
    """Where a piecewise straight function of one number bends, between two ends."""
    found, rest = [], [(low, high)]
    while rest:
        low, high = rest.pop()
        step = (high - low) / 1000
        told = line(np.array([low, low + step, high - step, high]))
        slopes = (told[1] - told[0]) / step, (told[3] - told[2]) / step
        turn = slopes[1] - slopes[0]
        size = np.linalg.norm(turn)
        if step < FINEST or size < LEAST * (1 + np.linalg.norm(slopes)):
            continue
        gap = (told[0] - slopes[0] * low) - (told[3] - slopes[1] * high)
        at = float(gap @ turn / size**2)
        if low < at < high:
            guess = told[0] + slopes[0] * (at - low)
            off = np.abs(line(np.array([at]))[0] - guess).max()
            if off < STRAIGHT * np.abs(told).max():
                found.append(at)
                continue
        rest += [(low, (low + high) / 2), ((low + high) / 2, high)]
    return found


def _plane(told: Transport, place: Floats, way: Floats) -> Floats | None:
    """Weights and bias, of length 1, of the unit that switches at a place.

    The slopes before and after differ by a matrix of rank one. Where they do not,
    another unit switches too near: None.
    """
    for step in (1e-3, 1e-4, 1e-5):
        slopes = [_slope(told, place + s * step * way, step / 30) for s in (-1, 1)]
        _, sizes, axes = np.linalg.svd(slopes[1] - slopes[0])
        if sizes[1] < LONE * sizes[0]:
            return _centred(told, axes[0], -float(axes[0] @ place))
    return None


def _centred(told: Transport, normal: Floats, offset: float) -> Floats:
    """A plane whose offset is measured once more, where it is nearest to the origin.

    Far out a small error of the direction is a large one of the offset. The search is
    lopsided, so that halving it does not cut where the kink is expected.
    """
    foot = -offset * normal
    again = _kinks(lambda t: told(foot + np.outer(t, normal)), -1.3e-3, 1e-3)
    return np.append(normal, offset - min(again, key=abs, default=0.0))


def _slope(told: Transport, place: Floats, step: float) -> Floats:
    """Slope of each logit along each column, ndarray of shape (k, d)."""
    answers = told(np.vstack([place, place + step * np.eye(len(place))]))
    return np.asarray((answers[1:] - answers[0]).T / step)


def _assembled(told: Transport, planes: Floats, rng: np.random.Generator) -> Network:
    """The network whose units switch on these planes."""
    h, d = len(planes), planes.shape[1] - 1
    normals, offsets = planes[:, :-1], planes[:, -1]
    count = -(-2 * (h + d + 1) // h)
    feet = np.repeat(-offsets[:, np.newaxis] * normals, count, axis=0)
    Z = feet + rng.normal(size=feet.shape)
    terms = np.hstack([np.abs(Z @ normals.T + offsets), with_one(Z)])
    solved = np.linalg.lstsq(terms, told(Z), rcond=None)[0]
    bends, straight, bias = solved[:h], solved[h:-1], solved[-1]
    k = len(bias)
    weight = np.hstack([normals.T, -normals.T, straight, -straight])
    first = np.concatenate([offsets, -offsets, np.zeros(2 * k)])
    last = np.vstack([bends, bends, np.eye(k), -np.eye(k)])
    return Network(((weight, first), (last, bias)))
