"""From whom is a model stolen, by what, and does the copy answer alike?"""

from collections.abc import Callable
from typing import NamedTuple

from foible.arrays import Floats
from foible.evidence import Cell, Outcome
from foible.judging.panels import counted
from foible.metrics import Interval
from foible.models import Model
from foible.oracle import Answers, Oracle
from foible.victim import Victim

STOLEN = 0.95  # share of rows on which a copy agrees that counts as stolen


class Theft(NamedTuple):
    """One theft: from whom, by what, and where the copy is compared."""

    victim: Victim
    answers: Answers  # what its oracle answers
    steal: Callable[[Oracle], Model]  # the attack
    rows: Floats  # (n, d), none of them asked by the thief

    def agreed(self, copy: Model, X: Floats) -> Cell:
        """Share of rows on which a copy agrees: harm, if it is `STOLEN` or more.

        It is stopped where the whole interval lies below, and undecided in between.
        """
        alike = self.victim.model.predict(X) == copy.predict(X)
        return counted(
            alike, "harm" if alike.mean() >= STOLEN else _short, form="{:.1%}"
        )


def _short(interval: Interval) -> Outcome:
    return "stopped" if interval.high < STOLEN else "undecided"
