"""How is a ReLU network, or are many at once, trained on rows?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foible.data import Dataset
from foible.domains import Amount, Count, Logits, Natural, Positive, Seed, Some
from foible.errors import BadInput
from foible.models._checks import checked_widths, paired, placed
from foible.models._stacks import (
    adam,
    apart,
    backward,
    batches,
    begun,
    chances,
    forward,
    initial,
    movable,
    perturbed,
    stacked,
    sum_up,
    taken,
)
from foible.models.kinds import Perturbation
from foible.models.networks import Network
from foible.models.side_by_side import SideBySide


@dataclass(frozen=True)
class NetworkRecipe(SideBySide):
    """Trains ReLU networks, many as one batched program; see `network`."""

    hidden: tuple[Count, ...]
    steps: Natural
    rate: Positive
    batch: Count | None
    decay: Amount
    perturb: Perturbation | None = None
    device: str = "cpu"

    def together(
        self,
        pairs: Some[tuple[Dataset, int]],
        begin: Sequence[Tensor] | None = None,
        shares: Tensor | None = None,
    ) -> list[Network]:
        """A group of m networks, every tensor stacked along their number.

        They begin with weights and biases as `stacks.initial` draws them, or with
        those given, which are of the same shapes. They learn the rows' labels, or the
        shares of each class in each row, (m, n, k).
        """
        on = placed(self.device)
        draws = [np.random.default_rng(seed) for _, seed in pairs]
        lengths = [len(rows) for rows, _ in pairs]
        whole = self.batch is None and self.perturb is None  # else repeats may differ
        merged = whole and shares is None
        sets = stacked([rows for rows, _ in pairs], merged=merged)
        X, truth = (values.to(on) for values in sets)
        truth = truth if shares is None else shares.to(on)
        widths = [X.shape[2], *self.hidden, truth.shape[2]]
        first = begun(begin, widths, len(pairs)) if begin else initial(widths, draws)
        values, parameters, sums = movable([tensor.to(on) for tensor in first])
        step = adam(values, rate=self.rate, decay=self.decay)
        with torch.no_grad():
            for batch in batches(
                lengths, draws, steps=self.steps, batch=self.batch, on=on
            ):
                true, seen = taken(batch, truth, X)
                if self.perturb is not None:
                    seen = perturbed(self.perturb, apart(parameters), seen, true, draws)
                entering, said = forward(parameters, seen)
                times = true.sum(2, keepdim=True)  # 0 where a short set is padded
                slope = chances(said).mul_(times).sub_(true)
                slope.mul_(times.sum(1, keepdim=True).reciprocal_())
                sum_up(entering, backward(parameters, entering, slope), into=sums)
                step()
        return apart(parameters)

    def softly(self, rows: Dataset, shares: Logits, *, seed: Seed) -> Network:
        """One network that learns each row's probabilities, (n, k), and no label."""
        if shares.shape != (wanted := (len(rows), len(rows.classes))):
            raise BadInput(f"got shares of shape {shares.shape}; wanted {wanted}")
        soft = torch.tensor(shares[np.newaxis], dtype=torch.float32)
        return self.together(paired([rows], [seed]), shares=soft)[0]


def network(
    *,
    hidden: Count | tuple[Count, ...] = 64,
    steps: Count = 100,
    rate: Positive = 0.01,
    batch: Count | None = None,
    decay: Amount = 0.0,
    device: str = "cpu",
) -> NetworkRecipe:
    """Recipe for a ReLU network trained by Adam [paszke2019pytorch].

    Parameters
    ----------
    hidden : int or tuple of int
        Width of the hidden layer, or of each.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate.
    batch : int, optional
        Rows seen at each step, in an order drawn by the seed; all if left out.
    decay : float
        Strength of the penalty on the loss, `decay` / 2 times the squared parameters.
    device : str
        Where torch trains, such as "cuda"; what is made answers on the CPU. BadInput,
        when training, where there is no such device.
    """
    widths = checked_widths(hidden)
    return NetworkRecipe(widths, steps, rate, batch, decay, device=device)


def resumed(
    model: Network,
    rows: Dataset,
    *,
    steps: Natural,
    rate: Positive = 0.01,
    batch: Count | None = None,
    seed: Seed,
) -> Network:
    """A network that is trained further: `network`, but from weights that are there.

    Parameters
    ----------
    model : Network
        Where to begin; not changed.
    rows : Dataset
        What to go on with, as wide as the rows before and with as many classes, else
        BadInput.
    steps, rate, batch
        As in `network`.
    seed : int
        Of the order of the rows.
    """
    widths = tuple(len(weight) for weight, _ in model.layers)
    if (rows.X.shape[1], len(rows.classes)) != (widths[0], len(model.classes_)):
        raise BadInput(
            f"got rows of {rows.X.shape[1]} columns and {len(rows.classes)} classes; "
            f"wanted {widths[0]} and {len(model.classes_)}, as the network has"
        )
    recipe = network(hidden=widths[1:], steps=steps, rate=rate, batch=batch)
    begin = [
        torch.tensor(np.atleast_2d(values)[np.newaxis], dtype=torch.float32)
        for layer in model.layers
        for values in layer
    ]
    return recipe.together(paired([rows], [seed]), begin)[0]
