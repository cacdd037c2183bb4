"""How does each of these end with each of those?"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from foible import metrics
from foible.domains import Share
from foible.evidence import Cell, Matrix, Outcome
from foible.metrics import Interval

Row = TypeVar("Row")
Column = TypeVar("Column")
Ending: TypeAlias = Outcome | Callable[[Interval], Outcome]
"""How a meeting ends: known beforehand, or as the interval of its value says."""


def panel(
    rows: Mapping[str, Row],
    columns: Mapping[str, Column],
    measure: Callable[[Row, Column], Cell],
    *,
    corner: str = "",
) -> Matrix:
    """The meeting of every row with every column, row by row."""
    cells = [[measure(row, one) for one in columns.values()] for row in rows.values()]
    return Matrix(list(rows), list(columns), cells, corner)


def counted(
    held: ArrayLike, end: Ending = "no attack", *, form: str = "{:.0%}"
) -> Cell:
    """A share of yes and no, ndarray of bool of any shape, with Wilson's interval."""
    answers = np.asarray(held, dtype=bool)
    interval = metrics.wilson(answers.sum(), answers.size)
    return Cell(
        float(answers.mean()), _ended(end, interval), answers.size, interval, form
    )


def averaged(
    values: ArrayLike, end: Ending = "no attack", *, form: str = "{:.0%}"
) -> Cell:
    """The mean of independent measurements, (n,), with Student's interval.

    Where the measurements are all alike, or one, the ending is that of the mean alone.
    """
    sample = np.asarray(values, dtype=np.float64)
    mean, interval = float(sample.mean()), metrics.student(sample)
    known = interval if interval.low <= interval.high else Interval(mean, mean)
    return Cell(mean, _ended(end, known), len(sample), interval, form)


def beyond(tolerated: Share) -> Callable[[Interval], Outcome]:
    """Harm where surely more than this share are hit, stopped where surely fewer."""

    def ended(interval: Interval) -> Outcome:
        if interval.low > tolerated:
            return "harm"
        return "undecided" if interval.high > tolerated else "stopped"

    return ended


def _ended(end: Ending, interval: Interval) -> Outcome:
    return end(interval) if callable(end) else end
