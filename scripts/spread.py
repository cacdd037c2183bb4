"""How far do the findings of a chapter move under other seeds, and on other cuts?

    .venv/bin/python scripts/spread.py book/attacks/poisoning --seeds 10

Every seed or secret key that a cell names is shifted, and so is the cut of the cast's
rows; the cells run in one process, and no finding is refused. A line for each finding
gives its range, what the seeds made of it, and the range that they justify: their ends,
and as much again as their standard deviation. With `FOIBLE_DATA` it is the range for
real data.
"""

import argparse
import ast
import contextlib
import io
import os
import sys
import traceback
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.core.interactiveshell import InteractiveShell

STEP = 1000
SHARED = ("seed", "seeds", "random_state", "key")


class Shifted(ast.NodeTransformer):
    """The source of a cell with its seeds moved on."""

    def __init__(self, by: int) -> None:
        self.by = by

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """As in seed=0, seeds=range(5), key=1."""
        self.generic_visit(node)
        if node.arg in SHARED:
            node.value = self._moved(node.value)
        return node

    def visit_For(self, node: ast.For | ast.comprehension) -> ast.AST:
        """As in [world(seed) for seed in range(10)], or in a loop."""
        self.generic_visit(node)
        if ast.unparse(node.target) in SHARED:
            node.iter = self._moved(node.iter)
        return node

    visit_comprehension = visit_For

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """As in seeds = range(3), and in rows, seeds = load(), range(3)."""
        self.generic_visit(node)
        to, value = node.targets[0], node.value
        if isinstance(to, ast.Tuple) and isinstance(value, ast.Tuple):
            value.elts = [
                self._moved(one) if name and ast.unparse(name) in SHARED else one
                for name, one in zip_longest(to.elts[: len(value.elts)], value.elts)
            ]
        elif ast.unparse(to) in SHARED:
            node.value = self._moved(value)
        return node

    def _moved(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Constant) and isinstance(value.value, int):
            return ast.Constant(value.value + self.by)
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "range":
            ends = value.args if len(value.args) > 1 else [ast.Constant(0), *value.args]
            by = ast.Constant(self.by)
            moved: list[ast.expr] = [ast.BinOp(end, ast.Add(), by) for end in ends[:2]]
            return ast.Call(value.func, [*moved, *ends[2:]], [])
        return value


def stated(cells: list[str], *, by: int) -> tuple[dict[str, Any], list[str]]:
    """What the cells state with seeds so much later, and what went wrong."""
    found: dict[str, Any] = {}
    wrong: list[str] = []

    def finding(name: str, value: Any, form: str, **given: Any) -> None:
        ends = {one: given.get(one) for one in ("real", "published")}
        found[name] = float(value), form, findings.expected(given["between"], **ends)

    from foible import cast, findings

    with (
        mock.patch.object(findings, "finding", finding),
        mock.patch.object(cast.cut, "__kwdefaults__", {"seed": by}),
    ):
        for cell in cells:
            if error := ran(_shifted(cell, by)):
                wrong += traceback.format_exception_only(error)
    return found, wrong


def _shifted(cell: str, by: int) -> str:
    tree = Shifted(by).visit(ast.parse(cell))
    return ast.unparse(ast.fix_missing_locations(tree))


def ran(cell: str) -> BaseException | None:
    """Run a cell as a notebook does, silently, and give what went wrong."""
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        done = shell.run_cell(cell)  # type: ignore[no-untyped-call]
    plt.close("all")
    error: BaseException | None = done.error_before_exec or done.error_in_exec
    return error


def line(name: str, runs: list[tuple[float, str, tuple[float, float]]]) -> str:
    """What the seeds made of one finding, and what they justify."""
    values = np.array([value for value, _, _ in runs])
    _, form, (low, high) = runs[0]
    spread = np.std(values, ddof=1) if len(values) > 1 else 0.0
    justified = values.min() - spread, values.max() + spread
    if "%" in form and "+" not in form and values.min() >= 0 and values.max() <= 1:
        justified = max(justified[0], 0), min(justified[1], 1)
    outside = np.sum((values < low) | (values > high))
    seen = " ".join(form.format(value) for value in np.sort(values))
    mark = f"  OUTSIDE {outside}" if outside else ""
    suggested = f"({justified[0]:.3g}, {justified[1]:.3g})"
    return f"{name:34} ({low:g}, {high:g}) seeds justify {suggested:18} {seen}{mark}"


def main(chapter: str, seeds: int) -> None:
    """Run the chapter once with each seed, and print a line a finding."""
    mpl.use("agg")
    root = Path(__file__).parents[1]
    sys.path.insert(0, str(root / "scripts"))
    from lint.manuscript import Page

    path = (root / chapter).with_suffix(".md")
    if not path.is_file():
        sys.exit(f"got {chapter}; wanted a chapter, as in book/attacks/poisoning")
    for name in ("FOIBLE_DATA", "FOIBLE_MODELS"):
        if folder := os.environ.get(name):
            os.environ[name] = str(Path(folder).absolute())
    cells = [cell.source for cell in Page(path, path.read_text("utf-8")).cells]
    os.chdir(path.parent)
    runs: dict[str, list[Any]] = {}
    for number in range(seeds):
        found, wrong = stated(cells, by=number * STEP)
        for name, given in found.items():
            runs.setdefault(name, []).append(given)
        for words in wrong:
            print(f"seed {number}: {words.strip()}", flush=True)
        print(f"seed {number}: {len(found)} findings", flush=True)
    print("\n".join(line(name, given) for name, given in runs.items()))


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("chapter")
    reader.add_argument("--seeds", type=int, default=10)
    main(**vars(reader.parse_args()))
