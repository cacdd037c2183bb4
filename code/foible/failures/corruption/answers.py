"""How many answers are right, and what is an error compared with?"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Floats
from foible.data import Dataset
from foible.errors import BadInput
from foible.failures.corruption.corrupting import STRENGTHS, Dose, corrupted
from foible.models import Model

Models: TypeAlias = Sequence[Model]
"""One for each set of rows."""


def answered(
    models: Mapping[str, Models],
    sets: Sequence[Dataset],
    doses: Sequence[Dose],
    *,
    seed: int,
) -> dict[str, Floats]:
    """Share of right answers of every model on its rows after the same changes.

    Parameters
    ----------
    models : mapping of str to sequence of model
        By name, r models each.
    sets : sequence of Dataset, length r
        The rows of each: pictures.
    doses : sequence of (str, float)
        As for `corrupted`, which draws with the seed, plus the number of the rows.
    seed : int

    Returns
    -------
    dict of str to ndarray of shape (r,)
    """
    seen = [corrupted(rows, doses, seed=seed + i) for i, rows in enumerate(sets)]
    return {
        name: np.array(
            [
                np.mean(model.predict(rows.X) == rows.y)
                for model, rows in zip(group, seen, strict=True)
            ]
        )
        for name, group in models.items()
    }


def over_strengths(
    models: Mapping[str, Models],
    sets: Sequence[Dataset],
    changes: Sequence[str],
    *,
    seed: int,
) -> dict[str, Floats]:
    """As `answered`, for each change alone at each strength.

    Returns
    -------
    dict of str to ndarray of shape (r, changes, strengths)
    """
    told = [
        [answered(models, sets, [(change, s)], seed=seed) for s in STRENGTHS]
        for change in changes
    ]
    return {
        name: np.array([[one[name] for one in row] for row in told]).transpose(2, 0, 1)
        for name in models
    }


def mean_corruption_error(
    wrong: ArrayLike,
    baseline: ArrayLike,
    *,
    less: tuple[float, float] = (0.0, 0.0),
) -> float:
    """Error over the strengths relative to a baseline's, and the mean over the changes.

    The mCE of [hendrycks2019benchmarking]: 1 where nothing is gained on the baseline.

    Parameters
    ----------
    wrong, baseline : array_like of shape (changes, strengths)
        Shares of wrong answers, 0 to 1, of the model and of the baseline.
    less : (float, float)
        What is taken from both first: their shares on unchanged rows make it the
        relative mCE, which compares what was lost.

    BadInput: tables of different shapes, or a baseline that loses nothing on a change.
    """
    ours, theirs = np.asarray(wrong, float), np.asarray(baseline, float)
    if ours.shape != theirs.shape or ours.ndim != 2 or not ours.size:
        raise BadInput(
            f"got errors of shapes {ours.shape} and {theirs.shape}; wanted two of the "
            "same shape (changes, strengths)"
        )
    above, below = ((ours - less[0]).sum(axis=1), (theirs - less[1]).sum(axis=1))
    if not (below > 0).all():
        raise BadInput(
            "got a baseline without an error on some change; wanted one that errs on "
            "each, since what is nought is no yardstick"
        )
    return float(np.mean(above / below))
