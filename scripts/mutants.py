"""Would the book notice if an attack, a defence or a judge were subtly wrong?

    make mutants

A mutant is a copy of the package with one operator or constant changed; a budget, a
count or a size falls to one. As many are drawn from each room of the attacks, the
defences and the judges; each is met by the chapters that reach it, whose findings or
cells must fail, and by the tests of its room. What neither notices survives: it is
killed by a better finding or test, or explained in CONTRIBUTING.md. A run that was
broken off goes on where it stood, while nothing has changed; `--survivors` meets again
those that survived. Single rooms: `--rooms attacks/evasion`; only listed: `--list`.
"""

import argparse
import ast
import copy
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "code" / "foible"
RESULTS = ROOT / "_build" / "mutants.json"
PARTS = ("attacks", "failures")
CHAPTERS_A_MUTANT = 2
SECONDS = 400  # of a processor; one that takes longer has changed something
COUNT = 3  # from here on a whole number is a budget, a count or a size
GUARD = 1e-6
TYPE = re.compile(r"[A-Z][a-z]|str$|int$|float$")
EXCHANGED: dict[type[ast.AST], Any] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
RENAMED = {
    one: other
    for pair in (("argmax", "argmin"), ("max", "min"), ("any", "all"))
    for one, other in (pair, pair[::-1])
}


@dataclass(frozen=True)
class Mutant:
    """One change: its room, its file, its line, the code before and after."""

    room: str
    file: str
    line: int
    before: str
    after: str
    number: int  # of the places in this file that can be changed


@dataclass(frozen=True)
class Verdict:
    """What noticed a mutant; an empty text says that nothing did."""

    mutant: Mutant
    finding: str
    test: str


def changed(node: ast.AST) -> ast.AST | None:
    """The node with its one operator or constant changed, if it has one."""
    new: Any = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[op]) if type(op) in EXCHANGED:
            new.ops = [EXCHANGED[type(op)]()]
        case ast.BinOp(op=ast.BitOr(), right=ast.Name(id=name)) if TYPE.match(name):
            return None  # one type or another
        case ast.BinOp(right=ast.Constant(value=str()), op=ast.Div()):
            return None  # a path
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in EXCHANGED:
            new.op = EXCHANGED[type(op)]()
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            operand: ast.AST = new.operand
            return operand
        case ast.Constant(value=bool(value)):
            new.value = not value
        case ast.Constant(value=int(value)):
            new.value = value + 1 if value < COUNT else 1
        case ast.Constant(value=float(value)) if abs(value) < GUARD:
            return None  # against a division by zero, or for the last digits
        case ast.Constant(value=float(value)):
            new.value = 2 * value
        case ast.Attribute(attr=name) if name in RENAMED:
            new.attr = RENAMED[name]
        case ast.Name(id=name) if name in RENAMED:
            new.id = RENAMED[name]
        case _:
            return None
    mutant: ast.AST = new
    return mutant


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of what runs: no types, no refusals of bad input, no messages."""
    for name, field in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for node in field if isinstance(field, list) else [field]:
            if isinstance(node, ast.Raise | ast.JoinedStr | ast.arguments):
                continue
            if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise):
                continue
            if isinstance(node, ast.AST):
                if changed(node) is not None:
                    yield node
                yield from places(node)


class _Exchange(ast.NodeTransformer):
    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.node:
            return changed(node) or node
        return self.generic_visit(node)


def mutants_of(path: Path) -> list[Mutant]:
    """All that can be changed in a file, one at a time."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    file = path.relative_to(PACKAGE)
    return [
        Mutant(
            file.parent.as_posix(),
            file.as_posix(),
            getattr(node, "lineno", 0),
            ast.unparse(node),
            ast.unparse(changed(node) or node),
            number,
        )
        for number, node in enumerate(places(tree))
    ]


def source(mutant: Mutant) -> str:
    """The file with the mutant's change."""
    tree = ast.parse((PACKAGE / mutant.file).read_text(encoding="utf-8"))
    node = list(places(tree))[mutant.number]
    return ast.unparse(ast.fix_missing_locations(_Exchange(node).visit(tree)))


@cache
def rooms() -> dict[str, list[Mutant]]:
    """What can be changed in each room; the single files of the defences are one."""
    found: dict[str, list[Mutant]] = {}
    for part in (*PARTS, "defences", "judging"):
        for path in sorted((PACKAGE / part).rglob("*.py")):
            for mutant in mutants_of(path):
                found.setdefault(mutant.room, []).append(mutant)
    return found


def drawn(number: int, *, seed: int, only: list[str]) -> list[Mutant]:
    """As many from each room, without choice."""
    of_rooms = {k: v for k, v in rooms().items() if not only or k in only}
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
    if part == "judging":
        return ["tests/judging", "tests/test_judging.py"]
    name = name or Path(mutant.file).stem
    promises = ["tests/test_conformance.py", "-k", f"{name} or not conformance"]
    return [f"tests/{part}/test_{name}.py", *promises]


def noticed(command: list[str], code: Path, mark: str) -> str:
    """The line in which a command says what it noticed, or "" when all went well."""
    env = os.environ | {"PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    limit = partial(resource.setrlimit, resource.RLIMIT_CPU, (SECONDS, SECONDS))
    done = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, *command],
        cwd=ROOT, env=env, capture_output=True, text=True, preexec_fn=limit,
        check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"killed, as after more than {SECONDS} s"
    lines = [line for line in done.stdout.splitlines() if line.startswith(mark)]
    return (lines or done.stderr.splitlines() or ["it ended badly"])[-1][:200]


def met(mutant: Mutant) -> Verdict:
    """Meet a mutant with the findings alone and with the tests alone."""
    with TemporaryDirectory() as scratch:
        code = Path(shutil.copytree(ROOT / "code", Path(scratch, "code")))
        (code / "foible" / mutant.file).write_text(source(mutant), encoding="utf-8")
        run = partial(noticed, code=code)
        words = ["-m", "pytest", "-q", "-x", "-m", "not slow", "-p", "no:cacheprovider"]
        test = run([*words, *tests(mutant)], mark="FAILED")
        found = (
            run([__file__, "--run", page], mark="red") for page in chapters(mutant)
        )
        return Verdict(mutant, next(filter(None, found), ""), test)


def run(page: str) -> int:
    """Run a chapter's cells until one is red, and say which."""
    import matplotlib as mpl

    from lint.manuscript import Page
    from spread import ran

    mpl.use("agg")
    os.environ.pop("FOIBLE_DATA", None)
    cells = Page(Path(page), (ROOT / page).read_text("utf-8")).cells
    os.chdir((ROOT / page).parent)
    for cell in cells:
        if error := ran(cell.source):
            print(f"red: {Path(page).stem}: {type(error).__name__}: {error}")
            return 1
    return 0


def fingerprint() -> str:
    """Of all that decides what notices a mutant."""
    digest = hashlib.sha256()
    for folder in ("code", "tests", "scripts", *(f"book/{part}" for part in PARTS)):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def last_run() -> tuple[str, list[Verdict]]:
    """The fingerprint of the last run, and what it found until it ended."""
    if not RESULTS.exists():
        return "", []
    kept = json.loads(RESULTS.read_text("utf-8"))
    told = [v | {"mutant": Mutant(**v["mutant"])} for v in kept["verdicts"]]
    return kept["fingerprint"], [Verdict(**v) for v in told]


def main(number: int, seed: int, jobs: int, only: list[str], *, listed: bool) -> None:
    """Meet them all, print a line each, and count."""
    chosen = drawn(number, seed=seed, only=only)
    if listed:
        for mutant in chosen:
            print(f"{mutant.file}:{mutant.line}: {mutant.before} -> {mutant.after}")
        return
    before, verdicts = last_run()
    known = {v.mutant for v in verdicts} if before == fingerprint() else set()
    verdicts = [v for v in verdicts if v.mutant in known & set(chosen)]
    report(verdicts, [one for one in chosen if one not in known], jobs)


def again(jobs: int) -> None:
    """Meet the survivors of the last run again, and count all anew."""
    _, verdicts = last_run()
    now = {(m.file, m.before, m.after, m.number) for f in rooms().values() for m in f}
    living = [v.mutant for v in verdicts if not (v.finding or v.test)]
    gone = [m for m in living if (m.file, m.before, m.after, m.number) not in now]
    if gone or not living:
        files = ", ".join(sorted({m.file for m in gone})) or "nobody survived"
        sys.exit(f"no survivor to meet again as it was: {files}; run `make mutants`")
    report([v for v in verdicts if v.mutant not in living], living, jobs)


def report(verdicts: list[Verdict], left: list[Mutant], jobs: int) -> None:
    """Meet those that are left, keep each verdict at once, and count."""
    RESULTS.parent.mkdir(exist_ok=True)
    mark = fingerprint()
    with ThreadPoolExecutor(jobs) as pool:
        for verdict in pool.map(met, left):
            verdicts.append(verdict)
            it = verdict.mutant
            said = f"finding: {verdict.finding or '-'} | test: {verdict.test or '-'}"
            change = f"`{it.before}` -> `{it.after}`"
            print(f"{it.file}:{it.line}: {change} | {said}", flush=True)
            kept = {"fingerprint": mark, "verdicts": [asdict(v) for v in verdicts]}
            RESULTS.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    red = [v for v in verdicts if v.finding or v.test]
    by_finding, by_test = (
        sum(bool(getattr(v, what)) for v in verdicts) for what in ("finding", "test")
    )
    print(
        f"{len(verdicts)} mutants: {len(red)} noticed, {by_finding} by findings alone, "
        f"{by_test} by tests alone; {len(verdicts) - len(red)} survive"
    )
    sys.exit(len(red) < 0.85 * len(verdicts))


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--number", type=int, default=112)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    reader.add_argument("--rooms", nargs="*", default=[])
    reader.add_argument("--list", action="store_true")
    reader.add_argument("--run", help="a chapter, whose cells are run until one is red")
    reader.add_argument("--survivors", action="store_true", help="meet them again")
    given = reader.parse_args()
    if given.run:
        sys.exit(run(given.run))
    if given.survivors:
        again(given.jobs)
    main(given.number, given.seed, given.jobs, given.rooms, listed=given.list)
