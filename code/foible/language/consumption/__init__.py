"""Unbounded consumption: which requests cost far more work than honest ones?

A `Desk` tells routes on a ring `Line` and thinks as long as it must; a `Shelf` looks up
passages in a tree. Both have a meter, and costly words are `searched` for by it.
"""

from foible.language.consumption.finding import Index
from foible.language.consumption.judges import (
    Desk,
    judge_clients,
    judge_desks,
    judge_search,
    judge_systems,
)
from foible.language.consumption.leaving import Answered, answered
from foible.language.consumption.routes import Line, drawn_days
from foible.language.consumption.searching import Costly, luckiest, searched
from foible.language.consumption.shelves import Shelf

__all__ = [
    "Answered",
    "Costly",
    "Desk",
    "Index",
    "Line",
    "Shelf",
    "answered",
    "drawn_days",
    "judge_clients",
    "judge_desks",
    "judge_search",
    "judge_systems",
    "luckiest",
    "searched",
]
