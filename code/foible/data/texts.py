"""What is a text, how does it become numbers, and how are texts cut?"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from foible.arrays import Ints, Tokens, places
from foible.data.rows import parts, settled
from foible.domains import Count, Level, Seed, Several, Some
from foible.errors import BadInput

END, UNKNOWN = "<end>", "<unknown>"
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """Words and their numbers: a token is the number of a word.

    Number 0 is the end of a text, and 1 any word that is not known. Neither can be
    written: "<end>" in plain text is three words like any other.

    Parameters
    ----------
    words : tuple of str
        What each token stands for, the two marks first.

    BadInput: other marks, or a word twice.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        if self.words[:2] != (END, UNKNOWN) or len(set(self.words)) != len(self.words):
            raise BadInput(
                f"got the words {self.words[:3]} and so on; wanted {END}, {UNKNOWN} "
                "and then others, each once"
            )

    @classmethod
    def of(cls, texts: Some[str], *, most: Count | None = None) -> "Vocabulary":
        """The words of these texts, the commonest first, `most` of them at most."""
        counted = Counter(word for text in texts for word in words_of(text))
        ordered = sorted(counted, key=lambda word: (-counted[word], word))
        return cls((END, UNKNOWN, *ordered[:most]))

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"<vocabulary of {len(self)} words>"

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The token of each word."""
        return {word: i for i, word in enumerate(self.words)}

    def tokens(self, text: str) -> Ints:
        """A text as numbers, int64 of shape (t,); it may be empty.

        Capitals are not kept, and a word that is not known is token 1.
        """
        found = (self.numbers.get(word, 1) for word in words_of(text))
        return np.fromiter(found, np.int64)

    def token(self, word: str) -> int:
        """The number of one word; BadInput for one that is not known."""
        if word not in self.numbers:
            raise BadInput(f"got the word {word!r}; wanted one of {self!r}")
        return self.numbers[word]

    def text(self, tokens: Ints) -> str:
        """Numbers as words with a space between; what is below 0 is left out.

        BadInput: a number that stands for no word.
        """
        if tokens.size and tokens.max() >= len(self):
            raise BadInput(
                f"got the token {tokens.max()}; wanted less than {len(self)}"
            )
        return " ".join(self.words[token] for token in tokens if token >= 0)

    def twice(self) -> "Vocabulary":
        """Each word once more as a word of its own, such as "go'" for "go".

        Token i becomes token i + len(self) there: a second vector for the same word, so
        that a model can tell what it was told from what it was only shown.
        """
        return Vocabulary((*self.words, *(f"{word}'" for word in self.words)))


def words_of(text: str) -> list[str]:
    """The words and signs of a text, without capitals."""
    return WORD.findall(text.lower())


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Sequence[Ints]):
    """Texts as numbers, and what the numbers stand for: never changed, only copied.

    It is a sequence of its texts, and goes wherever such a sequence goes.

    Parameters
    ----------
    name : str
        The word for them: "tickets", "help".
    tokens : tuple of ndarray of shape (t,)
        Each text, int64, read-only, at least one token.
    vocabulary : Vocabulary
        What the tokens stand for.
    origin : str
        One phrase: which texts these are.
    starts : ndarray of shape (n,), optional
        From which token on each text is to be learned; what is before is only read. All
        of it, if left out.

    BadInput: no text, an empty one, or a token that stands for no word.
    """

    name: str
    tokens: tuple[Ints, ...]
    vocabulary: Vocabulary
    origin: str
    starts: Ints | None = field(default=None)

    def __post_init__(self) -> None:
        set_field = super().__setattr__
        set_field("tokens", tuple(_kept(text) for text in self.tokens))
        if not self.tokens or not all(text.size for text in self.tokens):
            raise BadInput(f"{self.name}: got no text, or an empty one; wanted tokens")
        most = max(int(text.max()) for text in self.tokens)
        least = min(int(text.min()) for text in self.tokens)
        if least < 0 or most >= len(self.vocabulary):
            raise BadInput(
                f"{self.name}: got tokens from {least} to {most}; wanted 0 to "
                f"{len(self.vocabulary) - 1}, the words of the vocabulary"
            )
        if self.starts is not None:
            set_field("starts", _kept(self.starts))
            if self.starts.shape != (len(self),) or self.starts.min() < 0:
                raise BadInput(
                    f"{self.name}: got starts of shape {self.starts.shape}; wanted "
                    f"whole numbers from 0, one for each of {len(self)} texts"
                )

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Ints]:
        return iter(self.tokens)

    @overload
    def __getitem__(self, index: int) -> Ints: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Ints, ...]: ...
    def __getitem__(self, index: int | slice) -> Ints | tuple[Ints, ...]:
        return self.tokens[index]

    def __repr__(self) -> str:
        return (
            f"<{self.name}: {len(self):,} texts, {self.size:,} tokens of "
            f"{len(self.vocabulary):,} words; {self.origin}>"
        )

    @property
    def size(self) -> int:
        """How many tokens there are in all."""
        return sum(map(len, self.tokens))

    @property
    def longest(self) -> int:
        """How many tokens the longest text has."""
        return max(map(len, self.tokens))

    @property
    def plain(self) -> list[str]:
        """The texts in words."""
        return [self.vocabulary.text(text) for text in self.tokens]

    def take(self, index: npt.ArrayLike | slice) -> "Texts":
        """Only the texts at `index`: positions, a mask of length n, or a slice."""
        every = np.arange(len(self))
        where = every[index if isinstance(index, slice) else places(index, len(self))]
        return replace(
            self,
            tokens=tuple(self.tokens[i] for i in where),
            starts=None if self.starts is None else self.starts[where],
        )

    def split(self, share: Level, *, seed: Seed) -> tuple["Texts", "Texts"]:
        """Two disjoint parts in random order, the first with `share` of the texts."""
        first = round(share * len(self))
        if not 0 < first < len(self):
            raise BadInput(
                f"{self.name}: got a share of {share} of {len(self)} texts; wanted "
                "both parts to have a text"
            )
        ours, others = parts(np.zeros(len(self)), first, seed=seed)
        return self.take(ours), self.take(others)

    def joined(self, more: Tokens, *, starts: Ints | None = None) -> "Texts":
        """These texts, then others of the same vocabulary, given as tokens.

        What is learned of the others is what they themselves say, if they are `Texts`,
        or `starts` says, or all of it.
        """
        if isinstance(more, Texts):
            if more.vocabulary != self.vocabulary:
                raise BadInput(f"got {self!r} and {more!r}; wanted one vocabulary")
            starts = more.starts if starts is None else starts
        both = None
        if self.starts is not None or starts is not None:
            own, others = (
                np.zeros(len(texts), np.int64) if known is None else known
                for texts, known in ((self, self.starts), (more, starts))
            )
            both = np.concatenate([own, others])
        return replace(self, tokens=(*self.tokens, *more), starts=both)

    def packed(self, length: Several) -> "Texts":
        """All texts one behind the other, each with its end, cut into equal lengths.

        Nothing is padded when a model learns from them. The last may be shorter, and
        where a text is to be learned from is not kept.
        """
        ended = [text if text[-1] == 0 else np.append(text, 0) for text in self.tokens]
        stream = np.concatenate(ended)
        cut = [stream[i : i + length] for i in range(0, len(stream), length)]
        whole = [piece for piece in cut if len(piece) > 1]
        return replace(self, tokens=tuple(whole), starts=None)


def _kept(tokens: npt.ArrayLike) -> Ints:
    """Tokens that nobody can change any more: themselves, or else a copy."""
    given = np.asarray(tokens)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise BadInput(
            f"got tokens of shape {given.shape} and kind {given.dtype}; wanted whole "
            "numbers of shape (t,)"
        )
    if given.dtype == np.int64 and given.base is None and not given.flags.writeable:
        return given
    return settled(np.array(given, np.int64))
