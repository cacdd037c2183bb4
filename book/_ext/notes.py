"""What does a margin hold? What a term means and what a citation cites, once a page.

On a wide screen a note stands beside its line. Elsewhere its link opens it in place:
the note is the target of the link, so that this needs no script.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

GLOSSARY = "book/glossary"
IDENTIFIERS = re.compile(r"\s*\b(?:URL: |arXiv:|doi:).*", re.DOTALL)
MANY = 2  # authors after the first
TERM, CITATION = "std-term", "bibtex-citation"


def annotate(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Add a note at the first mention of each term and of each work."""
    if page == GLOSSARY or page == app.config.root_doc:
        return
    meanings: dict[str, str] | None = None
    noted: set[str] = set()
    for link in list(doctree.findall(_wants_note)):
        place = link.get("refuri", "") or f"#{link.get('refid', '')}"
        if place in noted:
            continue
        noted.add(place)
        anchor = f"note-{len(noted)}"
        if _is_term(link):
            meanings = meanings or definitions(app.env)
            text, more = meanings.get(place.partition("#")[2], ""), "Glossary"
            text = text and f"{link.astext()}: {text}"
        else:
            text, more = shortened(link.get("reftitle", "")), "References"
        if text:
            _add(link, anchor, text, place, more)


def shortened(reference: str) -> str:
    """A reference without its identifiers, and with one of many authors."""
    text = IDENTIFIERS.sub("", reference).strip()
    authors, _, rest = text.partition(". ")
    first, *others = authors.split(", ")
    return f"{first} et al. {rest}" if len(others) > MANY else text


def definitions(env: BuildEnvironment) -> dict[str, str]:
    """What the glossary says of each term, by the term's anchor."""
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        said = item.next_node(nodes.definition).next_node(nodes.paragraph)
        for term in item.findall(nodes.term):
            found.update(dict.fromkeys(term["ids"], " ".join(said.astext().split())))
    return found


def _wants_note(node: nodes.Node) -> bool:
    """Whether this is a link to a term or a work, in a paragraph of a section."""
    return (
        isinstance(node, nodes.reference)
        and (_is_term(node) or CITATION in node.parent.get("classes", []))
        and _stands_in_text(node)
    )


def _is_term(link: nodes.Element) -> bool:
    return any(TERM in part.get("classes", []) for part in link.findall(nodes.inline))


def _stands_in_text(node: nodes.Node) -> bool:
    while not isinstance(node, nodes.paragraph):
        if node.parent is None or isinstance(node, nodes.title | nodes.caption):
            return False
        node = node.parent
    return isinstance(node.parent, nodes.section)


def _add(link: nodes.reference, anchor: str, text: str, place: str, more: str) -> None:
    """Put the note behind the link, and let the link lead to it."""
    address = "" if place.startswith("#") else place
    whole = nodes.reference("", more, refuri=address, internal=True)
    note = nodes.inline("", "", nodes.Text(f"{text} "), classes=["note"])
    if address:
        note += whole
    note["ids"] = [anchor]
    link.parent.insert(link.parent.index(link) + 1, note)
    for key in ("refuri", "reftitle"):
        link.attributes.pop(key, None)
    link["refid"] = anchor


def outdated(
    app: Sphinx, env: BuildEnvironment, _: set[str], changed: set[str], __: set[str]
) -> set[str]:
    """All pages, when the glossary has changed: their notes quote it."""
    return set(env.found_docs) if GLOSSARY in changed else set()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Annotate every page."""
    app.connect("doctree-resolved", annotate, priority=570)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
