"""How near can one come who is told nothing but labels?"""

from collections.abc import Callable, Iterator
from functools import partial
from warnings import warn

import numpy as np

from foible.arrays import Bools, Floats, Ints, pieces
from foible.domains import Count, Labels, Range, Rows, Seed
from foible.errors import BadInput, WeakEvidence
from foible.oracle import Oracle
from foible.search import distance

Wrong = Callable[[Floats, Ints], Bools]
"""Takes rows, and whose they are, to whether they are answered wrongly."""
_far = partial(distance, norm="L2")


def hopskipjump(
    oracle: Oracle,
    X: Rows,
    y: Labels,
    *,
    start: Rows,
    rounds: Count = 20,
    draws: Count = 100,
    box: Range = (-np.inf, np.inf),
    seed: Seed,
) -> Floats:
    """Near rows that are answered wrongly, by labels alone [chen2020hopskipjump].

    From a wrong row it walks straight to the boundary, asks around there which way is
    wrong, jumps that way, and walks again; distances are Euclidean.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels.
    start : ndarray of shape (n, d)
        For each row one that gets another label, for example somebody else's.
    draws : int
        Questions around the boundary for each row in the first round; they grow with
        the root of the rounds.
    box : (float, float)
        Least and greatest value of a coordinate. The others are as for `pgd`.

    Returns
    -------
    ndarray of shape (n, d)
        The nearest wrong rows that were met; every one was answered wrongly.

    BadInput: a start that is answered with the label to get away from, or answers that
    are not labels. WeakEvidence: a label that was never answered, to no question: its
    row is wrong already, or the model counts its classes otherwise.
    Memory: the rows, and a few `arrays.CELLS`.
    """
    n, d = X.shape

    heard = np.zeros(n, bool)

    def wrong(rows: Floats, who: Ints) -> Bools:
        told = oracle.ask(rows)
        if told.ndim != 1:
            raise BadInput(
                f"got answers of shape {told.shape}; wanted labels: ask an oracle with "
                'answers="label"'
            )
        heard[np.isin(y, told)] = True
        return np.asarray(told != y[who])

    everyone = np.arange(n)
    if not wrong(start, everyone).all():
        raise BadInput("got a start that is answered rightly; wanted wrong ones only")
    random, best = np.random.default_rng(seed), start
    edge = walked(X, start, wrong)
    for turn in range(1, rounds + 1):
        best = _nearer(X, edge, best)
        far, many = _far(X, edge)[:, np.newaxis], int(draws * np.sqrt(turn))
        way = np.empty((n, d))
        for who in pieces(n, each=many * d):  # a row, at least
            place, reach = edge[who], far[who] / d
            way[who] = _asked(place, reach, everyone[who], many, box, wrong, random)
        way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-300)
        edge = walked(X, _jumped(edge, way, far / np.sqrt(turn), box, wrong), wrong)
    if not heard.all():
        warn(
            f"{int((~heard).sum())} of {n} rows have a label that was never answered: "
            "they are wrong already, or the model counts its classes otherwise",
            WeakEvidence,
            stacklevel=3,  # behind the guard
        )
    return _nearer(X, edge, best)


def _asked(
    edge: Floats,
    reach: Floats,
    who: Ints,
    many: int,
    box: tuple[float, float],
    wrong: Wrong,
    random: np.random.Generator,
) -> Floats:
    """The mean way to the wrong side, (n, d), by so many questions around each row."""
    (n, d), says, way = edge.shape, np.empty((len(who), many), bool), np.zeros(())
    parts = list(pieces(many, each=n * d))
    before = random.bit_generator.state

    def around() -> Iterator[tuple[slice, Floats]]:
        for part in parts:
            noise = random.standard_normal((n, len(range(many)[part]), d))
            noise /= np.linalg.norm(noise, axis=2, keepdims=True)
            yield part, np.clip(edge[:, None] + reach[:, None] * noise, *box)

    whole = list(around()) if len(parts) == 1 else None
    for part, rows in whole or around():
        labels = np.repeat(who, rows.shape[1])
        says[:, part] = wrong(rows.reshape(-1, d), labels).reshape(n, -1)
    votes = 2.0 * says - 1
    votes -= np.where(says.all(1) | ~says.any(1), 0, votes.mean(1))[:, np.newaxis]
    if whole is None:  # it is too much to keep, and drawn again
        random.bit_generator.state = before
    for part, rows in whole or around():
        way = way + (votes[:, part, np.newaxis] * (rows - edge[:, None])).sum(axis=1)
    return way / many


def _nearer(X: Floats, one: Floats, other: Floats) -> Floats:
    nearer = _far(X, one) < _far(X, other)
    return np.where(nearer[:, np.newaxis], one, other)


def walked(X: Floats, far: Floats, wrong: Wrong) -> Floats:
    """Rows just behind the boundary on the way from `far` to X; all of them wrong.

    Nearer to it than the questions around them are to them, which is the d-th part of
    the way; among many columns that takes more halvings.
    """
    near, away = np.zeros((len(X), 1)), np.ones((len(X), 1))
    everyone = np.arange(len(X))
    for _ in range(max(12, int(np.ceil(1.5 * np.log2(X.shape[1]))))):
        middle = (near + away) / 2
        beyond = wrong(X + middle * (far - X), everyone)[:, np.newaxis]
        near, away = np.where(beyond, near, middle), np.where(beyond, middle, away)
    return X + away * (far - X)


def _jumped(
    edge: Floats, way: Floats, size: Floats, box: tuple[float, float], wrong: Wrong
) -> Floats:
    """Rows after the longest jump, of a size and its halves, that stays wrong."""
    place, left = edge.copy(), np.arange(len(edge))
    for halving in range(12):
        jump = np.clip(edge[left] + size[left] / 2**halving * way[left], *box)
        stays = wrong(jump, left)
        place[left[stays]], left = jump[stays], left[~stays]
        if not left.size:
            break
    return place
