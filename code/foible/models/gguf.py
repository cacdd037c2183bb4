"""Which settings and weights are in a GGUF file?

The format of llama.cpp: a header, settings by name, a list of tensors, and their
numbers, some of them quantised. Numbers and words are all that is read.
"""

import struct
from typing import Any

import numpy as np

from foible.arrays import Reals
from foible.errors import BadInput

_SIMPLE = dict(zip((*range(8), 10, 11, 12), "BbHhIif?Qqd", strict=True))
_STRING, _LIST = 8, 9
_BLOCK = 32  # weights that share a scale
_FLOAT32, _Q4_1, _Q8_0 = 0, 3, 8
_BYTES = {_FLOAT32: 4 * _BLOCK, _Q4_1: 4 + _BLOCK // 2, _Q8_0: 2 + _BLOCK}  # a block


class _Reader:
    """Goes through the bytes of a file."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def number(self, kind: str) -> Any:
        (value,) = struct.unpack_from(f"<{kind}", self.content, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return value

    def words(self) -> str:
        length = self.number("Q")
        text = self.content[self.at : self.at + length]
        self.at += length
        return text.decode("utf-8")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.words()
        if kind == _LIST:
            inside, length = self.number("I"), self.number("Q")
            return [self.value(inside) for _ in range(length)]
        return self.number(_SIMPLE[kind])


def read_gguf(content: bytes) -> tuple[dict[str, Any], dict[str, Reals]]:
    """Settings by name, and float32 weights by name, of a GGUF file of version 3.

    Weights of the kinds F32, Q4_1 and Q8_0 are read; others are BadInput.
    """
    try:
        return _read(_Reader(content))
    except (struct.error, KeyError, ValueError, IndexError, OverflowError) as error:
        raise BadInput(
            f"got {len(content)} bytes that are no GGUF file of version 3 with F32, "
            f"Q4_1 or Q8_0 weights ({type(error).__name__}: {error}); wanted one"
        ) from error


def _read(file: _Reader) -> tuple[dict[str, Any], dict[str, Reals]]:
    if file.content[:4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    file.at = 4
    if (version := file.number("I")) != 3:
        raise ValueError(f"version {version}")
    count, settings = file.number("Q"), {}
    for _ in range(file.number("Q")):
        name = file.words()
        settings[name] = file.value(file.number("I"))
    listed = []
    for _ in range(count):
        name = file.words()
        sides = [file.number("Q") for _ in range(file.number("I"))]
        listed.append((name, sides[::-1], file.number("I"), file.number("Q")))
    step = settings.get("general.alignment", 32)
    begin = -(-file.at // step) * step
    return settings, {
        name: _weights(file.content, sides, kind, begin + offset)
        for name, sides, kind, offset in listed
    }


def _weights(content: bytes, sides: list[int], kind: int, at: int) -> Reals:
    """The numbers of a tensor, each block times its scale."""
    size = int(np.prod(sides))
    blocks = -(-size // _BLOCK)
    if kind == _FLOAT32:
        return np.frombuffer(content, "<f4", size, at).reshape(sides).copy()
    raw = np.frombuffer(content, np.uint8, blocks * _BYTES[kind], at)
    raw = raw.reshape(blocks, -1)
    scale = raw[:, :2].copy().view("<f2").astype(np.float32)
    if kind == _Q8_0:
        values = raw[:, 2:].view(np.int8) * scale
    else:
        least = raw[:, 2:4].copy().view("<f2").astype(np.float32)
        halves = np.concatenate([raw[:, 4:] & 15, raw[:, 4:] >> 4], axis=1)
        values = halves * scale + least
    return values.reshape(sides)
