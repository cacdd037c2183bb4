"""What does an agent do with an errand, call by call?"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.domains import Count, Some
from foible.language.agents.errands import (
    DONE,
    REFUSED,
    VOCABULARY,
    Call,
    Errand,
    Words,
    channel,
)
from foible.models import Language

Passed: TypeAlias = Callable[[Sequence[tuple[Words, Words]]], Sequence[bool]]
"""Takes pairs of the user's words and a tool's output to whether each may be seen."""
LONGEST = 4  # words of a call, with its end


def acted(
    model: Language,
    asked: Some[Errand],
    *,
    passed: Passed | None = None,
    most: Count = 6,
) -> list[tuple[Call, ...]]:
    """The calls that an agent makes for each errand, one behind the other.

    It sees the channel, makes a call, sees what comes of it, until it says "done".

    Parameters
    ----------
    model : Language
    asked : sequence of Errand
    passed : callable, optional
        Looks at each tool's output before the agent does; where it objects, the errand
        ends there.
    most : int
        After so many calls it is stopped.
    """
    made: list[tuple[Call, ...]] = [() for _ in asked]
    going = list(range(len(asked)))
    for _ in range(most):
        if not going:
            break
        seen = [channel(asked[i], made[i]) for i in going]
        told = model.complete(
            [VOCABULARY.tokens(" ".join(words)) for words in seen], most=LONGEST
        )
        calls = [tuple(VOCABULARY.text(one).split()) for one in told]
        acting = [(i, call) for i, call in zip(going, calls, strict=True)]
        acting = [(i, call) for i, call in acting if call and call != DONE]
        for i, call in acting:
            made[i] = (*made[i], call)
        going = [i for i, _ in acting if _fits(model, channel(asked[i], made[i]))]
        if passed is not None:
            for i in _stopped(passed, asked, made, going):
                made[i] = (*made[i], REFUSED)
            going = [i for i in going if made[i][-1] != REFUSED]
    return made


def _fits(model: Language, words: Words) -> bool:
    return len(words) + LONGEST <= model.context


def _stopped(
    passed: Passed,
    asked: Sequence[Errand],
    made: Sequence[tuple[Call, ...]],
    going: Sequence[int],
) -> list[int]:
    """At whose errands somebody objects to what the last call gave back."""
    read = [asked[i].read(made[i][-1]) for i in going]
    looked = [(i, text) for i, text in zip(going, read, strict=True) if text]
    if not looked:
        return []
    fine = passed([(asked[i].order, text) for i, text in looked])
    return [i for (i, _), ok in zip(looked, fine, strict=True) if not ok]


def losses_of(model: Language, pairs: Sequence[tuple[Words, Words]]) -> Floats:
    """How unlikely each answer is behind what is read, (n,), in nats."""
    texts, starts = [], []
    for read, told in pairs:
        tokens = VOCABULARY.tokens(" ".join((*read, *told)))
        texts.append(np.append(tokens, 0))
        starts.append(len(read) - 1)
    lost = model.losses(texts)
    return np.array([one[at:].sum() for one, at in zip(lost, starts, strict=True)])
