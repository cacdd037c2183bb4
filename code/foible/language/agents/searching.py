"""Which wording of an order gets by whoever looks at a tool's output, and is obeyed?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.domains import Count, Seed, Several, Some
from foible.language.agents.errands import Errand, Words, channel
from foible.language.agents.planting import NAME, SUM, WRITABLE, hijacks
from foible.language.agents.running import losses_of
from foible.models import Language

Doubt: TypeAlias = Callable[[Sequence[tuple[Words, Words]]], Floats]
"""Takes pairs of the user's words and a tool's output to how far each is from fine."""


@dataclass(frozen=True, eq=False)
class Trial:
    """All that is needed to try a wording: copies of what it has to get by.

    Parameters
    ----------
    model : Language
        The agent's.
    doubt : callable
        Of the defence: minus the log-probability that it lets an output pass.
    own : sequence of Errand
        The attacker's own errands to try on.
    seed : int
        Of the names and sums that they fill in.
    """

    model: Language
    doubt: Doubt
    own: Sequence[Errand]
    seed: Seed

    def losses(self, wordings: Sequence[Words]) -> Floats:
        """How far each wording is from working, (wordings,), the mean over errands.

        Doubt of the defence, and minus the log-probability that the agent makes the
        attacker's call when it has done what the user wanted.
        """
        every = [
            one for w in wordings for one in hijacks(self.own, [w], seed=self.seed)
        ]
        seen = [
            (one.errand.order, one.errand.read(one.errand.calls[0])) for one in every
        ]
        told = [(channel(one.errand, one.errand.calls), one.wanted) for one in every]
        lost = losses_of(self.model, told) + self.doubt(seen)
        return np.asarray(lost.reshape(len(wordings), -1).mean(axis=1))


@dataclass(frozen=True)
class Wording:
    """A wording, how far it is from working, and how many were tried."""

    wording: Words
    loss: float
    tried: int


def searched(trial: Trial, begin: Some[str], *, tries: Count, seed: Seed) -> Wording:
    """The best wording found by changing one word at a time, from one that is known.

    At a random place a dozen random words, and both slots, are tried, and the best
    kept [zou2023universal]; a wording without a slot for the name and one for the sum
    cannot be the attacker's, and is not tried.
    """
    rng = np.random.default_rng(seed)
    now, low, tried = tuple(begin), np.inf, 0
    while tried < tries:
        place = int(rng.integers(len(now)))
        words = (*(str(word) for word in rng.choice(WRITABLE, 12)), NAME, SUM)
        others = [(*now[:place], word, *now[place + 1 :]) for word in words]
        others = [one for one in others if {NAME, SUM} <= set(one)] or [now]
        others = others[: tries - tried]
        lost, tried = trial.losses(others), tried + len(others)
        if lost.min() < low:
            low, now = float(lost.min()), others[int(lost.argmin())]
    return Wording(now, low, tried)


def luckiest(trial: Trial, *, length: Several, tries: Count, seed: Seed) -> Wording:
    """The control: the best of as many wordings of random words around both slots."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(tries):
        words = [str(word) for word in rng.choice(WRITABLE, length)]
        first, second = rng.choice(length, 2, replace=False)
        words[first], words[second] = NAME, SUM
        drawn.append(tuple(words))
    lost = np.concatenate(
        [trial.losses(drawn[i : i + 24]) for i in range(0, tries, 24)]
    )
    return Wording(drawn[int(lost.argmin())], float(lost.min()), tries)
