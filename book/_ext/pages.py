"""What does every page say about itself, to readers and to those who cite it?

The addresses of the site and of its source come from the environment, so that a fork
publishes without an edit: `FOIBLE_BASE_URL` and `FOIBLE_REPOSITORY_URL`. Without them
the site is whole, and names no address.
"""

import json
import os
from html import escape
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from foible.threat import FailureMode, failure_modes, parts

BOOK = "Foible: the executable book on the security of machine learning"
CHAPTERS = frozenset({"foundations", *parts()})
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
BUILT_ON = {  # asking foible.data would cost every build four seconds of imports
    False: "Built on embedded data: scikit-learn's bundled tables, "
    "and customers that our own code invents.",
    True: "Built on the real data sets in FOIBLE_DATA.",
}
DESCRIBED = 200  # letters of a description
MENDED = {  # what our tools write, and what a screen reader can use
    '<summary aria-label="Toggle hidden content">': "<summary>",
    'role="doc-biblioentry"': 'role="listitem"',
}


# --------------------------------------------------------------- the addresses


def address(variable: str) -> str:
    """The web address in an environment variable, with a slash at its end, or "".

    Raises
    ------
    ConfigError
        When the variable holds something else.
    """
    value = os.environ.get(variable, "").strip()
    if not value:
        return ""
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        raise ConfigError(
            f"got {variable}={value!r}; wanted an address that begins with https://"
        )
    return value.rstrip("/") + "/"


def look_around(app: Sphinx, config: Config) -> None:
    """Put what the environment says into the configuration: a change rewrites all."""
    config.html_baseurl = address("FOIBLE_BASE_URL")
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"
    config.foible_repository = address("FOIBLE_REPOSITORY_URL")
    config.foible_built_on = BUILT_ON[bool(os.environ.get("FOIBLE_DATA"))]


# ------------------------------------------------------------------- each page


def describe(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add what every page has, and what only chapters have."""
    context["foible_built_on"] = app.config.foible_built_on
    context["foible_licence"] = LICENCE
    if doctree is None or page not in app.env.titles:
        return
    if repository := app.config.foible_repository:
        context["foible_repository"] = repository
        context["foible_edit"] = f"{repository}edit/main/{page}.md"
    facts = _facts(app, page, doctree)
    context["metatags"] = context.get("metatags", "") + _tags(facts)
    for written, mended in MENDED.items():
        context["body"] = context["body"].replace(written, mended)
    if PurePosixPath(page).parent.name in CHAPTERS:
        context["body"] += _citation(facts)


def _facts(app: Sphinx, page: str, doctree: nodes.document) -> dict[str, str]:
    """What is known of a page, in words; an unknown address is empty."""
    base = app.config.html_baseurl
    figures = (figure["ids"] for figure in doctree.findall(nodes.figure))
    label = next((ids[0] for ids in figures if ids and ids[0].startswith("fig-")), "")
    written = [
        tag.get("content", "")
        for tag in doctree.findall(nodes.meta)
        if tag.get("name") == "description"
    ]
    return {
        "stem": PurePosixPath(page).name,
        "part": PurePosixPath(page).parent.name,
        "title": app.env.titles[page].astext(),
        "author": app.config.author,
        "year": app.config.copyright,
        "description": written[0] if written else _opening(doctree),
        "described": "yes" if written else "",
        "url": f"{base}{app.builder.get_target_uri(page)}" if base else "",
        "image": f"{base}figures/{label}.png" if base and label else "",
    }


def _opening(doctree: nodes.document) -> str:
    """The first paragraph, cut at a word."""
    paragraphs = (part.astext() for part in doctree.findall(nodes.paragraph))
    words = " ".join(next(paragraphs, "").split())
    if len(words) <= DESCRIBED:
        return words
    return words[:DESCRIBED].rsplit(" ", 1)[0].rstrip(",;:–") + "…"


def _tags(facts: dict[str, str]) -> str:
    """Tags for search engines, for link previews, and for reference managers."""
    chapter = facts["part"] in CHAPTERS
    tags = [
        ("property", "og:title", facts["title"]),
        ("property", "og:site_name", "Foible"),
        ("property", "og:type", "article" if chapter else "website"),
        ("property", "og:description", facts["description"]),
        ("property", "og:url", facts["url"]),
        ("property", "og:image", facts["image"]),
        ("name", "twitter:card", "summary_large_image" if facts["image"] else ""),
        ("name", "description", "" if facts["described"] else facts["description"]),
    ]
    if chapter:
        tags += [
            ("name", "citation_title", facts["title"]),
            ("name", "citation_author", facts["author"]),
            ("name", "citation_inbook_title", BOOK),
            ("name", "citation_publication_date", facts["year"]),
            ("name", "citation_language", "en"),
            ("name", "citation_public_url", facts["url"]),
        ]
    lines = [
        f'<meta {kind}="{name}" content="{escape(value)}">'
        for kind, name, value in tags
        if value
    ]
    return "\n".join(["", *lines, _linked_data(facts, chapter=chapter), ""])


def _linked_data(facts: dict[str, str], *, chapter: bool) -> str:
    """The same for machines that read schema.org."""
    author = {"@type": "Organization", "name": facts["author"]}
    book = {"@type": "Book", "name": BOOK, "author": author, "license": LICENCE}
    thing: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Chapter" if chapter else "WebPage",
        "name": facts["title"],
        "description": facts["description"],
        "author": author,
        "datePublished": facts["year"],
        "inLanguage": "en",
        "isPartOf": book,
        "license": LICENCE,
        "url": facts["url"],
        "image": facts["image"],
    }
    known = {key: value for key, value in thing.items() if value}
    text = json.dumps(known, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def _citation(facts: dict[str, str]) -> str:
    """A folded block at the end of a chapter, to be copied."""
    title = facts["title"].replace("&", r"\&").replace("%", r"\%").replace("_", r"\_")
    fields = {
        "title": f"{{{title}}}",
        "author": f"{{{{{facts['author']}}}}}",
        "booktitle": f"{{{BOOK}}}",
        "year": f"{{{facts['year']}}}",
        "url": f"{{{facts['url']}}}" if facts["url"] else "",
    }
    lines = [f"  {name:<9} = {value}," for name, value in fields.items() if value]
    key = f"foible-{facts['stem'].replace('_', '-')}"
    entry = "\n".join([f"@incollection{{{key},", *lines, "}"])
    return (
        '<details class="foible-cite"><summary>Cite this chapter</summary>'
        f'<pre tabindex="0">{escape(entry)}</pre></details>\n'
    )


# ------------------------------------------------------------ the failure map


class FailureMap(SphinxDirective):
    """The 17 failure modes; those with a chapter are links to it."""

    def run(self) -> list[nodes.Node]:
        """Two numbered lists: with an attacker, and without."""
        _maps(self.env).add(self.env.docname)
        lists: list[nodes.Node] = []
        modes = (mode for mode in failure_modes() if mode.number)
        for attacker, those in groupby(modes, lambda mode: mode.part.attacker):
            items = [self._item(mode) for mode in those]
            title = "With an attacker" if attacker else "Without an attacker"
            first = 1 + sum(len(listing) for listing in lists if "start" in listing)
            listing = nodes.enumerated_list(
                "", *items, classes=["foible-map"], enumtype="arabic", start=first
            )
            heading = nodes.rubric("", title, **{"heading-level": 3})
            lists += [heading, listing]
        return lists

    def _item(self, mode: FailureMode) -> nodes.list_item:
        """A mode: its name, what it is, and what it breaks."""
        name = nodes.paragraph("", "", *self._name(mode), classes=["foible-map-name"])
        broken = f"Violates {', '.join(mode.violates)}."
        return nodes.list_item(
            "",
            name,
            nodes.paragraph(text=mode.definition),
            nodes.paragraph(text=broken, classes=["foible-map-violates"]),
        )

    def _name(self, mode: FailureMode) -> list[nodes.Node]:
        """A link to the chapter, or the name and the plain truth."""
        folder = PurePosixPath(self.env.docname).parent
        chapter = str(folder / mode.part.stem / mode.stem)
        if chapter not in self.env.found_docs:
            note = nodes.inline(text="not yet written", classes=["foible-map-missing"])
            return [nodes.Text(f"{mode.title} "), note]
        link = addnodes.pending_xref(
            "",
            nodes.inline(text=mode.title),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{chapter}",
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )
        return [link]


def redraw(
    app: Sphinx, env: BuildEnvironment, added: set[str], _: set[str], removed: set[str]
) -> set[str]:
    """The pages with a map, when the book has gained or lost a chapter."""
    return _maps(env) & env.found_docs if added or removed else set()


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """A page that goes, or is read anew, has no map yet."""
    _maps(env).discard(page)


def _maps(env: BuildEnvironment) -> set[str]:
    maps: set[str] = vars(env).setdefault("foible_maps", set())
    return maps


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add what every page has."""
    app.add_css_file("foible.css", priority=900)
    app.add_config_value("foible_repository", "", "html", str)
    app.add_config_value("foible_built_on", "", "html", str)
    app.connect("config-inited", look_around)
    app.connect("html-page-context", describe)
    app.connect("env-get-outdated", redraw)
    app.connect("env-purge-doc", forget)
    app.add_directive("failure-map", FailureMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
