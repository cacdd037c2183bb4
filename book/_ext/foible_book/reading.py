"""Can a page be read as its author meant it, and if not, which line is to blame?

Both the build and `make check` ask. A page that cannot be read is one line that says
what to do; all the other pages are built.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from myst_nb.core.read import (
    MystMetadataParsingError,
    is_myst_markdown_notebook,
    read_myst_markdown_notebook,
)
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

CODE_CELL = re.compile(r"^[ >]*[`~:]{3,}\{code-cell\}", re.MULTILINE)
FRONT = re.compile(r"\A---\n(.*?)^---$", re.MULTILINE | re.DOTALL)
AS_MYST = MdParserConfig(enable_extensions={"colon_fence"})  # which decides what nests
SIGNS = {"\ufeff": "a byte order mark", "\r": "a carriage return"}
MEND = "mend it between its '---'"


class Unreadable(Exception):
    """A line that cannot be read, why, and what to do."""

    def __init__(self, line: int, wrong: str, remedy: str) -> None:
        super().__init__(f"{wrong}; {remedy}")
        self.line, self.wrong, self.remedy = line, wrong, remedy


def text(path: Path) -> str:
    """The text of a page.

    Raises
    ------
    Unreadable
        When its bytes are not those of a plain text.
    """
    whole = path.read_bytes()
    try:
        said = whole.decode("utf-8")
    except UnicodeDecodeError as error:
        line = whole[: error.start].count(b"\n") + 1
        wrong = f"got the byte {whole[error.start]:#04x}, which is no UTF-8"
        raise Unreadable(line, wrong, "save the page as UTF-8") from None
    for sign, name in SIGNS.items():
        if sign in said:
            line = said[: said.index(sign)].count("\n") + 1
            raise Unreadable(line, f"got {name}", "run 'make fix', which takes it out")
    return said


def notebook(path: Path, *, wanted: bool = False) -> NotebookNode | None:
    """The cells of a page; None of a page without a header, unless one is wanted.

    Raises
    ------
    Unreadable
        When a header is no YAML, or a cell would not be run.
    """
    said = text(path)
    kernel = _front(said).get("kernelspec")
    cells = [said[: it.start()].count("\n") + 1 for it in CODE_CELL.finditer(said)]
    named = isinstance(kernel, dict) and {"name", "display_name"} <= set(kernel)
    if not (named and is_myst_markdown_notebook(said)):
        if wanted or cells or kernel:
            wrong = "without a full header this page would not run"
            remedy = "copy jupytext and kernelspec from another chapter"
            raise Unreadable(1, wrong, remedy)
        return None
    try:
        found: NotebookNode = read_myst_markdown_notebook(
            said, AS_MYST, add_source_map=True, path=path
        )
    except MystMetadataParsingError as error:
        at = re.search(r"at line (\d+)", str(error))
        wrong = "got a header of a cell that is no YAML"
        raise Unreadable(int(at[1]) if at else 1, wrong, MEND) from None
    run = {
        start
        for cell, start in zip(found.cells, found.metadata["source_map"], strict=True)
        if cell.cell_type == "code"
    }
    if inside := sorted(set(cells) - run):
        wrong = "got a code cell inside something else, where it would not run"
        raise Unreadable(inside[0], wrong, "take it out; the tag hide-cell folds it")
    return found


def _front(said: str) -> dict[str, Any]:
    """The header of a page."""
    header = FRONT.match(said)
    try:
        given = yaml.safe_load(header[1]) if header else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        wrong = f"got a header that is no YAML: {error.problem}"
        line = mark.line + 2 if mark else 1
        raise Unreadable(line, wrong, MEND) from None
    if given is not None and not isinstance(given, dict):
        raise Unreadable(1, "got a header without names", "write 'name: value' lines")
    return given or {}
