"""A process that meets many mutants: where it reaches one, it splits in two.

This file is copied beside a package in which every mutant stands behind
`reached(number)`, as `foible_mutants`. The process runs the package as it is. Where it
reaches a mutant for the first time, a child goes on with the change, to the end or to
the first thing that is red, and the process waits for it. A mutant that may not be met
so, because a folder or a thread is shared just then, or another process reached it, is
left to be met alone.
"""

import os
import resource
import signal
import sys
import tempfile
import threading
from pathlib import Path

HOME = int(os.environ.setdefault("MUTANTS_HOME", str(os.getpid())))
FOLDER = Path(os.environ["MUTANTS_FOLDER"])
SECONDS = int(os.environ["MUTANTS_SECONDS"])  # of a processor
left = {int(number) for number in os.environ["MUTANTS"].split()}
made: list[str] = []  # folders for a while
busy = False  # a test shares a folder
on = -1  # the mutant that this process has become


def reached(number: int) -> bool:
    """Whether the mutant of this number is the one that runs."""
    if number in left and on < 0:
        if os.getpid() != HOME or busy or _shared():
            (FOLDER / f"{number}.alone").touch()
        else:
            left.discard(number)
            _split(number)
    return number == on


def ended(code: int) -> None:
    """Leave at once: what is cleared away at exit belongs to the other process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _shared() -> bool:
    others = {type(one).__name__ for one in threading.enumerate()}
    return bool(others - {"_MainThread", "HistorySavingThread"}) or any(
        os.path.exists(folder) for folder in made
    )


def _split(number: int) -> None:
    global on
    sys.stdout.flush()
    sys.stderr.flush()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        (FOLDER / f"{number}.code").write_text(str(code))
        return
    on = number
    log = os.open(FOLDER / f"{number}.log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(4 * SECONDS)


def _noted(*given: object, **also: object) -> str:
    made.append(_mkdtemp(*given, **also))  # type: ignore[call-overload]
    return made[-1]


_mkdtemp, tempfile.mkdtemp = tempfile.mkdtemp, _noted  # type: ignore[assignment]
