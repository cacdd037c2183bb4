"""Is this picture what the service is for, and has this account shown it before?"""

from collections.abc import Callable
from typing import Annotated, TypeAlias

import numpy as np
from scipy.spatial.distance import cdist

from foible.arrays import Bools, Floats, Ints, finite_rows, pieces
from foible.domains import Rows, Share, shaped
from foible.errors import BadInput
from foible.oracle import Transport

REFUSED = -1
Look: TypeAlias = Callable[[Floats], Bools]
"""Flags of the rows asked by one account, in order, (n, d) to (n,)."""


def strange(
    known: Rows, natural: Annotated[Floats, shaped("m", "d")], *, false_alarms: Share
) -> Look:
    """Flags rows that are farther from all known ones than nearly all natural rows.

    Parameters
    ----------
    known : ndarray of shape (n, d)
        What the model was made from.
    natural : ndarray of shape (m, d)
        Other rows of the same kind, from which the limit is read.
    false_alarms : float
        Share of the natural rows that are farther.
    """
    limit = np.quantile(nearest(natural, known), 1 - false_alarms)
    return lambda X: nearest(X, known) > limit


def doubtful(transport: Transport, natural: Rows, *, false_alarms: Share) -> Look:
    """Flags rows whose likeliest label is less probable than nearly all natural ones'.

    The limit is read from `natural`, as for `strange`.
    """
    limit = np.quantile(transport(natural).max(axis=1), false_alarms)
    return lambda X: transport(X).max(axis=1) < limit


def repeated(natural: Rows, *, false_alarms: Share) -> Look:
    """Flags rows that lie closer to an earlier one of the account than natural rows do.

    Parameters
    ----------
    natural : ndarray of shape (m, d)
        What an honest account asked, in order; the limit is read from it.
    false_alarms : float
    """
    if len(natural) < 2:
        raise BadInput("got one row; wanted at least two, asked one after the other")
    limit = np.quantile(earlier(natural)[1:], false_alarms)
    return lambda X: earlier(X) < limit


def nearest(X: Rows, known: Annotated[Floats, shaped("m", "d")]) -> Floats:
    """Distance of each row to the nearest of those known, (n,).

    Memory: that of rows and known ones, and `arrays.CELLS`.
    """
    rows, others = finite_rows(X), finite_rows(known)
    if rows.shape[1] != others.shape[1]:
        raise BadInput(
            f"got rows {rows.shape[1]} wide and known ones {others.shape[1]} wide; "
            "wanted the same columns"
        )
    parts = pieces(len(rows), each=len(others))
    return np.concatenate([cdist(rows[part], others).min(axis=1) for part in parts])


def earlier(X: Rows) -> Floats:
    """Distance of each row to the nearest of those before it, (n,); ∞ for the first.

    Memory: that of the rows, and a few `arrays.CELLS`.
    """
    rows, near = finite_rows(X), np.empty(len(X))
    number = np.arange(len(rows))
    for part in pieces(len(rows), each=len(rows)):
        away = cdist(rows[part], rows)
        away[number >= number[part, np.newaxis]] = np.inf
        near[part] = away.min(axis=1)
    return near


def guarded(transport: Transport, *looks: Look) -> Callable[[Floats], Ints]:
    """Labels, (n, d) to (n,), and `REFUSED` for each row that any look flags."""

    def answered(X: Floats) -> Ints:
        said = transport(X).argmax(axis=1)
        flags = [look(X) for look in looks]
        return np.where(np.any(flags, axis=0), REFUSED, said) if flags else said

    return answered
