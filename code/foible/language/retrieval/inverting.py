"""Which words stood in a text, read off its vector?"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from scipy.linalg import orthogonal_procrustes

from foible.arrays import Bools, Floats
from foible.data.texts import words_of
from foible.domains import Count, Positive, Rows, Share, Some, shaped
from foible.errors import BadInput


@dataclass(frozen=True, eq=False, repr=False)
class Inverter:
    """What each direction of a vector says of each word: ridge regression.

    Parameters
    ----------
    words : tuple of str
        The words that it looks for, the commonest first.
    usual : ndarray of shape (v,)
        Share of the attacker's own texts that have each word.
    middle : ndarray of shape (width,)
        The mean of their vectors.
    slopes : ndarray of shape (width, v)
    """

    words: tuple[str, ...]
    usual: Floats
    middle: Floats
    slopes: Floats

    def __repr__(self) -> str:
        return f"<reads {len(self.words)} words off a vector>"

    @classmethod
    def learned(
        cls,
        vectors: Annotated[Floats, shaped("n", "width")],
        texts: Some[str],
        *,
        most: Count = 600,
        within: Share = 0.2,
        penalty: Positive = 0.3,
    ) -> "Inverter":
        """From texts of the attacker's own with their vectors.

        Parameters
        ----------
        vectors : ndarray of shape (n, width)
        texts : sequence of str
        most : int
            So many words are looked for, the commonest.
        within : float
            A word in a larger share of the texts, such as "the", is not looked for.
        penalty : float
            On the squares of the slopes.
        """
        if len(texts) != len(vectors):
            raise BadInput(
                f"got {len(texts)} texts and {len(vectors)} vectors; wanted one each"
            )
        seen = Counter(word for text in texts for word in set(words_of(text)))
        rare = [w for w in seen if w.isalpha() and seen[w] <= within * len(texts)]
        words = tuple(sorted(rare, key=lambda word: (-seen[word], word))[:most])
        if not words:
            raise BadInput(f"got no word in at most {within:.0%} of the texts")
        there = _there(words, texts).astype(float)
        usual, middle = there.mean(axis=0), vectors.mean(axis=0)
        X = vectors - middle
        ridge = X.T @ X + penalty * np.eye(X.shape[1])
        return cls(words, usual, middle, np.linalg.solve(ridge, X.T @ (there - usual)))

    @cached_property
    def blind(self) -> "Inverter":
        """The same without looking at the vector: it says the commonest words."""
        nothing = np.zeros_like(self.slopes)
        return Inverter(self.words, self.usual, self.middle, nothing)

    def said(self, vectors: Rows, counts: Some[int]) -> list[list[str]]:
        """So many words for each vector, the likeliest first."""
        scores = self.usual + (vectors - self.middle) @ self.slopes
        order = np.argsort(-scores, axis=1, kind="stable")
        return [
            [self.words[i] for i in row[:count]]
            for row, count in zip(order, counts, strict=True)
        ]

    def found(self, vectors: Rows, texts: Some[str]) -> Floats:
        """Share of each text's words that are named, at their true number, (n,).

        Only words that are looked for count; NaN for a text that has none.
        """
        there = _there(self.words, texts)
        told = self.said(vectors, there.sum(axis=1).tolist())
        shares = [
            np.mean([word in words for word in named]) if named else np.nan
            for named, words in zip(told, map(words_set, texts), strict=True)
        ]
        return np.array(shares)


def words_set(text: str) -> set[str]:
    """The words of a text, each once."""
    return set(words_of(text))


def turned_back(
    stolen: Annotated[Floats, shaped("n", "width")],
    *,
    made: Annotated[Floats, shaped("m", "width")],
    kept: Annotated[Floats, shaped("m", "width")],
) -> Floats:
    """Stolen vectors turned back as known texts say: orthogonal Procrustes.

    Parameters
    ----------
    stolen : ndarray of shape (n, width)
        Vectors under a key.
    made : ndarray of shape (m, width)
        Vectors of known texts as the model makes them.
    kept : ndarray of shape (m, width)
        The same texts' vectors under the key.
    """
    turn, _ = orthogonal_procrustes(kept, made)
    return np.asarray(stolen @ turn)


def _there(words: Some[str], texts: Some[str]) -> Bools:
    """Whether each text has each word, (n, v)."""
    return np.array([[w in own for w in words] for own in map(words_set, texts)])
