"""How do the weights of a network spell pictures?

Each channel writes pictures into weights, changing them as little as it must, and reads
them from weights that may have been treated since. Writer and reader share a key.
"""

from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np

from foible.arrays import Floats, Ints, finite_rows
from foible.artefacts.passengers import (
    Precision,
    flattened,
    hide,
    reveal,
    unflattened,
)
from foible.attacks.malicious_provider.aligning import Marks, aligned
from foible.attacks.malicious_provider.pictures import (
    DEPTH,
    Bits,
    scrambled,
    to_bits,
    to_pictures,
)
from foible.domains import Amount, Count, Natural, Positive, shaped
from foible.errors import BadInput
from foible.models import Network


class Channel(Protocol):
    """A way to write pictures into weights."""

    def write(self, model: Network, pictures: Floats, /) -> Network:
        """The network with pictures (m, d) in its weights."""

    def read(self, model: Network, /, *, pictures: int, pixels: int) -> Floats:
        """The pictures in the weights of a network, (pictures, pixels), in 0..1."""


# ---------------------------------------------------------------- Song et al.


@dataclass(frozen=True)
class LowBits:
    """Bits in the lowest places of each weight [song2017machine].

    Parameters
    ----------
    bits : int
        How many of each weight; see `passengers.hide`.
    precision : str
        "float16" for what survives rounding to it.
    key : int
        Shared with the reader.
    """

    bits: Count = 8
    precision: Precision = "float32"
    key: Natural = 0

    def write(self, model: Network, pictures: Floats, /) -> Network:
        """As `Channel.write`."""
        stream = scrambled(to_bits(pictures), key=self.key)
        own, payload = model.weights(), np.packbits(stream).tobytes()
        return model.with_weights(
            hide(own, payload, bits=self.bits, precision=self.precision)
        )

    def read(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Channel.read`."""
        size = pictures * pixels * DEPTH // 8
        found = reveal(
            model.weights(), bits=self.bits, size=size, precision=self.precision
        )
        stream = np.unpackbits(np.frombuffer(found, np.uint8))
        return to_pictures(scrambled(stream, key=self.key), pixels=pixels)


@dataclass(frozen=True)
class Signs:
    """A bit in the sign of each weight [song2017machine]."""

    key: Natural = 0

    def write(self, model: Network, pictures: Floats, /) -> Network:
        """As `Channel.write`."""
        bits = scrambled(to_bits(pictures), key=self.key)
        flat, places = _carriers(model, len(bits), key=self.key)
        flat[places] = np.abs(flat[places]) * (1 - 2.0 * bits)
        return _with(model, flat)

    def read(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Channel.read`."""
        flat, places = _carriers(model, pictures * pixels * DEPTH, key=self.key)
        bits = np.signbit(flat[places]).astype(np.uint8)
        return to_pictures(scrambled(bits, key=self.key), pixels=pixels)


@dataclass(frozen=True)
class Values:
    """A pixel in the value of each weight [song2017machine].

    Parameters
    ----------
    spread : float
        How far apart the weights of a white and of a black pixel are.
    key : int
        Shared with the reader.
    """

    spread: Amount = 0.5
    key: Natural = 0

    def write(self, model: Network, pictures: Floats, /) -> Network:
        """As `Channel.write`."""
        pixels = finite_rows(pictures).ravel()
        flat, places = _carriers(model, len(pixels), key=self.key)
        flat[places] = (pixels - 0.5) * self.spread
        return _with(model, flat)

    def read(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Channel.read`."""
        flat, places = _carriers(model, pictures * pixels, key=self.key)
        seen = np.clip(flat[places] / self.spread + 0.5, 0, 1)
        return np.asarray(seen.reshape(pictures, pixels))


# ---------------------------------------------------------------- who knows


@dataclass(frozen=True)
class Code:
    """A bit in which of two lattices a weight lies on, and several weights a bit.

    Quantisation index modulation: weights that stand for 0 lie on even multiples of
    `step`, those for 1 on odd ones, both shifted by a secret offset that is another
    for each weight [chen2001quantization].

    Parameters
    ----------
    step : float
        From one lattice to the other: what moves a weight by less than half is no
        error.
    copies : int
        Weights that carry each bit; they vote.
    key : int
        Shared with the reader.
    aligned : bool
        Whether the reader first puts hidden units back that were shuffled or scaled,
        by their offsets; see `aligning`.
    """

    step: Positive
    copies: Count
    key: Natural = 0
    aligned: bool = True

    def write(self, model: Network, pictures: Floats, /) -> Network:
        """As `Channel.write`."""
        bits = np.tile(scrambled(to_bits(pictures), key=self.key), self.copies)
        flat, places = _carriers(model, len(bits), key=self.key)
        flat[places] = nearest(flat[places], bits + self._offsets(len(bits)), self.step)
        return _with(model, flat)

    def read(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Channel.read`."""
        count = pictures * pixels * DEPTH * self.copies
        _, places = _carriers(model, count, key=self.key)
        if self.aligned:
            model = aligned(model, self._marks(model, places), step=self.step)
        flat, _ = _carriers(model, count, key=self.key)
        bits = voted(flat[places], self._offsets(count), self.step, copies=self.copies)
        return to_pictures(scrambled(bits, key=self.key), pixels=pixels)

    def layout(self, model: Network, /, *, bits: Count) -> tuple[Bits, Ints, Floats]:
        """What the key draws for a message of so many bits.

        Its mask, (bits,), and, of shape (copies, bits), the places of the carriers
        among all weights and their offsets, in steps.
        """
        count = bits * self.copies
        _, places = _carriers(model, count, key=self.key)
        mask = scrambled(np.zeros(bits, np.uint8), key=self.key)
        shape = self.copies, bits
        return mask, places.reshape(shape), self._offsets(count).reshape(shape)

    def _offsets(self, count: int) -> Floats:
        """Where each carrier's lattice of zeros begins, in steps, 0 to 2."""
        return np.random.default_rng([self.key, 2]).uniform(0, 2, count)

    def _marks(self, model: Network, places: Ints) -> Marks:
        """The offsets as a network: a turn of the circle for each carrier, else 0."""
        own = model.weights()
        flat = np.zeros(flattened(own).size, complex)
        flat[places] = np.exp(-2j * np.pi * self._offsets(len(places)))
        return unflattened(flat, own)


def nearest(
    values: Annotated[Floats, shaped("c")],
    offsets: Annotated[Floats, shaped("c")],
    step: Positive,
) -> Floats:
    """The nearest values on each one's lattice: 2 steps apart, begun at its offset."""
    return np.asarray(step * (2 * np.round((values / step - offsets) / 2) + offsets))


def voted(
    values: Annotated[Floats, shaped("c")],
    offsets: Annotated[Floats, shaped("c")],
    step: Positive,
    *,
    copies: Count,
) -> Bits:
    """The bits that values spell, one after another as often as there are copies.

    A value in the middle of its cell has a vote of 1, one at its edge has none.
    """
    votes = np.cos(np.pi * (values / step - offsets)).reshape(copies, -1).sum(axis=0)
    return np.asarray(votes < 0, dtype=np.uint8)


def _carriers(model: Network, count: int, *, key: int) -> tuple[Floats, Ints]:
    """All weights in a row, and the places of so many of them, drawn by the key."""
    flat = flattened(model.weights()).astype(np.float64)
    if count > len(flat):
        raise BadInput(
            f"got {count} carriers to find among {len(flat)} weights; wanted no more "
            "than there are; use fewer pictures or copies"
        )
    return flat, np.random.default_rng([key, 1]).permutation(len(flat))[:count]


def _with(model: Network, flat: Floats) -> Network:
    own = model.weights()
    return model.with_weights(unflattened(flat.astype(np.float32), own))
