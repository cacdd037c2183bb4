"""Costly requests, and caps on them: one row for each that searches or counts."""

import numpy as np
from promises import Row

from foible.defences import capping
from foible.language import consumption
from foible.oracle import Oracle

LINE = consumption.Line(stations=("north", "south", "east"))
TEXTS = LINE.texts(LINE.drawn(6, seed=0))


def meter(budget=None):
    """Each text takes as much as the sum of its tokens."""
    return Oracle(
        lambda texts: np.array([[text.sum()] for text in texts]),
        answers="values",
        questions="texts",
        budget=budget,
    )


def searching(name, how):
    return Row(
        f"consumption.{name}",
        lambda: {
            "oracle": meter(),
            "words": np.arange(5),
            "length": 3,
            "searches": 2,
            "tries": 20,
        },
        how,
        kept=lambda inputs, made: (
            inputs["oracle"].asked == 40 and made.costs.shape == (2, 20)
        ),
        refused={
            "tries that are no tens": {"tries": 15},
            "no word": {"words": np.empty(0, np.int64)},
            "of no length": {"length": 0},
            "a budget too small": {"oracle": meter(budget=10)},
        },
    )


ROWS = [
    searching("searched", consumption.searched),
    searching("luckiest", consumption.luckiest),
    Row(
        "capping.cap",
        lambda: {"work": np.array([1, 2, 3, 4]), "cut": 0.25},
        lambda *, work, cut, seed: capping.cap(work, cut=cut),
        kept=lambda inputs, made: made == 3,
        refused={"nobody": {"work": np.empty(0, np.int64)}, "more": {"cut": 1.5}},
    ),
    Row(
        "capping.served",
        lambda: {"work": np.array([3, 3, 3]), "quota": 6},
        lambda *, work, quota, seed: capping.served(work, quota=quota),
        kept=lambda inputs, made: made.tolist() == [True, True, False],
        refused={"no quota": {"quota": 0}},
    ),
    Row(
        "capping.ended",
        lambda: {"texts": TEXTS, "costly": [np.array([3, 4])]},
        lambda *, texts, costly, seed: [*capping.ended(texts, costly)],
        kept=lambda inputs, made: made[-1].tolist() == [3, 4, 0],
        refused={"a word that is not there": {"costly": [np.array([99])]}},
    ),
    Row(
        "consumption.drawn_days",
        lambda: {"honest": np.array([5, 6]), "clients": 4, "mean": 3},
        consumption.drawn_days,
        kept=lambda inputs, made: len(made) == 4,
        refused={"nobody": {"clients": 0}, "nothing": {"honest": np.empty(0, int)}},
    ),
]
