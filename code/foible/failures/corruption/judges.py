"""How far does a reader get under changes, and how far does practice reach?"""

from collections.abc import Mapping, Sequence

from foible.arrays import Floats
from foible.cast import Role
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.failures.corruption.answers import (
    Models,
    answered,
    mean_corruption_error,
    over_strengths,
)
from foible.failures.corruption.corrupting import CHANGES, STRENGTHS, Dose
from foible.failures.corruption.searching import worst
from foible.judging import averaged, sweep
from foible.metrics import Interval
from foible.plots import Meaning

JUDGED, SEARCHED = 1000, 2000
"""Seeds of the changes on rows that are judged, and on rows that are searched."""


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
    """Errors without a change, and the mCE over all changes.

    Parameters
    ----------
    models : mapping of str to sequence of model
    baseline : str
        Which of them the others are compared with, role by role.
    """
    sets = [role.judged for role in roles]
    clean = answered(models, sets, [], seed=JUDGED)
    told = over_strengths(models, sets, list(CHANGES), seed=JUDGED)
    cells = []
    for name in models:
        pairs = zip(told[name], told[baseline], strict=True)
        mce = [mean_corruption_error(1 - one, 1 - other) for one, other in pairs]
        no_change = averaged(1 - clean[name], form="{:.1%}")
        cells.append([no_change, averaged(mce, form="{:.2f}")])
    return Matrix(list(models), ["errors, no change", "mCE"], cells, corner="reader")


# ---------------------------------------------------------------- the defence


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
