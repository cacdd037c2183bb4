"""Which code gets through whatever the owner may do?

The provider tries codes on a network of their own, made from part of the owner's rows
and judged on the rest, and does to it what an owner might do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats
from foible.attacks.malicious_provider.channels import Code
from foible.attacks.malicious_provider.pictures import right_bits
from foible.attacks.malicious_provider.providers import InWeights
from foible.data import Dataset
from foible.domains import Natural, Seed, Share
from foible.metrics import accuracy
from foible.models import Network, NetworkRecipe

Treatment = Callable[[Network], Network]


@dataclass(frozen=True)
class Trial:
    """What a provider learned of one code on their own networks.

    Parameters
    ----------
    code : Code
    lost : float
        Share of right answers that it costs; below 0 if it gains.
    right : mapping of str to float
        Share of the bits that are right after each treatment, in the network where it
        is least; empty if the code costs too much to be treated.
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
    price: Share,
    rounds: Natural = 16,
    seeds: Sequence[Seed],
) -> list[Trial]:
    """Each code on networks made from `rows`, the best first, of equals the highest.

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
        Share of right answers that a code may cost, mean of the networks.
    rounds : int
        As in `InWeights`.
    seeds : sequence of int
        Of the networks.
    """
    honest = [recipe(rows, seed=seed) for seed in seeds]
    before = np.mean([accuracy(held.y, model.predict(held.X)) for model in honest])
    trials = []
    for code in codes:
        way = InWeights(code, rounds)
        models = [way.train(rows, recipe, pictures, seed=seed) for seed in seeds]
        now = np.mean([accuracy(held.y, model.predict(held.X)) for model in models])
        lost = float(before - now)
        able = treatments if lost <= price else {}
        right = {
            name: min(_right(pictures, way, treat(model)) for model in models)
            for name, treat in able.items()
        }
        trials.append(Trial(code, lost, right))
    return sorted(trials, key=lambda trial: (-trial.worst, -trial.code.step))


def _right(pictures: Floats, way: InWeights, model: Network) -> float:
    m, d = np.shape(pictures)
    return right_bits(pictures, way.receive(model, pictures=m, pixels=d))
