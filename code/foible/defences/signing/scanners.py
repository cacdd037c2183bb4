"""What do scanners say of a pickle, without opening it?

Each is called as its command line ships, in a process and a folder of its own: what a
pipeline sees of it is the exit code.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

UNREADABLE = "cannot read it"


class Verdict(NamedTuple):
    """What a scanner says of a file: its exit code, 0 for no objection, and words."""

    code: int
    word: str

    @property
    def flagged(self) -> bool:
        """Whether a gate that reads exit codes refuses the file."""
        return self.code != 0


class _Said(NamedTuple):
    """What one run of a scanner left behind."""

    code: int
    printed: str
    folder: Path


def _by_picklescan(said: _Said) -> str:
    """It prints what it found, and that it could not read on, under one exit code."""
    lost = re.search(r"could not parse|ERROR: parsing", said.printed) is not None
    return _counted(r"Dangerous globals: (\d+)", said, lost=lost)


def _by_modelscan(said: _Said) -> str:
    """It exits with 2 after an error, and with 3 when it could read no file."""
    return _counted(r"Total Issues: (\d+)", said, lost=said.code > 1)


def _by_fickling(said: _Said) -> str:
    """It writes its verdict beside the file, if it could read any of it."""
    if said.code > 1:
        return UNREADABLE
    report = said.folder / "safety_results.json"
    severity = json.loads(report.read_text("utf-8"))["severity"]
    return str(severity).replace("_", " ").lower()


def _scanned(
    artefact: bytes, *, command: tuple[str, ...], read: Callable[[_Said], str]
) -> Verdict:
    """What a scanner says of a pickle, given as a file called model.pkl."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.pkl").write_bytes(artefact)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", *command, "model.pkl"],
            capture_output=True,
            text=True,
            cwd=folder,
            env={k: v for k, v in os.environ.items() if "COLOR" not in k},
            check=False,
        )
        said = _Said(done.returncode, done.stdout + done.stderr, folder)
        return Verdict(done.returncode, read(said))


def _counted(pattern: str, said: _Said, *, lost: bool) -> str:
    """The number of issues that a scanner printed, and whether it lost the thread."""
    found = re.search(pattern, said.printed)
    issues = int(found[1]) if found else 0
    words = [f"{issues} issue" + "s" * (issues > 1)] if issues else []
    return ", ".join(words + [UNREADABLE] * lost) or "no issue"


def _scanner(command: str, read: Callable[[_Said], str]) -> Callable[[bytes], Verdict]:
    return partial(_scanned, command=tuple(command.split()), read=read)


SCANNERS: Mapping[str, Callable[[bytes], Verdict]] = {
    "picklescan": _scanner("picklescan.cli -p", _by_picklescan),
    "ModelScan": _scanner("modelscan.cli -p", _by_modelscan),
    "fickling": _scanner("fickling --check-safety", _by_fickling),
    "picklescan, strict": _scanner("picklescan.cli --strict -p", _by_picklescan),
}
"""The scanners by name: three as they ship, and one that trusts only what it knows."""
