"""Is the environment of the book whole? If not, make it anew, and only then use it.

    python3.11 scripts/environment.py        (every `make` that needs it)

An environment is made in a folder of its own, `.venv-<key>`, from which it never moves,
for its scripts hold their address. It is in use when the link `.venv` leads to it, and
that is set in one stroke when all is there. The key is made of the lock, Python and the
place; what belongs to another key, or was broken off, is removed.

Everything is a wheel with a digest in `constraints.txt`, and is installed without a
resolver. `TORCH_INDEX` names another index for torch alone.
"""

from __future__ import annotations  # for a Python that is only to be refused

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

WANTED = (3, 11)
LOCK, LINK, MARK = "constraints.txt", ".venv", "whole.json"
OURS = re.compile(r"\.venv-[0-9a-f]{12}")
ENTRY = re.compile(r"^(\S+)==\S+[^#\n]*(?:\n +--hash.*)*", re.MULTILINE)
SIZES = re.compile(r"Linux: (\d+) MB, and torch, (\d+) MB .* (\d+) MB")
CUDA = re.compile(r"nvidia-|cuda-|triton$")
DOWNLOADING = re.compile(r"Downloading (\S+) \(([\d.]+) MB\)")
QUIETLY = ("--disable-pip-version-check", "--no-input")
COMPILED = ("-qq", "-j", "0", "-x", "site-packages/.*/tests/")
NO_PIP = "this Python lacks ensurepip; on Debian: apt-get install python3.11-venv"
QUIET = 1 if sys.stdout.isatty() else 10  # seconds between two lines
REMEDY = "make again goes on from what was downloaded"


class Refused(Exception):
    """Why there is no environment, in one line."""


def refused_python() -> None:
    """Refuse a Python for which nothing is locked, before anything is made."""
    if sys.version_info[:2] != WANTED:
        got = ".".join(map(str, sys.version_info[:3]))
        raise Refused(
            f"got Python {got} ({sys.executable}); wanted 3.11, for which the packages "
            "are locked; say where it is: make book PYTHON=/path/to/python3.11"
        )


def key(root: Path, lock: str) -> str:
    """What an environment depends on: the lock, Python, and where it stands."""
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    parts = (lock, sys.version, base, str(root))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


# ------------------------------------------------------------------ is it whole?


def folders(environment: Path) -> Iterator[tuple[str, list[str]]]:
    """Each folder of an environment with what is in it, but for compiled files."""
    for folder, below, files in os.walk(environment):
        below[:] = sorted(set(below) - {"__pycache__"})
        yield os.path.relpath(folder, environment), sorted([*below, *files])


def seal(environment: Path) -> None:
    """Note what is there and when it last changed; from now on it is whole."""
    found = {
        folder: [os.stat(environment / folder).st_mtime_ns, names]
        for folder, names in folders(environment)
    }
    draft = environment / "draft.json"
    draft.write_text(json.dumps(found), encoding="utf-8")
    draft.replace(environment / MARK)


def missing(environment: Path) -> str:
    """What an environment lacks: a reason in words, or "".

    A folder from which something went has another date than it had; only such folders
    are read.
    """
    if not (environment / "bin" / "python").exists():
        return "there is none, or its Python has gone"
    try:
        sealed = json.loads((environment / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "it was not finished"
    for folder, (changed, names) in sealed.items():
        path = os.path.join(environment, folder)
        try:
            if os.stat(path).st_mtime_ns != changed:
                gone = set(names).difference(os.listdir(path))
                if gone:
                    return f"{os.path.join(folder, min(gone))} is gone"
        except OSError:
            return f"{folder} is gone"
    return ""


# ------------------------------------------------------------------ making it


class Pip:
    """The pip of a new environment, and what it says while it works."""

    def __init__(self, environment: Path, held: int) -> None:
        self.python = environment / "bin" / "python"
        self.held = held  # a descriptor: who waits for us waits for pip, too
        self.scratch = environment / "tmp"
        self.scratch.mkdir()

    def said(self, *words: str, show: bool = False) -> list[str]:
        """The lines of a command; refuses if it fails."""
        lines: list[str] = []
        failed = ran(
            [self.python, "-I", "-m", "pip", *words, *QUIETLY],
            self.held,
            lines,
            lambda: self.state(lines) if show else "",
            TMPDIR=str(self.scratch),
            PIP_USER="0",
        )
        if failed:
            wrong = [line.strip() for line in lines if line.startswith("ERROR:")]
            raise Refused((wrong or lines or ["pip said nothing"])[0].strip())
        return lines

    def state(self, lines: list[str]) -> str:
        """How far it has come: what is downloaded now, or how many were found."""
        last = lines[-1] if lines else ""
        if any(line.startswith("Installing collected") for line in lines):
            return "all is downloaded; unpacking"
        large = DOWNLOADING.search(last)
        if large:
            name = large[1].rpartition("/")[2]
            sizes = [f.stat().st_size for f in self.scratch.glob("pip-*/*.whl")]
            done = max(sizes, default=0) / 1e6
            return f"{name}: {done:.0f} of {float(large[2]):.0f} MB"
        found = sum(line.startswith(("Collecting", "Processing")) for line in lines)
        return f"{found} packages found"


def ran(
    command: Sequence[str | Path],
    held: int,
    lines: list[str],
    state: Callable[[], str],
    **settings: str,
) -> int:
    """The exit of a command; `lines` gets what it says.

    While it goes on, say now and then how far it is. It leads a group, which ends with
    it: an orphan that holds our descriptor would be waited for always.
    """
    with subprocess.Popen(  # noqa: S603 (Python and pip of this environment)
        command,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[held],
        process_group=0,
        text=True,
        errors="replace",
    ) as process:
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()
        try:
            begun = said = time.monotonic()
            while process.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - said >= QUIET and (words := state()):
                    said = time.monotonic()
                    say(f"{words}, {said - begun:.0f} s", passing=True)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            reader.join()
    return process.returncode


def make(environment: Path, lock: str, held: int) -> None:
    """Make the environment from nothing, where it will stay."""
    lines: list[str] = []
    if ran([sys.executable, "-I", "-m", "venv", environment], held, lines, str):
        lacks = any("ensurepip" in line for line in lines)
        raise Refused(NO_PIP if lacks else (lines or ["venv said nothing"])[-1].strip())
    pip = Pip(environment, held)
    install(environment, lock, pip)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "foible.pth").write_text(f"{environment.parent / 'code'}\n", "utf-8")
    compiling: list[str | Path] = ["-I", "-m", "compileall", *COMPILED, site]
    ran([pip.python, *compiling], held, [], lambda: "compiling")  # some are no Python
    shutil.rmtree(pip.scratch)
    seal(environment)


def install(environment: Path, lock: str, pip: Pip) -> None:
    """Install what the lock names, torch in its CPU build where there is one."""
    index = os.environ.get("TORCH_INDEX")
    elsewhere = ["--index-url", index] if index else []
    entries = {found[1]: found[0] for found in ENTRY.finditer(lock)}
    torch = entries.pop("torch", "")
    if torch:
        version = torch.split()[0]
        cpu = f"{version}+cpu"
        offered = " ".join(pip.said("index", "versions", "torch", *elsewhere))
        if cpu.partition("==")[2] in re.split(r"[\s,()]+", offered):
            torch = torch.replace(version, cpu, 1)
            entries = {n: e for n, e in entries.items() if not CUDA.match(n)}
        announce(len(entries) + 1, lock, cpu=cpu in torch)
        if index:
            choose(environment, [torch], pip, *elsewhere)
        else:
            entries["torch"] = torch
    choose(environment, entries.values(), pip)


def choose(environment: Path, entries: Iterable[str], pip: Pip, *settings: str) -> None:
    """Install these, as they are locked and no other way."""
    asked = environment / "tmp" / "asked.txt"
    asked.write_text("\n".join([*entries, ""]), encoding="utf-8")
    only = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile")
    pip.said("install", *only, *settings, "-r", str(asked), show=True)


def announce(packages: int, lock: str, *, cpu: bool) -> None:
    """Say what will come over the network before it does."""
    sizes = SIZES.search(lock)
    if not sizes:
        return
    others, small, large = map(int, sizes.groups())
    torch = small if cpu or sys.platform != "linux" else large
    say(f"installing {packages} packages: {others + torch} MB to download")
    if torch == large:
        say(
            f"of these {large} MB are torch with CUDA, which the book does not use; a "
            f"CPU build has {small} MB: make book TORCH_INDEX=<url>, see README"
        )


# ------------------------------------------------------------------ in its place


def use(root: Path, environment: Path) -> None:
    """Let `.venv` lead to this environment, and remove the others."""
    link, draft = root / LINK, root / (environment.name + ".link")
    draft.unlink(missing_ok=True)
    draft.symlink_to(environment.name)
    if link.is_dir() and not link.is_symlink():
        aside = root / ".venv-000000000000"
        shutil.rmtree(aside, ignore_errors=True)
        link.rename(aside)
    draft.replace(link)
    for other in root.glob(".venv-*"):
        if OURS.fullmatch(other.name) and other != environment:
            shutil.rmtree(other, ignore_errors=True)


def say(words: str, *, passing: bool = False) -> None:
    """A line; on a terminal a passing one makes room for the next."""
    if sys.stdout.isatty():
        print(f"\r\033[K{words}", end="" if passing else "\n", flush=True)
    else:
        print(words, flush=True)


def ready(root: Path) -> None:
    """Make the environment and put it in place, unless it is there and whole."""
    lock = (root / LOCK).read_text(encoding="utf-8")
    environment = root / f".venv-{key(root, lock)}"
    link = root / LINK

    def lacking() -> str:
        there = link.is_symlink() and os.readlink(link) == environment.name
        return missing(environment) if there else "there is none for this lock"

    if not lacking():
        return
    with open(root / ".venv.lock", "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another make is installing; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        why = lacking()
        if not why:
            return
        if missing(environment):
            if link.exists():
                say(f"making the environment anew: {why}")
            shutil.rmtree(environment, ignore_errors=True)
            begun = time.monotonic()
            make(environment, lock, held.fileno())
            say(f"the environment stands, after {time.monotonic() - begun:.0f} s")
        use(root, environment)


def main(root: Path) -> int:
    """The exit of the command: 0 if the environment stands."""
    try:
        refused_python()
        ready(root)
    except Refused as reason:
        say(f"no environment: {reason}")
        return 1
    except OSError as error:
        say(f"no environment: {error}; mend that, and {REMEDY}")
        return 1
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            say(f"interrupted; {REMEDY}")
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
