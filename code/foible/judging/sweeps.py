"""What is measured at each dose, and on how many units?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from foible.domains import Dose, Range
from foible.evidence import DoseResponse
from foible.plots import Meaning

Unit = TypeVar("Unit")
Measure: TypeAlias = Callable[[float], Mapping[str, ArrayLike]]
"""Takes a dose to the responses of each line, (r,): bool where each is yes or no."""


def sweep(
    doses: Sequence[Dose],
    measure: Measure,
    *,
    lines: Mapping[str, Meaning],
    dose_name: str,
    response_name: str,
    units: str,
    within: Range = (0.0, 1.0),
    dose_share: bool = False,
    response_share: bool | None = None,
) -> DoseResponse:
    """One measurement for each dose, in their order, through joblib.

    They are made in this process unless `joblib.parallel_config` says where else: then
    `measure` changes nothing outside of itself that anybody reads.

    Parameters
    ----------
    doses : sequence of float
        Ascending.
    measure : callable
        Of one dose, for every line; `each` makes one of a measure of a single unit.
        Where one dose has fewer responses than others (a clean model counted once),
        the rest is taken as not measured.
    lines : mapping of str to Meaning
        The lines that are kept, in their order, each with its colour.
    dose_name, response_name, units, within, dose_share, response_share
        As for `DoseResponse`.
    """
    told = list(Parallel()(delayed(measure)(dose) for dose in doses))
    return DoseResponse(
        np.array(doses, dtype=np.float64),
        {line: _table([one[line] for one in told]) for line in lines},
        dose_name,
        response_name,
        lines,
        units,
        within,
        dose_share,
        response_share,
    )


def each(
    units: Sequence[Unit], measure: Callable[[float, Unit], Mapping[str, Any]]
) -> Measure:
    """A measure of one unit at one dose, for several units in their order."""

    def measured(dose: float) -> dict[str, list[Any]]:
        told = [measure(dose, unit) for unit in units]
        return {line: [one[line] for one in told] for line in told[0]}

    return measured


def _table(rows: Sequence[ArrayLike]) -> NDArray[Any]:
    """Rows of one table, those that are short filled up with NaN."""
    arrays = [np.asarray(row) for row in rows]
    width = max(map(len, arrays))
    if all(len(row) == width for row in arrays):
        return np.array(arrays)
    filled = np.full((len(arrays), width), np.nan)
    for place, row in zip(filled, arrays, strict=True):
        place[: len(row)] = row
    return filled
