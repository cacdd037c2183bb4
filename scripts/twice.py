"""Does a chapter show the same when it runs again? Not if it shows a clock or an id.

    python -m twice          every chapter of the last build
    python -m twice OLD      those of which the build in the folder OLD has no record

The records of the last build are compared with a second run, whose outputs are not
kept. Prints one line a cell that differs, `file:line: what is wrong; what to do`.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foible_book import execution
from foible_book.run import Chapter, Problem, Record, Store
from lint.check_chapters import Defect

RECORDS = Path("_build/records")
SHOWN = 60  # letters of an output


def changed(root: Path, old: Path | None) -> Iterator[tuple[Chapter, Record]]:
    """The chapters with a good record that another build has not."""
    store = Store(root / RECORDS, say=print)
    kept = {path.parent.relative_to(store.folder) for path in store.folder.rglob("*.*")}
    for name in sorted(map(str, kept)):
        if (root / name).with_suffix(".md").exists():
            chapter = execution.named(name, root)
            record = store.fitting(chapter)
            there = old and (old / RECORDS / name / f"{chapter.key}.json").exists()
            if record and not there:
                yield chapter, record


def differing(one: Record, two: Record) -> Iterator[tuple[int, str]]:
    """The cells whose outputs differ, and what stands there."""
    for cell, shown in enumerate(zip(one.outputs, two.outputs, strict=False)):
        old, new = (json.dumps(outputs, sort_keys=True) for outputs in shown)
        if old != new:
            both = enumerate(zip(old, new, strict=False))
            first = next((n for n, (a, b) in both if a != b), 0)
            yield cell, old[max(first - SHOWN // 2, 0) :][:SHOWN]


def main(root: Path, old: Path | None) -> int:
    """Run again what changed, and say what differs."""
    before = list(changed(root, old))
    with tempfile.TemporaryDirectory() as folder:
        aside = Store(Path(folder, "records"), say=print)
        seconds = execution.settings(root)["foible_cell_seconds"]
        chapters = [chapter for chapter, _ in before]
        around = execution.surroundings(aside, root, seconds)
        again = execution.run_chapters(chapters, aside, around, say=print)
    found = 0
    for chapter, record in before:
        for cell, said in differing(record, again[chapter.name]):
            where = execution.place(chapter, Problem(cell, 1, ""))
            path, _, line = where.rpartition(":")
            wrong = f"the cell shows something else each time, as in '{said}'"
            remedy = "seed it, and show no clock, no address and no random name"
            print(Defect(Path(path).relative_to(root), int(line), wrong, remedy))
            found += 1
    print(f"{len(before)} chapters ran twice, {found} cells differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), Path(sys.argv[1]) if len(sys.argv) > 1 else None))
