"""Is what is installed what was meant?"""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

Check: TypeAlias = Callable[[Path, Iterable[bytes]], list[str]]
"""What is wrong in a folder of installed packages, given the wheels that were meant."""
WRITTEN_BY_PIP = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def by_record(site: Path, wheels: Iterable[bytes] = ()) -> list[str]:
    """The files that are not as the RECORD beside them says.

    It says nothing of files that no RECORD lists, and believes the RECORD.
    """
    return sorted(
        {path for path, digest in _listed(site) if digest != _sha(site / path)}
    )


def by_wheels(site: Path, wheels: Iterable[bytes]) -> list[str]:
    """The files that are not in one of the wheels, bit for bit, and those that lack.

    The wheels must come from another place than the folder. What an installer writes
    of its own is left out, and bytecode is not: install with `--no-compile`.
    """
    meant = dict(_packed(wheels))
    found = {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file() and not _of_pip(path)
    }
    return sorted(
        path
        for path in meant.keys() | found.keys()
        if meant.get(path) != found.get(path)
    )


def _listed(site: Path) -> Iterator[tuple[str, str]]:
    """Each path in a RECORD that has a digest, with it."""
    for listing in site.glob("*.dist-info/RECORD"):
        for path, digest, _ in csv.reader(io.StringIO(listing.read_text("utf-8"))):
            if digest:
                yield path, digest


def _packed(wheels: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for content in wheels:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for path in archive.namelist():
                if not path.endswith(".dist-info/RECORD"):
                    yield path, archive.read(path)


def _of_pip(path: Path) -> bool:
    return path.parent.suffix == ".dist-info" and path.name in WRITTEN_BY_PIP


def _sha(path: Path) -> str:
    if not path.exists():
        return ""
    digest = hashlib.sha256(path.read_bytes()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
