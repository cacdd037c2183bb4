"""What did all checks find together?"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from foible.checkup.drawing import overview
from foible.checkup.page import page
from foible.checkup.results import Check
from foible.domains import Share
from foible.evidence import showing
from foible.metrics import Interval


@dataclass(frozen=True, eq=False)
class Checkup:
    """What all checks of a model found; shows itself as a page in a notebook.

    Parameters
    ----------
    subject : str
        What the model is, in a phrase.
    facts : mapping of str to str
        What it was given, and how often it is right.
    checks : tuple of Check
    most : mapping of str to float
        The highest share that is allowed, by the name of the check.
    """

    subject: str
    facts: Mapping[str, str]
    checks: tuple[Check, ...]
    most: Mapping[str, Share]

    def __getitem__(self, name: str) -> Check:
        return next(one for one in self.checks if one.name == name)

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks that found a greater share than is allowed, also if unfinished."""
        return tuple(
            name
            for name, highest in self.most.items()
            if (share := self[name].share) is not None and share > highest
        )

    @property
    def open(self) -> tuple[str, ...]:
        """Checks with a limit of which nobody knows whether they keep it."""
        return tuple(
            name
            for name in self.most
            if name not in self.failed and self[name].status != "measured"
        )

    @property
    def findings(self) -> dict[str, Any]:
        """The same for the same model, rows, settings and seed, if time sufficed."""
        return {
            "subject": self.subject,
            "facts": dict(self.facts),
            "checks": [one.finding for one in self.checks],
            "most": dict(self.most),
            "failed": list(self.failed),
            "open": list(self.open),
        }

    @cached_property
    def html(self) -> str:
        """One page, whole in itself: no script, and nothing from elsewhere."""
        return page(
            subject=self.subject,
            facts=self.facts,
            checks=self.checks,
            most=self.most,
            failed=self.failed,
            unknown=self.open,
        )

    def page(self, path: str | Path) -> None:
        """Write the page into a file."""
        Path(path).write_text(self.html, encoding="utf-8")

    def json(self, path: str | Path) -> None:
        """Write the findings into a file, and how long each took."""
        seconds = {one.name: round(one.seconds, 3) for one in self.checks}
        told = json.dumps({**self.findings, "seconds": seconds}, indent=1)
        Path(path).write_text(f"{told}\n", encoding="utf-8")

    def __repr__(self) -> str:
        measured = sum(one.status == "measured" for one in self.checks)
        return (
            f"<check-up of {self.subject}: {measured} of {len(self.checks)} measured>"
        )

    def table(self) -> pd.DataFrame:
        """A row for each check: what was found, and beside what."""
        rows = {
            one.title: {
                "share": _shown(one.share, one.interval),
                "of": one.counts,
                "baseline": _shown(one.baseline, None),
                "n": str(one.n or ""),
                "status": one.status,
            }
            for one in self.checks
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what was found, with its bounds, beside the baseline of each check."""
        return overview(self.checks, ax)

    def _repr_html_(self) -> str:
        return showing.html(self.table())


def _shown(share: float | None, interval: Interval | None) -> str:
    if share is None:
        return "–"
    return showing.bounded(share, interval or Interval(math.nan, math.nan))
