"""Where in this book is an entry of a framework? In a chapter, a section, or why not.

    ```{framework} atlas
    ```

shows `book/frameworks/atlas.json`: where it is from, its version and date, a table of
the entries that the book has, each with its places, and of all others a sentence that
says why not. A place is the stem of a page, or `stem#label` for a section of it; both
are labels, so a page that moves takes its links along. A chapter of the taxonomy that
has no page yet is said to be unwritten; any other place that is not there is an error.
"""

import json
from collections import defaultdict
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from foible.threat import failure_modes
from foible_book import findings, folds

FOLDER = Path("book/frameworks")
log = logging.getLogger(__name__)


def shown(app: Sphinx, page: str, name: str) -> str:
    """A framework: what it is, its table, and what is not in the book."""
    path = Path(app.srcdir, FOLDER, f"{name}.json")
    if not path.is_file():
        wanted = ", ".join(sorted(it.stem for it in path.parent.glob("*.json")))
        log.warning(
            "got the framework %r; wanted one of %s", name, wanted, location=(page, 1)
        )
        return ""
    known = json.loads(path.read_text(encoding="utf-8"))
    entries = known["entries"]
    names = {entry["id"]: entry["name"] for entry in entries}
    here = [entry for entry in entries if "where" in entry]
    reasons = defaultdict(list)
    for entry in entries:
        if "why_not" in entry:
            words = known.get("reasons", {}).get(entry["why_not"], entry["why_not"])
            reasons[words].append(_entry(entry, names))
    rows = [_row(app, page, entry, names) for entry in here]
    found = sum("<a href" in row for row in rows)
    absent = "".join(
        f"<dt>{escape(words)}</dt><dd>{'; '.join(those)}.</dd>"
        for words, those in reasons.items()
    )
    return (
        f'<p><a href="{escape(known["source"])}">{escape(known["title"])}</a>, version '
        f"{escape(known['version'])}, {known['date']}: "
        f"{found} of {len(entries)} entries are in the book.</p>"
        "<div class='foible-scroll' tabindex='0' role='group' aria-label='table'>"
        '<table class="mapped"><thead><tr><th>entry</th><th>in this book</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
        + (f'<dl class="unmapped">{absent}</dl>' if absent else "")
        + f"<p><small>{escape(known['read'])}</small></p>"
    )


def _entry(entry: dict[str, Any], names: dict[str, str]) -> str:
    """Its id, which is its anchor, and its name; a part of another begins with that."""
    whole = names.get(entry["id"].rpartition(".")[0])
    name = f"{whole}: {entry['name']}" if whole else entry["name"]
    number = escape(entry["id"])
    anchor = f"entry-{number}" if number.isdigit() else number
    return f'<span id="{anchor}"><code>{number}</code> {escape(name)}</span>'


def _row(app: Sphinx, page: str, entry: dict[str, Any], names: dict[str, str]) -> str:
    links = "<br>".join(_place(app, page, where) for where in entry["where"])
    note = f"<br><small>{escape(entry['note'])}</small>" if "note" in entry else ""
    return f"<tr><th>{_entry(entry, names)}</th><td>{links}{note}</td></tr>"


def _place(app: Sphinx, page: str, where: str) -> str:
    """A link to a page or a section, by its label."""
    stem, _, label = where.partition("#")
    labels = app.env.domaindata["std"]["labels"]
    there, anchor, title = labels.get(label or stem, ("", "", ""))
    if PurePosixPath(there).name != stem or there not in app.env.titles:
        modes = {mode.stem: mode.title for mode in failure_modes()}
        if stem in modes and not any(
            PurePosixPath(p).name == stem for p in app.env.found_docs
        ):
            return f"{escape(modes[stem])} (not yet written)"
        log.warning(
            "got the place %r; wanted the stem of a page, or stem#label with a label "
            "before one of its headings",
            where,
            location=(page, 1),
        )
        return escape(where)
    said = app.env.titles[there].astext()
    if label:
        known = findings.all_of(app.env)
        part = findings.told(title.removeprefix(folds.EVIDENCE).strip(), known)
        said = f"{said}: {part[:1].lower()}{part[1:]}"
    link = app.builder.get_relative_uri(page, there)
    return f'<a href="{link}{f"#{anchor}" if label else ""}">{escape(said)}</a>'
