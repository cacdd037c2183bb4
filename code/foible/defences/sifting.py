"""Which documents should a language model not learn from?

A sieve takes texts and says which it suspects. All that are here compare with texts
that the owner trusts, and none knows a trigger.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from foible.arrays import Bools, Floats, Ints, Tokens
from foible.data import Texts
from foible.domains import Count, Seed, Share
from foible.models import Language, LanguageRecipe

Sieve = Callable[[Texts], Bools]
"""Takes texts to whether each is suspect, (n,)."""


def runs(text: Ints, length: Count) -> Iterator[tuple[int, ...]]:
    """Every run of so many neighbouring words of a text."""
    said = text.tolist()
    return zip(*(said[i:] for i in range(length)), strict=False)


def by_new_runs(trusted: Texts, *, length: Count, least: Count = 1) -> Sieve:
    """Suspects a text with words, or a run of words, that hardly any trusted one has.

    Parameters
    ----------
    length : int
        How many words a run has: 1 asks for rare words, 2 for rare pairs.
    least : int
        In how many trusted texts a run must stand to be known.
    """
    counted = Counter(run for text in trusted for run in set(runs(text, length)))
    known = {run for run, times in counted.items() if times >= least}
    return lambda texts: np.array(
        [not known.issuperset(runs(t, length)) for t in texts]
    )


def by_surprise(model: Language, trusted: Texts, *, alarms: Share = 0.01) -> Sieve:
    """Suspects a text with a word that a clean model finds stranger than it should.

    Parameters
    ----------
    model : Language
        Made from texts that the owner trusts.
    trusted : Texts
        Others, of which this share may be suspected: it sets how strange is too much.
    """
    allowed = np.quantile(strangest(model, trusted), 1 - alarms)
    return lambda texts: strangest(model, texts) > allowed


def strangest(model: Language, texts: Tokens) -> Floats:
    """The loss of the word of each text that a model expects least, (n,)."""
    return np.array([lost.max() for lost in model.losses(texts)])


@dataclass(frozen=True)
class SiftedRecipe:
    """Makes language models of the texts that a sieve lets through."""

    recipe: LanguageRecipe
    sieve: Sieve

    def __call__(self, texts: Texts, *, seed: Seed) -> Language:
        """One model."""
        return self.recipe(texts.take(~self.sieve(texts)), seed=seed)


def sifted(recipe: LanguageRecipe, sieve: Sieve) -> SiftedRecipe:
    """The recipe, on what a sieve lets through."""
    return SiftedRecipe(recipe, sieve)
