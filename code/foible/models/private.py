"""How is a network trained that says little about any one row?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from foible.data import Dataset
from foible.domains import Amount, Count, Natural, Positive, Some
from foible.models._checks import checked_widths, placed
from foible.models._stacks import (
    adam,
    apart,
    backward,
    chances,
    forward,
    initial,
    movable,
    stacked,
    sum_up,
)
from foible.models.networks import Network
from foible.models.side_by_side import SideBySide


@dataclass(frozen=True)
class PrivateRecipe(SideBySide):
    """Trains networks by noisy steps; see `private_network`."""

    hidden: tuple[Count, ...]
    steps: Natural
    rate: Positive
    clip: Positive
    noise: Amount
    device: str = "cpu"
    batch: None = field(default=None, init=False)  # every step sees every row

    def together(self, pairs: Some[tuple[Dataset, int]]) -> list[Network]:
        """A group of m networks, every tensor stacked along their number."""
        on = placed(self.device)
        draws = [np.random.default_rng(seed) for _, seed in pairs]
        X, truth = (values.to(on) for values in stacked([rows for rows, _ in pairs]))
        first = initial([X.shape[2], *self.hidden, truth.shape[2]], draws)
        values, parameters, sums = movable([tensor.to(on) for tensor in first])
        step = adam(values, rate=self.rate)
        real = truth.sum(2, keepdim=True)  # 0 where a short set is padded
        with torch.no_grad():
            for _ in range(self.steps):
                entering, said = forward(parameters, X)
                slopes = backward(parameters, entering, chances(said).sub_(truth))
                share = (self.clip / _lengths(entering, slopes)).clamp_(max=1) * real
                sum_up(entering, [slope * share for slope in slopes], into=sums)
                for total, noise in zip(sums, _normal(sums, draws), strict=True):
                    total.add_(noise.to(on), alpha=self.clip * self.noise)
                step()
        return apart(parameters)


def private_network(
    *,
    hidden: Count | tuple[Count, ...] = 32,
    steps: Count = 60,
    rate: Positive = 0.02,
    clip: Positive = 1.0,
    noise: Amount,
    device: str = "cpu",
) -> PrivateRecipe:
    """Recipe for a network that says little about any one row [abadi2016deep].

    In each step every row's slope is cut to the length `clip`, the slopes are summed,
    and Gaussian noise is added; Adam moves the weights along this noisy sum and sees
    nothing else of the rows. Each step is a Gaussian mechanism on all rows, whose sum
    one row added or removed moves by at most `clip`.

    The noise is pseudo-random and of floating-point precision: good enough to measure
    with, not for patients.

    Parameters
    ----------
    hidden, steps, rate, device
        As for `network`.
    clip : float
        Greatest length of a row's slope.
    noise : float
        Standard deviation of the noise, in units of `clip`; 0 gives no privacy.
    """
    return PrivateRecipe(checked_widths(hidden), steps, rate, clip, noise, device)


def _lengths(entering: Sequence[Tensor], slopes: Sequence[Tensor]) -> Tensor:
    """Length of each row's slope by all parameters together, (m, n, 1).

    A row's slope by a weight matrix is an outer product, so its length is that of the
    values that enter times that of the slope at the exit; a bias is a weight whose
    value is always 1.
    """
    squares = [
        (values.square().sum(2, keepdim=True) + 1) * slope.square().sum(2, keepdim=True)
        for values, slope in zip(entering, slopes, strict=True)
    ]
    return torch.stack(squares).sum(0).sqrt()


def _normal(
    like: Sequence[Tensor], draws: Sequence[np.random.Generator]
) -> list[Tensor]:
    """Standard normal numbers like these, for each network from its own generator."""
    sizes = [tensor[0].numel() for tensor in like]
    rows = np.stack([rng.standard_normal(sum(sizes), np.float32) for rng in draws])
    parts = torch.split(torch.from_numpy(rows), sizes, dim=1)
    return [part.view(one.shape) for part, one in zip(parts, like, strict=True)]
