"""Where does chance come from, if no word is to become likelier?

A word is drawn by the largest of its logit plus Gumbel's noise; over all noise that is
the model's own distribution, exactly. Here the noise follows from a key.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as windows
from scipy.stats import gamma

from foible.arrays import Floats, Ints, Tokens
from foible.defences.marking.keyed import draws, runs_of
from foible.domains import Count, Natural, Seed
from foible.models.language import Adjusted


@dataclass(frozen=True)
class Luck:
    """The words before choose the chance that draws a word [aaronson2022lecture].

    Parameters
    ----------
    key : int
    width : int
        How many words before choose it.
    once : bool
        Whether words that come again in a text choose nothing the second time, and are
        not counted then: or else a text may run in circles for good.
    """

    key: Natural
    width: Count = 4
    once: bool = True

    def begun(self, n: Count, *, seed: Seed) -> Adjusted:
        """What chooses each word; the same words always choose the same."""
        rng = np.random.default_rng([seed, 4])

        def adjusted(told: Ints, logits: Floats) -> Floats:
            drawn = draws(self.key, told[:, -self.width :], np.arange(logits.shape[1]))
            if self.once and told.shape[1] > self.width:
                before = windows(told, self.width, axis=1)
                again = (before[:, :-1] == before[:, -1:]).all(2).any(1)
                drawn[again] = rng.random((again.sum(), logits.shape[1]))
            return chosen(logits, drawn)

        return adjusted

    def p_values(self, texts: Tokens) -> Floats:
        """Chance of drawn numbers as high as these; by the gamma distribution."""
        found = []
        for text in texts:
            runs = runs_of(text, self.width, once=False)
            if self.once:
                runs = runs[np.unique(runs[:, :-1], axis=0, return_index=True)[1]]
            scores = -np.log1p(-draws(self.key, runs[:, :-1], runs[:, -1:]))
            found.append((scores.sum(), len(runs)))
        return np.asarray(gamma.sf(*np.array(found).T))


@dataclass(frozen=True)
class Sequence:
    """A long row of secret chance, which a text enters anywhere [kuditipudi2024robust].

    The published test also lets words be put in or left out; this one does not.

    Parameters
    ----------
    key : int
    length : int
        How many words until the row begins again.
    """

    key: Natural
    length: Count = 256

    def begun(self, n: Count, *, seed: Seed) -> Adjusted:
        """What chooses each word, by the place in the row that the text has reached."""
        places = np.random.default_rng([seed, 3]).integers(self.length, size=n)

        def adjusted(told: Ints, logits: Floats) -> Floats:
            here = (places + told.shape[1]) % self.length
            words = np.arange(logits.shape[1])
            return chosen(logits, draws(self.key, here[:, None], words))

        return adjusted

    def p_values(self, texts: Tokens) -> Floats:
        """Chance of so good a fit anywhere in the row (Bonferroni over places)."""
        places = np.arange(self.length)
        table = -np.log1p(
            -draws(self.key, places[:, None], np.arange(1 + max(map(np.max, texts))))
        )
        found = []
        for text in texts:
            rows = (places + np.arange(len(text))[:, None]) % self.length
            found.append((table[rows, text[:, None]].sum(axis=0).max(), len(text)))
        return np.asarray(np.minimum(1, self.length * gamma.sf(*np.array(found).T)))


def chosen(logits: Floats, drawn: Floats) -> Floats:
    """Logits (n, V) that leave one word: the largest logit plus Gumbel's noise."""
    with np.errstate(divide="ignore"):
        best = np.argmax(logits - np.log(-np.log(drawn)), axis=1)
    left = np.full_like(logits, -np.inf)
    left[np.arange(len(logits)), best] = 0
    return left
