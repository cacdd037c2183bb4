"""Prompt injection: whose order in one channel does a model obey?

An attacker writes a document. A `Plant` says how they change it: by an order, by a
forged fence, by words that were `searched` for; `Desk`s are what they meet.
"""

from foible.language.prompt_injection.judges import (
    Desk,
    Fresh,
    judge_desks,
    judge_suffixes,
)
from foible.language.prompt_injection.planting import (
    Document,
    Plant,
    forged,
    ordered,
    suffixed,
    untouched,
)
from foible.language.prompt_injection.searching import (
    Suffix,
    Trial,
    luckiest,
    searched,
)

__all__ = [
    "Desk",
    "Document",
    "Fresh",
    "Plant",
    "Suffix",
    "Trial",
    "forged",
    "judge_desks",
    "judge_suffixes",
    "luckiest",
    "ordered",
    "searched",
    "suffixed",
    "untouched",
]
