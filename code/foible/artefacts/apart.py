"""What happens in a process of its own, with a limit on time and memory?"""

import faulthandler
import io
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from foible.errors import ArtefactRefused

STATM = Path("/proc/self/statm")
"""Where Linux says how many pages a process has claimed, and holds in memory."""
REFUSED, FAILED = 1, 2


class Ended(NamedTuple):
    """How work ended in a process of its own, and what it took.

    `how` is "done", "refused", "hangs" or "dies of" a signal; `gave` is what was given
    back, or the reason.
    """

    how: str
    gave: bytes
    seconds: float  # of computing
    memory: int  # bytes, at most, beyond what the process began with


def apart(
    work: Callable[[], bytes], *, seconds: float, memory: int | None = None
) -> Ended:
    """How work ends in a copy of this process, and what it gives back.

    Whatever it prints or changes goes with it. An error of its own, other than
    ArtefactRefused, is RuntimeError here.

    Parameters
    ----------
    work : callable
    seconds : float
        Of computing; after that it "hangs".
    memory : int, optional
        Bytes that it may claim, on Linux; whoever claims more gets MemoryError.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # nothing of the parent's may run on in here
        try:
            os._exit(_worked(work, writer, seconds, memory))
        finally:
            os._exit(FAILED)
    os.close(writer)
    try:
        with open(reader, "rb") as pipe:
            begun, gave = int.from_bytes(pipe.read(8)), pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == FAILED:
        raise RuntimeError(f"work failed in a process of its own: {gave.decode()}")
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 - begun
    return Ended(_how(code), gave, seconds, max(0, memory))


def _worked(
    work: Callable[[], bytes], writer: int, seconds: float, memory: int | None
) -> int:
    """The exit code of the work, which writes down what it gives."""
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = io.StringIO()
    os.write(writer, _pages()[1].to_bytes(8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None and STATM.exists():
        claimed = _pages()[0] + memory
        resource.setrlimit(resource.RLIMIT_AS, (claimed, claimed))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    code = 0
    try:
        gave = work()
    except ArtefactRefused as refusal:
        gave, code = str(refusal).encode(), REFUSED
    except Exception as problem:
        gave, code = f"{type(problem).__name__}: {problem}".encode(), FAILED
    with open(writer, "wb") as pipe:
        pipe.write(gave)
    return code


def _how(code: int) -> str:
    """What an exit code means."""
    if code >= 0:
        return "refused" if code == REFUSED else "done"
    if -code == signal.SIGPROF:
        return "hangs"
    return f"dies of {signal.Signals(-code).name}"


def _pages() -> tuple[int, int]:
    """Bytes that this process has claimed, and those that it holds in memory."""
    if not STATM.exists():
        return 0, 0
    claimed, held, *_ = map(int, STATM.read_text().split())
    return claimed * resource.getpagesize(), held * resource.getpagesize()
