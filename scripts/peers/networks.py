"""How does a peer get the very same network?"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from foible import models, vision
from foible.arrays import Floats
from foible.victim import Victim

Ours = models.Network | models.Convolutional | models.TorchModel


def network_of(victim: Victim) -> models.Network:
    """The victim's model, where it is a network."""
    return cast(models.Network, victim.model)


def in_torch(network: Ours) -> nn.Sequential:
    """One of our networks as a peer wants it: rows to logits, in our own precision.

    A peer asks for the slope by the rows alone, so the weights ask for none: otherwise
    every step would compute that as well and throw it away.
    """
    pieces: list[nn.Module] = []
    if isinstance(network, models.TorchModel):
        module, (colours, height, width) = deepcopy(network.module), network.shape
        pieces = [_As(module), _Images((height, width, colours)), module]
        return nn.Sequential(*pieces).eval().requires_grad_(False)
    if isinstance(network, models.Convolutional):
        filters = list(_filters(network))
        pieces += [_As(filters[0]), _Images(network.image), *filters, nn.Flatten()]
        network = network.head
    for weight, bias in network.layers:
        linear = _filled(nn.Linear(*weight.shape).double(), weight.T, bias)
        pieces += [_As(linear), linear, nn.ReLU()]
    return nn.Sequential(*pieces[:-1]).eval().requires_grad_(False)


class _As(nn.Module):
    """Values in the precision in which the next layer computes."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.next = [layer]  # in a list, so that it is not a part of this one

    def forward(self, values: Tensor) -> Tensor:
        return values.to(next(self.next[0].parameters()).dtype)


class _Images(nn.Module):
    """Rows (n, d) as images (n, depth, height, width)."""

    def __init__(self, image: tuple[int, ...]) -> None:
        super().__init__()
        self.image = (*image, 1)[:3]

    def forward(self, rows: Tensor) -> Tensor:
        return rows.view(-1, *self.image).permute(0, 3, 1, 2)


def _filters(network: models.Convolutional) -> Iterator[nn.Module]:
    for weight, bias in network.filters:
        filters, depth, size, _ = weight.shape
        layer = nn.Conv2d(depth, filters, size, padding=size // 2)
        kind = torch.from_numpy(np.array(weight)).dtype
        yield from (
            _filled(layer.to(kind), weight, bias),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.ReLU(),
        )


def _filled(layer: nn.Module, *values: models.Weights) -> nn.Module:
    with torch.no_grad():
        for parameter, array in zip(layer.parameters(), values, strict=True):
            parameter.copy_(torch.from_numpy(np.array(array)))
    return layer


class OfImages(nn.Module):
    """The same for images (n, depth, height, width), as some peers want them."""

    def __init__(self, network: Ours) -> None:
        super().__init__()
        self.model = in_torch(network)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (n, k) of images (n, depth, height, width)."""
        rows = images.permute(0, 2, 3, 1).flatten(1)
        return cast(Tensor, self.model(rows))


def images(X: Floats, image: tuple[int, ...]) -> Any:
    """Rows (n, d) as images (n, depth, height, width), float32."""
    shaped = X.reshape(-1, *(*image, 1)[:3]).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(shaped, dtype=np.float32)


def art_classifier(
    network: Ours,
    *,
    chances: bool = False,
    learning: bool = False,
    exact: bool = False,
    shape: tuple[int, ...] | None = None,
    box: tuple[float, float] | None = (0.0, 1.0),
) -> Any:
    """One of our networks as ART's PyTorchClassifier, in float32 as ART has it.

    An exact one computes as ours does, on rows that ART still keeps in float32.
    With a shape (depth, height, width) it takes images, otherwise rows. One that is
    learning does so by Adam, as ours do.
    """
    from art.estimators.classification import PyTorchClassifier

    model: nn.Module = OfImages(network) if shape else in_torch(network)
    if not exact:
        model = model.float()
    if chances:
        model = nn.Sequential(model, nn.Softmax(dim=1))
    model.requires_grad_(learning)
    # A mean would divide each row's slope, and round it, by how many there are.
    loss = nn.CrossEntropyLoss(reduction="mean" if learning else "sum")
    return PyTorchClassifier(
        model,
        loss=loss,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.01) if learning else None,
        input_shape=shape or (_width(network),),
        nb_classes=len(network.classes_),
        clip_values=box,
    )


def art_patches() -> Any:
    """ART's adversarial patch, as it comes and mended; torchvision may lack a part."""
    vision.torchvision()
    from art.attacks.evasion import AdversarialPatchPyTorch

    class Mended(AdversarialPatchPyTorch):  # type: ignore[misc]
        """Forgets the slope of the patch between two steps, which ART does not."""

        def _train_step(self, *given: Any, **named: Any) -> Any:
            self._patch.grad = None
            return super()._train_step(*given, **named)

    return AdversarialPatchPyTorch, Mended


def art_features(network: models.Network) -> Any:
    """What enters the last layer of a network, as an ART classifier's last layer.

    ART's defences look at the last layer, which would be the logits.
    """
    from art.estimators.classification import PyTorchClassifier

    *seen, _, _ = in_torch(network).float()
    return PyTorchClassifier(
        nn.Sequential(*seen),
        loss=nn.CrossEntropyLoss(),
        input_shape=(_width(network),),
        nb_classes=len(network.classes_),
    )


def _width(network: Ours) -> int:
    if isinstance(network, models.Network):
        return len(network.layers[0][0])
    if isinstance(network, models.TorchModel):
        return int(np.prod(network.shape))
    return int(np.prod(network.image))


def in_double(network: models.Network) -> Any:
    """One of our networks as a black box of ART: logits in float64, NaN for NaN."""
    from art.estimators.classification import BlackBoxClassifierNeuralNetwork

    model = in_torch(network)
    width, classes = _width(network), len(network.classes_)

    def logits(X: Floats) -> Floats:
        with torch.no_grad():
            return np.asarray(model(torch.from_numpy(np.array(X, np.float64))))

    return BlackBoxClassifierNeuralNetwork(
        logits, (width,), classes, clip_values=(-1e9, 1e9)
    )
