"""Who ends the kernels when the build itself is killed?

A process that gets SIGKILL can do nothing more. So a build that starts kernels starts
this small process too, and tells it their process groups through a pipe. The pipe is
closed when the build ends, however it ends; then the guard kills every group that is
left. A group is a kernel with all that its cells have started.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self, TextIO


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
    def over(self, group: int) -> Iterator[None]:
        """Know of this group, and leave nothing of it at the end."""
        self._say(f"+{group}")
        try:
            yield
        finally:
            kill(group)
            self._say(f"-{group}")

    def _say(self, words: str) -> None:
        """A guard whose build has ended has killed all that it knew."""
        pipe = self._process.stdin
        with suppress(ValueError, BrokenPipeError):
            print(words, file=pipe, flush=True)


def kill(group: int) -> None:
    """End all processes of a group, if there are any."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def watch(lines: TextIO) -> None:
    """Follow what the build says, and do what is left to do when it says no more."""
    groups = set()
    for line in lines:
        group = int(line[1:])
        groups.add(group) if line[0] == "+" else groups.discard(group)
    for group in groups:
        kill(group)


if __name__ == "__main__":
    watch(sys.stdin)
