"""How does every page fare on a slow phone, in light and in dark, by Lighthouse?

    make audit
    make audit PAGES="book/index.html book/attacks/evasion.html"

Serves the site as it was last built, compressed, on this machine alone, and prints a
line for each page and theme: the four scores, when the largest part of the first view
is painted, bytes and requests. Then a line for each laboratory, opened by its address:
how long it takes, and the longest task. Ends badly where one misses its mark.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, StaticFileHandler

SITE = Path("_build/html")
LIGHTHOUSE = Path(".node/node_modules/lighthouse/cli/index.js")
MARKS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PAINTED = 2.0  # seconds until the largest part of the first view, at the most
OPENED = 1.0  # seconds until a laboratory can be moved, on that phone
LABORATORY = re.compile(r'<meta name="lab" data-lab="([^"]+)"')
THEMES = {"light": 1, "dark": 0}  # as Chromium counts them
SKIPPED = ("404.html", "index.html")  # nobody is sent there; it sends on


class Score(NamedTuple):
    """What Lighthouse says of one page in one theme."""

    scores: dict[str, float]  # 0 to 100
    painted: float  # seconds
    bytes: int
    requests: int
    failed: list[str]
    opened: float | None  # seconds that a laboratory took
    longest: float  # seconds of the longest task

    @property
    def good(self) -> bool:
        """Whether it reaches every mark; a page with a laboratory open, its own."""
        if self.opened is not None:
            return self.opened < OPENED and self.scores["accessibility"] == 100
        reached = (self.scores[name] >= mark for name, mark in MARKS.items())
        return all(reached) and self.painted < PAINTED


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of this folder that compresses, as hosts do."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    address = []

    def serve() -> None:
        asyncio.set_event_loop(loop)
        files = {"path": str(folder), "default_filename": "index.html"}
        site = Application(
            [(r"/(.*)", StaticFileHandler, files)],
            compress_response=True,
            log_function=lambda _: None,
        )
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(site).add_sockets(sockets)
        address.append(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/")
        ready.set()
        loop.run_forever()

    threading.Thread(target=serve, daemon=True).start()
    ready.wait()
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)


def audited(address: str, theme: str, scratch: Path) -> Score:
    """Ask Lighthouse about one page, as on a slow phone."""
    report = scratch / "report.json"
    flags = (
        "--headless=new --no-sandbox --disable-dev-shm-usage "
        f"--blink-settings=preferredColorScheme={THEMES[theme]}"
    )
    command = [
        "node", str(LIGHTHOUSE), address, "--quiet", "--output=json",
        f"--output-path={report}", f"--only-categories={','.join(MARKS)}",
        f"--chrome-flags={flags}", "--no-enable-error-reporting",
    ]  # fmt: skip
    if "?lab=" in address:  # its time is measured, not modelled
        command.append("--throttling-method=devtools")
    done = subprocess.run(  # noqa: S603 (our own)
        command, env=os.environ | {"CHROME_PATH": "/usr/bin/chromium"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"Lighthouse could not look at {address}:\n{done.stderr[-2000:]}")
    return read(json.loads(report.read_text(encoding="utf-8")))


def read(report: dict[str, Any]) -> Score:
    """Take from a report what the table shows."""
    audits, categories = report["audits"], report["categories"]
    requests = audits["network-requests"]["details"]["items"]
    marks = _items(audits, "user-timings")
    timed = [(item["name"], item.get("duration", 0) / 1000) for item in marks]
    tasks = _items(audits, "long-tasks")
    failed = [
        ref["id"]
        for category in categories.values()
        for ref in category["auditRefs"]
        if ref["weight"] and (audits[ref["id"]]["score"] or 0) < 1
        if audits[ref["id"]]["scoreDisplayMode"] in ("binary", "numeric")
    ]
    return Score(
        {name: round(100 * categories[name]["score"]) for name in MARKS},
        audits["largest-contentful-paint"]["numericValue"] / 1000,
        sum(item["transferSize"] for item in requests),
        len(requests),
        failed,
        next((lasted for name, lasted in timed if name.startswith("laboratory")), None),
        max((item["duration"] / 1000 for item in tasks), default=0),
    )


def _items(audits: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of one audit, if it has any."""
    rows: list[dict[str, Any]] = (
        audits.get(name, {}).get("details", {}).get("items", [])
    )
    return rows


def laboratories(page: str) -> list[str]:
    """The addresses at which the laboratories of a page are open."""
    text = (SITE / page).read_text(encoding="utf-8")
    return [f"{page}?lab={name}" for name in LABORATORY.findall(text)]


def main(pages: list[str]) -> int:
    """Print the table; 1 if a page misses a mark."""
    if not (SITE / "book" / "index.html").exists():
        sys.exit(f"no site is built in {SITE}; run `make book` first")
    found = [path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")]
    wanted = pages or sorted(
        name
        for name in found
        if name not in SKIPPED and not name.startswith(("_", "figures/"))
    )
    if unknown := set(wanted) - set(found):
        sys.exit(f"got {', '.join(sorted(unknown))}; wanted pages of {SITE}")
    missed = 0
    print(f"{'':44}perf  a11y  best   seo   LCP      kB  requests  opened  longest")
    with served(SITE) as address, TemporaryDirectory() as scratch:
        opened = [name for page in wanted for name in laboratories(page)]
        for name in [*wanted, *opened]:
            for theme in THEMES:
                score = audited(address + name, theme, Path(scratch))
                missed += not score.good
                scores = "".join(f"{value:6.0f}" for value in score.scores.values())
                took = f"{score.opened:8.2f}" if score.opened is not None else " " * 8
                print(
                    f"{name.replace('.html', ''):36} {theme:5}{scores}"
                    f"{score.painted:6.1f}{score.bytes / 1000:8.0f}{score.requests:9}"
                    f"{took}{score.longest:8.2f}"
                    f"{'' if score.good else '  ! ' + ', '.join(score.failed)}",
                    flush=True,
                )
    marks = " / ".join(str(mark) for mark in MARKS.values())
    print(f"wanted: {marks}, LCP under {PAINTED} s; {missed} missed")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
