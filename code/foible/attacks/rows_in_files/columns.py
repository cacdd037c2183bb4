"""What does a fitted estimator hold of the columns that it was made from?"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from foible.errors import BadInput


def columns_inside(estimator: BaseEstimator) -> dict[str, NDArray[Any]]:
    """Every list of values in a fitted estimator that a column may have left there.

    An encoder writes down each value of a column once, in order. So whoever holds
    nothing but the fitted object looks for what ascends: numbers or words, three at
    least, one by one or as columns of a table, however deep in a pipeline. Not found
    are values inside objects written in C, such as trees.

    Parameters
    ----------
    estimator : BaseEstimator
        A transformer, a model, a Pipeline, a ColumnTransformer.

    Returns
    -------
    dict of str to ndarray
        The distinct values by the place where they sit.
    """
    if not isinstance(estimator, BaseEstimator):
        raise BadInput(f"got {type(estimator).__name__}; wanted a fitted estimator")
    lists = {}
    for place, array in _arrays(estimator, "", set()):
        table = array[:, np.newaxis] if array.ndim == 1 else array
        for spot, values in enumerate(table.T):
            known = values[values == values]  # without holes
            if len(known) > 2 and np.all(known[:-1] <= known[1:]):
                where = place if array.ndim == 1 else f"{place}[:, {spot}]"
                lists[where] = np.unique(known)
    return lists


def _arrays(
    held: Any, place: str, seen: set[int]
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every vector and table of numbers or words below an estimator."""
    if isinstance(held, np.ndarray) and held.dtype == object:
        words = [value for value in held.flat if isinstance(value, str)]
        held = np.array(words) if words else held.ravel().tolist()
    if isinstance(held, np.ndarray):
        if held.ndim in (1, 2) and held.dtype.kind in "biufU":
            yield place, held
    elif id(held) not in seen:
        seen.add(id(held))
        for name, part in _parts(held):
            yield from _arrays(part, place + name, seen)


def _parts(held: Any) -> list[tuple[str, Any]]:
    if isinstance(held, BaseEstimator):
        return [(f".{name}", part) for name, part in vars(held).items()]
    if isinstance(held, dict):
        return [(f"[{key!r}]", part) for key, part in held.items()]
    if isinstance(held, list | tuple):
        return [(f"[{i}]", part) for i, part in enumerate(held)]
    return []
