"""What does a network of filters compute from pictures?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from foible.arrays import Floats, Ints, finite_rows
from foible.domains import Image
from foible.errors import BadInput
from foible.models.kinds import Aim, Layer, Weights
from foible.models.networks import Network, frozen, same_shapes
from foible.models.scoring import Scoring

CHUNK = 64  # pictures followed at once: more of them take twice as long


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

    BadInput: layers that do not fit each other, or a weight that is not finite.
    """

    image: Image
    filters: tuple[Layer, ...]
    head: Network

    def __post_init__(self) -> None:
        filters = tuple((frozen(weight), frozen(bias)) for weight, bias in self.filters)
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
        """As `Network.logits`."""
        return self.head.logits(self._seen(self._rows(X)).numpy())

    def features(self, X: ArrayLike) -> Floats:
        """As `Network.features`."""
        return self.head.features(self._seen(self._rows(X)).numpy())

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """As `Scoring.follow`."""
        return self._pulled(X, lambda seen: self.head.follow(seen, aim))

    def backward_features(self, X: ArrayLike, slope: Floats) -> Floats:
        """As `Network.backward_features`."""
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
        """As `Network.with_weights`."""
        same_shapes(weights, self.weights())
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


def filtered(filters: Sequence[Tensor], rows: Tensor, image: Image) -> Tensor:
    """Rows (n, d) of images through layers of filters: (n, entering the head)."""
    values = rows.view(-1, *image_of(image)).permute(0, 3, 1, 2)
    for weight, bias in zip(filters[::2], filters[1::2], strict=True):
        margin = weight.shape[-1] // 2
        values = torch.conv2d(values, weight, bias, padding=margin)
        values = torch.max_pool2d(values, 2, ceil_mode=True).relu()  # 1/4 of the relus
    return values.flatten(1)
