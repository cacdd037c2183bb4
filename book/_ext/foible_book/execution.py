"""Sphinx extension: run the chapters whose outputs are out of date, and show them.

Before Sphinx reads, every chapter whose record does not fit is run (see `run`). When
MyST-NB parses a chapter, its cells get their outputs from the record: the one patched
name is MyST-NB's `create_client`. Nothing else executes code, so a change of prose
starts no kernel.

What goes wrong is logged as an error with the line in the source; `gates` makes it red.
So is a page that does not show, at the end, the record that fits its sources.
Other extensions may change the outputs before they are shown: they connect to the event
`chapter-outputs`, called with the app, the document's name and its notebook. All
records are handed to `chapters-ready`. As a script it runs single chapters:

    .venv/bin/python book/_ext execution book/attacks/supply_chain
"""

import gc
import math
import sys
from collections.abc import Callable, Iterator
from functools import cache
from os.path import relpath
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import yaml
from myst_nb.core.execute import NotebookClientBase
from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from foible.threat import parts
from foible_book import reading
from foible_book.budgets import budget
from foible_book.fingerprint import Package, changed, of_chapter, stamp
from foible_book.gates import LEFT_OUT
from foible_book.run import Chapter, Problem, Record, Say, Store, Surroundings, run_all
from foible_book.settings import begin, jobs

logger = logging.getLogger(__name__)

LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
BEFORE_JUDGEMENT = 800
CELL_SECONDS = 120

Draw = Callable[[Chapter, Surroundings], Record]


class Execution:
    """The chapters of one build, with the records of their outputs."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.store = Store(_records(Path(app.doctreedir).parent), say=logger.info)
        self.records: dict[str, Record] = {}
        self.unread: set[str] = set()
        self.shown: dict[str, str] = {}  # by page, the digest of its outputs

    def draft(self, name: str, run: Draw) -> list[tuple[str, str]]:
        """Have a page show what this run gives; what went wrong, with its place.

        No record is kept of it, and no page but a draft shows it.
        """
        path = Path(self.app.env.doc2path(name))
        root = Path(self.app.srcdir)
        package = Package(root / "code" / "foible")
        if _notebook(path) is None:
            return []
        chapter = _chapter(name, path, package=package, root=root)
        record = self.store.fitting(chapter) or run(chapter, self._surroundings())
        self.records[name] = record
        self.app.emit("chapters-ready", self.records)
        return [(p.text, place(chapter, p)) for p in record.problems]

    def prepare(self, app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
        """Run what must run, and only that; all pages are read anyway."""
        chapters = list(self._chapters(env))
        for chapter in chapters:
            record = self.store.fitting(chapter)
            if record and not self._excess(chapter, record):
                self.records[chapter.name] = record
        stale = [c for c in chapters if c.name not in self.records]
        if stale:
            self._run(stale)
        app.emit("chapters-ready", self.records)
        return []

    def client(
        self, notebook: NotebookNode, path: str, nb_config: Any, log: Any, *_: Any
    ) -> NotebookClientBase:
        """Stand in for MyST-NB's way to get outputs: take them from the record."""
        env = self.app.env
        name = env.path2doc(path) or ""
        notebook.metadata["language_info"] = LANGUAGE
        if record := self.records.get(name):
            for cell, outputs in zip(
                _code_cells(notebook), record.outputs, strict=True
            ):
                cell.outputs = from_dict(outputs)  # type: ignore[no-untyped-call]
            self.shown[name] = record.digest
            self.app.emit("chapter-outputs", name, notebook)
        return NotebookClientBase(notebook, Path(path), nb_config, log)

    def read(self, app: Sphinx, name: str, content: list[str]) -> None:
        """Let the build go on past a page that cannot be read."""
        if name in self.unread:
            stem = Path(name).name
            content[0] = f"({stem})=\n# {stem}\n"

    def verify(self, app: Sphinx, error: Exception | None) -> None:
        """Whatever happened since: each page shows the record of its sources, or red.

        This trusts neither the log nor what is in memory: it reads the sources and the
        records again. It says nothing more of a chapter whose failure is known.
        """
        if error or app.builder.format != "html":
            return
        for chapter in self._chapters(app.env):
            record = self.store.fitting(chapter)
            wrong = self._doubts(chapter, record)
            app.statuscode |= record is None or bool(wrong)
            for words in wrong:
                logger.error("%s", words, location=f"{chapter.path}:1")
        app.statuscode |= bool(self.unread)

    def _doubts(self, chapter: Chapter, record: Record | None) -> list[str]:
        """Why nobody can vouch for the page of this chapter."""
        known = self.records.get(chapter.name)
        if record is None and known and known.problems:
            return []
        if record is None:
            return ["its sources or its record changed during the build; build again"]
        if self.shown.get(chapter.name) != record.digest:
            return [
                "the page does not show the outputs of its record; look for an "
                "extension that comes between"
            ]
        return self._excess(chapter, record)

    def _chapters(self, env: BuildEnvironment) -> Iterator[Chapter]:
        """The documents that have code to run, as they are on the disk now."""
        package = Package(Path(env.srcdir) / "code" / "foible")
        for name in sorted(env.found_docs - self.unread):
            path = Path(env.doc2path(name))
            try:
                if _notebook(path) is not None:
                    yield _chapter(name, path, package=package, root=Path(env.srcdir))
            except reading.Unreadable as error:
                self.unread.add(name)
                where = f"{path}:{error.line}"
                logger.error("%s: %s", LEFT_OUT, error, location=where)

    def _excess(self, chapter: Chapter, record: Record) -> list[str]:
        return budget(self.app.config.foible_budget, chapter.name).excess(record)

    def _surroundings(self) -> Surroundings:
        seconds = self.app.config.foible_cell_seconds
        return surroundings(self.store, Path(self.app.srcdir), seconds)

    def _run(self, stale: list[Chapter]) -> None:
        """Run these chapters to their ends, and then say what went wrong."""
        around = self._surroundings()
        self.records |= run_chapters(stale, self.store, around, say=logger.info)
        for chapter in stale:
            for text, where in _wrong(chapter, self.records[chapter.name]):
                logger.error("%s", text, location=where)


def surroundings(store: Store, root: Path, cell_seconds: int) -> Surroundings:
    """What the chapters of a book share."""
    home = store.folder.with_name("ipython")
    return Surroundings(root / "code" / "foible", home, cell_seconds)


def run_chapters(
    chapters: list[Chapter], store: Store, around: Surroundings, *, say: Say
) -> dict[str, Record]:
    """Run these chapters, the longest first, and keep their records."""
    before = {chapter.name: store.latest(chapter) for chapter in chapters}
    say("")
    for chapter in chapters:
        say(f"{chapter.name} runs: {_why(chapter, before[chapter.name])}")
    chapters = sorted(chapters, key=lambda c: _length(c, before[c.name]), reverse=True)
    records = {}
    for chapter, record in run_all(chapters, around, jobs=jobs(), say=say):
        store.keep(chapter, record)
        records[chapter.name] = record
    return records


def of(app: Sphinx) -> Execution:
    """That of a build."""
    execution: Execution = vars(app)["foible_execution"]
    return execution


def setup(app: Sphinx) -> dict[str, bool]:
    """Run the chapters before reading, and fill the cells while parsing."""
    gc.set_threshold(100_000)  # a build makes much, and little that is a cycle
    execution = vars(app)["foible_execution"] = Execution(app)
    app.add_config_value("foible_cell_seconds", CELL_SECONDS, "", int)
    app.add_event("chapters-ready")
    app.add_event("chapter-outputs")
    app.setup_extension("foible_book.settings")
    app.setup_extension("foible_book.budgets")
    app.connect("env-get-outdated", execution.prepare)
    app.connect("source-read", execution.read)
    app.connect("build-finished", execution.verify, priority=BEFORE_JUDGEMENT)
    myst_nb.sphinx_.create_client = execution.client
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def main(names: list[str], root: Path) -> int:
    """Run these chapters, whether they must or not, and say what went wrong."""
    begin()
    chapters = [named(name, root) for name in names]
    given = settings(root)
    seconds = given["foible_cell_seconds"]
    store = Store(_records(root / "_build"), say=print)
    around = surroundings(store, root, seconds)
    records = run_chapters(chapters, store, around, say=print)
    wrong = []
    for chapter in chapters:
        record, most = records[chapter.name], given["foible_budget"]
        over = budget(most, chapter.name).excess(record)
        wrong += _wrong(chapter, record) + [
            (words, f"{chapter.path}:1") for words in over
        ]
    for text, where in wrong:
        print(f"{where}: {text}")
    return 1 if wrong else 0


def settings(root: Path) -> dict[str, Any]:
    """What the configuration of a book says of running, where no build reads it."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["sphinx"]
    usual: dict[str, Any] = {"foible_cell_seconds": CELL_SECONDS, "foible_budget": {}}
    return {**usual, **config.get("config", {})}


def named(name: str, root: Path) -> Chapter:
    """The chapter that somebody asks for, as in book/attacks/supply_chain."""
    path = (root / name).with_suffix(".md")
    if not path.is_file():
        sys.exit(f"got {name}; wanted a chapter, as in book/attacks/supply_chain")
    stem = path.relative_to(root).with_suffix("").as_posix()
    package = Package(root / "code" / "foible")
    try:
        return _chapter(stem, path, package=package, root=root)
    except reading.Unreadable as error:
        sys.exit(f"{path}:{error.line}: {error}")


def _records(build: Path) -> Path:
    return build / "records"


def _chapter(name: str, path: Path, *, package: Package, root: Path) -> Chapter:
    cells = sources(path)
    return Chapter(name, path, cells, of_chapter(cells, package=package, root=root))


def _wrong(chapter: Chapter, record: Record) -> list[tuple[str, str]]:
    """Each problem of a record with its place; the last says how to go on."""
    ours = relpath(Path(__file__).parents[1])
    alone = f"{relpath(sys.executable)} {ours} execution {chapter.name}"
    found = [(p.text, place(chapter, p)) for p in record.problems]
    return [*found[:-1], *((f"{t}; alone: {alone}", p) for t, p in found[-1:])]


def sources(path: Path) -> list[str]:
    """The code cells of a chapter, as it is on the disk now."""
    notebook = _notebook(path)
    return [cell.source for cell in _code_cells(notebook)] if notebook else []


def _notebook(path: Path) -> NotebookNode | None:
    wanted = path.parent.name in parts()
    return _read(path, stamp(path), wanted)


@cache
def _read(path: Path, stamp: tuple[int, int], wanted: bool) -> NotebookNode | None:
    """A page as it is at this stamp; a build asks twice."""
    return reading.notebook(path, wanted=wanted)


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _why(chapter: Chapter, before: Record | None) -> str:
    if before is None:
        return "it has not run yet"
    if names := changed(before.parts, chapter.parts):
        return f"{', '.join(names)} changed"
    if before.problems:
        return "it failed last time"
    return "it was over its budget, or runs alone"


def _length(chapter: Chapter, record: Record | None) -> tuple[float, int]:
    """What comes first: what never ran, with many cells; then what took long."""
    return record.seconds if record else math.inf, len(chapter.cells)


def place(chapter: Chapter, problem: Problem) -> str:
    """The file and the line of a problem, as an editor understands it."""
    lines = chapter.path.read_text(encoding="utf-8").splitlines()
    notebook = _notebook(chapter.path)
    assert notebook is not None  # noqa: S101 (what has run has cells)
    source_map = notebook.metadata["source_map"]
    starts = [
        start
        for cell, start in zip(notebook.cells, source_map, strict=True)
        if cell.cell_type == "code"
    ]
    cell = chapter.cells[problem.cell].splitlines()
    first = starts[problem.cell]
    while lines[first : first + len(cell)] != cell:
        first += 1
    return f"{chapter.path}:{first + problem.line}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
