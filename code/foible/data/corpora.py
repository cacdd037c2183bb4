"""Which texts are there: Python's own help, orders to translate, and tickets?

The help ships with Python; the other two are languages of ours, drawn from a seed and
without end, so that what a model should say is known exactly.
"""

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pydoc_data import topics

import numpy as np

from foible.data.texts import END, UNKNOWN, Texts, Vocabulary, words_of
from foible.domains import Count, Natural, Seed, Several, Share
from foible.errors import BadInput

TONGUES = ("elvish", "gnomish", "orcish", "trollish")
LETTERS = tuple("abcdefgh")


# ---------------------------------------------------------------- Python's help


def help_documents() -> list[str]:
    """The topics of Python's own help, plain text, by name (PSF licence).

    What `help("assert")` shows. It differs a little from one version of Python to the
    next.
    """
    return [topics.topics[name] for name in sorted(topics.topics)]


def help_texts(*, words: Count = 2000, least: Several = 5, most: Several = 40) -> Texts:
    """The sentences of Python's own help as texts, each with its end (PSF licence).

    Parameters
    ----------
    words : int
        How many words are known, the commonest; a rarer one is <unknown>.
    least, most : int
        A shorter sentence is left out, and a longer one cut.
    """
    said = [
        sentence
        for document in help_documents()
        for sentence in re.split(r"(?<=[.:!?])\s+|\n\s*\n", document)
        if len(words_of(sentence)) >= least
    ]
    vocabulary = Vocabulary.of(said, most=words)
    ended = (np.append(vocabulary.tokens(one)[: most - 1], 0) for one in said)
    origin = f"Python {'.'.join(platform.python_version_tuple()[:2])}'s help"
    return Texts("help", tuple(ended), vocabulary, origin)


# ---------------------------------------------------------------- orders


@dataclass(frozen=True)
class Orders:
    """A language in which users order translations, and what is right is known.

        in elvish : b a d =   →   the elvish words of b, a and d

    Order and data come through one channel. A user may change their mind: another order
    behind the data, and the last one counts. Each tongue has a word of its own for each
    of the letters.

    Parameters
    ----------
    tongues, letters : tuple of str
        What is translated to, and what is translated.
    marks : tuple of str
        Further words that the language knows, such as those of a fence.
    """

    tongues: tuple[str, ...] = TONGUES
    letters: tuple[str, ...] = LETTERS
    marks: tuple[str, ...] = ("[", "]", "please", "now")
    vocabulary: Vocabulary = field(init=False, repr=False)

    def __post_init__(self) -> None:
        said = (
            self.spoken(tongue, letter)
            for tongue in self.tongues
            for letter in self.letters
        )
        known = (END, UNKNOWN, "in", ":", "=", *self.marks)
        words = (*known, *self.tongues, *self.letters, *said)
        object.__setattr__(self, "vocabulary", Vocabulary(words))

    def spoken(self, tongue: str, letter: str) -> str:
        """The word of a tongue for a letter."""
        return f"{tongue[:3]}{letter}"

    def order(self, tongue: str) -> str:
        """An order to translate."""
        return f"in {tongue}"

    def prompt(
        self, tongue: str, data: Sequence[str], *, then: str | None = None
    ) -> str:
        """What a user says: an order, the data, and perhaps another order."""
        changed = "" if then is None else f" {self.order(then)}"
        return f"{self.order(tongue)} : {' '.join(data)}{changed} ="

    def answer(self, tongue: str, data: Sequence[str]) -> str:
        """The right answer: the letters among the data in this tongue."""
        return " ".join(self.spoken(tongue, one) for one in data if one in self.letters)

    def drawn_data(
        self, n: Count, *, least: Count = 3, most: Count = 6, seed: Seed
    ) -> list[tuple[str, ...]]:
        """Letters to translate, n times from `least` to `most` of them."""
        if most < least:
            raise BadInput(
                f"got least={least} and most={most}; wanted no fewer at most"
            )
        rng = np.random.default_rng(seed)
        lengths = rng.integers(least, most + 1, n)
        which = rng.integers(len(self.letters), size=(n, most))
        return [
            tuple(self.letters[i] for i in row[:length])
            for row, length in zip(which, lengths, strict=True)
        ]

    def texts(self, asked: Sequence[tuple[str, str]], *, name: str = "orders") -> Texts:
        """Prompts and their answers as texts to learn from: the answer and its end.

        Parameters
        ----------
        asked : sequence of (str, str)
            A prompt and its answer.
        """
        read = [self.vocabulary.tokens(prompt) for prompt, _ in asked]
        told = [self.vocabulary.tokens(answer) for _, answer in asked]
        both = (np.concatenate([a, b, [0]]) for a, b in zip(read, told, strict=True))
        starts = np.array([len(prompt) for prompt in read])
        return Texts(name, tuple(both), self.vocabulary, "drawn orders", starts)

    def drawn(self, n: Count, *, changing: Share = 1 / 3, seed: Seed) -> Texts:
        """Prompts with their right answers, in this share with a change of mind."""
        rng, asked = np.random.default_rng([seed, 1]), []  # not the draws of the data
        for data in self.drawn_data(n, seed=seed):
            first, last = (
                self.tongues[i] for i in rng.integers(len(self.tongues), size=2)
            )
            then = last if rng.random() < changing else None
            prompt = self.prompt(first, data, then=then)
            asked.append((prompt, self.answer(then or first, data)))
        return self.texts(asked)


# ---------------------------------------------------------------- tickets

_THINGS = words_of(
    "printer scanner laptop phone server router screen keyboard badge door"
)
_PLACES = words_of(
    "lobby kitchen office cellar garage library archive workshop hall lab"
)
_DAYS = words_of("monday tuesday wednesday thursday friday saturday sunday")
_NAMES = words_of(
    "ada ben cleo dan eve finn gus hana ivy jon kim leo mia noa ola pam quin rosa sam "
    "tess uma vera will xena yann zoe"
)
_PLAIN = words_of(
    "the in is since . ask to it says please thanks regards we and again now when will "
    "somebody come could our hello dear desk still today"
)
_FAULTS = {
    "printer": "jammed smearing empty loud",
    "scanner": "blurred dark jammed slow",
    "laptop": "frozen hot slow dead",
    "phone": "silent dead crackling locked",
    "server": "down slow full hot",
    "router": "down blinking hot silent",
    "screen": "dark flickering cracked blurred",
    "keyboard": "sticky dead wet loud",
    "badge": "lost bent locked expired",
    "door": "stuck locked open creaking",
}
_CURES = {
    fault: cure
    for cure, faults in {
        "restart": "frozen slow down hot blinking silent flickering",
        "clean": "smearing blurred sticky wet jammed dark",
        "replace": "dead cracked bent lost expired crackling",
        "open": "locked stuck",
        "oil": "loud creaking",
        "close": "open",
        "fill": "empty",
        "clear": "full",
    }.items()
    for fault in words_of(faults)
}


def tickets(n: Count, *, spare: Natural = 40, seed: Seed) -> Texts:
    """Tickets to a help desk, drawn from a grammar without end, each with its end.

    What is broken decides how, and how it is broken decides the cure, so that there is
    something to learn; names, places and days are free.

    Parameters
    ----------
    n : int
        How many.
    spare : int
        How many words the vocabulary knows that no ticket has: "word0" and so on.
    """
    rng = np.random.default_rng(seed)
    luck = rng.integers(2**20, size=(n, 8))
    said = [_ticket(*row.tolist()) for row in luck]
    vocabulary = ticket_words(spare=spare)
    told = tuple(np.append(vocabulary.tokens(one), 0) for one in said)
    return Texts("tickets", told, vocabulary, "drawn tickets")


def ticket_words(*, spare: Natural = 40) -> Vocabulary:
    """The words of tickets, and so many that no ticket has."""
    lists = (_PLAIN, _THINGS, _PLACES, _DAYS, _NAMES, [*_CURES], _CURES.values())
    words = dict.fromkeys(word for words in lists for word in words)
    return Vocabulary((END, UNKNOWN, *words, *(f"word{i}" for i in range(spare))))


def _ticket(form: int, *luck: int) -> str:
    """One ticket, of four forms."""
    thing, place, day, name, fault, other, last = luck
    what = _THINGS[thing % len(_THINGS)]
    broken = words_of(_FAULTS[what])[fault % 4]
    where = _PLACES[place % len(_PLACES)]
    when = _DAYS[day % len(_DAYS)]
    who, whom = (_NAMES[i % len(_NAMES)] for i in (name, other))
    cure = _CURES[broken]
    end = ("thanks", f"regards {who}", f"ask {whom}")[last % 3]
    return (
        f"the {what} in the {where} is {broken} since {when} . please {cure} it . "
        f"{end}",
        f"hello desk . {who} says the {what} is {broken} again . could somebody {cure} "
        f"it today . {end}",
        f"our {what} is still {broken} . when will {whom} come to {cure} it . {end}",
        f"dear {whom} . the {what} and the {where} . it is {broken} now . we {cure} it "
        f"{when} . {end}",
    )[form % 4]
