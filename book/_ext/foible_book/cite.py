"""How is a chapter cited, or the book? By its version, with the date of that version.

The first screen of a chapter has a box, `#cite`: a reference in words, and the same as
BibTeX, RIS and CSL-JSON. Each is a file too, at an address that stays:
`cite/<stem>.txt`, `.bib`, `.ris` and `.json`, and for the whole book `cite/foible.*`.
Without `FOIBLE_BASE_URL` no address is named, and a citation is whole without.
"""

import json
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pybtex.plugin
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from foible.threat import parts
from foible_book import addresses

BOOK = "Foible: the executable book on the security of machine learning"
CHAPTERS = frozenset({"foundations", *parts()})
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FOLDER = "cite"
LATEX = str.maketrans({letter: f"\\{letter}" for letter in "&%$#_{}"})
AFTER_WRITING = 800


class Work(NamedTuple):
    """What there is to cite; what is unknown is empty, and `book` for the book."""

    stem: str
    title: str
    book: str
    author: str
    version: str
    date: str  # 2026-11-29, or the year alone
    url: str

    @property
    def key(self) -> str:
        """The name of the entry in a reader's own list."""
        return f"foible-{self.stem.replace('_', '-')}" if self.book else self.stem


def is_chapter(page: str) -> bool:
    """Whether this page can be cited by itself."""
    return PurePosixPath(page).parent.name in CHAPTERS


def work(app: Sphinx, page: str) -> Work:
    """A chapter, or the book where the page is no chapter."""
    chapter = is_chapter(page)
    base = app.config.html_baseurl
    return Work(
        stem=PurePosixPath(page).name if chapter else "foible",
        title=app.env.titles[page].astext() if chapter else BOOK,
        book=BOOK if chapter else "",
        author=app.config.author,
        version=app.config.foible_version.rpartition(", ")[2],  # of a commit: its name
        date=app.config.foible_date or app.config.copyright,
        url=base and (base + addresses.short(page) if chapter else base),
    )


# ------------------------------------------------------------------- four forms


def reference(it: Work) -> str:
    """A reference in words."""
    version = f" (Version {it.version})" if it.version else ""
    place = f"{it.title}. In {it.book}" if it.book else it.title
    parts = f"{it.author}. ({it.date}). {place}{version}.", it.url
    return " ".join(filter(None, parts))


def bibtex(it: Work) -> str:
    """An entry that BibTeX and biblatex read alike."""
    fields = {
        "author": f"{{{it.author.translate(LATEX)}}}",  # one name, not to be cut
        "title": it.title.translate(LATEX),
        "booktitle": it.book.translate(LATEX),
        "year": it.date[:4],
        "date": it.date,
        "note": f"Version {it.version}" if it.version else "",
        "url": it.url,
    }
    lines = [f"  {name:<9} = {{{text}}}" for name, text in fields.items() if text]
    kind = "incollection" if it.book else "book"
    return f"@{kind}{{{it.key},\n" + ",\n".join(lines) + "\n}"


def ris(it: Work) -> str:
    """An entry for reference managers."""
    fields = {
        "TY": "CHAP" if it.book else "BOOK",
        "ID": it.key,
        "AU": it.author,
        "TI": it.title,
        "T2": it.book,
        "PY": it.date[:4],
        "DA": it.date.replace("-", "/"),
        "ET": f"Version {it.version}" if it.version else "",
        "LA": "en",
        "UR": it.url,
    }
    lines = [f"{name}  - {text}" for name, text in fields.items() if text]
    return "\n".join([*lines, "ER  - "])


def csl(it: Work) -> str:
    """An item of CSL-JSON, which Zotero, Pandoc and others read."""
    item = {
        "id": it.key,
        "type": "chapter" if it.book else "book",
        "title": it.title,
        "container-title": it.book,
        "author": [{"literal": it.author}],
        "issued": {"date-parts": [[int(part) for part in it.date.split("-")]]},
        "version": it.version,
        "language": "en",
        "URL": it.url,
    }
    known = {name: value for name, value in item.items() if value}
    return json.dumps([known], indent=2, ensure_ascii=False)


FORMS: dict[str, tuple[str, Callable[[Work], str]]] = {
    "txt": ("reference", reference),
    "bib": ("BibTeX", bibtex),
    "ris": ("RIS", ris),
    "json": ("CSL-JSON", csl),
}


# ------------------------------------------------- on the page, and for machines


def box(app: Sphinx, page: str) -> str:
    """The fold in the first screen of a chapter."""
    return (
        '<details class="foible-cite" id="cite"><summary>Cite</summary>'
        f"{shown(app, page)}</details>"
    )


def shown(app: Sphinx, page: str, _: str = "") -> str:
    """The reference in words, and a fold for each other form."""
    it = work(app, page)
    up = "../" * page.count("/")
    blocks = [_block(it, up, end) for end in FORMS]
    folds = [
        f"<details><summary>{name}</summary>{block}</details>"
        for (name, _), block in zip(FORMS.values(), blocks, strict=True)
    ]
    return f'<div class="cite-forms">{blocks[0]}{"".join(folds[1:])}</div>'


def _block(it: Work, up: str, end: str) -> str:
    """One form, which a button can copy, and its file."""
    name, form = FORMS[end]
    file = f"{it.stem}.{end}"
    return (
        f'<div class="highlight-cite" data-name="{name}"><pre>{escape(form(it))}</pre>'
        f'<p><a href="{up}{FOLDER}/{file}" download>{file}</a></p></div>'
    )


def highwire(it: Work, address: str) -> list[tuple[str, str]]:
    """The tags by which reference managers and Google Scholar know a chapter."""
    return [
        ("citation_title", it.title),
        ("citation_author", it.author),
        ("citation_inbook_title", it.book),
        ("citation_publication_date", it.date.replace("-", "/")),
        ("citation_language", "en"),
        ("citation_public_url", it.url),
        ("citation_fulltext_html_url", address),
    ]


def linked(it: Work) -> dict[str, Any]:
    """The same in the words of schema.org."""
    author = {"@type": "Organization", "name": it.author}
    common = {
        "author": author,
        "version": it.version,
        "datePublished": it.date,
        "inLanguage": "en",
        "license": LICENCE,
    }
    known = {key: value for key, value in common.items() if value}
    if not it.book:
        return {"@type": "Book", "name": it.title} | known
    book = {"@type": "Book", "name": it.book, "author": author, "license": LICENCE}
    return {"@type": "Chapter", "name": it.title, "isPartOf": book} | known


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write the files."""
    if exception or app.builder.format != "html":
        return
    pages = sorted(filter(is_chapter, app.env.found_docs))
    works = [work(app, page) for page in [app.config.root_doc, *pages]]
    addresses.write(
        Path(app.outdir),
        {
            f"{FOLDER}/{it.stem}.{end}": f"{form(it)}\n"
            for it in works
            for end, (_, form) in FORMS.items()
        },
    )


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the citations as files, and read the installed plugins of pybtex once."""
    pybtex.plugin._load_entry_point = cache(pybtex.plugin._load_entry_point)
    app.connect("build-finished", publish, priority=AFTER_WRITING)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
