"""Show the book in a browser on this machine, and build it again at each edit.

A build here is what `jupyter-book build .` does, in a process forked from this one,
which has loaded all that the last build imported. A red build says why in the terminal,
the last good site stays, and the next edit builds again. Ctrl+C ends everything.

A page of another site may lead a browser here under a name of its own, and would read a
draft; so only this machine's names are answered, and only pages from here.
"""

import asyncio
import errno
import hashlib
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import ClassVar

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

WATCHED = ("book", "code/foible", "_config.yml", "_toc.yml")
SITE = Path("_build/html")
EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
HOST, PORT = "127.0.0.1", 8000
NAMES = [HOST, "localhost"]
FORK = get_context("fork")
MISSING = "There is no such page in the last good build; the terminal says how it went."


class Watcher(RebuildServer):  # type: ignore[misc]
    """Builds at each edit, and tells the browsers to load their page again."""

    known: ClassVar[dict[str, str]] = {}  # the content of what changed, by its path

    async def watch(self) -> None:
        """Wait for edits; those made during a build are the next one's."""
        async for changes in watchfiles.awatch(*self.paths, watch_filter=self.wanted):
            paths = sorted({path for _, path in changes})
            if not (paths := [path for path in paths if self.differs(path)]):
                continue  # as when a cell writes the same file each time that it runs
            for path in paths[:5]:
                print(f"changed: {Path(path).relative_to(Path.cwd())}")
            build = Build()  # here, for a thread of the loop's cannot fork
            try:
                await asyncio.to_thread(build.ended)
            finally:
                build.process.terminate()  # the server ends, perhaps before it
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
    """A build that has begun, in a process of its own."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.told, its = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=_build, args=(its,))
        self.process.start()
        its.close()

    def ended(self) -> None:
        """Wait for it, say how it went, and be quicker the next time."""
        with suppress(EOFError):
            _load(self.told.recv())
        self.process.join()
        seconds = time.monotonic() - self.begun
        good = self.process.exitcode == 0
        said = "good" if good else "NOT good: mend what is listed above"
        print(f"the build is {said} ({seconds:.1f} s)", flush=True)


def _build(told: Connection) -> None:
    """Build, and tell what was imported for it, but for what may be edited.

    Signals end the build, and are no longer the server's to hear of.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    edited = tuple(str(Path(folder).absolute()) for folder in WATCHED)
    looked = subprocess.run([sys.executable, EXTENSIONS, "settings"], check=False)  # noqa: S603 (ours)
    if looked.returncode:
        sys.exit(1)  # it said why in a line; Jupyter Book would say it in thirty
    try:
        jupyter_book(["build", "."])
    finally:
        files = {name: getattr(m, "__file__", None) for name, m in sys.modules.items()}
        told.send([n for n, f in files.items() if f and not f.startswith(edited)])


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


def application(port: int) -> Starlette:
    """The site, with a word to each page when it is to be loaded again."""
    watcher = Watcher(WATCHED, IgnoreFilter([], [r"__pycache__", r"~$"]), None)
    return Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher),
            Mount("/", app=StaticFiles(directory=SITE, html=True)),
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
    Build().ended()
    SITE.mkdir(parents=True, exist_ok=True)
    config = uvicorn.Config(application(port), HOST, port, log_level="warning")
    Server(config).run(sockets=[here])


def _port(given: list[str]) -> int:
    """The port that somebody names, else the usual one."""
    port = given[0] if given else str(PORT)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"got port {port}; wanted a number, as in: make serve PORT={PORT + 1}")
    return int(port)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(_port(sys.argv[1:]))
