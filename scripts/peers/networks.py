"""How does a peer get the very same network?"""

from typing import Any, cast

import numpy as np
import torch

from foible import models
from foible.oracle import Floats
from foible.victim import Victim


def network_of(victim: Victim) -> models.Network:
    """The victim's model, which here is always a network."""
    return cast(models.Network, victim.model)


def in_torch(network: models.Network) -> torch.nn.Sequential:
    """One of our networks as a peer wants it, in float64."""
    layers: list[torch.nn.Module] = []
    for weight, bias in network.layers:
        linear = torch.nn.Linear(*weight.shape).double()
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.array(weight.T, np.float64)))
            linear.bias.copy_(torch.from_numpy(np.array(bias, np.float64)))
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def art_classifier(network: models.Network, *, chances: bool = False) -> Any:
    """One of our networks as ART's PyTorchClassifier, in float32 as ART has it."""
    from art.estimators.classification import PyTorchClassifier

    model = in_torch(network).float()
    if chances:
        model = torch.nn.Sequential(model, torch.nn.Softmax(dim=1))
    width, classes = len(network.layers[0][0]), len(network.classes_)
    return PyTorchClassifier(
        model,
        loss=torch.nn.CrossEntropyLoss(),
        optimizer=torch.optim.Adam(model.parameters(), lr=0.01),
        input_shape=(width,),
        nb_classes=classes,
        clip_values=(0.0, 1.0),
    )


def in_double(network: models.Network) -> Any:
    """One of our networks as a black box of ART: logits in float64, NaN for NaN."""
    from art.estimators.classification import BlackBoxClassifierNeuralNetwork

    model = in_torch(network)
    width, classes = len(network.layers[0][0]), len(network.classes_)

    def logits(X: Floats) -> Floats:
        with torch.no_grad():
            return np.asarray(model(torch.from_numpy(np.array(X, np.float64))))

    return BlackBoxClassifierNeuralNetwork(
        logits, (width,), classes, clip_values=(-1e9, 1e9)
    )
