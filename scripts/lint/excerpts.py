"""Does each piece of source that a page shows begin and end where its code does?

A page shows a function by `literalinclude`, often without its docstring and its checks,
by the numbers of its lines. These stay when the function changes. What they then cut
through is found here: a docstring, a signature or a statement.
"""

import io
import tokenize
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from sphinx.pycode.parser import Parser
from sphinx.util import parselinenos

from lint.manuscript import Directive, Page

SPACE = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)


class Logical(NamedTuple):
    """A docstring, a signature, a statement or the head of one: lines, and how deep."""

    first: int
    last: int
    depth: int

    def __str__(self) -> str:
        return (
            f"{self.first}-{self.last}" if self.last > self.first else f"{self.first}"
        )


def cut_excerpts(root: Path, page: Page) -> Iterator[tuple[int, str]]:
    """The line and the fault of each excerpt that a page does not show whole."""
    for shown in page.directives:
        if shown.name == "literalinclude" and shown.argument.endswith(".py"):
            source = root / page.path.parent / shown.argument
            if wrong := _wrong(shown, source):
                yield shown.line, wrong


def _wrong(shown: Directive, source: Path) -> str:
    """What a piece cuts through, or why there is none; nothing if it is whole."""
    if not source.is_file():
        return f"an excerpt of {shown.argument}, which is not there"
    text = source.read_text(encoding="utf-8")
    name = shown.options.get("pyobject", "")
    begin, end = _place(text, name)
    given = shown.options.get("lines", "1-")
    try:
        kept = {begin + n for n in parselinenos(given, end - begin + 1)}
    except ValueError:
        kept = {0}
    if not begin <= min(kept) <= max(kept) <= end:
        return f"an excerpt of lines {given} of {name or source.name}, which has others"
    lines = [one for one in _logical(text) if begin <= one.first and one.last <= end]
    for number, one in enumerate(lines):
        own = {line in kept for line in range(one.first, one.last + 1)}
        body = {other.first in kept for other in _body(lines[number:])}
        bare = own == {True} and body == {False}  # a head without its body
        lost = own == {False} and True in body and one.depth > lines[0].depth
        if len(own) > 1 or bare or lost:
            return f"an excerpt that cuts through {source.name}:{one}"
    return ""


def _place(text: str, name: str) -> tuple[int, int]:
    """The first and the last line of what is named, or of all."""
    if not name:
        return 1, len(text.splitlines())
    parser = Parser(text)
    parser.parse()
    _, begin, end = parser.definitions.get(name, ("", 1, 0))
    return begin, end


def _body(lines: list[Logical]) -> Iterator[Logical]:
    """What belongs to the first of the lines, as its body."""
    return takewhile(lambda other: other.depth > lines[0].depth, lines[1:])


def _logical(text: str) -> Iterator[Logical]:
    """What Python reads as one line each, in order."""
    first = depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if token.type == tokenize.NEWLINE:
            yield Logical(first, token.start[0], depth)
            first = 0
        elif token.type not in SPACE:
            first = first or token.start[0]
