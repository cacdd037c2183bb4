"""How is a convolutional network trained on images?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from joblib import Parallel, delayed
from torch import Tensor

from foible.data import Dataset
from foible.errors import BadInput
from foible.models.checks import paired, positive
from foible.models.filters import Convolutional, filtered, image_of
from foible.models.kinds import Perturbation
from foible.models.stacks import apart, batches, forward, initial, perturbed, stacked


@dataclass(frozen=True)
class ConvolutionalRecipe:
    """Trains convolutional networks on images; see `convolutional`."""

    filters: tuple[int, ...]
    size: int
    hidden: int
    steps: int
    rate: float
    batch: int
    perturb: Perturbation | None = None

    def __call__(self, rows: Dataset, *, seed: int) -> Convolutional:
        """One convolutional network, its weights in float32."""
        return self.many([rows], seeds=[seed])[0]

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[int]
    ) -> list[Convolutional]:
        """As many convolutional networks, through joblib."""
        jobs = (delayed(_taught)(self, *pair) for pair in paired(rows, seeds))
        return list(Parallel()(jobs))


def convolutional(
    *,
    filters: tuple[int, ...] = (16, 32),
    size: int = 3,
    hidden: int = 64,
    steps: int = 800,
    rate: float = 0.005,
    batch: int = 64,
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
    hidden : int
        Width of the hidden layer.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate at first; it falls to nought along a straight line.
    batch : int
        Rows seen at each step, in an order drawn by the seed.

    BadInput: a setting that is not above 0, or filters of an even width.
    """
    positive(size=size, hidden=hidden, steps=steps, rate=rate, batch=batch)
    for number in filters:
        positive(filters=number)
    if size % 2 == 0:
        raise BadInput(f"got size={size}; wanted an odd number of pixels")
    return ConvolutionalRecipe(tuple(filters), size, hidden, steps, rate, batch)


def _taught(recipe: ConvolutionalRecipe, rows: Dataset, seed: int) -> Convolutional:
    """One network; its head is a stack of one, as in `training`."""
    if rows.image is None:
        raise BadInput(f"{rows.name}: got rows that are no images; wanted images")
    rng = np.random.default_rng(seed)
    X, truth = stacked([rows])
    filters = _first_filters(
        [image_of(rows.image)[2], *recipe.filters], recipe.size, rng
    )
    width = filtered(filters, X[0, :1], rows.image).shape[1]
    top = initial([width, recipe.hidden, truth.shape[2]], [rng])
    parameters = [p.requires_grad_() for p in (*filters, *top)]
    adam = torch.optim.Adam(parameters, lr=recipe.rate, fused=True)
    for step, batch in enumerate(
        batches([len(rows)], [rng], steps=recipe.steps, batch=recipe.batch)
    ):
        adam.param_groups[0]["lr"] = recipe.rate * (1 - step / recipe.steps)
        given = X[batch]
        if recipe.perturb is not None:
            made = _assembled(rows.image, filters, top)
            given = perturbed(recipe.perturb, [made], given, truth[batch], [rng])
        seen = filtered(filters, given[0], rows.image)
        said = forward(top, seen[np.newaxis])[1].log_softmax(2)
        loss = -(said * truth[batch]).sum() / recipe.batch
        adam.zero_grad()
        torch.autograd.backward([loss])
        adam.step()
    return _assembled(rows.image, filters, top)


def _assembled(
    image: tuple[int, ...], filters: Sequence[Tensor], top: Sequence[Tensor]
) -> Convolutional:
    """The network whose weights these are at the moment."""
    (head,) = apart([parameter.detach() for parameter in top])
    arrays = [parameter.detach().numpy() for parameter in filters]
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
