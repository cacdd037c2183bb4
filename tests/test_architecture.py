"""The layout of the package, of the book and of the tests, held by a test."""

import ast
import re
import shutil
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FLOORS = (
    {"errors", "threat", "arrays", "metrics", "search", "plots", "vision"}
    | {"signs", "camera"},
    {"data", "oracle", "evidence"},
    {"models", "torch_files"},
    {"victim", "serving", "artefacts"},
    {"judging", "cast"},
    {"attacks", "failures", "defences"},
    {"findings", "__init__"},
)
ALONE = {  # what only these modules may import
    "torch": {"models", "torch_files", "vision"},
    "torchvision": {"vision"},
    "pickle": {"artefacts"},
    "IPython": {"findings"},
    "sphinx": set(),
    "myst_nb": set(),
}


def floor(module):
    return next(i for i, names in enumerate(FLOORS) if module.split(".")[0] in names)


def modules(code):
    """Every module of the package by its name below `foible`."""
    package = code / "foible"
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts), ast.parse(path.read_text("utf-8"))


def imports(tree):
    """Full names of all that a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "foible.relative." + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_defects(name, tree):
    for full in imports(tree):
        top, *rest = full.split(".")
        if top in ALONE and name.split(".")[0] not in ALONE[top]:
            allowed = ", ".join(sorted(ALONE[top])) or "no module of the package"
            yield f"{name} imports {top}; only {allowed} may"
        if top != "foible" or not rest or rest[0] == "errors":
            continue
        if rest[0] == "relative":
            yield f"{name} imports relatively; write the full name"
            continue
        other = rest[0]
        if other not in set().union(*FLOORS):
            continue
        if floor(other) > floor(name):
            yield f"{name} imports {other}, which stands on a higher floor"
        elif floor(other) == floor(name) == 5 and rest[:2] != name.split(".")[:2]:
            sibling = ".".join(rest[:2])
            yield f"{name} imports its sibling {sibling}; sink what both need"


def signature_defects(name, tree):
    """Attacks that are handed a Victim: only judges may hold one."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        if node.name.startswith(("judge", "_")):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for argument in arguments:
            if argument.annotation and "Victim" in ast.unparse(argument.annotation):
                yield f"{name}.{node.name} takes a Victim; only a judge may hold one"


def defects(code):
    """All that is wrong with the package under a source root."""
    found = []
    if (code / "__init__.py").exists():
        found.append("code/__init__.py exists: it would hide Python's own module code")
    trees = dict(modules(code))
    for name, tree in trees.items():
        try:
            floor(name)
        except StopIteration:
            found.append(f"{name} stands on no floor; give it one in this test")
            continue
        found += import_defects(name, tree)
        if name.startswith("attacks."):
            found += signature_defects(name, tree)
    return found


@pytest.fixture
def code(tmp_path):
    return Path(
        shutil.copytree(
            ROOT / "code",
            tmp_path / "code",
            ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
        )
    )


def test_the_package_keeps_to_its_floors():
    assert defects(ROOT / "code") == []


@pytest.mark.parametrize(
    ("file", "source", "message"),
    [
        (
            "foible/metrics.py",
            "from foible import victim",
            "metrics imports victim, which stands on a higher floor",
        ),
        (
            "foible/oracle.py",
            "def late():\n    from foible.models import forest",
            "oracle imports models, which stands on a higher floor",
        ),
        (
            "foible/attacks/supply_chain.py",
            "from foible.defences import signing",
            "attacks.supply_chain imports its sibling defences.signing",
        ),
        (
            "foible/attacks/supply_chain.py",
            "def steal(victim: 'Victim | None') -> None: ...",
            "attacks.supply_chain.steal takes a Victim",
        ),
        ("foible/data.py", "import pickle", "data imports pickle; only artefacts may"),
        (
            "foible/serving.py",
            "from torch import nn",
            "serving imports torch; only models, torch_files, vision may",
        ),
        ("foible/data.py", "from . import errors", "data imports relatively"),
        ("foible/sorcery.py", "", "sorcery stands on no floor"),
        ("foible/plots.py", "import sphinx", "no module of the package may"),
        ("__init__.py", "", "code/__init__.py exists"),
    ],
)
def test_a_planted_defect_is_found(code, file, source, message):
    path = code / file
    path.write_text((path.read_text() if path.exists() else "") + f"\n{source}\n")

    found = defects(code)

    assert any(message in defect for defect in found), found


def test_a_judge_may_hold_a_victim(code):
    path = code / "foible/attacks/supply_chain.py"
    path.write_text("def judge_it(victim: 'Victim') -> None: ...\n")

    assert defects(code) == []


@pytest.mark.parametrize("part", ["attacks", "failures"])
def test_chapter_module_and_test_share_a_stem(part):
    stems = {
        "chapter": {path.stem for path in (ROOT / "book" / part).glob("*.md")},
        "module": {
            path.stem
            for path in (ROOT / "code/foible" / part).glob("*")
            if not path.stem.startswith("__")
        },
        "test": {
            path.stem.removeprefix("test_")
            for path in (ROOT / "tests" / part).glob("test_*.py")
        },
    }

    assert stems["chapter"] == stems["module"] == stems["test"]


def test_every_module_has_a_test_of_its_own_or_of_its_package():
    tested = {path.stem.removeprefix("test_") for path in ROOT.glob("tests/**/*.py")}
    parts = {"__init__", "attacks", "defences", "failures"}
    names = {name for name, _ in modules(ROOT / "code")} - parts

    assert {name for name in names if not tested & set(name.split("."))} == set()


def test_every_page_is_in_the_table_of_contents_and_every_entry_exists():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = {toc["root"]} | {
        chapter["file"] for part in toc["parts"] for chapter in part["chapters"]
    }
    pages = {
        str(path.relative_to(ROOT).with_suffix(""))
        for path in (ROOT / "book").rglob("*.md")
        if not path.relative_to(ROOT / "book").parts[0].startswith("_")
    }

    assert listed == pages


def test_every_source_named_in_a_docstring_is_in_the_bibliography():
    entries = (ROOT / "book/references.bib").read_text("utf-8")
    keys = set(re.findall(r"^@\w+\{([^,]+),", entries, re.MULTILINE))
    named = {
        key
        for name, tree in modules(ROOT / "code")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
        for key in re.findall(r"\[([a-z]+\d{4}[a-z]+)\]", ast.get_docstring(node) or "")
    }

    assert named - keys == set()
    assert len(named) >= 5
