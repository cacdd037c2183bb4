"""How long does a build take, after which edit, and beside a stock Jupyter Book?

Everything is measured in one run, on copies of the book. The stock build has the same
chapters, package, theme and thread setting; it executes one chapter after the other
with MyST-NB's cache, and the book's own extensions are left out: roles and directives
of the same names give their text or nothing. The table goes to the terminal, and
between the marks in CONTRIBUTING.md, if they are there.
"""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import marked
from reproduce import build, copy

CHAPTER = "book/attacks/supply_chain.md"
BARE_CELL = r"(\{code-cell\}[^\n]*\n)(?=\w)"
RENDERING = 10  # seconds that the bound allows beside the kernels
STOCK = """
from docutils import nodes
from docutils.parsers.rst import Directive

class Nothing(Directive):
    def run(self):
        return []

def text(role, raw, words, *_):
    return [nodes.Text(words)], []

def setup(app):
    for name in ("finding", "cited"):
        app.add_role(name, text)
    for name in ("failure-map", "build-statistics"):
        app.add_directive(name, Nothing)
"""

Records = dict[str, dict[str, Any]]


class Edit(NamedTuple):
    """A change of one file, and how many kernels it may start."""

    what: str
    path: str
    change: Callable[[str], str]
    kernels: int


class Row(NamedTuple):
    """One build: what came before it, its seconds, its kernels, and what was wanted."""

    what: str
    seconds: float
    kernels: int
    wanted: str

    def __str__(self) -> str:
        """A row of the table."""
        return f"| {self.what} | {self.seconds:.1f} | {self.kernels} | {self.wanted} |"


def timed(book: Path) -> tuple[float, str]:
    """The seconds of a build, and what it said."""
    start = time.perf_counter()
    said = build(book)
    return time.perf_counter() - start, said


def ran(said: str) -> list[str]:
    """The chapters that ran, from the lines of our build."""
    return re.findall(r"^ran (\S+)", said, re.MULTILINE)


def stock(root: Path, folder: Path) -> Row:
    """A cold build with stock settings."""
    book = copy(root, folder)
    (book / "stock.py").write_text(STOCK, encoding="utf-8")
    path = book / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = set(config["sphinx"]["local_extensions"])
    listed = config["sphinx"]["config"]["extensions"]
    config["execute"] = {"execute_notebooks": "cache", "timeout": 600}
    config["sphinx"]["local_extensions"] = {"stock": "."}
    config["sphinx"]["config"]["extensions"] = [
        *(name for name in listed if name not in own),
        "stock",
    ]
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    seconds, said = timed(book)
    return Row(
        "cold, stock Jupyter Book", seconds, said.count("Executing notebook"), ""
    )


def records(book: Path) -> Records:
    """The newest record of each chapter."""
    found: Records = {}
    folder = book / "_build" / "records"
    paths = sorted(folder.rglob("*.json"), key=lambda p: p.stat().st_mtime_ns)
    for path in paths:
        name = path.parent.relative_to(folder).as_posix()
        found[name] = json.loads(path.read_text(encoding="utf-8"))
    return found


def dependants(records: Records) -> tuple[str, list[str]]:
    """A module on which some chapters depend and others do not, and the former."""
    modules = {part for record in records.values() for part in record["parts"]}
    users = {
        module: sorted(name for name in records if module in records[name]["parts"])
        for module in sorted(modules)
        if module.startswith("foible.")
    }
    some = {m: names for m, names in users.items() if len(names) < len(records)}
    return max((some or users).items(), key=lambda item: len(item[1]))


def edits(module: str, users: int) -> list[Edit]:
    """Every kind of edit, the dear ones last."""
    path = f"code/{module.replace('.', '/')}.py"
    return [
        Edit(
            "prose of one chapter",
            CHAPTER,
            lambda text: text.replace("\n## ", "\nOne more sentence.\n\n## ", 1),
            0,
        ),
        Edit(
            "one alt text",
            CHAPTER,
            lambda text: text.replace(" alt: ", " alt: A ", 1),
            0,
        ),
        Edit(
            "one tag",
            CHAPTER,
            lambda text: re.sub(BARE_CELL, r"\1:tags: [hide-input]\n", text, count=1),
            0,
        ),
        Edit("a comment in a module", path, lambda text: f"# A comment.\n{text}", 0),
        Edit("a docstring in a module", path, lambda text: f'"""Other.{text[3:]}', 0),
        Edit(
            "one cell",
            CHAPTER,
            lambda text: re.sub(BARE_CELL, r"\1_ = 1\n", text, count=1),
            1,
        ),
        Edit(
            f"one module, `{module}`", path, lambda text: f"{text}\nBENCH = 1\n", users
        ),
    ]


def measured(book: Path, edit: Edit) -> list[Row]:
    """The edit, and the way back, which may never start a kernel."""
    path = book / edit.path
    before = path.read_text(encoding="utf-8")
    if (after := edit.change(before)) == before:
        sys.exit(
            f"got no place for the edit {edit.what!r} in {edit.path}; name another"
        )
    path.write_text(after, encoding="utf-8")
    seconds, said = timed(book)
    path.write_text(before, encoding="utf-8")
    back, said_back = timed(book)
    return [
        Row(edit.what, seconds, len(ran(said)), f"{edit.kernels} kernels"),
        Row("  the same, reverted", back, len(ran(said_back)), "0 kernels"),
    ]


def table(root: Path, folder: Path) -> list[str]:
    """Every build, and what follows from the first two."""
    book = copy(root, folder / "ours")
    seconds, said = timed(book)
    taken = records(book)
    each = [record["seconds"] for record in taken.values()]
    cores = os.cpu_count() or 1
    bound = max(max(each), sum(each) / cores)
    ours = Row(
        "cold, ours",
        seconds,
        len(ran(said)),
        f"{1.15 * bound + RENDERING:.0f} s at most",
    )
    theirs = stock(root, folder / "stock")
    nothing, said = timed(book)
    rows = [theirs, ours, Row("nothing changed", nothing, len(ran(said)), "0 kernels")]
    module, users = dependants(taken)
    for edit in edits(module, len(users)):
        rows += measured(book, edit)
    return [
        "| build | seconds | kernels | wanted |",
        "| :-- | --: | --: | :-- |",
        *map(str, rows),
        "",
        f"{len(each)} chapters with code, {sum(each):.0f} s together, the longest "
        f"{max(each):.0f} s, on {cores} cores: no build could take less than "
        f"{bound:.0f} s. Ours took {seconds / bound:.2f} times that; stock took "
        f"{theirs.seconds / seconds:.2f} times as long as ours.",
    ]


def main(root: Path) -> None:
    """Measure, print, and rewrite the table in CONTRIBUTING.md."""
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(table(root, Path(folder)))
    print(text)
    marked.rewrite(root / "CONTRIBUTING.md", "bench", text)


if __name__ == "__main__":
    main(Path.cwd())
