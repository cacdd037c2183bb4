"""What does a page of the book consist of, before anything is built?

A page is read from its Markdown alone: headings, code cells, pictures, prose, roles.
Every part knows its line.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from docutils.parsers.rst.directives.misc import TestDirective
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from myst_nb.core.read import is_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from foible.threat import parts
from foible_book import reading

NOT_MARKDOWN = {  # whose body is something else; that of any other directive is prose
    "bibliography", "code", "code-block", "code-cell", "doctest", "eval-rst", "image",
    "include", "literalinclude", "math", "mermaid", "raw", "raw-cell", "sourcecode",
    "toctree",
}  # fmt: skip
PLAIN = {"text", "text_special", "softbreak", "hardbreak"}
OF_ONE_ORIGIN = re.compile(r"\{(?:embedded|real)\}(`+)(.*?)(?<!`)\1(?!`)")
UNSEEN = {"remove-cell", "remove-input"}

_AS_PYTHON = TransformerManager()  # type: ignore[no-untyped-call]


def _located(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """A rule of MyST whose tokens know where they begin and end."""

    def located(state: StateInline, silent: bool) -> bool:
        begin, already = state.pos, len(state.tokens)
        done = rule(state, silent)
        for token in state.tokens[already:]:
            token.meta.setdefault("at", (begin, state.pos))
        return done

    return located


def _myst() -> MarkdownIt:
    """MyST as the book is read with, so far as it decides what is prose."""
    config = MdParserConfig(
        enable_extensions={"colon_fence", "dollarmath"},
        dmath_allow_space=False,
        dmath_allow_digits=False,
    )
    myst = create_md_parser(config, RendererHTML)
    rules = myst.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        rules.at(name, _located(rule))
    return myst


_MYST = _myst()


class Cell(NamedTuple):
    """A code cell: the line of its fence, the line of its code, and both halves."""

    fence: int
    line: int
    source: str
    metadata: dict[str, Any]

    @property
    def tree(self) -> ast.Module:
        """The cell as Python; what does not parse fails when the book is built."""
        return _tree(self.source)

    @property
    def tags(self) -> set[str]:
        """What decides how it is shown."""
        return set(self.metadata.get("tags") or [])

    @property
    def end(self) -> int:
        """Its last line of code."""
        return self.line + self.source.count("\n")


class Directive(NamedTuple):
    """A directive: the line of its fence, what it is given, the line of its body."""

    line: int
    name: str
    argument: str
    options: dict[str, Any]
    first: int
    body: str


class Block(NamedTuple):
    """A token of MyST that stands for whole lines, and the directive if it is one."""

    line: int
    token: Token
    directive: Directive | None

    @property
    def children(self) -> Iterator[tuple[int, Token]]:
        """What stands in its lines: text, roles, pictures, each with its line."""
        line = self.line
        for child in self.token.children or []:
            yield line, child
            line += child.type in ("softbreak", "hardbreak")
            line += child.content.count("\n")


class Picture(NamedTuple):
    """A figure or an image: of a cell, of a directive, or within a line.

    A picture that is no figure has no label and no caption: both are None.
    """

    line: int
    path: str
    alt: str
    label: str | None = None
    caption: str | None = None


class Role(NamedTuple):
    """A role of MyST and what it is given, such as {term}`victim`."""

    line: int
    name: str
    content: str

    @property
    def target(self) -> str:
        """What it points at: `b` of `a <b>`, else all of it."""
        match = re.search(r"<([^<>]+)>$", self.content)
        return match[1] if match else self.content


@dataclass(frozen=True)
class Page:
    """The source of one page."""

    path: Path
    text: str

    @property
    def stem(self) -> str:
        """Its name, which a chapter shares with its module and its test."""
        return self.path.stem

    @cached_property
    def opened(self) -> str:
        """The text with what is said of one origin of the data as plain prose."""
        return OF_ONE_ORIGIN.sub(r"\2", self.text)

    @cached_property
    def lines(self) -> list[str]:
        """All lines, from the front matter to the end."""
        return self.text.splitlines()

    @cached_property
    def blocks(self) -> list[Block]:
        """All blocks, those in directives too."""
        return list(_blocks(self.opened, above=0))

    @cached_property
    def directives(self) -> list[Directive]:
        """All directives, those in directives too."""
        return [block.directive for block in self.blocks if block.directive]

    @cached_property
    def label(self) -> str:
        """The label above its title, by which others refer to it; else its stem."""
        for (_, above, _), (_, token, _) in pairwise(self.blocks):
            if token.tag == "h1" and token.nesting == 1:
                return above.content if above.type == "myst_target" else self.stem
        return self.stem

    @cached_property
    def front(self) -> dict[str, Any]:
        """The front matter."""
        first = self.blocks[0].token if self.blocks else None
        given = first.content if first and first.type == "front_matter" else ""
        return yaml.safe_load(given) or {}

    @cached_property
    def headings(self) -> list[tuple[int, str, str]]:
        """The line, the tag and the words of each heading."""
        return [
            (block.line, block.token.tag, after.token.content.replace("’", "'"))
            for block, after in pairwise(self.blocks)
            if block.token.type == "heading_open"
        ]

    @cached_property
    def cells(self) -> list[Cell]:
        """The code cells, in order; none if the page is no notebook."""
        if not is_myst_markdown_notebook(self.text):
            return []
        return [
            Cell(line, first, source, options)
            for line, name, _, options, first, source in self.directives
            if name == "code-cell"
        ]

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines that a reader reads, with what is no prose masked.

        They are text, tables, lists, headings, titles and captions.
        """
        found: dict[int, str] = {}
        for block in self._read:
            if block.token.type in ("inline", "html_block"):
                said = block.token.content.rstrip("\n")
                lines = zip(said.split("\n"), masked(said).split("\n"), strict=True)
                for number, (old, new) in enumerate(lines, block.line):
                    line = found.get(number, self.opened.splitlines()[number - 1])
                    whole = old in line  # or else YAML has folded it
                    found[number] = line.replace(old, new, 1) if whole else line + new
        return sorted(found.items())

    @cached_property
    def _read(self) -> list[Block]:
        """The blocks of the page and of the captions of its cells."""
        return [*self.blocks, *self._captions()]

    def _captions(self) -> Iterator[Block]:
        for cell in self.cells:
            said = str(_figure(cell).get("caption") or "")
            opening = said.partition("\n")[0]
            header = self.opened.splitlines()[cell.fence : cell.line - 1]
            where = (n for n, line in enumerate(header) if opening in line)
            yield from _blocks(said, above=cell.fence + next(where, -1))

    @cached_property
    def pictures(self) -> list[Picture]:
        """The figures of cells, the figures and images of directives and of lines."""
        return sorted([*self._of_cells(), *self._of_directives(), *self._of_lines()])

    def _of_cells(self) -> Iterator[Picture]:
        for cell in self.cells:
            if figure := _figure(cell):
                image = (cell.metadata.get("mystnb") or {}).get("image") or {}
                alt, label = str(image.get("alt") or ""), str(figure.get("name") or "")
                caption = str(figure.get("caption") or "")
                yield Picture(cell.fence, "", alt, label, caption)

    def _of_directives(self) -> Iterator[Picture]:
        for line, name, path, options, _, body in self.directives:
            alt = options.get("alt", "")
            if name == "image":
                yield Picture(line, path, alt)
            elif name == "figure":
                yield Picture(line, path, alt, options.get("name", ""), body.strip())

    def _of_lines(self) -> Iterator[Picture]:
        for block in self._read:
            for line, child in block.children:
                if child.type == "image":
                    yield Picture(line, str(child.attrs["src"]), child.content)

    @cached_property
    def roles(self) -> list[Role]:
        """All roles, wherever they stand: in prose, in captions, in tables."""
        return [
            Role(line, child.meta["name"], child.content)
            for block in self._read
            for line, child in block.children
            if child.type == "myst_role"
        ]

    @cached_property
    def findings(self) -> list[tuple[int, str | None]]:
        """The line and the name of each finding that a cell states.

        The name is None where it is not written as a string.
        """
        return [(line, _literal(call)) for line, call in self.stated]

    @cached_property
    def stated(self) -> list[tuple[int, ast.Call]]:
        """The line and the call of each finding that a cell states."""
        return [
            (cell.line + node.lineno - 1, node)
            for cell in self.cells
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "finding"
        ]


def paths(root: Path) -> list[Path]:
    """The files of all pages of the book below a folder, relative to it."""
    found = sorted((root / "book").rglob("*.md"))
    inside = [path.relative_to(root) for path in found]
    return [path for path in inside if not path.parts[1].startswith("_")]


def pages(root: Path) -> list[Page]:
    """All pages that can be read."""
    return [
        Page(path, reading.text(root / path))
        for path in paths(root)
        if unreadable(root, path) is None
    ]


def unreadable(root: Path, path: Path) -> reading.Unreadable | None:
    """Why a page cannot be read, if it cannot."""
    try:
        reading.notebook(root / path, wanted=path.parent.name in parts())
    except reading.Unreadable as error:
        return error
    return None


def masked(said: str) -> str:
    """A text with a letter in place of each sign that is not prose."""
    (inline,) = _MYST.parseInline(said)
    for token in inline.children or []:
        begin, end = token.meta.get("at", (0, 0))
        if token.type == "link_close":  # whose address is no prose, but whose words are
            begin = max(begin, said.rfind("](", begin, end))
        if token.type == "link_close" or not (token.nesting or token.type in PLAIN):
            said = said[:begin] + re.sub(".", "X", said[begin:end]) + said[end:]
    return said


def _figure(cell: Cell) -> dict[str, Any]:
    figure: dict[str, Any] = (cell.metadata.get("mystnb") or {}).get("figure") or {}
    return figure


@cache
def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(_AS_PYTHON.transform_cell(source))
    except SyntaxError:
        return ast.Module([], [])


def _blocks(text: str, *, above: int) -> Iterator[Block]:
    """The blocks of a text that stands below so many lines."""
    for token in _MYST.parse(text):
        line = above + (token.map or [0])[0] + 1
        directive = _directive(token, line)
        yield Block(line, token, directive)
        if directive and directive.name not in NOT_MARKDOWN:
            if directive.name != "figure":
                yield from _blocks(directive.argument, above=line - 1)
            yield from _blocks(directive.body, above=directive.first - 1)


def _directive(token: Token, line: int) -> Directive | None:
    """What a fence stands for; MyST shows colons without a name as a division."""
    name, _, argument = token.info.strip().partition(" ")
    if not name.startswith("{"):
        if token.type != "colon_fence":
            return None
        return Directive(line, "", "", {}, line + 1, token.content)
    if token.content.startswith(":::"):  # which are no options
        return Directive(line, name[1:-1], argument, {}, line + 1, token.content)
    found = parse_directive_text(
        TestDirective, "", token.content, validate_options=name != "{code-cell}"
    )
    first, body = line + 1 + found.body_offset, "\n".join(found.body)
    return Directive(line, name[1:-1], argument.strip(), found.options, first, body)


def _literal(call: ast.Call) -> str | None:
    """The first argument, if it is a string as it stands."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None
