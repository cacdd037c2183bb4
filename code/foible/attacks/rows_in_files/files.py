"""What does a model's file hold of the rows that it was made from?"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from foible import artefacts, metrics
from foible.arrays import Bools, Floats, Reals, finite_rows
from foible.domains import Rows, Seed, Sided

Table: TypeAlias = Annotated[Reals, Sided(2)]
Check: TypeAlias = Callable[[Reals, Floats], Bools]
"""From a table found in a file and the training rows to which of these are in it."""
CLOSE = 2e-6
"""Two values are the same if they differ by less than this share of a column's range:
what rounding to float32 leaves."""
CLOSE_HALVES = 1e-3
"""The same for rows in float16."""


class Inside(NamedTuple):
    """The share of the training rows in a file, and that at each place, most first."""

    share: float
    places: dict[str, float]


def rows_inside(
    artefact: bytes, rows: ArrayLike, *, check: Check | None = None
) -> Inside:
    """What share of the training rows can be read out of a model's file, and where.

    To be run before a model is released. The file is not executed.

    Parameters
    ----------
    artefact : bytes
        As for `artefacts.contents`.
    rows : array_like of shape (n, d)
        What the model was made from.
    check : callable, optional
        `verbatim` or, if left out, `up_to_scale`.
    """
    wanted, found = finite_rows(rows), {}
    for place, array in artefacts.contents(artefact).items():
        hits = [
            (check or up_to_scale)(table, wanted) for table in _tables(array, wanted)
        ]
        if any(hit.any() for hit in hits):
            found[place] = np.any(hits, axis=0)
    anywhere = np.any(list(found.values()), axis=0) if found else np.zeros(1)
    shares = {place: float(hit.mean()) for place, hit in found.items()}
    most = dict(sorted(shares.items(), key=lambda entry: -entry[1]))
    return Inside(float(anywhere.mean()), most)


def _tables(array: NDArray[np.generic], rows: Floats) -> Iterator[Floats]:
    """An array in every way in which it could be a table; float16 stays so."""
    columns = rows.shape[1]
    half = array.dtype == np.float16
    values: NDArray[Any] = array if half else array.astype(np.float64)
    if values.ndim == 2:
        ways = [values, values.T]
    elif values.ndim > 2:
        ways = [values.reshape(-1, values.shape[-1])]
    elif values.size and values.size % columns == 0:
        ways = [values.reshape(-1, columns), values.reshape(columns, -1).T]
    else:
        return
    for way in ways:
        yield way[np.isfinite(way).all(axis=1)]


def verbatim(table: Table, rows: Rows) -> Bools:
    """Which rows stand in a table as they are, bit for bit."""
    there = {row.tobytes() for row in table.astype(np.float64) + 0.0}
    return np.array([row.tobytes() in there for row in rows + 0.0])


def up_to_scale(table: Table, rows: Rows) -> Bools:
    """Which rows stand in a table, whatever was done to its columns and its order.

    Found are also rows whose columns were shifted, scaled, reversed, permuted or partly
    left out, each in a way of its own, whose order was changed, of which some are
    missing, and that were rounded to float32. It takes ten rows; fewer are looked for
    as they are. One column of the table is taken for each column of the rows in turn;
    if some scale and shift carry its values into that column's, they say which row is
    which, and the other columns follow. Rows in float16 are found in their own units
    only, in any order.

    Not found are rows whose columns were mixed with each other (a rotation) or bent (a
    logarithm), that were rounded to coarser steps than rows differ by, or that were
    scaled and put among rows of strangers.

    Parameters
    ----------
    table : ndarray of shape (m, w)
    rows : ndarray of shape (n, d)
        The time grows with n².
    """
    found = np.zeros(len(rows), bool)
    if not len(table):
        return found
    close = CLOSE_HALVES if table.dtype == np.float16 else CLOSE
    table = table.astype(np.float64)
    table = table[np.isfinite(table).all(axis=1)]  # a hole is nobody's number
    if not len(table):
        return found
    if table.shape[1] == rows.shape[1]:
        found = _nearby(table, rows, list(range(rows.shape[1])), close)
    distinct = np.array([len(np.unique(column)) for column in table.T])
    for column in np.argsort(-distinct, kind="stable")[:2]:
        if found.all() or distinct[column] < 10 or 2 * table.shape[1] < rows.shape[1]:
            break
        for other in range(rows.shape[1]):
            scaled = _carried(table[:, column], rows[:, other])
            if scaled is not None:
                found |= _followed(table, rows, scaled, other)
    return found


def _carried(values: Reals, into: Floats) -> Floats | None:
    """Values, scaled and shifted so that they fall on those of a column; else None.

    The least and the greatest value are tried as every pair of values of the column,
    and a few values in between decide.
    """
    known, places = np.unique(into), np.unique(values)
    if len(places) > len(known) or known[0] == known[-1]:
        return None
    inner = (places[1:-1] - places[0]) / (places[-1] - places[0])
    low, high = (ends.ravel() for ends in np.meshgrid(known, known))
    apart = abs(high - low) > 0.1 * (known[-1] - known[0])
    low, high = low[apart], high[apart]
    for place in inner[:: max(1, len(inner) // 7)]:
        fits = _on(low + place * (high - low), known)
        low, high = low[fits], high[fits]
    for a, b in zip(low[:20], high[:20], strict=True):
        share: Floats = (values - places[0]) / (places[-1] - places[0])
        scaled = a + share * (b - a)
        if _on(scaled, known).mean() > 0.9:
            return np.asarray(scaled)
    return None


def _on(values: Floats, known: Floats) -> Bools:
    """Which values are among the known ones, which ascend."""
    after = np.searchsorted(known, values).clip(1, len(known) - 1)
    gap = np.minimum(abs(values - known[after - 1]), abs(values - known[after]))
    return np.asarray(gap < CLOSE * (known[-1] - known[0]))


def _followed(table: Reals, rows: Floats, scaled: Floats, other: int) -> Bools:
    """Which rows are found when one column says which row is which."""
    known, first, counts = np.unique(
        rows[:, other], return_index=True, return_counts=True
    )
    spot = np.abs(scaled[:, None] - known).argmin(axis=1)
    sure = (counts[spot] == 1) & _on(scaled, known)
    found = np.zeros(len(rows), bool)
    if len(np.unique(spot[sure])) < 8:
        return found
    ours, theirs = table[sure], rows[first[spot[sure]]]
    lines = _lines(ours, theirs)
    if 2 * len(lines) < rows.shape[1]:
        return found
    restored = np.zeros((len(table), rows.shape[1]))
    for column, (source, slope, shift) in lines.items():
        restored[:, column] = slope * table[:, source] + shift
    return _nearby(restored, rows, list(lines), CLOSE)


def _lines(ours: Floats, theirs: Floats) -> dict[int, tuple[int, float, float]]:
    """For each column of theirs the column of ours that is a straight line of it."""
    lines = {}
    alike = 1 - abs(metrics.likeness(theirs.T, ours.T)) < CLOSE
    for column, source in np.argwhere(alike):
        given, wanted = ours[:, source], theirs[:, column]
        slope, shift = np.polyfit(given, wanted, 1)
        if (abs(slope * given + shift - wanted) < CLOSE * np.ptp(wanted)).all():
            lines[int(column)] = (int(source), float(slope), float(shift))
    return lines


def _nearby(table: Reals, rows: Floats, columns: list[int], close: float) -> Bools:
    """Which rows have a near twin, in some columns, in a table in their own units."""
    spread = np.ptp(rows[:, columns], axis=0)
    unit = np.where(spread > 0, spread, 1) * close
    distance, _ = cKDTree(table[:, columns] / unit).query(
        rows[:, columns] / unit, p=np.inf, distance_upper_bound=1
    )
    return np.asarray(np.isfinite(distance))


def disguised(rows: Floats, *, seed: Seed) -> NDArray[np.float32]:
    """The rows, so that nobody finds them by looking for a row.

    Every column is scaled and shifted, rows and columns are shuffled, and all is
    rounded to float32. Who made the table can undo it.
    """
    rng = np.random.default_rng(seed)
    n, d = finite_rows(rows).shape
    table = rows * rng.uniform(-2, 2, d) + rng.uniform(-1, 1, d) * np.ptp(rows, axis=0)
    shuffled = table[rng.permutation(n)][:, rng.permutation(d)]
    return np.asarray(shuffled, dtype=np.float32)
