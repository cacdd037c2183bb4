"""How does a chapter run, and what is kept of it?

Each chapter runs in a kernel of its own, several at once, the longest first. What is
kept is a record: the outputs of every code cell, and what went wrong. A chapter stops
at its first failing cell; the other chapters go on.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from foible_book.fingerprint import NAMED, VARIABLES, Package, Parts, digest
from foible_book.guard import MARK, Guard, kill, processor_seconds

KEPT = 4  # records per chapter, so that taking back an edit runs nothing
HEARTBEAT = 10  # seconds between two lines about a chapter that is still running
PATIENCE = 4  # for a second of a processor, so many by the clock: else a cell sleeps
LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "torch")
IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)|\S*ipykernel_\d+/\d+\.py:(\d+)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PASSED = (  # from the environment of the build; `fingerprint` counts more of it
    *("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "FOIBLE_DOWNLOAD"),
    *("SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
)
DAMAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
MB = 1_000_000
PRINTED, DRAWN = 2, 10  # MB of a chapter
INSIDE = Path(__file__).with_name("inside.py")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Problem:
    """What went wrong in a chapter: in which code cell, on which of its lines."""

    cell: int
    line: int
    text: str


@dataclass(frozen=True)
class Record:
    """What a chapter printed and drew when it last ran."""

    parts: Parts
    outputs: list[list[dict[str, Any]]]
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0  # of processors
    peak_mb: int | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Two records with one digest make the same page."""
        return digest(json.dumps(self.outputs, sort_keys=True))


@dataclass(frozen=True)
class Chapter:
    """A chapter that can run: its cells, its folder, and what it depends on."""

    name: str
    path: Path
    cells: list[str]
    parts: Parts

    @property
    def key(self) -> str:
        """The name of the record that fits this chapter."""
        return digest(json.dumps(self.parts, sort_keys=True))[:16]


def sealed(content: dict[str, Any]) -> str:
    """A record as a text that vouches for itself."""
    return json.dumps(content | {"digest": _seal(content)}, indent=1)


def _seal(content: dict[str, Any]) -> str:
    return digest(json.dumps(content, sort_keys=True))


class Store:
    """The records in a folder: one file per chapter and key, the newest few."""

    def __init__(self, folder: Path, *, say: Say) -> None:
        self.folder = folder
        self.say = say

    def fitting(self, chapter: Chapter) -> Record | None:
        """The record of exactly this chapter, if it ran and nothing went wrong."""
        path = self._path(chapter)
        record = self._read(path) if path.exists() else None
        if record is None or record.problems:
            return None
        os.utime(path)
        return record

    def latest(self, chapter: Chapter) -> Record | None:
        """The newest record of this chapter, whether it fits or not."""
        paths = self._newest_first(chapter)
        return self._read(paths[0]) if paths else None

    def keep(self, chapter: Chapter, record: Record) -> None:
        """Write the record in one stroke, and forget the oldest."""
        path = self._path(chapter)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(sealed(asdict(record)), encoding="utf-8")
        draft.replace(path)
        for old in self._newest_first(chapter)[KEPT:]:
            old.unlink()

    def _path(self, chapter: Chapter) -> Path:
        return self.folder / chapter.name / f"{chapter.key}.json"

    def _newest_first(self, chapter: Chapter) -> list[Path]:
        paths = (self.folder / chapter.name).glob("*.json")
        return sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _read(self, path: Path) -> Record | None:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("digest") != _seal(content):
                raise ValueError("it is not what was kept")
            problems = [Problem(**problem) for problem in content.pop("problems")]
            return Record(problems=problems, **content)
        except DAMAGE as error:
            self.say(f"the record {path} is damaged ({error}); the chapter runs again")
            path.unlink()
            return None


@dataclass(frozen=True)
class Surroundings:
    """What all chapters share: the package, a home for IPython, a limit a cell.

    All that a kernel writes beside its outputs lies in its home. The limit is of
    processors' seconds.
    """

    package: Path
    home: Path
    cell_seconds: int

    def prepare(self) -> None:
        """Let matplotlib list the fonts; a kernel that does may say so on stderr."""
        if not any(self.home.glob("fontlist-*.json")):
            self.home.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [sys.executable, "-c", "import matplotlib.font_manager"],
                env=self.environment(""),
                stderr=subprocess.DEVNULL,
                check=False,
            )

    def without_doubtful_bytecode(self) -> None:
        """Remove what Python might take for the bytecode of a later edit.

        It compares sizes and whole seconds, so it takes that of a module for the next
        edit's in the same second. What was compiled later than that is never doubtful.
        """
        for source in self.package.rglob("*.py"):
            compiled = Path(cache_from_source(source))
            with suppress(FileNotFoundError):
                if compiled.stat().st_mtime < int(source.stat().st_mtime) + 1:
                    compiled.unlink()

    def environment(self, mark: str) -> dict[str, str]:
        """The same variables on every machine, and the package from its source."""
        given = {name: os.environ[name] for name in PASSED if name in os.environ}
        given |= {name: os.environ[name] for name in VARIABLES if name in os.environ}
        given |= {  # from anywhere, since a kernel runs in its chapter's folder
            name: str(Path(os.environ[name]).absolute())
            for name in ("FOIBLE_DATA", "FOIBLE_MODELS")
            if os.environ.get(name)
        }
        return {
            "SOURCE_DATE_EPOCH": "0",
            **given,
            MARK: mark,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "IPYTHONDIR": str(self.home),
            "MATPLOTLIBRC": str(self.package / "style.mplstyle"),
            "MPLCONFIGDIR": str(self.home),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(self.package.parent),
            "XDG_CACHE_HOME": str(self.home),
        }

    def begins(self, parts: Parts) -> str:
        """The line that a kernel runs before the first cell, see `inside`."""
        root, build = self.package.parents[1].resolve(), self.home.parent
        data, models = (
            os.environ.get(name) or build for name in ("FOIBLE_DATA", "FOIBLE_MODELS")
        )
        own = map(Path, (self.package, build, sys.prefix, data, models))
        allowed = [f"{folder.resolve()}{os.sep}" for folder in own]
        allowed += [str(root / name) for name in ("constraints.txt", *NAMED)]
        allowed += map(str, root.glob("code/*.egg-info"))  # pip's notes
        unseen = sorted(Package(self.package).names - parts.keys())
        given = str(root), tuple(allowed), unseen, PRINTED
        inside = f"__import__('runpy').run_path({str(INSIDE)!r})"
        return f"{inside}['begin']{given!r}"


class OwnKernel(KernelSpecManager):
    """The kernel of this Python, whatever Jupyter finds elsewhere under its name."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """How it starts."""
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=launch, display_name="Python 3", language="python")


def without_ports(manager: KernelManager) -> None:
    """Let it speak with its kernel through sockets that have names.

    A port is free when it is looked for; another program can take it before the kernel.
    """
    manager.transport, manager.ip = "ipc", f"@foible-{uuid.uuid4()}"


class Run:
    """One chapter in a kernel of its own."""

    def __init__(self, chapter: Chapter, surroundings: Surroundings) -> None:
        self.chapter = chapter
        self.surroundings = surroundings
        self.mark = f"{os.getpid()} {chapter.name}"
        self.cell = 0
        self.begun = 0.0  # seconds that the chapter had taken before this cell
        self.over = False
        self.printed = self.drawn = 0  # bytes
        self.stopped = False
        self.started: float | None = None

    def __str__(self) -> str:
        """How far it has come."""
        cells = len(self.chapter.cells)
        return f"{self.chapter.name}  cell {self.cell} of {cells}  {self.seconds:.0f} s"

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return 0.0 if self.started is None else time.monotonic() - self.started

    def record(self, guard: Guard) -> Record:
        """Run the cells, up to the first that fails, and keep what they gave."""
        self.started = time.monotonic()
        notebook = as_notebook(self.chapter.cells)
        client = self._client(notebook)
        manager = client.create_kernel_manager()
        manager.kernel_spec_manager = OwnKernel()
        manager.connection_file = str(self.surroundings.home / f"{uuid.uuid4()}.json")
        without_ports(manager)
        self.surroundings.without_doubtful_bytecode()
        with guard.over(self.mark):
            client.start_new_kernel(
                cwd=str(self.chapter.path.parent),
                env=self.surroundings.environment(self.mark),
            )
            with client.setup_kernel():
                problems = self.run_cells(client)
                peak_mb, taken = _peak_mb(_pid(client)), processor_seconds(self.mark)
        return Record(
            parts=self.chapter.parts,
            outputs=outputs(notebook),
            problems=problems,
            seconds=round(taken, 1),
            peak_mb=peak_mb,
            versions=_versions(),
        )

    def _client(self, notebook: NotebookNode) -> NotebookClient:
        """Tags decide how a cell is shown, never whether and how it runs."""
        return NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=PATIENCE * self.surroundings.cell_seconds,
            force_raise_errors=True,
            skip_cells_with_tag="",
            extra_arguments=self.arguments(),
        )

    def arguments(self) -> list[str]:
        """What a kernel is told."""
        begins = self.surroundings.begins(self.chapter.parts)
        return [
            "--log-level=ERROR",
            "--HistoryManager.hist_file=:memory:",
            "--InlineBackend.figure_formats={'retina'}",
            f"--IPKernelApp.exec_lines={[begins]}",
        ]

    def run_cells(self, client: NotebookClient) -> list[Problem]:
        """Run them, up to the first that fails; what went wrong."""
        problems: list[Problem] = []
        for index, cell in enumerate(client.nb.cells):
            if self.stopped:
                break
            self.cell, self.begun = index + 1, processor_seconds(self.mark)
            failure = self._failure(client, cell, index)
            _join(cell)
            problems += [Problem(index, *said) for said in _said_on_stderr(cell)]
            if failure:
                client.shutdown_kernel = "immediate"
                return [*problems, Problem(index, *failure)]
        return problems

    def _failure(
        self, client: NotebookClient, cell: NotebookNode, index: int
    ) -> tuple[int, str] | None:
        try:
            client.execute_cell(cell, index)
        except CellExecutionError as error:
            trace = "".join(
                line for out in cell.outputs for line in out.get("traceback", [])
            )
            return _line(trace), f"cell failed: {error.ename}: {error.evalue}"
        except CellTimeoutError:
            asleep = PATIENCE * self.surroundings.cell_seconds
            return 1, f"cell was not done after {asleep} s; does it wait for something?"
        except DeadKernelError:
            if self.over:
                most = self.surroundings.cell_seconds
                return 1, f"cell ran longer than {most} s of a processor"
            return 1, "cell failed: its kernel died (out of memory?)"
        if excess := self._excess(cell):
            cell.outputs = []
            return 1, f"cell failed: {excess}"
        return None

    def watch(self) -> None:
        """End the kernel if its cell has had the processors for too long."""
        begun = self.begun
        taken = processor_seconds(self.mark) - begun
        if taken > self.surroundings.cell_seconds and begun == self.begun:
            self.over = True
            kill(self.mark)

    def _excess(self, cell: NotebookNode) -> str:
        """Why the page cannot have what this cell shows, if it cannot."""
        for output in cell.outputs:
            shown = output.get("data") or {"text": output.get("text", "")}
            for kind, content in shown.items():
                if kind.startswith("image/"):
                    self.drawn += len(content)
                    continue
                self.printed += len(str(content))
                if found := ADDRESS.search(str(content)):
                    return f"its output differs each time, '{found[0]}'; show no object"
        if self.printed > PRINTED * MB:
            return f"the chapter shows {_mb(self.printed, PRINTED)}; show less of it"
        if self.drawn > DRAWN * MB:
            return f"the chapter draws {_mb(self.drawn, DRAWN)}; rasterize its points"
        return ""


def run_all(
    chapters: list[Chapter], surroundings: Surroundings, *, jobs: int, say: Say
) -> Iterator[tuple[Chapter, Record]]:
    """Run the chapters in this order, several at once; give each as it is done.

    A chapter is said to have run when the caller asks for the next one.
    """
    surroundings.prepare()
    with ThreadPoolExecutor(jobs) as pool, Guard() as guard:
        runs: dict[Future[Record], Run] = {}
        try:
            for chapter in chapters:
                run = Run(chapter, surroundings)
                runs[pool.submit(run.record, guard)] = run
            waiting, quiet = set(runs), 0
            while waiting:
                done, waiting = wait(waiting, 1, FIRST_COMPLETED)
                for future in done:
                    yield runs[future].chapter, future.result()
                    say(f"ran {runs[future]}")
                quiet = 0 if done else quiet + 1
                for future in filter(Future.running, waiting):
                    runs[future].watch()
                    if quiet and quiet % HEARTBEAT == 0:
                        say(f"running {runs[future]}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs.values():
                run.stopped = True


def as_notebook(cells: list[str]) -> NotebookNode:
    """Cells that can run."""
    notebook: NotebookNode = new_notebook(  # type: ignore[no-untyped-call]
        cells=[new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    )
    return notebook


def outputs(notebook: NotebookNode) -> list[list[dict[str, Any]]]:
    """What the cells gave."""
    return [[dict(output) for output in cell.outputs] for cell in notebook.cells]


def _join(cell: NotebookNode) -> None:
    """Put together what was printed at once; a kernel cuts it by the clock."""
    joined: list[NotebookNode] = []
    for output in cell.outputs:
        if joined and output.get("name") == joined[-1].get("name", ""):
            joined[-1].text += output.text
        else:
            joined.append(output)
    cell.outputs = joined


def _pid(client: NotebookClient) -> int:
    pid: int = client.km.provisioner.pid  # type: ignore[union-attr]
    return pid


def _line(trace: str) -> int:
    """The line of the cell at which a traceback or a warning points, else the first."""
    match = IN_CELL.search(COLOUR.sub("", trace))
    return int(match[1] or match[2]) if match else 1


def _said_on_stderr(cell: NotebookNode) -> Iterator[tuple[int, str]]:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            said = IN_CELL.sub("", output.text).strip(": \n").partition("\n")[0]
            yield _line(output.text), f"cell wrote to stderr: {said}"


def _peak_mb(pid: int) -> int | None:
    """The most memory that a live process has held, where the system tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) // 1024 if match else None


def _mb(found: int, most: int) -> str:
    return f"{found / MB:.0f} MB, and {most} MB are its limit"


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for library in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[library] = version(library)
    return found
