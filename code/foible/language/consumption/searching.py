"""Which words cost most? Asked of a service that shows what each request took."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

import numpy as np

from foible.arrays import Ints
from foible.domains import Count, Numbers, Seed, Several, counted
from foible.errors import BadInput
from foible.oracle import Oracle

Words: TypeAlias = Annotated[Ints, counted("_n", "_t")]
"""Texts of one length, (n, t)."""
KEPT, BROOD = 4, 10
"""How many parents a search keeps, and how many children it asks about at once."""


@dataclass(frozen=True, eq=False)
class Costly:
    """The costliest text of each of s searches.

    Parameters
    ----------
    texts : ndarray of shape (s, t)
    costs : ndarray of shape (s, tries)
        The costliest so far after each question.
    """

    texts: Ints
    costs: Ints


def searched(
    oracle: Oracle,
    words: Numbers,
    *,
    length: Count,
    searches: Count,
    tries: Several,
    seed: Seed,
) -> Costly:
    """Costly texts by evolution: children of the costliest, a word or two changed.

    So sponge examples are found where nothing is known of a model
    [shumailov2021sponge].

    Parameters
    ----------
    oracle : Oracle
        Takes texts to what each cost, (n, 1).
    words : ndarray of shape (v,)
        Tokens that may be used.
    length : int
        Of a text.
    searches : int
        How many searches, each with a population of its own.
    tries : int
        How many questions each may ask, a multiple of ten.
    """
    rng = np.random.default_rng(seed)
    _rounds(tries)
    texts = rng.choice(words, (searches, BROOD, length))
    costs = seen = _asked(oracle, texts)
    while seen.shape[1] < tries:
        best = np.argsort(-costs, axis=1, kind="stable")[:, :KEPT]
        parents = np.take_along_axis(texts, best[..., np.newaxis], 1)
        costs = np.take_along_axis(costs, best, 1)
        children = _children(parents, words, rng)
        told = _asked(oracle, children)
        texts = np.concatenate([parents, children], axis=1)
        costs = np.concatenate([costs, told], axis=1)
        seen = np.concatenate([seen, told], axis=1)
    return _costliest(texts, costs, seen)


def luckiest(
    oracle: Oracle,
    words: Numbers,
    *,
    length: Count,
    searches: Count,
    tries: Several,
    seed: Seed,
) -> Costly:
    """The control: the costliest of as many random texts; as `searched`."""
    rng = np.random.default_rng(seed)
    _rounds(tries)
    texts = rng.choice(words, (searches, tries, length))
    costs = _asked(oracle, texts)
    return _costliest(texts, costs, costs)


def _children(parents: Ints, words: Ints, rng: np.random.Generator) -> Ints:
    """Parents (s, kept, t), drawn and changed in a word, or in two, (s, b, t)."""
    whose = rng.integers(KEPT, size=(len(parents), BROOD, 1))
    children = np.take_along_axis(parents, whose, 1)
    for often in (1.0, 0.5):  # a second word in half of them
        where = rng.integers(parents.shape[2], size=whose.shape)
        new = rng.choice(words, whose.shape)
        kept = rng.random(whose.shape) >= often
        old = np.take_along_axis(children, where, 2)
        np.put_along_axis(children, where, np.where(kept, old, new), 2)
    return children


def _rounds(tries: int) -> None:
    if tries % BROOD:
        raise BadInput(f"got tries={tries}; wanted a multiple of {BROOD}")


def _asked(oracle: Oracle, texts: Ints) -> Ints:
    """What each text cost, (s, b)."""
    flat = texts.reshape(-1, texts.shape[-1])
    told = oracle.ask([*flat])[:, 0].reshape(texts.shape[:2])
    return np.asarray(told, np.int64)


def _costliest(texts: Ints, costs: Ints, seen: Ints) -> Costly:
    best = texts[np.arange(len(texts)), costs.argmax(axis=1)]
    return Costly(best, np.maximum.accumulate(seen, axis=1))
