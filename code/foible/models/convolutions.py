"""How is a convolutional network trained on images?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from foible.data import Dataset
from foible.domains import Count, Natural, Positive, Seed
from foible.errors import BadInput
from foible.models._checks import paired, placed
from foible.models._stacks import apart, batches, forward, initial, perturbed, stacked
from foible.models.filters import Convolutional, filtered, image_of
from foible.models.kinds import OneByOne, Perturbation


@dataclass(frozen=True)
class ConvolutionalRecipe(OneByOne[Convolutional]):
    """Trains convolutional networks on images; see `convolutional`."""

    filters: tuple[Count, ...]
    size: Count
    hidden: Count
    steps: Natural
    rate: Positive
    batch: Count
    perturb: Perturbation | None = None
    device: str = "cpu"

    def __call__(self, rows: Dataset, *, seed: Seed) -> Convolutional:
        """One convolutional network, its weights in float32.

        Its head is a stack of one, as in `training`.
        """
        paired([rows], [seed])
        if rows.image is None:
            raise BadInput(f"{rows.name}: got rows that are no images; wanted images")
        rng = np.random.default_rng(seed)
        on = placed(self.device)
        X, truth = (values.to(on) for values in stacked([rows]))
        first = _first_filters([image_of(rows.image)[2], *self.filters], self.size, rng)
        filters = [tensor.to(on) for tensor in first]
        width = filtered(filters, X[0, :1], rows.image).shape[1]
        drawn = initial([width, self.hidden, truth.shape[2]], [rng])
        top = [tensor.to(on) for tensor in drawn]
        parameters = [p.requires_grad_() for p in (*filters, *top)]
        adam = torch.optim.Adam(parameters, lr=self.rate, fused=True)
        for step, batch in enumerate(
            batches([len(rows)], [rng], steps=self.steps, batch=self.batch, on=on)
        ):
            adam.param_groups[0]["lr"] = self.rate * (1 - step / self.steps)
            given = X[batch]
            if self.perturb is not None:
                made = _assembled(rows.image, filters, top)
                given = perturbed(self.perturb, [made], given, truth[batch], [rng])
            seen = filtered(filters, given[0], rows.image)
            said = forward(top, seen[np.newaxis])[1].log_softmax(2)
            loss = -(said * truth[batch]).sum() / self.batch
            adam.zero_grad()
            torch.autograd.backward([loss])
            adam.step()
        return _assembled(rows.image, filters, top)


def convolutional(
    *,
    filters: tuple[Count, ...] = (16, 32),
    size: Count = 3,
    hidden: Count = 64,
    steps: Count = 800,
    rate: Positive = 0.005,
    batch: Count = 64,
    device: str = "cpu",
) -> ConvolutionalRecipe:
    """Recipe for a convolutional network trained by Adam [paszke2019pytorch].

    Each layer of filters halves the image; a hidden layer and the logits follow. The
    rows have to be images. `many` runs in this process unless `joblib.parallel_config`
    says where else.

    Parameters
    ----------
    filters : tuple of int
        How many filters each layer has.
    size : int
        Width of a filter in pixels, odd.
    rate : float
        Adam's learning rate at first; it falls to nought along a straight line.
    hidden, steps, batch, device
        As for `network`.
    """
    if size % 2 == 0:
        raise BadInput(f"got size={size}; wanted an odd number of pixels")
    return ConvolutionalRecipe(
        tuple(filters), size, hidden, steps, rate, batch, device=device
    )


def _assembled(
    image: tuple[int, ...], filters: Sequence[Tensor], top: Sequence[Tensor]
) -> Convolutional:
    """The network whose weights these are at the moment."""
    (head,) = apart([parameter.detach() for parameter in top])
    arrays = [parameter.detach().cpu().numpy() for parameter in filters]
    return Convolutional(
        image, tuple(zip(arrays[::2], arrays[1::2], strict=True)), head
    )


def _first_filters(
    depths: Sequence[int], size: int, rng: np.random.Generator
) -> list[Tensor]:
    """Weights (b, a, s, s) and biases (b,) of each layer, drawn as torch does."""
    return [
        torch.from_numpy(rng.uniform(-1, 1, shape) / (size * np.sqrt(a))).float()
        for a, b in pairwise(depths)
        for shape in ((b, a, size, size), (b,))
    ]
