"""Would the book notice if an attack, a defence or a judge were subtly wrong?

    make mutants

A mutant is a copy of the package with one operator or constant changed; a budget, a
count or a size falls to one. As many are drawn from each room of the attacks, the
defences and the judges; each is met by the chapters that reach it, whose findings or
cells must fail, and by the tests of its room. What neither notices survives: it is
killed by a better finding or test, or explained in CONTRIBUTING.md. One run of a
chapter or of tests meets all its mutants, each in a process that splits off where it is
reached. A run that was broken off goes on where it stood, while nothing has changed;
`--survivors` meets again those that survived. Single rooms: `--rooms attacks/evasion`;
only listed: `--list`. What all else stands on is met by its own tests alone:

    make mutants ROOMS="search metrics oracle evidence data" NUMBER=110
"""

import argparse
import ast
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np

from mutants.changes import changed, places
from mutants.meeting import PACKAGE, ROOT, Mutant, met

RESULTS = ROOT / "_build" / "mutants.json"
PARTS = ("attacks", "language", "failures")
GROUND = ("search", "metrics", "oracle", "evidence", "data")
CHAPTERS_A_MUTANT = 2
NOTICED = 0.85
Words = tuple[str, ...]  # "page" or "tests", and which


def mutants_of(path: Path) -> list[Mutant]:
    """All that can be changed in a file, one at a time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    file = path.relative_to(PACKAGE)
    alone = file.parent == Path()
    return [
        Mutant(
            file.stem if alone else file.parent.as_posix(),
            file.as_posix(),
            getattr(node, "lineno", 0),
            ast.unparse(node),
            ast.unparse(changed(node) or node),
            place,
        )
        for place, node in enumerate(places(tree))
    ]


@cache
def rooms() -> dict[str, list[Mutant]]:
    """What can be changed in each room; the single files of the defences are one."""
    found: dict[str, list[Mutant]] = {}
    for part in (*PARTS, "defences", "judging", *GROUND):
        for path in sorted(
            (*PACKAGE.glob(f"{part}.py"), *PACKAGE.glob(f"{part}/**/*.py"))
        ):
            for mutant in mutants_of(path):
                found.setdefault(mutant.room, []).append(mutant)
    return found


def drawn(number: int, *, seed: int, only: list[str]) -> list[Mutant]:
    """As many from each room, without choice."""
    of_rooms = {
        k: v for k, v in rooms().items() if (k in only if only else k not in GROUND)
    }
    if not of_rooms:
        sys.exit(f"got rooms {only}; wanted some of: {', '.join(rooms())}")
    rng = np.random.default_rng(seed)
    each = -(-number // len(of_rooms))
    return [
        found[place]
        for found in of_rooms.values()
        for place in sorted(rng.permutation(len(found))[:each])
    ]


def chapters(mutant: Mutant) -> list[str]:
    """The chapters that reach it: that of its name, else those that name its room."""
    if mutant.room in GROUND:
        return []
    stem = Path(mutant.room).name
    written = [page for part in PARTS for page in (ROOT / "book" / part).glob("*.md")]
    if own := [page for page in written if page.stem == stem]:
        return [page.relative_to(ROOT).as_posix() for page in own]
    name = Path(mutant.file).stem if stem == "defences" else stem
    pages = {p: p.read_text("utf-8").count(name) for p in written}
    most = sorted((p for p in pages if pages[p]), key=lambda p: -pages[p])
    return [p.relative_to(ROOT).as_posix() for p in most[:CHAPTERS_A_MUTANT]]


def tests(mutant: Mutant) -> list[str]:
    """The tests of its room, and its rows in the table of promises."""
    part, _, name = mutant.room.partition("/")
    if part in GROUND:
        return [f"tests/test_{part}.py"]
    if part == "judging":
        return ["tests/judging", "tests/test_judging.py"]
    name = name or Path(mutant.file).stem
    promises = ["tests/test_conformance.py", "-k", f"{name} or not conformance"]
    return [f"tests/{part}/test_{name}.py", *promises]


def runs(chosen: Sequence[Mutant]) -> dict[Words, list[Mutant]]:
    """What must be run, each with the mutants that it meets."""
    found: dict[Words, list[Mutant]] = {}
    for mutant in chosen:
        found.setdefault(("tests", *tests(mutant)), []).append(mutant)
        for page in chapters(mutant):
            found.setdefault(("page", page), []).append(mutant)
    return found


def fingerprint() -> str:
    """Of all that decides what notices a mutant."""
    digest = hashlib.sha256()
    for folder in ("code", "tests", "scripts", *(f"book/{part}" for part in PARTS)):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


class Kept:
    """What each run said of each mutant, kept as it is said."""

    def __init__(self) -> None:
        kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
        self.mark = kept.get("fingerprint", "")
        self.said = {
            (tuple(words), Mutant(**mutant)): text
            for words, mutant, text in kept.get("said", [])
        }

    def add(self, words: Words, said: dict[Mutant, str]) -> None:
        """Keep what one run said."""
        self.said |= {(words, mutant): text for mutant, text in said.items()}
        rows = [(words, asdict(one), text) for (words, one), text in self.said.items()]
        kept = {"fingerprint": self.mark, "said": rows}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def of(self, mutant: Mutant, kind: str) -> str:
        """What the chapters, or the tests, said of a mutant."""
        told = (
            text
            for (words, one), text in self.said.items()
            if one == mutant and words[0] == kind
        )
        return next(filter(None, told), "")

    def met(self) -> list[Mutant]:
        """The mutants of all runs."""
        return list(dict.fromkeys(mutant for _, mutant in self.said))

    def survivors(self) -> list[Mutant]:
        """Those of which nothing was red."""
        return [
            m for m in self.met() if not (self.of(m, "page") or self.of(m, "tests"))
        ]


def main(number: int, seed: int, jobs: int, only: list[str], *, listed: bool) -> None:
    """Meet them all, print a line each, and count."""
    chosen = drawn(number, seed=seed, only=only)
    if listed:
        for mutant in chosen:
            print(f"{mutant.file}:{mutant.line}: {mutant.before} -> {mutant.after}")
        return
    kept, now = Kept(), fingerprint()
    of_now = {k: v for k, v in kept.said.items() if k[1] in chosen}
    kept.said, kept.mark = of_now if kept.mark == now else {}, now
    report(kept, chosen, jobs)


def again(jobs: int) -> None:
    """Meet the survivors of the last run again, and count all anew."""
    kept = Kept()
    now = {(m.file, m.before, m.after, m.place) for f in rooms().values() for m in f}
    living = kept.survivors()
    gone = [m for m in living if (m.file, m.before, m.after, m.place) not in now]
    if gone or not living:
        files = ", ".join(sorted({m.file for m in gone})) or "nobody survived"
        sys.exit(f"no survivor to meet again as it was: {files}; run `make mutants`")
    kept.said = {k: v for k, v in kept.said.items() if k[1] not in living}
    kept.mark = fingerprint()
    report(kept, living, jobs)


def report(kept: Kept, chosen: Sequence[Mutant], jobs: int) -> None:
    """Do the runs that are left, keep what each said, and count."""

    def run(words: Words, mutants: list[Mutant]) -> None:
        left = [one for one in mutants if (words, one) not in kept.said]
        if left:
            kept.add(words, met(list(words), left))
            print(f"{len(left)} mutants met by {words[1]}", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda item: run(*item), runs(chosen).items()))
    for it in chosen:
        said = [kept.of(it, kind) or "-" for kind in ("page", "tests")]
        change = f"`{it.before}` -> `{it.after}`"
        print(f"{it.file}:{it.line}: {change} | finding: {said[0]} | test: {said[1]}")
    every, living = kept.met(), kept.survivors()
    by_page, by_test = (
        sum(bool(kept.of(one, kind)) for one in every) for kind in ("page", "tests")
    )
    print(
        f"{len(every)} mutants: {len(every) - len(living)} noticed, "
        f"{by_page} by findings alone, {by_test} by tests alone; {len(living)} survive"
    )
    sys.exit(len(living) > (1 - NOTICED) * len(every))


def command() -> None:
    """As `make mutants` calls it."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--number", type=int, default=105)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    reader.add_argument("--rooms", nargs="*", default=[])
    reader.add_argument("--list", action="store_true")
    reader.add_argument("--survivors", action="store_true", help="meet them again")
    given = reader.parse_args()
    if given.survivors:
        again(given.jobs)
    main(given.number, given.seed, given.jobs, given.rooms, listed=given.list)
