"""What does a network compute, and what follows from its slopes?

NumPy goes in and comes out; a network is frozen once it is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, Ints, finite_rows
from foible.checks import fitting
from foible.domains import Labels, Number
from foible.errors import BadInput
from foible.models.kinds import Aim, Layer, Weights
from foible.models.scoring import Scoring


@dataclass(frozen=True, eq=False, repr=False)
class Network(Scoring):
    """Layers of weights with ReLU between them; a single layer is a linear model.

    It computes in float64 whatever its weights are stored in, and is never changed.

    Parameters
    ----------
    layers : tuple of (ndarray of shape (a, b), ndarray of shape (b,))
        Weight and bias of each layer; the first a is d, the last b is k.

    BadInput: layers that do not fit each other, or a weight that is not finite.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        layers = tuple((frozen(weight), frozen(bias)) for weight, bias in self.layers)
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
        """As `Scoring.logits`."""
        weight, bias = self.layers[-1]
        return self._entering(X)[-1] @ weight + bias

    def features(self, X: ArrayLike) -> Floats:
        """What enters the last layer, ndarray of shape (n, width of the one before)."""
        return self._entering(X)[-1]

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """As `Scoring.follow`."""
        entering, (weight, bias) = self._entering(X), self.layers[-1]
        logits = entering[-1] @ weight + bias
        return logits, self._pulled(entering, aim(logits) @ weight.T)

    def backward_features(self, X: ArrayLike, slope: Floats) -> Floats:
        """How rows should move for the features to move along `slope`, (n, d).

        The slope is of the shape of `features(X)`.
        """
        entering = self._entering(X)
        sides = zip(slope.shape[::-1], entering[-1].shape[::-1], strict=False)
        if slope.ndim > 2 or any(side not in (1, whole) for side, whole in sides):
            raise BadInput(
                f"got a slope of shape {slope.shape}; wanted that of the features, "
                f"{entering[-1].shape}"
            )
        return self._pulled(entering, slope)

    def _pulled(self, entering: Sequence[Floats], slope: Floats) -> Floats:
        """A slope by what enters the last layer, brought back to the rows."""
        slope = np.array(np.broadcast_to(slope, entering[-1].shape))
        for values, (weight, _) in zip(
            entering[:0:-1], self.layers[-2::-1], strict=True
        ):
            slope *= values > 0
            slope = slope @ weight.T
        return slope

    def slope(
        self, X: ArrayLike, y: Labels, *, counts: Number | Floats = 1.0
    ) -> dict[str, Floats]:
        """Slope of the rows' mean cross-entropy loss by every weight.

        What one step of training needs, and what a client of a shared training sends.

        Parameters
        ----------
        X, y : array_like of shapes (n, d) and (n,)
            Rows, and labels from 0 to k - 1.
        counts : array_like of shape (n,), optional
            By how much each row's own slope is multiplied before the mean is taken.

        Returns
        -------
        dict of str to ndarray
            Named and shaped as in `weights()`.
        """
        slopes = {}
        for i, (values, slope) in enumerate(self._passed_back(X, y)):
            share = slope * np.broadcast_to(counts, len(slope))[:, None] / len(slope)
            slopes[f"weight_{i}"] = values.T @ share
            slopes[f"bias_{i}"] = share.sum(axis=0)
        return slopes

    def slope_lengths(self, X: ArrayLike, y: Labels) -> Floats:
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
        entering, slope = self._entering(X), self.predict_proba(X)
        labels = fitting(np.asarray(y), slope.shape)
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
            hidden = values[-1] @ weight
            hidden += bias  # in place: new memory costs as much as the arithmetic
            values.append(np.maximum(hidden, 0, out=hidden))
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

        Other names or shapes, or a weight that is not finite, are BadInput.
        """
        same_shapes(weights, self.weights())
        return Network(
            tuple(
                (weights[f"weight_{i}"], weights[f"bias_{i}"])
                for i in range(len(self.layers))
            )
        )


def same_shapes(
    got: Mapping[str, NDArray[Any]], own: Mapping[str, NDArray[Any]]
) -> None:
    """Refuse weights of other names or shapes than a network has."""
    wanted = {name: values.shape for name, values in own.items()}
    shapes = {name: np.shape(values) for name, values in got.items()}
    if shapes != wanted:
        raise BadInput(f"got weights of shapes {shapes}; wanted {wanted}")


def frozen(values: Weights) -> Weights:
    """A read-only copy of finite numbers; BadInput for others."""
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
        layers = f"{least} layers or more" if most is None else f"{least} to {most}"
        layers = "one layer, a linear one" if most == 1 else layers
        raise BadInput(f"got {model}; wanted a network of {layers}")
    return model
