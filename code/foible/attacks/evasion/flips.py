"""What does an attacker change who knows that every pixel is rounded?"""

from functools import partial

import numpy as np

from foible.arrays import Floats, Ints, pieces
from foible.attacks.evasion.losses import lead, margin
from foible.checks import fitting
from foible.domains import Count, Labels, Natural, Rows, Seed, Several
from foible.errors import BadInput
from foible.models import Differentiable
from foible.search import Ball


def flips(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    levels: Several,
    restarts: Natural = 2,
    tries: Count = 16,
    seed: Seed,
) -> Floats:
    """Rows whose pixels are pushed over the edges of a rounding, one after the other.

    Behind the rounding the ball is a few levels for each pixel. At each move the
    attacker tries the single steps by one level that the slope likes best, and keeps
    the one after which the right class leads least, until none helps.

    Parameters
    ----------
    model : Differentiable
        What stands behind the rounding.
    levels : int
        Of the rounding, from 0 to 1; see `hardening.quantised`.
    restarts : int
        Searches from random levels, besides the two that begin at the row itself and
        where the slope at the row points.
    tries : int
        Pixels tried at each move.

    BadInput: a ball of another norm than Linf, or fewer than two levels.
    Memory: the rows, a few times for each search, and a few `arrays.CELLS`.
    """
    if ball.norm != "Linf":
        raise BadInput(f"got a ball of the norm {ball.norm}; flips wants Linf")
    y, top = fitting(y, model.logits(X).shape), levels - 1
    floor, ceiling = (ball.around(X)(np.full_like(X, end)) for end in (-np.inf, np.inf))
    low, high = np.rint(floor * top), np.rint(ceiling * top)
    still, random = np.rint(X * top), np.random.default_rng(seed)
    uphill = _towards(model, still / top, y)
    starts = [still, np.where(uphill > 0, high, low)]
    starts += [random.integers(low, high + 1).astype(float) for _ in range(restarts)]
    search = partial(_descended, model, y=y, ends=(low, high), top=top, tries=tries)
    found = np.array([search(start) for start in starts])
    left = [margin(model.logits(rows / top), y) for rows in found]
    worst = found[np.argmin(left, axis=0), np.arange(len(X))]
    return np.where(worst == still, X, np.clip(worst / top, floor, ceiling))


def _descended(
    model: Differentiable,
    start: Floats,
    *,
    y: Ints,
    ends: tuple[Floats, Floats],
    top: int,
    tries: int,
) -> Floats:
    """Levels (n, d) that are read wrongly, or that no move tried makes worse."""
    here, left = np.array(start), margin(model.logits(start / top), y)
    live, many = np.flatnonzero(left > 0), min(tries, start.shape[1])
    while live.size:
        uphill = _towards(model, here[live] / top, y[live])
        step = np.where(uphill > 0, 1.0, -1.0)
        step = np.clip(here[live] + step, ends[0][live], ends[1][live]) - here[live]
        pixels = np.argpartition(-step * uphill, many - 1, axis=1)[:, :many]
        each, now = np.arange(len(live)), np.empty((len(live), many))
        for part in pieces(len(live), each=many * start.shape[1]):
            tried = np.repeat(here[live[part]][:, np.newaxis], many, axis=1)
            some, pixel = np.arange(len(tried))[:, np.newaxis], pixels[part]
            tried[some, np.arange(many), pixel] += step[part][some, pixel]
            said = model.logits(tried.reshape(-1, start.shape[1]) / top)
            now[part] = margin(said, np.repeat(y[live[part]], many)).reshape(-1, many)
        best, pixel = now.argmin(axis=1), pixels[each, now.argmin(axis=1)]
        better = now[each, best] < left[live] - 1e-9
        chosen = live[better]
        here[chosen, pixel[better]] += step[each, pixel][better]
        left[chosen] = now[each, best][better]
        live = chosen[left[chosen] > 0]
    return here


def _towards(model: Differentiable, X: Floats, y: Ints) -> Floats:
    """How rows should move for the likeliest wrong class to gain on the right one."""
    return model.follow(X, lambda logits: lead(logits, y)[1])[1]
