"""What did one check find?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any, Literal, TypeAlias

from foible.metrics import Interval, Measured
from foible.threat import Hazard, Threat

Status: TypeAlias = Literal["measured", "refused", "out of time", "out of questions"]


@dataclass(frozen=True)
class Check:
    """One thing that was tried, or was not; never a verdict that a model is safe.

    Parameters
    ----------
    name, title : str
        What `only` and `most` call it, and what a reader does.
    who : Threat or Hazard
        Whose attack it is, or what breaks by itself.
    tried, strength, against : str
        What was done, how strongly, and the baseline; a phrase each.
    counts : str
        What the share is a share of: "right answers turned".
    limits : str
        What this does not show.
    status : str
        "measured"; "refused", it does not fit what was given; "out of time" or "out of
        questions", where a share, if there is one, is of the rows that were finished.
    reason : str
        Why it is not measured, or not whole.
    share, baseline : float, optional
        What was found, 0 to 1, more is worse; and what the baseline finds.
    interval : Interval, optional
        95% bounds of the share; of the worst of several for all of them together.
    n : int
        Rows that it was measured on.
    also : mapping of str to str
        More numbers.
    curve : mapping of str to tuple of float
        For a figure: "radius", and shares over it by name.
    questions : int
        Rows that the model was asked.
    seconds : float
        By the clock; no part of the `finding`, since it differs each time.
    """

    name: str
    title: str
    who: Threat | Hazard
    tried: str
    strength: str
    against: str
    counts: str
    limits: str
    status: Status
    reason: str = ""
    share: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    n: int = 0
    also: Mapping[str, str] = field(default_factory=dict)
    curve: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    questions: int = 0
    seconds: float = 0.0

    @property
    def chapter(self) -> str:
        """The address of the chapter to read, below that of the book."""
        return f"book/{self.who.mode.part.stem}/{self.who.mode.stem}.html"

    @property
    def value(self) -> Measured:
        """The share, which knows its n and its interval; NaN where there is none."""
        ends = self.interval or Interval(nan, nan)
        share = nan if self.share is None else self.share
        return Measured(share, self.n, lambda: ends)

    @property
    def finding(self) -> dict[str, Any]:
        """All but the seconds, as JSON takes it."""
        ends = None if self.interval is None else list(self.interval)
        return {
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "tried": self.tried,
            "strength": self.strength,
            "counts": self.counts,
            "share": self.share,
            "interval": ends,
            "n": self.n,
            "baseline": self.baseline,
            "against": self.against,
            "also": dict(self.also),
            "limits": self.limits,
            "questions": self.questions,
            "chapter": self.chapter,
        }
