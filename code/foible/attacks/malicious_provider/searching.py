"""Which code gets through whatever the owner may do?

The provider tries codes on a network of their own, made from part of the owner's rows
and judged on the rest, and does to it what an owner might do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats
from foible.attacks.malicious_provider.channels import Code
from foible.attacks.malicious_provider.pictures import to_bits
from foible.attacks.malicious_provider.providers import InWeights
from foible.checks import shares
from foible.data import Dataset
from foible.metrics import accuracy
from foible.models import Network, NetworkRecipe

Treatment = Callable[[Network], Network]


@dataclass(frozen=True)
class Trial:
    """What a provider learned of one code on their own network.

    Parameters
    ----------
    code : Code
    lost : float
        Share of right answers that it costs; below 0 if it gains.
    right : mapping of str to float
        Share of the bits that are right after each treatment; empty if the code costs
        too much to be tried.
    """

    code: Code
    lost: float
    right: Mapping[str, float]

    @property
    def worst(self) -> float:
        """Share of the bits that are right after the worst treatment."""
        return min(self.right.values(), default=0.0)


def tried(
    rows: Dataset,
    held: Dataset,
    recipe: NetworkRecipe,
    pictures: Floats,
    *,
    codes: Sequence[Code],
    treatments: Mapping[str, Treatment],
    price: float,
    rounds: int = 16,
    seed: int,
) -> list[Trial]:
    """Each code on a network made from `rows`, the best first, of equals the cheapest.

    Parameters
    ----------
    rows, held : Dataset
        To learn from, and to count right answers by.
    recipe : NetworkRecipe
    pictures : ndarray of shape (m, d)
        What is sent.
    codes : sequence of Code
    treatments : mapping of str to callable
        What an owner might do, each with the provider's own chance and rows.
    price : float
        Share of right answers that a code may cost.
    rounds : int
        As in `InWeights`.
    seed : int
        Of the network.
    """
    shares(price=price)
    honest = accuracy(held.y, recipe(rows, seed=seed).predict(held.X))
    trials = []
    for code in codes:
        provider = InWeights(code, rounds)
        model = provider.train(rows, recipe, pictures, seed=seed)
        lost = honest - accuracy(held.y, model.predict(held.X))
        able = treatments if lost <= price else {}
        right = {
            name: right_bits(pictures, provider, treat(model))
            for name, treat in able.items()
        }
        trials.append(Trial(code, lost, right))
    return sorted(trials, key=lambda trial: (-trial.worst, trial.lost))


def right_bits(pictures: Floats, provider: InWeights, model: Network) -> float:
    """Share of the pictures' bits that a provider's receiver reads rightly."""
    m, d = np.shape(pictures)
    received = provider.receive(model, pictures=m, pixels=d)
    return float(np.mean(to_bits(received) == to_bits(pictures)))
