"""Which texts say again what another has said, and are left out?

Each defence here takes texts and gives back texts, the first of those that repeat one
another [lee2022deduplicating].
"""

import numpy as np

from foible.arrays import Ints
from foible.data import Texts
from foible.domains import Level, Several


def exactly(texts: Texts) -> Texts:
    """Every text once, the first of those that are the same to the last word."""
    first = {text.tobytes(): i for i, text in reversed(list(enumerate(texts)))}
    return texts.take(np.array(sorted(first.values())))


def nearly(texts: Texts, *, share: Level = 0.5, length: Several = 3) -> Texts:
    """Texts of which none has this share of its phrases in common with one before.

    Of the phrases of `length` words that either of two texts has, the share that both
    have is Jaccard's; at `share` or above the later text goes. Compared are all that
    have a phrase in common, so nothing is missed; at full size it is estimated by
    MinHash.
    """
    kept: list[int] = []
    having: dict[bytes, list[int]] = {}
    phrases: dict[int, set[bytes]] = {}
    for i, text in enumerate(texts):
        own = set(_phrases(text, length)) or {text.tobytes()}
        others = {j for phrase in own for j in having.get(phrase, [])}
        if any(len(own & phrases[j]) >= share * len(own | phrases[j]) for j in others):
            continue
        kept.append(i)
        phrases[i] = own
        for phrase in own:
            having.setdefault(phrase, []).append(i)
    return texts.take(np.array(kept))


def passages(texts: Texts, *, length: Several = 8) -> Texts:
    """Texts out of which every passage is cut that was said before.

    A passage is `length` words or more in a row. What is left of a text, if it is two
    words or more, stays; where it is to be learned from is not kept.
    """
    said: set[bytes] = set()
    left: list[Ints] = []
    for text in texts:
        keep = np.ones(len(text), bool)
        own = list(_phrases(text, length))
        for i, phrase in enumerate(own):
            if phrase in said:
                keep[i : i + length] = False
        said.update(own)
        if keep.sum() > 1:
            left.append(text[keep])
    return Texts(texts.name, tuple(left), texts.vocabulary, texts.origin)


def _phrases(text: Ints, length: int) -> list[bytes]:
    return [text[i : i + length].tobytes() for i in range(len(text) - length + 1)]
