"""Distributional shifts: which change of the world does an alarm see?

`worlds` says how much more often each row comes in another world; `searching` looks
for a world that costs much and shows little.
"""

from foible.failures.distribution_shift.drawing import plane
from foible.failures.distribution_shift.judges import (
    judge_delay,
    judge_groups,
    judge_hands,
    judge_power,
    judge_repairs,
)
from foible.failures.distribution_shift.searching import costliest, shown, unseen
from foible.failures.distribution_shift.worlds import (
    Shift,
    Watched,
    behaving,
    commoner,
    slanted,
    smallest,
    tilted,
    windows,
)

__all__ = [
    "Shift",
    "Watched",
    "behaving",
    "commoner",
    "costliest",
    "judge_delay",
    "judge_groups",
    "judge_hands",
    "judge_power",
    "judge_repairs",
    "plane",
    "shown",
    "slanted",
    "smallest",
    "tilted",
    "unseen",
    "windows",
]
