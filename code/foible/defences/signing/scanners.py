"""What do scanners say of a pickle, without opening it?

Each is called as its command line ships, for each file in a process and a folder of its
own: what a pipeline sees of it is the exit code.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

UNREADABLE = "cannot read it"
SECONDS = 20
MEMORY = 4 * 2**30
WORDS = 64 * 2**20
"""What a scanner may compute, claim and say of one file; then it has not read it."""


class Verdict(NamedTuple):
    """What a scanner says of a file: its exit code, 0 for no objection, and words."""

    code: int
    word: str

    @property
    def flagged(self) -> bool:
        """Whether a gate that reads exit codes refuses the file."""
        return self.code != 0


Scanner: TypeAlias = Callable[[Sequence[bytes]], list[Verdict]]
"""From some files to what is said of each."""


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
    """It writes a verdict on each pickle of the file beside it, if it could read it."""
    report = said.folder / "safety_results.json"
    if said.code > 1 or not report.exists():
        return UNREADABLE
    found = re.findall(r'"severity": "(\w+)"', report.read_text("utf-8", "replace"))
    return ", ".join(dict.fromkeys(one.replace("_", " ").lower() for one in found))


def _scanned(
    artefacts: Sequence[bytes],
    *,
    command: tuple[str, ...],
    read: Callable[[_Said], str],
) -> list[Verdict]:
    """What a scanner says of pickles, each given as a file called model.pkl."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(number)) for number in range(len(artefacts))]
        for folder, artefact in zip(folders, artefacts, strict=True):
            folder.mkdir()
            (folder / "model.pkl").write_bytes(artefact)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _EACH, *command, "model.pkl"],
            input="\n".join(map(str, folders)),
            capture_output=True,
            text=True,
            env={k: v for k, v in os.environ.items() if "COLOR" not in k},
            start_new_session=True,  # nothing of it reaches a terminal
            check=True,
        )
        codes = map(int, done.stdout.split())
        return [_verdict(*one, read) for one in zip(codes, folders, strict=True)]


def _verdict(code: int, folder: Path, read: Callable[[_Said], str]) -> Verdict:
    said = _Said(code, (folder / "said").read_text("utf-8", "replace"), folder)
    return Verdict(code, UNREADABLE if code < 0 else read(said))


_EACH = f"""
import importlib, os, resource, runpy, sys
module, *arguments = sys.argv[1:]
importlib.import_module(module)  # once for all files
del sys.modules[module]
for folder in sys.stdin.read().splitlines():
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.chdir(folder)
    said = os.open("said", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
    resource.setrlimit(resource.RLIMIT_FSIZE, ({WORDS}, {WORDS}))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    break
"""
"""A scanner's command line, which is started once, and splits off for each folder."""


def _counted(pattern: str, said: _Said, *, lost: bool) -> str:
    """The number of issues that a scanner printed, and whether it lost the thread."""
    found = re.search(pattern, said.printed)
    issues = int(found[1]) if found else 0
    words = [f"{issues} issue" + "s" * (issues > 1)] if issues else []
    return ", ".join(words + [UNREADABLE] * lost) or "no issue"


def _scanner(command: str, read: Callable[[_Said], str]) -> Scanner:
    return partial(_scanned, command=tuple(command.split()), read=read)


SCANNERS: Mapping[str, Scanner] = {
    "picklescan": _scanner("picklescan.cli -p", _by_picklescan),
    "ModelScan": _scanner("modelscan.cli -p", _by_modelscan),
    "fickling": _scanner("fickling.__main__ --check-safety", _by_fickling),
    "picklescan, strict": _scanner("picklescan.cli --strict -p", _by_picklescan),
}
"""The scanners by name: three as they ship, and one that trusts only what it knows."""
