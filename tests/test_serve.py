"""Does an edit come to the browser by itself, and does the server leave nothing?"""

import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import NamedTuple

import psutil
import pytest
import small_book
from test_pages import Browser
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "scripts" / "serve.py"


class Served(NamedTuple):
    """A book that is served, and the process that does it."""

    folder: Path
    process: object
    address: str

    def hear(self, words):
        """What the server says, up to a line with these words; it ends if they fail."""
        said = []
        with ending(Timer(60, self.process.kill)):
            while not said or words not in said[-1]:
                said.append(self.process.stdout.readline())
                assert said[-1], f"never said {words!r}: {''.join(said)}"
        return "".join(said)

    def page(self, name):
        return f"{self.address}book/{name}.html"


@contextmanager
def ending(timer):
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def serving(book):
    """A book that is served by a process that leads a group of its own."""
    with socket.socket() as held:  # it never listens: the book does, and only it can
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        command = (sys.executable, SCRIPT, str(port))
        process = small_book.started(book, os.setsid, command, PYTHONUNBUFFERED="1")
        served = Served(book, process, f"http://127.0.0.1:{port}/")
        try:
            served.hear("Ctrl+C ends this")
            yield served
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def served(book):
    with serving(book) as served:
        yield served


@pytest.fixture(scope="module")
def browser():
    with Browser.started() as browser:
        yield browser


def opened(browser, address):
    """Go to the page, and wait until it listens for what changes."""
    browser.open(address)
    listens = "location.href == {!r} && typeof ws == 'object' && ws.readyState == 1"
    wait_until(lambda: value(browser, listens.format(address)))


def comes(browser, words):
    """Whether the page says so in the end, loaded again by itself."""
    said = f"Boolean(document.body?.innerText.includes({words!r}))"
    wait_until(lambda: value(browser, said))
    return True


def value(browser, expression):
    """What it is on the page; nothing between two pages."""
    with suppress(AssertionError):
        return browser.value(expression)
    return None


def wait_until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def group(pid):
    """The processes of a server: itself, its builds and their kernels."""
    return [p for p in psutil.process_iter() if in_group(p, pid)]


def in_group(process, leader):
    """Whether it runs in the group; one that has ended may wait to be counted."""
    try:
        ended = process.status() == psutil.STATUS_ZOMBIE
        return os.getpgid(process.pid) == leader and not ended
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def test_an_edit_of_prose_comes_to_the_browser_without_a_kernel(served, browser):
    opened(browser, served.page("attacks/two"))

    small_book.edit(served.folder / "book/attacks/two.md", "# Two", "# Second")

    assert comes(browser, "Second")
    said = served.hear("the build is good")
    assert "changed: book/attacks/two.md" in said
    assert " runs: " not in said


def test_an_edited_cell_runs_its_chapter_and_no_other(served, browser):
    opened(browser, served.page("attacks/two"))

    small_book.edit(served.folder / "book/attacks/two.md", "NUMBER", "NUMBER + 1")

    assert comes(browser, "4712")
    said = served.hear("the build is good")
    assert [line.split()[1] for line in said.splitlines() if line[:4] == "ran "] == [
        "book/attacks/two"
    ]


def test_a_broken_table_of_contents_is_one_line_until_it_is_mended(served):
    contents = served.folder / "_toc.yml"

    small_book.edit(contents, "attacks/two", "attacks/one")
    red = served.hear("the build is NOT good")
    small_book.edit(
        contents,
        "attacks/one\n- file: book/attacks/one",
        "attacks/one\n- file: book/attacks/two",
    )
    served.hear("the build is good")

    assert "_toc.yml:6: got book/attacks/one again, after line 5" in red
    assert "Traceback" not in red


def test_a_red_build_says_why_and_the_next_edit_mends_it(served, browser):
    opened(browser, served.page("attacks/two"))
    page = served.folder / "book/attacks/two.md"

    small_book.edit(page, "NUMBER", "NUMBER / 0")
    red = served.hear("the build is NOT good")
    kept = comes(browser, "4711")
    small_book.edit(page, "NUMBER / 0", "NUMBER - 1")
    served.hear("the build is good")

    line = small_book.line_of(page, "NUMBER - 1")
    assert f"book/attacks/two.md:{line}: ERROR: cell failed: ZeroDivisionError" in red
    assert kept
    assert comes(browser, "4710")


def test_an_edited_cell_is_shown_before_the_build_that_runs_its_chapter(served):
    page = served.folder / "book/attacks/two.md"
    slow = "import time; time.sleep(1)\n```\n\n```{code-cell}\nbeta.NUMBER"
    site = served.folder / "_build/html/book/attacks/two.html"
    small_book.edit(page, "beta.NUMBER", slow)
    served.hear("the draft of book/attacks/two is good")

    small_book.edit(page, "\nbeta.NUMBER", "\nbeta.NUMBER + 1")
    said = served.hear("the draft of book/attacks/two is good")
    with urllib.request.urlopen(served.page("attacks/two")) as answer:
        shown = answer.read().decode()
    built = "4712" in site.read_text()
    served.hear("the build is good")

    assert "4712" in shown
    assert not built
    assert "the build is stopped by an edit" in said
    assert "cells 2 to 2 of 2 ran" in said
    assert "4712" in site.read_text()
    assert not (served.folder / "_build/draft").exists()


def test_what_a_draft_finds_wrong_is_said_with_its_line(served):
    page = served.folder / "book/attacks/two.md"

    small_book.edit(page, "NUMBER", "NUMBER / 0")
    said = served.hear("the draft of book/attacks/two is NOT good")

    line = small_book.line_of(page, "NUMBER / 0")
    assert f"book/attacks/two.md:{line}: cell failed: ZeroDivisionError" in said


def test_a_server_that_is_killed_leaves_no_kernel_behind(served, extension):
    page = served.folder / "book/attacks/two.md"
    mark = f"{served.process.pid} drafts"
    bearing = extension("guard").bearing
    small_book.edit(page, "beta.NUMBER", "beta.NUMBER + 1")
    served.hear("the draft of book/attacks/two is good")
    kept = list(bearing(mark))

    os.kill(served.process.pid, signal.SIGKILL)

    assert kept
    wait_until(lambda: not list(bearing(mark)))
    wait_until(lambda: not group(served.process.pid))


def test_a_connection_ends_though_a_build_began_while_it_was_open(served):
    port = int(served.address.rpartition(":")[2].strip("/"))
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        small_book.edit(served.folder / "book/attacks/two.md", "# Two", "# Second")
        served.hear("the build is good")

        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        while connection.recv(65536):  # nothing more: it has ended
            continue


def test_only_this_machine_is_served(served):
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(served.process.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {"127.0.0.1"}


def test_a_port_that_is_taken_is_said_before_anything_is_built(book):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        outcome = small_book.ended(
            small_book.started(book, command=(sys.executable, SCRIPT, port))
        )

    assert outcome.exit == 1
    (line,) = outcome.said.splitlines()
    assert f"got port {port}, which is not free" in line
    assert f"make serve PORT={int(port) + 1}" in line


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_a_port_that_is_none_is_refused(book, port):
    outcome = small_book.ended(
        small_book.started(book, command=(sys.executable, SCRIPT, port))
    )

    assert outcome.said.startswith(f"got port {port}; wanted a number")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "rebound.example"}, 400),
        ({"Origin": "http://rebound.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_this_machines_names_and_pages_are_answered(served, headers, status):
    request = urllib.request.Request(served.page("attacks/two"), headers=headers)

    try:
        answered = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        answered = error.code

    assert answered == status


def test_a_page_of_another_site_hears_of_no_edit(served):
    with pytest.raises(InvalidStatus, match="403"):
        connect(
            served.address.replace("http", "ws") + "websocket-reload",
            origin="http://rebound.example",
        )


def test_a_failing_cell_that_writes_beside_its_chapter_is_built_twice_at_most(served):
    page = served.folder / "book/attacks/two.md"
    writes = "import subprocess; subprocess.run('echo > x.txt', shell=True); 1 / 0"

    small_book.edit(page, "beta.NUMBER", writes)
    served.hear("changed: book/attacks/x.txt")
    served.hear("the build is NOT good")
    small_book.edit(served.folder / "book/index.md", "Trial", "Trials")

    assert served.hear("changed: ").endswith("changed: book/index.md\n")


@pytest.mark.parametrize("name", [".two.md.swp", "two.md~", "#two.md#", "4913"])
def test_what_an_editor_leaves_for_itself_is_no_edit(served, name):
    (served.folder / "book/attacks" / name).write_text("draft")
    small_book.edit(served.folder / "book/index.md", "Trial", "Trials")

    said = served.hear("the build is good")

    assert [line for line in said.splitlines() if line.startswith("changed")] == [
        "changed: book/index.md"
    ]


def test_ctrl_c_leaves_no_process_behind(served):
    os.killpg(served.process.pid, signal.SIGINT)

    said, _ = served.process.communicate(timeout=30)

    assert "Traceback" not in said
    assert group(served.process.pid) == []


def test_ctrl_c_during_a_build_leaves_no_process_behind(served):
    page = served.folder / "book/attacks/two.md"
    endless = "import time; time.sleep(1000); beta.NUMBER"
    small_book.edit(page, "beta.NUMBER", endless)
    served.hear("book/attacks/two runs")

    os.killpg(served.process.pid, signal.SIGINT)
    served.process.communicate(timeout=30)

    assert group(served.process.pid) == []


def test_a_book_without_a_good_build_is_served_and_waits_for_one(book, browser):
    shutil.rmtree(book / "_build" / "html", ignore_errors=True)
    page = book / "book/attacks/two.md"
    small_book.edit(page, "NUMBER", "NUMBER / 0")
    with serving(book) as served:
        opened(browser, served.page("attacks/two"))
        before = comes(browser, "the terminal says how it went")
        small_book.edit(page, "NUMBER / 0", "NUMBER")
        after = comes(browser, "4711")

    assert before
    assert after
