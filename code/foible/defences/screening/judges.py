"""How many poisoned rows are found, and at what price in false alarms?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from foible.arrays import Bools, Ints
from foible.data import Dataset
from foible.defences.screening.rows import Screen
from foible.defences.screening.trusted import alarms, histograms
from foible.domains import Count, Seed, Share
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.judging import counted, panel, sweep
from foible.metrics import Interval


def judge_screens(
    screens: Mapping[str, Screen], cases: Mapping[str, tuple[Dataset, Bools]]
) -> Matrix:
    """What each screen finds of each poison, and how many clean rows it suspects.

    Each case is some rows, and which of them are poisoned: of these the share found,
    if there are any, and of others suspected. "stopped" if the whole interval of the
    first is above a half, "unnoticed" if it is below, else "undecided".
    """
    lines: dict[str, list[Cell]] = {}
    for name, (rows, poisoned) in cases.items():
        suspects = [screen(rows) for screen in screens.values()]
        if poisoned.any():
            lines[f"{name}: found"] = [counted(s[poisoned], _mostly) for s in suspects]
        lines[f"{name}: false alarms"] = [counted(s[~poisoned]) for s in suspects]
    return Matrix(list(lines), list(screens), list(lines.values()), corner="poison")


def judge_histograms(
    reference: Dataset,
    clean: Dataset,
    poisoned: Mapping[str, Dataset],
    *,
    by: Sequence[str],
    level: Share = 0.01,
) -> Matrix:
    """Which histogram sees which poison.

    Old rows are compared with new ones as they were, and after each attack, as by
    `histograms` and `alarms`. For the columns, the labels, and the labels by each value
    of `by`, the share of histograms that alarm: "stopped" where one does, and "harm" if
    nothing is there.
    """
    kinds: dict[str, Callable[[str], bool]] = {
        "columns": lambda one: one in reference.columns,
        "labels": lambda one: one == "the labels",
        f"labels by {', '.join(by)}": lambda one: " where " in one,
    }
    batches = {"nothing": clean, **poisoned}
    found = {name: histograms(reference, new, by=by) for name, new in batches.items()}

    def meeting(name: str, kind: Callable[[str], bool]) -> Cell:
        loud = alarms(found[name], level=level)
        heard = [one in loud for one in found[name] if kind(one)]
        end: Outcome = "stopped" if any(heard) else "unnoticed"
        if name == "nothing":
            end = "harm" if any(heard) else "no attack"
        return Cell(float(np.mean(heard)), end, len(heard), form="{hits} of {n}")

    return panel({name: name for name in found}, kinds, meeting, corner="poison")


def judge_trusted(
    checks: Mapping[str, Callable[[Ints], bool]],
    total: Count,
    *,
    counts: Sequence[Count],
    repeats: Count = 200,
    seed: Seed,
) -> DoseResponse:
    """How many trusted rows a check needs before it speaks.

    Each check takes positions of trusted rows, as many as the dose in `counts`, of
    `total` that there are, and says whether it alarms.
    """
    random = np.random.default_rng(seed)
    draws = [random.permutation(total) for _ in range(repeats)]
    return sweep(
        counts,
        lambda m: {
            name: [check(draw[: int(m)]) for draw in draws]
            for name, check in checks.items()
        },
        lines=dict.fromkeys(checks, "defence"),
        dose_name="trusted rows",
        response_name="draws that alarm",
        units="draws",
    )


def _mostly(found: Interval) -> Outcome:
    if found.low > 0.5:
        return "stopped"
    return "unnoticed" if found.high < 0.5 else "undecided"
