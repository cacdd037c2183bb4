"""What does the attacker write, or write anew, with a model of their own?"""

from typing import Annotated, Protocol

import numpy as np

from foible.arrays import Floats, Ints
from foible.domains import Amount, Count, Seed, Share, counted
from foible.errors import BadInput
from foible.models.language import Adjusted, Language


class Scores(Protocol):
    """What an attacker believes of each next word."""

    def scores(self, told: Ints) -> Floats:
        """High where the mark favours a word, (n, V)."""
        ...


def forged(
    model: Language,
    prompts: Annotated[Ints, counted("n", "t")],
    learned: Scores | None,
    *,
    words: Count,
    strength: Amount = 2.0,
    seed: Seed,
) -> Ints:
    """Texts by the attacker's model that lean to what a mark favours, (n, words).

    No pair of words is written twice, since a detector may count it only once.
    """
    lean = _leaning(learned, strength)

    def adjusted(told: Ints, logits: Floats) -> Floats:
        changed = lean(told, logits)
        row, place = np.nonzero(told[:, :-1] == told[:, -1:])
        changed[row, told[row, place + 1]] = -np.inf
        return changed

    return model.sampled(list(prompts), most=words, adjusted=adjusted, seed=seed)


def rewritten(
    model: Language,
    texts: Annotated[Ints, counted("n", "words")],
    learned: Scores | None,
    *,
    share: Share,
    strength: Amount = 2.0,
    seed: Seed,
) -> Ints:
    """Texts of which this share of words is drawn again by the attacker's model.

    With nothing learned the places are random; else they are those that seem marked
    most, and what is drawn leans away from the mark. The first word stays. BadInput:
    a word that the model does not have.
    """
    if (most := int(texts.max())) >= model.words:
        raise BadInput(f"got word {most}; wanted them below the model's {model.words}")
    count = round(share * (texts.shape[1] - 1))
    suspect = np.random.default_rng([seed, 1]).random((len(texts), texts.shape[1] - 1))
    if learned is not None:
        for i in range(1, texts.shape[1]):
            believed = learned.scores(texts[:, :i])
            suspect[:, i - 1] += 1e3 * believed[np.arange(len(texts)), texts[:, i]]
    again = np.argsort(np.argsort(-suspect, axis=1), axis=1) < count
    lean = _leaning(learned, -strength)

    def adjusted(told: Ints, logits: Floats) -> Floats:
        i = told.shape[1]
        kept = ~again[:, i - 1]
        changed = lean(told, logits)
        changed[kept] = -np.inf
        changed[kept, texts[kept, i]] = 0
        return changed

    told = model.sampled(
        list(texts[:, :1]), most=texts.shape[1] - 1, adjusted=adjusted, seed=seed
    )
    return np.concatenate([texts[:, :1], told], axis=1)


def _leaning(learned: Scores | None, strength: float) -> Adjusted:
    """What favours words by what was learned, and never ends a text."""

    def adjusted(told: Ints, logits: Floats) -> Floats:
        changed = logits.copy()
        if learned is not None:
            changed += strength * learned.scores(told)
        changed[:, :2] = -np.inf
        return changed

    return adjusted
