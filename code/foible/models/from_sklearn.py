"""How is an estimator of scikit-learn's, fitted elsewhere, asked and followed?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import is_regressor
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

from foible.arrays import Floats, Ints
from foible.data.frames import ROWS, Coding, coding, picked, places_of
from foible.errors import BadInput
from foible.models.kinds import Aim
from foible.models.networks import Network

LINEAR = (
    LogisticRegression,
    LinearSVC,
    SGDClassifier,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    LinearDiscriminantAnalysis,
)
AFFINE = (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, PCA)


@dataclass(frozen=True, eq=False, repr=False)
class Estimator:
    """An estimator that is asked rows or frames; see `sklearn`, which makes it.

    Parameters
    ----------
    estimator : object
        Fitted, with `predict`.
    labels : tuple
        What the estimator calls class 0, 1 and so on; empty for a regression.
    coding : Coding, optional
        What its words are coded as, where some columns hold words.
    """

    estimator: Any
    labels: tuple[object, ...]
    coding: Coding | None

    def __repr__(self) -> str:
        kinds = f"{len(self.labels)} classes" if self.labels else "a regression"
        return f"<{type(self.estimator).__name__}, {kinds}>"

    def predict(self, X: Any) -> NDArray[Any]:
        """The number for each row of a regression, ndarray of shape (n,)."""
        told = np.asarray(self.ask("predict", X))
        if told.ndim != 1:
            raise _several(self.estimator, told.shape[1])
        return told

    def rows(self, frame: pd.DataFrame) -> Floats:
        """A frame as the attacks take it, (n, d); BadInput names a column at fault."""
        known = self.coding or coding(picked(frame, self._names() or (*frame,)))
        return known.whole(frame)

    def ask(self, method: str, X: Any) -> Any:
        """What a method of the estimator's says of rows (n, d), or of a frame."""
        given = self._given(X)
        try:
            return getattr(self.estimator, method)(given)
        except (TypeError, ValueError, AttributeError, LookupError) as error:
            raise _unread(self.estimator, given, error) from error

    def _names(self) -> tuple[str, ...]:
        if self.coding:
            return self.coding.columns
        return tuple(getattr(self.estimator, "feature_names_in_", ()))

    def _given(self, X: Any) -> Any:
        """The rows as the estimator was fitted with: named, and with their words."""
        names = self._names()
        if isinstance(X, pd.DataFrame):
            return picked(X, names) if names else X.to_numpy()
        rows = ROWS("rows", X)
        width = len(names) or getattr(self.estimator, "n_features_in_", rows.shape[1])
        if rows.shape[1] != width:
            raise BadInput(f"got rows {rows.shape[1]} wide; wanted {width} columns")
        if self.coding:
            return self.coding.frame(rows)
        return pd.DataFrame(rows, columns=list(names)) if names else rows


class Labelling(Estimator):
    """An estimator that gives labels and nothing else."""

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(len(self.labels))

    def predict(self, X: Any) -> Ints:
        """What the estimator itself answers, by number, ndarray of shape (n,)."""
        return self.numbers(super().predict(X))

    def numbers(self, y: Any) -> Ints:
        """The estimator's labels (n,) as numbers from 0; BadInput names another."""
        return places_of(y, self.labels)

    def named(self, y: ArrayLike) -> NDArray[Any]:
        """Numbers (n,) as the estimator's labels."""
        return np.asarray(np.array(self.labels)[np.asarray(y)])


class Deciding(Labelling):
    """One that decides by plain numbers, which are no probabilities."""

    def decision_function(self, X: Any) -> Floats:
        """The numbers it decides by, (n, k), or (n, 1) of two classes."""
        said = np.asarray(self.ask("decision_function", X), np.float64)
        return said.reshape(len(said), -1)


class Estimated(Labelling):
    """One that gives probabilities."""

    def predict_proba(self, X: Any) -> Floats:
        """Probability of each class, (n, k); 0 for one that it never met."""
        said = np.asarray(self.ask("predict_proba", X), np.float64)
        table = np.zeros((len(said), len(self.labels)))
        table[:, self.numbers(self.estimator.classes_)] = said
        return table


@dataclass(frozen=True, eq=False, repr=False)
class Linear(Network):
    """A linear estimator: a network of one layer, on the estimator's own columns.

    Its logits are what the estimator decides by; of two classes the first has 0.
    """

    asked: Labelling

    @property
    def labels(self) -> tuple[object, ...]:
        """What the estimator calls class 0, 1 and so on."""
        return self.asked.labels

    def rows(self, frame: pd.DataFrame) -> Floats:
        """As `Estimator.rows`."""
        return self.asked.rows(frame)

    def numbers(self, y: Any) -> Ints:
        """As `Labelling.numbers`."""
        return self.asked.numbers(y)

    def named(self, y: ArrayLike) -> NDArray[Any]:
        """As `Labelling.named`."""
        return self.asked.named(y)

    # A frame is read here by its columns' names, which the border would take away.

    def logits(self, X: Any) -> Floats:
        """As `Scoring.logits`, of rows or of a frame; so are the others."""
        return super().logits(self._read(X))

    def follow(self, X: Any, aim: Aim) -> tuple[Floats, Floats]:
        """As `Scoring.follow`."""
        return super().follow(self._read(X), aim)

    def gradient(self, X: Any, y: ArrayLike) -> Floats:
        """As `Scoring.gradient`."""
        return super().gradient(self._read(X), y)

    def predict_proba(self, X: Any) -> Floats:
        """As `Scoring.predict_proba`."""
        return super().predict_proba(self._read(X))

    def predict(self, X: Any) -> Ints:
        """As `Scoring.predict`."""
        return super().predict(self._read(X))

    def _read(self, X: Any) -> Any:
        return self.rows(X) if isinstance(X, pd.DataFrame) else X


Asked: TypeAlias = Estimator | Linear


def sklearn(
    estimator: Any, *, like: pd.DataFrame | None = None, labels: Sequence[object] = ()
) -> Asked:
    """A fitted estimator as the book's attacks take it [pedregosa2011scikit].

    Labels are numbers from 0 in the order of `labels`, and `named` gives the
    estimator's own back; `predict` is its own answer also where that is not the
    likeliest class. Questions are rows (n, d), or a frame with the columns by name.

    A linear classifier, alone or in a pipeline behind scalers and principal components,
    comes as a `Linear` network with a gradient. Its probabilities are a softmax of what
    it decides by: of LogisticRegression its own. Where that has the setting C, it is
    the same minimum as `logistic(strength=1 / C)`, as `softmax(strength=2 / C)` of two
    classes, and as `softmax(strength=1 / C)` of more.

    Without probabilities (SVC) it answers with labels, or with what it decides by:
    `oracle(model, answers="label")`, or `"values"`.

    Parameters
    ----------
    estimator : object
        With `fit` behind it and a single output; anything that answers as
        scikit-learn's do.
    like : DataFrame, optional
        What it was fitted on, where columns hold words: rows code them as
        `data.coding` does, and what is asked is made words again.
    labels : sequence, optional
        All labels in their order, where the estimator may not have met each.

    BadInput: what is not fitted, has several outputs, or is neither a classifier nor a
    regressor; later a row it cannot read, with the column that is to blame.
    """
    known = None if like is None else coding(like)
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        raise BadInput(
            f"got a {type(estimator).__name__} that is not fitted; wanted one after fit"
        ) from error
    except TypeError:
        pass  # it answers as scikit-learn's do, and is none of them
    own = getattr(estimator, "classes_", None)
    if own is None and hasattr(estimator, "predict") and is_regressor(estimator):
        return Estimator(estimator, (), known)
    if own is None or not hasattr(estimator, "predict"):
        raise BadInput(
            f"got a {type(estimator).__name__}; wanted a classifier or a regressor"
        )
    if isinstance(own, list) or np.ndim(own) != 1:
        raise _several(estimator, len(own))
    if getattr(estimator, "multilabel_", False):
        raise _several(estimator, len(own))
    all_labels = tuple(labels) or tuple(np.asarray(own).tolist())
    places_of(own, all_labels)
    kind = (
        Estimated
        if hasattr(estimator, "predict_proba")
        else Deciding
        if hasattr(estimator, "decision_function")
        else Labelling
    )
    asked = kind(estimator, all_labels, known)
    layer = None if known and known.words else _layer(estimator)
    if layer is None or len(layer[1]) != len(all_labels):
        return asked
    return Linear((layer,), asked)


def _layer(estimator: Any) -> tuple[Floats, Floats] | None:
    """Weight (d, k) and bias (k,) of a linear estimator; None of another."""
    steps = [step for _, step in getattr(estimator, "steps", ())] or [estimator]
    *before, last = [step for step in steps if step not in (None, "passthrough")]
    affine = all(
        isinstance(step, AFFINE) and not getattr(step, "clip", False) for step in before
    )
    if not affine or not isinstance(last, LINEAR):
        return None
    coef = last.coef_.toarray() if issparse(last.coef_) else last.coef_
    weight, bias = np.atleast_2d(coef).T, np.atleast_1d(last.intercept_)
    weight, bias = weight.astype(np.float64), np.broadcast_to(bias, weight.shape[1])
    if before:
        moved = Pipeline([(str(i), step) for i, step in enumerate(before)])
        width = before[0].n_features_in_
        rows = np.vstack([np.zeros((1, width)), np.eye(width)])
        for step in moved.named_steps.values():
            rows = _plain(step, rows)
        weight, bias = (rows[1:] - rows[0]) @ weight, rows[0] @ weight + bias
    if len(bias) == 1:
        weight, bias = weight * [0.0, 1.0], bias * [0.0, 1.0]
    return weight, np.array(bias)


def _plain(step: Any, rows: Floats) -> Floats:
    """Rows through a transformer that may want its columns' names."""
    names = getattr(step, "feature_names_in_", None)
    given = rows if names is None else pd.DataFrame(rows, columns=names)
    return np.asarray(step.transform(given), np.float64)


def _several(estimator: Any, outputs: int) -> BadInput:
    return BadInput(
        f"got a {type(estimator).__name__} with {outputs} outputs; wanted one output: "
        "bring a model for each"
    )


def _unread(estimator: Any, given: Any, error: Exception) -> BadInput:
    """What the estimator says against rows, with the column that holds the cause."""
    said = str(error).splitlines()[0]
    frame = pd.DataFrame(given)
    holes = "NaN" in said
    blamed = [
        f"{name!r}"
        for name in frame
        if (holes and frame[name].isna().any())
        or any(isinstance(one, str) and repr(one) in said for one in frame[name])
    ]
    where = f", in the column {', '.join(blamed)}" if blamed else ""
    return BadInput(
        f"got rows that the {type(estimator).__name__} cannot read{where} ({said}); "
        "wanted rows like those it was fitted on"
    )
