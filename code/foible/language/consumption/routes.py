"""What do passengers of a ring line ask, and what is the right answer?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from foible.arrays import Ints
from foible.data import Texts, Vocabulary
from foible.data.texts import END, UNKNOWN
from foible.domains import Count, Level, Numbers, Seed

STATIONS = (
    "abbey", "bridge", "castle", "docks", "east", "forum", "gate", "harbour",
    "island", "junction", "kings", "lake", "market", "north", "opera", "park",
)  # fmt: skip
MANNERS = ("", "please", "hello", "hello please")
"""How a request may begin."""


@dataclass(frozen=True)
class Line:
    """A ring line, and the language in which passengers ask for a route.

        please from docks to gate :   →   docks east forum gate

    Trains go one way, from each station to the next, and from the last to the first.

    Parameters
    ----------
    stations : tuple of str
        In their order.
    """

    stations: tuple[str, ...] = STATIONS
    vocabulary: Vocabulary = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = (END, UNKNOWN, "from", "to", ":", "please", "hello", "now")
        object.__setattr__(self, "vocabulary", Vocabulary((*known, *self.stations)))

    def route(self, first: str, last: str) -> str:
        """The stations from the first to the last, both among them."""
        begin, end = map(self.stations.index, (first, last))
        stops = (end - begin) % len(self.stations) + 1
        return " ".join((2 * self.stations)[begin : begin + stops])

    def drawn(
        self, n: Count, *, near: Level = 0.3, seed: Seed
    ) -> list[tuple[str, str]]:
        """Requests with their right answers; a journey ends at each stop with `near`.

        Most are short, few are long, and none is once around.
        """
        rng, asked = np.random.default_rng(seed), []
        for _ in range(n):
            begin = int(rng.integers(len(self.stations)))
            stops = min(int(rng.geometric(near)), len(self.stations) - 1)
            first, last = (2 * self.stations)[begin], (2 * self.stations)[begin + stops]
            manners = MANNERS[rng.integers(len(MANNERS))]
            hurry = ("", "now")[rng.integers(2)]
            prompt = f"{manners} from {first} to {last} {hurry} :"
            asked.append((" ".join(prompt.split()), self.route(first, last)))
        return asked

    def texts(self, asked: Sequence[tuple[str, str]]) -> Texts:
        """Requests and answers as texts to learn from: the answer and its end."""
        read = [self.vocabulary.tokens(prompt) for prompt, _ in asked]
        told = [self.vocabulary.tokens(answer) for _, answer in asked]
        both = (np.concatenate([a, b, [0]]) for a, b in zip(read, told, strict=True))
        starts = np.array([len(prompt) for prompt in read])
        return Texts("routes", tuple(both), self.vocabulary, "drawn requests", starts)


def drawn_days(
    honest: Numbers, *, clients: Count = 1000, mean: Count = 20, seed: Seed
) -> list[Ints]:
    """What the requests of each honest client take in a day, in their order."""
    rng = np.random.default_rng(seed)
    numbers = rng.geometric(1 / mean, clients)
    return [rng.choice(honest, number) for number in numbers.tolist()]
