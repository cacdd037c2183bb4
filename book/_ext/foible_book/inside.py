"""What holds inside a kernel, so that a chapter's outputs follow from what is counted?

Each kernel runs this before the first cell, see `run`. A chapter runs again when its
cells, the modules that it names, or the package's files change; so whatever else of
the book a cell would read is refused, at the line that asks. A shell is refused, whose
failures nobody sees, and so is the end of the kernel by `exit()`. What a cell prints is
limited, and a figure of the book has a drawing for phones inside.
"""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from IPython import get_ipython
from IPython.core.pylabtools import print_figure

MB = 1_000_000


class Refused(RuntimeError):
    """Something that a cell may not do."""


class Unseen:
    """Refuses these modules to whoever imports them, in whatever way."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)

    def find_spec(self, name: str, *_: object) -> None:
        """Find nothing, but refuse."""
        if name in self.names:
            raise Refused(
                f"got an import of {name} that no cell spells out, so that nobody "
                f"sees when it changes; write `import {name}`"
            )


def watch(root: str, allowed: tuple[str, ...]) -> None:
    """Refuse files of the book outside these folders."""
    inside, path = root + os.sep, os.path

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(given[0], str | bytes | os.PathLike):
            return
        name = os.fsdecode(given[0])
        if given[1] is None and not path.isabs(name):
            return  # by os.open, from a folder that it does not say, as rmtree does
        place = path.realpath(name)
        if place.startswith(inside) and not place.startswith(allowed):
            raise Refused(
                f"got a file that nobody counts, {path.relpath(place, root)}; read "
                "it as a file of the package, or write it to a temporary folder"
            )

    sys.addaudithook(hear)


def limit(shell: Any, most: int) -> None:
    """Refuse to print more than so many MB."""
    left = most * MB

    def before(_: Any) -> None:
        write = sys.stdout.write

        def counted(text: str) -> int:
            nonlocal left
            left -= len(text)
            if left < 0:
                raise Refused(f"got more than {most} MB in print; show less of it")
            return write(text)

        sys.stdout.write = counted  # type: ignore[method-assign]

    shell.events.register("pre_run_cell", before)  # IPython takes back what it sets


def _refuse(words: str) -> Callable[..., None]:
    def refused(*_: Any, **__: Any) -> None:
        raise Refused(words)

    return refused


def _drawn(figure: Any) -> Any:
    """A figure as SVG, by the book's own plots if the chapter uses them."""
    if "foible.plots" in sys.modules:
        return sys.modules["foible.plots"].drawings(figure)
    svg = print_figure(figure, fmt="svg")  # type: ignore[no-untyped-call]
    return {"image/svg+xml": svg}


def begin(
    root: str, allowed: tuple[str, ...], unseen: Iterable[str], most: int
) -> None:
    """Set up the kernel."""
    shell = get_ipython()
    shell.display_formatter.mimebundle_formatter.for_type_by_name(
        "matplotlib.figure", "Figure", _drawn
    )
    shell.system = shell.getoutput = _refuse(
        "got a command for a shell, whose failure nobody sees; "
        "write `subprocess.run([...], check=True)`"
    )
    shell.ask_exit = _refuse("got the end of the kernel; take it out")
    limit(shell, most)
    sys.meta_path.insert(0, Unseen(unseen))
    here = os.path.dirname(os.path.realpath(__file__))
    ours = (os.path.join(here, name) for name in ("inside.py", "forking.py"))
    watch(root, (*allowed, *ours))  # tracebacks show these
