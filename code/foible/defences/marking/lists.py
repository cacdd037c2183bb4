"""Which words does the key make a little likelier, and who counts them afterwards?"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from foible.arrays import Bools, Floats, Ints, Tokens
from foible.defences.marking.keyed import Mark, draws, runs_of
from foible.domains import Amount, Count, Level, Natural, Seed, Some
from foible.errors import BadInput
from foible.models.language import Adjusted


@dataclass(frozen=True)
class Green:
    """The words before choose which are favoured [kirchenbauer2023watermark].

    Parameters
    ----------
    key : int
        Who has it, has the lists.
    width : int
        How many words before choose the list.
    share : float
        Of all words, how many are on a list.
    strength : float
        What is added to the logits of the words on it.
    once : bool
        Whether the detector counts a run of words that comes again only once.
    """

    key: Natural
    width: Count = 1
    share: Level = 0.5
    strength: Amount = 2.0
    once: bool = True

    def begun(self, n: Count, *, seed: Seed) -> Adjusted:
        """What favours green words; the same for all texts."""
        known = dict[bytes, Bools]()  # the lists so far: few words come often

        def adjusted(told: Ints, logits: Floats) -> Floats:
            before = {run.tobytes(): run for run in told[:, -self.width :]}
            if fresh := {one: run for one, run in before.items() if one not in known}:
                words = np.arange(logits.shape[1])
                drawn = draws(self.key, np.stack([*fresh.values()]), words)
                known.update(zip(fresh, drawn < self.share, strict=True))
            green = [known[run.tobytes()] for run in told[:, -self.width :]]
            return logits + self.strength * np.stack(green)

        return adjusted

    def green(self, text: Ints) -> Bools:
        """Which of the counted runs of a text end in a word of their list, (m,)."""
        runs = runs_of(text, self.width, once=self.once)
        drawn = draws(self.key, runs[:, :-1], runs[:, -1:])
        return np.asarray(drawn[:, 0] < self.share)

    def z_scores(self, texts: Tokens) -> Floats:
        """How many standard deviations too many are green, ndarray of shape (n,)."""
        hits = [self.green(text) for text in texts]
        return np.array([z_score(one, share=self.share) for one in hits])

    def p_values(self, texts: Tokens) -> Floats:
        """Chance of so many green words or more; by the binomial distribution."""
        runs = [runs_of(text, self.width, once=self.once) for text in texts]
        counted = np.array([len(one) for one in runs])
        every = np.concatenate(runs)
        hits = draws(self.key, every[:, :-1], every[:, -1:])[:, 0] < self.share
        greens = np.add.reduceat(hits, np.cumsum(counted) - counted, dtype=np.int64)
        return np.asarray(binom.sf(greens - 1, counted, self.share))


def z_score(hits: Bools, *, share: Level) -> float:
    """Of m words, by how many standard deviations more than their share are green."""
    if not hits.size:
        raise BadInput("got no word to count; wanted at least one")
    spread = np.sqrt(hits.size * share * (1 - share))
    return float((hits.sum() - share * hits.size) / spread)


@dataclass(frozen=True)
class Either:
    """One of several marks, drawn for each text; found by the best, times how many.

    Parameters
    ----------
    marks : sequence of Mark
    """

    marks: Some[Mark]

    def begun(self, n: Count, *, seed: Seed) -> Adjusted:
        """What each text's own mark does to it."""
        which = np.random.default_rng([seed, 2]).integers(len(self.marks), size=n)
        every = [mark.begun(n, seed=seed) for mark in self.marks]

        def adjusted(told: Ints, logits: Floats) -> Floats:
            changed = logits.copy()
            for i, change in enumerate(every):
                own = which == i
                if own.any():
                    changed[own] = change(told[own], logits[own])
            return changed

        return adjusted

    def p_values(self, texts: Tokens) -> Floats:
        """The least of all marks, times their number (Bonferroni)."""
        least = np.min([mark.p_values(texts) for mark in self.marks], axis=0)
        return np.asarray(np.minimum(1, least * len(self.marks)))
