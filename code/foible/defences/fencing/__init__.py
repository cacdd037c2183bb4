"""Which words are the user's, and which are only data?

A frame makes of a request, whose parts are the user's own words and documents that
somebody else wrote, the one text that a model reads: `fenced`, `stripped`, or in
`two_channels`.
"""

from foible.defences.fencing.frames import (
    MARKS,
    distrusting,
    doubled,
    fenced,
    lessons,
    one_channel,
    stripped,
    two_channels,
)

__all__ = [
    "MARKS",
    "distrusting",
    "doubled",
    "fenced",
    "lessons",
    "one_channel",
    "stripped",
    "two_channels",
]
