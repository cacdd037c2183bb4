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

    .venv/bin/python book/_ext/execution.py book/attacks/supply_chain
"""

import gc
import math
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from os.path import relpath
from pathlib import Path
from typing import Any

import myst_nb.sphinx_
import yaml
from myst_nb.core.execute import NotebookClientBase
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from budgets import budget
from fingerprint import Package, changed, of_chapter, stamp
from foible.threat import parts
from run import Chapter, Problem, Record, Say, Store, Surroundings, run_all

logger = logging.getLogger(__name__)

CHAPTERS = tuple(f"book/{part}/" for part in parts())
CODE_CELL = re.compile(r"^ *[`~:]{3,}\{code-cell\}", re.MULTILINE)
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---"""
BEFORE_JUDGEMENT = 800
CELL_SECONDS = 120


class Execution:
    """The chapters of one build, with the records of their outputs."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.store = Store(_records(Path(app.doctreedir).parent), say=logger.info)
        self.records: dict[str, Record] = {}
        self.headless: set[str] = set()
        self.shown: dict[str, str] = {}  # by page, the digest of its outputs

    def prepare(self, app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
        """Run what must run, and only that; all pages are read anyway."""
        self.headless = {name for name in env.found_docs if _hides_code(env, name)}
        for name in sorted(self.headless):
            logger.error(
                "without a full header this page would not run; begin it with\n%s",
                HEADER,
                location=f"{env.doc2path(name)}:1",
            )
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
        """Let the build go on past half a header, which MyST-NB cannot read."""
        if name in self.headless and content[0].startswith("---\n"):
            front, end, body = content[0].partition("\n---\n")
            content[0] = "\n" * (front + end).count("\n") + body

    def verify(self, app: Sphinx, error: Exception | None) -> None:
        """Whatever happened since: each page shows the record of its sources, or red.

        This trusts neither the log nor what is in memory: it reads the sources and the
        records again. It says nothing more of a chapter whose failure is known.
        """
        if error or app.builder.format != "html":
            return
        app.statuscode |= bool(self.headless)
        for chapter in self._chapters(app.env):
            record = self.store.fitting(chapter)
            wrong = self._doubts(chapter, record)
            app.statuscode |= record is None or bool(wrong)
            for words in wrong:
                logger.error("%s", words, location=f"{chapter.path}:1")

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
        for name in sorted(env.found_docs - self.headless):
            path = Path(env.doc2path(name))
            if is_myst_markdown_notebook(path.read_text(encoding="utf-8")):
                yield _chapter(name, path, package=package, root=Path(env.srcdir))

    def _excess(self, chapter: Chapter, record: Record) -> list[str]:
        return budget(self.app.config.foible_budget, chapter.name).excess(record)

    def _run(self, stale: list[Chapter]) -> None:
        """Run these chapters to their ends, and then say what went wrong."""
        root = Path(self.app.srcdir)
        seconds = self.app.config.foible_cell_seconds
        self.records |= run_chapters(
            stale, self.store, root=root, cell_seconds=seconds, say=logger.info
        )
        for chapter in stale:
            for text, place in _wrong(chapter, self.records[chapter.name]):
                logger.error("%s", text, location=place)


def run_chapters(
    chapters: list[Chapter], store: Store, *, root: Path, cell_seconds: int, say: Say
) -> dict[str, Record]:
    """Run these chapters, the longest first, and keep their records."""
    before = {chapter.name: store.latest(chapter) for chapter in chapters}
    say("")
    for chapter in chapters:
        say(f"{chapter.name} runs: {_why(chapter, before[chapter.name])}")
    surroundings = Surroundings(
        package=root / "code" / "foible",
        home=store.folder.with_name("ipython"),
        cell_seconds=cell_seconds,
    )
    jobs = int(os.environ.get("FOIBLE_JOBS") or os.cpu_count() or 1)
    chapters = sorted(chapters, key=lambda c: _length(c, before[c.name]), reverse=True)
    records = {}
    for chapter, record in run_all(chapters, surroundings, jobs=jobs, say=say):
        store.keep(chapter, record)
        records[chapter.name] = record
    return records


def setup(app: Sphinx) -> dict[str, bool]:
    """Run the chapters before reading, and fill the cells while parsing."""
    gc.set_threshold(100_000)  # a build makes much, and little that is a cycle
    execution = Execution(app)
    app.add_config_value("foible_cell_seconds", CELL_SECONDS, "", int)
    app.add_event("chapters-ready")
    app.add_event("chapter-outputs")
    app.setup_extension("budgets")
    app.connect("env-get-outdated", execution.prepare)
    app.connect("source-read", execution.read)
    app.connect("build-finished", execution.verify, priority=BEFORE_JUDGEMENT)
    myst_nb.sphinx_.create_client = execution.client
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def main(names: list[str], root: Path) -> int:
    """Run these chapters, whether they must or not, and say what went wrong."""
    chapters = [_named(name, root) for name in names]
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))["sphinx"]
    given = config.get("config", {})
    seconds = given.get("foible_cell_seconds", CELL_SECONDS)
    store = Store(_records(root / "_build"), say=print)
    records = run_chapters(chapters, store, root=root, cell_seconds=seconds, say=print)
    wrong = []
    for chapter in chapters:
        record, most = records[chapter.name], given.get("foible_budget", {})
        over = budget(most, chapter.name).excess(record)
        wrong += _wrong(chapter, record) + [
            (words, f"{chapter.path}:1") for words in over
        ]
    for text, place in wrong:
        print(f"{place}: {text}")
    return 1 if wrong else 0


def _named(name: str, root: Path) -> Chapter:
    """The chapter that somebody asks for, as in book/attacks/supply_chain."""
    path = (root / name).with_suffix(".md")
    if not path.is_file():
        sys.exit(f"got {name}; wanted a chapter, as in book/attacks/supply_chain")
    stem = path.relative_to(root).with_suffix("").as_posix()
    package = Package(root / "code" / "foible")
    return _chapter(stem, path, package=package, root=root)


def _records(build: Path) -> Path:
    return build / "records"


def _chapter(name: str, path: Path, *, package: Package, root: Path) -> Chapter:
    cells = sources(path, stamp(path))
    return Chapter(name, path, cells, of_chapter(cells, package=package, root=root))


def _wrong(chapter: Chapter, record: Record) -> list[tuple[str, str]]:
    """Each problem of a record with its place; the last says how to go on."""
    alone = f"{relpath(sys.executable)} {relpath(__file__)} {chapter.name}"
    found = [(p.text, _place(chapter, p)) for p in record.problems]
    return [*found[:-1], *((f"{t}; alone: {alone}", p) for t, p in found[-1:])]


@cache
def sources(path: Path, stamp: tuple[int, int]) -> list[str]:
    """The code cells of a chapter as it is at this stamp; a build asks twice."""
    return [cell.source for cell in _code_cells(_notebook(path))]


def _notebook(path: Path) -> NotebookNode:
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = read_myst_markdown_notebook(
        text, add_source_map=True, path=path
    )
    return notebook


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _hides_code(env: BuildEnvironment, name: str) -> bool:
    """Whether this page has cells that would not run, for want of a header."""
    text = Path(env.doc2path(name)).read_text(encoding="utf-8")
    return bool(name.startswith(CHAPTERS) or CODE_CELL.search(text)) and not _headed(
        text
    )


def _headed(text: str) -> bool:
    """Whether the front matter has both halves of a notebook's header."""
    if not is_myst_markdown_notebook(text):
        return False
    front = yaml.safe_load(text.split("---", 2)[1])
    kernel = front.get("kernelspec") or {}
    return {"name", "display_name"} <= set(kernel)


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


def _place(chapter: Chapter, problem: Problem) -> str:
    """The file and the line of a problem, as an editor understands it."""
    lines = chapter.path.read_text(encoding="utf-8").splitlines()
    notebook = _notebook(chapter.path)
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
