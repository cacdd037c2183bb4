"""Is a backdoor obeyed, and what is left of it behind a defence?

Obedience is counted on rows whose answer the trigger had to turn, and the clean model
is always asked the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Bools
from foible.attacks.backdoor.copies import poisoned
from foible.attacks.backdoor.triggers import Trigger
from foible.data import Dataset
from foible.domains import Natural, Seed, Share
from foible.errors import BadInput
from foible.evidence import NOT_TRIED, BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import Case, Defence, Guarded, counted, sweep, to_be_turned
from foible.metrics import Interval, accuracy, paired_change
from foible.models import Model
from foible.victim import Victim

STOPPED = 0.1
"""A backdoor is stopped if so little more obey it than obey with a clean model."""
UNTOUCHED = 0.05
"""One that loses no more than this share of its obedience was not touched."""


def judge(
    victim: Victim,
    backdoored: Model,
    rows: Dataset,
    *,
    trigger: Trigger,
    target: Natural,
    sources: Sequence[Natural] | None = None,
) -> BeforeAfter:
    """What a clean and a backdoored model answer, with the trigger and without.

    Counted on rows that neither was made from: right answers on all; the target on
    those that were `to_be_turned` for the clean model, once they carry the trigger; and
    on those, if any, that are neither of the sources nor of the target. The sources are
    all classes but the target if left out.
    """
    turned = to_be_turned(victim.model, rows, target=target, sources=sources)
    groups = {"the target · trigger shown": turned}
    if sources is not None:
        others = ~np.isin(rows.y, [*sources, target])
        groups |= {"the target · on other classes": others} if others.any() else {}
    both = victim.model, backdoored
    before, after = (model.predict(rows.X) == rows.y for model in both)
    outcomes = {"right answers · no trigger": (before, after)}
    for name, group in groups.items():
        shown = trigger(rows.X[group])
        before, after = (model.predict(shown) == target for model in both)
        outcomes[name] = before, after
    return BeforeAfter(outcomes, change="after the attack")


def judge_shares(
    victim: Victim,
    rows: Dataset,
    *,
    trigger: Trigger,
    target: Natural,
    shares: Sequence[Share],
    sources: Sequence[Natural] | None = None,
    copied: Sequence[Natural] | None = None,
    seeds: Sequence[Seed],
) -> DoseResponse:
    """Obedience and right answers, over the share of copies among the rows.

    The shares, of the victim's rows, ascend; at 0 it is the clean model that is asked.
    For each seed (at least two) other rows are copied, and the victim's recipe makes
    the model with another seed. `copied` are the classes that are copied, if these are
    not the sources; the rest is as for `judge`.
    """
    turned = to_be_turned(victim.model, rows, target=target, sources=sources)
    shown, chosen = trigger(rows.X[turned]), sources if copied is None else copied

    def measured(dose: float) -> dict[str, list[float]]:
        plant = partial(poisoned, victim.rows, trigger, target=target, sources=chosen)
        tainted = [plant(share=dose / 100, seed=seed) for seed in seeds]
        models = victim.recipe.many(tainted, seeds=seeds)
        obeyed = [float(np.mean(one.predict(shown) == target)) for one in models]
        right = [accuracy(rows.y, one.predict(rows.X)) for one in models]
        return {"trigger obeyed": obeyed, "right answers": right}

    return sweep(
        [100 * share for share in shares],
        measured,
        lines={"trigger obeyed": "attacker", "right answers": "victim"},
        dose_name="copies with the trigger, per 100 rows",
        response_name="test rows",
        units="models",
    )


def judge_defences(
    cases: Mapping[str, Sequence[Case]],
    rows: Dataset,
    *,
    defences: Mapping[str, Defence],
) -> Matrix:
    """How much of each attack is left after each defence.

    There are several trainings of each attack, and `rows` that nobody has seen. Counted
    is the share that still obey, of the rows that were `to_be_turned` for the clean
    model; the first two columns are the clean model, which was not attacked, and the
    attacked one without a defence. A share is the mean over the cases; n and interval
    are those of all their rows together, and so tell nothing of other trainings.
    Stopped: the whole interval is within `STOPPED` of the first column; else unnoticed:
    the share fell by `UNTOUCHED` or less from the second; else harm. Where there is no
    attack, two lines: the accuracy, and the points that each defence changes it by,
    refused rows being wrong; and the alarms, as a share of all that could be suspected.
    """
    lines: dict[str, list[Cell]] = {}
    for name, group in cases.items():
        guarded = [
            [Guarded(case.clean.predict) for case in group],
            [Guarded(case.user.victim.model.predict) for case in group],
            *([one(case.user) for case in group] for one in defences.values()),
        ]
        if group[0].trigger is not None:
            lines[name] = _left([_obeyed(group, each, rows) for each in guarded])
        else:
            right = [[g.answers(rows.X) == rows.y for g in each] for each in guarded]
            lines[f"{name}, accuracy"] = _price(right)
            lines[f"{name}, alarms"] = [_alarms(each, rows) for each in guarded]
    columns = ["clean model", "no defence", *defences]
    return Matrix(list(lines), columns, list(lines.values()), corner="attack")


def judge_chosen(
    name: str,
    cases: Mapping[str, Callable[[], Sequence[Case]]],
    rows: Dataset,
    *,
    defences: Mapping[str, Defence],
) -> Matrix:
    """What is left behind each defence of the attack that was chosen against it.

    Measured as by `judge_defences`; the columns of the clean model and of no defence
    show the highest and the lowest of the attacks chosen. A second line counts the
    trainings in which most rows still obey. The cases are made one defence at a time,
    since each holds its rows.
    """
    lines, turned = [], [NOT_TRIED, NOT_TRIED]
    for column, make in cases.items():
        held = _behind(defences[column], make(), rows)
        lines.append(_left(held))
        most = [float(np.mean(one)) > 0.5 for one in held[2]]
        turned.append(replace(counted(most), form="{hits}/{n}"))
    clean = max((line[0] for line in lines), key=lambda cell: cell.interval.high)
    bare = min((line[1] for line in lines), key=lambda cell: cell.interval.low)
    first = [clean, bare, *(line[2] for line in lines)]
    columns, names = ["clean model", "no defence", *cases], [name, f"{name}, trainings"]
    return Matrix(names, columns, [first, turned], corner="attack")


def _obeyed(
    cases: Sequence[Case], guarded: Sequence[Guarded], rows: Dataset
) -> list[Bools]:
    """For each case, whether each of its rows to be turned gets the target."""
    held = []
    for case, one in zip(cases, guarded, strict=True):
        if case.trigger is None:
            raise BadInput("got a case without a trigger; wanted an attack")
        target, sources = case.target, case.sources
        turned = to_be_turned(case.clean, rows, target=target, sources=sources)
        held.append(one.answers(case.trigger(rows.X[turned])) == target)
    return held


def _behind(
    defence: Defence, cases: Sequence[Case], rows: Dataset
) -> list[list[Bools]]:
    """As `_obeyed`: the clean models, those attacked, and these behind a defence."""
    guarded = [
        [Guarded(case.clean.predict) for case in cases],
        [Guarded(case.user.victim.model.predict) for case in cases],
        [defence(case.user) for case in cases],
    ]
    return [_obeyed(cases, each, rows) for each in guarded]


def _pooled(held: Sequence[Bools]) -> Cell:
    """The mean of the cases' shares; n and interval of all rows together."""
    mean = float(np.mean([np.mean(one) for one in held]))
    return replace(counted(np.concatenate(held)), value=mean)


def _left(held: Sequence[Sequence[Bools]]) -> list[Cell]:
    clean, undefended, *cells = map(_pooled, held)
    floor, most = float(clean.value), float(undefended.value)

    def end(cell: Cell) -> Outcome:
        if cell.interval.high <= floor + STOPPED:
            return "stopped"
        return "unnoticed" if float(cell.value) >= most - UNTOUCHED else "harm"

    return [clean, undefended, *(replace(cell, outcome=end(cell)) for cell in cells)]


def _price(right: Sequence[Sequence[Bools]]) -> list[Cell]:
    clean, undefended, *others = map(np.concatenate, right)
    cells = [counted(clean), counted(undefended)]
    for one in others:
        change, (low, high) = paired_change(undefended, one)
        form = "0" if abs(change) < 0.0005 else "{:+.1f}"
        points = Interval(100 * low, 100 * high)
        cells.append(Cell(100 * change, n=len(one), interval=points, form=form))
    return cells


def _alarms(guarded: Sequence[Guarded], rows: Dataset) -> Cell:
    alarms = [one.alarms(rows.X) for one in guarded if one.alarms]
    return _pooled(alarms) if alarms else NOT_TRIED
