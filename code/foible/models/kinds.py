"""What is a model, what is a recipe for one, and what does a model answer?"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import (
    Annotated,
    Any,
    Generic,
    Protocol,
    TypeAlias,
    TypeVar,
    runtime_checkable,
)

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from foible.arrays import Floats, Ints, finite_rows
from foible.data import Dataset
from foible.domains import SMALL_ROWS, Keys, Natural, Seed
from foible.errors import BadInput
from foible.models._checks import matched, paired
from foible.oracle import Answers, Oracle, Transport

TREES = (DecisionTreeClassifier, DecisionTreeRegressor)
Weights: TypeAlias = NDArray[np.floating[Any]]
Layer: TypeAlias = tuple[Weights, Weights]
Aim: TypeAlias = Callable[[Floats], Floats]
"""Takes logits (n, k) to the slope, by them, of what is to grow."""
Update: TypeAlias = Mapping[str, Floats]
"""Slopes of the loss by a network's weights, named as `Network.weights` names them."""
Sent: TypeAlias = Annotated[Update, Keys(("weight_0", "bias_0"))]
"""An update that says at least what the first layer learned."""


@runtime_checkable
class Classifier(Protocol):
    """What answers with classes: scikit-learn's classifiers do, and ours."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Label of each column of `predict_proba`, ndarray of shape (k,)."""

    def predict(self, X: Floats, /) -> NDArray[Any]:
        """Likeliest label of each row, ndarray of shape (n,)."""

    def predict_proba(self, X: Floats, /) -> Floats:
        """Probability of each class, ndarray of shape (n, k), rows summing to 1."""


@runtime_checkable
class Differentiable(Classifier, Protocol):
    """A classifier whose owner lets one follow its gradient: the white box."""

    def logits(self, X: Floats, /) -> Floats:
        """Scores before they become probabilities, ndarray of shape (n, k)."""

    def gradient(self, X: Floats, y: Ints, /) -> Floats:
        """Slope of each row's cross-entropy loss, ndarray of shape (n, d)."""

    def follow(self, X: Floats, aim: Aim, /) -> tuple[Floats, Floats]:
        """The logits, (n, k), and the slope of an aim by the rows, (n, d)."""


@runtime_checkable
class Regressor(Protocol):
    """What answers with a number: scikit-learn's regressors do."""

    def predict(self, X: Floats, /) -> NDArray[Any]:
        """The number for each row, ndarray of shape (n,)."""


Model: TypeAlias = Classifier | Regressor
Made = TypeVar("Made")


class Perturbation(Protocol):
    """Puts other rows in the place of those that a model is about to learn from."""

    def __call__(
        self, model: Differentiable, X: Floats, y: Ints, /, *, seed: int
    ) -> Floats:
        """As many rows, ndarray of shape (n, d)."""


class Recipe(Protocol):
    """How a model is made from rows, once or many times."""

    def __call__(self, rows: Dataset, *, seed: int) -> Model:
        """One model."""

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> Sequence[Model]:
        """As many models, the i-th made from `rows[i]` with `seeds[i]`."""
        return [self(part, seed=seed) for part, seed in matched(rows, seeds)]


@runtime_checkable
class Soft(Protocol):
    """A recipe that learns from probabilities as they are."""

    def softly(self, rows: Dataset, shares: Floats, *, seed: int) -> Model:
        """One model of rows whose probabilities, (n, k), stand for their labels."""


def made(
    recipe: Recipe, rows: Sequence[Dataset], *, seeds: Sequence[int]
) -> Sequence[Model]:
    """As many models, also of a function that makes one at a time: `recipe.many`."""
    many = getattr(recipe, "many", partial(Recipe.many, recipe))
    models: Sequence[Model] = many(rows, seeds=seeds)
    return models


class OneByOne(ABC, Generic[Made]):
    """A recipe that makes each of many classifiers by itself."""

    @abstractmethod
    def __call__(self, rows: Dataset, *, seed: Seed) -> Made:
        """One model."""

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Made]:
        """As many models, through joblib."""
        jobs = (delayed(self)(part, seed=seed) for part, seed in paired(rows, seeds))
        return list(Parallel()(jobs))


def numbered(model: Classifier) -> Ints:
    """The labels of a model's columns, `classes_`, ndarray of shape (k,).

    A label is the number of a class, everywhere: from 0, as `Dataset.y` has it, and the
    column of the class in `probabilities`. Other labels, such as -1 and 1, names, or
    numbers with a point, are BadInput; what is below 0 marks that there is no answer.
    """
    try:
        names = np.asarray(model.classes_)
    except ValueError:  # of several outputs
        names = np.empty(0)
    if names.ndim != 1 or names.dtype.kind not in "iu" or names.min() < 0:
        raise BadInput(
            f"got a model with classes {model.classes_}; wanted whole numbers from 0: "
            "label the rows by the numbers of their classes, and fit it again"
        )
    return names.astype(np.int64)


def probabilities(model: Classifier, X: ArrayLike) -> Floats:
    """Probability of class j in column j, as the model itself names its columns.

    For a model whose `classes_` are 0, 1, ... these are its `predict_proba`. If several
    columns carry the same name, they count together, just as `predict` has it.

    Rows (n, d) to ndarray of shape (n, k). Rows that are not finite, and a model whose
    labels are not whole numbers from 0, are BadInput.
    """
    names = numbered(model)
    columns = np.asarray(_of_rows(model, "predict_proba", X), dtype=np.float64)
    if np.array_equal(names, np.arange(columns.shape[1])):
        return columns
    table = np.zeros((len(columns), max(len(names), int(names.max()) + 1)))
    np.add.at(table.T, names, columns.T)
    return table


def values(model: Model, X: ArrayLike) -> Floats:
    """The plain numbers that a model computes, before anybody reads them as an answer.

    A network gives its logits (n, k), a regressor its prediction (n, 1), a classifier
    without probabilities what it decides by, (n, k) or (n, 1). Rows that are not
    finite, and any other classifier, are BadInput.
    """
    return _values(model)(np.asarray(X))


def _values(model: Model) -> Transport:
    """As `values`; what kind of model it is costs more than its answer to one row."""
    if isinstance(model, Differentiable):
        return lambda X: model.logits(_wide(model, X))
    if not isinstance(model, Classifier) and hasattr(model, "decision_function"):
        return lambda X: _columns(_of_rows(model, "decision_function", X))
    if hasattr(model, "classes_"):
        raise BadInput(
            f"got a {type(model).__name__}, which has no logits; wanted a network or a "
            "regressor, or ask it for probabilities, or for labels"
        )
    return lambda X: np.asarray(_of_rows(model, "predict", X), np.float64)[:, None]


def _columns(said: ArrayLike) -> Floats:
    """Numbers (n,) or (n, k) as a table."""
    table = np.asarray(said, np.float64)
    return table.reshape(len(table), -1)


def _of_rows(model: Model, method: str, X: ArrayLike) -> Any:
    """What a model's method makes of rows.

    scikit-learn's checks of a row cost ten times what a tree does with it; for rows of
    float32 it is told to leave them out.
    """
    rows = _wide(model, X)
    if type(model) in TREES:
        return getattr(model, method)(rows.astype(np.float32), check_input=False)
    return getattr(model, method)(rows)


def _wide(model: Model, X: ArrayLike) -> Floats:
    """Rows as scikit-learn wants them: as wide as those before, and in float32 too."""
    width: int | None = getattr(model, "n_features_in_", None)
    return finite_rows(X if width is None else SMALL_ROWS("rows", X), width=width)


def fitted(model: object) -> None:
    """Refuse an estimator of scikit-learn's that has learned nothing yet."""
    try:
        if isinstance(model, BaseEstimator):
            check_is_fitted(model)
    except NotFittedError as error:
        raise BadInput(
            f"got a {type(model).__name__} that is not fitted; wanted one after fit"
        ) from error


def transport(model: Model, *, answers: Answers = "probabilities") -> Transport:
    """The way to what a model answers, (n, d) to (n, k), and to nothing else.

    `values` of the model for the answers "values", else its `probabilities`; BadInput
    if it gives none. A classifier without them gives labels, (n,), for the answers
    "label".
    """
    fitted(model)
    if answers == "values":
        return _values(model)
    silent = not isinstance(model, Classifier)
    if answers == "label" and silent and hasattr(model, "classes_"):
        return lambda X: np.asarray(_of_rows(model, "predict", X))
    known = as_classifier(model)
    return lambda X: probabilities(known, X)


def oracle(
    model: Model, *, budget: Natural | None = None, answers: Answers = "probabilities"
) -> Oracle:
    """A model seen from outside, with a new account of queries; see `Oracle`."""
    return Oracle(transport(model, answers=answers), budget=budget, answers=answers)


def as_classifier(model: object) -> Classifier:
    """The model, if it gives probabilities of classes by number; else BadInput."""
    if not isinstance(model, Classifier):
        raise BadInput(
            f"got a {type(model).__name__}, which gives no probabilities; wanted a "
            'classifier, or ask with answers="label" or "values"'
        )
    numbered(model)
    return model


def as_differentiable(model: object) -> Differentiable:
    """The model, if it has a gradient, and class j in column j; else BadInput."""
    if not isinstance(model, Differentiable):
        raise BadInput(
            f"got a {type(model).__name__}, which has no gradient; wanted a network, "
            "or an attack that only asks"
        )
    names = numbered(model)
    if not np.array_equal(names, np.arange(len(names))):
        raise BadInput(
            f"got a model with classes {names}; wanted 0 to {len(names) - 1}, each the "
            "number of its column"
        )
    return model
