"""Which recipes are made of others: on any scale, or on borrowed features?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from foible.arrays import Floats, scale
from foible.data import Dataset
from foible.domains import Seed, shaped
from foible.errors import BadInput
from foible.models.classical import RegressionRecipe
from foible.models.networks import Network
from foible.models.training import NetworkRecipe


@dataclass(frozen=True)
class StandardisedRecipe:
    """Makes networks on columns of mean 0 and spread 1; see `standardised`."""

    recipe: NetworkRecipe | RegressionRecipe

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """One network for rows as they were, before they were scaled."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Network]:
        """As many networks, each scaled by its own rows."""
        scales = [scale(part.X) for part in rows]
        scaled = [
            replace(part, X=(part.X - mean) / spread)
            for part, (mean, spread) in zip(rows, scales, strict=True)
        ]
        made = self.recipe.many(scaled, seeds=seeds)
        return [
            unscaled(model, *scale) for model, scale in zip(made, scales, strict=True)
        ]


def standardised(recipe: NetworkRecipe | RegressionRecipe) -> StandardisedRecipe:
    """The recipe on standardised columns, for rows whose columns differ in scale.

    Mean and spread are those of the rows that the model is made from. They end up in
    the weights of the first layer, so the model takes rows in their own units. A forest
    has no need of it.
    """
    return StandardisedRecipe(recipe)


def unscaled(
    model: Network,
    mean: Annotated[Floats, shaped("d")],
    spread: Annotated[Floats, shaped("d", least=0, beyond=True)],
) -> Network:
    """A network of rows less the mean by the spread, for the rows as they are."""
    (weight, bias), *others = model.layers
    own = weight / spread[:, np.newaxis]
    first = own.astype(weight.dtype), (bias - mean @ own).astype(bias.dtype)
    return Network((first, *others))


@dataclass(frozen=True)
class TransferRecipe:
    """Makes a new last layer for a network that stays as it is; see `transferred`."""

    network: Network
    head: RegressionRecipe

    def __call__(self, rows: Dataset, *, seed: Seed) -> Network:
        """The network with a last layer made from rows."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Network]:
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
        Whose layers but the last are kept, frozen; BadInput if it has but one.
    head : RegressionRecipe
        How the new last layer is made.
    """
    if len(network.layers) < 2:
        raise BadInput(f"got {network!r}; wanted a network with a hidden layer")
    return TransferRecipe(network, head)
