"""How narrowly does a list of requirements say what may be installed?"""

import re
from collections.abc import Sequence
from typing import Literal

from foible.errors import BadInput

EXACT = re.compile(r"===?\s*[^\s*,;]+\s*(;|--hash|$)")


def pinned(requirement: str) -> bool:
    """Whether a line names one version: "numpy==2.4.6", and not "numpy>=2"."""
    return EXACT.search(requirement) is not None


def strictest(requirements: Sequence[str]) -> Literal["hashes", "==", "none"]:
    """What every line of a list has: digests, a version, or neither."""
    if not requirements:
        raise BadInput("got no requirements; wanted a line for each package")
    if not all(map(pinned, requirements)):
        return "none"
    return "hashes" if all("--hash=" in line for line in requirements) else "=="
