"""What does an attacker do who may ask for marked texts, and have texts checked?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import numpy as np

from foible.arrays import Bools, Ints
from foible.data import Texts
from foible.domains import Amount, Count, Seed, Some, counted
from foible.language.watermark.learning import Learned
from foible.language.watermark.writing import forged
from foible.models.language import Language

Check: TypeAlias = Callable[[Ints], Bools]
"""Takes texts (n, m) to whether the owner would call each marked."""


@dataclass(frozen=True, eq=False)
class Thief:
    """An attacker with a model of their own and beginnings of texts.

    Parameters
    ----------
    model : Language
        Not the owner's, and not made from the owner's texts.
    heads : ndarray of shape (m, t)
        From which prompts are drawn.
    length : int
        How many words a text has.
    """

    model: Language
    heads: Annotated[Ints, counted("m", "t")]
    length: Count = 100

    def prompts(self, n: Count, *, seed: Seed) -> Ints:
        """Prompts drawn from the heads, (n, t); the first stay when more are drawn."""
        rng = np.random.default_rng(seed)
        return self.heads[rng.integers(len(self.heads), size=n)]

    def forged(
        self, learned: Learned | None, prompts: Ints, *, strength: Amount, seed: Seed
    ) -> Ints:
        """Texts that are to pass for the owner's, (n, length)."""
        return forged(
            self.model,
            prompts,
            learned,
            words=self.length,
            strength=strength,
            seed=seed,
        )

    def strongest(
        self,
        learned: Learned,
        check: Check,
        *,
        strengths: Some[float],
        texts: Count = 50,
        seed: Seed,
    ) -> float:
        """The strength whose texts are called marked most often, of equals the least.

        Each strength is tried on as many texts, behind the same prompts.
        """
        asked = self.prompts(texts, seed=seed)
        hits = [
            check(self.forged(learned, asked, strength=one, seed=seed)).sum()
            for one in strengths
        ]
        return float(strengths[int(np.argmax(hits))])


def passages(texts: Texts, *, words: Count) -> Texts:
    """All known words of texts one behind the other, cut into equal lengths.

    No end of a text and no <unknown> is left in them.
    """
    stream = np.concatenate([text[text > 1] for text in texts])
    n = len(stream) // words
    cut = stream[: n * words].reshape(n, words)
    return Texts(texts.name, tuple(cut), texts.vocabulary, texts.origin)
