"""How does a reader find out whether they have understood? By a question with answers.

    :::{question} Which attacker does a secret weight stop?
    :right: 2

    The one who asks
    : Why this is not so.

    The one who never asks
    : Why it is.
    :::

Each answer is a fold that says whether it is right, and why: without a script, by
keyboard, and of one question only one is open at a time.
"""

import hashlib
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from foible_book.folds import Summary

FEWEST, MOST = 2, 5  # answers
log = logging.getLogger(__name__)


class Question(nodes.General, nodes.Element):  # type: ignore[misc]
    """A question, with its answers."""


class Answer(nodes.General, nodes.Element):  # type: ignore[misc]
    """One of them, and what to learn from it."""


class Asked(SphinxDirective):
    """The directive."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"right": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        """The question, and a fold for each answer."""
        listed = [
            item
            for node in self.parse_content_to_nodes()
            for item in node.findall(nodes.definition_list_item)
        ]
        right = self.options.get("right", 0)
        if not FEWEST <= len(listed) <= MOST or not 1 <= right <= len(listed):
            log.warning(
                "got %d answers, of which %s is right; wanted %d to %d, each a line "
                "with its reason below after a colon, and :right:, the number of one",
                len(listed),
                f"number {right}" if right else "none",
                FEWEST,
                MOST,
                location=self.get_location(),
            )
            return []
        asked, messages = self.parse_inline(self.arguments[0])
        node = Question("", nodes.paragraph("", "", *asked, classes=["asked"]))
        name = hashlib.sha256(self.arguments[0].encode()).hexdigest()[:8]
        for number, item in enumerate(listed, 1):
            term, reason = item.children[0], item.children[-1]
            said = Summary("", "", *term.children)
            answer = Answer("", said, *reason.children, right=number == right)
            answer["name"] = f"question-{name}"
            node += answer
        return [node, *messages]


def enter(self: HTML5Translator, _: Question) -> None:
    """Begin the question."""
    self.body.append('<div class="question">')


def leave(self: HTML5Translator, _: Question) -> None:
    """End it."""
    self.body.append("</div>\n")


def begin(self: HTML5Translator, node: Answer) -> None:
    """Begin an answer."""
    kind = "right" if node["right"] else "wrong"
    self.body.append(f'<details class="answer {kind}" name="{node["name"]}">')


def end(self: HTML5Translator, _: Answer) -> None:
    """End it."""
    self.body.append("</details>\n")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the directive."""
    app.setup_extension("foible_book.folds")
    app.add_directive("question", Asked)
    app.add_node(Question, html=(enter, leave))
    app.add_node(Answer, html=(begin, end))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
