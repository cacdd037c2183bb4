"""Sphinx extension: the package's names in the code of cells lead to the reference.

A name is what an import of the page says it is, and no longer if a cell gives it
another meaning.
"""

import ast
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from foible_book.api import page_of, stem
from foible_book.reference import FOLDER, package

NAME = r'<span class="n">(\w+)</span>'
DOT = '<span class="o">.</span>'
AFTER, BEFORE = re.escape(DOT), r'<span class="o">=</span>'  # a keyword is no name
CHAIN = re.compile(rf"(?<!{AFTER}){NAME}(?:{AFTER}{NAME})*(?!{BEFORE})")
WORD = re.compile(NAME)
CELL = re.compile(r'(<div class="cell[^>]*>.*?<pre[^>]*>)(.*?)(</pre>)', re.DOTALL)


def link(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Make links of the names in the finished page."""
    names = imported(doctree) if doctree is not None else {}
    if not names or "body" not in context:
        return

    def linked(match: re.Match[str]) -> str:
        words = WORD.findall(match[0])
        if words[0] not in names:
            return match[0]
        spans = [f'<span class="n">{word}</span>' for word in words]
        for length in range(len(words), 0, -1):
            if place := _place(app, page, [names[words[0]], *words[1:length]]):
                shown = DOT.join(spans[:length])
                return DOT.join(
                    [f'<a class="api" href="{place}">{shown}</a>', *spans[length:]]
                )
        return match[0]

    context["body"] = CELL.sub(
        lambda it: it[1] + CHAIN.sub(linked, it[2]) + it[3], context["body"]
    )


def imported(doctree: nodes.document) -> dict[str, str]:
    """What each name of the cells stands for, where that is the package's."""
    found: dict[str, str] = {}
    other: set[str] = set()
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code_source":
            continue
        try:
            tree = ast.parse(cell.astext())
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                if module.partition(".")[0] == "foible":
                    given = ((it.asname or it.name, it.name) for it in node.names)
                    found |= {name: f"{module}.{of}" for name, of in given}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                other.add(node.id)
    return {name: full for name, full in found.items() if name not in other}


def _place(app: Sphinx, page: str, words: list[str]) -> str:
    """Where the reference speaks of a name, or ""."""
    known, full = package(app), ".".join(words)
    if full in known.pages:
        return app.builder.get_relative_uri(page, f"{FOLDER}/{stem(full)}")
    whole, _, method = full.rpartition(".")
    thing = known.public.get(full) or known.public.get(whole)
    if thing is None:
        return ""
    anchor = thing.full
    if full not in known.public:
        if method not in {one.name for one in thing.methods}:
            return ""
        anchor = f"{thing.full}.{method}"
    there = f"{FOLDER}/{stem(page_of(thing.module))}"
    return f"{app.builder.get_relative_uri(page, there)}#{anchor}"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Link them after all else is made."""
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
