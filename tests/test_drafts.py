"""Does a chapter that goes on from a kept state show what it would from its start?"""

import dataclasses
import os
import random
import re
import shutil
import signal
import sys
import time

import pytest
import small_book

pytestmark = pytest.mark.slow

STEPS = int(os.environ.get("FOIBLE_STEPS", "6"))
PATIENCE = 60  # seconds a cell
DIFFERS = re.compile(r"0x[0-9a-f]+|[^\s\"]*ipykernel_\d+")  # from run to run
SET_UP = """import os, random, subprocess, tempfile, threading, socket, asyncio
import numpy as np, matplotlib.pyplot as plt
from IPython.display import clear_output, display
from foible import alpha
from foible.findings import finding
folder, x, held = tempfile.mkdtemp(), 0, {}
random.seed(1); np.random.seed(2); rng = np.random.default_rng(3)"""
CELLS = [
    "random.random(), np.random.rand(), rng.random()",
    "x = random.random(); x",
    "x += np.random.rand(); x",
    "len(In), sorted(Out), _",
    "plt.plot([0, x]); plt.title(f'{x:.2f}')\nplt.show()",
    "figure, axes = plt.subplots()",
    "axes = plt.gca(); axes.plot([x, 1, 2]); axes.figure",
    "print(x); display(x); print('after')",
    "subprocess.run(['ls', folder], check=True, capture_output=True).stdout",
    "print('gone'); clear_output(); print('stays')",
    "shown = display(1, display_id='one'); shown.update(x)",
    "open(folder + '/a', 'a').write('a'); os.listdir(folder)",
    "open(folder + '/b', 'a').write(str(x)); sorted(os.listdir(folder))",
    "{name: open(f'{folder}/{name}').read() for name in sorted(os.listdir(folder))}",
    "held['file'] = open(folder + '/c', 'a+')",
    "if 'file' in held: held['file'].write('c')",
    "(file := held.pop('file', None)) and (file.seek(0), file.read(), file.close())",
    "end = held['end'] = threading.Event(); threading.Thread(target=end.wait).start()",
    "'end' in held and held.pop('end').set()",
    "held['socket'] = socket.create_server(('127.0.0.1', 0)); 0",
    "'socket' in held and held.pop('socket').close()",
    "held['child'] = subprocess.Popen(['sleep', '60'])",
    "'child' in held and (held['child'].kill(), held.pop('child').wait())",
    "await asyncio.sleep(0); x",
    "np.seterr(divide='raise'), os.environ.setdefault('X', str(x))",
    "np.geterr()['divide'], os.environ.get('X'), os.getcwd() == folder",
    "os.chdir(folder)",
    "finding('share', alpha.SHARE + x / 100, '{:.1%}', between=(0.6, 0.9))",
    "np.array([1]) / np.array([0])",
    "import warnings; warnings.warn('twice'); print('on')",
    "for part in '123': print(part, flush=True)",
    "import inspect; [frame.code_context for frame in inspect.stack()] and None",
]
FAILING = [
    "1 / 0",
    "open('two.md').read()",
    "import importlib; importlib.import_module('foible.' + 'beta')",
    "!ls",
    "exit()",
    "held",
    "def (",
    "os._exit(1)",
    "object()",
]


class Bench:
    """A chapter of a small book, run from its start and from kept states."""

    name = "book/attacks/two"

    def __init__(self, folder, extension, mark, most_mb=2000):
        self.folder = small_book.written(folder)
        shutil.copy(
            small_book.ROOT / "code/foible/style.mplstyle", folder / "code/foible"
        )
        small_book.edit(folder / "_config.yml", "seconds: 5", f"seconds: {PATIENCE}")
        self.guard = extension("guard")
        self.execution, self.drafts = extension("execution"), extension("drafts")
        self.store = extension("run").Store(folder / "_build/records", say=print)
        self.around = self.execution.surroundings(self.store, folder, PATIENCE)
        self.around.prepare()
        self.kept = self.drafts.Kept(folder / "_build/kept", mark, most_mb)

    def chapter(self, cells):
        fenced = "".join(f"```{{code-cell}}\n{cell}\n```\n\n" for cell in cells)
        page = self.folder / f"{self.name}.md"
        page.write_text(f"{small_book.HEADER}\n# Two\n\n{fenced}")
        return self.execution.named(self.name, self.folder)

    def cold(self, cells):
        chapter = self.chapter(cells)
        extensions = small_book.ROOT / "book/_ext"
        small_book.started(
            self.folder, command=(sys.executable, extensions, "execution", self.name)
        ).communicate()
        return said(self.store.latest(chapter))

    def draft(self, cells):
        """What a draft shows, and the first cell that ran for it."""
        run = self.drafts.ForkedRun(self.chapter(cells), self.around, self.kept)
        return said(run.draft()), run.first

    def states(self):
        return [int(state.name.partition("-")[0]) for state in self.kept.states()]


def said(record):
    """What a page would show of a record, but for what differs each time."""
    return DIFFERS.sub("", repr((record.outputs, record.problems)))


@pytest.fixture(scope="module")
def mark():
    return f"{os.getpid()} tests of drafts"


@pytest.fixture
def bench(tmp_path, extension, mark):
    guard = extension("guard")
    with guard.Guard() as watching, watching.over(mark):
        yield Bench(tmp_path / "book", extension, mark)


def walk(steps, seed):
    """Cells, and then the same after each of some edits."""
    dice = random.Random(seed)
    cells = [SET_UP, *dice.choices(CELLS, k=12)]
    yield list(cells)
    for _ in range(steps):
        place = dice.randrange(1, len(cells))
        match dice.randrange(4):
            case 0:
                cells.insert(place, dice.choice(CELLS))
            case 1:
                del cells[place]
            case 2:
                cells[place] = dice.choice(CELLS)
            case _:
                yield [*cells[:place], dice.choice(FAILING), *cells[place:]]
                continue
        yield list(cells)


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_a_draft_shows_what_a_cold_run_does(bench, seed):
    begun = []

    for cells in walk(STEPS, seed):
        shown, first = bench.draft(cells)
        begun.append(first)

        assert shown == bench.cold(cells), (cells, first)

    assert max(begun) > 0


def test_only_what_follows_an_edit_runs_again(bench):
    cells = [SET_UP, "x = 1", "x += 1", "x"]
    _, first = bench.draft(cells)
    shown, again = bench.draft([*cells[:2], "x += 41", "x"])
    back, last = bench.draft(cells)

    assert (first, again, last) == (0, 2, 3)
    assert "'42'" in shown
    assert "'2'" in back


def test_what_a_child_prints_stands_where_it_was_printed(bench):
    shown, _ = bench.draft(
        [SET_UP, "print(1); subprocess.run(['echo', '2'], check=True); print(3)"]
    )

    assert r"'1\n2\n3\n'" in shown


def test_no_record_is_made_of_a_draft(bench):
    bench.draft([SET_UP, "x"])

    assert bench.store.latest(bench.chapter([SET_UP, "x"])) is None


def test_a_second_edit_in_the_same_second_is_seen(bench):
    cells = [SET_UP, "alpha.SHARE"]
    bench.draft(cells)
    module = bench.folder / "code/foible/base.py"
    (compiled,) = module.parent.glob("__pycache__/base.*.pyc")
    began = module.stat().st_mtime_ns // 10**9 * 10**9
    small_book.edit(module, "0.5", "0.6")
    for path, after in ((compiled, 800_000_000), (module, 900_000_000)):
        os.utime(path, ns=(began + after, began + after))

    shown, _ = bench.draft(cells)

    assert "'0.85'" in shown


def test_an_edit_of_a_module_leaves_nothing_of_use(bench):
    cells = [SET_UP, "alpha.SHARE"]
    bench.draft(cells)
    small_book.edit(bench.folder / "code/foible/base.py", "0.5", "0.6")

    shown, first = bench.draft(cells)

    assert first == 0
    assert "'0.85'" in shown


@pytest.mark.parametrize(
    "cell",
    [
        CELLS[4],
        "os.symlink('lib', folder + '/l'); 0",
        "a, b = folder + '/a', folder + '/b'; os.symlink('/', a); os.rename(a, b); 0",
    ],
)
def test_figures_and_links_leave_what_can_be_kept(bench, cell):
    bench.draft([SET_UP, cell, "x", "x"])

    assert set(bench.states()) == {0, 1, 2, 3}


HELD = {
    "a thread": (
        "end = threading.Event(); threading.Thread(target=end.wait).start()",
        "end.set()",
    ),
    "a server": ("held = socket.create_server(('127.0.0.1', 0))", "held.close()"),
    "a file": ("held = open(folder + '/a', 'w')", "held.close()"),
    "a child": ("held = subprocess.Popen(['sleep', '60'])", "held.kill(); held.wait()"),
    "a timer": ("import signal; signal.alarm(60)", "signal.alarm(0)"),
    "shared memory": (
        "import mmap; held = mmap.mmap(-1, 4096)",
        "held.close()",
    ),
    "a large file": (
        "open(folder + '/a', 'wb').truncate(60_000_000)",
        "os.remove(folder + '/a')",
    ),
}


@pytest.mark.parametrize("what", HELD)
def test_nothing_is_kept_while_a_cell_holds(bench, what):
    begin, end = HELD[what]

    bench.draft([SET_UP, f"{begin}; 0", "1", f"{end}; 0", "2"])

    assert set(bench.states()) == {0, 1, 4}


@pytest.mark.parametrize(
    "writes",
    [
        "open('../../../aside', 'w').close()",
        "os.mkdir('../../../aside')",
        "os.symlink('one.md', 'aside')",
        "os.symlink(os.path.abspath('one.md'), folder + '/a'); os.utime(folder + '/a')",
        "subprocess.run(['touch', 'aside'], check=True)",
    ],
)
def test_a_chapter_that_writes_elsewhere_runs_from_its_start(bench, writes):
    bench.draft([SET_UP, "1", f"{writes}; 0", "2"])
    kept = bench.states()
    _, first = bench.draft([SET_UP, "1", f"{writes}; 0", "3"])

    assert kept == []
    assert first == 0


def test_the_states_fit_into_their_memory(bench):
    cells = [SET_UP, *(f"x = np.full(4_000_000, {n}.5); {n}" for n in range(8)), "x[0]"]

    bench.draft(cells)
    before = bench.kept.mb(bench.kept.states())
    most = 0.75 * before  # one alone may hold as much as half of all
    small = dataclasses.replace(bench.kept, most_mb=most)
    small.trim()
    left, after = bench.states(), small.mb(small.states())
    late, _ = bench.draft([*cells[:-1], "x[1]"])
    early, first = bench.draft([SET_UP, "x = 1", "x"])

    assert before > 300
    assert after < most
    assert left[-1] == len(cells) - 1
    assert "'np.float64(7.5)'" in late
    assert first == 0
    assert "'1'" in early


def test_a_run_that_is_given_up_leaves_what_it_kept(bench):
    cells = [SET_UP, "1", "import time; time.sleep(60)", "2"]
    if not (process := os.fork()):
        bench.draft(cells)
    while 2 not in bench.states():
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)

    _, first = bench.draft([*cells[:2], "3", "4"])

    assert first == 2
    assert len(list(bench.guard.bearing(bench.kept.mark))) == len(bench.states())
