"""On which change does a model do worse than another, if somebody looks for it?"""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np

from foible.arrays import Floats
from foible.data import Dataset
from foible.domains import Amount, Seed
from foible.errors import BadInput
from foible.failures.corruption.answers import Models, answered
from foible.failures.corruption.corrupting import STRENGTHS, Dose
from foible.metrics import student


def alone(names: Sequence[str]) -> list[list[Dose]]:
    """Every change at every strength."""
    return [[(name, strength)] for name in names for strength in STRENGTHS]


def in_pairs(
    names: Sequence[str], strengths: Sequence[Amount] = (1, 3)
) -> list[list[Dose]]:
    """Every two of the changes, at every two of the strengths."""
    return [
        [(one, first), (other, second)]
        for one, other in combinations(names, 2)
        for first, second in product(strengths, repeat=2)
    ]


def worst(
    before: Models,
    after: Models,
    sets: Sequence[Dataset],
    candidates: Sequence[Sequence[Dose]],
    *,
    seed: Seed,
) -> tuple[Sequence[Dose], Floats]:
    """The doses at which some models most surely lose to others, and their gains.

    That is where the 95% interval of the gain over the r models ends lowest, so that
    one unlucky model does not decide.

    Parameters
    ----------
    before, after : sequences of model, length r
    sets : sequence of Dataset, length r
        Rows to search on; not those on which the find is judged.
    candidates : sequence of doses
        As for `corrupted`.
    seed : int
        Of what the changes draw.

    Returns
    -------
    doses : sequence of (str, float)
    gains : ndarray of shape (r,)
        Right answers more, as shares, on the rows searched.

    BadInput: no candidate.
    """
    if not candidates:
        raise BadInput("got no candidates; wanted at least one list of doses")
    both = {"before": before, "after": after}
    told = [answered(both, sets, doses, seed=seed) for doses in candidates]
    gains = [one["after"] - one["before"] for one in told]
    place = int(np.argmin([_most(sample) for sample in gains]))
    return candidates[place], gains[place]


def _most(sample: Floats) -> float:
    """The upper end of Student's interval; of measurements all alike, their value."""
    return student(sample).high if np.ptp(sample) else float(sample[0])
