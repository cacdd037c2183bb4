"""What do logits tell of a network: how wide is it, and what are its weights?"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from foible.arrays import Bools, Floats, finite_rows, scale, with_one
from foible.domains import Seed
from foible.errors import BadInput
from foible.models import Network, unscaled
from foible.oracle import Oracle, Transport

REACH = 50.0  # how far along a line kinks are looked for, in spreads of the rows
QUIET = 3  # lines without a new kink after which all are taken to be found
QUIET_INSIDE = 150  # the same in a box, where lines are shorter
STEP = 0.1  # spread of the rows around a point of a plane, in a box
INSIDE = 0.99  # of a box, so that the small steps around a kink stay in it
STRAIGHT = 1e-9  # relative error below which a guess on a straight piece is right
LEAST = 1e-6  # smaller changes of slope, relative to it, are rounding
FINEST = 1e-7  # shorter steps than this drown in rounding
NEAR = 1e-4  # closer to a known plane than this, in spreads, is on it
BENT = 50  # stretches of a line that may be too short to tell, and most of its kinks
SHORT = 1e-4  # of a line: straight for no longer, it may as well be round
CROSSED = 8  # so many known planes on a line tell whether they are planes
EXACT = 1e-6  # largest relative error of the copy where it was asked
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
    if len(answers) < 3 or answers.shape[1] < 2:
        raise BadInput(f"got logits of shape {answers.shape}; wanted 3 rows, 2 classes")
    centred = answers - answers.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)[: len(answers) - 1]  # centred
    drops = sizes[:-1] / np.maximum(sizes[1:], np.finfo(float).tiny)
    width = int(np.argmax(drops)) + 1
    return width, float(drops[width - 1])


def log_odds(transport: Transport) -> Transport:
    """Logits up to a shift, from probabilities: what `by_kinks` can work with."""

    def answered(X: Floats) -> Floats:
        logs = np.log(np.maximum(transport(X), np.finfo(float).tiny))
        return np.asarray(logs - logs[:, :1])

    return answered


def by_kinks(
    oracle: Oracle,
    rows: Floats,
    *,
    box: tuple[Floats, Floats] | None = None,
    seed: Seed,
) -> Network:
    """A network of one hidden layer, exact up to rounding [carlini2020cryptanalytic].

    Between kinks the logits are straight. Along a line, two straight pieces meet where
    a unit switches; there the slopes on the two sides differ by that unit's weights, up
    to a factor [jagielski2020high]. With all units known the rest is linear, and least
    squares settles it. The copy computes the same function with other weights.

    Parameters
    ----------
    oracle : Oracle
        Knows of one hidden layer with ReLU, of any width; answers with values (logits)
        in float64.
    rows : ndarray of shape (n, d)
        Rows of the attacker's own, for centre and spread of each column.
    box : tuple of two ndarrays of shape (d,), optional
        Least and greatest number of each column that may be asked: lines then run from
        an own row to another, or to a corner. A unit that never switches in the box is
        not found, and not missed there; one that hardly does may be missed.
    seed : int
        Of the lines.

    BadInput: answers that no network of one hidden layer gives. Where no line has a
    kink, or a line is nowhere straight, as of float32, some thousand questions tell;
    where planes end, as of a deeper network, those to a line or two. What else does not
    fit the copy, by more than `EXACT`, is refused at the end.
    """
    rng, search = np.random.default_rng(seed), _search(oracle, rows, box)
    d, quiet = rows.shape[1], 0
    planes, feet = np.empty((0, d + 1)), np.empty((0, d))
    while quiet < search.quiet:
        start, way = search.line(rng)
        quiet += 1
        crossed = _crossed(planes, start, way, search.ends)
        met = np.zeros(len(planes), bool)
        for at in _kinks(lambda t: search.told(start + np.outer(t, way)), *search.ends):  # noqa: B023
            place = start + at * way
            near = NEAR * (1 + np.linalg.norm(place))
            known = abs(planes @ np.append(place, 1)) < near
            met |= known[: len(met)]
            found = None if known.any() else _plane(search, place, way)
            if found is not None:
                planes, quiet = np.vstack([planes, found[0]]), 0
                feet = np.vstack([feet, found[1]])
        if crossed.sum() >= CROSSED and met[crossed].mean() < 0.7:
            raise BadInput(
                f"got kinks on {met[crossed].sum()} of the {crossed.sum()} planes that "
                "a line crosses; wanted a network of one hidden layer, not a deeper one"
            )
    if not len(planes):
        raise BadInput("got logits without a kink; wanted a network: use by_equations")
    copy = _assembled(search, planes, feet, rng)
    return unscaled(copy, search.centre, search.spread)


def _crossed(
    planes: Floats, start: Floats, way: Floats, ends: tuple[float, float]
) -> Bools:
    """Which planes a line crosses, (h,)."""
    steep = planes[:, :-1] @ way
    at = -(planes @ np.append(start, 1)) / np.where(steep, steep, np.inf)
    return np.asarray((at > ends[0]) & (at < ends[1]) & (steep != 0))


class _Search(NamedTuple):
    """Where kinks are looked for, in columns that are shifted and scaled."""

    told: Transport
    centre: Floats
    spread: Floats
    line: Callable[[np.random.Generator], tuple[Floats, Floats]]  # start, and way
    ends: tuple[float, float]  # of each line, in ways
    edge: float  # greatest number in any column
    step: float  # spread of the rows that are asked around a point of each plane
    quiet: int  # lines without a new kink after which all are taken to be found


def _search(oracle: Oracle, rows: Floats, box: tuple[Floats, Floats] | None) -> _Search:
    rows = finite_rows(rows)
    centre, spread = scale(rows)
    if box is not None:
        low, high = box
        if not np.shape(low) == np.shape(high) == rows.shape[1:] or (low >= high).any():
            raise BadInput("got no box; wanted low below high for each column")
        centre, spread = (low + high) / 2, (high - low) / 2
    inner = np.clip((rows - centre) / spread, -INSIDE, INSIDE)

    def told(Z: Floats) -> Floats:
        return oracle.ask(centre + spread * Z)

    def anywhere(rng: np.random.Generator) -> tuple[Floats, Floats]:
        start, way = rng.normal(size=(2, len(centre)))
        return start, way

    def inside(rng: np.random.Generator) -> tuple[Floats, Floats]:
        start = inner[rng.integers(len(inner))]
        corner = INSIDE * rng.choice([-1.0, 1.0], size=len(centre))
        end = corner if rng.random() < 0.5 else inner[rng.integers(len(inner))]
        return start, end - start

    if box is None:
        return _Search(
            told, centre, spread, anywhere, (-REACH, REACH), np.inf, 1, QUIET
        )
    return _Search(told, centre, spread, inside, (0, 1), INSIDE, STEP, QUIET_INSIDE)


def _kinks(line: Callable[[Floats], Floats], low: float, high: float) -> list[float]:
    """Where a piecewise straight function of one number bends, between two ends.

    BadInput: it is straight on too few pieces.
    """
    found: list[float] = []
    rest, lost, short = [(low, high)], 0, SHORT * (high - low)
    while rest:
        if lost > BENT + 0.9 * len(found):
            raise BadInput(
                "got answers that are straight on no piece of a line; wanted those of "
                "a network with ReLU, in float64 and not rounded"
            )
        low, high = rest.pop()
        step = (high - low) / 1000
        told = line(np.array([low, low + step, high - step, high]))
        slopes = (told[1] - told[0]) / step, (told[3] - told[2]) / step
        turn = slopes[1] - slopes[0]
        size = np.linalg.norm(turn)
        if size < LEAST * (1 + np.linalg.norm(slopes)):
            continue
        if step < FINEST:
            lost += 1
            continue
        gap = (told[0] - slopes[0] * low) - (told[3] - slopes[1] * high)
        at = float(gap @ turn / size**2)
        if low < at < high:
            ends = told[0] + slopes[0] * (at - low), told[3] + slopes[1] * (at - high)
            off = np.abs(line(np.array([at]))[0] - ends).max()
            if off < STRAIGHT * np.abs(told).max():
                found.append(at)
                lost += high - low < short
                continue
        rest += [(low, (low + high) / 2), ((low + high) / 2, high)]
    return found


def _plane(search: _Search, place: Floats, way: Floats) -> tuple[Floats, Floats] | None:
    """Weights and bias, of length 1, of the unit that switches at a place.

    The slopes before and after differ by a matrix of rank one. Where they do not,
    another unit switches too near: None.
    """
    for step in (1e-3, 1e-4, 1e-5):
        slopes = [
            _slope(search.told, place + s * step * way, step / 30) for s in (-1, 1)
        ]
        _, sizes, axes = np.linalg.svd(slopes[1] - slopes[0], full_matrices=False)
        if sizes[1] < LONE * sizes[0]:
            return _centred(search, axes[0], place)
    return None


def _centred(search: _Search, normal: Floats, place: Floats) -> tuple[Floats, Floats]:
    """A plane whose offset is measured once more, and a point of it.

    Far out a small error of the direction is a large one of the offset, so it is
    measured where the plane is nearest to the origin, if one may ask there. The search
    is lopsided, so that halving it does not cut where the kink is expected.
    """
    nearest = (normal @ place) * normal
    foot = nearest if np.abs(nearest).max() < search.edge else place
    again = _kinks(lambda t: search.told(foot + np.outer(t, normal)), -1.3e-3, 1e-3)
    off = min(again, key=abs, default=0.0)
    return np.append(normal, -normal @ foot - off), foot


def _slope(told: Transport, place: Floats, step: float) -> Floats:
    """Slope of each logit along each column, ndarray of shape (k, d)."""
    answers = told(np.vstack([place, place + step * np.eye(len(place))]))
    return np.asarray((answers[1:] - answers[0]).T / step)


def _assembled(
    search: _Search, planes: Floats, feet: Floats, rng: np.random.Generator
) -> Network:
    """The network whose units switch on these planes."""
    h, d = feet.shape
    normals, offsets = planes[:, :-1], planes[:, -1]
    count = -(-2 * (h + d + 1) // h)
    around = np.repeat(feet, count, axis=0)
    away = search.step * rng.normal(size=around.shape)
    Z = np.clip(around + away, -search.edge, search.edge)
    terms = np.hstack([np.abs(Z @ normals.T + offsets), with_one(Z)])
    told = search.told(Z)
    solved = np.linalg.lstsq(terms, told, rcond=None)[0]
    off = np.abs(terms @ solved - told).max() / np.abs(told).max()
    if off > EXACT:
        raise BadInput(
            f"got answers from which the copy is off by {off:.1e} of the largest; "
            "wanted those of one hidden layer with ReLU, in float64 and not rounded"
        )
    bends, straight, bias = solved[:h], solved[h:-1], solved[-1]
    k = len(bias)
    weight = np.hstack([normals.T, -normals.T, straight, -straight])
    first = np.concatenate([offsets, -offsets, np.zeros(2 * k)])
    last = np.vstack([bends, bends, np.eye(k), -np.eye(k)])
    return Network(((weight, first), (last, bias)))
