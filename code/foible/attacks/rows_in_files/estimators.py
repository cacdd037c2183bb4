"""Which of scikit-learn's estimators can be audited, and do they need their rows?"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple
from warnings import catch_warnings

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils import all_estimators, get_tags

from foible import artefacts
from foible.arrays import Floats
from foible.data import Dataset
from foible.domains import Positive, Seed


class Fitted(NamedTuple):
    """A fitted estimator, the rows that it was made from, and others of their kind."""

    model: BaseEstimator
    rows: Dataset
    others: Dataset


def every_estimator(
    labelled: tuple[Dataset, Dataset],
    measured: tuple[Dataset, Dataset],
    *,
    seed: Seed,
    seconds: Positive = 5.0,
) -> tuple[dict[str, Fitted], dict[str, str]]:
    """Every estimator of scikit-learn, fitted with its defaults, if it can be.

    Parameters
    ----------
    labelled, measured : pair of Dataset
        Rows to fit and others, with classes; the same for a regression, which the
        regressors get. An estimator that wants several targets gets the one twice.
    seconds : float
        Of computing that an estimator may take.

    Returns
    -------
    fitted : dict of str to Fitted
    failed : dict of str to str
        Why, for those that could not be fitted.
    """
    fitted, failed = {}, {}
    for name, kind in all_estimators():
        try:
            with catch_warnings(action="ignore"), _at_most(seconds):
                model = kind()
                if "random_state" in model.get_params():
                    model.set_params(random_state=seed)
                rows, others = measured if is_regressor(model) else labelled
                _fit(model, rows)
        except Exception as problem:
            failed[name] = str(problem).partition("\n")[0] or type(problem).__name__
        else:
            fitted[name] = Fitted(model, rows, others)
    return fitted, failed


def _fit(model: BaseEstimator, rows: Dataset) -> None:
    try:
        model.fit(rows.X, rows.y)
    except ValueError as problem:
        try:
            model.fit(rows.X, np.column_stack([rows.y, rows.y]))
        except Exception:
            raise problem from None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """A time of computing; what takes longer is broken off."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"takes more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _told(model: BaseEstimator, X: Floats) -> Floats | None:
    """What an estimator says of new rows, with holes if it takes them; else None."""
    rows = X.copy()
    if get_tags(model).input_tags.allow_nan:
        rows[::2, 0] = np.nan
    for way in ("predict", "transform", "score_samples", "kneighbors"):
        if hasattr(model, way):
            with catch_warnings(action="ignore"):
                told = getattr(model, way)(rows)
            return np.asarray(told.toarray() if issparse(told) else told, np.float64)
    return None


def needed(one: Fitted, places: Sequence[str]) -> bool:
    """Whether an estimator answers new rows otherwise without some of its arrays."""
    artefact = artefacts.blanked(artefacts.dump(one.model), *places)
    try:
        before = _told(one.model, one.others.X)
        after = _told(artefacts.reopened(artefact), one.others.X)
    except Exception:
        return True
    if before is None or after is None:
        return False
    return not np.allclose(before, after, equal_nan=True)
