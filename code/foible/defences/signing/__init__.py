"""How does one know that a model's file is the one that was made?

Five checks, from weak to strong. A scanner knows bad files; golden rows know some
answers; a digest knows the bytes; a signature knows who made them; a signature over
a version knows which release they belong to. Half precision is no check: it destroys
what the lowest bits of weights may carry. The loaders that do not run what a file
says are in `foible.artefacts`.
"""

from foible.defences.signing.judges import judge_checks, judge_golden
from foible.defences.signing.releases import (
    Keys,
    Release,
    accepted,
    caught,
    digest,
    in_half_precision,
    sign,
    verified,
)
from foible.defences.signing.scanners import SCANNERS, Verdict
