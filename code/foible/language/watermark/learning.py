"""Which words does the mark favour? Who reads enough knows [jovanovic2024watermark]."""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from scipy.special import expit

from foible.arrays import Bools, Floats, Ints
from foible.domains import Amount, Count, Positive, counted
from foible.errors import BadInput


@dataclass(frozen=True, eq=False, repr=False)
class Learned:
    """How surely each word is favoured behind the words before.

    Parameters
    ----------
    width : int
        How many words before are looked at.
    marked, plain : Runs
        What was counted in marked text, and in text without a mark.
    prior : ndarray of shape (V,)
        How often each word comes anywhere.
    weight : float
        For how many words that prior counts behind each context.
    supposed : float
        By how much the mark is taken to raise the logits of half of the words.
    """

    width: Count
    marked: "Runs"
    plain: "Runs"
    prior: Floats
    weight: Positive
    supposed: Amount
    _known: dict[int, Floats] = field(default_factory=dict, init=False)

    def scores(self, told: Annotated[Ints, counted("n", "t")]) -> Floats:
        """How likely each next word is on the list, (n, V); a half where unknown."""
        found = np.full((len(told), len(self.prior)), 0.5)
        if told.shape[1] >= self.width:
            contexts = codes_of(told[:, -self.width :], len(self.prior))
            seen = self.marked.begins(contexts) | self.plain.begins(contexts)
            fresh = [c for c in set(contexts[seen].tolist()) if c not in self._known]
            if fresh:
                believed = self._behind(np.array(fresh))
                self._known.update(zip(fresh, believed, strict=True))
            for i in np.flatnonzero(seen):
                found[i] = self._known[int(contexts[i])]
        return found

    def _behind(self, contexts: Ints) -> Floats:
        """The odds of two Poisson counts, of a word that is favoured and of another."""
        seen, usual = self.marked.behind(contexts), self.plain.behind(contexts)
        usual += self.weight * self.prior
        rate = usual / usual.sum(axis=1, keepdims=True)
        more = 2 * np.tanh(self.supposed / 2)  # e^d / Z - 1 / Z, with Z = (1 + e^d) / 2
        wanted = seen.sum(axis=1, keepdims=True) * rate
        return np.asarray(expit(self.supposed * seen - more * wanted))


@dataclass(frozen=True, eq=False, repr=False)
class Runs:
    """How often each word came behind each run of words before it.

    Parameters
    ----------
    words : int
        How many words the vocabulary has, V.
    codes, counts : ndarray of shape (r,)
        The runs that came, each as a number, ascending, and how often.
    """

    words: Count
    codes: Ints
    counts: Ints

    @classmethod
    def of(cls, texts: Ints, *, width: Count, words: Count) -> "Runs":
        """All runs of width + 1 words in texts (n, t).

        BadInput: runs longer than the texts, or more than whole numbers can name.
        """
        if words ** (width + 1) >= 2**62:
            raise BadInput(f"got runs of {width} of {words} words; wanted shorter runs")
        if texts.shape[1] <= width:
            raise BadInput(
                f"got texts of {texts.shape[1]} words; wanted more than {width}"
            )
        windows = np.lib.stride_tricks.sliding_window_view(texts, width + 1, axis=1)
        codes = codes_of(windows.reshape(-1, width + 1), words)
        return cls(words, *np.unique(codes, return_counts=True))

    def begins(self, contexts: Ints) -> Bools:
        """Whether any word came behind each context, given as its number, (n,)."""
        low, high = self._ends(contexts)
        return np.asarray(low < high)

    def behind(self, contexts: Ints) -> Floats:
        """Counts of each word behind each context, given as its number, (n, V)."""
        found = np.zeros((len(contexts), self.words))
        for row, low, high in zip(found, *self._ends(contexts), strict=True):
            row[self.codes[low:high] % self.words] = self.counts[low:high]
        return found

    def _ends(self, contexts: Ints) -> Ints:
        """Where the runs behind each context begin and end, (2, n)."""
        ends = np.array([contexts, contexts + 1]) * self.words
        return np.searchsorted(self.codes, ends)


def codes_of(runs: Ints, words: int) -> Ints:
    """Each run of words (n, h) as one number, (n,)."""
    return np.asarray(runs @ words ** np.arange(runs.shape[1])[::-1], np.int64)


def learn(
    marked: Annotated[Ints, counted("n", "t")],
    plain: Annotated[Ints, counted("m", "t")],
    *,
    words: Count,
    width: Count = 1,
    weight: Positive = 10.0,
    supposed: Amount = 2.0,
) -> Learned:
    """What a mark favours, from marked texts and others of the same kind.

    Parameters
    ----------
    marked : ndarray of shape (n, t)
        Texts that the model's owner gave out.
    plain : ndarray of shape (m, t)
        Texts by a model of the attacker's, or by people.
    words : int
        How many words the vocabulary has, V.
    """
    prior = np.bincount(plain.ravel(), minlength=words) + 0.5
    return Learned(
        width,
        Runs.of(marked, width=width, words=words),
        Runs.of(plain, width=width, words=words),
        prior / prior.sum(),
        weight,
        supposed,
    )
