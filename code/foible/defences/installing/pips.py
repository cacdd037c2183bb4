"""How does one run pip many times, with nothing of this machine's settings in it?

One process imports pip and makes a copy of itself for each command, which saves most
of the time that a command takes. No command here asks any address: indexes are folders.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias


class Said(NamedTuple):
    """What a command of pip left: its exit code, and what it wrote."""

    code: int
    text: str


Pip: TypeAlias = Callable[[list[str]], Said]
"""Runs one command of pip, from its arguments."""


@contextmanager
def pip() -> Iterator[Pip]:
    """Pip, ready to run commands until the block ends."""
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment() | {"PATH": os.devnull},  # it asks what else is here
    )
    asked, answered = server.stdin, server.stdout
    if asked is None or answered is None:
        raise RuntimeError("pip was started without pipes")

    def run(arguments: list[str]) -> Said:
        print(json.dumps(arguments), file=asked, flush=True)
        line = answered.readline()
        if not line:
            raise RuntimeError(f"got no pip in {sys.executable}; wanted one to try")
        return Said(*json.loads(line))

    try:
        yield run
    finally:
        asked.close()
        server.wait()
        answered.close()


def clean_environment() -> dict[str, str]:
    """The environment without what would change pip or Python."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    return kept | {"PIP_CONFIG_FILE": os.devnull}


_SERVER = """
import json, os, sys, tempfile
from pip._internal.cli.main import main

quiet = os.open(os.devnull, os.O_WRONLY)
aside = os.dup(2)
os.dup2(quiet, 2)
with tempfile.TemporaryDirectory() as empty:  # what a first command loads, stays loaded
    wish = ["install", "--no-index", "--target", empty, "--dry-run", "no-such-name"]
    main([*wish, "--disable-pip-version-check"])
os.dup2(aside, 2)
sys.path = [place for place in sys.path if "-packages" not in place]  # read each time

for line in sys.stdin:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 99
            try:
                code = main(json.loads(line))
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        text = said.read().decode(errors="replace")
        print(json.dumps([code, text]), flush=True)
"""
