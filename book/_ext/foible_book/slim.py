"""How does a passage of a page become something that fits on a slide?

It is written anew, as little HTML as will do: no anchors, no links into the book, each
number a span that names its finding. What is cut is cut by rule: of a list item its
first sentence, of a function its docstring and comments, of a table the first lines
and columns. The letters are as large as the text allows, in a few steps.
"""

import ast
import re
from collections.abc import Iterator
from html import escape
from itertools import zip_longest
from math import ceil
from textwrap import dedent

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from foible_book import mathml, notes

LINES = 12  # of code
ROWS, COLUMNS = 9, 7  # of a table
KEPT = ("class", "scope", "data-finding")  # attributes of its parts
WIDTH, HEIGHT = 1140, 470  # pixels for what stands below the heading
STEPS = (36, 32, 28, 25, 22)  # pixels of a letter
CODE_STEPS = (32, 28, 24, 21, 19)
LETTER, LINE, GAP = 0.46, 1.4, 0.7  # width, height and distance, by a letter's size
FORMULA, ROW = 2.6, 1.35  # lines
CELL, BETWEEN = 0.86, 1.1  # of a table: its letters and columns, by a letter's size
EQUATION = re.compile(r"\(\w[\w .]*\)")  # a reference to one, which no slide has
TOGETHER = re.compile(r"(\(?<math(?:(?!</math>).)*</math>[).,;:]+)")
TAGS: dict[type, str] = {
    nodes.paragraph: "p",
    nodes.bullet_list: "ul",
    nodes.enumerated_list: "ol",
    nodes.list_item: "li",
    nodes.strong: "strong",
    nodes.emphasis: "em",
    nodes.literal: "code",
    nodes.table: "table",
    nodes.thead: "thead",
    nodes.tbody: "tbody",
    nodes.row: "tr",
}
SILENT = nodes.comment, nodes.target, nodes.title, nodes.system_message


# ------------------------------------------------------------------------ prose


def html(node: nodes.Node) -> str:
    """A passage as HTML for a slide."""
    if isinstance(node, nodes.Text):
        return escape(" ".join(node.astext().split("\n")), quote=False)
    if isinstance(node, nodes.math | nodes.math_block):
        display = isinstance(node, nodes.math_block)
        return mathml.translated(node.astext(), display=display)
    if isinstance(node, SILENT):
        return ""
    if isinstance(node, nodes.reference) and EQUATION.fullmatch(node.astext()):
        return ""
    if isinstance(node, nodes.raw):
        return table(node.astext())[0] if "<table" in node.astext() else ""
    if isinstance(node, nodes.Element) and "finding" in node:
        return _number(node)
    return _element(node, "".join(map(html, node.children)))


def prose(content: list[nodes.Element]) -> str:
    """Passages as one text, which ends with a full stop even if the page goes on."""
    text = "".join(map(html, content)).replace(" ,", ",").replace(" .", ".")
    text = re.sub(r":</p>$", ".</p>", text)
    return TOGETHER.sub(r'<span class="whole">\1</span>', text)


def _element(node: nodes.Node, inner: str) -> str:
    """The node around what it holds."""
    if isinstance(node, nodes.entry):
        tag = "th" if isinstance(node.parent.parent, nodes.thead) else "td"
        right = ' class="text-right"' if "text-right" in node["classes"] else ""
        return f"<{tag}{right}>{inner}</{tag}>"
    if isinstance(node, nodes.inline) and notes.CITATION in node["classes"]:
        return f'<span class="cited">{inner}</span>'
    if isinstance(node, nodes.enumerated_list) and "start" in node:
        return f'<ol start="{node["start"]}">{inner}</ol>'
    tag = TAGS.get(type(node), "")
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _number(node: nodes.Element) -> str:
    """A finding: its text, its name, and the colour of its role."""
    role = "".join(f" {c}" for c in node["classes"] if c.startswith("role-"))
    return number(node["finding"], node.astext(), role)


def number(name: str, text: str, role: str = "") -> str:
    """The text of a finding that knows its name."""
    return (
        f'<span class="found{role}" data-finding="{escape(name)}">{escape(text)}</span>'
    )


def first_line(passage: nodes.Element) -> nodes.inline:
    """What a passage begins with: its first line, in this book its first sentence."""
    short = nodes.inline()
    for part in passage.children:
        text = part.astext()
        if isinstance(part, nodes.Text) and "\n" in text:
            short += nodes.Text(text.partition("\n")[0])
            break
        short += part.deepcopy()
    return short


def first_sentence(item: nodes.list_item) -> nodes.list_item:
    """A list item that is cut to its first sentence."""
    passage = first_line(item.next_node(nodes.paragraph))
    return nodes.list_item("", nodes.paragraph("", "", passage))


def findings_in(markup: str) -> list[str]:
    """The names of the findings that a passage shows."""
    return re.findall(r'data-finding="([^"]+)"', markup)


def works_in(content: list[nodes.Element]) -> list[str]:
    """The references of the works that a passage cites, one of many authors short."""
    return [
        notes.shortened(link["reftitle"])
        for node in content
        for link in node.findall(nodes.reference)
        if notes.CITATION in link.parent.get("classes", []) and "reftitle" in link
    ]


def said(node: nodes.Node) -> str:
    """A passage as plain text; formulas as they are drawn, in one line."""
    return plain(html(node))


def plain(markup: str) -> str:
    """HTML as plain text."""
    soup = BeautifulSoup(markup, "html.parser")
    for note in soup("annotation"):
        note.decompose()
    return " ".join(soup.get_text().split())


# --------------------------------------------------------------- code and tables


def code(source: str) -> tuple[str, str]:
    """Python without docstrings, comments and types: as HTML, and as text."""
    text = "\n".join(_stripped(dedent(source)))
    shown = highlight(text, PythonLexer(), HtmlFormatter(nowrap=True))
    return f"<pre><code>{shown.rstrip()}</code></pre>", text


def _stripped(source: str) -> Iterator[str]:
    """The lines that are left, each signature on one; all, of half a statement."""
    signatures: dict[int, str] = {}
    dropped: set[int] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        tree = ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            if ast.get_docstring(node):
                dropped |= set(range(first.lineno, (first.end_lineno or 0) + 1))
            if isinstance(node, ast.FunctionDef):
                dropped |= set(range(node.lineno + 1, first.lineno))
                signatures[node.lineno] = " " * node.col_offset + _signature(node)
    for number, line in enumerate(source.splitlines(), 1):
        if number not in dropped and line.strip() and not line.strip().startswith("#"):
            yield signatures.get(number) or re.sub(r"\s+# .*$", "", line)


def _signature(node: ast.FunctionDef) -> str:
    """The line that defines a function, without types."""
    bare = ast.FunctionDef(node.name, node.args, [ast.Pass()], [], lineno=1)
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(ast.fix_missing_locations(bare)).partition("\n")[0]


def table(markup: str) -> tuple[str, str]:
    """The first lines and columns of a table, and a word on what was left out."""
    (whole,) = BeautifulSoup(markup, "html.parser")("table", limit=1)
    rows = whole.find_all("tr")
    head = len(whole.thead.find_all("tr")) if whole.thead else 0
    wide = max(len(row.find_all(["th", "td"])) for row in rows)
    for number, row in enumerate(rows):
        for cell in row.find_all(["th", "td"])[COLUMNS:]:
            cell.decompose()
        if number >= head + ROWS:
            row.decompose()
    for part in [whole, *whole.find_all(True)]:
        part.attrs = {key: part[key] for key in KEPT if key in part.attrs}
    cut = len(rows) - head > ROWS or wide > COLUMNS
    what = f"The first {ROWS} lines and {COLUMNS} columns; all are in the chapter."
    return str(whole), what if cut else ""


# ------------------------------------------------------------------------- size


def step(markup: str) -> int:
    """How large the letters may be, 0 for the largest; len(STEPS) if none fits."""
    soup = BeautifulSoup(markup, "html.parser")
    for annotation in soup("annotation"):
        annotation.decompose()
    fitting = (n for n, size in enumerate(STEPS) if _height(soup, size) <= HEIGHT)
    return next(fitting, len(STEPS))


def _height(soup: BeautifulSoup, size: int) -> float:
    """About how high a text of letters of this size stands, in pixels."""
    room = WIDTH / (LETTER * size)
    texts = [part for part in soup(["p", "li"]) if not part.find_parent(["td", "th"])]
    blocks = [part for part in texts if part.name == "li" or not part.find_parent("li")]
    formulas = len(soup("math", display="block"))
    lines = sum(ceil(len(part.get_text()) / room) for part in blocks)
    gaps = GAP * max(len(blocks) + formulas - 1, 0)
    rows = sum(_rows(one, size) for one in soup("table"))
    return (lines + gaps + FORMULA * formulas + ROW * rows) * LINE * size


def _rows(table: Tag, size: int) -> int:
    """How many lines a table has, if what is too wide is broken."""
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    columns = zip_longest(*([len(cell.get_text()) for cell in row] for row in rows))
    letters = sum(max(n or 0 for n in column) for column in columns)
    width = (letters * LETTER + max(map(len, rows)) * BETWEEN) * CELL * size
    return len(rows) * ceil(width / WIDTH)


def code_step(text: str) -> int:
    """The same for code, whose longest line decides."""
    lines = text.splitlines()
    longest = max(map(len, lines), default=0)
    fitting = (
        n
        for n, size in enumerate(CODE_STEPS)
        if 0.602 * size * longest <= WIDTH - 48 and 1.45 * size * len(lines) <= HEIGHT
    )
    return next(fitting, len(STEPS))
