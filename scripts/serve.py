"""Show the book in a browser on this machine, and build it again at each edit.

Sphinx-autobuild's server, with `jupyter-book build .` in place of its own build.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from sphinx_autobuild.filter import IgnoreFilter
from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
from sphinx_autobuild.server import RebuildServer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

WATCHED = ("book", "code/foible", "_config.yml", "_toc.yml")
SITE = Path("_build/html")
HOST, PORT = "127.0.0.1", 8000


def build(changed_paths: Sequence[Path] = ()) -> None:
    """Build the book; a red build says why, and the server goes on."""
    for path in changed_paths[:5]:
        print(f"changed: {path.relative_to(Path.cwd())}")
    command = Path(sys.executable).with_name("jupyter-book")
    subprocess.run([command, "build", "."], check=False)  # noqa: S603 (our own)
    print(f"the book is at http://{HOST}:{PORT}/ (Ctrl+C ends this)")


def main() -> None:
    """Build once, then serve, watch, build and reload."""
    build()
    SITE.mkdir(parents=True, exist_ok=True)
    watcher = RebuildServer(WATCHED, IgnoreFilter([], [r"__pycache__", r"~$"]), build)
    app = Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher),
            Mount("/", app=StaticFiles(directory=SITE, html=True)),
        ],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=f"{HOST}:{PORT}")],
        lifespan=watcher.lifespan,
    )
    uvicorn.run(app, host=HOST, port=PORT, log_level="warning")


if __name__ == "__main__":
    main()
