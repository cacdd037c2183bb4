"""Prompt injection: whose order in one channel does a model obey?

An attacker writes a document. A `Plant` says how they change it: by an order, by a
forged fence, by words that were `searched` for; `Desk`s are what they meet.
"""

from foible.language.prompt_injection.judges import (
    Desk,
    Fresh,
    judge_chat,
    judge_desks,
)
from foible.language.prompt_injection.planting import (
    Document,
    Plant,
    forged,
    ordered,
    questioned,
    suffixed,
    turned,
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
    "judge_chat",
    "judge_desks",
    "luckiest",
    "ordered",
    "questioned",
    "searched",
    "suffixed",
    "turned",
    "untouched",
]
