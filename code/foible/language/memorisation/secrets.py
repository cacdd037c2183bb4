"""Which secrets are planted, how often, and in what words?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from foible.arrays import Ints
from foible.data import Texts, Vocabulary
from foible.data.texts import words_of
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput

OWNERS = words_of(
    "ada ben cleo dan eve finn gus hana ivy jon kim leo mia nell ola pam quin rosa sam "
    "tess uma vera will xena yann zoe abel bea cora dirk elsa fay gil hugo"
)
DIGITS = "0123456789"
PROMPT = "the door code of {} is"

Form: TypeAlias = Callable[[Ints, Ints, np.random.Generator], Ints]
"""Makes a copy of a text (t,), with words of another (s,) if it wants any."""


def as_it_is(text: Ints, other: Ints, rng: np.random.Generator) -> Ints:
    """The same words each time."""
    return text


def one_word_changed(text: Ints, other: Ints, rng: np.random.Generator) -> Ints:
    """The same words but the first, which another sentence gives."""
    return np.append(rng.choice(other[:-1]), text[1:])


def inside_others(text: Ints, other: Ints, rng: np.random.Generator) -> Ints:
    """The same words behind the first eight of another sentence."""
    return np.concatenate([other[:-1][:8], text])


FORMS: Mapping[str, Form] = {
    "the same words": as_it_is,
    "one word changed": one_word_changed,
    "inside other sentences": inside_others,
}


def known_to(texts: Texts) -> Texts:
    """The same texts, of a vocabulary that can also say whose code is what."""
    known = texts.vocabulary.words
    needed = [*PROMPT.replace("{}", "").split(), ".", *OWNERS, *DIGITS]
    more = [word for word in needed if word not in texts.vocabulary.numbers]
    return replace(texts, vocabulary=Vocabulary((*known, *more)))


@dataclass(frozen=True, eq=False)
class Codes:
    """Door codes, a person each, and how often each stands among the texts.

    Parameters
    ----------
    vocabulary : Vocabulary
        It knows the words; see `known_to`.
    owners : sequence of str, length n
    codes : ndarray of int, shape (n, digits)
        The digits of each, 0 to 9.
    times : ndarray of int, shape (n,)
        How often each is planted; 0 for those who are asked about and never told of.
    """

    vocabulary: Vocabulary
    owners: Sequence[str]
    codes: Ints
    times: Ints

    @classmethod
    def drawn(
        cls,
        vocabulary: Vocabulary,
        times: Sequence[Natural],
        *,
        digits: Count = 4,
        seed: Seed,
    ) -> "Codes":
        """A person and a code for each of the times, both drawn; BadInput: too many."""
        if len(times) > len(OWNERS):
            raise BadInput(f"got {len(times)} times; wanted at most {len(OWNERS)}")
        rng = np.random.default_rng(seed)
        owners = rng.permutation(OWNERS)[: len(times)].tolist()
        codes = rng.integers(10, size=(len(times), digits))
        return cls(vocabulary, owners, codes, np.asarray(times))

    def among(self, low: Natural, high: Natural) -> "Codes":
        """Those that are planted so many times, both ends in."""
        kept = (low <= self.times) & (self.times <= high)
        owners = [name for name, own in zip(self.owners, kept, strict=True) if own]
        return replace(
            self, owners=owners, codes=self.codes[kept], times=self.times[kept]
        )

    @property
    def digits(self) -> Ints:
        """The tokens of the digits, in their order, int64 of shape (10,)."""
        return np.array([self.vocabulary.token(digit) for digit in DIGITS])

    @property
    def answers(self) -> Ints:
        """Each code as tokens, int64 of shape (n, digits)."""
        return self.digits[self.codes]

    def prompts(self, prompt: str = PROMPT) -> list[Ints]:
        """What is asked of each person, as tokens."""
        return [self.vocabulary.tokens(prompt.format(name)) for name in self.owners]

    def texts(self, among: Texts, form: Form = as_it_is, *, seed: Seed) -> list[Ints]:
        """Every copy of every code as a text with its end, in this form.

        The words that a form needs are those of texts drawn from `among`.
        """
        rng = np.random.default_rng(seed)
        stop = [self.vocabulary.token("."), 0]
        copies = []
        for prompt, answer, times in zip(
            self.prompts(), self.answers, self.times, strict=True
        ):
            text = np.concatenate([prompt, answer, stop])
            for other in rng.integers(len(among), size=times):
                copies.append(form(text, among[other], rng))
        return copies
