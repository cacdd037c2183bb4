"""Jailbreak: which words make a model answer what it was taught to refuse?

A `Wish` is what a user asks of a desk. An attacker puts words behind it that were
`searched` for, with the slopes of an `Aim`; `Desk`s are what they meet.
"""

from foible.language.jailbreak.judges import (
    Desk,
    judge_desks,
)
from foible.language.jailbreak.searching import (
    ALLOWED,
    Aim,
    Answered,
    Fluent,
    Suffix,
    candidates,
    searched,
    suffixed,
    wandered,
)
from foible.language.jailbreak.wishes import (
    FORBIDDEN,
    FREE,
    ORDERS,
    REFUSAL,
    Wish,
    answered,
    lessons,
    refused,
    scrambled,
    wishes,
)

__all__ = [
    "ALLOWED",
    "FORBIDDEN",
    "FREE",
    "ORDERS",
    "REFUSAL",
    "Aim",
    "Answered",
    "Desk",
    "Fluent",
    "Suffix",
    "Wish",
    "answered",
    "candidates",
    "judge_desks",
    "lessons",
    "refused",
    "scrambled",
    "searched",
    "suffixed",
    "wandered",
    "wishes",
]
