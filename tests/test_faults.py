"""What is left when a build goes wrong, or when two go at once?

Every test damages a small book, its records, or the process that builds it.
"""

import ctypes
import importlib
import json
import os
import resource
import select
import shutil
import signal
import stat
import sys
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from small_book import CONFIG, ROOT, built, edit, ended, extended, started
from sphinx.errors import ConfigError

pytestmark = pytest.mark.slow

ONE, TWO = "book/attacks/one", "book/attacks/two"
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
MB = 1_000_000


@pytest.fixture
def site(green, book):
    """A copy of the green book with its site, and the site's files and contents."""
    shutil.rmtree(book / "_build" / "html", ignore_errors=True)
    shutil.copytree(green / "_build" / "html", book / "_build" / "html")
    return book


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def gate(book, words):
    """Let chapter two do this, with a pipe between it and the test."""
    os.mkfifo(book.parent / "pipe")
    edit(book / f"{TWO}.md", "beta.NUMBER", words)
    return book.parent / "pipe"


def lines_until(build, words):
    """What a build says, up to and with these words."""
    said = []
    for line in build.stdout:
        said.append(line)
        if words in line:
            return said
    raise AssertionError(f"{words!r} is not in {said}")


def ends(pid, *, within):
    """Whether a process ends in so many seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    ready, _, _ = select.select([handle], [], [], within)
    os.close(handle)
    return bool(ready)


def errors(said):
    """The lines that say that the site is not good, and the tracebacks."""
    assert "Traceback" not in said, said
    return [line for line in said.splitlines() if "The site is NOT good" in line]


# A build that is killed

SLOW = """import os, subprocess
child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
open("../../../pipe", "w").write(f"{os.getpid()} {child.pid}")
while True: pass"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_build_leaves_no_process_and_the_next_one_continues(site, how):
    pipe = gate(site, SLOW)
    edit(site / f"{ONE}.md", "alpha.SHARE", "alpha.SHARE * 1")
    before = contents(site / "_build" / "html")
    build = started(site, FOIBLE_JOBS="2")
    said = lines_until(build, f"ran {ONE}")
    pids = [int(pid) for pid in pipe.read_text().split()]

    build.send_signal(how)
    gone = [ends(pid, within=2) for pid in pids]
    outcome = ended(build)
    edit(site / f"{TWO}.md", "while True: pass", "")
    edit(site / f"{TWO}.md", 'open("../../../pipe", "w").write', "child.kill() or str")
    after = contents(site / "_build" / "html")
    continued = built(site)

    assert f"{ONE} runs: its code cells changed\n" in said
    assert (len(pids), gone) == (2, [True, True])
    assert outcome.exit != 0
    assert after == before
    assert (continued.exit, continued.ran) == (0, [TWO]), continued.said


def test_what_a_chapter_has_started_ends_with_it(book):
    pipe = gate(book, SLOW.replace("while True: pass", ""))
    build = started(book)
    pids = [int(pid) for pid in pipe.read_text().split()]

    outcome = ended(build)

    assert outcome.exit == 0, outcome.said
    assert [ends(pid, within=2) for pid in pids] == [True, True]


def test_a_build_that_was_killed_while_it_replaced_the_site_has_not_lost_it(site):
    before = contents(site / "_build" / "html")
    (site / "_build" / "html").rename(site / "_build" / "html.old")
    edit(site / f"{TWO}.md", "beta.NUMBER", "1 / 0")

    outcome = built(site)

    assert outcome.exit != 0
    assert contents(site / "_build" / "html") == before
    assert not list((site / "_build").glob("html.*"))


# Two builds at once


def test_a_second_build_waits_for_the_first_and_runs_nothing_again(book):
    pipe = gate(book, 'open("../../../pipe").read()')
    first = started(book)
    lines_until(first, f"{TWO} runs:")
    second = started(book)

    said = "".join(lines_until(second, "waiting"))
    pipe.write_text("go on")
    outcomes = [ended(first), ended(second)]

    assert f"process {first.pid} builds this book; waiting until it ends" in said
    assert [outcome.exit for outcome in outcomes] == [0, 0]
    assert [outcome.ran for outcome in outcomes] == [[TWO], []]


# Records


@pytest.fixture
def machinery(monkeypatch):
    """The modules that run chapters."""
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    return importlib.import_module("foible_book.run")


@pytest.fixture
def chapter(machinery, tmp_path):
    return machinery.Chapter("two", tmp_path / "two.md", ["1"], {"its code cells": "a"})


@pytest.fixture
def store(machinery, chapter, tmp_path):
    """A store with one record, and what it says."""
    store = machinery.Store(tmp_path / "records", say=lambda line: said.append(line))
    said = []
    store.said = said
    output = {"output_type": "stream", "name": "stdout", "text": "4711"}
    store.keep(chapter, machinery.Record(chapter.parts, [[output]]))
    return store


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"\xff\x00 no text",
        lambda content: b"[]",
        lambda content: b"{}",
        lambda content: content.replace(b"4711", b"4712"),
        lambda content: content.replace(b'"seconds"', b'"hours"'),
        lambda content: b"[" * 200_000,
    ],
    ids=[
        *("empty", "truncated", "binary", "list", "object", "flipped", "renamed"),
        "brackets",
    ],
)
def test_a_damaged_record_is_forgotten_with_one_line(store, chapter, damage):
    (path,) = store.folder.rglob("*.json")
    path.write_bytes(damage(path.read_bytes()))

    found = [store.fitting(chapter), store.fitting(chapter)]

    assert found == [None, None]
    (line,) = store.said
    assert f"the record {path} is damaged" in line
    assert not path.exists()


def test_a_whole_record_is_found_and_one_with_problems_is_not(
    machinery, store, chapter
):
    whole = store.fitting(chapter)

    store.keep(chapter, replace(whole, problems=[machinery.Problem(0, 1, "no")]))

    assert whole.outputs[0][0]["text"] == "4711"
    assert store.fitting(chapter) is None


def test_a_missing_record_is_made_again(book):
    shutil.rmtree(book / "_build" / "records" / TWO)

    outcome = built(book)

    assert (outcome.exit, outcome.ran) == (0, [TWO])
    assert f"{TWO} runs: it has not run yet" in outcome.said


# Disks


def files_of_at_most(size):
    """As on a full disk, a larger write fails; no test can fill a real one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def without_the_power_of_root():
    """Root may write anywhere; whoever builds the book may not."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.mark.parametrize(
    ("printed", "room"),
    [(19 * MB // 10, 15 * MB // 10), (1, MB)],
    ids=["record", "page"],
)
def test_a_full_disk_is_one_clear_error_and_the_last_good_site_stays(
    site, printed, room
):
    edit(site / f"{TWO}.md", "beta.NUMBER", f"print('x' * {printed})")
    before = contents(site / "_build" / "html")

    full = built(site, lambda: files_of_at_most(room))
    after = contents(site / "_build" / "html")
    emptied = built(site)

    assert full.exit != 0
    assert len(errors(full.said)) == 1, full.said
    assert "File too large" in full.said
    assert after == before
    assert emptied.exit == 0, emptied.said


@pytest.mark.parametrize("folder", ["_build", "_build/records"])
def test_a_read_only_folder_is_one_clear_error_and_the_last_good_site_stays(
    site, folder
):
    edit(site / f"{TWO}.md", "beta.NUMBER", "beta.NUMBER + 1")
    before = contents(site / "_build" / "html")
    paths = [site / folder, *(site / folder).rglob("*")]
    for path in paths:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)

    refused = built(site, without_the_power_of_root)
    after = contents(site / "_build" / "html")
    for path in paths:
        path.chmod(0o755)
    allowed = built(site)

    assert refused.exit != 0
    assert len(errors(refused.said)) == 1, refused.said
    assert "Permission denied" in refused.said
    assert after == before
    assert allowed.exit == 0, allowed.said


# A site that nobody can vouch for

SABOTAGE = {
    "a record goes": """
        for path in root.glob("_build/records/book/attacks/two/*"):
            path.unlink()
        """,
    "a record fails": """
        for path in root.glob("_build/records/book/attacks/two/*"):
            text = path.read_text()
            problem = '"problems": [{"cell": 0, "line": 1, "text": "no"}]'
            path.write_text(text.replace('"problems": []', problem))
        """,
    "a source changes": """
        path = root / "book/attacks/two.md"
        path.write_text(path.read_text().replace("beta.NUMBER", "beta.NUMBER + 1"))
        """,
    "a module changes": """
        path = root / "code/foible/beta.py"
        path.write_text("NUMBER = 1")
        """,
    "outputs go": """
        myst_nb.sphinx_.create_client = lambda *given: NotebookClientBase(*given[:4])
        """,
}
EXTENSION = """
from pathlib import Path
import myst_nb.sphinx_
from myst_nb.core.execute import NotebookClientBase

def spoil(app, env, *_):
    root = Path(app.srcdir)
    {code}
    return []

def setup(app):
    app.connect("env-get-outdated", spoil, priority={priority})
"""


@pytest.mark.parametrize("code", SABOTAGE.values(), ids=SABOTAGE)
def test_a_site_is_refused_when_its_records_are_not_those_of_its_sources(site, code):
    (site / "ext").mkdir()
    (site / "ext" / "spoiler.py").write_text(
        EXTENSION.format(code=code.strip().replace("\n    ", "\n"), priority=999)
    )
    extended(site, "spoiler", where="ext")
    before = contents(site / "_build" / "html")

    outcome = built(site)

    assert outcome.exit != 0
    listed = outcome.said.partition("The site is NOT good:")[2]
    assert "book/attacks/two.md:1: " in listed, outcome.said
    assert contents(site / "_build" / "html") == before


def test_a_failed_chapter_is_red_even_when_the_log_is_silent(site):
    (site / "ext").mkdir()
    silence = 'logging.getLogger("sphinx").handlers.clear()'
    (site / "ext" / "spoiler.py").write_text(
        EXTENSION.format(code=f"import logging; {silence}", priority=1)
    )
    extended(site, "spoiler", where="ext")
    edit(site / f"{TWO}.md", "beta.NUMBER", "1 / 0")
    before = contents(site / "_build" / "html")

    outcomes = [built(site), built(site)]

    assert [outcome.exit for outcome in outcomes] == [1, 1]
    assert contents(site / "_build" / "html") == before


@pytest.mark.parametrize("fault", ["1 / 0", "__import__('os')._exit(1)"])
def test_a_red_build_leaves_the_last_good_site(site, fault):
    before = contents(site / "_build" / "html")
    edit(site / f"{TWO}.md", "beta.NUMBER", fault)

    outcome = built(site)

    assert outcome.exit != 0
    assert f"The last good site stays in {site}/_build/html" in outcome.said
    assert contents(site / "_build" / "html") == before


# Budgets


def test_a_chapter_over_its_budget_is_red_until_the_budget_is_raised(book):
    budget = f"{{seconds: 60, chapters: {{{TWO}: {{mb: 1}}}}}}"
    config = f"foible_budget: {budget}, foible_cell_seconds"
    edit(book / "_config.yml", "foible_cell_seconds", config)

    outcomes = [built(book), built(book)]
    (book / "_config.yml").write_text(CONFIG)
    raised = built(book)

    for outcome in outcomes:
        assert outcome.exit != 0
        listed = outcome.said.partition("The site is NOT good:")[2].splitlines()
        (line,) = [line for line in listed if "two.md" in line]
        assert "two.md:1: ERROR: the chapter held " in line
        assert "MB, and its budget is 1 MB; make it smaller, or raise" in line
        assert outcome.ran == [TWO]
    assert (raised.exit, raised.ran) == (0, [])


# One chapter alone


def test_a_failing_chapter_says_how_to_run_it_alone_and_that_works(book):
    edit(book / f"{TWO}.md", "beta.NUMBER", "beta.NUMBER / 0")
    red = built(book)
    start = red.said.rindex("; alone: ") + len("; alone: ")
    command = red.said[start:].partition("\n")[0].split()

    failed = ended(started(book, command=command))
    edit(book / f"{TWO}.md", "beta.NUMBER / 0", "beta.NUMBER + 1")
    mended = ended(started(book, command=command))
    green = built(book)

    assert failed.exit == 1
    assert "ZeroDivisionError: division by zero" in failed.said
    assert f"{TWO}.md:" in failed.said
    assert (mended.exit, mended.ran) == (0, [TWO])
    assert (green.exit, green.ran) == (0, [])


def test_a_chapter_that_runs_alone_has_as_long_for_a_cell_as_in_a_build(book):
    edit(book / f"{TWO}.md", "beta.NUMBER", "while True: pass")
    command = [sys.executable, ROOT / "book/_ext", "execution", TWO]

    alone = ended(started(book, command=command))

    assert alone.exit == 1
    assert "longer than 5 s of a processor" in alone.said


def test_a_chapter_that_runs_alone_keeps_to_its_budget_too(book):
    config = "foible_budget: {mb: 1}, foible_cell_seconds"
    edit(book / "_config.yml", "foible_cell_seconds", config)
    command = [sys.executable, ROOT / "book/_ext", "execution", TWO]

    alone = ended(started(book, command=command))

    assert alone.exit == 1
    assert "two.md:1: the chapter held " in alone.said


# What the chapters took


PAGE = """# Build statistics

```{build-statistics}
```
"""


@pytest.fixture
def counted(site):
    """The book with one page more, built."""
    (site / "book" / "build.md").write_text(PAGE)
    edit(site / "_toc.yml", f"{TWO}\n", f"{TWO}\n- file: book/build\n")
    outcome = built(site)
    assert (outcome.exit, outcome.ran) == (0, []), outcome.said
    return site


def table(book):
    page = BeautifulSoup(
        (book / "_build/html/book/build.html").read_text(), "html.parser"
    )
    rows = page.select("main table tbody tr")
    return {row.th.text: [cell.text for cell in row("td")] for row in rows}


def test_the_statistics_show_what_each_chapter_took_and_follow_the_records(
    counted, machinery
):
    first, search = table(counted), counted / "_build/html/searchindex.js"
    indexed = search.read_bytes()
    (record,) = (counted / "_build/records" / TWO).glob("*.json")

    content = json.loads(record.read_text()) | {"seconds": 59.5, "peak_mb": 987}
    content.pop("digest")
    record.write_text(machinery.sealed(content))
    outcome = built(counted)

    assert set(first) == {"One", "Two", "Together"}
    assert (outcome.exit, outcome.ran) == (0, [])
    assert table(counted)["Two"] == ["1", "59.5 of 120", "987 of 1500"]
    assert table(counted)["One"] == first["One"]
    assert search.read_bytes() == indexed


def test_a_book_in_which_nothing_has_run_says_so(counted):
    for name in (ONE, TWO):
        (counted / f"{name}.md").write_text(f"# {name[-3:].title()}\n")
    edit(counted / "_toc.yml", f"chapters:\n- file: {ONE}\n- file: {TWO}", "chapters:")
    edit(counted / "book/index.md", "{finding}`one.share`", "nothing")

    outcome = built(counted)

    assert outcome.exit == 0, outcome.said
    page = (counted / "_build/html/book/build.html").read_text()
    assert "No chapter has run yet." in page


@pytest.mark.parametrize("given", [{"hours": 1}, {"seconds": "many"}])
def test_a_budget_that_is_none_is_refused(machinery, given):
    budgets = importlib.import_module("foible_book.budgets")

    with pytest.raises(ConfigError, match="wanted numbers, as in"):
        budgets.budget(given, TWO)
