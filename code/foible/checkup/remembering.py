"""Can somebody tell which rows a model was trained on?"""

from dataclasses import replace

import numpy as np

from foible import metrics
from foible.arrays import Floats
from foible.attacks.membership_inference import Stability, loss_attack
from foible.checkup.found import Found, percent
from foible.checkup.subject import Subject
from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BadInput, BudgetExceeded

ROWS = 1000
LEAST = 20
ALARMS = 0.01
COPIES, BLUR = 16, 0.25  # of a row whose label is all that is told; units


def members(subject: Subject, seed: Seed) -> Found:
    """Members found while one in a hundred others is taken for one.

    The interval is the wider of a bootstrap, of members and others, and Wilson's.
    Where so many others have the highest score that no threshold raises so few alarms,
    as of a tree that is sure of all it says, it is refused: 0 would say too much.

    BadInput: no training rows. BudgetExceeded: too few questions are left to begin.
    """
    if subject.train is None:
        raise BadInput(
            "got no training rows; wanted those that the model was trained on, "
            "train=..., beside rows that it never saw"
        )
    labels = subject.answers == "label"
    each = COPIES if labels else 1
    count = min(len(subject.train), len(subject.rows), ROWS)
    count = min(count, subject.watch.left // (2 * each))
    if count < LEAST:
        if subject.watch.left < 2 * each * LEAST:
            raise BudgetExceeded(f"wanted {2 * each * LEAST} questions for this check")
        raise BadInput(f"got {count} rows; wanted {LEAST} of each kind or more")
    order = np.random.default_rng(seed).permutation(len(subject.train))[:count]
    sides = subject.train.take(order), subject.rows.take(slice(0, count))
    inside, outside = (_scores(subject, side, seed) for side in sides)
    alarms = max(ALARMS, 1 / count)
    if refused := _coarse(inside, outside, alarms):
        also = _also(subject, sides, inside, outside)
        return Found("refused", refused, n=count, also=also)
    people = np.arange(count), np.arange(count, 2 * count)
    share = metrics.found_at(inside, outside, false_alarms=alarms)
    drawn = metrics.found_interval(
        inside, outside, false_alarms=alarms, shared=[people], seed=seed
    )
    plain = metrics.wilson(round(share * count), count)
    ends = metrics.Interval(min(drawn.low, plain.low), max(drawn.high, plain.high))
    how = "how firmly its label stands under noise" if labels else "its loss"
    return Found(
        share=share,
        interval=ends,
        baseline=alarms,
        n=count,
        also=_also(subject, sides, inside, outside),
        said={
            "tried": f"a threshold on {how}, without shadow models",
            "strength": f"{count} members and as many others, {each} questions each",
            "counts": f"members found at {percent(alarms)} false alarms",
        },
    )


def _coarse(inside: Floats, outside: Floats, alarms: float) -> str:
    """Why no threshold raises so few false alarms; nothing where one does."""
    tied = int(np.sum(outside >= max(inside.max(), outside.max())))
    if tied <= round(alarms * len(outside)):
        return ""
    return (
        f"got {percent(tied / len(outside))} of the others with the highest score of "
        f"all, so that no threshold keeps to {percent(alarms)} false alarms; wanted "
        "finer answers, or LiRA; the area under the curve is "
        f"{metrics.auc(inside, outside):.3f}, that of guessing 0.5"
    )


def _scores(subject: Subject, rows: Dataset, seed: int) -> Floats:
    if subject.answers != "label":
        return loss_attack(subject.oracle(), rows)
    asked = replace(rows, X=subject.inside(rows.X))
    signal = Stability(BLUR, COPIES, seed)
    return signal(subject.oracle_in_units(label=True), asked)


def _also(
    subject: Subject, sides: tuple[Dataset, Dataset], inside: Floats, outside: Floats
) -> dict[str, str]:
    """The area under the curve, and how much more often it is right on members."""
    curve = metrics.roc(inside, outside)
    lead = float((curve.found - curve.false_alarms).max())
    also = {
        "area under the curve": f"{metrics.auc(inside, outside):.3f}",
        "most that it finds beyond its false alarms": percent(lead),
    }
    right = float(np.mean(subject.told == subject.rows.y))
    also["right on the others"] = percent(right)
    try:
        told = subject.predict(sides[0].X)
    except BudgetExceeded:
        return also
    right = float(np.mean(told == sides[0].y))
    return also | {"right on its training rows": percent(right)}
