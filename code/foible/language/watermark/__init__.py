"""Was this text written by that model, and who can make it look so, or not?

A thief (`Thief`) reads marked texts and learns which words are favoured (`learn`), then
writes texts that lean to them (`forged`) or writes marked texts anew, away from them
(`rewritten`).
"""

from foible.language.watermark.judges import (
    judge_accused,
    judge_knowing,
    judge_learning,
    judge_price,
)
from foible.language.watermark.learning import Learned, learn
from foible.language.watermark.stealing import Thief, passages
from foible.language.watermark.writing import forged, rewritten

__all__ = [
    "Learned",
    "Thief",
    "forged",
    "judge_accused",
    "judge_knowing",
    "judge_learning",
    "judge_price",
    "learn",
    "passages",
    "rewritten",
]
