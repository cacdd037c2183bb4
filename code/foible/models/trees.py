"""Which trees is a model made of, whoever grew them?"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.errors import BadInput
from foible.models.from_sklearn import Estimator

Precision: TypeAlias = Literal["float32", "float64"]


@dataclass(frozen=True, eq=False)
class Tree:
    """Questions whether a column is at most a cut, and values; a child comes later.

    Parameters
    ----------
    left, right : ndarray of int, shape (m,)
        Where a row goes that is at most the cut, and where another; -1 at a leaf.
    column, cut : ndarray of shape (m,)
        What a node asks.
    value : ndarray of shape (m, k)
        What a leaf adds to each class.
    """

    left: Ints
    right: Ints
    column: Ints
    cut: Floats
    value: Floats

    def leaves(self, columns: int) -> tuple[Floats, Floats, Floats]:
        """Each leaf's box, above a row of (m, d) and up to another, and its values."""
        low = np.full((len(self.left), columns), -np.inf)
        high = -low
        for node in np.flatnonzero(self.left >= 0):
            left, right = self.left[node], self.right[node]
            column, cut = self.column[node], self.cut[node]
            low[[left, right]], high[[left, right]] = low[node], high[node]
            high[left, column] = min(high[left, column], cut)
            low[right, column] = max(low[right, column], cut)
        ends = self.left < 0
        return low[ends], high[ends], self.value[ends]

    def values(self, X: Floats) -> Floats:
        """What the leaf of each row adds, (n, k)."""
        where, each = np.zeros(len(X), int), np.arange(len(X))
        while (inside := self.left[where] >= 0).any():
            below = X[each, self.column[where]] <= self.cut[where]
            child = np.where(below, self.left[where], self.right[where])
            where = np.where(inside, child, where)
        return self.value[where]


@dataclass(frozen=True, eq=False, repr=False)
class Trees:
    """A classifier made of trees, whose values are added up; see `trees`.

    Parameters
    ----------
    each : tuple of Tree
    start : ndarray of shape (k,)
        What every row has before any tree.
    columns : int
        How wide a row is.
    votes : bool
        Whether the sums are shares of votes; else a softmax makes probabilities.
    precision : {"float32", "float64"}
        In which the trees compare.
    labels : ndarray of int, shape (k,)
    """

    each: tuple[Tree, ...]
    start: Floats
    columns: int
    votes: bool
    precision: Precision
    labels: Ints

    def __repr__(self) -> str:
        return f"<{len(self.each)} trees, {self.columns} → {len(self.labels)}>"

    @property
    def classes_(self) -> Ints:
        """The labels, ndarray of shape (k,)."""
        return self.labels

    def scores(self, X: ArrayLike) -> Floats:
        """The sums of the trees' values, ndarray of shape (n, k)."""
        rows = finite_rows(X, width=self.columns).astype(self.precision)
        return np.asarray(self.start + sum(one.values(rows) for one in self.each))

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class, ndarray of shape (n, k)."""
        scores = self.scores(X)
        if self.votes:
            return _shares(scores)
        return np.asarray(softmax(scores, axis=1))

    def predict(self, X: ArrayLike) -> Ints:
        """Likeliest label of each row, ndarray of shape (n,)."""
        return np.asarray(self.labels[likeliest(self.scores(X))])


Grown: TypeAlias = (
    Trees
    | Estimator
    | DecisionTreeClassifier
    | RandomForestClassifier
    | ExtraTreesClassifier
    | GradientBoostingClassifier
    | HistGradientBoostingClassifier
)
"""A model of trees: ours, or scikit-learn's."""


def trees(model: Grown) -> Trees:
    """The trees of a classifier, [pedregosa2011scikit] or read from a dump.

    BadInput: labels that are not whole numbers from 0, trees that ask for categories,
    trees behind a pipeline, and an estimator that is not made of trees.
    """
    if isinstance(model, Trees):
        return model
    if isinstance(model, Estimator):
        grown = model.estimator
        labels = np.array([model.labels.index(one) for one in _classes(grown).tolist()])
    else:
        grown, labels = model, _classes(model)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise BadInput(
            f"got trees with classes {labels.tolist()}; wanted whole numbers from "
            "0, of one output: give models.sklearn(estimator)"
        )
    forest = isinstance(grown, RandomForestClassifier | ExtraTreesClassifier)
    if forest or isinstance(grown, DecisionTreeClassifier):
        own = grown.estimators_ if forest else [grown]
        shares = tuple(_grown(one.tree_, _shares(one.tree_.value[:, 0])) for one in own)
        start = np.zeros(len(labels))
        return Trees(shares, start, own[0].n_features_in_, True, "float32", labels)
    if isinstance(grown, GradientBoostingClassifier):
        return _boosted(grown, labels)
    if isinstance(grown, HistGradientBoostingClassifier):
        return _binned(grown, labels)
    raise BadInput(
        f"got a {type(grown).__name__}; wanted a tree, a forest or gradient boosting, "
        "not behind a pipeline"
    )


def _classes(grown: Any) -> Any:
    return np.asarray(getattr(grown, "classes_", ["no classes"]))


def _shares(value: Floats) -> Floats:
    return np.asarray(value / value.sum(axis=1, keepdims=True))


def _grown(tree: Any, value: Floats) -> Tree:
    """A tree of scikit-learn's, whose nodes add these values, (m, k)."""
    left, right = tree.children_left, tree.children_right
    return Tree(left, right, tree.feature, tree.threshold, value)


def of_class(values: Floats, number: int, classes: int) -> Floats:
    """Values (m,) that count for one class, as a table (m, k).

    A model of two classes adds up one number, which is that of the second.
    """
    table = np.zeros((len(values), classes))
    table[:, 1 if classes == 2 else number] = values
    return table


def _boosted(model: Any, labels: Ints) -> Trees:
    if not isinstance(model.init_, DummyClassifier) and model.init_ != "zero":
        raise BadInput(
            f"got init={model.init_!r}; wanted boosting that begins with a prior"
        )
    k, d = len(labels), model.n_features_in_
    twice = 2 if model.loss == "exponential" else 1  # its odds are of half the sum
    prior = model._raw_predict_init(np.zeros((1, d), np.float32))[0]
    each = tuple(
        _grown(
            one.tree_,
            of_class(twice * model.learning_rate * one.tree_.value[:, 0, 0], j, k),
        )
        for stage in model.estimators_
        for j, one in enumerate(stage)
    )
    return Trees(each, _start(twice * prior, k), d, False, "float32", labels)


def _binned(model: Any, labels: Ints) -> Trees:
    k, each = len(labels), []
    for stage in model._predictors:
        for j, one in enumerate(stage):
            nodes = one.nodes
            if nodes["is_categorical"].any():
                raise BadInput("got trees that ask for categories; wanted numbers only")
            inside = nodes["is_leaf"] == 0
            left, right = (
                np.where(inside, nodes[side].astype(int), -1)
                for side in ("left", "right")
            )
            value = of_class(nodes["value"], j, k)
            cut = nodes["num_threshold"]
            each.append(Tree(left, right, nodes["feature_idx"], cut, value))
    start = _start(model._baseline_prediction.ravel(), k)
    return Trees(tuple(each), start, model.n_features_in_, False, "float64", labels)


def _start(prior: Floats, k: int) -> Floats:
    """What is there before the trees, (k,), also where it is one number of two."""
    return np.array([0.0, prior[-1]]) if k == 2 else np.asarray(prior, np.float64)
