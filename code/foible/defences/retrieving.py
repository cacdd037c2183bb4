"""Which of the passages that were found may speak, and how are they heard?

A sieve takes what was found, the best first, to what stays. A reader takes what each
passage claims to one answer, or to none.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

from foible.arrays import Floats
from foible.data.texts import words_of
from foible.domains import Count, Share


class Ranked(Protocol):
    """Passages that were found, the best first."""

    @property
    def texts(self) -> list[str]:
        """What they say."""

    @property
    def sources(self) -> list[str]:
        """Where each came from."""

    @property
    def vectors(self) -> Floats:
        """Of length 1, of shape (n, width)."""

    def only(self, places: Sequence[int], /) -> Self:
        """Those at these places."""


R = TypeVar("R", bound=Ranked)


def without_repeats(found: R, *, words: Count = 3, most: Share = 0.5) -> R:
    """Near-duplicate removal by words: what repeats a better passage is left out.

    A passage goes if, of the runs of so many words that it and one that stays have,
    more than `most` are in both [broder1997resemblance].
    """
    kept: list[int] = []
    runs = [_runs(words_of(text), words) for text in found.texts]
    for i, own in enumerate(runs):
        if all(_shared(own, runs[j]) <= most for j in kept):
            kept.append(i)
    return found.only(kept)


def without_lookalikes(found: R, *, most: Share = 0.8) -> R:
    """Near-duplicate removal by vectors: by a cosine above `most` with a better one."""
    kept: list[int] = []
    alike = found.vectors @ found.vectors.T
    for i in range(len(alike)):
        if not kept or alike[i, kept].max() <= most + 1e-12:
            kept.append(i)
    return found.only(kept)


def per_source(found: R, *, each: Count = 1) -> R:
    """A quota: the best `each` passages of every source."""
    seen: Counter[str] = Counter()
    kept = []
    for i, source in enumerate(found.sources):
        seen[source] += 1
        if seen[source] <= each:
            kept.append(i)
    return found.only(kept)


def isolated(claims: Sequence[Sequence[str]], *, quorum: Count = 1) -> str | None:
    """The answer of most passages, each read by itself [xiang2024certifiably].

    A passage has one vote, and none if it claims two things. The answer needs more
    votes than any other, and at least `quorum`.
    """
    votes = Counter(said[0] for said in claims if len(set(said)) == 1)
    (first, most), (_, second) = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    return first if most >= quorum and most > second else None


def withstood(claims: Sequence[Sequence[str]], *, k: Count, quorum: Count = 1) -> int:
    """How many planted passages cannot change what `isolated` says: a certificate.

    Planted passages push honest ones out from the end, and may all claim one thing. So
    of the k that are read, j planted ones leave at least the first k - j honest ones;
    the answer must keep its quorum there, and a lead of more than j over every other
    claim [xiang2024certifiably].

    Parameters
    ----------
    claims : sequence of sequences of str
        Of honest passages, the best first; only the first k count.
    k : int
        How many passages are read.
    quorum : int
        As for `isolated`.

    Returns
    -------
    int
        0 also where there is no answer.
    """
    answer, planted = isolated(claims[:k], quorum=quorum), 0
    while answer is not None and planted < k:
        left = claims[: k - planted - 1]
        votes = Counter(said[0] for said in left if len(set(said)) == 1)
        own, others = votes.pop(answer, 0), max(votes.values(), default=0)
        if own < quorum or own <= others + planted + 1:
            break
        planted += 1
    return planted


def _runs(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    last = max(1, len(words) - length + 1)
    return {tuple(words[i : i + length]) for i in range(last)}


def _shared(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)
