"""Where can it be stopped that a package brings somebody else's code?

Before it is installed by `Controls`: which index, which version, which bytes, whose
signature. Before it is used by a check of what lies on disk: `by_record` believes the
list that was installed with it, `by_wheels` only the wheels that were meant.
"""

from foible.defences.installing.checks import Check, by_record, by_wheels
from foible.defences.installing.consumers import (
    Controls,
    Installed,
    inspect,
    install,
    start,
)
from foible.defences.installing.pips import Pip, Said, clean_environment, pip
from foible.defences.installing.requirements import own, pinned, strictest
