"""Which questions has a model to answer alike, and which more sternly?

A behavioural test needs no label: it asks twice and compares [ribeiro2020beyond].
"""

from math import ceil, log

import numpy as np

from foible.arrays import Bools, Floats
from foible.domains import Count, Natural, Positive, Rows, Share
from foible.errors import BadInput
from foible.oracle import Transport


def moved(ask: Transport, X: Rows, changed: Floats) -> Bools:
    """Invariance: which rows get another answer after a change that ought not matter.

    Parameters
    ----------
    ask : callable, (n, d) to (n, k)
        Gives the probabilities of the classes.
    X, changed : ndarray of shape (n, d)
        The same rows twice.

    Returns
    -------
    ndarray of bool, shape (n,)
        Where the test fails.
    """
    before, after = _twice(ask, X, changed)
    return np.asarray(before.argmax(axis=1) != after.argmax(axis=1))


def fallen(ask: Transport, X: Rows, changed: Floats, *, label: Natural) -> Bools:
    """Direction: where a class becomes less likely that ought not to; as `moved`.

    Falling by less than a millionth is rounding.
    """
    before, after = _twice(ask, X, changed)
    if label >= before.shape[1]:
        raise BadInput(f"got label={label}; wanted one of {before.shape[1]} classes")
    return np.asarray(after[:, label] < before[:, label] - 1e-6)


def _twice(ask: Transport, X: Floats, changed: Floats) -> tuple[Floats, Floats]:
    if np.ndim(X) != 2 or np.shape(X) != np.shape(changed) or not len(X):
        raise BadInput(
            f"got rows of shapes {np.shape(X)} and {np.shape(changed)}; wanted the "
            "same rows twice, (n, d)"
        )
    return ask(X), ask(changed)


# ---------------------------------------------------------------- how many tests


def seen(rate: Share, tests: Natural) -> float:
    """Probability that some of so many random tests meet a fault of a rate, 0 to 1."""
    return float(1 - (1 - rate) ** tests)


def needed(rate: Positive, *, sure: float = 0.95) -> int:
    """Fewest random tests that meet a fault of a rate with a probability.

    Rate and probability lie between 0 and 1. At 0.95 about 3 / rate: the rule of three
    [hanley1983if].
    """
    if not (0 < rate < 1 and 0 < sure < 1):
        raise BadInput(f"got rate={rate}, sure={sure}; wanted both between 0 and 1")
    return ceil(log(1 - sure) / log(1 - rate))


def at_most(tests: Count, *, sure: Share = 0.95) -> float:
    """Largest rate that so many tests without a failure leave possible, 0 to 1."""
    return float(1 - (1 - sure) ** (1 / tests))
