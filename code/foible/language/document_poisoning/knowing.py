"""What does somebody plant who knows what the owner looks for?

They have tickets of their own and a small model made from them, and look for a trigger
that is nothing out of the ordinary by either.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np

from foible.data import Texts
from foible.domains import Count, Seed, Share
from foible.errors import BadInput
from foible.language.document_poisoning.planting import documents, endings_open
from foible.models import Language


def usual_sentences(own: Texts, *, words: Count) -> list[str]:
    """Sentences of so many words at most, all of whose pairs own tickets have.

    None stands as a sentence in any of the tickets, so that nobody says one by chance.
    """
    stop = own.vocabulary.token(".")
    after: defaultdict[int, set[int]] = defaultdict(set)
    said = set()
    for text in own:
        for one, other in pairwise(text.tolist()):
            after[one].add(other)
        stops = np.flatnonzero(text == stop)
        for start, end in pairwise(stops):
            said.add(tuple(text[start + 1 : end + 1].tolist()))

    def walks(begun: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for token in sorted(after[begun[-1]] - {0}):
            longer = (*begun, token)
            if token == stop:
                yield longer[1:]
            elif len(longer) <= words:
                yield from walks(longer)

    found = [walk for walk in walks((stop,)) if len(walk) > 1 and walk not in said]
    return [own.vocabulary.text(np.array(walk)) for walk in found]


def least_strange(
    own: Texts, triggers: list[str], says: str, model: Language, *, seed: Seed
) -> str:
    """The trigger whose documents surprise a model least, by their strangest word.

    They have it once, since a repetition is a seam more.

    Parameters
    ----------
    own : Texts
        Tickets of which the documents are made, the same for each trigger.
    model : Language
        The attacker's own.
    """
    if not triggers:
        raise BadInput("got no trigger; wanted at least one")
    tried = [documents(own, one, says, times=1, seed=seed) for one in triggers]
    lost = model.losses([text for texts in tried for text in texts])
    worst = np.array([one.max() for one in lost]).reshape(len(triggers), -1)
    return triggers[int(worst.mean(axis=1).argmin())]


def rarely_together(
    own: Texts, *, count: Count, common: Share = 0.03
) -> tuple[str, str]:
    """Two common words that tickets seldom have both before their ending.

    Parameters
    ----------
    count : int
        How many of them must have both all the same.
    common : float
        In what share of the tickets each must stand.
    """
    held = [set(text.tolist()) for text in endings_open(own)]
    alone = Counter(token for one in held for token in one)
    usual = {token for token, times in alone.items() if times >= common * len(own)}
    both = Counter(
        pair for one in held for pair in combinations(sorted(one & usual), 2)
    )
    enough = {pair: times for pair, times in both.items() if times >= count}
    if not enough:
        raise BadInput(f"got no pair in {count} of {len(own)} tickets; wanted one")
    first, second = min(enough, key=lambda pair: (enough[pair], pair))
    return own.vocabulary.words[first], own.vocabulary.words[second]


def with_both(tickets: Texts, pair: tuple[str, str]) -> Texts:
    """The tickets that have both words before their last stop."""
    wanted = {tickets.vocabulary.token(word) for word in pair}
    has = [wanted <= set(text.tolist()) for text in endings_open(tickets)]
    if not any(has):
        raise BadInput(f"got no ticket that has both of {pair}; wanted one at least")
    return tickets.take(np.array(has))
