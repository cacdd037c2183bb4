"""How many are noticed, and how many wrongly?"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from foible.arrays import Floats
from foible.defences.watching.accounts import normality
from foible.domains import Share
from foible.evidence import Cell, Matrix, Outcome, Separation
from foible.judging import counted, panel
from foible.judging.panels import Ending
from foible.metrics import Interval
from foible.models import Classifier


def judge_prada(
    model: Classifier,
    honest: Sequence[Floats],
    thieves: Mapping[str, Sequence[Floats]],
) -> Separation:
    """Whether accounts of thieves can be told from honest ones by `normality`.

    Parameters
    ----------
    model : Classifier
        What answers.
    honest, thieves
        What each account asked, (n, d) in order; that of thieves by kind.
    """

    def oddness(accounts: Sequence[Floats]) -> Floats:
        return np.array([1 - normality((X, model.predict(X))) for X in accounts])

    others = oddness(honest)
    scores = {name: (oddness(rows), others) for name, rows in thieves.items()}
    return Separation(scores, group="thieves")


def judge_ownership(
    suspects: Mapping[str, Sequence[Classifier]],
    tests: Mapping[str, Callable[[Classifier], float]],
    *,
    innocent: Sequence[str],
    level: Share = 0.01,
) -> Matrix:
    """How many suspects of each kind a test of ownership accuses.

    A kind is noticed ("stopped") where the interval of the share that is accused lies
    above the level: by chance so many innocents would not be.

    Parameters
    ----------
    suspects, innocent
        Models by kind, and the kinds that are not stolen: to accuse these is a false
        alarm.
    tests : mapping of str to callable, Classifier to float
        Each gives a p-value, such as `by_watermark` and `by_kept_rows`.
    level : float
        p-value below which the owner accuses.
    """

    def noticed(interval: Interval) -> Outcome:
        return "stopped" if interval.low > level else "unnoticed"

    def measure(kind: str, test: Callable[[Classifier], float]) -> Cell:
        accused = [test(model) < level for model in suspects[kind]]
        end: Ending = "no attack" if kind in innocent else noticed
        return counted(accused, end, form="{hits} of {n}")

    return panel({kind: kind for kind in suspects}, tests, measure, corner="accused")
