"""Which vectors stand for what texts mean, so that like finds like?

`meaning(texts)` is a published sentence model where `FOIBLE_MODELS` names its folder,
and latent semantic analysis of the texts themselves elsewhere: one interface, so the
same code asks either.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from foible.arrays import Floats
from foible.data import published_models
from foible.domains import Count, Seed, Some
from foible.errors import BadInput
from foible.models.minilm import minilm


class Meaning(Protocol):
    """What gives a vector to a text."""

    @property
    def width(self) -> int:
        """How many numbers a vector has."""

    def vectors(self, texts: list[str], /) -> Floats:
        """A vector for each text, of length 1 or 0, ndarray of shape (n, width)."""


@dataclass(frozen=True, eq=False, repr=False)
class Semantic:
    """Latent semantic analysis [deerwester1990indexing]; see `semantic`."""

    counting: Any
    reducing: Any

    def __repr__(self) -> str:
        return f"<latent semantic analysis: {self.width} numbers>"

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.reducing.n_components)

    def vectors(self, texts: Some[str]) -> Floats:
        """A vector for each text, ndarray of shape (n, width).

        Of length 1, or 0 for a text of which no word is known.
        """
        reduced = self.reducing.transform(self.counting.transform(list(texts)))
        return np.asarray(normalize(reduced), np.float64)


def semantic(texts: Some[str], *, width: Count = 64, seed: Seed) -> Semantic:
    """Vectors by latent semantic analysis of these texts [deerwester1990indexing].

    Words that stand in the same texts get vectors that are near: a text's counts of
    words, the rarer the heavier, are projected to the `width` strongest directions.

    Parameters
    ----------
    texts : sequence of str
        What to learn from, plain text.
    width : int
        Numbers of a vector; fewer than there are texts and words.
    seed : int
        Of the search for the directions.
    """
    counting = TfidfVectorizer(sublinear_tf=True)
    try:
        counts = counting.fit_transform(list(texts))
    except ValueError as error:
        raise BadInput(f"got texts without a word ({error}); wanted words") from error
    if width >= min(counts.shape):
        raise BadInput(
            f"got width={width}; wanted less than {min(counts.shape)}, the least of "
            f"{counts.shape[0]} texts and {counts.shape[1]} words"
        )
    reducing = TruncatedSVD(width, random_state=seed).fit(counts)
    return Semantic(counting, reducing)


def meaning(texts: Some[str], *, width: Count = 64, seed: Seed) -> Meaning:
    """A published sentence model where there is one, else `semantic` of these texts.

    Raises
    ------
    DataMissing, DataDamaged
        `FOIBLE_MODELS` is set and its wheel is not there, or not the published one.
    """
    if published_models():
        return _published(os.environ["FOIBLE_MODELS"])
    return semantic(texts, width=width, seed=seed)


@lru_cache(maxsize=1)
def _published(folder: str) -> Meaning:
    """The model of a folder, once a program, which knows what it has read."""
    return minilm()
