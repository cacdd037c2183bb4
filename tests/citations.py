"""What a library reads out of each form of a citation, in words of one kind."""

import json
import warnings
from typing import NamedTuple

import pybtex.database
import rispy
from pybtex.richtext import Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own schemas
    from citeproc import (
        Citation,
        CitationItem,
        CitationStylesBibliography,
        CitationStylesStyle,
        formatter,
    )
    from citeproc.source.json import CiteProcJSON


class Read(NamedTuple):
    """What a reference manager knows of a chapter, or of a book."""

    kind: str
    title: str
    book: str
    author: str
    version: str
    date: str
    url: str


def bibtex(text):
    (entry,) = pybtex.database.parse_string(text, "bibtex").entries.values()
    (author,) = entry.persons["author"]
    plain = {name: str(Text.from_latex(it)) for name, it in entry.fields.items()}
    return Read(
        {"incollection": "chapter", "book": "book"}[entry.type],
        plain["title"],
        plain.get("booktitle", ""),
        str(Text.from_latex(str(author))),
        plain.get("note", "").removeprefix("Version "),
        plain["date"],
        entry.fields.get("url", ""),
    )


def ris(text):
    (entry,) = rispy.loads(text)
    return Read(
        {"CHAP": "chapter", "BOOK": "book"}[entry["type_of_reference"]],
        entry["title"],
        entry.get("secondary_title", ""),
        *entry["authors"],
        entry.get("edition", "").removeprefix("Version "),
        entry["date"].replace("/", "-"),
        entry.get("urls", [""])[0],
    )


def csl(text):
    (item,) = json.loads(text)
    known = CiteProcJSON([item])[item["id"]]
    (author,) = known["author"]
    date = known["issued"]
    parts = (date.get("year"), date.get("month"), date.get("day"))
    return Read(
        str(known["type"]),
        str(known["title"]),
        str(known.get("container_title", "")),
        author["literal"],
        str(known.get("version", "")),
        "-".join(f"{part:02d}" for part in parts if part),
        str(known.get("URL", "")),
    )


def rendered(text):
    """The reference that a style makes of an item of CSL-JSON."""
    items = json.loads(text)
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    source = CiteProcJSON(items)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    bibliography.register(Citation([CitationItem(items[0]["id"])]))
    return " ".join(str(line) for line in bibliography.bibliography())


READERS = {"bib": bibtex, "ris": ris, "json": csl}
