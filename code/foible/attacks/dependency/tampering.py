"""What can somebody change where a package is already installed?

`site` is the folder into which packages are installed, `folder` the one in which the
program lies; the attacker can write into it. Each function writes and gives nothing.
"""

import py_compile
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from foible.attacks.dependency.archives import Project, record
from foible.errors import BadInput

Tampering: TypeAlias = Callable[[Path, Project, str], None]
"""Changes a folder, so that a payload runs."""


def patch(site: Path, project: Project, payload: str) -> None:
    """The payload as first line of the installed module."""
    module = _module(site, project)
    module.write_text(payload + module.read_text("utf-8"), "utf-8")


def patch_and_record(site: Path, project: Project, payload: str) -> None:
    """The same, and the digest of the new file in the place of the old one."""
    patch(site, project, payload)
    info = site / f"{project.module}-{project.version}.dist-info"
    listed = [line.split(",")[0] for line in (info / "RECORD").read_text().splitlines()]
    itself = f"{info.name}/RECORD"
    files = {p: (site / p).read_text("utf-8") for p in listed if p != itself}
    (info / "RECORD").write_text(record(files, itself), "utf-8")


def compile_other(site: Path, project: Project, payload: str) -> None:
    """Bytecode with the payload, marked as one that is not compared with its source.

    Python runs it in the source's place, and RECORD has no digest of it.
    """
    module = _module(site, project)
    cache = f"{module.stem}.{sys.implementation.cache_tag}.pyc"
    with tempfile.TemporaryDirectory() as name:
        altered = Path(name) / module.name
        altered.write_text(payload + module.read_text("utf-8"), "utf-8")
        py_compile.compile(
            str(altered),
            cfile=str(site / "__pycache__" / cache),
            dfile=str(module),
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def add_pth(site: Path, project: Project, payload: str) -> None:
    """A new file of whose lines Python runs those that begin with "import"."""
    path = site / f"{_module(site, project).stem}_init.pth"
    path.write_text(f"import sys; {payload}", "utf-8")


def add_package(site: Path, project: Project, payload: str) -> None:
    """A new folder of the module's name, which Python prefers to the module."""
    module = _module(site, project)
    folder = site / module.stem
    folder.mkdir(exist_ok=True)
    text = payload + module.read_text("utf-8")
    (folder / "__init__.py").write_text(text, "utf-8")


def shadow(folder: Path, project: Project, payload: str) -> None:
    """A module beside the program, by the name of one that the program imports."""
    (folder / f"{project.module}.py").write_text(payload, "utf-8")


def patch_program(folder: Path, project: Project, payload: str) -> None:
    """The payload as first line of the program itself."""
    for program in folder.glob("*.py"):
        program.write_text(payload + program.read_text("utf-8"), "utf-8")


TAMPERINGS: Mapping[str, Tampering] = {
    "the module patched": patch,
    "and RECORD rewritten": patch_and_record,
    "bytecode exchanged": compile_other,
    "a .pth file added": add_pth,
    "a package added": add_package,
}
"""What somebody may do to an installed package, by name."""


def _module(site: Path, project: Project) -> Path:
    path = site / f"{project.module}.py"
    if not path.exists():
        raise BadInput(f"got {site}, without {path.name}; wanted it installed there")
    return path
