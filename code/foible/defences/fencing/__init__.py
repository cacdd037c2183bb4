"""Which words are the user's, and which are only data?

What is asked is a `Request`, parts of which each are the user's own words or a document
that somebody else wrote. A `Frame` makes of it the one text that a model reads:
`fenced`, `stripped`, or in `two_channels`.
"""

from foible.defences.fencing.asking import (
    MOST,
    Frame,
    Part,
    Request,
    request,
    requests,
)
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
    "MOST",
    "Frame",
    "Part",
    "Request",
    "distrusting",
    "doubled",
    "fenced",
    "lessons",
    "one_channel",
    "request",
    "requests",
    "stripped",
    "two_channels",
]
