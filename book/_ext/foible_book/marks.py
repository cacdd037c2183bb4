"""What of a page goes on a slide? What its author has marked.

    :::{slide} A rare group hides from the accuracy     the heading, a sentence
    :kind: idea                             else that of the section
    :minutes: 2                             to speak about it
    :priority: 1                            1 must, 2 should, 3 may be in a talk
    What stands here stands on the page as well: prose, a list, a formula, code.
    :::

A cell is marked in its header: `slide: {}`, or with any of `says`, `kind`, `minutes`,
`priority` and `shows`. The figure that it draws goes on a slide under its message, or
else its output, or its code if it `shows: code`; `says` is the heading, and quotes
findings as fields, `{obeyed}`. A page's own words are not moved: a mark is invisible.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

KINDS = {  # minutes and priority of each, unless its mark says otherwise
    "title": (1, 1),
    "card": (1, 2),
    "idea": (2, 1),
    "attack": (2, 2),
    "evidence": (2, 1),
    "defence": (2, 1),
    "knows": (2, 1),
    "costs": (1, 2),
    "shown": (2, 1),
    "monday": (1, 1),
    "limits": (1, 2),
    "references": (0, 3),
}
OF_SECTION = {
    "The idea": "idea",
    "The attack": "attack",
    "The failure": "attack",
    "The evidence": "evidence",
    "The defence": "defence",
    "What it costs": "costs",
}
MADE = {"title", "card", "monday", "limits", "references"}  # by the build
SHOWS = ("figure", "output", "code")
CELL = {"says", "kind", "minutes", "priority", "shows"}
KEY = "slide"
log = logging.getLogger(__name__)


class Mark(nodes.Invisible, nodes.TextElement):  # type: ignore[misc]
    """The heading of a slide, before what stands on it; a page does not show it."""


class Marked(NamedTuple):
    """What an author wants on one slide."""

    kind: str
    heading: nodes.Element | None
    content: list[nodes.Element]
    minutes: int
    priority: int
    shows: str = ""
    says: str = ""


class Slide(SphinxDirective):
    """The directive: its content stays where it is, and is marked."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "kind": lambda said: directives.choice(said, sorted(set(KINDS) - MADE)),
        "minutes": directives.nonnegative_int,
        "priority": lambda said: int(directives.choice(said, ("1", "2", "3"))),
    }

    def run(self) -> list[nodes.Node]:
        """The mark, and behind it the content that belongs to it."""
        mark = Mark("", "", **self.options)
        mark[KEY] = f"slide-{self.env.new_serialno(KEY)}"
        words, messages = self.state.inline_text(self.arguments[0], self.lineno)
        mark += [*words, *messages]
        self.set_source_info(mark)
        within = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, within)
        for part in within.children:
            if isinstance(part, nodes.Element):
                part[KEY] = mark[KEY]
        return [mark, *within.children]


def marked(doctree: nodes.document) -> Iterator[Marked]:
    """All that is marked, in the order of the page."""
    for node in doctree.findall(nodes.Element):
        if isinstance(node, Mark):
            yield _passage(doctree, node)
        elif KEY in (given := node.get("cell_metadata", {})):
            yield from _cell(node, given[KEY] or {})


def _passage(doctree: nodes.document, mark: Mark) -> Marked:
    """What the directive holds."""
    those = doctree.findall(lambda node: isinstance(node, nodes.Element))
    content = [n for n in those if n is not mark and n.get(KEY) == mark[KEY]]
    return Marked(*_sizes(mark, mark.get("kind", ""), mark, content, mark.attributes))


def _cell(cell: nodes.Element, given: Any) -> Iterator[Marked]:
    """What a cell draws, gives or says."""
    if not isinstance(given, dict) or not set(given) <= CELL:
        said = ", ".join(given) if isinstance(given, dict) else repr(given)
        wanted = ", ".join(sorted(CELL))
        log.warning(
            "got `slide: %s` in a cell; wanted {} or %s", said, wanted, location=cell
        )
        return
    drawn = cell.next_node(nodes.figure)
    shows = given.get("shows", "figure" if drawn else "output")
    kind = given.get("kind", "")
    if shows not in SHOWS or kind not in {"", *set(KINDS) - MADE}:
        log.warning("got a slide of %s %s", kind, shows, location=cell)
        return
    sizes = _sizes(cell, kind, None, [drawn if shows == "figure" else cell], given)
    yield Marked(*sizes, shows, given.get("says", ""))


def _sizes(
    place: nodes.Element,
    kind: str,
    heading: nodes.Element | None,
    content: list[nodes.Element],
    given: Any,
) -> tuple[str, nodes.Element | None, list[nodes.Element], int, int]:
    """Kind, minutes and priority: as they are given, else by the section."""
    kind = kind or OF_SECTION.get(_chapter_section(place), "shown")
    minutes, priority = KINDS[kind]
    minutes = int(given.get("minutes", minutes))
    return kind, heading, content, minutes, int(given.get("priority", priority))


def _chapter_section(node: nodes.Element) -> str:
    """The title of the section of the second level in which the node stands."""
    section = section_of(node)
    return section[0].astext() if section else ""


def section_of(node: nodes.Node) -> nodes.section | None:
    """The section of the second level in which the node stands."""
    found = None
    while node.parent is not None:
        outer, node = node, node.parent
        if isinstance(outer, nodes.section) and isinstance(node, nodes.section):
            found = outer
    return found


def _pass_by(writer: HTML5Translator, mark: Mark) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the directive."""
    app.add_node(Mark, html=(_pass_by, None), text=(_pass_by, None))
    app.add_directive("slide", Slide)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
