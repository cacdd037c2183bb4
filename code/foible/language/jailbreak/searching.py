"""Which words behind a forbidden wish make a model answer it?

The attacker has the weights, and wishes of their own to try words on. An `Aim` says how
far a suffix is from what they want; `searched` looks for a better one with its slopes,
`wandered` without.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeAlias

import numpy as np

from foible.arrays import Floats, Ints
from foible.domains import (
    Amount,
    Count,
    Natural,
    Positive,
    Seed,
    Share,
    Some,
    counted,
    shaped,
)
from foible.language.jailbreak.wishes import FREE, ORDERS, Wish
from foible.models import Language

ALLOWED = np.array([ORDERS.vocabulary.token(word) for word in FREE])
MARK = ORDERS.vocabulary.tokens("=")
Slope: TypeAlias = Annotated[Floats, shaped("m", len(ORDERS.vocabulary))]
Places: TypeAlias = Annotated[Ints, counted("m")]
Suffixes: TypeAlias = Annotated[Ints, counted("_k", "_m")]
SLOPE = 3
"""As so many readings a slope counts: a pass forward, and one back of twice that."""


class Aim(Protocol):
    """What the attacker wants to be low."""

    @property
    def readings(self) -> int:
        """How many texts are read to judge one suffix."""
        ...

    def losses(self, suffixes: Ints) -> Floats:
        """Of suffixes (k, m), ndarray of shape (k,)."""
        ...

    def slope(self, suffix: Ints) -> Floats:
        """By every word at each place of a suffix (m,), ndarray of shape (m, V)."""
        ...


@dataclass(frozen=True, eq=False)
class Answered:
    """How unlikely forbidden answers are, in the mean over wishes [zou2023universal].

    Parameters
    ----------
    model : Language
    own : sequence of Wish
        The attacker's own, forbidden.
    copies : int
        How often each is read, each time with other words changed by chance: what is
        expected of a vote over such copies [athalye2018synthesizing].
    share : float
        Of the words that are changed in each copy; nought for the text as it is.
    seed : int
        Of the changes, which are the same for all suffixes.
    """

    model: Language
    own: Some[Wish]
    copies: Count = 1
    share: Share = 0.0
    seed: Seed = 0

    @property
    def readings(self) -> int:
        """How many texts are read to judge one suffix."""
        return len(self.own) * self.copies

    def losses(self, suffixes: Suffixes) -> Floats:
        """Mean loss of the answers' tokens, ndarray of shape (k,)."""
        texts, starts, _ = self._texts(suffixes)
        lost = self.model.losses(texts)
        means = [each[at - 1 :].mean() for each, at in zip(lost, starts, strict=True)]
        return np.asarray(np.reshape(means, (len(suffixes), -1)).mean(axis=1))

    def slope(self, suffix: Ints) -> Floats:
        """Mean slope by the words of the suffix, ndarray of shape (m, V)."""
        texts, starts, kept = self._texts(suffix[None])
        m, total = len(suffix), np.zeros((len(suffix), self.model.words))
        slopes = self.model.slopes(texts, starts=starts)
        for each, at, mask in zip(slopes, starts, kept, strict=True):
            total += each[at - 1 - m : at - 1] * mask[:, None]
        return total / len(texts)

    def _texts(self, suffixes: Ints) -> tuple[list[Ints], list[int], list[Ints]]:
        """Each suffix in each wish and copy, where its answer starts, what is kept."""
        words, rng = ORDERS.vocabulary, np.random.default_rng(self.seed)
        m, texts, starts, kept = suffixes.shape[1], [], [], []
        frames = []
        for one in self.own:
            head = words.tokens(one.before)
            tail = np.concatenate([MARK, words.tokens(one.answer), [0]])
            for _ in range(self.copies):
                hit = rng.random(len(head) + m) < self.share
                drawn = rng.choice(ALLOWED, len(head) + m)
                frames.append((head, hit, drawn, tail))
        for suffix in suffixes:
            for head, hit, drawn, tail in frames:
                said = np.where(hit, drawn, np.concatenate([head, suffix]))
                texts.append(np.concatenate([said, tail]))
                starts.append(len(said) + 1)
                kept.append((~hit[len(head) :]).astype(np.int64))
        return texts, starts, kept


@dataclass(frozen=True, eq=False)
class Fluent:
    """An aim, and a text that another model finds likely enough [jain2023baseline].

    Parameters
    ----------
    aim : Answered
    reader : Language
        Whose perplexity is to stay low.
    limit : float
        The perplexity up to which a text costs nothing.
    weight : float
        Of what the logarithm of the perplexity is above that of the limit.
    """

    aim: Answered
    reader: Language
    limit: Positive
    weight: Amount = 2.0

    @property
    def readings(self) -> int:
        """How many texts are read to judge one suffix."""
        return 2 * self.aim.readings

    def losses(self, suffixes: Ints) -> Floats:
        """The sum of both losses, ndarray of shape (k,)."""
        texts = [text for suffix in suffixes for text in self._read(suffix)]
        odd = np.reshape(self._above(texts), (len(suffixes), -1)).mean(axis=1)
        return np.asarray(self.aim.losses(suffixes) + self.weight * odd)

    def slope(self, suffix: Ints) -> Floats:
        """The sum of both slopes, ndarray of shape (m, V)."""
        texts, m = self._read(suffix), len(suffix)
        slopes = self.reader.slopes(texts, starts=[1] * len(texts))
        above = self._above(texts) > 0
        odd = [each[-1 - m : -1] * up for each, up in zip(slopes, above, strict=True)]
        return np.asarray(self.aim.slope(suffix) + self.weight * np.mean(odd, axis=0))

    def _above(self, texts: list[Ints]) -> Floats:
        lost = np.array([each.mean() for each in self.reader.losses(texts)])
        return np.asarray((lost - np.log(self.limit)).clip(0))

    def _read(self, suffix: Ints) -> list[Ints]:
        heads = [ORDERS.vocabulary.tokens(one.before) for one in self.aim.own]
        return [np.concatenate([head, suffix, MARK]) for head in heads]


@dataclass(frozen=True)
class Suffix:
    """A suffix that was found.

    Parameters
    ----------
    words : tuple of str
    losses : tuple of float
        The best so far, before the first step and after each.
    read : int
        How many texts were read, a slope counted as three.
    """

    words: tuple[str, ...]
    losses: tuple[float, ...]
    read: Natural


def candidates(
    slope: Slope, suffix: Places, *, count: Count, top: Count, seed: Seed
) -> Ints:
    """Suffixes that differ from one in a word, ndarray of shape (count, m).

    One step of greedy coordinate search [zou2023universal]: at each place the `top`
    allowed words of the most negative slope; the places evenly, the word by chance.

    Parameters
    ----------
    slope : ndarray of shape (m, V)
        Of the loss, by every word at each place.
    suffix : ndarray of shape (m,)
    """
    rng, m = np.random.default_rng(seed), len(suffix)
    best = ALLOWED[np.argsort(slope[:, ALLOWED], axis=1, kind="stable")[:, :top]]
    place = np.arange(count) * m // count
    word = best[place, rng.integers(best.shape[1], size=count)]
    return _changed(suffix, place, word)


def searched(
    aim: Aim,
    *,
    start: Some[str],
    steps: Natural,
    count: Count,
    top: Count,
    seed: Seed,
) -> Suffix:
    """Greedy coordinate search with slopes, GCG [zou2023universal].

    Parameters
    ----------
    aim : Aim
    start : sequence of str
        The suffix to begin with.
    steps : int
        In each the slope is asked for once, and `count` candidates are judged; the best
        of them is kept if it is better than what there was.
    top : int
        How many words at each place the slope leaves to choose from.
    """

    def tried(suffix: Ints, step: int) -> Ints:
        luck = seed + 7919 * step
        return candidates(aim.slope(suffix), suffix, count=count, top=top, seed=luck)

    return _kept_best(aim, tried, start, steps, (count + SLOPE) * aim.readings)


def wandered(
    aim: Aim, *, start: Some[str], steps: Natural, count: Count, seed: Seed
) -> Suffix:
    """The control: as `searched`, but places and words are drawn, without a slope.

    It may judge as many more candidates as a slope would cost.
    """
    rng, more = np.random.default_rng([seed, 1]), count + SLOPE

    def tried(suffix: Ints, step: int) -> Ints:
        places = rng.integers(len(suffix), size=more)
        return _changed(suffix, places, rng.choice(ALLOWED, more))

    return _kept_best(aim, tried, start, steps, more * aim.readings)


def _kept_best(
    aim: Aim,
    tried: Callable[[Ints, int], Ints],
    start: Sequence[str],
    steps: int,
    cost: int,
) -> Suffix:
    now = np.array([ORDERS.vocabulary.token(word) for word in start])
    low = [float(aim.losses(now[None])[0])]
    for step in range(steps):
        others: Ints = tried(now, step)
        lost = aim.losses(others)
        if lost.min() < low[-1]:
            now = others[int(lost.argmin())]
        low.append(min(low[-1], float(lost.min())))
    words = tuple(ORDERS.vocabulary.words[i] for i in now)
    return Suffix(words, tuple(low), aim.readings + steps * cost)


def _changed(suffix: Ints, places: Ints, words: Ints) -> Ints:
    found = np.repeat(suffix[None], len(places), axis=0)
    found[np.arange(len(places)), places] = words
    return found


def suffixed(own: Sequence[Wish], words: Some[str]) -> list[Wish]:
    """These wishes with the words behind each."""
    return [one.with_added(words) for one in own]
