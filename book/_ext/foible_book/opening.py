"""How does a chapter open? With its result, all of it made from what the page has.

The first screen is the kicker (which attack, whose model), the title, the claim, a line
of facts, the figure that persuades with its message as headline, and the threat card.
The front matter says only what no cell and no sentence says:

    foible:
      victim: the post office
      needs: NumPy, a gradient
      figure: fig-evasion-radius
      card: ...  what the front page shows, see home.py

The claim is the first paragraph, the message is the first sentence of the figure's
caption, the card is the output of the cell that makes it, which stands where it runs.
"""

import json
from html import escape
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from foible.threat import parts
from foible_book import cite, decks, figures, folds, notebooks
from foible_book.laboratories import laboratory

KEY = "foible"
WANTED = {"victim", "needs", "figure", "card"}
CARD = "foible-card"
WORDS_A_MINUTE, LINES_A_MINUTE = 230, 12
log = logging.getLogger(__name__)


def open_with_result(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the first screen of a chapter together."""
    section = doctree.next_node(nodes.section)
    claim = section and section.next_node(nodes.paragraph)
    if claim is None or not cite.is_chapter(page):
        return
    facts = front(app.env, page)
    place = section.index(claim) + 1
    first: list[nodes.Node] = [_raw(_facts_line(app, page, doctree, facts))]
    if facts:
        claim["classes"].append("claim")
        first += _leading(doctree, facts["figure"])
        first += _card(doctree)
    section[place:place] = first
    if facts:
        section.insert(0, _raw(f'<p class="kicker">{_kicker(app, page, facts)}</p>'))


def front(env: BuildEnvironment, page: str) -> dict[str, Any]:
    """What the front matter says of the chapter, if it says all that is wanted."""
    given: Any = env.metadata[page].get(KEY, "{}")
    facts: dict[str, Any] = json.loads(given) if isinstance(given, str) else given
    if facts and set(facts) != WANTED:
        log.warning(
            "got %s under `foible:` in the front matter; wanted %s",
            ", ".join(sorted(facts)),
            ", ".join(sorted(WANTED)),
            location=(page, 1),
        )
        return {}
    return facts


def _kicker(app: Sphinx, page: str, facts: dict[str, Any]) -> str:
    """Which chapter of its part, and whose model is attacked."""
    part = PurePosixPath(page).parent.name
    order = app.env.toctree_includes.get(app.config.root_doc, [])
    those = [name for name in order if PurePosixPath(name).parent.name == part]
    kind = parts()[part].title.removesuffix("s")
    place = f"{kind} {those.index(page) + 1} of {len(those)}"
    return escape(f"{place} · {facts['victim']}")


def minutes(doctree: nodes.document) -> tuple[int, int]:
    """How long the open text takes to read, and all of it with the code."""
    open_words = folded_words = lines = 0
    for node in doctree.findall(nodes.Text):
        words = len(node.astext().split())
        around = list(folds.around(node))
        if any(isinstance(part, nodes.literal_block) for part in around):
            lines += node.astext().count("\n") + 1
        elif folds.folded(node):
            folded_words += words
        elif any(isinstance(part, nodes.paragraph) for part in around):
            open_words += words
    reading = open_words / WORDS_A_MINUTE
    code = (open_words + folded_words) / WORDS_A_MINUTE + lines / LINES_A_MINUTE
    return max(1, round(reading)), max(1, round(code))


def _facts_line(
    app: Sphinx, page: str, doctree: nodes.document, facts: dict[str, Any]
) -> str:
    """Minutes, needs, data, and where to run and cite it."""
    reading, code = minutes(doctree)
    items = [f"{reading} min to read, {code} with code"]
    links = []
    if facts:
        data = app.config.foible_built_on.split(":")[0].removeprefix("Built on ")
        items += [f"needs {facts['needs']}", f"built on {data}".rstrip(".")]
        home = app.builder.get_relative_uri(page, app.config.root_doc)
        links = [
            f'<a href="{decks.address(page)}">Slides</a>',
            f'<a href="{home}#running-it">Run</a>',
        ]
        if tried := doctree.next_node(laboratory):
            links.insert(0, f'<a class="scripted" href="#{tried["ids"][0]}">Try it</a>')
        links += notebooks.as_links(app, page)
    listed = [*map(escape, items), *links, cite.box(app, page)]
    return f'<ul class="facts">{"".join(f"<li>{x}</li>" for x in listed)}</ul>'


def figure(doctree: nodes.document, label: str) -> nodes.figure | None:
    """The figure of this name, if the page has it."""
    those = doctree.findall(nodes.figure)
    return next((one for one in those if label in one["ids"]), None)


def _leading(doctree: nodes.document, label: str) -> list[nodes.Node]:
    """A copy of the figure that persuades, under its message."""
    shown = figure(doctree, label)
    if shown is None:
        log.warning(
            "no figure is called %r; wanted one of the page", label, location=doctree
        )
        return []
    drawing, caption = shown.next_node(nodes.raw), shown.next_node(nodes.caption)
    message = figures.message(caption.astext())
    at_once = drawing.astext().replace(' loading="lazy"', "", 1)  # the light one
    return [
        _raw(f'<p class="headline">{escape(message)}</p>'),
        _raw(f'<a class="leading" href="#{label}">{at_once}</a>'),
    ]


def _card(doctree: nodes.document) -> list[nodes.Node]:
    """The threat card, taken from the output of its cell."""
    for node in doctree.findall(nodes.raw):
        if node.astext().startswith(f"<dl class='{CARD}'"):
            output = node.parent
            while output.get("nb_element") != "cell_code_output":
                output = output.parent
            output.parent.remove(output)
            return [_raw(_names_folded(node.astext()))]
    return []


def _names_folded(card: str) -> str:
    """The card with the names of other frameworks, if any, in a fold below it."""
    phrases, *names = card.removesuffix("</dl>").split("<div class='foible-names'>")
    if not names:
        return card
    listed = "".join(name.removesuffix("</div>") for name in names)
    fold = f"<summary>In other frameworks</summary><dl>{listed}</dl>"
    return f"{phrases}</dl><details class='foible-names'>{fold}</details>"


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Open every chapter with its result."""
    app.connect("doctree-resolved", open_with_result, priority=580)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
