"""The z-score of green lists, as the authors of the mark publish it."""

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt

import numpy as np
import torch

from foible import data
from foible.defences import marking
from peers.table import Row, timed

KEY = 15485863  # the published default


def published_list(before: int, words: int, gamma: float) -> set[int]:
    """Their list behind a word, `_get_greenlist_ids` with the seeding `simple_1`."""
    chance = torch.Generator().manual_seed(KEY * before)
    order = torch.randperm(words, generator=chance)
    return set(order[: int(words * gamma)].tolist())


def published_score(observed: int, counted: int, gamma: float) -> float:
    """Their `_compute_z_score`."""
    return (observed - gamma * counted) / sqrt(counted * gamma * (1 - gamma))


def compared() -> Iterator[Row]:
    """The same texts and lists, scored by both.

    jwkirchenbauer/lm-watermarking is no package, and asks for transformers: its lists
    and its score are made here by its formulae, each pair of words counted once.
    """
    helps = data.help_texts(words=800)
    texts = [text for text in helps if len(text) > 30][:100]
    for gamma in (0.25, 0.5):
        words = len(helps.vocabulary)
        lists = [published_list(before, words, gamma) for before in range(words)]
        table = np.array([[w in one for w in range(words)] for one in lists])

        def ours(table: np.ndarray = table, gamma: float = gamma) -> list[float]:
            pairs = [np.unique([text[:-1], text[1:]], axis=1) for text in texts]
            return [marking.z_score(table[a, b], share=gamma) for a, b in pairs]

        def theirs(lists: list[set[int]] = lists, gamma: float = gamma) -> list[float]:
            pairs = [set(pairwise(text.tolist())) for text in texts]
            greens = [sum(b in lists[a] for a, b in one) for one in pairs]
            return [
                published_score(green, len(one), gamma)
                for green, one in zip(greens, pairs, strict=True)
            ]

        (told, seconds), (known, their_seconds) = timed(ours), timed(theirs)
        yield Row(
            f"100 texts, their lists of {gamma:.0%} of all words",
            "mean z-score",
            float(np.mean(told)),
            seconds,
            "lm-watermarking, by its formulae",
            float(np.mean(known)),
            their_seconds,
            "equal",
            slack=1e-5,
            apart=float(np.abs(np.subtract(told, known)).max()),
        )
