"""How are many small networks computed and moved as one?

Every tensor is stacked along the number m of networks, so that a step of training is a
few large operations and not many small ones.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch import device as Device  # noqa: N812 (a type, in lower case)
from torch.optim.adam import adam as _adam

from foible.arrays import Bools
from foible.data import Dataset
from foible.domains import Count, Natural
from foible.errors import BadInput
from foible.models.kinds import Differentiable, Perturbation
from foible.models.networks import Network

CPU = Device("cpu")


def stacked(rows: Sequence[Dataset], *, merged: bool = False) -> tuple[Tensor, Tensor]:
    """Rows (m, n, d) and their classes (m, n, k), a 1 in each; short sets end in 0.

    Merged, a row that repeats the one before is that row, and counts in its classes.
    """
    news = [_new(part, merged=merged) for part in rows]
    shape = len(rows), max(int(new.sum()) for new in news)
    X = np.zeros((*shape, rows[0].X.shape[1]), np.float32)
    truth = np.zeros((*shape, len(rows[0].classes)), np.float32)
    for i, (part, new) in enumerate(zip(rows, news, strict=True)):
        X[i, : new.sum()] = part.X[new]
        np.add.at(truth[i], (new.cumsum() - 1, part.y.astype(np.int64)), 1)
    return torch.from_numpy(X), torch.from_numpy(truth)


def _new(rows: Dataset, *, merged: bool) -> Bools:
    """Which rows stand for themselves, ndarray of shape (n,)."""
    new = np.ones(len(rows), dtype=bool)
    if merged:
        new[1:] = (rows.X[1:] != rows.X[:-1]).any(axis=1)
    return new


def initial(sizes: Sequence[int], draws: Sequence[np.random.Generator]) -> list[Tensor]:
    """Weights (m, a, b) and biases (m, 1, b) of each layer, drawn as torch does."""
    return [
        torch.from_numpy(
            np.stack([rng.uniform(-1, 1, (high, b)) / np.sqrt(a) for rng in draws])
        ).float()
        for a, b in pairwise(sizes)
        for high in (a, 1)
    ]


def begun(
    tensors: Sequence[Tensor], sizes: Sequence[int], count: Count
) -> Sequence[Tensor]:
    """Weights and biases of so many networks to begin with, shaped as `initial`'s."""
    wanted = [(count, high, b) for a, b in pairwise(sizes) for high in (a, 1)]
    given = [tuple(tensor.shape) for tensor in tensors]
    if given != wanted:
        raise BadInput(f"got tensors of shapes {given} to begin with; wanted {wanted}")
    return tensors


def in_one(tensors: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Copies of tensors in one buffer, and the views of it that are the tensors.

    An optimiser then has one long tensor to move and not several short ones.
    """
    whole = torch.cat([tensor.flatten() for tensor in tensors])
    parts = torch.split(whole, [tensor.numel() for tensor in tensors])
    return whole, [
        part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)
    ]


def movable(tensors: Sequence[Tensor]) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """The buffer that an optimiser moves, its parameters, and where their slopes go."""
    values, parameters = in_one(tensors)
    values.grad, slopes = in_one([torch.zeros_like(p) for p in parameters])
    return values, parameters, slopes


def apart(parameters: Sequence[Tensor]) -> list[Network]:
    """Each of m networks by itself."""
    arrays = [parameter.cpu().numpy() for parameter in parameters]
    layers = list(zip(arrays[::2], arrays[1::2], strict=True))
    return [
        Network(tuple((weight[i], bias[i, 0]) for weight, bias in layers))
        for i in range(len(arrays[0]))
    ]


def batches(
    lengths: Sequence[int],
    draws: Sequence[np.random.Generator],
    *,
    steps: Natural,
    batch: Count | None,
    on: Device = CPU,
) -> Iterator[Any]:
    """Which rows each network sees at each step: all, or the next of shuffled ones."""
    if batch is None:
        yield from (slice(None) for _ in range(steps))
        return
    wanted = steps * batch
    orders = [
        np.concatenate([rng.permutation(n) for _ in range(-(-wanted // n))])[:wanted]
        for rng, n in zip(draws, lengths, strict=True)
    ]
    index = torch.from_numpy(np.stack(orders)).view(len(draws), steps, -1).to(on)
    which = torch.arange(len(draws), device=on)[:, None]
    for step in index.unbind(1):  # (m, b)
        yield which, step


def taken(batch: Any, *sets: Tensor) -> list[Tensor]:
    """The rows (m, b, ...) of a step out of all rows (m, n, ...) of each set."""
    if isinstance(batch, slice):
        return [values[batch] for values in sets]
    which, step = batch
    flat = (which * sets[0].shape[1] + step).flatten()
    return [
        values.flatten(0, 1).index_select(0, flat).view(*step.shape, -1)
        for values in sets
    ]


def adam(values: Tensor, *, rate: float, decay: float = 0.0) -> Callable[[], None]:
    """A step of Adam along the slope that `values.grad` holds [paszke2019pytorch].

    The function inside `torch.optim.Adam`, whose hooks cost as much again as the step
    of so small a network.
    """
    slope = values.grad
    if slope is None:
        raise BadInput("got values without a slope; wanted those of `movable`")
    first, second = map(torch.zeros_like, (values, values))
    steps = torch.tensor(0.0, device=values.device)

    def step() -> None:
        _adam(
            [values], [slope], [first], [second], [], [steps],
            fused=True, amsgrad=False, maximize=False,
            lr=rate, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=decay,
        )  # fmt: skip

    return step


def forward(parameters: Sequence[Tensor], X: Tensor) -> tuple[list[Tensor], Tensor]:
    """What enters each layer of m networks, and what they say: logits (m, n, k)."""
    entering = [X]
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        entering.append(torch.baddbmm(bias, entering[-1], weight).relu_())
    return entering, torch.baddbmm(parameters[-1], entering[-1], parameters[-2])


def chances(said: Tensor) -> Tensor:
    """Softmax over the last axis; torch is ten times faster along another one."""
    return said.mT.softmax(1).mT


def backward(
    parameters: Sequence[Tensor], entering: Sequence[Tensor], slope: Tensor
) -> list[Tensor]:
    """Slope of each row's loss by what leaves each layer: from that by the logits.

    By hand, since torch's own bookkeeping costs more than the arithmetic of so small a
    network.
    """
    slopes = [slope]
    for weight, values in zip(parameters[-2:0:-2], entering[:0:-1], strict=True):
        slopes.append(torch.bmm(slopes[-1], weight.mT).mul_(values.sign()))
    return slopes[::-1]


def sum_up(
    entering: Sequence[Tensor], slopes: Sequence[Tensor], *, into: Sequence[Tensor]
) -> None:
    """Slopes of all parameters, summed over rows, written into tensors like them."""
    for values, slope, weight, bias in zip(
        entering, slopes, into[::2], into[1::2], strict=True
    ):
        torch.bmm(values.mT, slope, out=weight)
        torch.sum(slope, 1, keepdim=True, out=bias)


def perturbed(
    perturb: Perturbation,
    models: Sequence[Differentiable],
    X: Tensor,
    truth: Tensor,
    draws: Sequence[np.random.Generator],
) -> Tensor:
    """What each of m models is to learn from in place of its rows, (m, b, d)."""
    moved = [
        perturb(model, rows, labels, seed=int(rng.integers(2**32)))
        for model, rows, labels, rng in zip(
            models,
            X.double().cpu().numpy(),
            truth.argmax(2).cpu().numpy(),
            draws,
            strict=True,
        )
    ]
    return torch.from_numpy(np.stack(moved)).float().to(X.device)
