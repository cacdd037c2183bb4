"""What does a small language model say of texts, and what follows from its slopes?

It reads texts as token numbers and says which token comes next. What it computes is
`_transformer`; here are the numbers that go in and come out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeAlias

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor

from foible.arrays import CELLS, Floats, Ints, Tokens, likeliest
from foible.domains import Count, Positive, Seed, shaped
from foible.errors import BadInput
from foible.models import _transformer as transformer
from foible.models.kinds import Weights
from foible.models.networks import frozen, same_shapes

Adjusted: TypeAlias = Callable[[Ints, Floats], Floats]
"""Takes texts so far (n, t) and logits (n, V) to the logits to be used instead."""


@dataclass(frozen=True, eq=False, repr=False)
class Language:
    """A transformer that says how each word would go on a text [vaswani2017attention].

    Words and outputs share their vectors: the logits are hidden values (n, d) times the
    vectors of the V words (V, d). It computes in float32, and is never changed.

    Parameters
    ----------
    heads : int
        Into how many parts each place's look at those before it is divided.
    arrays : mapping of str to ndarray
        All weights: "words" (V, d), "places" (context, d), "last" (d,), and of each
        layer i "i.before", "i.mix", "i.out", "i.between", "i.up" and "i.down".

    BadInput: weights that are not finite.
    """

    heads: Count
    arrays: Mapping[str, Weights]

    def __post_init__(self) -> None:
        kept = {name: frozen(values) for name, values in self.arrays.items()}
        object.__setattr__(self, "arrays", kept)

    def __repr__(self) -> str:
        return (
            f"<language model: {self.words:,} words, width {self.width}, {self.layers} "
            f"layers, {sum(w.size for w in self.arrays.values()):,} weights>"
        )

    @property
    def words(self) -> int:
        """How many words it knows, V."""
        return len(self.arrays["words"])

    @property
    def width(self) -> int:
        """How many hidden values it has for each place, d."""
        return int(self.arrays["words"].shape[1])

    @property
    def layers(self) -> int:
        """How many layers it has."""
        return sum(name.endswith(".mix") for name in self.arrays)

    @property
    def context(self) -> int:
        """How many tokens it can read at once."""
        return len(self.arrays["places"])

    def weights(self) -> dict[str, Weights]:
        """Copies of all weights, by name."""
        return {name: values.copy() for name, values in self.arrays.items()}

    def with_weights(self, weights: Mapping[str, Weights]) -> "Language":
        """The same model with other weights; other names or shapes are BadInput."""
        same_shapes(weights, self.arrays)
        return replace(self, arrays=weights)

    # ------------------------------------------------------------ what comes next

    def hidden(self, texts: Tokens, *, layers: Count | None = None) -> Floats:
        """Hidden values at each text's last token, ndarray of shape (n, d).

        After so many layers, or after all.
        """
        found = np.empty((len(texts), self.width))
        for where, values in self._passed(texts, layers):
            found[where] = values[:, -1].numpy()
        return found

    def read_off(self, hidden: Annotated[Floats, shaped("n", "d")]) -> Floats:
        """The logits that hidden values (n, d) give, ndarray of shape (n, V)."""
        if hidden.shape[1] != self.width:
            raise BadInput(f"got {hidden.shape[1]} hidden values; wanted {self.width}")
        return hidden @ self.arrays["words"].T.astype(np.float64)

    def logits(self, texts: Tokens) -> Floats:
        """Score of every word as the next of each text, ndarray of shape (n, V)."""
        return self.read_off(self.hidden(texts))

    def predict_proba(self, texts: Tokens) -> Floats:
        """Probability of every word as the next of each text, shape (n, V)."""
        return np.asarray(softmax(self.logits(texts), axis=1))

    def predict(self, texts: Tokens) -> Ints:
        """Likeliest next token of each text, ndarray of shape (n,)."""
        return likeliest(self.logits(texts))

    def logits_along(self, texts: Tokens) -> list[Floats]:
        """Logits after every token of each text, ndarrays of shape (t, V)."""
        found: list[Floats] = [np.empty(0)] * len(texts)
        for where, values in self._passed(texts):
            for i, each in zip(where, values.double().numpy(), strict=True):
                found[i] = self.read_off(each)
        return found

    def losses(self, texts: Tokens) -> list[Floats]:
        """Loss of each token but the first, ndarrays of shape (t - 1,).

        Minus the natural logarithm of the probability that the model gave to it.
        """
        found: list[Floats] = [np.empty(0)] * len(texts)
        w = self._tensors()
        with torch.no_grad():
            for where, tokens in self._grouped(texts, least=2):
                lost = self._losses(w, transformer.entered(w, tokens), tokens)
                for i, each in zip(where, lost.double().numpy(), strict=True):
                    found[i] = each
        return found

    def slopes(self, texts: Tokens, *, starts: Sequence[int] | Ints) -> list[Floats]:
        """Slope of each text's loss by its tokens, ndarrays of shape (t, V).

        The loss is the mean of the losses of the tokens from `starts` on, at least 1.
        Row j says how it would change, to first order, if a little of every other word
        stood at place j [zou2023universal]: by the one-hot rows of what is read, while
        what is to be told stays.
        """
        found: list[Floats] = [np.empty(0)] * len(texts)
        w = self._tensors()
        begins = np.asarray(starts)
        if begins.shape != (len(texts),) or begins.dtype.kind not in "iu":
            raise BadInput(f"got starts={starts}; wanted a whole number for each text")
        for where, tokens in self._grouped(texts, least=2):
            first = torch.from_numpy(begins[where].astype(np.int64))[:, None]
            if not 1 <= int(first.min()) <= int(first.max()) < tokens.shape[1]:
                raise BadInput(
                    f"got starts from {int(first.min())} to {int(first.max())} of "
                    f"texts of {tokens.shape[1]} tokens; wanted 1 to "
                    f"{tokens.shape[1] - 1}"
                )
            x = transformer.entered(w, tokens).requires_grad_()
            counted = (torch.arange(1, tokens.shape[1]) >= first).float()
            lost = self._losses(w, x, tokens) * counted
            (by_x,) = torch.autograd.grad((lost.sum(1) / counted.sum(1)).sum(), [x])
            slope = transformer.logits(w, by_x).double().numpy()
            for i, each in zip(where, slope, strict=True):
                found[i] = each
        return found

    # ------------------------------------------------------------ going on

    def complete(
        self, texts: Tokens, *, most: Count, adjusted: Adjusted | None = None
    ) -> Ints:
        """The likeliest words behind each text, one by one, int64 of shape (n, most).

        Below 0 from the text's end on: -1 is no token.

        Parameters
        ----------
        texts : sequence of ndarray of shape (t,)
        most : int
            How many tokens to add at most; t + most is not above the context.
        adjusted : callable, optional
            Changes the logits before each choice.
        """
        return self._continued(texts, most, lambda said, _: likeliest(said), adjusted)

    def sampled(
        self,
        texts: Tokens,
        *,
        most: Count,
        temperature: Positive = 1.0,
        adjusted: Adjusted | None = None,
        seed: Seed,
    ) -> Ints:
        """Words drawn behind each text, as the model thinks likely; as `complete`.

        The logits are divided by the temperature: below 1, likely words get likelier.
        """
        luck = np.random.default_rng(seed).random((len(texts), most))

        def drawn(said: Floats, chance: Floats) -> Ints:
            below = np.exp((said - said.max(axis=1, keepdims=True)) / temperature)
            np.cumsum(below, axis=1, out=below)
            return np.asarray(np.argmax(below > chance[:, None] * below[:, -1:], 1))

        return self._continued(texts, most, drawn, adjusted, luck)

    def _continued(
        self,
        texts: Tokens,
        most: int,
        chosen: Callable[[Floats, Floats], Ints],
        adjusted: Adjusted | None,
        luck: Floats | None = None,
    ) -> Ints:
        """Tokens behind each text, (n, most): a token a step, and what was is kept."""
        luck = np.zeros((len(texts), most)) if luck is None else luck
        answer = np.full((len(texts), most), -1)
        w = self._tensors()
        for where, given in self._grouped(texts, room=most):
            places = given.shape[1] + most
            shape = (2, len(where), self.heads, places, self.width // self.heads)
            past = [torch.empty(shape) for _ in range(self.layers)]
            told, news = given, given
            going = np.ones(len(where), bool)
            for step in range(most):
                start = told.shape[1] - news.shape[1]
                with torch.no_grad():
                    x = transformer.entered(w, news, start=start)
                    x = self._hidden(w, x, past=past, start=start)
                said = self.read_off(x[:, -1].double().numpy())
                said = said if adjusted is None else adjusted(told.numpy(), said)
                token = chosen(said, luck[where, step])
                going &= token != 0
                if not going.any():
                    break
                answer[where[going], step] = token[going]
                news = torch.from_numpy(token)[:, None]
                told = torch.cat([told, news], 1)
        return answer

    # ------------------------------------------------------------ inside

    def _tensors(self) -> dict[str, Tensor]:
        return {
            name: torch.tensor(values, dtype=torch.float32)
            for name, values in self.arrays.items()
        }

    def _hidden(self, w: transformer.Parameters, x: Tensor, **more: Any) -> Tensor:
        settings: dict[str, Any] = {"heads": self.heads, "layers": self.layers} | more
        return transformer.hidden(w, x, **settings)

    def _losses(self, w: transformer.Parameters, x: Tensor, tokens: Tensor) -> Tensor:
        return transformer.losses(w, x, tokens, heads=self.heads, layers=self.layers)

    def _passed(
        self, texts: Tokens, layers: int | None = None
    ) -> Iterator[tuple[Ints, Tensor]]:
        """Hidden values (m, t, d) of texts of one length, and which texts they are."""
        depth = self.layers if layers is None else layers
        if depth > self.layers:
            raise BadInput(f"got layers={layers}; wanted 1 to {self.layers}")
        w = self._tensors()
        for where, tokens in self._grouped(texts):
            with torch.no_grad():
                x = self._hidden(w, transformer.entered(w, tokens), layers=depth)
            yield where, x

    def _grouped(
        self, texts: Tokens, *, least: int = 1, room: int = 0
    ) -> Iterator[tuple[Ints, Tensor]]:
        """Texts of one length as tokens (m, t), and which texts they are."""
        readable(texts, words=self.words, context=self.context - room, least=least)
        lengths = np.array([len(text) for text in texts])
        for length in np.unique(lengths):
            which = np.flatnonzero(lengths == length)
            size = max(1, CELLS // 4 // (int(length) * max(self.words, 4 * self.width)))
            for start in range(0, len(which), size):
                where = which[start : start + size]
                yield where, torch.from_numpy(np.stack([texts[i] for i in where]))


def readable(texts: Tokens, *, words: int, context: int, least: int = 1) -> None:
    """Refuse texts that a model of so many words and so long a context cannot read."""
    if not len(texts):
        raise BadInput("got no text; wanted at least one")
    lengths = [len(text) for text in texts]
    if not least <= min(lengths) <= max(lengths) <= context:
        raise BadInput(
            f"got texts of {min(lengths)} to {max(lengths)} tokens; wanted {least} to "
            f"{context}: cut them, or take a model with more context"
        )
    low, high = (
        min(int(text.min()) for text in texts),
        max(int(text.max()) for text in texts),
    )
    if low < 0 or high >= words:
        raise BadInput(f"got tokens from {low} to {high}; wanted 0 to {words - 1}")
