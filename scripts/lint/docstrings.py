"""Does a docstring of the package name what its function takes and refuses?

Of every public function, method and class:

- "Parameters" names only what the signature has;
- of many arguments the docstring says something of half at least, in a section or in
  its prose, or whose they are like: "as for `pgd`";
- an error other than BadInput, which the border may raise before any, is named.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from foible import errors
from foible_book.api import Package, Thing

MANY = 7  # arguments, without `self`
LIKE = re.compile(r"\b[Aa]s (?:for|of )?\s*`|\bthe (?:rest|others) \w+ as\b")
WORD = re.compile(r"\w+")
RAISED = set(vars(errors)) - {"BadInput"}


def defects(root: Path) -> Iterator[tuple[Path, int, str]]:
    """The file, the line and what is wrong."""
    known = Package(root / "code" / "foible")
    for page in known.pages:
        for things in known.inside(page).values():
            for thing in things:
                for one in (thing, *thing.methods):
                    path = Path(*one.source.name.split(".")).with_suffix(".py")
                    if not (root / "code" / path).is_file():
                        path = path.with_suffix("") / "__init__.py"
                    for wrong in _wrong(one, thing):
                        yield Path("code", path), one.node.lineno, wrong


def _wrong(one: Thing, owner: Thing) -> Iterator[str]:
    node, doc = one.node, one.doc
    if not isinstance(node, ast.FunctionDef):
        return
    given = _arguments(node.args)
    told = [
        name
        for names, _, _ in doc.sections.get("Parameters", [])
        for name in _each(names)
    ]
    if strange := [name for name in told if name not in given]:
        yield f"{one.name} tells of {strange[0]}, which it does not take"
    if len(given) >= MANY and not LIKE.search(one.note):
        said = set(WORD.findall(one.note))
        silent = [name for name in given if not {name, name.rstrip("s")} & said]
        if len(silent) > len(given) / 2:
            yield f"{one.name} says nothing of {', '.join(silent)}"
    for error in sorted(_raised(node) & RAISED):
        if error not in f"{one.note} {owner.note}":
            yield f"{one.name} raises {error}, and does not say so"


def _arguments(given: ast.arguments) -> list[str]:
    every = [
        *given.posonlyargs,
        *given.args,
        *given.kwonlyargs,
        given.vararg,
        given.kwarg,
    ]
    return [one.arg for one in every if one and one.arg not in ("self", "cls")]


def _each(names: str) -> list[str]:
    return [name.strip().lstrip("*") for name in names.split(",")]


def _raised(node: ast.FunctionDef) -> set[str]:
    """The names of the errors that the body itself makes."""
    made = (it.exc for it in ast.walk(node) if isinstance(it, ast.Raise) and it.exc)
    return {ast.unparse(it.func if isinstance(it, ast.Call) else it) for it in made}
