"""Which passages are found for a question, and what is read in them together?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from foible.arrays import Floats
from foible.domains import Count, Some
from foible.language.retrieval.worlds import Passage
from foible.models import Meaning


@dataclass(frozen=True, eq=False)
class Ranking:
    """Passages, the nearest to a question first, with their vectors.

    Parameters
    ----------
    passages : tuple of Passage
    vectors : ndarray of shape (n, width)
    """

    passages: tuple[Passage, ...]
    vectors: Floats

    @property
    def texts(self) -> list[str]:
        """Without their sources."""
        return [one.text for one in self.passages]

    @property
    def sources(self) -> list[str]:
        """Where each came from."""
        return [one.source for one in self.passages]

    def only(self, places: Sequence[int]) -> "Ranking":
        """Those at these places, in this order."""
        kept = tuple(self.passages[i] for i in places)
        return Ranking(kept, self.vectors[list(places)])

    def joined(self, more: "Ranking", *, question: Floats) -> "Ranking":
        """These and others, in the order in which a question's vector finds them."""
        both = np.concatenate([self.vectors, more.vectors])
        order = np.argsort(-(both @ question), kind="stable").tolist()
        return Ranking((*self.passages, *more.passages), both).only(order)


@dataclass(frozen=True, eq=False)
class Remembered:
    """A meaning that embeds each text once.

    Parameters
    ----------
    meaning : Meaning
        What makes a vector that is not known yet.
    known : dict of str to ndarray of shape (width,)
        Vectors that were made; it grows.
    """

    meaning: Meaning
    known: dict[str, Floats] = field(default_factory=dict, repr=False)

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self.meaning.width

    def vectors(self, texts: Some[str]) -> Floats:
        """A vector for each text, ndarray of shape (n, width)."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self.meaning.vectors(new), strict=True))
        return np.array([self.known[text] for text in texts])


@dataclass(frozen=True, eq=False, repr=False)
class Store:
    """Passages with their vectors: what a search looks through.

    Parameters
    ----------
    passages : tuple of Passage
    meaning : Meaning
        What made the vectors, and makes one of a question.
    vectors : ndarray of shape (n, width)
    """

    passages: tuple[Passage, ...]
    meaning: Meaning
    vectors: Floats

    @classmethod
    def filled(cls, passages: Some[Passage], meaning: Meaning) -> "Store":
        """A store of these passages."""
        vectors = meaning.vectors([one.text for one in passages])
        return cls(tuple(passages), meaning, vectors)

    def __repr__(self) -> str:
        return f"<a store of {len(self.passages):,} passages>"

    def search(self, question: Floats, *, most: Count = 25) -> Ranking:
        """The passages nearest to a question's vector, the nearest first."""
        order = np.argsort(-(self.vectors @ question), kind="stable")[:most].tolist()
        return Ranking(self.passages, self.vectors).only(order)


def together(claims: Sequence[Sequence[str]]) -> str | None:
    """The commonest claim in all passages, read as one text; none where two are."""
    counted = Counter(claim for said in claims for claim in said)
    (first, most), (_, second) = [*counted.most_common(2), ("", 0), ("", 0)][:2]
    return first if most > second else None
