"""How narrowly does a list of requirements say what may be installed?"""

import re
import tomllib
from collections.abc import Sequence
from importlib.metadata import requires
from pathlib import Path
from typing import Literal

import foible
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


def own() -> list[str]:
    """What this book's package asks for: as its clone says, or as it was installed."""
    written = Path(foible.__file__).parents[2] / "pyproject.toml"
    if written.exists():
        project = tomllib.loads(written.read_text("utf-8"))["project"]
        return [str(line) for line in project["dependencies"]]
    return [line for line in requires("foible") or [] if "extra ==" not in line]
