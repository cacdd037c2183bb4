"""How does a reader find the carriers again, if the units were shuffled and scaled?

A network answers the same when the units of a hidden layer change places, and when the
weights into a unit are multiplied by a number and those out of it divided by it. Both
move the carriers of a message. But the secret offset of each carrier is a fingerprint:
a weight on its lattice is a whole number of steps from its offset, whatever the bit.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from foible.arrays import Floats, Ints
from foible.domains import Filled, Positive
from foible.errors import BadInput
from foible.models import Network, Weights

Marks = Mapping[str, NDArray[np.complex128]]
"""For each weight of a network e^(−2πi offset) if it is a carrier, else 0."""
FACTORS = np.geomspace(0.4, 2.5, 75)
"""By which a unit may have to be multiplied, two or three hundredths apart."""
PASSES = 3
IN_PLACE = 0.1
"""Far more in step than units in a wrong order are, among thousands of carriers."""


def aligned(model: Network, marks: Marks, *, step: Positive) -> Network:
    """The same network with its hidden units in the order and size of the marks.

    Layer after layer, each unit by the weights that enter it, and from the second pass
    on by those that leave it too. What is in step with the marks stays as it is.

    Parameters
    ----------
    model : Network
    marks : mapping of str to ndarray of complex
        Named and shaped as its weights.
    step : float
        From one lattice to the other, in the unit of the weights.
    """
    own = model.weights()
    _named(own, marks)
    if in_step(own, marks, step=step) > IN_PLACE:
        return model
    weights = {name: values.astype(np.float64) for name, values in own.items()}
    for number in range(PASSES):
        for i in range(len(model.layers) - 1):
            fits = _fits(weights[f"weight_{i}"].T, marks[f"weight_{i}"], step, FACTORS)
            if number:
                out, places = weights[f"weight_{i + 1}"], marks[f"weight_{i + 1}"].T
                fits += _fits(out, places, step, 1 / FACTORS)
            _put(weights, i, *_matched(fits))
    return model.with_weights(weights)


def in_step(
    weights: Mapping[str, Weights], marks: Annotated[Marks, Filled()], *, step: Positive
) -> float:
    """How well weights are in step with the marks, mean of the carriers, −1 to 1."""
    _named(marks, weights)
    turns = [
        np.sum(np.exp(2j * np.pi * weights[name] / step) * one)
        for name, one in marks.items()
    ]
    return float(np.sum(turns).real / sum(np.sum(one != 0) for one in marks.values()))


def _named(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse weights, or marks, of which some have no counterpart."""
    if missing := sorted(set(wanted) - set(given)):
        raise BadInput(f"got none of the name {missing[0]}; wanted one for each layer")


def _fits(
    units: Floats, marks: NDArray[np.complex128], step: float, factors: Floats
) -> NDArray[np.float32]:
    """How each unit's weights (h, a), multiplied, are in step with each place's marks.

    Of shape (factors, units, places).
    """
    fits = np.empty((len(factors), len(units), marks.shape[1]), np.float32)
    angles = (2 * np.pi / step * units).astype(np.float32)
    east, north = (part.astype(np.float32) for part in (marks.real, marks.imag))
    for factor, fit in zip(factors.astype(np.float32), fits, strict=True):
        turned = angles * factor
        fit[:] = np.cos(turned) @ east - np.sin(turned) @ north
    return fits


def _matched(fits: NDArray[np.float32]) -> tuple[Ints, Floats]:
    """Which unit belongs in each place so that all fit best, and its factor."""
    units, places = linear_sum_assignment(-fits.max(axis=0))
    order = np.empty(len(units), np.int64)
    order[places] = units
    chosen = fits[:, order, np.arange(len(order))].argmax(axis=0)
    return order, FACTORS[chosen]


def _put(weights: dict[str, Floats], i: int, order: Ints, factors: Floats) -> None:
    """Bring the units of a hidden layer into an order and size."""
    weights[f"weight_{i}"] = weights[f"weight_{i}"][:, order] * factors
    weights[f"bias_{i}"] = weights[f"bias_{i}"][order] * factors
    weights[f"weight_{i + 1}"] = weights[f"weight_{i + 1}"][order] / factors[:, None]
