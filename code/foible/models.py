"""Which models are there, and how is one, or are many at once, made from rows?

A recipe is a plain value that turns rows into a model. NumPy goes in and NumPy comes
out; tensors stay inside, on the CPU, where small networks are fast and results do not
depend on a graphics card. Class j is column j of the probabilities of every model made
here, also if the rows to learn from had no example of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from math import prod
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax as normalised
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from torch import Tensor

from foible.camera import Scene, Views, checked_artworks, scenes
from foible.data import Dataset
from foible.errors import BadInput
from foible.oracle import Floats, Ints, finite_rows, likeliest

Weights: TypeAlias = NDArray[np.floating[Any]]
Layer: TypeAlias = tuple[Weights, Weights]
Aim: TypeAlias = Callable[[Floats], Floats]
"""Takes logits (n, k) to the slope, by them, of what is to grow."""

GROUP = 64  # networks trained side by side, at most
GROUP_CELLS = 2**25  # and no more values than this in their stacked rows
CHUNK = 64  # pictures followed at once: more of them take twice as long
STEP_CELLS = 2**18  # nor than this in the rows of one step: they are to stay in cache


# ---------------------------------------------------------------- what a model is


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


def probabilities(model: Classifier, X: ArrayLike) -> Floats:
    """Probability of class j in column j, as the model itself names its columns.

    For a model whose `classes_` are 0, 1, ... these are its `predict_proba`. If several
    columns carry the same name, they count together, just as `predict` has it.

    Parameters
    ----------
    model : Classifier
        Its labels are whole numbers from 0.
    X : array_like of shape (n, d)

    Returns
    -------
    ndarray of shape (n, k)

    Raises
    ------
    BadInput
        Rows that are not finite, or labels that are not whole numbers from 0.
    """
    names = np.asarray(model.classes_)
    if names.dtype.kind not in "iu" or names.min() < 0:
        raise BadInput(f"got a model with classes {names}; wanted whole numbers from 0")
    columns = np.asarray(model.predict_proba(finite_rows(X)), dtype=np.float64)
    table = np.zeros((len(columns), max(len(names), int(names.max()) + 1)))
    np.add.at(table.T, names, columns.T)
    return table


def values(model: Model, X: ArrayLike) -> Floats:
    """The plain numbers that a model computes, before anybody reads them as an answer.

    Parameters
    ----------
    model : Differentiable or Regressor
        A network gives its logits, a regressor its prediction.
    X : array_like of shape (n, d)

    Returns
    -------
    ndarray of shape (n, k)
        k is 1 for a regressor.

    Raises
    ------
    BadInput
        Rows that are not finite, or a classifier that computes no logits.
    """
    if isinstance(model, Differentiable):
        return model.logits(finite_rows(X))
    if isinstance(model, Classifier):
        raise BadInput(
            f"got a {type(model).__name__}, which has no logits; wanted a network or a "
            "regressor, or ask it for probabilities"
        )
    return np.asarray(model.predict(finite_rows(X)), dtype=np.float64)[:, np.newaxis]


# ---------------------------------------------------------------- the networks


class Scoring(ABC):
    """What follows from a model's logits, and from their slope by its rows."""

    @property
    @abstractmethod
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""

    @abstractmethod
    def logits(self, X: ArrayLike) -> Floats:
        """Scores before they become probabilities, ndarray of shape (n, k)."""

    @abstractmethod
    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and how rows should move for an aim to grow, in one pass.

        Any aim that can be written with the logits has its gradient here.

        Parameters
        ----------
        X : array_like of shape (n, d)
        aim : callable
            Takes the logits to the aim's derivative by them, both (n, k).

        Returns
        -------
        logits : ndarray of shape (n, k)
        slope : ndarray of shape (n, d)
        """

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class, ndarray of shape (n, k), rows summing to 1."""
        return np.asarray(normalised(self.logits(X), axis=1))

    def predict(self, X: ArrayLike) -> Ints:
        """Likeliest label of each row, ndarray of shape (n,)."""
        return likeliest(self.logits(X))

    def gradient(self, X: ArrayLike, y: ArrayLike) -> Floats:
        """Slope of each row's own cross-entropy loss.

        Parameters
        ----------
        X : array_like of shape (n, d)
        y : array_like of shape (n,)
            Labels, 0 to k - 1.

        Returns
        -------
        ndarray of shape (n, d)

        Raises
        ------
        BadInput
            Rows or labels that do not fit.
        """
        labels = np.asarray(y)

        def aim(logits: Floats) -> Floats:
            slope = np.asarray(normalised(logits, axis=1))
            slope[np.arange(len(slope)), _fitting(labels, slope.shape)] -= 1
            return slope

        return self.follow(X, aim)[1]

    def backward(self, X: ArrayLike, slope: Floats) -> Floats:
        """How rows should move for the logits to move along `slope`.

        Parameters
        ----------
        X : array_like of shape (n, d)
        slope : ndarray of shape (n, k)

        Returns
        -------
        ndarray of shape (n, d)
        """
        return self.follow(X, lambda _: slope)[1]


@dataclass(frozen=True, eq=False, repr=False)
class Network(Scoring):
    """Layers of weights with ReLU between them; a single layer is a linear model.

    It computes in float64 whatever its weights are stored in, and is never changed.

    Parameters
    ----------
    layers : tuple of (ndarray of shape (a, b), ndarray of shape (b,))
        Weight and bias of each layer; the first a is d, the last b is k.

    Raises
    ------
    BadInput
        Layers that do not fit each other, or a weight that is not finite.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        layers = tuple((_frozen(weight), _frozen(bias)) for weight, bias in self.layers)
        shapes = [weight.shape + bias.shape for weight, bias in layers]
        fits = all(len(shape) == 3 and shape[1] == shape[2] for shape in shapes)
        if (
            not layers
            or not fits
            or any(one[1] != other[0] for one, other in pairwise(shapes))
        ):
            raise BadInput(
                f"got layers of shapes {shapes}; wanted (a, b) + (b,), each layer's b "
                "being the next one's a"
            )
        super().__setattr__("layers", layers)

    def __repr__(self) -> str:
        sizes = [len(weight) for weight, _ in self.layers] + [len(self.classes_)]
        return f"<network {' → '.join(map(str, sizes))}>"

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(len(self.layers[-1][1]))

    def logits(self, X: ArrayLike) -> Floats:
        """Scores before they become probabilities, ndarray of shape (n, k).

        Raises
        ------
        BadInput
            Rows that are not finite or not d wide.
        """
        weight, bias = self.layers[-1]
        return self._entering(X)[-1] @ weight + bias

    def features(self, X: ArrayLike) -> Floats:
        """What enters the last layer, ndarray of shape (n, width of the one before)."""
        return self._entering(X)[-1]

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and how rows should move for an aim to grow, in one pass.

        As `Scoring.follow`.
        """
        entering, (weight, bias) = self._entering(X), self.layers[-1]
        logits = entering[-1] @ weight + bias
        return logits, self._pulled(entering, aim(logits) @ weight.T)

    def backward_features(self, X: ArrayLike, slope: Floats) -> Floats:
        """How rows should move for the features to move along `slope`.

        Parameters
        ----------
        X : array_like of shape (n, d)
        slope : ndarray of the shape of `features(X)`

        Returns
        -------
        ndarray of shape (n, d)
        """
        return self._pulled(self._entering(X), slope)

    def _pulled(self, entering: Sequence[Floats], slope: Floats) -> Floats:
        """A slope by what enters the last layer, brought back to the rows."""
        for values, (weight, _) in zip(
            entering[:0:-1], self.layers[-2::-1], strict=True
        ):
            slope = slope * (values > 0) @ weight.T
        return np.asarray(slope)

    def slope(
        self, X: ArrayLike, y: ArrayLike, *, counts: ArrayLike = 1.0
    ) -> dict[str, Floats]:
        """Slope of the rows' mean cross-entropy loss by every weight.

        What one step of training needs, and what a client of a shared training sends.

        Parameters
        ----------
        X : array_like of shape (n, d)
        y : array_like of shape (n,)
            Labels, 0 to k - 1.
        counts : array_like of shape (n,), optional
            By how much each row's own slope is multiplied before the mean is taken.

        Returns
        -------
        dict of str to ndarray
            Named and shaped as `weights()` names and shapes them.
        """
        slopes = {}
        for i, (values, slope) in enumerate(self._passed_back(X, y)):
            share = slope * np.broadcast_to(counts, len(slope))[:, None] / len(slope)
            slopes[f"weight_{i}"] = values.T @ share
            slopes[f"bias_{i}"] = share.sum(axis=0)
        return slopes

    def slope_lengths(self, X: ArrayLike, y: ArrayLike) -> Floats:
        """Euclidean length of each row's own slope by all weights, shape (n,).

        A layer's slope is the product of what enters and of what is passed back, and so
        is its length; no row's slope is written out.
        """
        squares = [
            np.sum(slope**2, axis=1) * (np.sum(values**2, axis=1) + 1)
            for values, slope in self._passed_back(X, y)
        ]
        return np.asarray(np.sqrt(np.sum(squares, axis=0)))

    def _passed_back(self, X: ArrayLike, y: ArrayLike) -> list[tuple[Floats, Floats]]:
        """What enters each layer, and each row's slope by what leaves it."""
        entering, labels = self._entering(X), np.asarray(y, dtype=np.int64)
        slope = self.predict_proba(X)
        slope[np.arange(len(slope)), labels] -= 1
        pairs = [(entering[-1], slope)]
        for values, (weight, _) in zip(
            entering[:0:-1], self.layers[:0:-1], strict=True
        ):
            slope = slope @ weight.T * (values > 0)
            pairs.append((entering[len(entering) - 1 - len(pairs)], slope))
        return pairs[::-1]

    def _entering(self, X: ArrayLike) -> list[Floats]:
        """What enters each layer: the rows, then the hidden values."""
        values = [finite_rows(X, width=len(self.layers[0][0]))]
        for weight, bias in self.layers[:-1]:
            values.append(np.maximum(values[-1] @ weight + bias, 0))
        return values

    def weights(self) -> dict[str, Weights]:
        """Copies of all weights: `weight_0`, `bias_0`, `weight_1` and so on."""
        return {
            f"{name}_{i}": values.copy()
            for i, layer in enumerate(self.layers)
            for name, values in zip(("weight", "bias"), layer, strict=True)
        }

    def with_weights(self, weights: Mapping[str, Weights]) -> "Network":
        """The same network with other weights, named as `weights()` names them.

        Raises
        ------
        BadInput
            Other names or shapes than its own, or a weight that is not finite.
        """
        _same_shapes(weights, self.weights())
        return Network(
            tuple(
                (weights[f"weight_{i}"], weights[f"bias_{i}"])
                for i in range(len(self.layers))
            )
        )


@dataclass(frozen=True, eq=False, repr=False)
class Convolutional(Scoring):
    """Layers of filters with ReLU, each halving the image, and a network on top.

    After each layer, of every square of four pixels the largest value is kept. The
    filters compute in the precision that they are stored in (float32 where they were
    trained, at least), the head in float64. It is never changed.

    Parameters
    ----------
    image : tuple of int
        Shape of a row that is seen as an image: (height, width) or (height, width, c).
    filters : tuple of (ndarray of shape (b, a, s, s), ndarray of shape (b,))
        Weight and bias of each layer of filters, s pixels wide; the first a is c.
    head : Network
        What reads the last layer, all its values in a row.

    Raises
    ------
    BadInput
        Layers that do not fit each other, or a weight that is not finite.
    """

    image: tuple[int, ...]
    filters: tuple[Layer, ...]
    head: Network

    def __post_init__(self) -> None:
        filters = tuple(
            (_frozen(weight), _frozen(bias)) for weight, bias in self.filters
        )
        super().__setattr__("image", tuple(self.image))
        super().__setattr__("filters", filters)
        height, width, depth = _image(self.image)
        for weight, bias in filters:
            height, width = -(-height // 2), -(-width // 2)
            wanted = len(bias), depth, weight.shape[-1] | 1, weight.shape[-1] | 1
            if weight.shape != wanted:
                raise BadInput(
                    f"got filters of shape {weight.shape}; wanted {wanted}: as many as "
                    "biases, as deep as what they read, an odd number of pixels wide"
                )
            depth = len(bias)
        if len(self.head.layers[0][0]) != height * width * depth:
            raise BadInput(
                f"got a head for {len(self.head.layers[0][0])} values; wanted "
                f"{height * width * depth}, which the filters make of an image"
            )

    def __repr__(self) -> str:
        sizes = ["×".join(map(str, self.image)), *(len(b) for _, b in self.filters)]
        sizes += [len(bias) for _, bias in self.head.layers]
        return f"<convolutional network {' → '.join(map(str, sizes))}>"

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return self.head.classes_

    def logits(self, X: ArrayLike) -> Floats:
        """Scores before they become probabilities, ndarray of shape (n, k).

        Raises
        ------
        BadInput
            Rows that are not finite or not d wide.
        """
        return self.head.logits(self._seen(self._rows(X)).numpy())

    def features(self, X: ArrayLike) -> Floats:
        """What enters the last layer, ndarray of shape (n, width of the one before)."""
        return self.head.features(self._seen(self._rows(X)).numpy())

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and how rows should move for an aim to grow, in one pass.

        As `Scoring.follow`.
        """
        return self._pulled(X, lambda seen: self.head.follow(seen, aim))

    def backward_features(self, X: ArrayLike, slope: Floats) -> Floats:
        """How rows should move for the features to move along `slope`.

        As `Network.backward_features`: `slope` has the shape of `features(X)`.
        """
        back = self.head.backward_features
        return self._pulled(X, lambda seen: (seen, back(seen, slope)))[1]

    def _pulled(
        self, X: ArrayLike, top: Callable[[Floats], tuple[Floats, Floats]]
    ) -> tuple[Floats, Floats]:
        """What the top says of what the filters see, and its slope by the rows."""
        some = torch.split(self._rows(X), CHUNK)
        parts = [part.clone().requires_grad_() for part in some]
        seen = [self._seen(part) for part in parts]
        said, slope = top(torch.cat([part.detach() for part in seen]).numpy())
        entering = torch.split(torch.from_numpy(slope).to(seen[0].dtype), CHUNK)
        moves = [
            torch.autograd.grad(end, begin, part)[0]
            for end, begin, part in zip(seen, parts, entering, strict=True)
        ]
        return said, np.asarray(torch.cat(moves).numpy(), np.float64)

    def _rows(self, X: ArrayLike) -> Tensor:
        rows = torch.tensor(finite_rows(X, width=prod(self.image)))
        return rows.to(self._layers()[0].dtype)

    def _seen(self, rows: Tensor) -> Tensor:
        """What the filters make of rows: (n, d) to (n, entering the head)."""
        return _filtered(self._layers(), rows, self.image)

    def _layers(self) -> list[Tensor]:
        """Weights and biases of the filters, all of one precision."""
        arrays = [values for layer in self.filters for values in layer]
        kind = np.result_type(np.float32, *arrays)
        return [torch.from_numpy(values.astype(kind)) for values in arrays]

    def weights(self) -> dict[str, Weights]:
        """Copies of all weights: `filter_0`, `filter_bias_0` ..., then the head's."""
        return {
            f"{name}_{i}": values.copy()
            for i, layer in enumerate(self.filters)
            for name, values in zip(("filter", "filter_bias"), layer, strict=True)
        } | self.head.weights()

    def with_weights(self, weights: Mapping[str, Weights]) -> "Convolutional":
        """The same network with other weights, named as `weights()` names them.

        Raises
        ------
        BadInput
            Other names or shapes than its own, or a weight that is not finite.
        """
        _same_shapes(weights, self.weights())
        filters = tuple(
            (weights[f"filter_{i}"], weights[f"filter_bias_{i}"])
            for i in range(len(self.filters))
        )
        own = {name: weights[name] for name in self.head.weights()}
        return replace(self, filters=filters, head=self.head.with_weights(own))


def _image(shape: Sequence[int]) -> tuple[int, int, int]:
    """Height, width and depth of images of a shape that may lack the last."""
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise BadInput(
            f"got images of shape {tuple(shape)}; wanted (height, width) or "
            "(height, width, depth)"
        )
    height, width, depth = (*shape, 1)[:3]
    return height, width, depth


def _filtered(filters: Sequence[Tensor], rows: Tensor, image: Sequence[int]) -> Tensor:
    """Rows (n, d) of images through layers of filters: (n, entering the head)."""
    values = rows.view(-1, *_image(image)).permute(0, 3, 1, 2)
    for weight, bias in zip(filters[::2], filters[1::2], strict=True):
        margin = weight.shape[-1] // 2
        values = torch.conv2d(values, weight, bias, padding=margin)
        values = torch.max_pool2d(values, 2, ceil_mode=True).relu()  # 1/4 of the relus
    return values.flatten(1)


def _same_shapes(got: Mapping[str, Weights], own: Mapping[str, Weights]) -> None:
    wanted = {name: values.shape for name, values in own.items()}
    shapes = {name: np.shape(values) for name, values in got.items()}
    if shapes != wanted:
        raise BadInput(f"got weights of shapes {shapes}; wanted {wanted}")


def _fitting(labels: NDArray[Any], shape: tuple[int, ...]) -> Ints:
    """Labels as column numbers, if there is one for each row of a table (n, k)."""
    n, k = shape
    if (
        labels.shape != (n,)
        or labels.dtype.kind not in "iub"
        or not 0 <= labels.min() <= labels.max() < k
    ):
        raise BadInput(
            f"got labels of {labels.dtype} and of shape {labels.shape}; wanted whole "
            f"numbers of shape ({n},), each from 0 to {k - 1}"
        )
    return labels.astype(np.int64)


def _frozen(values: Weights) -> Weights:
    copy = np.array(values)
    if copy.dtype.kind != "f" or not np.isfinite(copy).all():
        raise BadInput(
            f"got weights of {copy.dtype} that are not all finite floating numbers; if "
            "training made them, lower its rate"
        )
    copy.flags.writeable = False
    return copy


# ---------------------------------------------------------------- scikit-learn's


@dataclass(frozen=True)
class ForestRecipe:
    """Makes scikit-learn's RandomForestClassifier; see `forest`."""

    trees: int
    depth: int | None
    leaf: int

    def __call__(self, rows: Dataset, *, seed: int) -> Classifier:
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

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> list[Classifier]:
        """As many forests, through joblib."""
        jobs = (delayed(self)(part, seed=seed) for part, seed in _paired(rows, seeds))
        return list(Parallel()(jobs))


def forest(
    *, trees: int = 100, depth: int | None = None, leaf: int = 1
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

    Raises
    ------
    BadInput
        A setting below 1.
    """
    _positive(trees=trees, leaf=leaf, depth=1 if depth is None else depth)
    return ForestRecipe(trees, depth, leaf)


@dataclass(frozen=True)
class TreeRecipe:
    """Makes scikit-learn's decision trees; see `tree`."""

    depth: int | None
    leaf: int

    def __call__(self, rows: Dataset, *, seed: int) -> Model:
        """One tree, a plain scikit-learn estimator."""
        settings: dict[str, Any] = {
            "max_depth": self.depth,
            "min_samples_leaf": self.leaf,
            "random_state": seed,
        }
        if not rows.classes:
            _seeded(seed)
            number: Regressor = DecisionTreeRegressor(**settings).fit(rows.X, rows.y)
            return number
        X, y, share = _learnable(rows, seed)
        model: Classifier = DecisionTreeClassifier(**settings).fit(X, y, share)
        return model

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Model]:
        """As many trees."""
        if len(rows) != len(seeds):
            raise _unpaired(rows, seeds)
        return [self(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)]


def tree(*, depth: int | None = None, leaf: int = 1) -> TreeRecipe:
    """Recipe for a decision tree, scikit-learn's own [pedregosa2011scikit].

    Rows without classes make a regression tree.

    Parameters
    ----------
    depth : int, optional
        Most questions the tree may ask of a row; no limit if left out.
    leaf : int
        Fewest training rows that share a leaf.

    Raises
    ------
    BadInput
        A setting below 1.
    """
    _positive(leaf=leaf, depth=1 if depth is None else depth)
    return TreeRecipe(depth, leaf)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Answers with the labels of the nearest rows it has kept; see `neighbours`."""

    rows: Dataset
    count: int

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(len(self.rows.classes))

    def predict_proba(self, X: Floats) -> Floats:
        """Share of each class among the nearest rows, ndarray of shape (n, k)."""
        tree = NearestNeighbors(n_neighbors=self.count).fit(self.rows.X)
        nearest = tree.kneighbors(finite_rows(X), return_distance=False)
        return np.asarray(
            (self.rows.y[nearest][:, :, np.newaxis] == self.classes_).mean(axis=1)
        )

    def predict(self, X: Floats) -> Ints:
        """Commonest class among the nearest rows, of equals the first, shape (n,)."""
        return likeliest(self.predict_proba(X))


@dataclass(frozen=True)
class NeighboursRecipe:
    """Keeps rows to answer by; see `neighbours`."""

    count: int

    def __call__(self, rows: Dataset, *, seed: int) -> Neighbours:
        """One model, which is the rows themselves."""
        return self.many([rows], seeds=[seed])[0]

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> list[Neighbours]:
        """As many models."""
        for part, _ in _paired(rows, seeds):
            if len(part) < self.count:
                raise BadInput(f"got {len(part)} rows; wanted at least {self.count}")
        return [Neighbours(part, self.count) for part in rows]


def neighbours(*, count: int = 1) -> NeighboursRecipe:
    """Recipe for the rule of the nearest neighbours [pedregosa2011scikit].

    There is no chance in it: the seed is taken and not used. Of two rows at the same
    distance either may count as the nearer one, but always the same.

    Parameters
    ----------
    count : int
        How many of the nearest rows vote.

    Raises
    ------
    BadInput
        `count` is below 1.
    """
    _positive(count=count)
    return NeighboursRecipe(count)


@dataclass(frozen=True)
class RegressionRecipe:
    """Makes linear models by scikit-learn's solvers; see `logistic` and `softmax`."""

    strength: float
    pinned: bool

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """One linear model, a `Network` of a single layer in float64."""
        X, y, share = _learnable(rows, seed)
        two = len(rows.classes) == 2
        if self.pinned and not two:
            raise BadInput(
                f"{rows.name} has {len(rows.classes)} classes; logistic regression "
                "wants two: use softmax"
            )
        # Two free classes share the one direction, so their penalty is half as large.
        penalty = self.strength if self.pinned or not two else self.strength / 2
        model = LogisticRegression(
            C=1 / penalty,
            solver="newton-cholesky" if two else "newton-cg",
            tol=1e-8,
            max_iter=10_000,
        ).fit(X, y, sample_weight=share)
        weight, bias = model.coef_.T, model.intercept_
        if two:
            per_class = [0.0, 1.0] if self.pinned else [-0.5, 0.5]
            weight, bias = weight * per_class, bias * per_class
        return Network(((weight, bias),))

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many linear models, through joblib."""
        jobs = (delayed(self)(part, seed=seed) for part, seed in _paired(rows, seeds))
        return list(Parallel()(jobs))


def logistic(*, strength: float = 1.0) -> RegressionRecipe:
    """Recipe for logistic regression on two classes [pedregosa2011scikit].

    The model is the minimum of the summed cross-entropy plus `strength` / 2 times the
    squared weights, which has no chance in it: the seed is taken and not used. The
    logit of class 0 is always 0.

    Parameters
    ----------
    strength : float
        Of the penalty on the weights, above 0; the bias is free.

    Raises
    ------
    BadInput
        `strength` is not above 0.
    """
    _positive(strength=strength)
    return RegressionRecipe(strength, pinned=True)


def softmax(*, strength: float = 1.0) -> RegressionRecipe:
    """Recipe for softmax regression on two or more classes [pedregosa2011scikit].

    The same minimum as `logistic`, but every class has weights of its own.

    Parameters
    ----------
    strength : float
        Of the penalty on the weights, above 0; the biases are free.

    Raises
    ------
    BadInput
        `strength` is not above 0.
    """
    _positive(strength=strength)
    return RegressionRecipe(strength, pinned=False)


def _learnable(rows: Dataset, seed: int) -> tuple[Floats, NDArray[Any], Floats | None]:
    """Rows, labels and weights that make scikit-learn give every class a column.

    A class without a row gets one that counts nothing.
    """
    _paired([rows], [seed])
    absent = np.setdiff1d(np.arange(len(rows.classes)), rows.y)
    if not absent.size:
        return rows.X, rows.y, None
    X = np.concatenate([rows.X, np.repeat(rows.X[:1], len(absent), axis=0)])
    share = np.concatenate([np.ones(len(rows)), np.zeros(len(absent))])
    return X, np.concatenate([rows.y, absent]), share


# ---------------------------------------------------------------- many networks


@dataclass(frozen=True)
class NetworkRecipe:
    """Trains ReLU networks, many as one batched program; see `network`."""

    hidden: tuple[int, ...]
    steps: int
    rate: float
    batch: int | None
    decay: float
    perturb: Perturbation | None = None

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """One network, its weights in float32."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many networks, each up to rounding what it would be if made alone.

        Raises
        ------
        BadInput
            Also if the rows differ in their columns or classes.
        """
        return _in_groups(_trained, self, rows, seeds)


def network(
    *,
    hidden: int | tuple[int, ...] = 64,
    steps: int = 100,
    rate: float = 0.01,
    batch: int | None = None,
    decay: float = 0.0,
) -> NetworkRecipe:
    """Recipe for a ReLU network trained by Adam [paszke2019pytorch].

    Parameters
    ----------
    hidden : int or tuple of int
        Width of the hidden layer, or of each.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate.
    batch : int, optional
        Rows seen at each step, in an order drawn by the seed; all if left out.
    decay : float
        Strength of the penalty on the loss, `decay` / 2 times the squared parameters.

    Raises
    ------
    BadInput
        A setting that is not above 0, but for `decay`, which may be 0.
    """
    widths = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    _positive(steps=steps, rate=rate, batch=1 if batch is None else batch)
    for width in widths:
        _positive(hidden=width)
    if not decay >= 0:
        raise BadInput(f"got decay={decay}; wanted 0 or more")
    return NetworkRecipe(widths, steps, rate, batch, decay)


def _in_groups(
    train: Callable[..., list[Network]],
    recipe: "NetworkRecipe | PrivateRecipe",
    rows: Sequence[Dataset],
    seeds: Sequence[int],
) -> list[Network]:
    """Networks of one kind, as many side by side as the cache holds."""
    pairs = _paired(rows, seeds)
    kinds = {(part.X.shape[1], len(part.classes)) for part in rows}
    if len(kinds) > 1:
        raise BadInput(
            f"got rows of {len(kinds)} kinds (columns, classes): {sorted(kinds)}; "
            "wanted one kind"
        )
    longest = max((len(part) for part in rows), default=1)
    width = max((part.X.shape[1] for part in rows), default=1)
    step = min(recipe.batch or longest, longest) * max(width, *recipe.hidden, 1)
    size = max(1, min(GROUP, GROUP_CELLS // (longest * width), STEP_CELLS // step))
    groups = (pairs[i : i + size] for i in range(0, len(pairs), size))
    trained = Parallel()(delayed(train)(recipe, group) for group in groups)
    return [model for group in trained for model in group]


def resumed(
    model: Network,
    rows: Dataset,
    *,
    steps: int,
    rate: float = 0.01,
    batch: int | None = None,
    seed: int,
) -> Network:
    """A network that is trained further: `network`, but from weights that are there.

    Parameters
    ----------
    model : Network
        Where to begin; not changed.
    rows : Dataset
        What to go on with, as wide as the rows before and with as many classes.
    steps, rate, batch
        As in `network`.
    seed : int
        Of the order of the rows.

    Raises
    ------
    BadInput
        A setting that is not above 0, or rows that do not fit the network.
    """
    widths = tuple(len(weight) for weight, _ in model.layers)
    if (rows.X.shape[1], len(rows.classes)) != (widths[0], len(model.classes_)):
        raise BadInput(
            f"got rows of {rows.X.shape[1]} columns and {len(rows.classes)} classes; "
            f"wanted {widths[0]} and {len(model.classes_)}, as the network has"
        )
    recipe = network(hidden=widths[1:], steps=steps, rate=rate, batch=batch)
    begin = [
        torch.tensor(np.atleast_2d(values)[np.newaxis], dtype=torch.float32)
        for layer in model.layers
        for values in layer
    ]
    return _trained(recipe, _paired([rows], [seed]), begin)[0]


def _trained(
    recipe: NetworkRecipe,
    pairs: Sequence[tuple[Dataset, int]],
    begin: Sequence[Tensor] | None = None,
) -> list[Network]:
    """A group of m networks, every tensor stacked along their number."""
    draws = [np.random.default_rng(seed) for _, seed in pairs]
    merged = recipe.batch is None and recipe.perturb is None  # else repeats may differ
    X, truth = _stacked([rows for rows, _ in pairs], merged=merged)
    values, parameters = _in_one(
        begin or _initial([X.shape[2], *recipe.hidden, truth.shape[2]], draws)
    )
    values.grad, sums = _in_one([torch.zeros_like(p) for p in parameters])
    adam = torch.optim.Adam(
        [values], lr=recipe.rate, weight_decay=recipe.decay, fused=True
    )
    with torch.no_grad():
        for batch in _batches(recipe, [len(rows) for rows, _ in pairs], draws):
            true, seen = _taken(truth, batch), _taken(X, batch)
            if recipe.perturb is not None:
                seen = _perturbed(recipe.perturb, _apart(parameters), seen, true, draws)
            entering, said = _forward(parameters, seen)
            times = true.sum(2, keepdim=True)  # 0 where a short set is padded
            slope = _chances(said).mul_(times).sub_(true)
            slope.mul_(1 / times.sum(1, keepdim=True))
            _sum_up(entering, _backward(parameters, entering, slope), into=sums)
            adam.step()
    return _apart(parameters)


def _stacked(rows: Sequence[Dataset], *, merged: bool = False) -> tuple[Tensor, Tensor]:
    """Rows (m, n, d) and their classes (m, n, k), a 1 in each; short sets end in 0.

    Merged, a row that repeats the one before is that row, and counts in its classes.
    """
    news = [_new(part, merged=merged) for part in rows]
    shape = len(rows), max(int(new.sum()) for new in news)
    X = np.zeros((*shape, rows[0].X.shape[1]), np.float32)
    truth = np.zeros((*shape, len(rows[0].classes)), np.float32)
    for i, (part, new) in enumerate(zip(rows, news, strict=True)):
        X[i, : new.sum()] = part.X[new]
        np.add.at(truth[i], (new.cumsum() - 1, part.y.astype(np.int64)), 1)
    return torch.from_numpy(X), torch.from_numpy(truth)


def _new(rows: Dataset, *, merged: bool) -> NDArray[np.bool_]:
    """Which rows stand for themselves, ndarray of shape (n,)."""
    new = np.ones(len(rows), dtype=bool)
    if merged:
        new[1:] = (rows.X[1:] != rows.X[:-1]).any(axis=1)
    return new


def _initial(
    sizes: Sequence[int], draws: Sequence[np.random.Generator]
) -> list[Tensor]:
    """Weights (m, a, b) and biases (m, 1, b) of each layer, drawn as torch does."""
    return [
        torch.from_numpy(
            np.stack([rng.uniform(-1, 1, (high, b)) / np.sqrt(a) for rng in draws])
        ).float()
        for a, b in pairwise(sizes)
        for high in (a, 1)
    ]


def _in_one(tensors: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Copies of tensors in one buffer, and the views of it that are the tensors.

    An optimiser then has one long tensor to move and not several short ones.
    """
    whole = torch.cat([tensor.flatten() for tensor in tensors])
    parts = torch.split(whole, [tensor.numel() for tensor in tensors])
    return whole, [
        part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)
    ]


def _apart(parameters: Sequence[Tensor]) -> list[Network]:
    """Each of m networks by itself."""
    arrays = [parameter.numpy() for parameter in parameters]
    layers = list(zip(arrays[::2], arrays[1::2], strict=True))
    return [
        Network(tuple((weight[i], bias[i, 0]) for weight, bias in layers))
        for i in range(len(arrays[0]))
    ]


def _perturbed(
    perturb: Perturbation,
    models: Sequence[Differentiable],
    X: Tensor,
    truth: Tensor,
    draws: Sequence[np.random.Generator],
) -> Tensor:
    """What each of m models is to learn from in place of its rows, (m, b, d)."""
    moved = [
        perturb(model, rows, labels, seed=int(rng.integers(2**32)))
        for model, rows, labels, rng in zip(
            models, X.double().numpy(), truth.argmax(2).numpy(), draws, strict=True
        )
    ]
    return torch.from_numpy(np.stack(moved)).float()


def _batches(
    recipe: "NetworkRecipe | ConvolutionalRecipe",
    lengths: Sequence[int],
    draws: Sequence[np.random.Generator],
) -> Iterator[Any]:
    """Which rows each network sees at each step: all, or the next of shuffled ones."""
    if recipe.batch is None:
        yield from (slice(None) for _ in range(recipe.steps))
        return
    wanted = recipe.steps * recipe.batch
    orders = [
        np.concatenate([rng.permutation(n) for _ in range(-(-wanted // n))])[:wanted]
        for rng, n in zip(draws, lengths, strict=True)
    ]
    index = torch.from_numpy(np.stack(orders)).view(len(draws), recipe.steps, -1)
    for step in index.unbind(1):  # (m, b)
        yield torch.arange(len(draws))[:, None], step


def _taken(values: Tensor, batch: Any) -> Tensor:
    """The rows (m, b, ...) of a step out of all rows (m, n, ...)."""
    if isinstance(batch, slice):
        return values[batch]
    which, step = batch
    flat = (which * values.shape[1] + step).flatten()
    return values.flatten(0, 1).index_select(0, flat).view(*step.shape, -1)


def _forward(parameters: Sequence[Tensor], X: Tensor) -> tuple[list[Tensor], Tensor]:
    """What enters each layer of m networks, and what they say: logits (m, n, k)."""
    entering = [X]
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        entering.append(torch.baddbmm(bias, entering[-1], weight).relu_())
    return entering, torch.baddbmm(parameters[-1], entering[-1], parameters[-2])


def _chances(said: Tensor) -> Tensor:
    """Softmax over the last axis; torch is ten times faster along another one."""
    return said.mT.softmax(1).mT


def _backward(
    parameters: Sequence[Tensor], entering: Sequence[Tensor], slope: Tensor
) -> list[Tensor]:
    """Slope of each row's loss by what leaves each layer: from that by the logits.

    By hand, since torch's own bookkeeping costs more than the arithmetic of so small a
    network.
    """
    slopes = [slope]
    for weight, values in zip(parameters[-2:0:-2], entering[:0:-1], strict=True):
        slopes.append(torch.bmm(slopes[-1], weight.mT).mul_(values.sign()))
    return slopes[::-1]


def _sum_up(
    entering: Sequence[Tensor], slopes: Sequence[Tensor], *, into: Sequence[Tensor]
) -> None:
    """Slopes of all parameters, summed over rows, written into tensors like them."""
    for values, slope, weight, bias in zip(
        entering, slopes, into[::2], into[1::2], strict=True
    ):
        torch.bmm(values.mT, slope, out=weight)
        torch.sum(slope, 1, keepdim=True, out=bias)


# ---------------------------------------------------------------- private networks


@dataclass(frozen=True)
class PrivateRecipe:
    """Trains networks by noisy steps; see `private_network`."""

    hidden: tuple[int, ...]
    steps: int
    rate: float
    clip: float
    noise: float
    batch: None = field(default=None, init=False)  # every step sees every row

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """One network, its weights in float32."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many networks, each up to rounding what it would be if made alone.

        Raises
        ------
        BadInput
            Also if the rows differ in their columns or classes.
        """
        return _in_groups(_trained_privately, self, rows, seeds)


def private_network(
    *,
    hidden: int | tuple[int, ...] = 32,
    steps: int = 60,
    rate: float = 0.02,
    clip: float = 1.0,
    noise: float,
) -> PrivateRecipe:
    """Recipe for a network that says little about any one row [abadi2016deep].

    In each step every row's slope is cut to the length `clip`, the slopes are summed,
    and Gaussian noise is added; Adam moves the weights along this noisy sum and sees
    nothing else of the rows. Each step is a Gaussian mechanism on all rows, whose sum
    one row added or removed moves by at most `clip`.

    The noise is pseudo-random and of floating-point precision: good enough to measure
    with, not for patients.

    Parameters
    ----------
    hidden : int or tuple of int
        Width of the hidden layer, or of each.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate.
    clip : float
        Greatest length of a row's slope.
    noise : float
        Standard deviation of the noise, in units of `clip`; 0 gives no privacy.

    Raises
    ------
    BadInput
        A setting that is not above 0, but for `noise`, which may be 0.
    """
    widths = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    _positive(steps=steps, rate=rate, clip=clip)
    for width in widths:
        _positive(hidden=width)
    if not noise >= 0:
        raise BadInput(f"got noise={noise}; wanted 0 or more")
    return PrivateRecipe(widths, steps, rate, clip, noise)


def _trained_privately(
    recipe: PrivateRecipe, pairs: Sequence[tuple[Dataset, int]]
) -> list[Network]:
    """A group of m networks, every tensor stacked along their number."""
    draws = [np.random.default_rng(seed) for _, seed in pairs]
    X, truth = _stacked([rows for rows, _ in pairs])
    values, parameters = _in_one(
        _initial([X.shape[2], *recipe.hidden, truth.shape[2]], draws)
    )
    values.grad, sums = _in_one([torch.zeros_like(p) for p in parameters])
    adam = torch.optim.Adam([values], lr=recipe.rate, fused=True)
    real = truth.sum(2, keepdim=True)  # 0 where a short set is padded
    with torch.no_grad():
        for _ in range(recipe.steps):
            entering, said = _forward(parameters, X)
            slopes = _backward(parameters, entering, _chances(said).sub_(truth))
            share = (recipe.clip / _lengths(entering, slopes)).clamp_(max=1) * real
            _sum_up(entering, [slope * share for slope in slopes], into=sums)
            for total, noise in zip(sums, _normal(sums, draws), strict=True):
                total.add_(noise, alpha=recipe.clip * recipe.noise)
            adam.step()
    return _apart(parameters)


def _lengths(entering: Sequence[Tensor], slopes: Sequence[Tensor]) -> Tensor:
    """Length of each row's slope by all parameters together, (m, n, 1).

    A row's slope by a weight matrix is an outer product, so its length is that of the
    values that enter times that of the slope at the exit; a bias is a weight whose
    value is always 1.
    """
    squares = [
        (values.square().sum(2, keepdim=True) + 1) * slope.square().sum(2, keepdim=True)
        for values, slope in zip(entering, slopes, strict=True)
    ]
    return torch.stack(squares).sum(0).sqrt()


def _normal(
    like: Sequence[Tensor], draws: Sequence[np.random.Generator]
) -> list[Tensor]:
    """Standard normal numbers like these, for each network from its own generator."""
    sizes = [tensor[0].numel() for tensor in like]
    rows = np.stack([rng.standard_normal(sum(sizes), np.float32) for rng in draws])
    parts = torch.split(torch.from_numpy(rows), sizes, dim=1)
    return [part.view(one.shape) for part, one in zip(parts, like, strict=True)]


# ---------------------------------------------------------------- convolutional


@dataclass(frozen=True)
class ConvolutionalRecipe:
    """Trains convolutional networks on images; see `convolutional`."""

    filters: tuple[int, ...]
    size: int
    hidden: int
    steps: int
    rate: float
    batch: int
    perturb: Perturbation | None = None

    def __call__(self, rows: Dataset, *, seed: int) -> Convolutional:
        """One convolutional network, its weights in float32."""
        return self.many([rows], seeds=[seed])[0]

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> list[Convolutional]:
        """As many convolutional networks, through joblib."""
        jobs = (delayed(_taught)(self, *pair) for pair in _paired(rows, seeds))
        return list(Parallel()(jobs))


def convolutional(
    *,
    filters: tuple[int, ...] = (16, 32),
    size: int = 3,
    hidden: int = 64,
    steps: int = 800,
    rate: float = 0.005,
    batch: int = 64,
) -> ConvolutionalRecipe:
    """Recipe for a convolutional network trained by Adam [paszke2019pytorch].

    Each layer of filters halves the image; a hidden layer and the logits follow. The
    rows have to be images. `many` runs in this process unless `joblib.parallel_config`
    says where else.

    Parameters
    ----------
    filters : tuple of int
        How many filters each layer has.
    size : int
        Width of a filter in pixels, odd.
    hidden : int
        Width of the hidden layer.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate at first; it falls to nought along a straight line.
    batch : int
        Rows seen at each step, in an order drawn by the seed.

    Raises
    ------
    BadInput
        A setting that is not above 0, or filters of an even width.
    """
    _positive(size=size, hidden=hidden, steps=steps, rate=rate, batch=batch)
    for number in filters:
        _positive(filters=number)
    if size % 2 == 0:
        raise BadInput(f"got size={size}; wanted an odd number of pixels")
    return ConvolutionalRecipe(tuple(filters), size, hidden, steps, rate, batch)


def _taught(recipe: ConvolutionalRecipe, rows: Dataset, seed: int) -> Convolutional:
    """One network; its head is a stack of one, as in `_trained`."""
    if rows.image is None:
        raise BadInput(f"{rows.name}: got rows that are no images; wanted images")
    rng = np.random.default_rng(seed)
    X, truth = _stacked([rows])
    filters = _first_filters([_image(rows.image)[2], *recipe.filters], recipe.size, rng)
    width = _filtered(filters, X[0, :1], rows.image).shape[1]
    top = _initial([width, recipe.hidden, truth.shape[2]], [rng])
    parameters = [p.requires_grad_() for p in (*filters, *top)]
    adam = torch.optim.Adam(parameters, lr=recipe.rate, fused=True)
    for step, batch in enumerate(_batches(recipe, [len(rows)], [rng])):
        adam.param_groups[0]["lr"] = recipe.rate * (1 - step / recipe.steps)
        given = X[batch]
        if recipe.perturb is not None:
            made = _assembled(rows.image, filters, top)
            given = _perturbed(recipe.perturb, [made], given, truth[batch], [rng])
        seen = _filtered(filters, given[0], rows.image)
        said = _forward(top, seen[np.newaxis])[1].log_softmax(2)
        loss = -(said * truth[batch]).sum() / recipe.batch
        adam.zero_grad()
        torch.autograd.backward([loss])
        adam.step()
    return _assembled(rows.image, filters, top)


def _assembled(
    image: tuple[int, ...], filters: Sequence[Tensor], top: Sequence[Tensor]
) -> Convolutional:
    """The network whose weights these are at the moment."""
    (head,) = _apart([parameter.detach() for parameter in top])
    arrays = [parameter.detach().numpy() for parameter in filters]
    return Convolutional(
        image, tuple(zip(arrays[::2], arrays[1::2], strict=True)), head
    )


def _first_filters(
    depths: Sequence[int], size: int, rng: np.random.Generator
) -> list[Tensor]:
    """Weights (b, a, s, s) and biases (b,) of each layer, drawn as torch does."""
    return [
        torch.from_numpy(rng.uniform(-1, 1, shape) / (size * np.sqrt(a))).float()
        for a, b in pairwise(depths)
        for shape in ((b, a, size, size), (b,))
    ]


# ---------------------------------------------------------------- the camera


def through_camera(artworks: ArrayLike, views: Views, *, size: int = 32) -> Floats:
    """What `camera.photograph` shows, made so that it can be differentiated.

    Parameters
    ----------
    artworks : array_like of shape (h, w, 4) or (n, h, w, 4)
        One for all views, or one for each.
    views : Views
        n of them.
    size : int
        Width and height of the pictures in pixels.

    Returns
    -------
    ndarray of shape (n, size, size, 3)

    Raises
    ------
    BadInput
        As `camera.photograph`.
    """
    sheets = torch.tensor(checked_artworks(artworks, len(views)))
    pictures = [
        _developed(_of(sheets, part), scene) for part, scene in scenes(views, size=size)
    ]
    return np.asarray(torch.cat(pictures).numpy())


def camera_backward(
    artworks: ArrayLike, views: Views, slope: ArrayLike, *, size: int = 32
) -> Floats:
    """How artworks should change for the pictures of them to move along `slope`.

    With one artwork for all views this is the sum over the views: the direction that
    an attacker climbs who wants a sticker to work from all of them
    [athalye2018synthesizing].

    Parameters
    ----------
    artworks, views, size
        As for `through_camera`.
    slope : array_like of shape (n, size, size, 3) or (n, d)
        One number for each pixel of the pictures, as from a network's `backward`.

    Returns
    -------
    ndarray of the shape of `artworks`
        Also by the opacity, which is the last of the four.

    Raises
    ------
    BadInput
        As `through_camera`, or a slope that does not fit the pictures.
    """
    sheets = torch.tensor(checked_artworks(artworks, len(views)), requires_grad=True)
    wanted = torch.tensor(np.asarray(slope, np.float64))
    if wanted.numel() != len(views) * size * size * 3 or len(wanted) != len(views):
        raise BadInput(
            f"got a slope of shape {tuple(wanted.shape)}; wanted "
            f"({len(views)}, {size}, {size}, 3)"
        )
    wanted = wanted.view(-1, size, size, 3)
    total = torch.zeros_like(sheets)
    for part, scene in scenes(views, size=size):
        pictures = _developed(_of(sheets, part), scene)
        total += torch.autograd.grad(pictures, sheets, wanted[part])[0]
    return np.asarray(total.numpy())


def _of(sheets: Tensor, part: slice) -> Tensor:
    return sheets if sheets.ndim == 3 else sheets[part]


def _developed(sheets: Tensor, scene: Scene) -> Tensor:
    """Pictures (m, size, size, 3), float64, as `Scene` says they come about."""
    grid, behind, through, added, optics, noise = (
        torch.from_numpy(getattr(scene, part.name)).double() for part in fields(scene)
    )
    colour, opacity = sheets[..., :3], sheets[..., 3:]
    solid = torch.cat([colour * opacity, opacity], -1).movedim(-1, -3)
    solid = solid.expand(len(grid), *solid.shape[-3:])
    seen = torch.nn.functional.grid_sample(solid, grid, align_corners=False)
    light = through * (seen[:, :3] + (1 - seen[:, 3:]) * behind) + added
    pixels = optics[:, None] @ light @ optics[:, None].mT + noise
    return pixels.clamp(0, 1).movedim(1, -1)


# ---------------------------------------------------------------- any scale


@dataclass(frozen=True)
class StandardisedRecipe:
    """Makes networks on columns of mean 0 and spread 1; see `standardised`."""

    recipe: NetworkRecipe | RegressionRecipe

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """One network for rows as they were, before they were scaled."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many networks, each scaled by its own rows."""
        scales = [_scale(part) for part in rows]
        scaled = [
            replace(part, X=(part.X - mean) / spread)
            for part, (mean, spread) in zip(rows, scales, strict=True)
        ]
        made = self.recipe.many(scaled, seeds=seeds)
        return [
            _unscaled(model, *scale) for model, scale in zip(made, scales, strict=True)
        ]


def standardised(recipe: NetworkRecipe | RegressionRecipe) -> StandardisedRecipe:
    """The recipe on standardised columns, for rows whose columns differ in scale.

    Mean and spread are those of the rows that the model is made from. They end up in
    the weights of the first layer, so the model takes rows in their own units. A forest
    has no need of it.
    """
    return StandardisedRecipe(recipe)


def _scale(rows: Dataset) -> tuple[Floats, Floats]:
    spread = rows.X.std(axis=0)
    return rows.X.mean(axis=0), np.where(spread > 0, spread, 1)


def _unscaled(model: Network, mean: Floats, spread: Floats) -> Network:
    (weight, bias), *others = model.layers
    own = weight / spread[:, np.newaxis]
    first = own.astype(weight.dtype), (bias - mean @ own).astype(bias.dtype)
    return Network((first, *others))


# ---------------------------------------------------------------- borrowed features


@dataclass(frozen=True)
class TransferRecipe:
    """Makes a new last layer for a network that stays as it is; see `transferred`."""

    network: Network
    head: RegressionRecipe

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """The network with a last layer made from rows."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many networks, which differ in their last layer alone."""
        kept = self.network.layers[:-1]
        heads = self.head.many([self._seen(part) for part in rows], seeds=seeds)
        return [Network((*kept, *head.layers)) for head in heads]

    def _seen(self, rows: Dataset) -> Dataset:
        seen = self.network.features(rows.X)
        names = tuple(f"feature_{i}" for i in range(seen.shape[1]))
        return replace(rows, X=seen, columns=names, image=None)


def transferred(network: Network, head: RegressionRecipe) -> TransferRecipe:
    """Recipe for transfer learning: a new last layer on a finished network's features.

    Parameters
    ----------
    network : Network
        Whose layers but the last are kept, frozen; at least two.
    head : RegressionRecipe
        How the new last layer is made.

    Raises
    ------
    BadInput
        A network of a single layer, which has no features.
    """
    if len(network.layers) < 2:
        raise BadInput(f"got {network!r}; wanted a network with a hidden layer")
    return TransferRecipe(network, head)


# ---------------------------------------------------------------- what is accepted


def _paired(rows: Sequence[Dataset], seeds: Sequence[int]) -> list[tuple[Dataset, int]]:
    """Each data set with its seed, if a model can be made of them."""
    if len(rows) != len(seeds):
        raise _unpaired(rows, seeds)
    for part, seed in zip(rows, seeds, strict=True):
        _seeded(seed)
        present = len(np.unique(part.y)) if part.classes else 0
        if present < 2:
            raise BadInput(
                f"{part.name}: got {len(part)} rows of {present} classes; wanted at "
                "least two classes: take more rows"
            )
    return list(zip(rows, seeds, strict=True))


def _unpaired(rows: Sequence[Dataset], seeds: Sequence[int]) -> BadInput:
    return BadInput(
        f"got {len(rows)} data sets and {len(seeds)} seeds; wanted one seed for each"
    )


def _seeded(seed: int) -> None:
    if not 0 <= seed < 2**32:
        raise BadInput(f"got seed {seed}; wanted 0 to 2**32 - 1")


def _positive(**settings: float) -> None:
    for name, value in settings.items():
        if not value > 0:
            raise BadInput(f"got {name}={value}; wanted more than 0")
