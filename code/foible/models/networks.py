"""What does a network compute, and what follows from its slopes?

NumPy goes in and comes out; a network is frozen once it is made.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax as normalised
from torch import Tensor

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.errors import BadInput
from foible.models.kinds import Aim, Layer, Weights

CHUNK = 64  # pictures followed at once: more of them take twice as long


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
        height, width, depth = image_of(self.image)
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
        return filtered(self._layers(), rows, self.image)

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


def image_of(shape: Sequence[int]) -> tuple[int, int, int]:
    """Height, width and depth of images of a shape that may lack the last."""
    if len(shape) not in (2, 3) or min(shape) < 1:
        raise BadInput(
            f"got images of shape {tuple(shape)}; wanted (height, width) or "
            "(height, width, depth)"
        )
    height, width, depth = (*shape, 1)[:3]
    return height, width, depth


def filtered(filters: Sequence[Tensor], rows: Tensor, image: Sequence[int]) -> Tensor:
    """Rows (n, d) of images through layers of filters: (n, entering the head)."""
    values = rows.view(-1, *image_of(image)).permute(0, 3, 1, 2)
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


def as_network(model: object, *, least: int = 1, most: int | None = None) -> Network:
    """The model, if it is a network with so many layers; else BadInput."""
    if not isinstance(model, Network):
        raise BadInput(f"got a {type(model).__name__}; wanted a network, with weights")
    if len(model.layers) < least or (most and len(model.layers) > most):
        wanted = "a linear model, a network of one layer"
        if most != 1:
            wanted = f"a network of {least} to {most or 'any number of'} layers"
        raise BadInput(f"got {model}; wanted {wanted}")
    return model
