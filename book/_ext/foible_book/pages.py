"""What does every page say about itself, to readers and to those who cite it?

The addresses of the site and of its source come from the environment, so that a fork
publishes without an edit: `FOIBLE_BASE_URL` and `FOIBLE_REPOSITORY_URL`. Without them
the site is whole, and names no address.
"""

import json
import os
import re
import subprocess
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.util.typing import ExtensionMetadata

from foible_book import addresses, cite, opening, previews

BUILT_ON = {  # asking foible.data would cost every build four seconds of imports
    False: "Built on embedded data: scikit-learn's bundled tables, "
    "and customers that our own code invents.",
    True: "Built on the real data sets in FOIBLE_DATA.",
}
AFTER_WRITING = 800
FINDS = "Search Foible by section: attacks, defences, findings and words."
DESCRIBED = 200  # letters of a description
RELEASE = re.compile(r"v/[^/]+/$")  # where the site of an old release stays


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
    config.foible_version, config.foible_date = version(Path(app.srcdir))


def version(root: Path) -> tuple[str, str]:
    """The tag of what is built, else the date and name of its commit; and that date."""
    date = said_by_git(root, "log", "-1", "--format=%cs")
    tag = said_by_git(root, "describe", "--tags", "--exact-match")
    name = tag.removeprefix("v") or said_by_git(root, "log", "-1", "--format=%cs, %h")
    return name, date


def said_by_git(root: Path, *question: str) -> str:
    """What git answers, or "" where it knows nothing."""
    if not (root / ".git").exists():
        return ""
    done = subprocess.run(  # noqa: S603 (our own)
        ["git", *question],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def index_for_machines(app: Sphinx, exception: Exception | None) -> None:
    """With an address, tell search engines which pages there are."""
    base = app.config.html_baseurl
    if exception or not base or app.builder.format != "html":
        return
    pages = [app.builder.get_target_uri(page) for page in sorted(app.env.found_docs)]
    rows = "".join(f"<url><loc>{escape(base + page)}</loc></url>\n" for page in pages)
    scheme = "http://www.sitemaps.org/schemas/sitemap/0.9"
    Path(app.outdir, "sitemap.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{scheme}">\n{rows}'
        "</urlset>\n",
        encoding="utf-8",
    )
    Path(app.outdir, "robots.txt").write_text(
        f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", encoding="utf-8"
    )


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
    context["foible_licence"] = cite.LICENCE
    context["foible_version"] = app.config.foible_version
    context["foible_newest"] = _newest(app, page)
    if page == "search":
        context["metatags"] = f'\n<meta name="description" content="{FINDS}">'
    if doctree is None or page not in app.env.titles:
        return
    if repository := app.config.foible_repository:
        context["foible_repository"] = repository
        context["foible_edit"] = f"{repository}edit/main/{page}.md"
    facts = _facts(app, page, doctree)
    if facts["image"]:
        previews.draw(
            Path(app.outdir),
            page,
            facts["title"],
            _claim(doctree) or facts["description"],
            opening.front(app.env, page).get("figure", ""),
        )
    context["metatags"] = context.get("metatags", "") + _tags(app, page, facts)


def _newest(app: Sphinx, page: str) -> str:
    """In the site of a release: where the same page is kept up to date, else ""."""
    base = app.config.html_baseurl
    if not RELEASE.search(base):
        return ""
    here = addresses.short(page) if page in app.env.found_docs else ""
    return RELEASE.sub("", base) + here


def _facts(app: Sphinx, page: str, doctree: nodes.document) -> dict[str, str]:
    """What is known of a page, in words; an unknown address is empty."""
    base = app.config.html_baseurl
    written = [
        tag.get("content", "")
        for tag in doctree.findall(nodes.meta)
        if tag.get("name") == "description"
    ]
    return {
        "title": app.env.titles[page].astext(),
        "description": written[0] if written else _opening(doctree),
        "described": "yes" if written else "",
        "url": f"{base}{app.builder.get_target_uri(page)}" if base else "",
        "image": f"{base}{previews.file_of(page)}" if base else "",
    }


def _claim(doctree: nodes.document) -> str:
    """The claim of a chapter, with its numbers."""
    claims = (p for p in doctree.findall(nodes.paragraph) if "claim" in p["classes"])
    return " ".join(next(claims, nodes.paragraph()).astext().split())


def _opening(doctree: nodes.document) -> str:
    """The first paragraph, cut at a word."""
    paragraphs = (part.astext() for part in doctree.findall(nodes.paragraph))
    words = " ".join(next(paragraphs, "").split())
    if len(words) <= DESCRIBED:
        return words
    return words[:DESCRIBED].rsplit(" ", 1)[0].rstrip(",;:–") + "…"


def _tags(app: Sphinx, page: str, facts: dict[str, str]) -> str:
    """Tags for search engines, for link previews, and for reference managers."""
    chapter = cite.is_chapter(page)
    tags = [
        ("property", "og:title", facts["title"]),
        ("property", "og:site_name", "Foible"),
        ("property", "og:type", "article" if chapter else "website"),
        ("property", "og:description", facts["description"]),
        ("property", "og:url", facts["url"]),
        ("property", "og:image", facts["image"]),
        ("property", "og:image:width", "1200" if facts["image"] else ""),
        ("property", "og:image:height", "630" if facts["image"] else ""),
        ("name", "twitter:card", "summary_large_image" if facts["image"] else ""),
        ("name", "description", "" if facts["described"] else facts["description"]),
    ]
    if chapter:
        known = cite.highwire(cite.work(app, page), facts["url"])
        tags += [("name", name, value) for name, value in known]
    lines = [
        f'<meta {kind}="{name}" content="{escape(value)}">'
        for kind, name, value in tags
        if value
    ]
    return "\n".join(["", *lines, _linked_data(app, page, facts), ""])


def _linked_data(app: Sphinx, page: str, facts: dict[str, str]) -> str:
    """The same for machines that read schema.org."""
    thing = cite.linked(cite.work(app, page))
    if page != app.config.root_doc and not cite.is_chapter(page):
        thing = {"@type": "WebPage", "name": facts["title"], "isPartOf": thing}
    more = {key: facts[key] for key in ("description", "url", "image") if facts[key]}
    thing = {"@context": "https://schema.org"} | thing | more
    text = json.dumps(thing, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add what every page has."""
    app.add_config_value("foible_repository", "", "html", str)
    app.add_config_value("foible_built_on", "", "html", str)
    app.add_config_value("foible_version", "", "html", str)
    app.add_config_value("foible_date", "", "html", str)
    app.connect("config-inited", look_around)
    app.connect("build-finished", index_for_machines, priority=AFTER_WRITING)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
