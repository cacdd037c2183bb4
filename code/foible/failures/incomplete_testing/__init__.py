"""Incomplete Testing: what has nobody tried?

`cues` draws letters whose class can be told by accident; `slices` looks for where a
model is wrong, and how much of it is luck; `behaviour` asks twice and compares.
"""

from foible.failures.incomplete_testing.answers import crossed, right, worst
from foible.failures.incomplete_testing.behaviour import (
    at_most,
    fallen,
    moved,
    needed,
    seen,
)
from foible.failures.incomplete_testing.cues import (
    CUES,
    carrying,
    groups,
    marked,
    parity,
    touches,
)
from foible.failures.incomplete_testing.judges import (
    judge_agreement,
    judge_balancing,
    judge_blocks,
    judge_cues,
    judge_defences,
    judge_draws,
    judge_naming,
    judge_slices,
)
from foible.failures.incomplete_testing.slices import (
    column_named,
    inside,
    intervals,
    p_values,
    pairs,
    shuffled,
    standing,
)

__all__ = [
    "CUES",
    "at_most",
    "carrying",
    "column_named",
    "crossed",
    "fallen",
    "groups",
    "inside",
    "intervals",
    "judge_agreement",
    "judge_balancing",
    "judge_blocks",
    "judge_cues",
    "judge_defences",
    "judge_draws",
    "judge_naming",
    "judge_slices",
    "marked",
    "moved",
    "needed",
    "p_values",
    "pairs",
    "parity",
    "right",
    "seen",
    "shuffled",
    "standing",
    "touches",
    "worst",
]
