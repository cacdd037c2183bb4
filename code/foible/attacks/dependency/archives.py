"""What is a package, as a file that somebody uploads?

Archives are made byte for byte the same from the same words, so that a digest of one
can be compared. Nothing here is uploaded anywhere, and a payload only proves that it
ran: it makes an empty file, the marker.
"""

import base64
import gzip
import hashlib
import io
import re
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from foible.errors import BadInput

ANYWHERE = "py3-none-any"
"""The tag of a wheel that any Python 3 can use."""
HERE = f"cp{sys.version_info.major}{sys.version_info.minor}-none-any"
"""The tag of a wheel for this very Python, which an installer prefers."""

VERSION = r"([0-9]+!)?[0-9]+(\.[a-z0-9]+)*(\+[a-z0-9]+)?"


class Archive(NamedTuple):
    """A file that an index offers: its name, which says what it is, and its bytes."""

    file: str
    content: bytes


@dataclass(frozen=True)
class Project:
    """A package by its name, as one types it, and its version.

    BadInput: when a name or a version could not be one.
    """

    name: str
    version: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.name):
            raise BadInput(
                f"got the name {self.name!r}; wanted small letters, digits and single "
                "hyphens between them"
            )
        if not re.fullmatch(
            r"([0-9]+!)?[0-9]+(\.[a-z0-9]+)*(\+[a-z0-9]+)?", self.version
        ):
            raise BadInput(
                f"got the version {self.version!r}; wanted one such as 1.2.0"
            )

    @property
    def module(self) -> str:
        """The name under which it is imported."""
        return self.name.replace("-", "_")


def marking(marker: Path) -> str:
    """A payload: a line of Python that makes an empty file."""
    return f"open({str(marker)!r}, 'w').close()\n"


def wheel(
    project: Project,
    code: str,
    *,
    build: str = "",
    tag: str = ANYWHERE,
    module: str = "",
) -> Archive:
    """A wheel with one module.

    Parameters
    ----------
    code : str
        What runs when the module is imported.
    build : str
        A build number. Of two wheels of one version the one with the higher number is
        taken.
    tag : str
        For which Python it is. The more particular one is taken.
    module : str
        What is imported; that of the project's name if empty.
    """
    stem = f"{project.module}-{project.version}"
    files = {
        f"{module or project.module}.py": code,
        f"{stem}.dist-info/METADATA": _metadata(project),
        f"{stem}.dist-info/WHEEL": _WHEEL.format(tag),
    }
    files[f"{stem}.dist-info/RECORD"] = record(files, f"{stem}.dist-info/RECORD")
    parts = [stem, build, tag] if build else [stem, tag]
    return Archive("-".join(parts) + ".whl", _zipped(files))


def source(project: Project, script: str, *, code: str = "") -> Archive:
    """A source archive, whose build script runs while it is installed.

    What it builds is the `wheel` with this code, which lies in it.
    """
    built = wheel(project, code)
    stem = f"{project.module}-{project.version}"
    files = {
        "pyproject.toml": _BUILD_SYSTEM.encode(),
        "PKG-INFO": _metadata(project).encode(),
        "build_script.py": (script + _BUILD_SCRIPT.format(built.file)).encode(),
        built.file: built.content,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return Archive(f"{stem}.tar.gz", gzip.compress(buffer.getvalue(), mtime=0))


def record(files: Mapping[str, str], itself: str) -> str:
    """The list of what a wheel installs: path, SHA-256 and size of each file."""
    lines = [
        f"{path},{_sha(text)},{len(text.encode())}" for path, text in files.items()
    ]
    return "\n".join([*lines, f"{itself},,"]) + "\n"


def _sha(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _metadata(project: Project) -> str:
    return f"Metadata-Version: 2.1\nName: {project.name}\nVersion: {project.version}\n"


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()


_WHEEL = "Wheel-Version: 1.0\nGenerator: foible\nRoot-Is-Purelib: true\nTag: {}\n"
_BUILD_SYSTEM = """[build-system]
requires = []
build-backend = "build_script"
backend-path = ["."]
"""
_BUILD_SCRIPT = """
import shutil

def build_wheel(folder, settings=None, metadata=None):
    return shutil.copy({0!r}, folder).rpartition("/")[2]
"""
