"""What does an account ask, what is it refused, and does it ask as others do?"""

from collections.abc import Sequence
from math import sqrt
from typing import Annotated, TypeAlias

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist

from foible.arrays import Bools, Floats, Ints, finite_rows, likeliest
from foible.domains import Count, Rows, Share, Whole
from foible.errors import BadInput, ServiceRefused
from foible.oracle import Transport

FEW = 10  # distances that an answer must have to be judged [juuti2019prada]
EVERY = 10  # questions between two judgements [juuti2019prada]
PATIENCE = 100  # distances up to which nobody is judged [juuti2019prada]

Patience: TypeAlias = Annotated[int, Whole(FEW)]
"""Distances up to which nobody is judged, from 10."""
Stream: TypeAlias = tuple[Floats, Ints]
"""What one account has asked, in order, and the labels it was told."""


def journal(transport: Transport, *, log: list[Floats]) -> Transport:
    """The same answers; every question is appended to the log."""

    def answered(X: Floats) -> Floats:
        log.append(X.copy())
        return transport(X)

    return answered


def quota(transport: Transport, *, most: Count) -> Transport:
    """The same answers to one account, until it has asked `most` rows.

    A request that goes over is refused whole: ServiceRefused.
    """
    spent = 0

    def answered(X: Floats) -> Floats:
        nonlocal spent
        if spent + len(X) > most:
            raise ServiceRefused(f"this account may ask {most} rows; {spent} are spent")
        spent += len(X)
        return transport(X)

    return answered


def outside(X: Rows, low: Floats, high: Floats) -> Bools:
    """Rows that hold a number below `low` or above `high`, each of shape (d,)."""
    X = finite_rows(X)
    if not X.shape[1:] == np.shape(low) == np.shape(high):
        raise BadInput(
            f"got a range for {np.shape(low)} and {np.shape(high)} columns; wanted one "
            f"number for each of {X.shape[1]}"
        )
    return np.asarray(((low > X) | (high < X)).any(axis=1))


def ranged(transport: Transport, *, low: Floats, high: Floats) -> Transport:
    """The same answers to rows inside a range, which anybody would check first.

    A request that holds a row `outside` is refused whole: ServiceRefused.
    """

    def answered(X: Floats) -> Floats:
        wrong = outside(X, low, high)
        if wrong.any():
            raise ServiceRefused(f"{wrong.sum()} rows hold a number out of range")
        return transport(X)

    return answered


# ---------------------------------------------------------------- PRADA


def normality(stream: Stream, *, patience: Patience = PATIENCE) -> float:
    """How natural an account's questions look, 0 to 1 [juuti2019prada].

    Of the distances of the questions to what the account had asked before, the
    Shapiro-Wilk statistic, which is 1 for a normal distribution: after every tenth
    question, as soon as there are more distances than `patience`, and the least of all
    that are found. With fewer distances it is BadInput.
    """
    least = _least(stream, patience)
    if least is None:
        raise BadInput(f"got {len(stream[1])} questions, too few to judge; wanted more")
    return least


def _least(stream: Stream, patience: int) -> float | None:
    """As `normality`; None as long as the account is too young to be judged."""
    if finite_rows(stream[0]).shape[:1] != stream[1].shape:
        raise BadInput("got another number of labels than of rows; wanted as many")
    away = _distances(stream)
    times = [*range(EVERY, len(away), EVERY), len(away)]
    found = [_judged(away[:n], stream[1][:n], patience) for n in times]
    return min((one for one in found if one is not None), default=None)


def _distances(stream: Stream) -> Floats:
    """Distance of each question to the growing set of its answer; NaN for the first.

    A question enters the set where its distance is above the limit; the limit is the
    mean less the standard deviation of the distances of those that entered, and never
    falls.
    """
    X, labels = stream
    away = np.full(len(X), np.nan)
    for name in np.unique(labels):
        own = np.flatnonzero(labels == name)
        apart = cdist(X[own], X[own])
        nearest, limit = apart[0], 0.0
        size, mean, squares = 1, 0.0, 0.0  # the first entered at no distance
        for i in range(1, len(own)):
            away[own[i]] = here = float(nearest[i])
            if here > limit:
                size, off = size + 1, here - mean
                mean += off / size
                squares += off * (here - mean)
                limit = max(limit, mean - sqrt(squares / size))
                nearest = np.minimum(nearest, apart[i])
    return away


def _judged(away: Floats, labels: Ints, patience: int) -> float | None:
    """Statistic of the distances so far, those of rare answers left out."""
    known = ~np.isnan(away)
    often = np.bincount(labels[known], minlength=labels.max() + 1) >= FEW
    found = away[known & often[labels]]
    kept = found[abs(found - found.mean()) <= 3 * found.std()] if len(found) else found
    if len(kept) <= patience:
        return None
    return float(stats.shapiro(kept).statistic) if np.ptp(kept) else 0.0


def least_normal(
    transport: Transport, accounts: Sequence[Floats], *, false_alarms: Share
) -> float:
    """Normality below which this share of honest accounts lies: a limit for `prada`.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
    accounts : sequence of ndarray of shape (n, d)
        What honest accounts asked, in order.
    false_alarms : float
    """
    if not accounts:
        raise BadInput("got no account; wanted honest ones")
    found = [normality((X, likeliest(transport(X)))) for X in accounts]
    return float(np.quantile(found, false_alarms))


def prada(
    transport: Transport, *, threshold: Share, patience: Patience = PATIENCE
) -> Transport:
    """The same answers, until one account's questions look made up [juuti2019prada].

    Parameters
    ----------
    threshold : float
        Least `normality`, 0 to 1, that is answered; `least_normal` finds one.
    patience : int
        Distances, from 10, up to which nobody is judged.

    ServiceRefused: later, when asking, an account whose questions look made up.
    """
    asked: list[Floats] = []
    told: list[Ints] = []

    def answered(X: Floats) -> Floats:
        answer = transport(X)
        asked.append(X.copy())
        told.append(likeliest(answer))
        stream = np.vstack(asked), np.concatenate(told)
        least = _least(stream, patience)
        if least is not None and least < threshold:
            raise ServiceRefused(
                f"after {len(stream[1])} rows this account's questions look made up; "
                "talk to the owner of the service"
            )
        return answer

    return answered
