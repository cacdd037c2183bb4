"""Sphinx extension: a page for each public module of the package, from its docstrings.

    ```{reference} foible.search        all that the module offers
    ```
    ```{reference-modules}              every module, with the question that it answers
    ```

What stands there is Sphinx's own description of Python objects, so that signatures link
their types; the text is read as Markdown.
"""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains import ObjType
from sphinx.domains.python import PythonDomain
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from foible import domains
from foible_book.api import Package, Thing, stem

FOLDER = "book/reference"
CITED = re.compile(r"\[([a-z]+\d{4}[a-z]+)\]")
ODD = re.compile(r"([<$])")
CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
DOMAINS = "foible.domains"


def package(app: Sphinx) -> Package:
    """The package, read once a build."""
    known: Package | None = getattr(app, "foible_package", None)
    if known is None:
        known = Package(Path(app.srcdir, "code", "foible"))
        vars(app)["foible_package"] = known
    return known


# ------------------------------------------------------------------- the pages


class Reference(SphinxDirective):
    """All that a module offers."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The module's question, and each name."""
        known, page = package(self.env.app), self.arguments[0]
        if page not in known.pages:
            raise self.error(f"got {page}; wanted one of {', '.join(known.pages)}")
        return self.parsed("\n".join(_page(known, page)))

    def parsed(self, text: str) -> list[nodes.Node]:
        """Markdown as the book reads it."""
        node = nodes.section(document=self.state.document)
        lines = StringList(
            text.splitlines(), source=str(self.env.doc2path(self.env.docname))
        )
        self.state.nested_parse(lines, self.content_offset, node, match_titles=True)
        made: list[nodes.Node] = node.children
        return made


class Modules(Reference):
    """Every module."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """A table, in the order of the names."""
        known = package(self.env.app)
        rows = [
            f"| [`{page[7:]}`]({stem(page)}.md) | {_row(known.sources[page].note)} |"
            for page in known.pages  # without "foible."
        ]
        return self.parsed(
            "\n".join(["| module | what it answers |", "| :-- | :-- |", *rows])
        )


def _domains(known: Package) -> Iterator[str]:
    """What each type of an argument allows, as a table."""
    yield from ("| type | allows | said of it |", "| :-- | :-- | :-- |")
    for name, (_, note) in known.sources[DOMAINS].defined.items():
        if len(said := get_args(getattr(domains, name))) > 1:
            link = f"{{py:obj}}`~{DOMAINS}.{name}`"
            yield f"| {link} | {_allows(said[-1])} | {_row(note)} |"


def _allows(domain: Any) -> str:
    """What a type promises, as the border says it of a value that is refused."""
    return _text(str(domain)) if "__str__" in vars(type(domain)) else ""


def _row(note: str) -> str:
    """The first paragraph, in a line."""
    return _text(" ".join(note.partition("\n\n")[0].split())).replace("|", "\\|")


def _page(known: Package, page: str) -> Iterator[str]:
    yield from (
        f"# `{page}`",
        "",
        _text(known.sources[page].note),
        "",
    )
    if page == DOMAINS:
        yield from (*_domains(known), "")
    for module, things in known.inside(page).items():
        if module != page:
            title = f"## `{module.removeprefix(page)[1:]}`"
            yield from (title, "", _text(known.sources[module].note), "")
        for thing in things:
            yield from _thing(known, thing)


def _thing(known: Package, thing: Thing, method: bool = False) -> Iterator[str]:
    """A description in Sphinx's words, with its methods inside."""
    node, fence = thing.node, "`" * (6 if method else 8)
    name = ".".join(thing.full.split(".")[-2 if method else -1 :])
    kind, more = "data", []
    if isinstance(node, ast.ClassDef):
        kind, name = "class", name + _made(known, thing, node)
    elif not isinstance(node, ast.FunctionDef):
        kind = "data" if thing.name.isupper() else "type"
    else:
        marks = {ast.unparse(it) for it in node.decorator_list}
        kind = "method" if method else "function"
        if marks & {"property", "cached_property"}:
            kind, more = "property", [f":type: {_typed(known, thing, node.returns)}"]
        else:
            name += _signature(known, thing, node)
        more += [
            f":{mark}:" for mark in ("classmethod", "staticmethod") if mark in marks
        ]
    module = thing.module.rpartition(".")[0] if method else thing.module
    yield from (f"{fence}{{py:{kind}}} {name}", f":module: {module}", *more, "")
    yield from _told(thing)
    for one in thing.methods:
        yield from _thing(known, one, method=True)
    yield from (fence, "")


def _told(thing: Thing) -> Iterator[str]:
    yield from (_text(thing.doc.text), "")
    for title, entries in thing.doc.sections.items():
        yield from (f"**{title}**", "")
        for name, kind, text in entries:
            named = name if title in ("Returns", "Yields") and not kind else f"`{name}`"
            typed = f" {_text(kind)}" if kind else ""
            yield from (f"{_text(named)}{typed}", *_indented(text), "")
    for name, text in thing.doc.said:
        yield from (f"`{name}`", *_indented(text), "")


def _indented(text: str) -> Iterator[str]:
    first, *rest = (_text(text) or "\N{ZERO WIDTH SPACE}").split("\n")
    yield f": {first}"
    yield from (f"  {line}" if line else "" for line in rest)


def _text(text: str) -> str:
    """A docstring's text as Markdown: works cited, and nothing taken for HTML."""
    parts, place = [], 0
    for code in CODE.finditer(text):
        parts += [_plain(text[place : code.start()]), f"`{code[2]}`"]
        place = code.end()
    return "".join([*parts, _plain(text[place:])])


def _plain(text: str) -> str:
    return CITED.sub(r"{cite:p}`\1`", ODD.sub(r"\\\1", text))


# ------------------------------------------------------------------- signatures


def _signature(known: Package, thing: Thing, node: ast.FunctionDef) -> str:
    """The arguments and what comes back, with the full names of types."""
    typed, given = Typed(known, thing), deepcopy(node.args)
    first = given.posonlyargs or given.args
    static = "staticmethod" in {ast.unparse(it) for it in node.decorator_list}
    if thing.module in known.public and not static:  # of a class
        del first[0]
    rest = [one for one in (given.vararg, given.kwarg) if one]
    for one in [*given.posonlyargs, *given.args, *given.kwonlyargs, *rest]:
        if one.annotation:
            one.annotation = typed.visit(one.annotation)
    back = f" -> {ast.unparse(typed.visit(node.returns))}" if node.returns else ""
    return f"({ast.unparse(given)}){back}"


def _made(known: Package, thing: Thing, node: ast.ClassDef) -> str:
    """How an object of a class is made: its own way, or its fields."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            inside = Thing(thing.full, "__init__", one, "", thing.source)
            return _signature(known, inside, one).partition(" ->")[0]
    if not any("dataclass" in ast.unparse(it) for it in node.decorator_list):
        return ""
    fields = []
    for one in node.body:
        if isinstance(one, ast.AnnAssign):
            typed = f"{ast.unparse(one.target)}: {_typed(known, thing, one.annotation)}"
            value = "" if one.value is None else f" = {ast.unparse(one.value)}"
            fields.append(typed + (" = ..." if "field(" in value else value))
    return f"({', '.join(fields)})"


def _typed(known: Package, thing: Thing, node: ast.expr | None) -> str:
    return ast.unparse(Typed(known, thing).visit(node)) if node else "None"


class Typed(ast.NodeTransformer):
    """Types by the names under which the reference lists them."""

    def __init__(self, known: Package, thing: Thing) -> None:
        self.known, self.thing = known, thing

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Of what is promised besides, the docstring speaks."""
        if ast.unparse(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            return self.visit(node.slice.elts[0])  # type: ignore[no-any-return]
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A class that names itself."""
        if isinstance(node.value, str) and node.value in self.thing.source.defined:
            return self.visit_Name(ast.Name(node.value))
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The full name of what is the package's own."""
        source = self.thing.source
        origin = source.imported.get(node.id, f"{source.name}.{node.id}")
        if found := self.known.public.get(origin):
            return ast.Name(found.full)
        return node


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the directives."""
    # A type is referred to as classes are, which Sphinx knows from its version 8 on.
    PythonDomain.object_types["type"] = ObjType("type alias", "type", "class", "obj")
    app.add_directive("reference", Reference)
    app.add_directive("reference-modules", Modules)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
