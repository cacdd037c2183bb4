"""What does a user ask of a desk that reads documents: which words are whose?

A request is a few parts, each an order of the user's or a document that somebody wrote.
How they become one text, or two channels, is the business of whoever runs the desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Ints
from foible.data import Orders
from foible.domains import Count, Natural, Seed, Share
from foible.errors import BadInput

MOST = 4  # letters that a user shows at once, and at least three


class Part(NamedTuple):
    """Some words, and whether they are a document, or else the user's own."""

    words: tuple[str, ...]
    document: bool


@dataclass(frozen=True)
class Request:
    """What a user says and shows, in the order in which it is read.

    Parameters
    ----------
    parts : tuple of Part
    wanted : str
        The tongue of the user's last order.
    letters : tuple of str
        All letters to be translated, as the documents were before anybody touched them.
    """

    parts: tuple[Part, ...]
    wanted: str
    letters: tuple[str, ...]

    @property
    def documents(self) -> tuple[int, ...]:
        """Which of the parts are documents."""
        return tuple(i for i, part in enumerate(self.parts) if part.document)

    def with_document(self, place: Natural, words: Sequence[str]) -> "Request":
        """The same request with other words in the document at this place.

        BadInput: a part that is no document.
        """
        if place not in self.documents:
            raise BadInput(
                f"got part {place}; wanted a document, one of {self.documents}"
            )
        parts = [*self.parts]
        parts[place] = Part(tuple(words), True)
        return Request(tuple(parts), self.wanted, self.letters)


Frame: TypeAlias = Callable[[Request], Ints]
"""Takes a request to what a model reads of it, the tokens of one text."""


def request(
    tongue: str,
    documents: Sequence[Sequence[str]],
    *,
    then: str | None = None,
    behind: Natural = 0,
) -> Request:
    """An order, documents, and perhaps a change of mind behind one of them.

    Parameters
    ----------
    tongue : str
        What to translate to.
    documents : sequence of sequences of str
        The words of each.
    then : str, optional
        Another tongue, ordered later; the last order counts.
    behind : int
        After which document.

    BadInput: no document, or none at that place.
    """
    if behind >= len(documents):
        raise BadInput(
            f"got behind={behind} of {len(documents)} documents; wanted one of them"
        )
    parts = [Part(("in", tongue, ":"), False)]
    for i, words in enumerate(documents):
        parts.append(Part(tuple(words), True))
        if then is not None and i == behind:
            parts.append(Part(("in", then), False))
    parts.append(Part(("=",), False))
    letters = tuple(word for words in documents for word in words)
    return Request(tuple(parts), then or tongue, letters)


def requests(
    orders: Orders, n: Count, *, changing: Share = 1 / 3, seed: Seed
) -> list[Request]:
    """What n honest users ask: three or four letters, two thirds in two documents.

    Parameters
    ----------
    orders : Orders
        The tongues and the letters.
    changing : float
        Share of the users who change their mind, 0 to 1: behind any document.
    """
    rng, asked = np.random.default_rng([seed, 1]), []  # not the draws of the letters
    for letters in orders.drawn_data(n, most=MOST, seed=seed):
        first, last = (
            orders.tongues[i] for i in rng.integers(len(orders.tongues), size=2)
        )
        cut = int(rng.integers(1, len(letters))) if rng.random() < 2 / 3 else 0
        documents = [letters[:cut], letters[cut:]] if cut else [letters]
        then = last if rng.random() < changing else None
        behind = int(rng.integers(len(documents)))
        asked.append(request(first, documents, then=then, behind=behind))
    return asked
