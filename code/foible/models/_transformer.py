"""What does a transformer compute? The whole of it, on tensors.

A token is the number of a word. Each word has a vector, each place has one too, and a
text enters as the sum of both. A layer lets each place look at the places before it,
and then thinks about each by itself. What comes out is compared with the vector of
every word: the nearer, the likelier is that word the next [vaswani2017attention].
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

Parameters = Mapping[str, Tensor]
Past = list[Tensor]
"""Of each layer keys and values, (2, n, heads, places, d / heads), also to come."""


def entered(w: Parameters, tokens: Tensor, *, start: int = 0) -> Tensor:
    """Texts (n, t) of token numbers as vectors (n, t, d); the first stands at start."""
    return w["words"][tokens] + w["places"][start : start + tokens.shape[-1]]


def hidden(
    w: Parameters,
    x: Tensor,
    *,
    heads: int,
    layers: int,
    past: Past | None = None,
    start: int = 0,
) -> Tensor:
    """What so many layers make of vectors (n, t, d): as many, (n, t, d).

    The first stands at start, and what stood before it is in the past.
    """
    for i in range(layers):
        near = normed(x, w[f"{i}.before"])
        room = None if past is None else past[i][..., : start + x.shape[1], :]
        x = x + attended(near, w[f"{i}.mix"], w[f"{i}.out"], heads, room)
        near = normed(x, w[f"{i}.between"])
        x = x + (near @ w[f"{i}.up"]).relu() @ w[f"{i}.down"]
    return normed(x, w["last"])


def normed(x: Tensor, gain: Tensor) -> Tensor:
    """Vectors of one length, the root of d, times a gain for each coordinate."""
    return x * (x.square().mean(-1, keepdim=True) + 1e-6).rsqrt() * gain


def attended(
    x: Tensor, mix: Tensor, out: Tensor, heads: int, past: Tensor | None
) -> Tensor:
    """What each place learns from itself and the places before it, (n, t, d)."""
    n, t, d = x.shape
    q, k, v = (x @ mix).view(n, t, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
    if past is not None:
        past[..., -t:, :] = torch.stack([k, v])
        k, v = past
    scores = q @ k.mT / math.sqrt(d // heads)
    if t > 1:
        later = torch.ones(t, k.shape[2], dtype=torch.bool).triu(k.shape[2] - t + 1)
        scores = scores.masked_fill(later, -math.inf)
    seen: Tensor = scores.softmax(-1) @ v  # (n, heads, t, d / heads)
    return seen.transpose(1, 2).reshape(n, t, d) @ out


def logits(w: Parameters, x: Tensor) -> Tensor:
    """How well each word would come next, (..., V), by hidden values (..., d)."""
    return x @ w["words"].mT


# ---------------------------------------------------------------- training


def losses(
    w: Parameters, x: Tensor, tokens: Tensor, *, heads: int, layers: int
) -> Tensor:
    """Minus the log-probability of each token but the first, (n, t - 1)."""
    said = logits(w, hidden(w, x[:, :-1], heads=heads, layers=layers))
    lost: Tensor = torch.nn.functional.cross_entropy(
        said.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
    )
    return lost.view(len(tokens), -1)


def initial(
    words: int, width: int, layers: int, context: int, rng: np.random.Generator
) -> dict[str, Tensor]:
    """Weights to begin with, drawn from normal distributions."""

    def drawn(*shape: int, scale: float) -> Tensor:
        return torch.from_numpy(scale * rng.standard_normal(shape, np.float32))

    w = {
        "words": drawn(words, width, scale=0.1),
        "places": drawn(context, width, scale=0.1),
        "last": torch.ones(width),
    }
    for i in range(layers):
        quiet = 1 / math.sqrt(2 * layers)  # so that deep sums begin no larger
        for gain in ("before", "between"):
            w[f"{i}.{gain}"] = torch.ones(width)
        for name, high, wide, loud in (
            ("mix", width, 3 * width, 1.0),
            ("out", width, width, quiet),
            ("up", width, 4 * width, 1.0),
            ("down", 4 * width, width, quiet),
        ):
            w[f"{i}.{name}"] = drawn(high, wide, scale=loud / math.sqrt(high))
    return w
