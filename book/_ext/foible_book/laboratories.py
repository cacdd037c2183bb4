"""Where does a reader move what a chapter has measured? In a laboratory.

    :::{lab} evasion-digits             what a cell hands over, `foible.laboratory`
    :guess: How many of ten are read?   a question first
    :answers: all | some | none         what may be guessed

    What to do.

    What to see.
    :::

It is hidden without a script; with one, the question stands there, and its answer
opens the experiment. `static/lab.js` is what all of them stand on,
`static/labs/<chapter>-<what>.js` what this one does. The parts are in
`labs/<chapter>-<what>.<digest>.js`, which is a script and not JSON since a page that
is read from a folder may load nothing else.
"""

import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from foible_book import findings, folds

MIME = "application/vnd.foible.laboratory+json"
FOLDER = "labs"
STATIC = Path(__file__).parents[2] / "_theme" / "foible" / "static"
ENGINE = "lab.js"
Parts = dict[str, dict[str, Any]]
log = logging.getLogger(__name__)


class laboratory(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """An experiment, with the sentences beside it."""


class Laboratory(SphinxDirective):
    """The directive."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "guess": directives.unchanged_required,
        "answers": lambda said: [one.strip() for one in said.split("|")],
    }

    def run(self) -> list[nodes.Node]:
        """The sentences, and what the page needs to know."""
        name, here = self.arguments[0], self.get_location()
        node = laboratory(name=name, ids=[f"lab-{name}"], classes=["lab"])
        self.set_source_info(node)
        node["guess"] = self.options.get("guess", "")
        node["answers"] = self.options.get("answers", [])
        node += self.parse_content_to_nodes()
        if not node["guess"] or not 2 <= len(node["answers"]) <= 5:
            log.warning(
                "got the laboratory %s with %d answers to guess from; wanted :guess:, "
                "a question, and :answers:, two to five parted by |",
                name,
                len(node["answers"]),
                location=here,
            )
        if len(node.children) != 2:
            log.warning(
                "got %d paragraphs in the laboratory %s; wanted two: what to do, and "
                "what to see",
                len(node.children),
                name,
                location=here,
            )
        return [node]


def collect(app: Sphinx, page: str, notebook: NotebookNode) -> None:
    """Keep what the cells of a chapter hand over; the page shows it elsewhere."""
    found: Parts = {}
    anchors = findings.anchors_of(app.env).setdefault(page, {})
    for index, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        for output in outputs:
            if record := output.get("data", {}).get(MIME):
                found[record["name"]] = record["parts"]
                made = anchors.setdefault(index, f"{findings.MADE}{record['name']}")
                _cells(app.env)[record["name"]] = made
        if outputs:
            cell.outputs = [o for o in outputs if MIME not in o.get("data", {})]
    _of_pages(app.env)[page] = found


def furnish(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write what the laboratories of a page are made of, and say where it lies."""
    if app.builder.format != "html":
        return
    known, up = _of_pages(app.env).get(page, {}), "../" * page.count("/")
    for node in doctree.findall(laboratory):
        name = node["name"]
        if folds.folded(node):
            log.warning(
                "got the laboratory %s in a fold, where nobody finds it; wanted it in "
                "the open text",
                name,
                location=node,
            )
        if name not in known:
            log.warning(
                "no cell of this page hands over %s; wanted laboratory(%r, ...) from "
                "foible.laboratory",
                name,
                name,
                location=node,
            )
            continue
        logic = f"labs/{name}.js"
        if not Path(STATIC, logic).exists():
            log.warning(
                "%s is missing in the theme's static folder; it says what the "
                "laboratory shows",
                logic,
                location=node,
            )
            continue
        file = write(Path(app.outdir, FOLDER), name, known[name])
        scripts = (versioned(ENGINE), versioned(logic))
        node["cell"] = _cells(app.env)[name]
        node["scripts"] = " ".join(
            [*(f"{up}_static/{script}" for script in scripts), f"{up}{FOLDER}/{file}"]
        )
    shown = {node["name"] for node in doctree.findall(laboratory)}
    for name in sorted(set(known) - shown):
        log.warning(
            "a cell hands over %s, and no {lab} of this page shows it",
            name,
            location=(page, 1),
        )


def write(folder: Path, name: str, parts: dict[str, Any]) -> str:
    """The parts as a script, named by what is in it."""
    said = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = f"labParts({json.dumps(name)},{said});\n"
    file = f"{name}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.js"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    return file


def versioned(static: str) -> str:
    """The address of a script of the theme, which changes with what it says."""
    digest = hashlib.sha256(Path(STATIC, static).read_bytes()).hexdigest()[:8]
    return f"{static}?v={digest}"


def enter(self: HTML5Translator, node: laboratory) -> None:
    """Begin the section that a script makes the experiment of."""
    told = {
        "data-lab": node["name"],
        "data-scripts": node.get("scripts", ""),
        "data-cell": node.get("cell", ""),
        "data-guess": node["guess"],
        "data-answers": json.dumps(node["answers"], ensure_ascii=False),
    }
    said = " ".join(f'{key}="{escape(value)}"' for key, value in told.items())
    self.body.append(
        f'<section class="lab" id="{node["ids"][0]}" aria-label="Laboratory" '
        f"{said} hidden>"
    )


def leave(self: HTML5Translator, _: laboratory) -> None:
    """End it."""
    self.body.append("</section>\n")


def announce(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Say in the head of a page what an address that opens a laboratory will want."""
    those = doctree.findall(laboratory) if doctree else ()
    context["foible_laboratories"] = [
        (node["name"], node["scripts"]) for node in those if "scripts" in node
    ]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the directive."""
    app.add_directive("lab", Laboratory)
    app.add_node(laboratory, html=(enter, leave))
    app.connect("chapter-outputs", collect)
    app.connect("doctree-resolved", furnish, priority=findings.AFTER_JUDGEMENT)
    app.connect("html-page-context", announce)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _cells(env: BuildEnvironment) -> dict[str, str]:
    """The anchor of the cell that hands over a laboratory."""
    cells: dict[str, str] = vars(env).setdefault("foible_laboratory_cells", {})
    return cells


def _of_pages(env: BuildEnvironment) -> dict[str, Parts]:
    pages: dict[str, Parts] = vars(env).setdefault("foible_laboratories", {})
    return pages
