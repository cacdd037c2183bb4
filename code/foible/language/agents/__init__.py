"""Hijacked agents: what does an order do that a tool gave back?

`errands` are a language in which it is known what is right; a `OneChannel` office runs
them, and may have its tools' outputs vetted; a `Labelled` one lets no output choose.
"""

from foible.language.agents.errands import (
    KINDS,
    NAMES,
    SUMS,
    VOCABULARY,
    Call,
    Errand,
    Words,
    channel,
    errands,
    lessons,
    planning,
)
from foible.language.agents.judges import (
    POLICY,
    Labelled,
    Office,
    OneChannel,
    judge_kinds,
    judge_offices,
)
from foible.language.agents.planting import (
    KNOWN,
    NAME,
    ORDER,
    SUM,
    TELLING_ORDER,
    Hijack,
    gibberish,
    hijacked,
    hijacks,
    lies,
    verdicts,
)
from foible.language.agents.running import acted
from foible.language.agents.searching import Trial, Wording, luckiest, searched

__all__ = [
    "KINDS",
    "KNOWN",
    "NAME",
    "NAMES",
    "ORDER",
    "POLICY",
    "SUM",
    "SUMS",
    "TELLING_ORDER",
    "VOCABULARY",
    "Call",
    "Errand",
    "Hijack",
    "Labelled",
    "Office",
    "OneChannel",
    "Trial",
    "Wording",
    "Words",
    "acted",
    "channel",
    "errands",
    "gibberish",
    "hijacked",
    "hijacks",
    "judge_kinds",
    "judge_offices",
    "lessons",
    "lies",
    "luckiest",
    "planning",
    "searched",
    "verdicts",
]
