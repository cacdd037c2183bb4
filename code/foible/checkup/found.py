"""What does one check bring back, also where time or questions ran out?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

import numpy as np

from foible import metrics
from foible.arrays import Bools
from foible.checkup.results import Status
from foible.checkup.watching import OutOfTime
from foible.data import Dataset
from foible.domains import Count, Natural, Unknown
from foible.errors import BudgetExceeded
from foible.metrics import Interval

FEWEST = 8  # rows of which a share says anything
T = TypeVar("T")
Words: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """What a check found; the parts are those of `Check`.

    `said` has the words that depend on what was brought: "tried", "strength", "against"
    and "counts".
    """

    status: Status = "measured"
    reason: str = ""
    share: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    n: int = 0
    also: Words = field(default_factory=dict)
    curve: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    said: Words = field(default_factory=dict)


def in_pieces(
    rows: Dataset, work: Callable[[Dataset, int], T], *, first: int = 8
) -> tuple[list[T], Status]:
    """What work makes of some rows after the other, as far as time and questions go.

    The pieces grow and do not depend on the time, so what was finished is the same
    however long it took. Work is told a number of each piece, for its chance.
    """
    done: list[T] = []
    try:
        for number, part in enumerate(_growing(len(rows), first)):
            done.append(work(rows.take(part), number))
    except OutOfTime:
        return done, "out of time"
    except BudgetExceeded:
        return done, "out of questions"
    return done, "measured"


def _growing(length: int, first: int) -> Iterator[slice]:
    start, size = 0, first
    while start < length:
        yield slice(start, start + size)
        start, size = start + size, min(2 * size, 64)


def counted(
    hits: Bools,
    *,
    status: Status,
    wanted: Natural,
    baseline: Unknown | None = None,
    among: Count = 1,
    also: Words | None = None,
    curve: Mapping[str, tuple[float, ...]] | None = None,
    said: Words | None = None,
) -> Found:
    """A share of rows with Wilson's interval; none of fewer than `FEWEST` rows.

    Of the `wanted` rows those in `hits` were finished; the others are as for `Found`.
    Where the share was chosen `among` several, the bounds hold for all of these at
    once, by Bonferroni, and so for the one that was chosen.
    """
    n = len(hits)
    told = partial(Found, also=also or {}, curve=curve or {}, said=said or {})
    reason = "" if status == "measured" else f"{n} of {wanted} rows were finished"
    if n < FEWEST:
        short = f"got {n} rows to count; wanted {FEWEST} or more"
        return Found(
            "refused" if status == "measured" else status,
            reason or short,
            n=n,
            said=said or {},
        )
    low_high = metrics.wilson(int(np.sum(hits)), n, level=1 - 0.05 / among)
    share = float(np.mean(hits))
    return told(status, reason, share, low_high, baseline, n)


def percent(share: Unknown) -> str:
    """A share in words."""
    return f"{share:.1%}"
