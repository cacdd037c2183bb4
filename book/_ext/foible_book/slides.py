"""Which slides does a chapter have? What is marked, and what every chapter promises.

From the page as it was built, so that nothing runs twice and every number is a finding:
title and claim, the threat card, the marked passages, figures, outputs and code, On
Monday, what the chapter does not show, and what the slides cite. The slides are data,
`slides/<stem>.json`, of which `decks` makes a page, `slides/<stem>.html`, and
`make talk` a talk. Any other page with marks gets a deck of its title and its marks.
"""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from foible.threat import parts
from foible_book import decks, findings, marks, opening, origins, slim
from foible_book.laboratories import laboratory

AFTER_FINDINGS = 560  # and before notes, folds and the opening change the page
HEADINGS = {
    "card": "What the attacker wants, knows, controls and asks",
    "hazard": "What is promised, and when that breaks",
    "monday": "On Monday",
    "limits": "What this does not show",
}
LISTS = {"On Monday": "monday", "What this does not show": "limits"}
ITEMS = 4  # on one slide
NOTED = 150  # words of notes
Slide = dict[str, Any]
log = logging.getLogger(__name__)


def present(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the deck of a page that has one."""
    those = list(marks.marked(doctree))
    chapter = PurePosixPath(page).parent.name in parts()
    if app.builder.format != "html" or not (those or chapter):
        return
    if doctree.next_node(nodes.section) is None:
        return
    folder = Path(app.outdir, decks.FOLDER)
    decks.equip(folder)
    deck = _deck(app, doctree, page, those)
    text = json.dumps(deck, indent=1, ensure_ascii=False) + "\n"
    path = folder / f"{deck['stem']}.json"
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".html").write_text(decks.page(deck, up="../"), encoding="utf-8")


def _deck(
    app: Sphinx, doctree: nodes.document, page: str, those: list[marks.Marked]
) -> dict[str, Any]:
    """All that is known of a deck."""
    title = app.env.titles[page].astext()
    found = [_title(app, doctree, title), *_card(doctree)]
    for one in sorted(those, key=lambda one: list(marks.KINDS).index(one.kind)):
        found += _shown(app, page, one)
    last = max((i for i, s in enumerate(found) if s["kind"] == "evidence"), default=-1)
    place = last + 1 or len(found)
    found[place:place] = _laboratories(app, doctree, page)
    found += _lists(doctree)
    known = findings.all_of(app.env)
    shown = sorted({name for slide in found for name in slide["findings"]})
    deck = {
        "stem": PurePosixPath(page).name,
        "title": title,
        "author": app.config.author,
        "year": app.config.copyright,
        "version": app.config.foible_version,
        "built_on": app.config.foible_built_on,
        "page": app.builder.get_target_uri(page),
        "base": app.config.html_baseurl,
        "findings": {name: known[name]["text"] for name in shown if name in known},
        "slides": found,
    }
    found += _closing(doctree, deck)
    return deck


def _closing(doctree: nodes.document, deck: dict[str, Any]) -> list[Slide]:
    """The references, which lead to those of the page if it has any."""
    slides = decks.closing(deck["slides"], [decks.citation(deck)])
    listed = decks.REFERENCES in doctree.ids
    return slides if listed else [slide | {"anchor": ""} for slide in slides]


# --------------------------------------------------------- what every chapter has


def _title(app: Sphinx, doctree: nodes.document, title: str) -> Slide:
    """Title and claim; what the page says of itself is what the speaker may say."""
    claim = doctree.next_node(nodes.section).next_node(nodes.paragraph)
    described = [
        tag.get("content", "")
        for tag in doctree.findall(nodes.meta)
        if tag.get("name") == "description"
    ]
    page = app.env.path2doc(doctree["source"]) or ""
    kicker = opening.front(app.env, page).get("victim", "")
    slide = _slide("title", escape(title), slim.prose([claim]), notes=described)
    slide["works"] = []  # a title cites nobody
    part = parts().get(PurePosixPath(page).parent.name)
    verb = "Attacked" if part is None or part.attacker else "Fails"
    return slide | ({"kicker": f"{verb}: {kicker}"} if kicker else {})


def _card(doctree: nodes.document) -> Iterator[Slide]:
    """The card of the threat or hazard, without the names that others give it."""
    for node in doctree.findall(nodes.raw):
        if node.astext().startswith(f"<dl class='{opening.CARD}'"):
            card = node.astext().partition("<div class='foible-names'>")[0]
            card = card.removesuffix("</dl>") + "</dl>"
            kind = "card" if "The attacker" in card else "hazard"
            yield _slide("card", HEADINGS[kind], card, form="card")
            return


def _lists(doctree: nodes.document) -> Iterator[Slide]:
    """On Monday, and what the chapter does not show: a few items a slide."""
    for section in doctree.findall(nodes.section):
        kind = LISTS.get(section[0].astext(), "")
        listed = section.next_node(
            lambda n: isinstance(n, nodes.bullet_list | nodes.enumerated_list)
        )
        if kind and listed is not None:
            yield from _items(kind, section["ids"][0], listed)


def _laboratories(app: Sphinx, doctree: nodes.document, page: str) -> Iterator[Slide]:
    """For each laboratory its question, to be asked of a room, and the way to it."""
    for node in doctree.findall(laboratory):
        name = node["name"]
        there = f"../{app.builder.get_target_uri(page)}?lab={name}#lab-{name}"
        answers = "".join(f"<li>{escape(answer)}</li>" for answer in node["answers"])
        html = f'<ul>{answers}</ul><p><a href="{there}">Open the laboratory</a></p>'
        heading, anchor = escape(node["guess"]), f"lab-{name}"
        slide = _slide("evidence", heading, html, anchor=anchor)
        said = [slim.said(sentence) for sentence in node.children]
        yield slide | {"priority": 3, "minutes": 1, "notes": said}


def _items(kind: str, anchor: str, listed: nodes.Element) -> Iterator[Slide]:
    """The items, dealt out; those that go on may be left out of a talk first."""
    items = list(listed.children)
    pieces = -(-len(items) // ITEMS)
    size = -(-len(items) // pieces)
    for first in range(0, len(items), size):
        some = items[first : first + size]
        short = listed.copy()
        short += [slim.first_sentence(item) for item in some]
        if first and isinstance(short, nodes.enumerated_list):
            short["start"] = first + 1
        heading = HEADINGS[kind] + (", continued" if first else "")
        slide = _slide(kind, heading, slim.html(short), anchor=anchor)
        slide["notes"] = [slim.said(item) for item in some]
        slide["works"] = slim.works_in([short])
        slide["priority"] += bool(first)
        yield slide


# ----------------------------------------------------------------- what is marked


def _shown(app: Sphinx, page: str, one: marks.Marked) -> Iterator[Slide]:
    """The slide of a mark, if it can be made."""
    if one.shows == "figure":
        yield _figure(one)
        return
    blocks = _code_of(one) if one.shows == "code" else list(_blocks(one))
    if not blocks:
        log.warning("got nothing to show on a slide", location=one.content[0])
        return
    heading = _says(app, page, one)
    slide = _slide(one.kind, heading, anchor=_anchor(one.content[0]))
    slide |= {"minutes": one.minutes, "priority": one.priority, "blocks": blocks}
    slide["notes"] = _beside(one) + [
        words for block in blocks if (words := block.pop("cut", ""))
    ]
    slide["works"] = slim.works_in(one.content)
    slide["findings"] = slim.findings_in(heading + "".join(b["html"] for b in blocks))
    _fit(blocks, heading, one)
    yield slide


def _fit(blocks: list[Slide], heading: str, one: marks.Marked) -> None:
    """Warn of what no slide can hold."""
    for block in blocks:
        if block["step"] >= len(slim.STEPS):
            block["step"] = len(slim.STEPS) - 1
            log.warning(
                "got more than fits on a slide (“%s”); wanted %d lines of code or "
                "about 900 letters: mark less of it",
                slim.plain(heading),
                slim.LINES,
                location=one.content[0],
            )


def _figure(one: marks.Marked) -> Slide:
    """A figure under its message; how to read it is said by the speaker."""
    figure = one.content[0]
    caption = nodes.inline()
    for part in figure.findall(nodes.caption):
        caption += [c.deepcopy() for c in part if not isinstance(c, nodes.raw)]
    message = slim.html(slim.first_line(caption)).removesuffix(".")
    rest = slim.said(caption).removeprefix(slim.plain(message))
    label, alt = figure["ids"][0], figure.next_node(nodes.raw)
    slide = _slide(one.kind, message, anchor=label)
    slide |= {"minutes": one.minutes, "priority": one.priority}
    slide["blocks"] = [{"form": "figure", "label": label, "alt": _alt(alt), "html": ""}]
    slide["notes"] = [rest.lstrip(". ")]
    slide["findings"] = slim.findings_in(slim.html(caption))
    return slide


def _alt(drawing: nodes.Node) -> str:
    """The alternative text, as the page has it."""
    tag = slim.BeautifulSoup(drawing.astext(), "html.parser").img
    return str(tag["alt"]) if tag else ""


def _says(app: Sphinx, page: str, one: marks.Marked) -> str:
    """The heading: of the directive, or what the cell says, or the title around it."""
    if one.heading is not None:
        return slim.html(nodes.inline("", "", *one.heading.deepcopy().children))
    known = findings.all_of(app.env)
    stem = PurePosixPath(page).name
    if one.says:
        return origins.FIELD.sub(
            lambda it: _field(f"{stem}.{it[1]}", known, one), escape(one.says)
        )
    node: nodes.Node = one.content[0]
    while not isinstance(node, nodes.section):
        node = node.parent
    title = slim.html(nodes.inline("", "", *node[0].deepcopy().children))
    title = title.removeprefix("Evidence:").strip()
    return title[:1].upper() + title[1:]


def _field(name: str, known: findings.Findings, one: marks.Marked) -> str:
    if name not in known:
        log.warning("no finding is called %r", name, location=one.content[0])
    return slim.number(name, known.get(name, {}).get("text", "?"))


def _blocks(one: marks.Marked) -> Iterator[Slide]:
    """The marked content, in forms that a slide can show."""
    prose: list[nodes.Element] = []
    for node in one.content:
        if code := list(node.findall(_is_code)) if not one.shows else []:
            yield _code(code[0].astext())
        elif raw := [n for n in node.findall(nodes.raw) if "<table" in n.astext()]:
            yield _table(raw[0].astext())
        elif isinstance(node, nodes.table):
            yield _table(slim.html(node))
        elif not one.shows:
            prose.append(node)
    if text := slim.prose(prose):
        yield {"form": "prose", "html": text, "step": slim.step(text)}


def _is_code(node: nodes.Node) -> bool:
    return isinstance(node, nodes.literal_block) and "output" not in node["classes"]


def _code_of(one: marks.Marked) -> list[Slide]:
    return [_code(n.astext()) for n in one.content[0].findall(_is_code)][:1]


def _code(source: str) -> Slide:
    """Code that is short once its docstrings are gone."""
    html, text = slim.code(source)
    too_long = text.count("\n") >= slim.LINES
    step = len(slim.STEPS) if too_long else slim.code_step(text)
    return {"form": "code", "html": html, "text": text, "step": step}


def _table(markup: str) -> Slide:
    html, cut = slim.table(markup)
    return {"form": "table", "html": html, "cut": cut, "step": slim.step(html)}


def _slide(
    kind: str,
    heading: str,
    html: str = "",
    *,
    anchor: str = "",
    form: str = "prose",
    notes: list[str] | None = None,
) -> Slide:
    """A slide of one block, with the minutes and the priority of its kind."""
    minutes, priority = marks.KINDS[kind]
    block = {"form": form, "html": html, "step": slim.step(html)}
    return {
        "kind": kind,
        "anchor": anchor,
        "heading": heading,
        "minutes": minutes,
        "priority": priority,
        "blocks": [block] if html else [],
        "notes": notes or [],
        "findings": slim.findings_in(heading + html),
        "works": [],
    }


def _anchor(node: nodes.Node) -> str:
    """Where the chapter says it: the nearest section."""
    while not isinstance(node, nodes.section):
        node = node.parent
    return str(node["ids"][0])


def _beside(one: marks.Marked) -> list[str]:
    """What the chapter says around it, and the slide does not: for the speaker."""
    near = one.content[0].parent
    found = [
        slim.said(part)
        for part in (near.children if isinstance(near, nodes.section) else [])
        if isinstance(part, nodes.paragraph) and marks.KEY not in part
    ]
    while found and len(" ".join(found).split()) > NOTED:
        found.pop()
    return found


# ---------------------------------------------------------------------- the build


def forget_gone(app: Sphinx, error: Exception | None) -> None:
    """Take away the decks of pages that the book no longer has."""
    stems = {PurePosixPath(page).name for page in app.env.found_docs}
    for path in Path(app.outdir, decks.FOLDER).glob("*.*"):
        if error is None and path.stem not in stems:
            path.unlink()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Make decks."""
    app.setup_extension("foible_book.marks")
    app.connect("doctree-resolved", present, priority=AFTER_FINDINGS)
    app.connect("build-finished", forget_gone)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
