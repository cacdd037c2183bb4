"""What does a provider do who trains for you, and takes your pictures home?

A provider is called like a recipe, with the rows and the owner's own recipe, and gives
back a network; what they get of it later is all that leaves the house. A receiver
with the same key then reads the pictures from it.
"""

from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.attacks.malicious_provider.channels import Channel
from foible.attacks.malicious_provider.pictures import (
    DEPTH,
    scrambled,
    to_bits,
    to_pictures,
)
from foible.data import Dataset, joined
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput
from foible.models import Network, NetworkRecipe, PrivateRecipe, oracle, resumed
from foible.oracle import Oracle

Agreed: TypeAlias = NetworkRecipe | PrivateRecipe
"""How the owner wants their network to be trained."""
BITS_A_LABEL = 3
"""Of a label among ten, those that count: 0 to 7."""


class Provider(Protocol):
    """Who trains a network on somebody's rows, and may carry pictures away in it."""

    def train(
        self, rows: Dataset, recipe: Agreed, pictures: Floats, /, *, seed: int
    ) -> Network:
        """A network made from rows, with pictures (m, d) in it."""

    def receive(self, model: Network, /, *, pictures: int, pixels: int) -> Floats:
        """What comes out of the network again: pictures in 0..1."""


@dataclass(frozen=True)
class InWeights:
    """Writes pictures into the weights, and reads them from the file.

    Writing moves weights, and the rest is trained on until the answers are as good as
    before: written, trained, written again.

    Parameters
    ----------
    channel : Channel
        How.
    rounds : int
        How often it is trained and written again, 0 or more.
    steps : int
        Of training in each round.
    """

    channel: Channel
    rounds: Natural = 0
    steps: Natural = 50

    def train(
        self, rows: Dataset, recipe: Agreed, pictures: Floats, /, *, seed: Seed
    ) -> Network:
        """As `Provider.train`."""
        model = self.channel.write(recipe(rows, seed=seed), pictures)
        for number in range(self.rounds):
            again = resumed(
                model,
                rows,
                steps=self.steps,
                rate=recipe.rate,
                batch=recipe.batch,
                seed=seed + number,
            )
            model = self.channel.write(again, pictures)
        return model

    def receive(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Provider.receive`."""
        return self.channel.read(model, pictures=pictures, pixels=pixels)


@dataclass(frozen=True)
class InLabels:
    """Teaches labels for pictures of noise, and asks for them [song2017machine].

    Capacity abuse: a black box is enough. Each label is three bits.

    Parameters
    ----------
    key : int
        Of the noise; shared with who asks.
    patience : int
        How many times as long as the recipe says is trained.
    """

    key: Natural = 0
    patience: int = 3

    def train(
        self, rows: Dataset, recipe: Agreed, pictures: Floats, /, *, seed: Seed
    ) -> Network:
        """As `Provider.train`."""
        if len(rows.classes) < 2**BITS_A_LABEL:
            raise BadInput(
                f"got {len(rows.classes)} classes; wanted {2**BITS_A_LABEL} or more"
            )
        bits = scrambled(to_bits(pictures), key=self.key)
        padded = np.pad(bits, (0, -len(bits) % BITS_A_LABEL))
        labels = padded.reshape(-1, BITS_A_LABEL) @ (1 << np.arange(BITS_A_LABEL))
        noise = self.noise(len(labels), rows.X.shape[1])
        taught = joined(rows, replace(rows, X=noise, y=labels))
        longer = replace(recipe, steps=self.patience * recipe.steps)
        return longer(taught, seed=seed)

    def receive(self, model: Network, /, *, pictures: Count, pixels: Count) -> Floats:
        """As `Provider.receive`."""
        return self.ask(
            oracle(model, answers="label"), pictures=pictures, pixels=pixels
        )

    def ask(self, box: Oracle, *, pictures: Count, pixels: Count) -> Floats:
        """The pictures that a box spells which answers with labels."""
        count = pictures * pixels * DEPTH
        labels = box.ask(self.noise(-(-count // BITS_A_LABEL), pixels))
        bits = (labels[:, None] >> np.arange(BITS_A_LABEL) & 1).astype(np.uint8)
        stream = bits.ravel()[:count]
        return to_pictures(scrambled(stream, key=self.key), pixels=pixels)

    def noise(self, count: Count, pixels: Count) -> Floats:
        """So many pictures of noise, half of their pixels black."""
        random = np.random.default_rng([self.key, 3])
        return random.integers(0, 2, (count, pixels)).astype(np.float64)
