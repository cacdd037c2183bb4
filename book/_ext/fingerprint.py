"""When must a chapter run again?

A chapter's outputs depend on the sources of its code cells, on the modules of the
package that these import, directly or not, on the package's data files, on the
pinned versions, on Python, and on the choice of data. Comments, docstrings and
formatting of a module do not count, nor do tags, captions and alt texts of a cell.
"""

import ast
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

_AS_PYTHON = TransformerManager()  # type: ignore[no-untyped-call]
DATA_FILES = ("*.json", "*.mplstyle")

Parts = dict[str, str]


class Package:
    """The package as its source files describe it, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._trees: dict[Path, ast.Module] = {}

    def modules(self, sources: Iterable[str]) -> dict[str, Path]:
        """The modules that these sources import from the package, transitively."""
        found: dict[str, Path] = {}
        waiting = [name for source in sources for name in _imports(_cell(source))]
        while waiting:
            for name, path in self._on_the_way_to(waiting.pop()):
                if name not in found:
                    found[name] = path
                    is_folder = path.name == "__init__.py"
                    parent = name if is_folder else name.rpartition(".")[0]
                    waiting.extend(_imports(self._tree(path), parent))
        return found

    def parts(self, sources: Iterable[str]) -> Parts:
        """What the sources use of the package: names with their digests."""
        modules = self.modules(sources)
        found = {
            name: digest(ast.dump(self._tree(path))) for name, path in modules.items()
        }
        for pattern in DATA_FILES if modules else ():
            for path in self.folder.rglob(pattern):
                name = path.relative_to(self.folder).as_posix()
                found[name] = digest(path.read_bytes())
        return found

    def _on_the_way_to(self, name: str) -> Iterator[tuple[str, Path]]:
        """Importing a.b.c runs a, then a.b, then a.b.c."""
        words = name.split(".")
        if words[0] != self.folder.name:
            return
        for n in range(1, len(words) + 1):
            stem = self.folder.parent.joinpath(*words[:n])
            for path in (stem / "__init__.py", stem.with_suffix(".py")):
                if path.is_file():
                    yield ".".join(words[:n]), path

    def _tree(self, path: Path) -> ast.Module:
        if path not in self._trees:
            self._trees[path] = _without_docstrings(_parsed(path.read_text("utf-8")))
        return self._trees[path]


def of_chapter(cells: list[str], *, package: Package, root: Path) -> Parts:
    """What the outputs of these cells depend on: names with their digests."""
    constraints = root / "constraints.txt"
    return {
        "its code cells": digest(json.dumps(cells)),
        **package.parts(cells),
        "constraints.txt": digest(constraints.read_bytes())
        if constraints.exists()
        else "",
        "Python": platform.python_version(),
        "FOIBLE_DATA": data_identity(os.environ.get("FOIBLE_DATA")),
    }


def digest(content: str | bytes) -> str:
    """The SHA-256 of a text or of bytes, in hexadecimal."""
    return hashlib.sha256(
        content.encode() if isinstance(content, str) else content
    ).hexdigest()


def changed(old: Parts, new: Parts) -> list[str]:
    """The names of the parts that differ."""
    return sorted(name for name in old | new if old.get(name) != new.get(name))


def data_identity(folder: str | None) -> str:
    """Which data: nothing for the embedded sets, else names, sizes and dates."""
    if not folder:
        return ""
    root = Path(folder).resolve()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return digest(
        repr([(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files])
    )


def _imports(tree: ast.Module, package: str = "") -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _cell(source: str) -> ast.Module:
    """A cell without its magics."""
    try:
        return _parsed(_AS_PYTHON.transform_cell(source))
    except SyntaxError:
        return _parsed(source)


def _parsed(source: str) -> ast.Module:
    """Python as a tree; what is not Python counts as it stands, and fails when run."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([ast.Expr(ast.Name(source))], [])


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return tree
