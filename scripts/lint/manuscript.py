"""What does a page of the book consist of, before anything is built?

A page is read from its Markdown alone: headings, code cells, pictures, prose, roles.
Every part knows its line.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it.renderer import RendererHTML
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

NOT_PROSE = re.compile(
    r"\{[\w:.-]+\}(`+).*?\1"  # a role
    r"|(`+).*?\2"  # code
    r"|\$[^$]+\$"  # a formula
    r"|\]\([^)]*\)|https?:\S+"  # the address of a link
    r"|<[^<>]+>"  # a tag
)
ROLE = re.compile(r"(`{2,}).*?\1|\{(?P<name>[\w:.-]+)\}`(?P<content>[^`]+)`")
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^) ]+)[^)]*\)")
FENCE = re.compile(r"\s*(`{3,}|:{3,}|~{3,})(\{(?P<name>[\w:-]+)\})?(?P<rest>.*)")
OPTION = re.compile(r"\s*:(?P<name>[\w-]+):\s*(?P<value>.*)")
PROSE_DIRECTIVES = {
    "admonition", "attention", "caution", "dropdown", "figure", "glossary", "hint",
    "important", "margin", "note", "seealso", "sidebar", "tip", "warning",
}  # fmt: skip
UNSEEN = {"remove-cell", "remove-input"}

_AS_PYTHON = TransformerManager()  # type: ignore[no-untyped-call]


class Cell(NamedTuple):
    """A code cell: the line of its fence, the line of its code, and both halves."""

    fence: int
    line: int
    source: str
    metadata: dict[str, Any]

    @property
    def tree(self) -> ast.Module:
        """The cell as Python; what does not parse fails when the book is built."""
        try:
            return ast.parse(_AS_PYTHON.transform_cell(self.source))
        except SyntaxError:
            return ast.Module([], [])

    @property
    def tags(self) -> set[str]:
        """What decides how it is shown."""
        return set(self.metadata.get("tags") or [])

    @property
    def end(self) -> int:
        """Its last line of code."""
        return self.line + self.source.count("\n")


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

    @classmethod
    def read(cls, path: Path) -> "Page":
        """The page at this path."""
        return cls(path, path.read_text(encoding="utf-8"))

    @property
    def stem(self) -> str:
        """Its name, which a chapter shares with its module and its test."""
        return self.path.stem

    @cached_property
    def lines(self) -> list[str]:
        """All lines, from the front matter to the end."""
        return self.text.splitlines()

    @cached_property
    def label(self) -> str:
        """The label above its title, by which others refer to it; else its stem."""
        title = next((n for n, tag, _ in self.headings if tag == "h1"), 1)
        above = [line for line in self.lines[: title - 1] if line.strip()]
        label = re.fullmatch(r"\((.+)\)=", above[-1]) if above else None
        return label[1] if label else self.stem

    @cached_property
    def front(self) -> dict[str, Any]:
        """The front matter."""
        if not self.text.startswith("---\n"):
            return {}
        return yaml.safe_load(self.text.split("---\n", 2)[1]) or {}

    @cached_property
    def headings(self) -> list[tuple[int, str, str]]:
        """The line, the tag and the words of each heading."""
        config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
        tokens = create_md_parser(config, RendererHTML).parse(self.text)
        return [
            ((token.map or [0])[0] + 1, token.tag, after.content.replace("’", "'"))
            for token, after in pairwise(tokens)
            if token.type == "heading_open"
        ]

    @cached_property
    def cells(self) -> list[Cell]:
        """The code cells, in order; none if the page is no notebook."""
        if not is_myst_markdown_notebook(self.text):
            return []
        notebook = read_myst_markdown_notebook(self.text, add_source_map=True)
        starts = notebook.metadata["source_map"]
        return [
            self._cell(cell.source, cell.metadata, start)
            for cell, start in zip(notebook.cells, starts, strict=True)
            if cell.cell_type == "code"
        ]

    def _cell(self, source: str, metadata: dict[str, Any], start: int) -> Cell:
        code, first = source.splitlines(), start
        while self.lines[first : first + len(code)] != code:
            first += 1
        return Cell(start, first + 1, source, metadata)

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines that a reader reads: text, table, list, heading, caption."""
        return sorted([*self._body(), *self._captions()])

    def _body(self) -> Iterator[tuple[int, str]]:
        """The lines that are not front matter, code, a formula or an option."""
        begin = self.lines.index("---", 1) + 1 if self.front else 0
        fence, formula = "", False
        for number, line in enumerate(self.lines[begin:], begin + 1):
            opened = FENCE.match(line)
            if fence:
                fence = "" if line.strip() == fence else fence
            elif opened and not opened["name"] and not opened["rest"].strip():
                continue  # the end of a directive that holds prose
            elif opened and opened["name"] not in PROSE_DIRECTIVES:
                fence = opened[1]
            elif line.startswith("$$"):
                formula = not (formula or re.fullmatch(r"\$\$.+\$\$\s*", line))
            elif not (formula or opened or OPTION.match(line) or _is_mark(line)):
                yield number, line

    def _captions(self) -> Iterator[tuple[int, str]]:
        for cell in self.cells:
            said = _figure(cell).get("caption") or ""
            header = self.lines[cell.fence : cell.line - 1]
            for line in filter(None, map(str.strip, str(said).splitlines())):
                where = (n for n, text in enumerate(header) if line in text)
                number = cell.fence + 1 + next(where, -1)
                yield number, self.lines[number - 1]

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
        for number, line in enumerate(self.lines, 1):
            opened = FENCE.match(line)
            if opened and opened["name"] in ("figure", "image"):
                path, options = opened["rest"].strip(), dict[str, str]()
                body: list[str] = []
                for said in self.lines[number:]:
                    if said.strip() == opened[1]:
                        break
                    if (option := OPTION.match(said)) and not body:
                        options[option["name"]] = option["value"].strip()
                    else:
                        body.append(said)
                alt, caption = options.get("alt", ""), "\n".join(body).strip()
                if opened["name"] == "image":
                    yield Picture(number, path, alt)
                else:
                    yield Picture(number, path, alt, options.get("name", ""), caption)

    def _of_lines(self) -> Iterator[Picture]:
        for number, line in self.prose:
            for image in IMAGE.finditer(line):
                yield Picture(number, image["path"], image["alt"])

    @cached_property
    def roles(self) -> list[Role]:
        """All roles, wherever they stand: in prose, in captions, in tables."""
        code = {n for cell in self.cells for n in range(cell.line, cell.end + 1)}
        return [
            Role(number, role["name"], role["content"])
            for number, line in enumerate(self.lines, 1)
            if number not in code
            for role in ROLE.finditer(line)
            if role["name"]
        ]

    @cached_property
    def findings(self) -> list[tuple[int, str | None]]:
        """The line and the name of each finding that a cell states.

        The name is None where it is not written as a string.
        """
        return [
            (cell.line + node.lineno - 1, _literal(node))
            for cell in self.cells
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "finding"
        ]


def pages(root: Path) -> list[Page]:
    """All pages of the book below a folder, with paths relative to it."""
    found = sorted((root / "book").rglob("*.md"))
    inside = [path.relative_to(root) for path in found]
    return [
        Page(path, (root / path).read_text(encoding="utf-8"))
        for path in inside
        if not path.parts[1].startswith("_")
    ]


def masked(said: str) -> str:
    """A line of prose with a letter in place of each sign that is not prose."""
    return NOT_PROSE.sub(lambda match: "X" * len(match[0]), said)


def _figure(cell: Cell) -> dict[str, Any]:
    figure: dict[str, Any] = (cell.metadata.get("mystnb") or {}).get("figure") or {}
    return figure


def _is_mark(line: str) -> bool:
    """A comment, or a label that stands alone."""
    return bool(re.match(r"%|\(.*\)=$", line))


def _literal(call: ast.Call) -> str | None:
    """The first argument, if it is a string as it stands."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None
