"""Meet mutants: many in one run, or one alone."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mutants.changes import with_all, with_one

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "code" / "foible"
SECONDS = 400  # of a processor; one that takes longer has changed something
MARKS = ("red", "FAILED", "ERROR")


@dataclass(frozen=True)
class Mutant:
    """One change: its room, its file, its line, the code before and after."""

    room: str
    file: str
    line: int
    before: str
    after: str
    place: int  # of those in this file that can be changed


def met(words: list[str], mutants: list[Mutant]) -> dict[Mutant, str]:
    """What a chapter or tests say to each; an empty text says that nothing was red."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        code = _copied(folder, _instrumented(mutants))
        shutil.copy(Path(__file__).with_name("split.py"), code / "foible_mutants.py")
        numbers = " ".join(map(str, range(len(mutants))))
        watch = {"MUTANTS": numbers, "MUTANTS_FOLDER": scratch}
        base = _run(words, code, watch | {"MUTANTS_SECONDS": str(SECONDS)})
        said = [_said(folder, n, base) for n in range(len(mutants))]
    return {
        mutant: _alone(words, mutant) if one is None else one
        for mutant, one in zip(mutants, said, strict=True)
    }


def _said(folder: Path, number: int, base: str) -> str | None:
    """What was red, or None where the mutant must be met alone."""
    code = folder / f"{number}.code"
    if base or ((folder / f"{number}.alone").exists() and not code.exists()):
        return None
    if not code.exists():
        return ""  # nothing reached it
    log = (folder / f"{number}.log").read_text("utf-8", "replace")
    if told := _told(int(code.read_text()), log):
        return told
    return None if (folder / f"{number}.alone").exists() else ""


def _alone(words: list[str], mutant: Mutant) -> str:
    old = (PACKAGE / mutant.file).read_text("utf-8")
    with TemporaryDirectory() as scratch:
        new = {mutant.file: with_one(old, mutant.place)}
        return _run(words, _copied(Path(scratch), new), {})


def _instrumented(mutants: Iterable[Mutant]) -> dict[str, str]:
    places: dict[str, dict[int, int]] = {}
    for number, mutant in enumerate(mutants):
        places.setdefault(mutant.file, {})[mutant.place] = number
    return {
        file: with_all((PACKAGE / file).read_text("utf-8"), numbers)
        for file, numbers in places.items()
    }


def _copied(folder: Path, files: dict[str, str]) -> Path:
    code = Path(shutil.copytree(ROOT / "code", folder / "code"))
    for file, text in files.items():
        (code / "foible" / file).write_text(text, encoding="utf-8")
    return code


def _run(words: list[str], code: Path, also: dict[str, str]) -> str:
    paths = os.pathsep.join([str(code), str(ROOT / "scripts")])
    limit = partial(resource.setrlimit, resource.RLIMIT_CPU, (SECONDS, SECONDS))
    done = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, "-m", "mutants.running", *words],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"} | also,
        capture_output=True, text=True, preexec_fn=limit, check=False,
    )  # fmt: skip
    return _told(done.returncode, f"{done.stderr}\n{done.stdout}")


def _told(code: int, text: str) -> str:
    """The line that says what was noticed, or "" when all went well."""
    if code == 0:
        return ""
    if code < 0:
        return f"killed, as after more than {SECONDS} s"
    lines = [line for line in text.splitlines() if line.startswith(MARKS)]
    return (lines or text.split("\n") or ["it ended badly"])[-1][:200]
