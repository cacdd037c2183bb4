"""How does a language model sign what it writes, so that only the key reads it?

A mark (`Mark`) changes how words are drawn, and later says how surprising a text would
be if nobody had marked it. Green lists (`Green`) make some words likelier, `Luck` and
`Sequence` only say where chance comes from, and `Either` draws a key for each text.
"""

from foible.defences.marking.chance import Luck, Sequence
from foible.defences.marking.keyed import Mark, draws, marked
from foible.defences.marking.lists import Either, Green, z_score

__all__ = ["Either", "Green", "Luck", "Mark", "Sequence", "draws", "marked", "z_score"]
