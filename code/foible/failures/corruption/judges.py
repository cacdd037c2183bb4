"""How far does a reader get under changes, and how far does practice reach?"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np

from foible.arrays import Floats
from foible.cast import Role
from foible.defences.varying import varied
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.failures.corruption.answers import (
    Models,
    answered,
    mean_corruption_error,
    over_strengths,
)
from foible.failures.corruption.corrupting import CHANGES, STRENGTHS, Dose, corrupted
from foible.failures.corruption.searching import worst
from foible.judging import averaged, sweep
from foible.metrics import Interval
from foible.models import Recipe
from foible.plots import Meaning

JUDGED, SEARCHED = 1000, 2000
"""Seeds of the changes on rows that are judged, and on rows that are searched."""


def taught(
    roles: Sequence[Role],
    names: Collection[str] = (),
    *,
    recipe: Recipe | None = None,
) -> Models:
    """A model for each role, taught with changed copies of the owned rows.

    Each copy of a row has one of the named changes at one of the five strengths; with
    no name there are no copies. The number of a role is its seed.
    """
    ways = [
        partial(corrupted, doses=[(name, strength)])
        for name in names
        for strength in STRENGTHS
    ]
    sets = [
        varied(role.owned, ways, seed=i) if ways else role.owned
        for i, role in enumerate(roles)
    ]
    return (recipe or roles[0].recipe).many(sets, seeds=range(len(roles)))


# ---------------------------------------------------------------- the failure


def judge_strengths(
    roles: Sequence[Role],
    models: Mapping[str, Models],
    *,
    lines: Mapping[str, Meaning],
) -> DoseResponse:
    """Right answers over the strength, mean of all changes, a unit for each role."""
    sets = [role.judged for role in roles]
    clean = answered(models, sets, [], seed=JUDGED)
    told = over_strengths(models, sets, list(CHANGES), seed=JUDGED)

    def measure(dose: float) -> dict[str, Floats]:
        place = int(dose) - 1
        return {
            name: told[name][:, :, place].mean(axis=1) if dose else clean[name]
            for name in models
        }

    return sweep(
        [0, *STRENGTHS],
        measure,
        lines=lines,
        dose_name="strength of the change",
        response_name="right answers, mean of twelve changes",
        units="offices",
    )


def judge_errors(
    roles: Sequence[Role], models: Mapping[str, Models], *, baseline: str
) -> Matrix:
    """Errors without a change, and mCE and relative mCE over all changes.

    Parameters
    ----------
    models : mapping of str to sequence of model
    baseline : str
        Which of them the others are compared with, role by role.
    """
    sets = [role.judged for role in roles]
    clean = {
        name: 1 - share for name, share in answered(models, sets, [], seed=0).items()
    }
    told = over_strengths(models, sets, list(CHANGES), seed=JUDGED)

    def compared(name: str, *, relative: bool) -> list[float]:
        return [
            mean_corruption_error(
                1 - told[name][i],
                1 - told[baseline][i],
                less=(clean[name][i], clean[baseline][i]) if relative else (0, 0),
            )
            for i in range(len(roles))
        ]

    cells = [
        [
            averaged(clean[name], form="{:.1%}"),
            averaged(compared(name, relative=False), form="{:.2f}"),
            averaged(compared(name, relative=True), form="{:.2f}"),
        ]
        for name in models
    ]
    columns = ["errors, no change", "mCE", "relative mCE"]
    return Matrix(list(models), columns, cells, corner="reader")


# ---------------------------------------------------------------- the defence


def gains(
    roles: Sequence[Role],
    plain: Models,
    practised: Mapping[str, Mapping[str, Models]],
) -> dict[str, Floats]:
    """Right answers more than the plain models have, mean of the five strengths.

    Parameters
    ----------
    practised : mapping of str to mapping of str to models
        For each way to practise: by change, the models that are asked about it.

    Returns
    -------
    dict of str to ndarray of shape (roles, changes)
        Of each way to practise, the changes in the order of `CHANGES`.
    """
    sets, found = [role.judged for role in roles], []
    for change in CHANGES:
        models = {name: by[change] for name, by in practised.items()} | {"": plain}
        told = over_strengths(models, sets, [change], seed=JUDGED)
        found.append({name: told[name] - told[""] for name in practised})
    return {
        name: np.stack([one[name].mean(axis=(1, 2)) for one in found], axis=1)
        for name in practised
    }


def judge_gains(found: Mapping[str, Floats]) -> Matrix:
    """What `gains` gives as a table: a row for each change, and one for their mean.

    Green is a gain, orange a loss, if Student's interval over the roles says so.
    """
    rows = {name: [found[way][:, i] for way in found] for i, name in enumerate(CHANGES)}
    rows["mean of the twelve"] = [found[way].mean(axis=1) for way in found]
    cells = [[_gain(values) for values in row] for row in rows.values()]
    return Matrix(list(rows), list(found), cells, corner="change")


def judge_search(
    roles: Sequence[Role],
    plain: Models,
    practised: Mapping[str, Models],
    candidates: Mapping[str, Sequence[Sequence[Dose]]],
) -> Matrix:
    """The change on which practice does least, found on some rows, judged on others.

    Parameters
    ----------
    practised : mapping of str to models
    candidates : mapping of str to sequence of doses
        What is searched for each of them.
    """
    sets, cells = [role.aside for role in roles], []
    for name, models in practised.items():
        doses, searched = worst(plain, models, sets, candidates[name], seed=SEARCHED)
        told = answered(
            {"plain": plain, "practised": models},
            [role.judged for role in roles],
            doses,
            seed=JUDGED,
        )
        said = ", ".join(f"{change} {strength:g}" for change, strength in doses)
        fresh = told["practised"] - told["plain"]
        cells.append(
            [
                Cell(float(len(candidates[name])), form="{:.0f}"),
                Cell(said),
                _gain(searched),
                averaged(told["plain"]),
                averaged(told["practised"]),
                _gain(fresh),
            ]
        )
    columns = ["tried", "the worst", "gain, searched", "plain", "practised", "gain"]
    return Matrix(list(practised), columns, cells, corner="never seen")


def _gain(values: Floats) -> Cell:
    return averaged(values, _end, form="{:+.1%}")


def _end(interval: Interval) -> Outcome:
    if interval.low > 0:
        return "stopped"
    return "harm" if interval.high < 0 else "undecided"
