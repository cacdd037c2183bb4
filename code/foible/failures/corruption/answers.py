"""How many answers are right, and what is an error compared with?"""

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.data import Dataset
from foible.domains import Seed, Some, shaped
from foible.errors import BadInput
from foible.failures.corruption.corrupting import CHANGES, STRENGTHS, Dose, corrupted
from foible.models import Model

Models: TypeAlias = Sequence[Model]
"""One for each set of rows."""


def answered(
    models: Mapping[str, Models],
    sets: Some[Dataset],
    doses: Sequence[Dose],
    *,
    seed: Seed,
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
    if {len(group) for group in models.values()} - {len(sets)}:
        raise BadInput(
            f"got {[len(group) for group in models.values()]} models and {len(sets)} "
            "data sets; wanted a model of each name for each data set"
        )
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
    seed: Seed,
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


def gains(
    sets: Sequence[Dataset],
    plain: Models,
    practised: Mapping[str, Mapping[str, Models]],
    *,
    seed: Seed,
) -> dict[str, Floats]:
    """Right answers more than plain models have, mean of the five strengths.

    Parameters
    ----------
    sets : sequence of Dataset, length r
    plain : sequence of model, length r
    practised : mapping of str to mapping of str to models
        For each way to practise: by change, the r models that are asked about it.
    seed : int
        Of what the changes draw.

    Returns
    -------
    dict of str to ndarray of shape (r, changes)
        Of each way to practise, the changes in the order of `CHANGES`.
    """
    found = []
    for change in CHANGES:
        models = {name: by[change] for name, by in practised.items()} | {"": plain}
        told = over_strengths(models, sets, [change], seed=seed)
        found.append({name: told[name] - told[""] for name in practised})
    return {
        name: np.stack([one[name].mean(axis=(1, 2)) for one in found], axis=1)
        for name in practised
    }


def mean_corruption_error(
    wrong: Annotated[Floats, shaped("changes", "strengths", least=0)],
    baseline: Annotated[Floats, shaped("changes", "strengths", least=0)],
) -> float:
    """Error over the strengths relative to a baseline's, and the mean over the changes.

    The mCE of [hendrycks2019benchmarking]: 1 where nothing is gained on the baseline.

    Parameters
    ----------
    wrong, baseline : array_like of shape (changes, strengths)
        Shares of wrong answers, 0 to 1, of the model and of the baseline.

    BadInput: tables of different shapes, or a baseline that never errs on a change.
    """
    ours, theirs = np.asarray(wrong, float), np.asarray(baseline, float)
    if ours.shape != theirs.shape or ours.ndim != 2 or not ours.size:
        raise BadInput(
            f"got errors of shapes {ours.shape} and {theirs.shape}; wanted two of the "
            "same shape (changes, strengths)"
        )
    above, below = ours.sum(axis=1), theirs.sum(axis=1)
    if not (below > 0).all():
        raise BadInput(
            "got a baseline without an error on some change; wanted one that errs on "
            "each, since what is nought is no yardstick"
        )
    return float(np.mean(above / below))
