"""How does a language model learn that says little of any one text?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, vmap

from foible.domains import Amount, Count, Natural, Positive
from foible.models.teaching import LanguageRecipe, language


@dataclass(frozen=True)
class PrivateLanguageRecipe(LanguageRecipe):
    """Trains language models by noisy steps; see `private_language`."""

    clip: Positive = 1.0
    noise: Amount = 1.0

    def _batches(self, n: int, rng: np.random.Generator) -> Iterator[Tensor]:
        """Each text by a toss of its own, as the accounts of privacy have it."""
        for _ in range(self.steps):
            yield torch.from_numpy(np.flatnonzero(rng.random(n) < self.batch / n))

    def _slopes(
        self,
        w: dict[str, Tensor],
        rows: Tensor,
        counted: Tensor,
        rng: np.random.Generator,
    ) -> Sequence[Tensor]:
        """Each text's slope cut to a length, their sum, and noise [abadi2016deep]."""
        if not len(rows):  # a text of which nothing counts has no slope
            rows, counted = rows.new_zeros(1, 2), counted.new_zeros(1, 1)

        def lost(w: dict[str, Tensor], text: Tensor, counts: Tensor) -> Tensor:
            return self._lost(w, text[None], counts[None])

        fixed = {name: values.detach() for name, values in w.items()}
        slopes = list(vmap(grad(lost), (None, 0, 0))(fixed, rows, counted).values())
        squares = torch.stack([slope.flatten(1).square().sum(1) for slope in slopes])
        share = (self.clip / squares.sum(0).sqrt()).clamp(max=1)
        return [
            (torch.tensordot(share, slope, 1) + self._noise(slope, rng)) / self.batch
            for slope in slopes
        ]

    def _noise(self, slope: Tensor, rng: np.random.Generator) -> Tensor:
        """Noise for the sum of slopes (n, ...), shaped as one of them."""
        drawn = rng.standard_normal(slope.shape[1:], np.float32)
        return torch.from_numpy(drawn).mul_(self.clip * self.noise)


def private_language(
    *,
    width: Count = 48,
    layers: Count = 2,
    heads: Count = 4,
    context: Count = 64,
    steps: Natural = 800,
    rate: Positive = 0.005,
    batch: Count = 64,
    clip: Positive = 1.0,
    noise: Amount,
) -> PrivateLanguageRecipe:
    """Recipe for a language model that says little of any one text [abadi2016deep].

    As `language`, but each step reads each text by a toss of its own, `batch` of them
    on average; the slope of each by all weights is cut to the length `clip`, and
    Gaussian noise is added to their sum. So a step is a Gaussian mechanism on texts
    drawn with probability `batch` / n. The noise is pseudo-random and of floating-point
    precision: good enough to measure with, not for patients.

    Parameters
    ----------
    width, layers, heads, context, steps, rate, batch
        As for `language`.
    clip : float
        Greatest length of a text's slope.
    noise : float
        Standard deviation of the noise, in units of `clip`; 0 gives no privacy.
    """
    known = language(width=width, heads=heads)  # refuses what does not fit
    sizes = known.width, layers, known.heads, context
    return PrivateLanguageRecipe(*sizes, steps, rate, batch, clip=clip, noise=noise)
