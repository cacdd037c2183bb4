"""Sphinx extension: results that the prose quotes by name.

A cell states a result with `foible.findings.finding`. Its chapter quotes it with the
role glue:text, every other page with

    {finding}`supply_chain.accuracy_before`

so that no result is typed. The claim of a chapter shows its numbers in the colours of
their roles: {victim}`accuracy_before`, {attacked}`accuracy_after`, {defended}`caught`.
Every number is a quiet link to the cell that made it. One from the literature is
marked, {cited}`84.8 %`, and stands as it is written. At the end of a green build all
findings are in `findings.json` beside the pages, and those that differ from the
accepted ones in `book/findings.json` are listed. As a script (`make findings`) it
prints that list; given the `findings.json` of another build, it compares with that one.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

MIME = "application/vnd.foible.finding+json"
FILE = "findings.json"
AFTER_JUDGEMENT = 950
ROLES = ("victim", "attacked", "defended")  # in whose colour a claim shows a number
QUOTED = re.compile(r"\w+\.\w+")  # a finding, before its number is known
KEPT = ("value", "text", "between", "range", "n", "interval")
MADE = "made-"  # begins the anchor of a cell, before the name of its first finding

Findings = dict[str, dict[str, Any]]


def collect(app: Sphinx, page: str, notebook: NotebookNode) -> None:
    """Keep the findings among a chapter's outputs; a page shows them in its prose."""
    found: Findings = {}
    anchors = {}
    for index, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        shown = [o["data"][MIME] for o in outputs if MIME in o.get("data", {})]
        if not shown:
            continue
        cell.outputs = [o for o in outputs if MIME not in o.get("data", {})]
        anchors[index] = f"{MADE}{shown[0]['name']}"
        for it in shown:
            kept = {key: it[key] for key in it if key in KEPT}
            made = {"chapter": page, "made": anchors[index]}
            found[f"{Path(page).name}.{it['name']}"] = kept | made
    _of_pages(app.env)[page] = found
    anchors_of(app.env)[page] = anchors


def cite_finding(
    role: str, raw: str, name: str, line: int, inliner: Inliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role that quotes a finding of another page."""
    return [_quote(raw, name, line, inliner)], []


def cite_own(
    role: str, raw: str, name: str, line: int, inliner: Inliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The roles that quote a finding of the page itself; those of a claim colour it."""
    stem = Path(inliner.document.settings.env.docname).name
    node = _quote(raw, f"{stem}.{name}", line, inliner)
    if role in ROLES:
        node["classes"].append(f"role-{role}")
    return [node], []


def _quote(raw: str, name: str, line: int, inliner: Inliner) -> nodes.inline:
    """The place of a number, which is known when all chapters are read."""
    env = inliner.document.settings.env
    node = nodes.inline(raw, name, classes=["finding"], finding=name)
    node.source, node.line = env.doc2path(env.docname), line
    return node


def cite_literature(
    role: str, raw: str, text: str, line: int, inliner: Inliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role that marks a number as somebody else's."""
    return [nodes.Text(text)], []


def resolve(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the text of each quoted finding in its place."""
    known = all_of(app.env)
    for node in [n for n in doctree.findall(nodes.inline) if "finding" in n]:
        name = node["finding"]
        if name in known:
            node[:] = [_link(app, page, known[name])]
        else:
            logger.warning(
                "no finding is called %r; wanted <chapter>.<name>; most like it: %s",
                name,
                ", ".join(get_close_matches(name, known, cutoff=0.3)) or "none",
                location=node,
            )


def _link(app: Sphinx, page: str, finding: dict[str, Any]) -> nodes.reference:
    """The number, as a quiet link to the cell that made it."""
    there = app.builder.get_relative_uri(page, finding["chapter"])
    text = nodes.Text(finding["text"])
    return nodes.reference(
        "",
        "",
        text,
        refuri=f"{there}#{finding['made']}",
        reftitle=known_of(finding),
        classes=["found"],
        internal=True,
    )


def told(text: str, known: Findings) -> str:
    """A text in which each finding that it quotes is its number."""
    return QUOTED.sub(lambda it: known.get(it[0], {}).get("text", it[0]), text)


def known_of(finding: dict[str, Any]) -> str:
    """What is known of a number besides: n, its interval, and its range."""
    parts = []
    if "n" in finding:
        parts.append(f"n = {finding['n']:,}")
        parts.append("95% interval {} to {}".format(*finding["interval"]))
    if "range" in finding:
        parts.append("held to {} to {}".format(*finding["range"]))
    return ", ".join(parts)


def anchor(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Give each cell that made a finding its anchor."""
    made = anchors_of(app.env).get(page, {})
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and cell["cell_index"] in made:
            cell["ids"].append(made[cell["cell_index"]])
            cell["classes"].append("made")


def check_names(app: Sphinx, env: BuildEnvironment) -> None:
    """Two chapters may not state findings of one name."""
    owners: dict[str, str] = {}
    for page, findings in sorted(_of_pages(env).items()):
        for name in findings:
            if name in owners:
                logger.warning(
                    "the finding %s is also stated by %s; give one another name",
                    name,
                    owners[name],
                    location=page,
                )
            owners[name] = page


def publish(app: Sphinx, exception: Exception | None) -> None:
    """After a green build: write the findings, and say which ones moved."""
    if exception or app.statuscode or app.builder.format != "html":
        return
    findings = dict(sorted(all_of(app.env).items()))
    text = json.dumps(findings, indent=2, ensure_ascii=False) + "\n"
    Path(app.outdir, FILE).write_text(text, encoding="utf-8")
    if not os.environ.get("FOIBLE_DATA"):
        for line in moved(findings, accepted(Path(app.srcdir))):
            logger.info("%s", line)


def accepted(root: Path) -> Findings:
    """The findings that were last accepted with `make accept`."""
    path = root / "book" / FILE
    return _read(path) if path.exists() else {}


def moved(built: Findings, accepted: Findings) -> Iterator[str]:
    """A line for each finding that is not as it was accepted."""
    for name in sorted(built | accepted):
        now, then = built.get(name), accepted.get(name)
        if now is None:
            yield f"gone   {name}: was {_said(then)}"
        elif then is None:
            yield f"new    {name}: {_said(now)}"
        elif _said(now) != _said(then):
            yield f"moved  {name}: {_said(then)} -> {_said(now)}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the roles, collect what chapters state, publish it at the end."""
    app.setup_extension("foible_book.execution")
    app.add_role("finding", cite_finding)
    app.add_role("cited", cite_literature)
    for role in ROLES:
        app.add_role(role, cite_own)
    app.add_role_to_domain("glue", "text", cite_own, override=True)  # type: ignore[arg-type]
    app.connect("chapter-outputs", collect)
    app.connect("env-check-consistency", check_names)
    app.connect("doctree-resolved", resolve)
    app.connect("doctree-resolved", anchor)
    app.connect("build-finished", publish, priority=AFTER_JUDGEMENT)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _of_pages(env: BuildEnvironment) -> dict[str, Findings]:
    pages: dict[str, Findings] = vars(env).setdefault("foible_findings", {})
    return pages


def anchors_of(env: BuildEnvironment) -> dict[str, dict[int, str]]:
    """For each page, the anchors of its cells that state findings, and of others."""
    anchors: dict[str, dict[int, str]] = vars(env).setdefault("foible_anchors", {})
    return anchors


def all_of(env: BuildEnvironment) -> Findings:
    """Every finding that a chapter has stated, by its full name, page by page."""
    return {n: f for _, page in sorted(_of_pages(env).items()) for n, f in page.items()}


def _said(finding: dict[str, Any] | None) -> str:
    return f"{finding['text']} (between {finding['between']})" if finding else ""


def _read(path: Path) -> Findings:
    findings: Findings = json.loads(path.read_text(encoding="utf-8"))
    return findings


def main(root: Path, other: Path | None = None, built: Path | None = None) -> None:
    """Print what the last green build changed: since it was accepted, or since other.

    With two files, what the second changed since the first.

    The text and the range of a finding count; the digits that nobody sees do not.
    """
    built = built or root / "_build" / "html" / FILE
    if not built.exists():
        sys.exit(f"{built} is missing: there is no green build; run `make book` first")
    lines = list(moved(_read(built), _read(other) if other else accepted(root)))
    print("\n".join(lines) or f"every finding is as {'there' if other else 'accepted'}")


if __name__ == "__main__":
    main(Path(), *map(Path, sys.argv[1:3]))
