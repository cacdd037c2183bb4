"""What does a page look like after an edit, before the book is built again?

A draft is one page, made by a copy of the process that built the book last, which knows
all the others. Its cells run from the first that changed on, in a kernel that was kept
as it was just before it, see `forking`. A draft lies in `_build/draft`, beside the site
and never in it, and no record is made of what it shows: the build that follows runs the
chapter from its first cell, and makes all pages anew.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from sphinx.application import Sphinx

from foible_book import execution, reading
from foible_book.guard import bearing, end
from foible_book.run import Chapter, Record, Run, Surroundings, as_notebook, outputs

FORKING = Path(__file__).with_name("forking.py")
CELLS = "its code cells"  # of the parts of a chapter
FOLDER = "draft"
OFTEN = 2  # seconds between two looks at the memory


class State(NamedTuple):
    """A process that waits with a chapter as it was before a cell."""

    path: Path  # where it listens
    name: str  # the cell, and what has led to it
    pid: int

    def end(self) -> None:
        """End it, and take away what it kept."""
        end(self.pid)
        self.path.unlink(missing_ok=True)
        shutil.rmtree(f"{self.path}.files", ignore_errors=True)


@dataclass(frozen=True)
class Kept:
    """All states that are kept, of all chapters, in so many MB together."""

    folder: Path
    mark: str  # of their processes, see `guard`
    most_mb: int

    def states(self) -> list[State]:
        """What there is, the one that was last of use at the end."""
        alive, found = set(bearing(self.mark)), []
        for path in self.folder.glob("*/*-*-*"):
            with suppress(ValueError, OSError):
                name, _, pid = path.name.rpartition("-")
                if int(pid) in alive and path.is_socket():
                    found.append((path.stat().st_mtime_ns, State(path, name, int(pid))))
        return [state for _, state in sorted(found)]

    def stop(self) -> None:
        """End what runs, and leave what waits."""
        waiting = {state.pid for state in self.states()}
        for pid in set(bearing(self.mark)) - waiting:
            end(pid)

    def trim(self) -> None:
        """End what has been of no use for longest, until the rest fits.

        What they share counts once: a process's PSS is what it has for itself, and its
        part of the rest.
        """
        states = self.states()
        while states and (over := self.mb(states) - self.most_mb) > 0:
            several = max(1, int(len(states) * min(over / self.most_mb, 1)))
            for state in states[:several]:
                state.end()
            states = states[several:]

    @staticmethod
    def mb(states: list[State]) -> float:
        """The memory that these processes hold together."""
        return sum(map(_pss, states)) / 1024


def _pss(state: State) -> int:
    """The kB of a process."""
    with suppress(OSError):
        for line in Path(f"/proc/{state.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


class Answers(NotebookClient):
    """Takes what a kept kernel sends as it would take it from any kernel."""

    def __init__(
        self, notebook: NotebookNode, conn: Connection, seconds: int, kept: Kept
    ) -> None:
        super().__init__(notebook, record_timing=False)
        self.conn = conn
        self.seconds = seconds
        self.kept = kept
        self.looked = time.monotonic()

    def execute_cell(self, cell: NotebookNode, index: int) -> NotebookNode:
        """The outputs of the next cell, which runs anyway."""
        cell.outputs = []
        self.clear_before_next_output = False
        if time.monotonic() - self.looked > OFTEN:
            self.kept.trim()
            self.looked = time.monotonic()
        if not self.conn.poll(self.seconds):
            raise CellTimeoutError.error_from_timeout_and_cell("", self.seconds, cell)
        try:
            messages = [json.loads(sent) for sent in self.conn.recv()]
        except (EOFError, OSError):
            raise DeadKernelError("Kernel died") from None
        for message in messages:
            if message["msg_type"] != "execute_reply":
                self.process_message(message, cell, index)
            elif message["content"]["status"] == "error":
                raise CellExecutionError.from_cell_and_msg(cell, message["content"])
        return cell


class ForkedRun(Run):
    """A chapter that runs from the first cell on that is not as it was."""

    def __init__(
        self, chapter: Chapter, surroundings: Surroundings, kept: Kept
    ) -> None:
        super().__init__(chapter, surroundings)
        self.kept = kept
        self.folder = kept.folder / chapter.name.replace("/", ".")
        self.names = _names(chapter)
        self.first = 0
        self.took = 0.0  # seconds, of the cells

    def draft(self) -> Record:
        """What the chapter shows now; of the costs of a run it says nothing."""
        self.started = time.monotonic()
        notebook = as_notebook(self.chapter.cells)
        self.kept.stop()
        with self._latest() or self._begun() as conn:
            conn.send((self.chapter.cells, self.names))
            seconds = self.surroundings.cell_seconds
            begun = time.monotonic()
            problems = self.run_cells(Answers(notebook, conn, seconds, self.kept))
            self.took = time.monotonic() - begun
        self.kept.stop()
        return Record(self.chapter.parts, outputs(notebook), problems)

    def _latest(self) -> Connection | None:
        """The state before the last cell to which all is as it was."""
        there = {state.name: state for state in self.kept.states()}
        there = {name: there[name] for name in self.names if name in there}
        for name, state in reversed(there.items()):
            with suppress(OSError), _short(self.folder) as folder:
                conn = Client(f"{folder}/{state.path.name}")
                for each in there.values():
                    os.utime(each.path)  # they are of use
                self.first = self.names.index(name)
                return conn
        return None

    def _begun(self) -> Connection:
        """A kernel before the first cell."""
        for state in self.kept.states():
            if state.path.parent == self.folder:
                state.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        temporary = self.folder / "tmp"
        temporary.mkdir(parents=True)
        self.surroundings.without_doubtful_bytecode()
        ours, its = Pipe()
        environment = self.surroundings.environment(self.kept.mark)
        arguments = self.arguments()
        process = subprocess.Popen(  # noqa: S603 (this very package)
            [sys.executable, FORKING, str(its.fileno()), self.folder, *arguments],
            cwd=self.chapter.path.parent,
            env=environment | {"TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
            start_new_session=True,
        )
        process.returncode = 0  # nobody waits for it: it stays
        its.close()
        return ours


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A short name for a folder, as a socket's must be."""
    number = os.open(folder, os.O_PATH)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)


def _names(chapter: Chapter) -> list[str]:
    """For each cell, a name of all that its outputs follow from but for itself."""
    rest = {name: part for name, part in chapter.parts.items() if name != CELLS}
    known = hashlib.sha256(json.dumps(rest, sort_keys=True).encode())
    names = []
    for number, cell in enumerate(chapter.cells):
        names.append(f"{number:03}-{known.hexdigest()[:16]}")
        known.update(json.dumps(cell).encode())
    return names


# ---------------------------------------------------------------------- the page


def draft(app: Sphinx, page: str, kept: Kept) -> bool:
    """Make the draft of a page, or say why there is none."""
    if page not in app.env.found_docs:
        return False
    begun, before, ran = time.monotonic(), app._warncount, "no cell ran:"

    def run(chapter: Chapter, surroundings: Surroundings) -> Record:
        nonlocal ran
        surroundings.prepare()
        it = ForkedRun(chapter, surroundings, kept)
        record = it.draft()
        cells = f"cells {it.first + 1} to {it.cell} of {len(chapter.cells)}"
        ran = f"{cells} ran: {it.took:.1f} s, in all"
        return record

    try:
        wrong = execution.of(app).draft(page, run)
    except reading.Unreadable as error:
        wrong = [(str(error), f"{app.env.doc2path(page)}:{error.line}")]
    for words, where in wrong:
        print(f"{where}: {words}")
    if not wrong:
        _write(app, page)
    good = not wrong and app._warncount == before
    seconds = time.monotonic() - begun
    said = "good" if good else "NOT good: mend what is listed above"
    print(f"the draft of {page} is {said} ({ran} {seconds:.1f} s)")
    if good:
        print("other pages, the menu and the search follow with the build")
    return good


def finish(app: Sphinx, page: str, kept: Kept) -> NoReturn:
    """Make a draft, and end this process."""
    good = False
    try:
        good = draft(app, page, kept)
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(not good)


def _write(app: Sphinx, page: str) -> None:
    """Read and write one page, into the folder of drafts."""
    build: Path = Path(app.outdir).parent
    builder: Any = app.builder
    folder = build / FOLDER / "html"
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (folder / "_static").symlink_to(Path(app.outdir) / "_static")
    app.outdir = builder.outdir = type(app.outdir)(folder)
    builder.doctreedir = app.env.doctreedir = type(app.outdir)(
        folder.with_name(".doctrees")
    )
    builder.images, builder.search = {}, False  # it needs all pages
    app.emit("env-purge-doc", app.env, page)
    app.env.clear_doc(page)
    builder.read_doc(page)
    builder.prepare_writing({page})
    doctree = app.env.get_and_resolve_doctree(page, builder)
    builder.write_doc_serialized(page, doctree)
    builder.write_doc(page, doctree)
    builder.copy_image_files()
    builder.copy_download_files()
