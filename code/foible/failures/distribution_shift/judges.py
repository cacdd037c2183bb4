"""What does a shift cost, which alarm sees it, how late, and what mends it?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.cast import Role
from foible.data import Dataset, Group, members
from foible.defences import adapting
from foible.defences.alarming import scores
from foible.domains import Count, Natural, Number, Seed
from foible.evidence import Cell, DoseResponse, Matrix
from foible.failures.distribution_shift.worlds import (
    Shift,
    Watched,
    behaving,
    slanted,
    windows,
)
from foible.judging import averaged, panel, sweep
from foible.models import transport
from foible.oracle import Transport
from foible.plots import Meaning

BLIND = ("columns", "outputs", "classifier")
"""The alarms that see no label."""
ANY, RIGHT = "any of the three", "right answers"
LINES: Mapping[str, Meaning] = {
    "columns": "defence",
    "outputs": "defence",
    "classifier": "defence",
    ANY: "defence",
    "guessed errors": "defence",
    "labels": "attacker",
    RIGHT: "victim",
}
DRAWS, CALM = 30, 0.05
Shifts: TypeAlias = Shift | Sequence[Shift]
"""One for all models, or one for each."""


def _each(shift: Shifts, watched: Sequence[Watched]) -> list[tuple[Watched, Shift]]:
    own = [shift] * len(watched) if callable(shift) else shift
    return list(zip(watched, own, strict=True))


def _wrong(transport: Transport, rows: Dataset) -> Floats:
    return np.asarray(transport(rows.X).argmax(axis=1) != rows.y, float)


def _rung(one: Watched, weights: Floats, number: int) -> dict[str, float]:
    """In which share of the windows each alarm rings, and any without labels."""
    drawn = windows(one.judged, weights, size=one.window, count=DRAWS, seed=number)
    seen = {name: scores(alarm.look, drawn) for name, alarm in one.alarms.items()}
    rung = {name: seen[name] > one.alarms[name].limit(CALM) for name in seen}
    each = [seen[name] > one.alarms[name].limit(CALM / len(BLIND)) for name in BLIND]
    found = {**rung, ANY: np.any(each, axis=0)}
    return {name: float(flags.mean()) for name, flags in found.items()}


def _told(told: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [each[name] for each in told] for name in LINES}


def judge_power(
    watched: Sequence[Watched], shift: Shifts, sizes: Sequence[Number], *, seed: Seed
) -> DoseResponse:
    """In which share of the windows each alarm rings, over the size of a shift.

    Each alarm rings in one usual window of twenty; so do the three without labels
    together, each of which then has a third of that. A unit is a model with its alarms,
    its response a share of windows drawn from its judged rows; beside them stands the
    share of right answers on all of these, as they come.
    """

    def measured(
        one: Watched, world: Shift, size: float, number: int
    ) -> dict[str, float]:
        weights, wrong = world(one.judged, size), _wrong(one.transport, one.judged)
        right = float(1 - wrong @ weights / weights.sum())
        return {**_rung(one, weights, number), RIGHT: right}

    def measure(size: float) -> dict[str, list[float]]:
        pairs = enumerate(_each(shift, watched))
        return _told([measured(*pair, size, seed + n) for n, pair in pairs])

    return sweep(
        sizes,
        measure,
        lines=LINES,
        dose_name="size of the shift",
        response_name="windows with an alarm",
        units="banks",
    )


def judge_hands(
    watched: Sequence[Watched], slopes: Sequence[Number], *, seed: Seed
) -> DoseResponse:
    """The same for pictures in another hand, over its slant."""

    def measured(one: Watched, slope: float, number: int) -> dict[str, float]:
        other = one._replace(judged=slanted(one.judged, slope))
        right = float(1 - _wrong(other.transport, other.judged).mean())
        return {**_rung(other, np.ones(len(other.judged)), number), RIGHT: right}

    def measure(slope: float) -> dict[str, list[float]]:
        return _told([measured(one, slope, seed + n) for n, one in enumerate(watched)])

    return sweep(
        slopes,
        measure,
        lines=LINES,
        dose_name="slant, pixels sideways for each pixel up",
        response_name="windows with an alarm",
        units="readers",
    )


def judge_groups(
    watched: Sequence[Watched], found: Sequence[tuple[Group, int]], *, size: Number
) -> Matrix:
    """Right answers in the group that behaves otherwise, and of all others.

    Parameters
    ----------
    found : sequence of (Group, int)
        Of each model, the group and the class that comes more often in it.
    """

    def right(pair: tuple[Watched, tuple[Group, int]], ours: bool, now: float) -> float:
        one, (group, label) = pair
        chosen = members(one.judged, where=group) == ours
        weights = behaving(one.judged, now, group=group, label=label)[chosen]
        wrong = _wrong(one.transport, one.judged)[chosen]
        return float(1 - wrong @ weights / weights.sum())

    pairs = list(zip(watched, found, strict=True))
    return panel(
        {"the group": True, "all others": False},
        {"before": 0.0, "after": size},
        lambda ours, now: averaged([right(pair, ours, now) for pair in pairs]),
        corner="customers",
    )


def judge_delay(
    watched: Sequence[Watched],
    shifts: Mapping[str, tuple[Shifts, float]],
    *,
    length: Count,
    streams: Count,
    calm: Number,
    late: Natural,
    seed: Seed,
) -> Matrix:
    """Windows until each alarm first rings, while a shift grows with every window.

    Parameters
    ----------
    shifts : mapping of str to (Shift or sequence of Shift, float)
        Each with what its size grows by from window to window; 0 is the control.
    length, streams : int
        Windows of a stream, which count in full where no alarm rings, and streams.
    calm : float
        In which share of the usual windows each alarm rings.
    late : int
        Windows after which the labels are known.
    """

    def first(number: int, one: Watched, shift: Shift, step: float) -> dict[str, float]:
        weights = [shift(one.judged, step * (t + 1)) for t in range(length)]
        waited = {name: np.full(streams, float(length)) for name in one.alarms}
        for stream in range(streams):
            silent = dict(one.alarms)
            for t, weight in enumerate(weights):
                own = (seed + number) * 10_000 + stream * length + t
                of = {"size": one.window, "count": 1, "seed": own}
                (drawn,) = windows(one.judged, weight, **of)
                for name in list(silent):
                    if silent[name].look(drawn) > silent[name].limit(calm):
                        del silent[name]
                        waited[name][stream] = t + 1
        waited["labels"] = np.minimum(waited["labels"] + late, length)
        return {name: float(found.mean()) for name, found in waited.items()}

    met = {
        name: [first(n, *pair, step) for n, pair in enumerate(_each(world, watched))]
        for name, (world, step) in shifts.items()
    }
    return panel(
        dict(zip(watched[0].alarms, watched[0].alarms, strict=True)),
        met,
        lambda name, told: averaged([one[name] for one in told], form="{:.1f}"),
        corner="alarm",
    )


# ---------------------------------------------------------------- repairs


Repair = Callable[[Watched, Role, Dataset, int], Transport]
"""From a model at work, its role, rows of the new world and a seed to its answers."""
LABELLED = 500


def _as_it_was(one: Watched, role: Role, new: Dataset, seed: int) -> Transport:
    return one.transport


def _rebased(one: Watched, role: Role, new: Dataset, seed: int) -> Transport:
    shares = np.bincount(role.owned.y) / len(role.owned)
    return adapting.rebased(one.transport, shares, new.X)


def _reweighted(one: Watched, role: Role, new: Dataset, seed: int) -> Transport:
    rows = adapting.resembling(role.owned, new.X, seed=seed)
    return transport(role.recipe(rows, seed=seed))


def _recalibrated(one: Watched, role: Role, new: Dataset, seed: int) -> Transport:
    return adapting.recalibrated(one.transport, new.take(slice(0, LABELLED)))


def _anew(one: Watched, role: Role, new: Dataset, seed: int) -> Transport:
    return transport(role.recipe(new, seed=seed))


REPAIRS: Mapping[str, Repair] = {
    "as it was": _as_it_was,
    "new class shares, no label": _rebased,
    "redrawn rows, no label": _reweighted,
    "recalibrated, 500 labels": _recalibrated,
    "trained anew, 4,000 labels": _anew,
}


def judge_repairs(
    watched: Sequence[Watched],
    roles: Sequence[Role],
    shifts: Mapping[str, tuple[Shifts, float]],
    *,
    by: str,
    told: Literal["risk off", "right answers"] = "risk off",
    new: Count = 4000,
    seed: Seed,
) -> Matrix:
    """How far off the risk is after each repair, or how many answers are right.

    Parameters
    ----------
    shifts : mapping of str to (Shift or sequence of Shift, float)
        For each world by name, the shift and its size.
    by : str
        The column by whose values customers are grouped: risk off is how far the mean
        probability of the last class is from its share, on average over the groups.
    told : {"risk off", "right answers"}
        Which of the two is measured.
    new : int
        Rows of the new world that a repair gets, drawn from those searched.
    """

    def measured(repair: Repair, name: str) -> Cell:
        found, (world, size) = [], shifts[name]
        pairs = zip(_each(world, watched), roles, strict=True)
        for number, ((one, shift), role) in enumerate(pairs):
            weights = shift(one.searched, size)
            (drawn,) = windows(
                one.searched, weights, size=new, count=1, seed=seed + number
            )
            answers = repair(one, role, drawn, seed + number)
            off, right = _off(answers, one.judged, shift(one.judged, size), by)
            found.append(off if told == "risk off" else right)
        return averaged(found, form="{:.1%}")

    worlds = dict(zip(shifts, shifts, strict=True))
    return panel(REPAIRS, worlds, measured, corner=told)


def _off(
    answers: Transport, rows: Dataset, weights: Floats, by: str
) -> tuple[float, float]:
    """Risk off on average over groups, and the share of right answers."""
    said, weight = answers(rows.X), weights / weights.sum()
    gaps = weight * (said[:, -1] - (rows.y == len(rows.classes) - 1))
    _, group = np.unique(rows.column(by), return_inverse=True)
    right = weight @ (said.argmax(axis=1) == rows.y)
    return float(np.abs(np.bincount(group, gaps)).sum()), float(right)
