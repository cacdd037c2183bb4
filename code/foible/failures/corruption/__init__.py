"""Common Corruption: what is left of an answer when the picture gets worse?

`changes` and `places` are what happens to a picture, `corrupting` sorts them by family;
`answers` compares errors with those of a baseline; `searching` looks for the change on
which practice with others did not help.
"""

from foible.failures.corruption.answers import (
    answered,
    mean_corruption_error,
    over_strengths,
)
from foible.failures.corruption.corrupting import (
    CHANGES,
    FAMILIES,
    MIXED,
    STRENGTHS,
    corrupted,
)
from foible.failures.corruption.drawing import dots
from foible.failures.corruption.judges import (
    gains,
    judge_errors,
    judge_gains,
    judge_search,
    judge_strengths,
    taught,
)
from foible.failures.corruption.searching import alone, in_pairs, worst

__all__ = [
    "CHANGES",
    "FAMILIES",
    "MIXED",
    "STRENGTHS",
    "alone",
    "answered",
    "corrupted",
    "dots",
    "gains",
    "in_pairs",
    "judge_errors",
    "judge_gains",
    "judge_search",
    "judge_strengths",
    "mean_corruption_error",
    "over_strengths",
    "taught",
    "worst",
]
