"""How does a reader take a chapter away, to run it and to change it?

Each page with code is published as a notebook, `notebooks/<stem>.ipynb`, and as a plain
script, `notebooks/<stem>.py`. They are made from the page as it is resolved: numbers,
citations and references stand in the text, which any viewer of notebooks shows, and the
outputs are those of the page. The first cell installs the package as it was in this
build, if the repository has an address.

The workflow that publishes the site puts the same folder on a branch, since Colab and
Binder open what lies on a branch.
"""

import re
from collections import deque
from collections.abc import Iterator
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import jupytext
import nbformat
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from markdownify import ATX, MarkdownConverter
from nbformat.notebooknode import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from foible_book import cite, execution, pages
from foible_book.questions import Check, handed_in
from foible_book.run import Record

log = logging.getLogger(__name__)
FOLDER = "notebooks"
BRANCH = "notebooks"  # where publish.yml puts the folder
RESOLVED = 560  # findings and citations are there; notes and folds are not
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
READY = """import os

os.environ["OMP_NUM_THREADS"] = "1"  # as in the book: other sums end in other digits

import matplotlib.pyplot as plt

plt.style.use("foible.style")"""
NUMBER = re.compile(r"^\(|\).*$")  # what stands around that of an equation
LANGUAGE = re.compile(r"highlight-(\w+)")
VERDICTS = {"right": "**Right.**\n\n", "wrong": "**No.**\n\n"}  # a page's style says it
PLAIN = {"ipython3": "python", "default": "", "none": ""}
ALSO_DRAWN = "image/svg+xml"  # beside the same as PNG
HIDDEN = {
    "hide-input": {"source_hidden": True},
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
}
Cells = list[nbformat.NotebookNode]


# ----------------------------------------------------------------- what runs where


def install(repository: str, commit: str) -> str:
    """The line that installs the package as it was at this commit."""
    if repository and commit:
        return f'%pip install --quiet "{_requirement(repository, commit)}"'
    return (
        "# This needs the package of the book, `foible`:\n"
        "# run `pip install .` in a clone of its repository, then start Jupyter."
    )


def first(repository: str, commit: str) -> str:
    """The first cell: the package, how it counts, and how its figures look."""
    return f"{install(repository, commit)}\n{READY}"


def _requirement(repository: str, commit: str) -> str:
    return f"git+{repository.rstrip('/')}@{commit}"


def links(app: Sphinx, page: str) -> list[tuple[str, str]]:
    """What a reader can do with the code of a page: words and addresses."""
    if page not in _records(app):
        return []
    stem = PurePosixPath(page).name
    here = f"{'../' * page.count('/')}{FOLDER}/{stem}"
    found = [("Notebook", f"{here}.ipynb"), ("Script", f"{here}.py")]
    return found + elsewhere(app.config.foible_repository, stem)


def as_links(app: Sphinx, page: str) -> list[str]:
    """The same as HTML; what lies here is downloaded."""
    kind = {True: "", False: " download"}
    return [
        f'<a href="{escape(address)}"{kind["//" in address]}>{word}</a>'
        for word, address in links(app, page)
    ]


def elsewhere(repository: str, stem: str) -> list[tuple[str, str]]:
    """Where the notebook runs in a browser, if it is published on GitHub."""
    place = urlsplit(repository)
    if place.netloc != "github.com":
        return []
    name = place.path.strip("/")
    return [
        (
            "Colab",
            f"https://colab.research.google.com/github/{name}/blob/{BRANCH}/{stem}.ipynb",
        ),
        (
            "Binder",
            f"https://mybinder.org/v2/gh/{name}/{BRANCH}?urlpath=lab/tree/{stem}.ipynb",
        ),
    ]


# ---------------------------------------------------------------------- the words


class Markdown(MarkdownConverter):
    """The words of a page, in Markdown that any viewer of notebooks shows."""

    def __init__(self, place: str) -> None:
        super().__init__(
            heading_style=ATX, bullets="-", code_language_callback=_language
        )
        self.place = place

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Keep what Markdown would take for a tag or a formula."""
        escaped: str = super().escape(text, parent_tags)  # type: ignore[misc]
        return escaped.replace("<", "&lt;").replace("$", r"\$")

    def convert_math(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """A formula is its TeX again."""
        tex = tag.annotation.get_text()  # type: ignore[union-attr]
        if tag.get("display") != "block":
            return f"${tex}$"
        number = tag.find_next(class_="eqno")
        if number and number.parent == tag.find_parent(class_="foible-math"):
            tex += rf" \tag{{{NUMBER.sub('', number.get_text())}}}"
        return f"\n\n$$\n{tex}\n$$\n\n"

    def convert_span(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """The number of an equation stands in it; other words stay."""
        return "" if "eqno" in (tag.get("class") or []) else text

    def convert_a(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """A link leads to the site, if that has an address; a number is plain."""
        address = urljoin(self.place, str(tag.get("href", "")))
        if "headerlink" in (tag.get("class") or []):
            return ""
        if "found" in (tag.get("class") or []) or not urlsplit(address).scheme:
            return text
        tag.attrs = {"href": address}
        said: str = super().convert_a(tag, text, parent_tags)  # type: ignore[misc]
        return said

    def convert_dt(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """A term, in bold; lists of definitions are not known everywhere."""
        return f"\n\n**{text.strip()}**\n\n"

    def convert_dd(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """What the term means."""
        return f"\n\n{text.strip()}\n\n"

    def convert_details(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """A fold stays a fold: viewers know this much of HTML."""
        return f"\n\n<details>\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, tag: Tag, text: str, parent_tags: set[str]) -> str:
        """The line of a fold that is always seen, and whether an answer is right."""
        around = tag.parent.get("class") if tag.parent else None
        verdict = "".join(VERDICTS.get(kind, "") for kind in around or "")
        return f"<summary>{tag.get_text().strip()}</summary>\n\n{verdict}"


def _language(block: Tag) -> str:
    """The language of a block of code, by the class around it."""
    around = block.find_parent(class_=lambda name: name and "highlight-" in name)
    names = " ".join(around.get("class") or []) if around else ""
    found = LANGUAGE.search(names)
    return PLAIN.get(found[1], found[1]) if found else ""


# ---------------------------------------------------------------------- the cells


class Telling:
    """A page on its way into the cells of a notebook."""

    def __init__(self, app: Sphinx, page: str) -> None:
        self.builder = cast("Any", app.builder)
        self.builder.fignumbers = app.env.toc_fignumbers.get(page, {})
        base = app.config.html_baseurl
        self.place = base and f"{base}{app.builder.get_target_uri(page)}"
        path = Path(app.env.doc2path(page))
        outputs = _records(app)[page].outputs
        self.sources = execution.sources(path)
        self.code = deque(zip(self.sources, outputs, strict=False))

    def cells(self, section: nodes.Element, depth: int) -> Iterator[Any]:
        """What a section says and runs."""
        waiting: list[nodes.Node] = []
        for part in section.children:
            if not isinstance(part, nodes.section | Check) and not _is_cell(part):
                waiting.append(part)
                continue
            yield from self._said(waiting, depth)
            waiting = []
            if isinstance(part, nodes.section):
                yield from self.cells(part, depth + 1)
            elif isinstance(part, Check):
                yield from self._said([part], depth)
                yield from self._asked(part)
            else:
                yield from self._run(part)
        yield from self._said(waiting, depth)

    def _said(self, parts: list[nodes.Node], depth: int) -> Iterator[Any]:
        heading = ""
        if parts and isinstance(parts[0], nodes.title):
            heading = f"{'#' * depth} {self.markdown(parts[0].children)}\n\n"
            parts = parts[1:]
        if text := (heading + self.markdown(parts)).strip():
            yield new_markdown_cell(text)  # type: ignore[no-untyped-call]

    def _asked(self, check: Check) -> Iterator[Any]:
        """A cell for an answer; its solution is the code that comes next."""
        if not self.code:
            told = "got a check with no cell below; wanted the solution of its exercise"
            log.warning(told, location=check)
            return
        solution = self.code[0][0]
        name = re.compile(rf"\b{check['name']}\b")
        if any(name.search(source) for source in self.sources if source != solution):
            told = "got the answer %s, which other cells use; wanted a name of its own"
            log.warning(told, check["name"], location=check)
        source = handed_in(check, solution)
        yield new_code_cell(source, metadata={"tags": ["check"]})  # type: ignore[no-untyped-call]

    def _run(self, cell: nodes.Element) -> Iterator[Any]:
        source, outputs = self.code.popleft()
        tags = cell["cell_metadata"].get("tags", [])
        folded = next((HIDDEN[tag] for tag in tags if tag in HIDDEN), None)
        yield new_code_cell(  # type: ignore[no-untyped-call]
            source,
            outputs=from_dict([kept(o, _alternative(cell)) for o in outputs]),  # type: ignore[no-untyped-call]
            metadata={"tags": tags} | ({"jupyter": folded} if folded else {}),
        )
        for caption in cell.findall(nodes.caption):
            words = [part for part in caption if not isinstance(part, nodes.raw)]
            yield new_markdown_cell(f"**Figure.** {self.markdown(words)}")  # type: ignore[no-untyped-call]

    def markdown(self, parts: list[nodes.Node]) -> str:
        """These parts of the page, in Markdown."""
        if not parts:
            return ""
        inline = isinstance(parts[0], nodes.Text | nodes.Inline)
        around = nodes.paragraph() if inline else nodes.container()
        around += [part.deepcopy() for part in parts]
        html = self.builder.render_partial(around)["fragment"]
        text: str = Markdown(self.place).convert(html)
        return text.strip()


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _alternative(cell: nodes.Element) -> str:
    """What one would see in the picture of a cell."""
    drawn = "".join(raw.astext() for raw in cell.findall(nodes.raw))
    image = BeautifulSoup(drawn, "html.parser").img
    plain = cell.next_node(nodes.image)
    return str((image or plain or {}).get("alt", ""))


def kept(output: dict[str, Any], alternative: str) -> dict[str, Any]:
    """An output with a picture in one form, which says what one would see."""
    data = output.get("data", {})
    if "image/png" not in data:
        return output
    rest = {kind: data[kind] for kind in data if kind != ALSO_DRAWN}
    said = {"image/png": {"alt": alternative}} if alternative else {}
    return output | {"data": rest, "metadata": said}


# ---------------------------------------------------------------------- the files


def write(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Publish a page with code, as it is now."""
    section = doctree.next_node(nodes.section)
    if page not in _records(app) or section is None or app.builder.format != "html":
        return
    installing = first(app.config.foible_repository, app.config.foible_commit)
    cells = [
        new_code_cell(installing, metadata={"tags": ["install"]}),  # type: ignore[no-untyped-call]
        *Telling(app, page).cells(section, 1),
    ]
    cells[1]["source"] += f"\n\n{_origin(app, page)}"
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(exist_ok=True)
    stem = PurePosixPath(page).name
    book = _notebook(cells, app.env.titles[page].astext(), app.config.author)
    nbformat.write(book, folder / f"{stem}.ipynb")  # type: ignore[no-untyped-call]
    script = jupytext.writes(book, fmt="py:percent")
    (folder / f"{stem}.py").write_text(script, encoding="utf-8")


def _notebook(cells: Cells, title: str, author: str) -> nbformat.NotebookNode:
    """A notebook whose cells have the same names in every build."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    told = {"title": title, "authors": [{"name": author}], "kernelspec": KERNEL}
    language = {"language_info": {"name": "python"}}
    book = new_notebook(cells=cells, metadata=told | language)  # type: ignore[no-untyped-call]
    nbformat.validate(book)
    found: nbformat.NotebookNode = book
    return found


def _origin(app: Sphinx, page: str) -> str:
    """Where a notebook comes from, and what may be done with it."""
    base = app.config.html_baseurl
    book = f"[{cite.BOOK}]({base}{app.builder.get_target_uri(page)})"
    parts = [book if base else cite.BOOK, app.config.foible_version]
    parts += [f"by {app.config.author}", "text and figures CC BY 4.0, code MIT"]
    return f"*{', '.join(filter(None, parts))}.*"


def finish(app: Sphinx, error: Exception | None) -> None:
    """Say what Binder needs, and take away what the book no longer has."""
    folder = Path(app.outdir, FOLDER)
    if error or not folder.is_dir():
        return
    stems = {PurePosixPath(page).name for page in _records(app)}
    if app.config.foible_repository and app.config.foible_commit:
        needs = _requirement(app.config.foible_repository, app.config.foible_commit)
        (folder / "requirements.txt").write_text(f"{needs}\n", encoding="utf-8")
        (folder / "runtime.txt").write_text("python-3.11\n", encoding="utf-8")
        stems |= {"requirements", "runtime"}
    for path in folder.iterdir():
        if path.stem not in stems:
            path.unlink()


def remember(app: Sphinx, records: dict[str, Record]) -> None:
    """Keep what the chapters gave, until their pages are written."""
    vars(app)["foible_records"] = records


def _records(app: Sphinx) -> dict[str, Record]:
    records: dict[str, Record] = vars(app).get("foible_records", {})
    return records


def look_around(app: Sphinx, config: Config) -> None:
    """Know the commit that is built: every first cell names it."""
    config.foible_commit = pages.said_by_git(Path(app.srcdir), "rev-parse", "HEAD")


def offer(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give the foot of each page its links."""
    context["foible_notebook"] = as_links(app, page)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Publish every page with code as a notebook."""
    app.add_config_value("foible_commit", "", "html", str)
    app.connect("config-inited", look_around)
    app.connect("chapters-ready", remember)
    app.connect("doctree-resolved", write, priority=RESOLVED)
    app.connect("html-page-context", offer)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
