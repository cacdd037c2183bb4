"""Who ends the kernels when the build itself is killed?

A process that gets SIGKILL can do nothing more. So a build that starts kernels starts
this small process too, and tells it their marks through a pipe. The pipe is closed when
the build ends, however it ends; then the guard kills all that bear a mark which is
left. A mark is a variable of the environment, which a kernel hands on to all that its
cells start, even to what leaves its group and session. What a build forks, and no
kernel, asks the system to be ended with it.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from typing import Self, TextIO

MARK = "FOIBLE_KERNEL"
PR_SET_PDEATHSIG = 1


class Guard:
    """The guard as its build sees it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 (this very file)
            [sys.executable, "-IS", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # no Ctrl+C reaches it
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @contextmanager
    def over(self, mark: str) -> Iterator[None]:
        """Know of this mark, and leave no process that bears it at the end."""
        self._say(f"+{mark}")
        try:
            yield
        finally:
            kill(mark)
            self._say(f"-{mark}")

    def _say(self, words: str) -> None:
        """A guard whose build has ended has killed all that it knew."""
        pipe = self._process.stdin
        with suppress(ValueError, BrokenPipeError):
            print(words, file=pipe, flush=True)


def kill(mark: str) -> None:
    """End all processes that bear a mark, and the groups that they lead."""
    known: set[int] = set()
    while new := set(bearing(mark)) - known:
        for pid in new:
            with suppress(ProcessLookupError):
                end = os.killpg if os.getpgid(pid) == pid else os.kill
                end(pid, signal.SIGKILL)
        known |= new


def end(pid: int, patience: float = 10) -> None:
    """Kill a process, and wait until the system has its memory back."""
    with suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(process, signal.SIGKILL)
            select([process], [], [], patience)
        finally:
            os.close(process)


def bearing(mark: str) -> Iterator[int]:
    """The processes that were started with a mark."""
    said = f"{MARK}={mark}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # of another user, or at its end
            if said in path.read_bytes().split(b"\0"):
                yield int(path.parent.name)


def processor_seconds(mark: str) -> float:
    """How long the processes that bear a mark, and those they waited for, have run.

    It is the time on processors, however busy the machine is.
    """
    ticks = 0
    for pid in bearing(mark):
        with suppress(OSError):  # at its end
            said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
            ticks += sum(map(int, said.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def end_with_parent() -> None:
    """Have the system end this fork with the process that it comes from."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def watch(lines: TextIO) -> None:
    """Follow what the build says, and do what is left to do when it says no more."""
    marks = set()
    for line in lines:
        mark = line[1:].rstrip("\n")
        marks.add(mark) if line[0] == "+" else marks.discard(mark)
    for mark in marks:
        kill(mark)


if __name__ == "__main__":
    watch(sys.stdin)
