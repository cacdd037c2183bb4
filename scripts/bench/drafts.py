"""How soon does `make serve` show an edit of a late cell, and what do states hold?

In a copy of the book that is served, each chapter is edited three times in the cell
with which its last tenth begins: the first draft runs the chapter from its start, the
others, of which the slower one counts, from the state before that cell. The table goes
to the terminal, and between the marks in CONTRIBUTING.md.
"""

import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import marked
from reproduce import copy

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from foible_book import drafts

PORT = "8731"
EDITS = 3
SAID = re.compile(r"good \(cells (\d+) to (\d+) of \d+ ran: ([\d.]+) s")
SETTINGS = r"(?::[^\n]*\n)*(?:---\n(?:(?!---)[^\n]*\n)*---\n)?\n*"
CELL = re.compile(rf"^`{{3,}}\{{code-cell\}}[^\n]*\n{SETTINGS}", re.MULTILINE)


class Row(NamedTuple):
    """What the edits of one chapter took."""

    chapter: str
    cells: str
    cold: float  # seconds, of the draft that ran all cells
    own: float  # of these cells themselves
    shown: float
    states: int
    mb: float

    def __str__(self) -> str:
        """A row of the table."""
        seconds = f"{self.cold:.1f} | {self.shown:.1f} | {self.own:.1f}"
        memory = f"{self.states} | {self.mb:.0f}"
        return f"| {self.chapter} | {self.cells} | {seconds} | {memory} |"


@contextmanager
def served(book: Path) -> Iterator[Any]:
    """The book, served; its process."""
    here = {"PYTHONPATH": str(book / "code"), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(  # noqa: S603 (ours)
        [sys.executable, book / "scripts/serve.py", PORT],
        cwd=book,
        env=os.environ | here | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        hear(process, "Ctrl+C ends this")
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def hear(process: Any, words: str) -> str:
    """The line with these words, which the server comes to say."""
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return str(line)
        if "NOT good" in line:
            break
    sys.exit(f"{said}\nthe server never said {words!r}; see above")


def edits(before: str) -> Iterator[str]:
    """A chapter as edited, each time."""
    cells = [found.end() for found in CELL.finditer(before)]
    place = cells[math.ceil(len(cells) * 0.9) - 1]
    for count in range(EDITS):
        yield f"{before[:place]}_edit = {count}\n{before[place:]}"


def measured(book: Path, process: Any, name: str) -> Row:
    """The edits of one chapter."""
    took: list[tuple[Any, ...]] = []
    page = book / f"{name}.md"
    before = page.read_text(encoding="utf-8")
    for text in edits(before):
        begun = time.monotonic()
        page.write_text(text, encoding="utf-8")
        line = hear(process, f"the draft of {name} is")
        found = SAID.search(line)
        took.append((time.monotonic() - begun, *(found or sys.exit(line)).groups()))
    kept = drafts.Kept(book / "_build/kept", f"{process.pid} drafts", 0)
    states = kept.states()
    megabytes = kept.mb(states)
    page.write_text(before, encoding="utf-8")
    hear(process, "the build is good")
    shown, first, last, own = max(took[1:])
    cells = f"{first} to {last}"
    short = name.rpartition("/")[2]
    return Row(short, cells, took[0][0], float(own), shown, len(states), megabytes)


def main(root: Path, names: list[str]) -> None:
    """Measure, print, and rewrite the table in CONTRIBUTING.md."""
    with tempfile.TemporaryDirectory() as folder:
        book = copy(root, Path(folder) / "book")
        shutil.copytree(root / "_build/records", book / "_build/records")
        with served(book) as process:
            rows = [measured(book, process, name) for name in names]
    text = "\n".join(
        [
            "| chapter | cells | from its start, s | shown after, s "
            "| of which cells, s | states | MB (PSS) |",
            "| :-- | :-- | --: | --: | --: | --: | --: |",
            *map(str, rows),
        ]
    )
    print(text)
    marked.rewrite(root / "CONTRIBUTING.md", "drafts", text)


if __name__ == "__main__":
    here = Path.cwd()
    records = here / "_build" / "records"
    known = {file.parent.relative_to(records) for file in records.rglob("*.json")}
    main(here, sys.argv[1:] or sorted(map(str, known)))
