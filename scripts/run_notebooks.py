"""Does a downloaded notebook run where nothing is, and find what the book found?

Each notebook is run from its first cell, which installs the package, to its last, in an
environment and a folder of its own; then its findings are compared with those of the
site. `--clone FOLDER` does it without the network: the first cell installs from that
clone, and the packages of this environment are lent to the new one.

    .venv/bin/python scripts/run_notebooks.py evidence --clone /path/to/a/clone
"""

import argparse
import json
import os
import site
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))

from foible_book import findings, notebooks, pages
from foible_book.run import without_ports

SECONDS = 600  # a cell
ALONE = ("PYTHONPATH", "FOIBLE_DATA", "OMP_NUM_THREADS")  # what a reader does not have
LENT = {  # to pip, which finds all but the package itself in what was lent
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say: none
}


def environment(folder: Path, *, lent: bool) -> Path:
    """The Python of a new environment that can run a kernel, and no more."""
    venv.create(folder, with_pip=not lent)  # pip is lent, too, and setuptools
    python = folder / "bin" / "python"
    if lent:
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "lent.pth").write_text("\n".join(site.getsitepackages()))
    else:
        wanted = f"ipykernel=={version('ipykernel')}"
        subprocess.run([python, "-m", "pip", "install", "-q", wanted], check=True)  # noqa: S603 (our own)
    return python


def run(
    notebook: nbformat.NotebookNode, python: Path, folder: Path, **also: str
) -> list[str]:
    """Run a notebook, with that Python, as a reader would, and say what failed."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []  # those of the book would pass for new ones
            if "check" in cell.metadata.get("tags", []):
                cell.source = answered(cell.source)
    client = NotebookClient(notebook, timeout=SECONDS)
    manager = client.create_kernel_manager()
    manager.kernel_spec.argv[0] = str(python)  # type: ignore[union-attr]
    without_ports(manager)
    settings = {key: value for key, value in os.environ.items() if key not in ALONE}
    try:
        client.execute(cwd=str(folder), env=settings | also)
    except CellExecutionError as error:
        said = "".join(out.get("text", "") for out in notebook.cells[0].outputs)
        return [f"{error}\nthe first cell said: {said or 'nothing'}"]
    return []


def answered(source: str) -> str:
    """A cell that asks for an answer, with one, so that its solution must run."""
    ask, call, judge = source.replace(" = ...", " = 0", 1).rpartition("check(")
    return f"{ask}said = {call}{judge}\nassert said.reference is not None, said"


def found(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    """The name and the text of each finding among the outputs."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if said := output.get("data", {}).get(findings.MIME):
                yield said["name"], said["text"]


def moved(stem: str, now: dict[str, str], accepted: dict[str, Any]) -> list[str]:
    """A line for each finding that is not what the book says."""
    of_stem = {
        name.partition(".")[2]: finding["text"]
        for name, finding in accepted.items()
        if name.startswith(f"{stem}.")
    }
    return [
        f"{stem}.{name}: {of_stem.get(name)} in the book, {now.get(name)} now"
        for name in sorted(of_stem | now)
        if of_stem.get(name) != now.get(name)
    ]


def try_out(path: Path, accepted: dict[str, Any], clone: str) -> list[str]:
    """Run one notebook in an environment of its own, and say what moved."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    if clone:
        address = Path(clone).absolute().as_uri()
        commit = pages.said_by_git(Path(clone), "rev-parse", "HEAD")
        notebook.cells[0].source = notebooks.first(address, commit)
    elif not notebook.cells[0].source.startswith("%pip"):
        sys.exit(f"{path} names no repository; build with FOIBLE_REPOSITORY_URL")
    with tempfile.TemporaryDirectory() as scratch:
        python = environment(Path(scratch, "venv"), lent=bool(clone))
        failed = run(notebook, python, Path(scratch), **(LENT if clone else {}))
    now = dict(found(notebook))
    lines = moved(path.stem, now, accepted)
    counted = f"{path.stem}: {len(now)} findings, {len(lines)} moved"
    print(*failed, *lines, counted, sep="\n", flush=True)
    return failed + lines


def main(arguments: list[str], root: Path) -> int:
    """Try these notebooks of the last site, or all, and say what they find."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("stems", nargs="*", help="which notebooks; without one, all")
    asked.add_argument("--clone", default="", help="install from here, offline")
    given = asked.parse_args(arguments)
    built = root / "_build" / "html"
    known = {
        path.stem: path for path in sorted((built / notebooks.FOLDER).glob("*.ipynb"))
    }
    if unknown := set(given.stems) - set(known) or not known:
        sys.exit(
            f"got {unknown}; wanted some of: {', '.join(known) or 'make book first'}"
        )
    accepted = json.loads((built / findings.FILE).read_text(encoding="utf-8"))
    asked_for = [known[stem] for stem in given.stems or known]
    return int(any([try_out(path, accepted, given.clone) for path in asked_for]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
