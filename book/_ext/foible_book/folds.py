"""How can a page have two depths? What supports the argument stands in a fold.

A section whose title begins with "Evidence:" is a fold whose summary is that title, a
sentence with its number. Everything in it is executed, searched, reached by links and
opened by print. The code of a figure, and a long function of the package, are folded
too, with the hidden cells before it; neighbouring cells that show nothing are one fold,
the set-up.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypeGuard

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

EVIDENCE = "Evidence:"
FOLDED = {"fold", "sd-dropdown", "citation"}  # with solutions and references
DEFINED = re.compile(r"^\s*(?:def|class) (\w+)", re.MULTILINE)
LONG = 12  # lines of a function that is folded
SET_UP = "Set-up: imports, and the attacker's card"
MORE = "Code in between"


class Fold(nodes.General, nodes.Element):  # type: ignore[misc]
    """What opens and closes."""


class Summary(nodes.TextElement):  # type: ignore[misc]
    """The line that is always seen."""


def around(node: nodes.Node) -> Iterator[nodes.Element]:
    """What the node stands in, from the inside out."""
    while (node := node.parent) is not None:
        yield node


def folded(node: nodes.Node) -> bool:
    """Whether a reader has to open something to see the node."""
    return any(FOLDED & {*part.get("classes", [])} for part in around(node))


def fold(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Fold every section of evidence."""
    for section in list(doctree.findall(nodes.section)):
        title = section[0]
        if isinstance(title, nodes.title) and title.astext().startswith(EVIDENCE):
            summary = Summary("", "", *title.children)
            for link in list(summary.findall(nodes.reference)):
                place = link.parent.index(link)  # a line that opens leads nowhere
                link.parent[place : place + 1] = link.children
            folded = Fold("", summary, *section.children[1:], classes=["fold"])
            folded["ids"] = section["ids"]
            section.replace_self(folded)


def fold_code(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Fold the code that draws a figure, and long functions of the package."""
    for cell in doctree.findall(nodes.container):
        drawn = cell.get("cell_metadata", {}).get("mystnb", {}).get("figure")
        if drawn and not cell.get("hide_mode"):
            for part in list(cell.children):
                if part.get("nb_element") == "cell_code_source":
                    folded = _wrap(part, "The code of this figure")
                    while _silent(before := _neighbour(cell, -1)):
                        before.parent.remove(before)
                        folded.insert(1, before)
    for block in list(doctree.findall(nodes.literal_block)):
        file = PurePosixPath(block.get("source") or "")
        if file.suffix != ".py":
            continue
        shown: nodes.Element = block
        if block.astext().count("\n") >= LONG:
            named = DEFINED.search(block.astext())
            what = f"{named[1]}, in {file.name}" if named else file.name
            shown = _wrap(block, f"Code: {what}")
        _lead_to_source(app, shown, file)


def _lead_to_source(app: Sphinx, shown: nodes.Element, file: PurePosixPath) -> None:
    """Behind code of the package: where all of it stands, if that has an address."""
    if repository := app.config.foible_repository:
        path = file.relative_to(PurePosixPath(app.srcdir))
        link = nodes.reference(
            "", path.as_posix(), refuri=f"{repository}blob/main/{path}"
        )
        line = nodes.paragraph("", "", link, classes=["source"])
        if isinstance(shown, Fold):
            shown += line
        else:
            shown.parent.insert(shown.parent.index(shown) + 1, line)


def _wrap(node: nodes.Element, words: str) -> nodes.Element:
    """Put a node into a quiet fold."""
    folded: nodes.Element = Fold("", Summary("", words), classes=["hide"])
    node.replace_self(folded)
    folded += node
    return folded


def fold_set_up(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Neighbouring hidden cells without output, as one fold."""
    for cell in list(doctree.findall(_silent)):
        before = _neighbour(cell, -1)
        if isinstance(before, Fold) and "set-up" in before["classes"]:
            cell.parent.remove(cell)
            before += cell
        elif _silent(cell) and cell.parent is not None and _silent(_neighbour(cell, 1)):
            first = not any("set-up" in f["classes"] for f in doctree.findall(Fold))
            summary = Summary("", SET_UP if first else MORE)
            folded = Fold("", summary, classes=["hide", "set-up"])
            cell.replace_self(folded)
            folded += cell


def _silent(node: nodes.Node | None) -> TypeGuard[nodes.container]:
    """Whether this is a cell that hides its code and shows nothing."""
    return (
        isinstance(node, nodes.container)
        and "tag_hide-input" in node["classes"]
        and "made" not in node["classes"]
        and not any(
            part.get("nb_element") == "cell_code_output"
            for part in node.findall(nodes.container)
        )
    )


def _neighbour(node: nodes.Element, step: int) -> nodes.Node | None:
    place = node.parent.index(node) + step
    return node.parent[place] if 0 <= place < len(node.parent) else None


def _open_fold(writer: HTML5Translator, node: Fold) -> None:
    writer.body.append(writer.starttag(node, "details"))


def _close_fold(writer: HTML5Translator, node: Fold) -> None:
    writer.body.append("</details>\n")


def _open_summary(writer: HTML5Translator, node: Summary) -> None:
    heading = "<h3>" if "fold" in node.parent["classes"] else "<p>"
    writer.body.append(f"<summary>{heading}")


def _close_summary(writer: HTML5Translator, node: Summary) -> None:
    heading = "</h3>" if "fold" in node.parent["classes"] else "</p>"
    writer.body.append(f"{heading}</summary>\n")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Fold what the argument rests on."""
    app.add_node(Fold, html=(_open_fold, _close_fold))
    app.add_node(Summary, html=(_open_summary, _close_summary))
    app.connect("doctree-resolved", fold, priority=575)  # before minutes are counted
    app.connect("doctree-resolved", fold_code, priority=585)
    app.connect("doctree-resolved", fold_set_up, priority=590)  # the card is taken
    return {"parallel_read_safe": True, "parallel_write_safe": True}
