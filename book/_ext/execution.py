"""Sphinx extension: run the chapters whose outputs are out of date, and show them.

Before Sphinx reads, every chapter whose record does not fit is run (see `run`), and
pages whose outputs changed are read again. When MyST-NB parses a chapter, its cells
get their outputs from the record: the one patched name is MyST-NB's `create_client`.
Nothing else executes code, so a change of prose starts no kernel.

What goes wrong is logged as an error with the line in the source; `gates` makes it red.
Other extensions may change the outputs before they are shown: they connect to the event
`chapter-outputs`, called with the app, the document's name and its notebook.
"""

import math
import os
import re
from collections.abc import Iterator
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

from fingerprint import Package, changed, of_chapter
from run import Chapter, Problem, Record, Store, Surroundings, run_all

logger = logging.getLogger(__name__)

CHAPTERS = ("book/attacks/", "book/failures/")
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


class Execution:
    """The chapters of one build, with the records of their outputs."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.records: dict[str, Record] = {}
        self.headless: set[str] = set()

    def outdated(self, app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
        """Run what must run; name the pages that show older outputs than we have."""
        build = Path(app.outdir).parent
        store = Store(build / "records", say=logger.info)
        chapters = list(self._chapters(env))
        for chapter in chapters:
            if record := store.fitting(chapter):
                self.records[chapter.name] = record
        stale = [c for c in chapters if c.name not in self.records]
        if stale:
            self._run(stale, store, home=build / "ipython")
        shown = _shown(env)
        return [
            n for n, record in self.records.items() if shown.get(n) != record.digest
        ]

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
            _shown(env)[name] = record.digest
            self.app.emit("chapter-outputs", name, notebook)
        return NotebookClientBase(notebook, Path(path), nb_config, log)

    def read(self, app: Sphinx, name: str, content: list[str]) -> None:
        """Let the build go on past half a header, which MyST-NB cannot read."""
        if name in self.headless and content[0].startswith("---\n"):
            front, end, body = content[0].partition("\n---\n")
            content[0] = "\n" * (front + end).count("\n") + body

    def _chapters(self, env: BuildEnvironment) -> Iterator[Chapter]:
        """The documents that have code to run; those that hide it are errors."""
        root = Path(env.srcdir)
        package = Package(root / "code" / "foible")
        for name in sorted(env.found_docs):
            path = Path(env.doc2path(name))
            text = path.read_text(encoding="utf-8")
            if (name.startswith(CHAPTERS) or CODE_CELL.search(text)) and not _headed(
                text
            ):
                self.headless.add(name)
                logger.error(
                    "without a full header this page would not run; begin it with\n%s",
                    HEADER,
                    location=f"{path}:1",
                )
            elif is_myst_markdown_notebook(text):
                cells = [cell.source for cell in _code_cells(_notebook(path))]
                parts = of_chapter(cells, package=package, root=root)
                yield Chapter(name, path, cells, parts)

    def _run(self, stale: list[Chapter], store: Store, *, home: Path) -> None:
        """Run these chapters to their ends, and then say what went wrong."""
        before = {chapter.name: store.latest(chapter) for chapter in stale}
        logger.info("")
        for chapter in stale:
            logger.info(
                "%s runs: %s", chapter.name, _why(chapter, before[chapter.name])
            )
        surroundings = Surroundings(
            package=Path(self.app.srcdir) / "code" / "foible",
            home=home,
            cell_seconds=self.app.config.foible_cell_seconds,
        )
        jobs = int(os.environ.get("FOIBLE_JOBS") or os.cpu_count() or 1)
        longest_first = sorted(
            stale, key=lambda c: _seconds(before[c.name]), reverse=True
        )
        for chapter, record in run_all(
            longest_first, surroundings, jobs=jobs, say=logger.info
        ):
            store.keep(chapter, record)
            self.records[chapter.name] = record
        for chapter in stale:
            for problem in self.records[chapter.name].problems:
                logger.error("%s", problem.text, location=_place(chapter, problem))


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:
    """A page that goes, or is read anew, shows nothing yet."""
    _shown(env).pop(name, None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run the chapters before reading, and fill the cells while parsing."""
    execution = Execution(app)
    app.add_config_value("foible_cell_seconds", 120, "", int)
    app.add_event("chapter-outputs")
    app.connect("env-get-outdated", execution.outdated)
    app.connect("source-read", execution.read)
    app.connect("env-purge-doc", forget)
    myst_nb.sphinx_.create_client = execution.client
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _shown(env: BuildEnvironment) -> dict[str, str]:
    """For each page, the digest of the outputs that it was read with."""
    shown: dict[str, str] = vars(env).setdefault("foible_shown", {})
    return shown


def _notebook(path: Path) -> NotebookNode:
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = read_myst_markdown_notebook(
        text, add_source_map=True, path=path
    )
    return notebook


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


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
    return "it failed last time"


def _seconds(record: Record | None) -> float:
    return record.seconds if record else math.inf


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
