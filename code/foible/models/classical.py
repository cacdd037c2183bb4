"""Which of scikit-learn's models are there, and how are they made from rows?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from foible.arrays import Floats, Ints, finite_rows, likeliest, with_one
from foible.data import Dataset
from foible.domains import Count, Positive, Rows, Seed
from foible.errors import BadInput
from foible.models._checks import matched, paired, seeded
from foible.models.kinds import Classifier, Model, OneByOne, Recipe, Regressor
from foible.models.networks import Network, as_network

SMALLEST = 1e-9  # of a step of Newton's: below it the loss is as low as it gets


@dataclass(frozen=True)
class ForestRecipe(OneByOne[Classifier]):
    """Makes scikit-learn's RandomForestClassifier; see `forest`."""

    trees: Count
    depth: Count | None
    leaf: Count

    def __call__(self, rows: Dataset, *, seed: Seed) -> Classifier:
        """One forest, a plain scikit-learn estimator."""
        X, y, share = _learnable(rows, seed)
        model = RandomForestClassifier(
            n_estimators=self.trees,
            max_depth=self.depth,
            min_samples_leaf=self.leaf,
            random_state=seed,
        )
        fitted: Classifier = model.fit(X, y, sample_weight=share)
        return fitted


def forest(
    *, trees: Count = 100, depth: Count | None = None, leaf: Count = 1
) -> ForestRecipe:
    """Recipe for a random forest, scikit-learn's own [pedregosa2011scikit].

    `many` runs in this process unless `joblib.parallel_config` says where else.

    Parameters
    ----------
    trees : int
        How many trees vote.
    depth : int, optional
        Most questions a tree may ask of a row; no limit if left out.
    leaf : int
        Fewest training rows that share a leaf.
    """
    return ForestRecipe(trees, depth, leaf)


@dataclass(frozen=True)
class TreeRecipe(Recipe):
    """Makes scikit-learn's decision trees; see `tree`."""

    depth: Count | None
    leaf: Count

    def __call__(self, rows: Dataset, *, seed: Seed) -> Model:
        """One tree, a plain scikit-learn estimator."""
        settings: dict[str, Any] = {
            "max_depth": self.depth,
            "min_samples_leaf": self.leaf,
            "random_state": seed,
        }
        if not rows.classes:
            seeded(seed)
            number: Regressor = DecisionTreeRegressor(**settings).fit(rows.X, rows.y)
            return number
        X, y, share = _learnable(rows, seed)
        model: Classifier = DecisionTreeClassifier(**settings).fit(X, y, share)
        return model

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Model]:
        """As many trees."""
        return [self(part, seed=seed) for part, seed in matched(rows, seeds)]


def tree(*, depth: Count | None = None, leaf: Count = 1) -> TreeRecipe:
    """Recipe for a decision tree, scikit-learn's own [pedregosa2011scikit].

    Rows without classes make a regression tree.

    Parameters
    ----------
    depth, leaf
        As for `forest`.
    """
    return TreeRecipe(depth, leaf)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Answers with the labels of the nearest rows it has kept; see `neighbours`."""

    rows: Dataset
    count: Count

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(len(self.rows.classes))

    def predict_proba(self, X: Rows) -> Floats:
        """Share of each class among the nearest rows, ndarray of shape (n, k)."""
        tree = NearestNeighbors(n_neighbors=self.count).fit(self.rows.X)
        nearest = tree.kneighbors(
            finite_rows(X, width=len(self.rows.columns)), return_distance=False
        )
        return np.asarray(
            (self.rows.y[nearest][:, :, np.newaxis] == self.classes_).mean(axis=1)
        )

    def predict(self, X: Rows) -> Ints:
        """Commonest class among the nearest rows, of equals the first, shape (n,)."""
        return likeliest(self.predict_proba(X))


@dataclass(frozen=True)
class NeighboursRecipe(OneByOne[Neighbours]):
    """Keeps rows to answer by; see `neighbours`."""

    count: Count

    def __call__(self, rows: Dataset, *, seed: Seed) -> Neighbours:
        """One model, which is the rows themselves."""
        paired([rows], [seed])
        if len(rows) < self.count:
            raise BadInput(f"got {len(rows)} rows; wanted at least {self.count}")
        return Neighbours(rows, self.count)


def neighbours(*, count: Count = 1) -> NeighboursRecipe:
    """Recipe for the rule of the nearest neighbours [pedregosa2011scikit].

    There is no chance in it: the seed is taken and not used. Of two rows at the same
    distance either may count as the nearer one, but always the same.

    Parameters
    ----------
    count : int
        How many of the nearest rows vote.
    """
    return NeighboursRecipe(count)


@dataclass(frozen=True)
class RegressionRecipe(OneByOne[Network]):
    """Makes linear models; see `logistic` and `softmax`."""

    strength: Positive
    pinned: bool
    tolerance: Positive | None = None

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """One linear model, a `Network` of a single layer in float64."""
        X, y, share = _learnable(rows, seed)
        two = len(rows.classes) == 2
        if self.pinned and not two:
            raise BadInput(
                f"{rows.name}: got {len(rows.classes)} classes; wanted two for "
                "logistic regression: use softmax"
            )
        # Two free classes share the one direction, so their penalty is half as large.
        penalty = self.strength if self.pinned or not two else self.strength / 2
        if two and self.tolerance is None:
            found = _newton(X, y, share, strength=penalty)
            weight, bias = found[:-1, np.newaxis], found[-1:]
        else:
            solver, tolerance = "newton-cg", 1e-8
            if self.tolerance is not None:
                solver, tolerance = "lbfgs", self.tolerance
            model = LogisticRegression(
                C=1 / penalty, solver=solver, tol=tolerance, max_iter=10_000
            ).fit(X, y, sample_weight=share)
            weight, bias = model.coef_.T, model.intercept_
        if two:
            per_class = [0.0, 1.0] if self.pinned else [-0.5, 0.5]
            weight, bias = weight * per_class, bias * per_class
        return Network(((weight, bias),))


def _newton(X: Floats, y: Ints, share: Floats | None, *, strength: float) -> Floats:
    """Weights and, last, bias of two classes' logistic regression, (d + 1,).

    By Newton's method, a step halved until it lowers the loss. scikit-learn's solver
    of that name takes these steps too, and seven times as long over a small table:
    searches that know a defence train by the thousand.
    """
    X, counts = with_one(X), np.ones(len(X)) if share is None else share
    held = np.append(np.full(X.shape[1] - 1, strength), 0.0)  # the bias is free

    def loss(weights: Floats) -> float:
        logits = X @ weights
        each = np.logaddexp(0, logits) - y * logits
        return float(counts @ each + held @ weights**2 / 2)

    weights, size = np.zeros(X.shape[1]), 1.0
    while size > SMALLEST:
        said = expit(X @ weights)
        slope = X.T @ (counts * (said - y)) + held * weights
        if np.abs(slope).max() <= 1e-10 * len(X):
            break
        curve = (X.T * (counts * said * (1 - said))) @ X + np.diag(held)
        step, before, size = np.linalg.solve(curve, slope), loss(weights), 1.0
        while size > SMALLEST and loss(weights - size * step) >= before:
            size /= 2
        weights = weights - size * step
    return weights


def logistic(*, strength: Positive = 1.0) -> RegressionRecipe:
    """Recipe for logistic regression on two classes [pedregosa2011scikit].

    The model is the minimum of the summed cross-entropy plus `strength` / 2 times the
    squared weights, which has no chance in it: the seed is taken and not used. The
    logit of class 0 is always 0.

    Parameters
    ----------
    strength : float
        Of the penalty on the weights, above 0; the bias is free.
    """
    return RegressionRecipe(strength, pinned=True)


def softmax(
    *, strength: Positive = 1.0, tolerance: Positive | None = None
) -> RegressionRecipe:
    """Recipe for softmax regression on two or more classes [pedregosa2011scikit].

    The same minimum as `logistic`, but every class has weights of its own.

    Parameters
    ----------
    strength : float
        As for `logistic`.
    """
    return RegressionRecipe(strength, pinned=False, tolerance=tolerance)


def polished(model: Network, rows: Dataset, *, strength: Positive) -> Network:
    """A softmax regression after one more of Newton's steps, towards its minimum.

    What a solver leaves undone at its tolerance, one step all but finishes. The rows
    and the `strength` are those that it was made with.
    """
    ((weight, bias),) = as_network(model, most=1).layers
    X, said = with_one(rows.X), model.predict_proba(rows.X)
    k = said.shape[1]
    slope = X.T @ (said - np.eye(k)[rows.y])
    slope[:-1] += strength * weight
    spread = said[:, :, None] * np.eye(k) - said[:, :, None] * said[:, None]
    curve = np.einsum("ni,nab,nj->iajb", X, spread, X).reshape(slope.size, -1)
    held = np.repeat([strength] * len(weight) + [0.0], k)  # the bias is free
    step = np.linalg.lstsq(curve + np.diag(held), slope.ravel(), rcond=None)[0]
    step = step.reshape(-1, k)
    return Network(((weight - step[:-1], bias - step[-1]),))


def _learnable(rows: Dataset, seed: int) -> tuple[Floats, NDArray[Any], Floats | None]:
    """Rows, labels and weights that make scikit-learn give every class a column.

    A class without a row gets one that counts nothing.
    """
    paired([rows], [seed])
    absent = np.setdiff1d(np.arange(len(rows.classes)), rows.y)
    if not absent.size:
        return rows.X, rows.y, None
    X = np.concatenate([rows.X, np.repeat(rows.X[:1], len(absent), axis=0)])
    share = np.concatenate([np.ones(len(rows)), np.zeros(len(absent))])
    return X, np.concatenate([rows.y, absent]), share
