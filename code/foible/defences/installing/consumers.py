"""How does somebody install a package and start a program that needs it?

A consumer holds controls and no knowledge of what is good: each control decides by
what it sees.
"""

import json
import subprocess
import sysconfig
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from foible.defences.installing.checks import Check
from foible.defences.installing.pips import Pip, clean_environment
from foible.errors import ArtefactRefused

Verifier = Callable[[bytes, bytes, bytes], object]
"""Takes a file, its signature and a public key; ArtefactRefused if they do not fit."""


@dataclass(frozen=True)
class Controls:
    """What a consumer does beyond asking for a name.

    Parameters
    ----------
    pin : str
        The version asked for; any if empty.
    one_index : bool
        Ask the first index only.
    hashes : sequence of str
        The SHA-256 of the files that may be installed; any file if empty.
    wheels_only : bool
        Take no source archive, whose build script would run.
    keys : mapping of str to bytes, optional
        The public key for each name. A name that is not there brings its own.
    check : callable, optional
        Looks at what is installed, before the program is started.
    meant : tuple of bytes
        The wheels that the check compares with.
    safe_path : bool
        Start the program so that nothing beside it can be imported.
    """

    pin: str = ""
    one_index: bool = False
    hashes: tuple[str, ...] = ()
    wheels_only: bool = False
    keys: Mapping[str, bytes] | None = None
    check: Check | None = None
    meant: tuple[bytes, ...] = ()
    safe_path: bool = False


class Installed(NamedTuple):
    """Where something was installed, and from which file of an index."""

    site: Path
    file: Path


def install(
    name: str, *, indexes: list[Path], controls: Controls, folder: Path, pip: Pip
) -> Installed:
    """Install a package into a new environment in a folder.

    Raises
    ------
    ArtefactRefused
        When pip finds nothing that it may install.
    """
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder / "env")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / "env")}))
    wish, report = folder / "requirements.txt", folder / "report.json"
    wish.write_text(_requirement(name, controls), "utf-8")
    first, *others = [index.as_uri() for index in indexes]
    arguments = [*_ALWAYS, "--index-url", first]
    if not controls.one_index:
        arguments += [part for url in others for part in ("--extra-index-url", url)]
    if controls.hashes:
        arguments += ["--require-hashes"]
    if controls.wheels_only:
        arguments += ["--only-binary", ":all:"]
    place = ["--target", str(site), "--report", str(report), "-r", str(wish)]
    said = pip(arguments + place)
    if said.code:
        raise ArtefactRefused(f"pip ended with {said.code}; wanted {name}: {said.text}")
    (taken,) = json.loads(report.read_text("utf-8"))["install"]
    file = url2pathname(urlsplit(taken["download_info"]["url"]).path)
    return Installed(site, Path(file))


def inspect(
    name: str, installed: Installed, *, controls: Controls, verify: Verifier
) -> None:
    """Look at what is installed, by signature and by check; else ArtefactRefused."""
    if controls.keys is not None:
        file, folder = installed.file, installed.file.parent
        signature = folder / f"{file.name}.sig"
        if not signature.exists():
            raise ArtefactRefused(f"got {file.name} unsigned; wanted a signature")
        own = (folder / "key.pem").read_bytes()
        key = controls.keys.get(name, own)
        verify(file.read_bytes(), signature.read_bytes(), key)
    if controls.check:
        wrong = controls.check(installed.site, controls.meant)
        if wrong:
            raise ArtefactRefused(f"got changed files: {wrong}; wanted those released")


def start(program: Path, site: Path, *, safe_path: bool) -> bool:
    """Whether a program in an environment ends well."""
    python = next(p for p in site.parents if p.name == "env") / "bin" / "python"
    done = subprocess.run(  # noqa: S603
        [str(python), "-B", *["-P"] * safe_path, program.name],
        cwd=program.parent,
        env=clean_environment(),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _requirement(name: str, controls: Controls) -> str:
    """The line of a requirements file."""
    version = f"=={controls.pin}" if controls.pin else ""
    digests = "".join(f" --hash=sha256:{digest}" for digest in controls.hashes)
    return f"{name}{version}{digests}\n"


_ALWAYS = ["install", "--isolated", "--quiet", "--no-input", "--no-cache-dir"]
_ALWAYS += ["--no-deps", "--no-compile", "--disable-pip-version-check"]
_ALWAYS += ["--root-user-action", "ignore"]
