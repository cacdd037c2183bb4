"""When must a chapter run again?

A chapter's outputs depend on the sources of its code cells, on the modules of the
package that these import, directly or not, on the package's other files, on the
pinned versions, on Python, on the choice of data, and on a few variables of the
environment; of the rest a kernel sees nothing, see `inside`. Comments, docstrings and
formatting of a module do not count, nor do tags, captions and alt texts of a cell.
(jupyter-cache looks at the cells alone: it would show
the outputs of yesterday's module.)
"""

import ast
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

_AS_PYTHON = TransformerManager()  # type: ignore[no-untyped-call]
CODE = (".py", ".pyc")
NAMED = ("pyproject.toml", "requirements.txt")  # which a chapter reads
VARIABLES = (  # a kernel gets them as they are, and they change digits or dates
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
    "OPENBLAS_CORETYPE",
    "SOURCE_DATE_EPOCH",
)

Parts = dict[str, str]


class Package:
    """The package as its source files describe it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ways: dict[str, list[tuple[str, Path]]] = {}

    def modules(self, sources: Iterable[str]) -> dict[str, str]:
        """The modules that these sources import, transitively, with their digests."""
        found: dict[str, str] = {}
        waiting = [name for source in sources for name in _imports_of(source)]
        while waiting:
            wanted = waiting.pop()
            if wanted not in self._ways:
                self._ways[wanted] = list(self._on_the_way_to(wanted))
            for name, path in self._ways[wanted]:
                if name not in found:
                    is_folder = path.name == "__init__.py"
                    parent = name if is_folder else name.rpartition(".")[0]
                    source = _source(path, parent, stamp(path))
                    found[name] = source.digest
                    waiting.extend(source.imports)
        return found

    @cached_property
    def names(self) -> set[str]:
        """Every module of the package."""
        below = [p.relative_to(self.folder.parent) for p in self.folder.rglob("*.py")]
        return {
            ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            for path in below
        }

    def parts(self, sources: Iterable[str]) -> Parts:
        """What the sources use of the package: names with their digests."""
        found = self.modules(sources)
        return found | self._data if found else {}

    @cached_property
    def _data(self) -> dict[str, str]:
        """Every file that is no module, with its digest."""
        return {
            path.relative_to(self.folder).as_posix(): digest(path.read_bytes())
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix not in CODE
        }

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


def of_chapter(cells: list[str], *, package: Package, root: Path) -> Parts:
    """What the outputs of these cells depend on: names with their digests."""
    constraints = root / "constraints.txt"
    return {
        "its code cells": digest(json.dumps(cells)),
        **package.parts(cells),
        "constraints.txt": digest(constraints.read_bytes())
        if constraints.exists()
        else "",
        **{
            name: digest((root / name).read_bytes())
            for name in NAMED
            if (root / name).exists()
        },
        "Python": platform.python_version(),
        "FOIBLE_DATA": data_identity(os.environ.get("FOIBLE_DATA")),
        **{
            name: data_identity(folder)
            for name in ("FOIBLE_MODELS",)
            if (folder := os.environ.get(name))
        },
        **{name: os.environ[name] for name in VARIABLES if name in os.environ},
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


def stamp(path: Path) -> tuple[int, int]:
    """What of a file differs after an edit, without reading it."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


class _Source(NamedTuple):
    """The digest of a module's code, and what it imports."""

    digest: str
    imports: list[str]


@cache
def _source(path: Path, package: str, stamp: tuple[int, int]) -> _Source:
    """A module as it is at this stamp; a build asks twice for each."""
    tree = _without_docstrings(_module(path.read_text("utf-8")))
    return _Source(digest(ast.dump(tree)), sorted(set(_imports(tree, package))))


def _imports(tree: ast.Module, package: str = "") -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def _imports_of(cell: str) -> list[str]:
    """What a cell imports; a build asks twice for each."""
    return list(_imports(_cell(cell)))


def _cell(source: str) -> ast.Module:
    """A cell without its magics; only what is not Python can have some.

    What is not Python without them either counts as it stands, and fails when run.
    """
    with suppress(SyntaxError):
        return ast.parse(source)
    with suppress(SyntaxError):
        return ast.parse(_AS_PYTHON.transform_cell(source))
    return _as_it_stands(source)


def _module(source: str) -> ast.Module:
    """A module; what is not Python counts as it stands, and fails when run."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return _as_it_stands(source)


def _as_it_stands(source: str) -> ast.Module:
    return ast.Module([ast.Expr(ast.Name(source))], [])


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return tree
