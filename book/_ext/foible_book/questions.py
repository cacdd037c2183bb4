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

And by an exercise, where the answer is a number or a short function: the notebook of
the page has a cell for it before the solution, which is the next cell of the page.

    :::{check} needed                   a number, or `promised(parts)`, a function
    :wanted: promised(20)               what is compared; else the solution's last line
    :within: 1                          how far a number may be off

    A number: how many rows are needed?
    :::
"""

import ast
import hashlib
import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from foible.exercises import seal
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


class Check(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a reader is to answer; the notebook has a cell for it here."""


class Checked(SphinxDirective):
    """The directive."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "wanted": directives.unchanged_required,
        "within": float,
    }

    def run(self) -> list[nodes.Node]:
        """What is asked, and what the notebook compares it with."""
        name, bracket, _ = self.arguments[0].partition("(")
        wanted = self.options.get("wanted", "")
        if fault := _fault(name, wanted, function=bool(bracket)):
            log.warning("%s", fault, location=self.get_location())
            return []
        node = Check("", *self.parse_content_to_nodes(), shape=self.arguments[0])
        node["wanted"], node["within"] = wanted, self.options.get("within", 0.0)
        node["name"] = name
        last = next(reversed(node.children), None)
        if not isinstance(last, nodes.paragraph):
            node += (last := nodes.paragraph())
        last += nodes.Text(" The notebook of this page checks the answer.")
        return [node]


def _fault(name: str, wanted: str, *, function: bool) -> str:
    """What is wrong with how an answer is asked for."""
    if not name.isidentifier():
        return f"got the answer {name!r}; wanted a name, or that of a function with ()"
    if function and not re.search(rf"\b{name}\b", wanted):
        return f"got :wanted: {wanted!r}; wanted it to use {name}"
    try:
        compile(wanted or "0", "wanted", "eval")
    except SyntaxError as error:
        return f"got :wanted: {wanted!r}, {error.msg}; wanted an expression"
    return ""


def _compared(solution: str, wanted: str) -> str:
    """The solution, whose last line is what is compared."""
    tree = ast.parse(solution)
    if wanted and isinstance(tree.body[-1], ast.Expr):
        tree.body.pop()
    return f"{ast.unparse(tree)}\n{wanted}" if wanted else solution


def handed_in(check: Check, solution: str) -> str:
    """The code with which a notebook asks for an answer, and judges it."""
    name, shape = check["name"], check["shape"]
    kind = f"a function {shape}" if shape != name else "a number"
    room = f", within={check['within']:g}" if check["within"] else ""
    sealed = seal(_compared(solution, check["wanted"]))
    call = f'check("{name}", {name}, globals(){room}, sealed="{sealed}")'
    return (
        "from foible.exercises import check\n\n"
        f"{name} = ...  # {kind}, in place of the dots; then run this cell\n{call}"
    )


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


def show(self: HTML5Translator, _: Check) -> None:
    """Begin what is asked."""
    self.body.append('<div class="check">')


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the directive."""
    app.setup_extension("foible_book.folds")
    app.add_directive("question", Asked)
    app.add_node(Question, html=(enter, leave))
    app.add_node(Answer, html=(begin, end))
    app.add_directive("check", Checked)
    app.add_node(Check, html=(show, leave))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
