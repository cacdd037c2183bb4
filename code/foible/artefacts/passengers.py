"""What can a network's weights carry besides the network?"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from foible.domains import Count, Natural
from foible.errors import BadInput

Weights = Mapping[str, NDArray[Any]]
Precision = Literal["float32", "float16"]


def capacity(weights: Weights, *, bits: Count) -> int:
    """Whole bytes that fit into the lowest `bits` of all weights."""
    return sum(array.size for array in weights.values()) * bits // 8


def hide(
    weights: Weights, payload: bytes, *, bits: Count, precision: Precision = "float32"
) -> dict[str, NDArray[np.float32]]:
    """The same weights, with a payload in their lowest bits [song2017machine].

    Parameters
    ----------
    weights : mapping of str to ndarray of float32
        The parameters of a network, by name.
    payload : bytes
        At most `capacity` bytes.
    bits : int
        Bits of each weight's mantissa that are used, 1 to 23; with "float16" 1 to 10.
    precision : str
        What is hidden in the lowest bits of "float16" survives rounding to it, and
        costs more accuracy.
    """
    _check_room(weights, bits, precision, size=len(payload))
    words, stream = _words(weights, precision), bits_of(payload)
    padded = np.pad(stream, (0, -len(stream) % bits))
    low = padded.reshape(-1, bits) @ (1 << np.arange(bits))
    used = words[: len(low)]
    words[: len(low)] = (used >> bits << bits) | low.astype(words.dtype)
    return unflattened(words.view(precision).astype(np.float32), weights)


def reveal(
    weights: Weights, *, bits: Count, size: Natural, precision: Precision = "float32"
) -> bytes:
    """The first `size` bytes that `hide` put into weights."""
    _check_room(weights, bits, precision, size=size)
    count = -(-8 * size // bits)
    low = _words(weights, precision)[:count].astype(np.int64)
    stream = low[:, None] >> np.arange(bits) & 1
    return np.packbits(stream.astype(np.uint8).ravel()[: 8 * size]).tobytes()


def _check_room(weights: Weights, bits: int, precision: Precision, size: int) -> None:
    mantissa = np.finfo(precision).nmant
    if not 1 <= bits <= mantissa:
        raise BadInput(f"got {bits} bits; wanted 1 to {mantissa} with {precision}")
    room = capacity(weights, bits=bits)
    if size > room:
        raise BadInput(
            f"got {size} bytes; wanted at most {room}, what {bits} bits of each weight "
            "hold; use more bits or a smaller payload"
        )


def _words(weights: Weights, precision: Precision) -> NDArray[np.unsignedinteger[Any]]:
    """All weights in a row, by name, as the whole numbers that their bits spell."""
    flat = flattened(weights).astype(precision)
    return flat.view(np.uint32 if precision == "float32" else np.uint16)


def flattened(weights: Weights) -> NDArray[Any]:
    """All weights in a row, by name, ndarray of shape (their number,)."""
    return np.concatenate([weights[name].ravel() for name in sorted(weights)])


def unflattened(flat: NDArray[Any], like: Weights) -> dict[str, NDArray[Any]]:
    """A row of weights cut into arrays of the given shapes."""
    names = sorted(like)
    parts = np.split(flat, np.cumsum([like[name].size for name in names])[:-1])
    pairs = zip(names, parts, strict=True)
    return {name: part.reshape(like[name].shape) for name, part in pairs}


def bits_of(payload: bytes) -> NDArray[np.uint8]:
    """The bits of some bytes, each 0 or 1, of shape (8 × bytes,)."""
    return np.unpackbits(np.frombuffer(payload, np.uint8))
