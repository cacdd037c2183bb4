"""What a mutant must get past: the cells of a chapter, or tests.

python -m mutants.running page book/attacks/evasion.md
python -m mutants.running tests tests/attacks/test_evasion.py ...
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def page(path: str) -> int:
    """Run a chapter's cells until one is red, and say which."""
    import matplotlib as mpl

    from lint.manuscript import Page
    from spread import ran

    mpl.use("agg")
    os.environ.pop("FOIBLE_DATA", None)
    cells = Page(Path(path), Path(path).read_text("utf-8")).cells
    os.chdir(Path(path).parent)
    for cell in cells:
        if error := ran(cell.source):
            print(f"red: {Path(path).stem}: {type(error).__name__}: {error}")
            return 1
    return 0


class Shared:
    """Says of each test whether it shares a folder."""

    def __init__(self, split: Any) -> None:
        self.split = split

    def pytest_runtest_setup(self, item: Any) -> None:
        """As pytest calls it."""
        if self.split:
            self.split.busy = "tmp_path" in item.fixturenames


def tests(split: Any, *words: str) -> int:
    """Run tests until one is red."""
    import pytest

    quick = ["-q", "-x", "-s", "-m", "not slow", "-p", "no:cacheprovider"]
    return int(pytest.main([*quick, *words], plugins=[Shared(split)]))


def main(kind: str, *words: str) -> None:
    """Run one or the other, splitting where mutants are to be met."""
    split = import_module("foible_mutants") if "MUTANTS" in os.environ else None
    code = page(*words) if kind == "page" else tests(split, *words)
    if split and split.on >= 0:
        split.ended(code)
    sys.exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
