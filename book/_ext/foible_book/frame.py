"""What surrounds a page: its list of sections, its policy, and the scripts it may run.

The theme in `book/_theme` is a frame and a style sheet; this gives it what it shows.
"""

import base64
import hashlib
import re
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from foible.threat import parts

THEME = Path(__file__).parents[2] / "_theme" / "foible"
EARLY = THEME / "static" / "early.js"
STYLE = re.compile(  # by pandas; the policy forbids it
    r'<style scoped>.*?</style>|(?<=<tr) style="[^"]*"', re.DOTALL
)
BOX = "<div class='foible-scroll' tabindex='0' role='group' aria-label='table'>"
TABLE = re.compile(rf"({BOX})?\s*(<table\b.*?</table>)", re.DOTALL)
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
COLUMNS = range(4, 9)
MARK = re.compile(r"(<span aria-hidden='true'>[^<]</span>) ")  # and its number
LETTERS = {"foible-evidence": 90, "foible-matrix": 55}  # of a row that a phone can show
MENDED = {  # what our tools write, and what a strict policy or a reader can use
    '<summary aria-label="Toggle hidden content">': "<summary>",
    'role="doc-biblioentry"': 'role="listitem"',
    '<div class="highlight"><pre>': '<div class="highlight"><pre tabindex="0">',
}


def early() -> str:
    """The one script that runs before the first paint."""
    return EARLY.read_text(encoding="utf-8").strip()


def policy() -> str:
    """What a page may load and run: its own files, and the early script."""
    digest = base64.b64encode(hashlib.sha256(early().encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'sha256-{digest}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
        )
    )


def sections(doctree: nodes.document) -> list[tuple[str, str]]:
    """The anchor and the name of each section of the second level."""
    found = []
    for title in doctree.findall(nodes.section):
        if isinstance(title.parent, nodes.section) and title.parent.parent is doctree:
            name = title.next_node(nodes.title)
            found.append((title["ids"][0], name.astext()))
    return found


def without_index(app: Sphinx) -> None:
    """Leave Sphinx's own search out: the book has another, and the page for it."""
    if app.builder.format == "html":
        vars(app.builder)["search"] = False


def surround(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give the theme what it shows around this page."""
    context["author"] = app.config.author
    context["foible_policy"] = policy()
    context["foible_early"] = early()
    context["foible_sections"] = []
    context["foible_kind"] = "plain"
    if page == app.config.root_doc:
        context["foible_kind"] = "home"
    elif doctree is not None:
        context["foible_kind"] = PurePosixPath(page).parent.name
        context["foible_sections"] = sections(doctree)
    follows = app.env.toctree_includes.get(app.config.root_doc, [])
    if context.get("next") and _ends_a_part(page, follows):
        home = context["pathto"](app.config.root_doc)
        context["next"] = {"title": "All chapters", "link": f"{home}#the-attacks"}
    if "body" in context:
        context["body"] = mended(context["body"])


def _ends_a_part(page: str, order: list[str]) -> bool:
    """Whether the last of the chapters is here, before the glossary and the lists."""
    part = PurePosixPath(page).parent.name
    after = order[order.index(page) + 1 :] if page in order else []
    return part in parts() and not any(
        PurePosixPath(a).parent.name in parts() for a in after
    )


def mended(body: str) -> str:
    """The text of a page with tables that scroll by themselves on a phone."""
    for written, better in MENDED.items():
        body = body.replace(written, better)
    body = MARK.sub("\\1\N{NO-BREAK SPACE}", STYLE.sub("", body))
    return TABLE.sub(
        lambda it: f"{BOX}{stacked(it[2])}{'' if it[1] else '</div>'}", body
    )


def stacked(table: str) -> str:
    """A table too wide for a phone, with what its style sheet needs to stack its cells.

    Each cell is given the name of its column, which a phone shows beside it.
    """
    head, *rows = ROW.findall(table)
    names = [TAG.sub("", cell[2]).strip() for cell in CELL.findall(head)]
    names = [name.replace('"', "&quot;") for name in names]
    letters = max((len(TAG.sub("", row)) for row in rows), default=0)
    most = [LETTERS[kind] for kind in LETTERS if kind in table.partition(">")[0]]
    if len(names) not in COLUMNS or not most or letters < min(most):
        return table

    def named(row: str) -> str:
        cells = iter(names)
        return CELL.sub(lambda it: _named(it, next(cells, "")), row)

    body = table.replace("foible-evidence", "foible-evidence stacked", 1)
    for row in rows:
        body = body.replace(row, named(row), 1)
    return body


def _named(cell: re.Match[str], name: str) -> str:
    kind, attributes, content = cell.groups()
    if kind == "th":
        return cell[0]
    return f'<td{attributes} data-label="{name}"><span>{content}</span></td>'


def setup(app: Sphinx) -> ExtensionMetadata:
    """Surround every page."""
    app.add_js_file("foible.js", defer="defer")
    app.connect("builder-inited", without_index)
    app.connect("html-page-context", surround)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
