"""What does the package offer to whoever imports it? Read from its text, not run.

So a build needs no torch to say it, and types stand as they are written: `Seed`, not
what `foible.domains` makes of it. A public name is listed under the package that
exports it; what a package does not export is listed after that, by its own module.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from foible.threat import parts

ROOMS = (*parts(), "defences")  # whose packages have a page each
SECTION = re.compile(r"^(Parameters|Returns|Yields|Raises|Warns)\n-+\n", re.MULTILINE)
ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.+))?")
SAID = re.compile(r"([A-Z]\w+): (?=\S)")  # as in "BadInput: rows that are none."

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Doc:
    """A docstring: its text, the entries of its sections, what it says of errors."""

    text: str
    sections: dict[str, list[tuple[str, str, str]]]  # name, type, description
    said: list[tuple[str, str]]


def doc(text: str) -> Doc:
    """A docstring in its parts."""
    begin, *rest = SECTION.split(text)
    told, sections = [begin], {}
    for name, body in zip(rest[::2], rest[1::2], strict=True):
        entries, after = _entries(body)
        sections[name] = entries
        told.append(after)
    kept, said = [], []
    for part in "\n\n".join(told).split("\n\n"):
        if named := SAID.match(part.lstrip("\n")):
            said.append((named[1], part.lstrip("\n")[named.end() :]))
        elif part.strip():
            kept.append(part.strip("\n"))
    return Doc("\n\n".join(kept), sections, said)


def _entries(body: str) -> tuple[list[tuple[str, str, str]], str]:
    """What a section names, and the paragraphs after it."""
    found: list[tuple[str, str, str]] = []
    lines = body.rstrip().split("\n")
    for number, line in enumerate(lines):
        if line and not line.startswith(" "):
            if number and not lines[number - 1] and not ENTRY.fullmatch(line):
                return found, "\n".join(lines[number:])
            name, _, kind = line.partition(" : ")
            found.append((name, kind, ""))
        elif found:
            name, kind, text = found[-1]
            found[-1] = name, kind, f"{text}\n{line.removeprefix('    ')}".lstrip("\n")
    return found, ""


@dataclass(frozen=True)
class Thing:
    """A public name: where it is listed, and where it is defined."""

    module: str
    name: str
    node: Definition
    note: str
    source: "Source" = field(repr=False)

    @property
    def full(self) -> str:
        """Its name from `foible` on."""
        return f"{self.module}.{self.name}"

    @cached_property
    def doc(self) -> Doc:
        """What is said of it."""
        return doc(self.note)

    @property
    def methods(self) -> Iterator["Thing"]:
        """What a class can do, and what it knows."""
        if isinstance(self.node, ast.ClassDef):
            for node in self.node.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    note = ast.get_docstring(node) or ""
                    yield Thing(self.full, node.name, node, note, self.source)


class Source:
    """A module as it is written."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.tree = ast.parse(path.read_text("utf-8"))
        self.note = ast.get_docstring(self.tree) or ""

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for."""
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for one in node.names:
                    found[one.asname or one.name] = f"{node.module}.{one.name}"
        return found

    @cached_property
    def defined(self) -> dict[str, tuple[Definition, str]]:
        """What it defines for others, each with what is said of it."""
        found: dict[str, tuple[Definition, str]] = {}
        for node, after in zip(
            self.tree.body, [*self.tree.body[1:], None], strict=True
        ):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[node.name] = node, ast.get_docstring(node) or ""
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                to = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if note := _string(after):  # what says nothing is not for others
                    found[ast.unparse(to)] = node, note
        return {name: it for name, it in found.items() if not name.startswith("_")}


def _string(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


class Package:
    """All of the package, by the modules that have a page."""

    def __init__(self, folder: Path) -> None:
        self.sources: dict[str, Source] = {}
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            if not any(part.startswith("_") for part in parts if part != "__init__"):
                name = ".".join(parts).removesuffix(".__init__")
                self.sources[name] = Source(path, name)

    @cached_property
    def pages(self) -> list[str]:
        """The modules that have a page each."""
        return [name for name in self.sources if name and name == page_of(name)]

    def inside(self, page: str) -> dict[str, list[Thing]]:
        """What a page lists, by module: first what the package itself exports."""
        source = self.sources[page]
        own = [Thing(page, n, *it, source) for n, it in source.defined.items()]
        exported = set()
        for name, origin in source.imported.items():
            module, _, called = origin.rpartition(".")
            known = self.sources.get(module)
            if known and module.startswith(f"{page}.") and called in known.defined:
                own.append(Thing(page, name, *known.defined[called], known))
                exported.add(origin)
        found = {page: own}
        for module, known in self.sources.items():
            if module.startswith(f"{page}."):
                found[module] = [
                    Thing(module, name, *it, known)
                    for name, it in known.defined.items()
                    if f"{module}.{name}" not in exported
                ]
        return {module: things for module, things in found.items() if things}

    @cached_property
    def public(self) -> dict[str, Thing]:
        """Every name by which a thing can be imported, those of its origin too."""
        found = {}
        for page in self.pages:
            for things in self.inside(page).values():
                for thing in things:
                    found[f"{thing.source.name}.{_called(thing.node)}"] = thing
                    found[thing.full] = thing
        return found


def _called(node: Definition) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    return ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def page_of(module: str) -> str:
    """The module on whose page another is listed; "" for what holds rooms only."""
    names = module.split(".")
    depth = 3 if len(names) > 1 and names[1] in ROOMS else 2
    return ".".join(names[:depth]) if len(names) >= depth else ""


def stem(module: str) -> str:
    """The name of a module's page."""
    return module.replace(".", "-")
