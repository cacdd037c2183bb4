"""How does a small language model learn from texts?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from joblib import Parallel, delayed
from torch import Tensor

from foible.data import Texts
from foible.domains import Count, Natural, Positive, Seed
from foible.errors import BadInput
from foible.models import _transformer as transformer
from foible.models._checks import seeded
from foible.models.language import Language, readable
from foible.models.networks import same_shapes

WARMING = 20  # steps in which the rate rises to its height


@dataclass(frozen=True)
class LanguageRecipe:
    """Trains small language models on texts; see `language`."""

    width: Count
    layers: Count
    heads: Count
    context: Count
    steps: Natural
    rate: Positive
    batch: Count
    exits: bool = False

    def __call__(self, texts: Texts, *, seed: Seed) -> Language:
        """One model, its weights in float32.

        BadInput: a text of one token, or of more than the context.
        """
        seeded(seed)
        rng = np.random.default_rng(seed)
        begin = transformer.initial(
            len(texts.vocabulary), self.width, self.layers, self.context, rng
        )
        return self._taught(begin, texts, rng)

    def many(self, texts: Sequence[Texts], *, seeds: Sequence[Seed]) -> list[Language]:
        """As many models through joblib, each bit for bit as if made alone.

        In one program, side by side, they would take as long: the arithmetic of one
        fills the processor.
        """
        if len(texts) != len(seeds):
            raise BadInput(
                f"got {len(texts)} sets of texts and {len(seeds)} seeds; wanted one "
                "for each"
            )
        jobs = (
            delayed(self)(part, seed=seed)
            for part, seed in zip(texts, seeds, strict=True)
        )
        return list(Parallel()(jobs))

    def resumed(self, model: Language, texts: Texts, *, seed: Seed) -> Language:
        """A model trained further, on other texts, for `steps` at `rate`.

        BadInput: also for a model of another width, depth, context or vocabulary.
        """
        seeded(seed)
        rng = np.random.default_rng(seed)
        begin = transformer.initial(
            len(texts.vocabulary), self.width, self.layers, self.context, rng
        )
        known = model.weights()
        same_shapes(known, {name: values.numpy() for name, values in begin.items()})
        w = {name: torch.tensor(known[name], dtype=torch.float32) for name in begin}
        return self._taught(w, texts, rng)

    def _taught(
        self, begin: dict[str, Tensor], texts: Texts, rng: np.random.Generator
    ) -> Language:
        """The model that comes of weights to begin with."""
        readable(texts, words=len(texts.vocabulary), context=self.context, least=2)
        rows, counted = padded(texts)
        lengths = torch.tensor([len(text) for text in texts])
        w = {name: values.clone().requires_grad_() for name, values in begin.items()}
        adam = torch.optim.Adam(w.values(), betas=(0.9, 0.99), fused=True)
        for step, batch in enumerate(self._batches(len(texts), rng)):
            warm = min(1, (step + 1) / WARMING)
            adam.param_groups[0]["lr"] = self.rate * warm * (1 - step / self.steps)
            most = max(lengths[batch].tolist(), default=2)
            seen = rows[batch][:, :most], counted[batch][:, : most - 1]
            slopes = self._slopes(w, *seen, rng)
            for values, slope in zip(w.values(), slopes, strict=True):
                values.grad = slope
            adam.step()
        arrays = {name: values.detach().numpy() for name, values in w.items()}
        return Language(self.heads, arrays)

    def _batches(self, n: int, rng: np.random.Generator) -> Iterator[Tensor]:
        """Which texts are read at each step: the next of shuffled ones."""
        rounds = -(-self.steps * self.batch // n)
        orders = [rng.permutation(n) for _ in range(rounds)]
        wanted = np.concatenate([np.empty(0, np.int64), *orders])
        for step in range(self.steps):
            yield torch.from_numpy(wanted[step * self.batch :][: self.batch])

    def _lost(self, w: dict[str, Tensor], rows: Tensor, counted: Tensor) -> Tensor:
        """The mean loss of the tokens that count, over exits if they are trained."""
        x = transformer.entered(w, rows)
        depths = range(1, self.layers + 1) if self.exits else (self.layers,)
        each = [
            transformer.losses(w, x, rows, heads=self.heads, layers=depth)
            for depth in depths
        ]
        lost = torch.stack(each).mean(0)
        return (lost * counted).sum() / counted.sum().clamp(min=1)

    def _slopes(
        self,
        w: dict[str, Tensor],
        rows: Tensor,
        counted: Tensor,
        rng: np.random.Generator,
    ) -> Sequence[Tensor]:
        """What Adam is to follow: the slope of the mean loss by each weight."""
        return torch.autograd.grad(self._lost(w, rows, counted), list(w.values()))


def padded(texts: Texts) -> tuple[Tensor, Tensor]:
    """Texts as tokens (n, t), and what counts of all but the first token, (n, t - 1).

    A text that is shorter ends in zeros, which do not count.
    """
    shape = len(texts), texts.longest
    rows, counted = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
    starts = np.zeros(len(texts), np.int64) if texts.starts is None else texts.starts
    for i, (text, start) in enumerate(zip(texts, starts, strict=True)):
        rows[i, : len(text)] = text
        counted[i, max(start, 1) : len(text)] = 1
    if not counted.any(1).all():
        raise BadInput(
            f"{texts.name}: got a text that is to be learned from behind its end; "
            "wanted starts before it"
        )
    return torch.from_numpy(rows), torch.from_numpy(counted[:, 1:])


def language(
    *,
    width: Count = 48,
    layers: Count = 2,
    heads: Count = 4,
    context: Count = 64,
    steps: Natural = 800,
    rate: Positive = 0.005,
    batch: Count = 64,
    exits: bool = False,
) -> LanguageRecipe:
    """Recipe for a small transformer, trained by Adam [vaswani2017attention].

    Parameters
    ----------
    width : int
        Hidden values for each token, a multiple of `heads`.
    layers : int
        How many there are.
    heads : int
        Into how many parts each token's look at those before it is divided.
    context : int
        How many tokens the model can read at once.
    steps : int
        How often Adam moves the weights.
    rate : float
        Adam's learning rate at its height; it falls to nought along a straight line.
    batch : int
        Texts read at each step, in an order drawn by the seed.
    exits : bool
        Whether each layer, and not the last alone, learns to say what comes next.
    """
    if width % heads:
        raise BadInput(f"got width={width} and heads={heads}; wanted a multiple of it")
    return LanguageRecipe(width, layers, heads, context, steps, rate, batch, exits)
