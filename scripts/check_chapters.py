"""Does every chapter keep the chapter contract, as far as its source can tell?

Each defect is one line: `file:line: what is wrong; what to do`. The contract:

- the full header of a MyST notebook; the label `(<stem>)=` before the title;
- the sections of `SECTIONS`, in order, the talk's demo only where the talk had one;
- imports in the first code cell only; at most ten lines in any other cell, functions of
  at most five lines, no print;
- a cell that plots is a figure: its name is `fig-<stem>-<what>`, its caption opens with
  a sentence, and its alt text says what one would see;
- three to five exercises, each with a folded code cell that solves it. An exercise
  begins with a `###` heading, a numbered line, or an admonition titled "Exercise ...";
  folded means tagged `hide-cell` or `hide-input`;
- no typed result. A percentage, a decimal number or "N of M" in prose must come from a
  cell ({glue:text}, {finding}), or be marked as somebody else's with the role {cited}:

      Human readers agreed on {cited}`97.5 %` of the images {cite:p}`somebody2020`.

  Code, formulae, links and roles are not prose.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it.renderer import RendererHTML
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

FOLDERS = ("book/attacks", "book/failures")
DEMO = "The talk's demo, replayed"
EXERCISES = "Exercises"
SECTIONS = (
    "What happened",
    "The idea",
    "The victim",
    "The attack",
    "The evidence",
    "The defence",
    "What it costs",
    DEMO,
    "What this does not show",
    EXERCISES,
    "References",
)
SHOWN_IN_THE_TALK = {
    "supply_chain",
    "membership_inference",
    "backdoor",
    "model_inversion",
    "poisoning",
    "model_stealing",
}
CELL_LINES, FUNCTION_LINES, ALT_LENGTH = 10, 5, 20

NOT_PROSE = re.compile(
    r"\{[\w:.-]+\}(`+).*?\1"  # a role
    r"|(`+).*?\2"  # code
    r"|\$[^$]+\$"  # a formula
    r"|\]\([^)]*\)|<https?:[^>]*>|https?:\S+"  # the address of a link
)
NUMBER = r"\d[\d,]*"
TYPED_RESULT = re.compile(
    rf"{NUMBER}(\.\d+)?\s?(%|per ?cent\b)|{NUMBER}\.\d+|\b{NUMBER} (out )?of {NUMBER}"
)
EXERCISE = re.compile(r"### |\d+\. |[:`]{3,}\{admonition\} Exercise")
FENCE = re.compile(r"(`{3,}|:{3,}|~{3,})(\{(?P<name>[\w:-]+)\})?(?P<rest>.*)")
PROSE_DIRECTIVES = {
    "admonition", "attention", "caution", "dropdown", "figure", "hint", "important",
    "margin", "note", "seealso", "sidebar", "tip", "warning",
}  # fmt: skip


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong with a chapter."""

    path: Path
    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """What an editor makes a link of, and a person understands."""
        return f"{self.path}:{self.line}: {self.wrong}; {self.remedy}"


class Found(NamedTuple):
    """A defect whose file is known from where it was found."""

    line: int
    wrong: str
    remedy: str


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


_AS_PYTHON = TransformerManager()  # type: ignore[no-untyped-call]


def defects(path: Path) -> list[Defect]:
    """All that is wrong with the chapter at this path."""
    text = path.read_text(encoding="utf-8")
    if found := list(_header(text)):
        return [Defect(path, *defect) for defect in found]
    cells = _code_cells(text)
    found = [
        *_label(text, path.stem),
        *_sections(text, path.stem),
        *_code(cells),
        *_figures(cells, path.stem),
        *_exercises(text, cells),
        *_typed_results(text, cells),
    ]
    return [Defect(path, *defect) for defect in sorted(found)]


def main(root: Path) -> int:
    """Print the defects of all chapters; the number of them decides the exit."""
    paths = [path for folder in FOLDERS for path in sorted(root.glob(f"{folder}/*.md"))]
    found = [defect for path in paths for defect in defects(path.relative_to(root))]
    for defect in found:
        print(defect)
    print(f"{len(paths)} chapters, {len(found)} defects")
    return 1 if found else 0


# The order of things


def _header(text: str) -> Iterator[Found]:
    front = (
        yaml.safe_load(text.split("---\n", 2)[1]) if text.startswith("---\n") else {}
    )
    jupytext = (front.get("jupytext") or {}).get("text_representation") or {}
    kernel = front.get("kernelspec") or {}
    complete = (
        jupytext.get("extension") == ".md"
        and jupytext.get("format_name") == "myst"
        and {"name", "display_name"} <= set(kernel)
    )
    if not complete:
        yield Found(
            1,
            "the header of a notebook is missing or not complete",
            "copy jupytext and kernelspec from another chapter",
        )


def _label(text: str, stem: str) -> Iterator[Found]:
    lines = text.splitlines()
    title = next((n for n, tag, _ in _headings(text) if tag == "h1"), None)
    if title is None:
        yield Found(1, "there is no title", "write one, as '# Title'")
        return
    above = [line for line in lines[: title - 1] if line.strip()][-1]
    if above != f"({stem})=":
        yield Found(title, f"the title has no label {stem}", f"put ({stem})= above it")


def _sections(text: str, stem: str) -> Iterator[Found]:
    found = [(title, line) for line, tag, title in _headings(text) if title in SECTIONS]
    titles = [title for title, _ in found]
    for section in SECTIONS:
        if section not in titles and (section != DEMO or stem in SHOWN_IN_THE_TALK):
            yield Found(1, f"there is no section '{section}'", f"write '## {section}'")
    for (after, _), (title, line) in pairwise(found):
        if SECTIONS.index(title) < SECTIONS.index(after):
            yield Found(line, f"'{title}' comes after '{after}'", "change their order")


def _exercises(text: str, cells: list[Cell]) -> Iterator[Found]:
    lines = text.splitlines()
    headings = _headings(text)
    start = next((n for n, _, title in headings if title == EXERCISES), None)
    if start is None:
        return
    later = (n for n, tag, _ in headings if n > start and tag == "h2")
    end = next(later, len(lines) + 1)
    code = {n for c in cells for n in range(c.fence, c.line + c.source.count("\n") + 1)}
    begins = [
        n
        for n in range(start + 1, end)
        if n not in code and EXERCISE.match(lines[n - 1])
    ]
    if not 3 <= len(begins) <= 5:
        wrong = f"there are {len(begins)} exercises"
        yield Found(start, wrong, "write three to five, each with a '###' heading")
    for begin, stop in zip(begins, [*begins[1:], end], strict=True):
        tags = [t for c in cells if begin < c.fence < stop for t in _tags(c)]
        if not {"hide-cell", "hide-input"} & set(tags):
            yield Found(
                begin,
                "this exercise has no solution",
                "add a code cell tagged hide-cell that solves it",
            )


# The code


def _code(cells: list[Cell]) -> Iterator[Found]:
    if not cells:
        yield Found(1, "there is no code cell", "show the attack by running it")
    for cell in cells[1:]:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                line = cell.line + node.lineno - 1
                yield Found(line, "an import", "move it to the first code cell")
    for cell in cells:
        yield from _too_long(cell)
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                line = cell.line + node.lineno - 1
                yield Found(line, "a print", "end the cell with the thing to look at")


def _too_long(cell: Cell) -> Iterator[Found]:
    lines = len([line for line in cell.source.splitlines() if line.strip()])
    only_imports = all(
        isinstance(n, ast.Import | ast.ImportFrom) for n in cell.tree.body
    )
    if lines > CELL_LINES and not only_imports:
        wrong = f"a cell of {lines} lines"
        yield Found(cell.fence, wrong, f"cut it into cells of at most {CELL_LINES}")
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                line = cell.line + node.lineno - 1
                wrong = f"the function {node.name} has {length} lines"
                remedy = f"move it to the package, or cut it to {FUNCTION_LINES}"
                yield Found(line, wrong, remedy)


def _figures(cells: list[Cell], stem: str) -> Iterator[Found]:
    for cell in cells:
        shown = cell.metadata.get("mystnb") or {}
        figure, image = shown.get("figure") or {}, shown.get("image") or {}
        if figure:
            for wrong, remedy in _figure(figure, str(image.get("alt") or ""), stem):
                yield Found(cell.fence, wrong, remedy)
        elif any(_plots(node) for node in ast.walk(cell.tree)):
            wrong = "a plot that is not a figure"
            yield Found(cell.fence, wrong, "give the cell mystnb: figure: and image:")


def _figure(figure: dict[str, Any], alt: str, stem: str) -> Iterator[tuple[str, str]]:
    name, caption = str(figure.get("name") or ""), str(figure.get("caption") or "")
    wanted = f"fig-{stem.replace('_', '-')}-"
    if not re.fullmatch(rf"{wanted}[a-z0-9-]+", name):
        yield f"a figure named '{name}'", f"name it {wanted}<what>"
    opening = NOT_PROSE.sub("x", caption.strip().partition("\n")[0])
    if not re.match(r"[^?!]+?\.(\s|$)", opening):
        yield "a caption that does not open with a sentence", "begin with the message"
    alt = alt.strip()
    if len(alt) < ALT_LENGTH or alt in (caption.strip(), name):
        yield "an alt text that does not describe", "say what one would see"


def _plots(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"plot", "imshow", "scatter", "hist", "bar"}
    )


# The prose


def _typed_results(text: str, cells: list[Cell]) -> Iterator[Found]:
    captions = [
        (cell.fence, str(figure.get("caption")))
        for cell in cells
        if (figure := (cell.metadata.get("mystnb") or {}).get("figure"))
    ]
    for line, said in [*_prose(text), *captions]:
        for match in TYPED_RESULT.finditer(NOT_PROSE.sub(" ", said)):
            yield Found(
                line,
                f"a typed result, '{match[0]}'",
                "state a finding and quote it, or mark a number of others as {cited}",
            )


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither front matter, nor code, nor formula, nor option."""
    lines = text.splitlines()
    front = lines.index("---", 1) + 1
    fence, formula = "", False
    for number, line in enumerate(lines[front:], front + 1):
        opened = FENCE.match(line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif opened and opened["rest"].strip() + str(opened["name"] or "") == "":
            continue  # the end of a directive that holds prose
        elif opened and opened["name"] not in PROSE_DIRECTIVES:
            fence = opened[1]
        elif line.startswith("$$"):
            formula = not (formula or (line.rstrip().endswith("$$") and len(line) > 2))
        elif not (formula or re.match(r":[\w-]+:|%|\(.*\)=$", line)):
            yield number, line


# Reading


def _headings(text: str) -> list[tuple[int, str, str]]:
    """The line, the tag and the words of each heading."""
    config = MdParserConfig(enable_extensions={"colon_fence", "dollarmath"})
    tokens = create_md_parser(config, RendererHTML).parse(text)
    return [
        ((token.map or [0])[0] + 1, token.tag, after.content.replace("’", "'"))
        for token, after in pairwise(tokens)
        if token.type == "heading_open"
    ]


def _code_cells(text: str) -> list[Cell]:
    lines = text.splitlines()
    notebook = read_myst_markdown_notebook(text, add_source_map=True)
    found = []
    for cell, start in zip(
        notebook.cells, notebook.metadata["source_map"], strict=True
    ):
        if cell.cell_type == "code":
            source = cell.source.splitlines()
            first = start
            while lines[first : first + len(source)] != source:
                first += 1
            found.append(Cell(start, first + 1, cell.source, cell.metadata))
    return found


def _tags(cell: Cell) -> list[str]:
    return list(cell.metadata.get("tags") or [])


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
