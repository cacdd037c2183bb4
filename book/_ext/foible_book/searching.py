"""What does the search know? Every section of the book, by the words in it.

The index is a script, `search-index.js`, loaded when a reader begins to type, so that
it works offline and from a folder. It holds the sections, terms of the glossary first.
The sections in which a word, a plural with its singular, stands are in a script for its
first letter, `search/<letter>.js`, loaded when a word that begins so is asked for: a
search costs what is asked, however long the book is. `book/search.yml` says which other
words readers use, and what the book does not have.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from string import ascii_letters
from typing import Any, NamedTuple

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.search.en import english_stopwords
from sphinx.util.typing import ExtensionMetadata

from foible_book import figures, findings, folds

FILE, FOLDER = "search-index.js", "search"
WORD = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
AFTER_WRITING = 800


class Section(NamedTuple):
    """A place that a search can lead to."""

    page: str
    anchor: str
    title: str
    words: frozenset[str]


def words(text: str) -> set[str]:
    """The words of a text that are worth finding; parts of compounds too."""
    found = set(WORD.findall(text.lower().replace("’", "'")))
    found |= {part for word in found for part in re.split(r"[-_.]", word)}
    return {word for word in found - english_stopwords if len(word) > 1}


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the sections of a page that was read."""
    page = app.env.docname
    found = []
    for term in doctree.findall(nodes.definition_list_item):
        for name in term.findall(nodes.term):
            if name["ids"]:
                said = frozenset(words(name.astext()))
                found.append(Section(page, name["ids"][0], name.astext(), said))
    for figure in doctree.findall(nodes.figure):
        for caption in figure.findall(nodes.caption):
            message = figures.message(caption.astext())
            said = frozenset(words(f"{caption.astext()} {figure['ids'][0]} figure"))
            found.append(Section(page, figure["ids"][0], f"Figure: {message}", said))
    for thing in doctree.findall(addnodes.desc_signature):
        if thing["ids"] and "." not in thing["fullname"]:  # methods are found by class
            said = thing.parent.next_node(nodes.paragraph)
            text = f"{thing['fullname']} {said.astext() if said else ''}"
            name = thing["ids"][0].removeprefix("foible.")
            anchor = thing["ids"][0]
            found.append(Section(page, anchor, anchor, frozenset(words(text))))
    for section in doctree.findall(nodes.section):
        title = section[0].astext() if isinstance(section[0], nodes.title) else ""
        parts = [
            child
            for child in section.children
            if not isinstance(child, nodes.section | nodes.title)
        ]
        text = " ".join(
            node.astext()
            for part in parts
            for kind in (nodes.paragraph, nodes.caption)
            for node in part.findall(kind)
        )
        said = frozenset(words(f"{title} {text}"))
        found.append(Section(page, section["ids"][0], title, said))
    _sections(app.env)[page] = found


def index(app: Sphinx) -> dict[str, str]:
    """The scripts that hold what the search knows, by their names."""
    found = _sections(app.env)
    pages = [page for page in sorted(found) if page in app.env.titles]
    listed = [section for page in pages for section in found[page]]
    known = findings.all_of(app.env)
    where: dict[str, list[int]] = defaultdict(list)
    for number, section in enumerate(listed):
        for word in section.words:
            where[word].append(number)
    for word in [word for word in where if word.endswith("s") and word[:-1] in where]:
        where[word[:-1]] = sorted({*where[word[:-1]], *where.pop(word)})
    of_letter: dict[str, list[str]] = defaultdict(list)
    for word in sorted(where):
        of_letter[word[0]].append(f"{word}:{_steps(where[word])}")
    said: dict[str, Any] = {
        "pages": [_page(app, page, found[page], known) for page in pages],
        "letters": "".join(of_letter),
        **yaml.safe_load(Path(app.srcdir, "book", "search.yml").read_text("utf-8")),
    }
    return {FILE: _call("foibleIndex", said)} | {
        f"{FOLDER}/{letter}.js": _call("foibleWords", letter, " ".join(entries))
        for letter, entries in of_letter.items()
    }


def _call(name: str, *given: Any) -> str:
    words = (json.dumps(g, ensure_ascii=False, separators=(",", ":")) for g in given)
    return f"{name}({','.join(words)});\n"


def _shown(title: str, known: findings.Findings) -> str:
    """A title as its page shows it, with numbers where it quotes findings."""
    title = title.removeprefix(folds.EVIDENCE).strip()
    title = findings.told(title, known)
    return title[:1].upper() + title[1:]


def _page(
    app: Sphinx, page: str, sections: list[Section], known: findings.Findings
) -> list[Any]:
    """Its address, its title and its sections; a module's names without the module."""
    title = app.env.titles[page].astext()
    said = [
        s.anchor.removeprefix(f"{title}.")
        if s.anchor.startswith(f"{title}.")
        else [s.anchor, _shown(s.title, known)]
        for s in sections
    ]
    return [app.builder.get_target_uri(page), title, said]


def _steps(numbers: list[int]) -> str:
    """Rising numbers as the steps between them, a letter each, to stay small.

    Before the letter of a step of 52 or more stands how many times 52 it is.
    """
    steps = [n - b for n, b in zip(numbers, [0, *numbers[:-1]], strict=True)]
    many = len(ascii_letters)
    return "".join(f"{s // many or ''}{ascii_letters[s % many]}" for s in steps)


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write the scripts beside the pages."""
    if exception is None and app.builder.format == "html":
        Path(app.outdir, FOLDER).mkdir()
        for name, script in index(app).items():
            Path(app.outdir, name).write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Make the search."""
    app.connect("doctree-read", collect)
    app.connect("build-finished", publish, priority=AFTER_WRITING)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _sections(env: BuildEnvironment) -> dict[str, list[Section]]:
    sections: dict[str, list[Section]] = vars(env).setdefault("foible_sections", {})
    return sections
