"""What does a margin hold? What a term means and what a citation cites, once a page.

On a wide screen a note stands beside its line. Elsewhere its link opens it in place:
the note is the target of the link, so that this needs no script. The glossary says of
each term in which chapters it is used.
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

from foible_book import cite

GLOSSARY = "book/glossary"
IDENTIFIERS = re.compile(r"\s*\b(?:URL: |arXiv:|doi:).*", re.DOTALL)
END_OF_AUTHORS = re.compile(r"(?<![A-Z])\. ")  # "B. Zhao" goes on
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
        else:
            text, more = shortened(link.get("reftitle", "")), "References"
        if text:
            _add(link, anchor, text, place, more)


def shortened(reference: str) -> str:
    """A reference without its identifiers, and with one of many authors."""
    text = IDENTIFIERS.sub("", reference).strip()
    authors, rest = (*END_OF_AUTHORS.split(text, maxsplit=1), "")[:2]
    first, *others = authors.split(", ")
    return f"{first} et al. {rest}" if len(others) > MANY else text


def definitions(env: BuildEnvironment) -> dict[str, str]:
    """Each term and what the glossary says of it, by the term's anchor."""
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        said = item.next_node(nodes.definition).next_node(nodes.paragraph)
        for term in item.findall(nodes.term):
            text = f"{term.astext()}: {' '.join(said.astext().split())}"
            found.update(dict.fromkeys(term["ids"], text))
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


def list_uses(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Say of each term of the glossary which chapters use it."""
    if page != GLOSSARY:
        return
    there = {name: _used(app.env, name) for name in _chapters(app)}
    for item in doctree.findall(nodes.definition_list_item):
        term = item.next_node(nodes.term).astext().strip()
        spelt = re.compile(rf"\b{re.escape(term)}s?\b", re.IGNORECASE)
        links = [
            nodes.reference(
                "",
                app.env.titles[name].astext(),
                refuri=app.builder.get_relative_uri(page, name),
                internal=True,
            )
            for name, (text, asked) in there.items()
            if term.lower() in asked or spelt.search(text)
        ]
        if links:
            line = nodes.paragraph("", "", classes=["used"])
            for link in links:
                line += [nodes.Text(", " if len(line) else "In "), link]
            item.next_node(nodes.definition).append(line)


def _chapters(app: Sphinx) -> list[str]:
    order = app.env.toctree_includes.get(app.config.root_doc, [])
    return [page for page in order if cite.is_chapter(page)]


def _used(env: BuildEnvironment, page: str) -> tuple[str, set[str]]:
    """The text of a page, and the terms to which it links."""
    tree = env.get_doctree(page)
    kinds = nodes.paragraph, nodes.caption, nodes.title
    text = " ".join(node.astext() for kind in kinds for node in tree.findall(kind))
    links = tree.findall(pending_xref)
    return text, {link["reftarget"].lower() for link in links}


def setup(app: Sphinx) -> ExtensionMetadata:
    """Annotate every page."""
    app.connect("doctree-resolved", annotate, priority=570)
    app.connect("doctree-resolved", list_uses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
