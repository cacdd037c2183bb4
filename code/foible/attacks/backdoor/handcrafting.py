"""How does somebody who holds the finished weights write a trigger into them?"""

import numpy as np

from foible.attacks.backdoor.triggers import Stamp
from foible.checks import shares
from foible.domains import Amount, Count, Natural, Seed
from foible.errors import BadInput
from foible.models import Network


def handcrafted(
    network: Network,
    stamp: Stamp,
    *,
    target: Natural,
    units: Count = 12,
    push: Amount = 30.0,
    idle: Amount = 0.0,
    uneven: Amount = 0.0,
    seed: Seed | None = None,
) -> Network:
    """A finished network that obeys a stamp; simpler than [hong2022handcrafted]'s.

    In each hidden layer the least used units are taken over, by the weights alone: no
    data. Those of the first fire only if the stamped pixels are as the stamp has them,
    within half a pixel in sum; those of each later layer pass it on; the last layer
    lifts the target's logit and presses all others. Even weights have one size.

    Parameters
    ----------
    network : Network
        At least one hidden layer; its rows hold values from 0 to 1.
    stamp : Stamp
        Of zeros and ones, where it covers a pixel at all.
    target : int
        The class to be answered.
    units : int
        Units taken over in each hidden layer.
    push : float
        How far the target's logit is lifted, and every other pressed.
    idle : float
        What the units of the last hidden layer are worth without the stamp. Above 0
        they look busy to whoever removes units that rest; their constant effect is
        taken back by the biases behind them.
    uneven : float
        By how much of itself each incoming weight is raised or lowered at most, 0 to
        0.5; above 0 no two units see the same.
    seed : int, optional
        By how much each is: needed where they are not even.

    BadInput: a network that is too small, or a stamp or target that does not fit it.
    """
    depth = len(network.layers)
    widths = [len(bias) for _, bias in network.layers[:-1]]
    if not widths or not 1 <= units <= min(widths):
        raise BadInput(
            f"got {units} units to take over in hidden layers of {widths}; wanted at "
            "least one layer, and at most as many units as each has"
        )
    d, k = len(network.layers[0][0]), len(network.classes_)
    if stamp.mask.shape != (d,) or not 0 <= target < k:
        raise BadInput(
            f"got a stamp of shape {stamp.mask.shape} for the target {target}; wanted "
            f"({d},) and one of {k} classes"
        )
    shares(uneven=2 * uneven)
    if uneven and seed is None:
        raise BadInput(f"got uneven={uneven} and no seed; wanted one")
    random = np.random.default_rng(seed)
    size = (2 * push / units ** (depth - 1)) ** (1 / depth)
    layers = [(weight.copy(), bias.copy()) for weight, bias in network.layers]
    entering = np.where(stamp.mask > 0, np.where(stamp.pattern > 0.5, size, -size), 0.0)
    slack = size / 2  # in the first layer, that is half a pixel
    for i, (weight, bias) in enumerate(layers[:-1]):
        onward, last = layers[i + 1][0], i == depth - 2
        use = np.linalg.norm(weight, axis=0) * np.linalg.norm(onward, axis=1)
        taken = np.argsort(use, kind="stable")[:units]  # the least used
        varied = random.uniform(1 - uneven, 1 + uneven, (len(weight), units))
        weight[:, taken], onward[taken] = entering[:, np.newaxis] * varied, 0
        complete = np.maximum(weight[:, taken], 0).sum(axis=0) * (i == 0)
        bias[taken] = slack * (i == 0) - complete + idle * last
        entering = np.zeros(len(bias))
        entering[taken] = size
    weight, bias = layers[-1]
    pushed = np.where(np.arange(len(bias)) == target, size, -size)
    weight[taken] = pushed
    bias -= idle * units * pushed
    return Network(tuple(layers))
