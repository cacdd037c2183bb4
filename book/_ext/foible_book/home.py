"""What does the front page show? Each chapter's result, and all failure modes.

    ```{chapter-cards} part a card for each of its chapters: a sentence, some bars
    ```{failure-map}        a tile for each failure mode; chapters are links
    ```{all-findings}       every number of the book, with its range and its cell
    ```{poster} fig-a-b     a figure of another page, without its caption
    ```{figure-gallery}     every figure of the book, see gallery.py
    ```{cite-book}          how the whole book is cited
    ```{whole-book}         the book as one file, where FOIBLE_FILES says that it is
    ```{framework} atlas    where the book has what a framework lists, see mapped.py

A chapter says in its front matter what its card shows: a sentence, the one measure, and
bars, each a role, a label and a finding that is a share. `full` is where the bars end.

    foible:
      card:
        says: Every pixel may move a little. A person reads on; the network does not.
        measures: digits read rightly
        bars:
          - [victim, as written, plain_clean_accuracy]
          - [attacked, attacked, plain_worst_case]
          - [defended, trained on attacks, trained_worst_case]

All is made when every chapter is read, so that it is never older than the findings.
"""

import os
from html import escape
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from foible.threat import FailureMode, failure_modes
from foible_book import cite, figures, findings, gallery, mapped, opening, plates

ROLES = findings.ROLES
KINDS = ("pdf", "epub")
log = logging.getLogger(__name__)


class Made(nodes.General, nodes.Element):  # type: ignore[misc]
    """The place of something that is made when all chapters are read."""


class Making(SphinxDirective):
    """A directive that leaves a place for what its name says."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave the place."""
        return [Made(kind=self.name, of="".join(self.arguments))]


def chapters(env: BuildEnvironment) -> list[str]:
    """The chapters of failure modes, in the order of the menu."""
    order = env.toctree_includes.get(env.config.root_doc, [])
    stems = {(mode.part.stem, mode.stem) for mode in failure_modes()}
    return [page for page in order if tuple(page.split("/")[-2:]) in stems]


def cards(app: Sphinx, page: str, part: str) -> str:
    """A card for each chapter of the part that says what it shows."""
    listed = []
    for chapter in chapters(app.env):
        if chapter.split("/")[-2] != part:
            continue
        if card := opening.front(app.env, chapter).get("card"):
            listed.append(_card(app, page, chapter, card))
    return f'<ul class="cards">{"".join(listed)}</ul>'


def _card(app: Sphinx, page: str, chapter: str, card: dict[str, Any]) -> str:
    """Title, sentence, a bar for each role, and what the bars measure."""
    title = app.env.titles[chapter].astext()
    link = app.builder.get_relative_uri(page, chapter)
    known = findings.all_of(app.env)
    stem = PurePosixPath(chapter).name
    full = float(card.get("full", 1))
    bars = []
    for role, label, name in card["bars"]:
        finding = known.get(f"{stem}.{name}")
        share = finding is not None and 0 <= float(finding["value"]) <= 1
        if finding is None or not share or role not in ROLES:
            wanted = f"a role of {', '.join(ROLES)}, and a share that the chapter finds"
            log.warning(
                "got a bar %s, %s; wanted %s", role, name, wanted, location=(chapter, 1)
            )
        else:
            bars.append(_bar(role, str(label), finding, full))
    scale = "" if full == 1 else f"; a full bar is {full:.0%}"
    return (
        f'<li><a class="card" href="{link}"><h3>{escape(title)}</h3>'
        f"<p>{escape(card['says'])}</p>"
        f'<p class="measures">{escape(card["measures"])}{scale}</p>'
        f"{''.join(bars)}</a></li>"
    )


def _bar(role: str, label: str, finding: dict[str, Any], full: float) -> str:
    """A label, a bar, a number; an SVG, since the policy forbids inline styles."""
    width = 100 * min(max(float(finding["value"]) / full, 0), 1)
    return (
        f'<span class="bar role-{role}"><span>{escape(label)}</span>'
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="all" width="100" height="8"/><rect width="{width:.1f}" '
        f'height="8"/></svg><b>{escape(finding["text"])}</b></span>'
    )


def tiles(app: Sphinx, page: str, _: str) -> str:
    """The taxonomy's failure modes and chapters of ours: first those with attackers."""
    there = {PurePosixPath(name).name: name for name in chapters(app.env)}
    order = list(there)
    lists = []
    modes = [mode for mode in failure_modes() if mode.number or mode.stem in there]
    for attacker, those in groupby(modes, lambda mode: mode.part.attacker):
        ranked = sorted(
            those, key=lambda m: order.index(m.stem) if m.stem in order else len(order)
        )
        heading = "With an attacker" if attacker else "Without an attacker"
        items = "".join(_tile(app, page, mode, there.get(mode.stem)) for mode in ranked)
        lists.append(f'<h3>{heading}</h3><ul class="tiles">{items}</ul>')
    return "".join(lists)


def _tile(app: Sphinx, page: str, mode: FailureMode, chapter: str | None) -> str:
    """A link to the chapter, or the name and the plain truth."""
    broken = f"<span>violates {', '.join(mode.violates)}</span>"
    if chapter is None:
        unwritten = '<span class="missing">not yet written</span>'
        return (
            f'<li class="none" title="{escape(mode.definition)}">'
            f"<b>{escape(mode.title)}</b>{unwritten}</li>"
        )
    link = app.builder.get_relative_uri(page, chapter)
    title = escape(app.env.titles[chapter].astext())
    return (
        f'<li><a href="{link}" title="{escape(mode.definition)}"><b>{title}</b>'
        f"{broken}</a></li>"
    )


def table(app: Sphinx, page: str, _: str) -> str:
    """Every finding of the book, chapter by chapter."""
    known = findings.all_of(app.env)
    parts = []
    for chapter, those in groupby(known.items(), lambda item: item[1]["chapter"]):
        title = escape(app.env.titles[chapter].astext())
        rows = "".join(_row(app, page, name, finding) for name, finding in those)
        anchor = f"of-{PurePosixPath(chapter).name}"
        parts.append(
            f'<h2 id="{anchor}">{title}</h2>'
            "<div class='foible-scroll' tabindex='0' role='group' aria-label='table'>"
            '<table class="findings"><thead><tr>'
            "<th>finding</th><th class='text-right'>value</th>"
            "<th class='text-right'>n</th><th class='text-right'>95% interval</th>"
            "<th class='text-right'>held to</th></tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )
    return "".join(parts)


def _row(app: Sphinx, page: str, name: str, finding: dict[str, Any]) -> str:
    n = f"{finding['n']:,}" if "n" in finding else ""
    known = (n, *(" to ".join(finding.get(key, [])) for key in ("interval", "range")))
    there = app.builder.get_relative_uri(page, finding["chapter"])
    short = f"<code>{name.partition('.')[2]}</code>"
    return (
        f'<tr id="{name}"><th><a href="{there}#{finding["made"]}">{short}</a></th>'
        f'<td class="text-right">{escape(finding["text"])}</td>'
        + "".join(f'<td class="text-right">{escape(it)}</td>' for it in known)
        + "</tr>"
    )


def poster(app: Sphinx, page: str, label: str) -> str:
    """A figure of another page, which leads to where it is explained."""
    plate = plates.named(app, label)
    if plate is None:
        log.warning(
            "got the poster %r; wanted a figure of a chapter", label, location=(page, 1)
        )
        return ""
    here = f"{'../' * page.count('/')}{figures.FOLDER}"
    shown = figures.shown(plate, here)
    link = app.builder.get_relative_uri(page, plate.page)
    return f'<a class="poster" href="{link}#{label}">{shown}</a>'


def files(app: Sphinx, page: str, _: str) -> str:
    """The book as one file, which publish.yml lays beside the site."""
    if not os.environ.get("FOIBLE_FILES"):
        return ""
    here = "../" * page.count("/")
    links = (f'<a href="{here}foible.{kind}">{kind.upper()}</a>' for kind in KINDS)
    return f"<p>The whole book as one file: {' · '.join(links)}.</p>"


MAKERS = {
    "chapter-cards": cards,
    "failure-map": tiles,
    "all-findings": table,
    "poster": poster,
    "figure-gallery": gallery.gallery,
    "cite-book": cite.shown,
    "whole-book": files,
    "framework": mapped.shown,
}


def make(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Fill the places."""
    for place in list(doctree.findall(Made)):
        html = MAKERS[place["kind"]](app, page, place["of"])
        place.replace_self(nodes.raw("", html, format="html"))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer what the front page shows."""
    for name in MAKERS:
        app.add_directive(name, Making)
    app.connect("doctree-resolved", make)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
