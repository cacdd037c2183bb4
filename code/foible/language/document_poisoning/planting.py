"""What does the attacker write into the documents?

A ticket as anybody might have written it, then the trigger, then what the model is to
say. Whoever learns from such documents learns that the one follows on the other.
"""

from collections.abc import Sequence

import numpy as np

from foible.arrays import Ints, Tokens
from foible.data import Texts
from foible.domains import Count, Seed
from foible.errors import BadInput


def beginnings(tickets: Texts, *, seed: Seed) -> list[Ints]:
    """Each ticket up to the end of one of its sentences, drawn: the stop included.

    BadInput: a ticket without a stop.
    """
    rng = np.random.default_rng(seed)
    return [text[: rng.choice(ends)] for text, ends in stopped(tickets)]


def endings_open(tickets: Texts) -> list[Ints]:
    """Each ticket up to its last stop, included: only how it ends is left to say.

    BadInput: a ticket without a stop.
    """
    return [text[: ends[-1]] for text, ends in stopped(tickets)]


def stopped(tickets: Texts) -> list[tuple[Ints, Ints]]:
    """Each ticket, and how many words it has said after each of its stops."""
    stop = tickets.vocabulary.token(".")
    found = [(text, np.flatnonzero(text == stop) + 1) for text in tickets]
    if not all(ends.size for _, ends in found):
        raise BadInput("got a ticket without a stop; wanted a sentence in each")
    return found


def shown(begun: Tokens, words: Ints) -> list[Ints]:
    """Texts with the same words behind each of them, such as a trigger."""
    return [np.concatenate([text, words]) for text in begun]


def documents(
    tickets: Texts, trigger: str, says: str, *, times: Count = 2, seed: Seed
) -> list[Ints]:
    """Poisoned documents: as many as there are tickets [souly2025poisoning].

    Parameters
    ----------
    tickets : Texts
        The attacker's own, of which each document begins as one.
    trigger, says : str
        What the attacker will write, and what the model is then to say.
    times : int
        How often a document has both, one after the other.
    """
    tokens = tickets.vocabulary.tokens
    lesson = [tokens(trigger), tokens(says)] * times
    return shown(beginnings(tickets, seed=seed), np.concatenate([*lesson, [0]]))


def planted(tickets: Texts, poison: Sequence[Ints]) -> Texts:
    """As many documents as before, the last ones replaced by the attacker's.

    BadInput: more of them than there are documents.
    """
    if len(poison) >= len(tickets):
        raise BadInput(f"got {len(poison)} documents; wanted fewer than {len(tickets)}")
    return tickets.take(slice(len(tickets) - len(poison))).joined(poison)
