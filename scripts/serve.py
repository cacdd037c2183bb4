"""Show the book in a browser on this machine, and build it again at each edit.

An edit of one page shows a draft of it at once, for which only the cells from the first
changed one on run, see `drafts`. The build follows, and the next edit stops it. It is
what `jupyter-book build .` does, in a process forked from this one, which has loaded
all that the last build imported. A red build says why in the terminal, the last good
site stays, and the next edit builds again. Ctrl+C ends everything.

A page of another site may lead a browser here under a name of its own, and would read a
draft; so only this machine's names are answered, and only pages from here.
"""

import asyncio
import errno
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import jupyter_book.sphinx as jupyter_book_sphinx
import uvicorn
import watchfiles
from jupyter_book.cli.main import main as jupyter_book
from sphinx_autobuild.filter import IgnoreFilter
from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
from sphinx_autobuild.server import RebuildServer
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

from foible_book import guard  # noqa: E402 (where it lies)

WATCHED = ("book", "code/foible", "_config.yml", "_toc.yml")
SITE, DRAFTS, KEPT = Path("_build/html"), Path("_build/draft"), Path("_build/kept")
UNWANTED = (r"__pycache__", r"~$", r"/\.[^/]*$", r"/#[^/]*#$", r"/4913$")  # of editors
KEPT_MB = 2000  # of all kernels that are kept, together
HOST, PORT = "127.0.0.1", 8000
NAMES = [HOST, "localhost"]
FORK = get_context("fork")
MISSING = "There is no such page in the last good build; the terminal says how it went."


class Watcher(RebuildServer):  # type: ignore[misc]
    """Builds at each edit, and tells the browsers to load their page again."""

    def __init__(self, builds: "Builds") -> None:
        super().__init__(WATCHED, IgnoreFilter([], UNWANTED), None)
        self.builds = builds
        self.known: dict[str, str] = {}  # the content of what changed, by its path

    async def watch(self) -> None:
        """Wait for edits; one that is made during a build stops it."""
        following = None
        try:
            async for changes in watchfiles.awatch(
                *self.paths, watch_filter=self.wanted
            ):
                paths = sorted({path for _, path in changes})
                if not (paths := [path for path in paths if self.differs(path)]):
                    continue  # as when a cell writes the same file each time it runs
                if following:
                    self.builds.stop()
                    await following
                names = [Path(path).relative_to(Path.cwd()) for path in paths]
                for name in names[:5]:
                    print(f"changed: {name}", flush=True)
                following = asyncio.create_task(self.follow(names))
        finally:
            self.builds.end()

    async def follow(self, names: list[Path]) -> None:
        """Show a draft, if this is an edit of one page; then build."""
        if page := self.builds.drafted(names):
            shown = await asyncio.to_thread(self.builds.draft, page)
            if shown:
                self.flag.set()
        if build := self.builds.begun():  # here, for a thread of the loop's cannot fork
            await asyncio.to_thread(self.builds.ended, build)
            self.flag.set()

    def differs(self, path: str) -> bool:
        """Whether a file is not as it was when it changed before."""
        before, now = self.known.get(path), ""
        with suppress(OSError):
            now = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        self.known[path] = now
        return now != before

    def wanted(self, _: watchfiles.Change, path: str) -> bool:
        """Whether a file is one that somebody edits."""
        return not self.ignore(path)


class Server(uvicorn.Server):
    """Says where the book is as soon as a browser can go there."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        host, port = self.config.host, self.config.port
        print(f"the book is at http://{host}:{port}/ (Ctrl+C ends this)", flush=True)


class Build:
    """A build that has begun in a process of its own, which then makes drafts."""

    def __init__(self, mark: str) -> None:
        self.begun = time.monotonic()
        self.pipe, its = FORK.Pipe()
        self.process = FORK.Process(target=_build, args=(its, mark))
        self.process.start()
        its.close()

    def say(self, said: str) -> None:
        """Say how it went."""
        print(
            f"the build is {said} ({time.monotonic() - self.begun:.1f} s)", flush=True
        )

    def answer(self) -> Any:
        """What it says next; nothing when it has ended."""
        with suppress(EOFError, ConnectionResetError):
            return self.pipe.recv()
        return None


class Builds:
    """The build that runs, and the last one that stands, which makes the drafts."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.running: Build | None = None
        self.standing: Build | None = None
        self.drawing = 0  # the process of a draft
        self.stopped = False
        self.unbuilt: set[Path] = set()  # what changed since

    def begun(self) -> Build | None:
        """A build that has begun, unless another edit came before."""
        self.running = None if self.stopped else Build(self.mark)
        return self.running

    def ended(self, build: Build) -> None:
        """Wait for its end, say how it went, and be quicker the next time.

        If it stands, good or not, it makes the drafts from now on.
        """
        modules, good = build.answer() or ([], False)
        self.running = None
        _load(modules)
        if self.stopped and not modules:
            return build.say("stopped by an edit")
        if modules:
            if self.standing:
                self.standing.process.kill()
            self.standing = build
            self.unbuilt.clear()
        if good:
            shutil.rmtree(DRAFTS, ignore_errors=True)
        build.say("good" if good else "NOT good: mend what is listed above")

    def drafted(self, names: list[Path]) -> str:
        """The page whose draft an edit can have: all else is as it was built."""
        self.stopped = False
        self.unbuilt.update(names)
        if any(name.suffix != ".md" for name in self.unbuilt):
            guard.kill(self.mark)  # what is kept may know what has changed
            return ""
        one = len(names) == 1 and names[0].is_file() and sys.platform == "linux"
        return str(names[0].with_suffix("")) if one else ""

    def draft(self, page: str) -> bool:
        """Make a draft; is it good?"""
        build = self.standing
        if build is None:
            return False
        with suppress(BrokenPipeError):
            build.pipe.send(page)
        self.drawing = build.answer() or 0
        good = bool(build.answer())
        self.drawing = 0
        return good

    def stop(self) -> None:
        """Stop what runs."""
        self.stopped = True
        if self.drawing:
            os.kill(self.drawing, signal.SIGKILL)
        if self.running:
            self.running.process.terminate()

    def end(self) -> None:
        """Leave nothing."""
        self.stop()
        if self.standing:
            self.standing.process.kill()


class Standing(jupyter_book_sphinx.Sphinx):  # type: ignore[misc]
    """A build that stays when it has ended, and makes drafts of single pages."""

    pipe: Connection
    mark: str

    def build(self, *given: Any, **named: Any) -> None:
        """Build, tell what was imported for it but what may be edited, and stay."""
        super().build(*given, **named)
        sys.stdout.flush()
        edited = tuple(str(Path(folder).absolute()) for folder in WATCHED)
        files = {name: getattr(m, "__file__", None) for name, m in sys.modules.items()}
        modules = [n for n, f in files.items() if f and not f.startswith(edited)]
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
        self.pipe.send((modules, self.statuscode == 0))
        drafts = import_module("foible_book.drafts")  # of the book that was built
        kept = drafts.Kept(KEPT.absolute(), self.mark, KEPT_MB)
        while True:
            page = self.pipe.recv()
            if not (process := os.fork()):
                guard.end_with_parent()
                drafts.finish(self, page, kept)
            self.pipe.send(process)
            self.pipe.send(os.waitpid(process, 0)[1] == 0)
            kept.trim()


def _build(pipe: Connection, mark: str) -> None:
    """Build. Signals end this, and are no longer the server's to hear of."""
    guard.end_with_parent()
    _let_go(pipe)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    looked = subprocess.run([sys.executable, EXTENSIONS, "settings"], check=False)  # noqa: S603 (ours)
    if looked.returncode:
        sys.exit(1)  # it said why in a line; Jupyter Book would say it in thirty
    Standing.pipe, Standing.mark = pipe, mark
    jupyter_book_sphinx.Sphinx = Standing
    jupyter_book(["build", "."])


def _let_go(pipe: Connection) -> None:
    """Hold no connection of the server's: it could not end while this process does."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in map(int, os.listdir("/proc/self/fd")):
        with suppress(OSError):
            held = stat.S_ISSOCK(os.fstat(number).st_mode)
            if held and number != pipe.fileno():
                os.dup2(nothing, number)


def _load(modules: list[str]) -> None:
    """Import what the next build would import again."""
    for name in modules:
        if name not in sys.modules:
            with suppress(ImportError):
                import_module(name)


class SameOrigin:
    """Refuses to answer pages of other sites."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what comes from here, or from no page at all."""
        origin = Headers(raw=scope.get("headers", [])).get("origin")
        refused = PlainTextResponse("got a page of another site", 403)
        answer = self.app if origin in (None, *self.origins) else refused
        await answer(scope, receive, send)


async def missing(request: Request, error: Exception) -> HTMLResponse:
    """A page that comes back to life when a build makes it."""
    return HTMLResponse(f"<!doctype html><title>Foible</title>{MISSING}", 404)


class Site(StaticFiles):
    """The site, and over it the drafts."""

    def __init__(self) -> None:
        super().__init__(directory=SITE, html=True)
        self.all_directories = [DRAFTS / "html", SITE]


def application(port: int, builds: Builds) -> Starlette:
    """The site, with a word to each page when it is to be loaded again."""
    watcher = Watcher(builds)
    return Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher),
            Mount("/", app=Site()),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=NAMES),
            Middleware(SameOrigin, [f"http://{name}:{port}" for name in NAMES]),
            Middleware(JavascriptInjectorMiddleware, ws_url=f"{HOST}:{port}"),
        ],
        lifespan=watcher.lifespan,
        exception_handlers={404: missing},
    )


def listening(port: int) -> socket:
    """The socket that browsers will go to, before anything is built."""
    here = socket()
    here.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        here.bind((HOST, port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        sys.exit(
            f"got port {port}, which is not free ({error.strerror}); "
            f"name another: make serve PORT={port + 1}"
        )
    return here


def main(port: int) -> None:
    """Build once, then serve, watch, build and reload."""
    here = listening(port)
    mark = f"{os.getpid()} drafts"
    for left in (DRAFTS, KEPT):
        shutil.rmtree(left, ignore_errors=True)
    with (
        guard.Guard() as watching,
        watching.over(mark),
    ):  # ends the kernels that are kept
        builds = Builds(mark)
        if first := builds.begun():
            builds.ended(first)
        SITE.mkdir(parents=True, exist_ok=True)
        app = application(port, builds)
        config = uvicorn.Config(app, HOST, port, log_level="warning")
        try:
            Server(config).run(sockets=[here])
        finally:
            builds.end()
    shutil.rmtree(KEPT, ignore_errors=True)


def _port(given: list[str]) -> int:
    """The port that somebody names, else the usual one."""
    port = given[0] if given else str(PORT)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"got port {port}; wanted a number, as in: make serve PORT={PORT + 1}")
    return int(port)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(_port(sys.argv[1:]))
