"""The layout of the package, of the book and of the tests, held by a test."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import foible
from foible.threat import parts

ROOT = Path(__file__).parents[1]
FLOORS = (
    {
        "errors",
        "threat",
        "arrays",
        "border",
        "domains",
        "metrics",
        "search",
        "plots",
        "vision",
        "road",
        "checks",
    },
    {"data", "oracle", "evidence"},
    {"models", "torch_files"},
    {"victim", "serving", "calling", "artefacts", "store"},
    {"judging", "cast"},
    {*parts(), "defences"},
    {"findings", "laboratory", "exercises", "checkup"},
    {"__init__", "__main__"},
)
PARTS = {*parts(), "defences"}
ATTACKS = tuple(f"{part}." for part in parts())  # attackers and judges
HOLDERS = {"victim", "judging", "cast"}  # what holds a victim, or makes one
LOOKING = {"gc", "importlib", "inspect"}
EVIDENCE = {"Separation", "DoseResponse", "BeforeAfter", "Matrix"}
ALONE = {  # what only these modules may import
    "torch": {"models", "torch_files", "vision"},
    "torchvision": {"vision"},
    "pickle": {"artefacts", "torch_files"},
    "IPython": {"findings", "laboratory"},
    "sphinx": set(),
    "myst_nb": set(),
}


def floor(module):
    return next(i for i, names in enumerate(FLOORS) if module.split(".")[0] in names)


def files(code):
    """Every file of the package by the name of its module below `foible`."""
    package = code / "foible"
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts), path


def modules(code):
    """Every module of the package, as a tree, by its name below `foible`."""
    for name, path in files(code):
        yield name, ast.parse(path.read_text("utf-8"))


def imports(tree):
    """Full names of all that a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "foible.relative." + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reached(full, names):
    """The module that an import means: itself, or the module that holds the name."""
    name = full.removeprefix("foible.")
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def package(name):
    """What a module belongs to: the first two names of an attack, else the first."""
    parts = name.split(".")
    return ".".join(parts[:2] if parts[0] in PARTS else parts[:1])


def is_attacker(name):
    return name.count(".") == 2 and name.startswith(ATTACKS) and not is_judge(name)


def is_judge(name):
    return name.endswith(".judges")


def import_defects(name, tree, names):
    for full in imports(tree):
        top, *rest = full.split(".")
        if top in ALONE and name.split(".")[0] not in ALONE[top]:
            allowed = ", ".join(sorted(ALONE[top])) or "no module of the package"
            yield f"{name} imports {top}; only {allowed} may"
        if top in LOOKING and is_attacker(name):
            yield f"{name} imports {top}, with which an attack could look around"
        if top != "foible" or not rest or rest[0] == "errors":
            continue
        if rest[0] == "relative":
            yield f"{name} imports relatively; write the full name"
            continue
        other = reached(full, names)
        if not other:
            continue
        if floor(other) > floor(name):
            yield f"{name} imports {other}, which stands on a higher floor"
        elif (
            package(other) != package(name)
            and floor(other) == floor(name) >= 4
            and not is_judge(name)
        ):
            yield f"{name} imports its sibling {other}; sink what both need"
        if is_attacker(name) and (package(other) in HOLDERS or is_judge(other)):
            yield f"{name} imports {other}, which holds a victim; only judges.py may"
        if is_attacker(name) and other == package(name):
            yield f"{name} imports its own package; name the file that it means"


def annotation_defects(name, tree):
    """Parameters of attackers that could be anything, and so a victim."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for argument in arguments:
            said = argument.annotation and ast.unparse(argument.annotation)
            if said is None and argument.arg not in {"self", "cls"}:
                yield f"{name}.{node.name} does not say what {argument.arg} is"
            if said in {"Any", "object"} and not node.name.startswith("_"):
                yield f"{name}.{node.name} takes anything as {argument.arg}"


def judge_defects(name, tree):
    """Judges that give no evidence."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            gives = node.returns and ast.unparse(node.returns)
            if not node.name.startswith("judge"):
                yield f"{name}.{node.name} is no judge; call it so, or move it"
            if gives not in EVIDENCE:
                yield f"{name}.{node.name} gives {gives}; a judge gives evidence"


def size_defects(name, path, tree):
    lines = len(path.read_text("utf-8").splitlines())
    if lines > 400:
        yield f"{name} has {lines} lines; wanted 400 at most"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if lines > 40:
                yield f"{name}.{node.name} has {lines} lines; wanted 40 at most"


def circles(trees):
    """Modules that import each other in a loop, by the imports of their files."""
    names = set(trees)
    edges = {
        name: {reached(full, names) for full in imports(tree) if "foible" in full}
        - {"", name}
        for name, tree in trees.items()
    }
    while free := [name for name, others in edges.items() if not others & set(edges)]:
        for name in free:
            del edges[name]
    return [f"{name} is part of a circle of imports" for name in sorted(edges)]


def defects(code):
    """All that is wrong with the package under a source root."""
    found = []
    if (code / "__init__.py").exists():
        found.append("code/__init__.py exists: it would hide Python's own module code")
    trees = dict(modules(code))
    paths = {name: path for name, path in files(code)}
    for name, tree in trees.items():
        try:
            floor(name)
        except StopIteration:
            found.append(f"{name} stands on no floor; give it one in this test")
            continue
        found += import_defects(name, tree, set(trees))
        found += size_defects(name, paths[name], tree)
        if is_attacker(name):
            found += annotation_defects(name, tree)
        if is_judge(name):
            found += judge_defects(name, tree)
    return found + circles(trees)


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
            "foible/attacks/supply_chain/traps.py",
            "from foible.defences import signing",
            "attacks.supply_chain.traps imports its sibling defences.signing",
        ),
        (
            "foible/attacks/membership_inference/cheat.py",
            "from foible.judging.games import Game\n"
            "def knows(game: Game) -> Bools:\n    return game.member",
            "imports judging.games, which holds a victim; only judges.py may",
        ),
        (
            "foible/attacks/evasion/cheat.py",
            "def knows(victim):\n    return victim.rows.y",
            "cheat.knows does not say what victim is",
        ),
        (
            "foible/attacks/evasion/cheat.py",
            "def knows(victim: Any) -> Ints:\n    return victim.rows.y",
            "cheat.knows takes anything as victim",
        ),
        (
            "foible/attacks/evasion/cheat.py",
            "import gc",
            "imports gc, with which an attack could look around",
        ),
        (
            "foible/attacks/evasion/cheat.py",
            "from foible.attacks.evasion.judges import judge",
            "imports attacks.evasion.judges, which holds a victim",
        ),
        (
            "foible/attacks/evasion/cheat.py",
            "from foible.attacks.evasion import pgd",
            "imports its own package; name the file that it means",
        ),
        (
            "foible/attacks/evasion/judges.py",
            "def judge_it(victim: Victim) -> int:\n    return 0",
            "judges.judge_it gives int; a judge gives evidence",
        ),
        (
            "foible/attacks/evasion/judges.py",
            "def fooled(victim: Victim) -> Matrix: ...",
            "judges.fooled is no judge; call it so, or move it",
        ),
        ("foible/search.py", "x = 1\n" * 400, "lines; wanted 400 at most"),
        (
            "foible/search.py",
            "def long() -> None:\n" + "    x = 1\n" * 41,
            "search.long has 41 lines; wanted 40 at most",
        ),
        (
            "foible/arrays.py",
            "from foible import search",
            "search is part of a circle of imports",
        ),
        (
            "foible/data.py",
            "import pickle",
            "data imports pickle; only artefacts, torch_files may",
        ),
        (
            "foible/serving.py",
            "from torch import nn",
            "serving imports torch; only models, torch_files, vision may",
        ),
        ("foible/data.py", "from . import errors", "data imports relatively"),
        ("foible/sorcery.py", "", "sorcery stands on no floor"),
        ("foible/plots/looks.py", "import sphinx", "no module of the package may"),
        ("__init__.py", "", "code/__init__.py exists"),
    ],
)
def test_a_planted_defect_is_found(code, file, source, message):
    path = code / file
    path.write_text((path.read_text() if path.exists() else "") + f"\n{source}\n")

    found = defects(code)

    assert any(message in defect for defect in found), found


def test_a_judge_may_hold_a_victim_and_know_its_defences(code):
    path = code / "foible/attacks/supply_chain/judges.py"
    path.write_text(
        "from foible.defences import signing\n"
        "from foible.victim import Victim\n"
        "def judge_it(victim: Victim) -> Matrix: ...\n"
    )

    assert [d for d in defects(code) if "judges" in d] == []


@pytest.mark.parametrize("part", parts())
def test_chapter_package_and_test_share_a_stem(part):
    stems = {
        "chapter": {path.stem for path in (ROOT / "book" / part).glob("*.md")},
        "package": {
            path.parent.name
            for path in (ROOT / "code/foible" / part).glob("*/__init__.py")
        },
        "test": {
            path.stem.removeprefix("test_")
            for path in (ROOT / "tests" / part).glob("test_*.py")
        },
    }

    assert stems["chapter"] == stems["package"] == stems["test"]


def test_every_module_has_a_test_of_its_own_or_of_its_package():
    paths = [path.relative_to(ROOT / "tests") for path in ROOT.glob("tests/**/*.py")]
    tested = {path.stem.removeprefix("test_") for path in paths}
    tested |= {path.parts[0] for path in paths if len(path.parts) > 1} - PARTS
    names = {name for name, _ in modules(ROOT / "code")}
    names -= {"__init__", "__main__", *PARTS}

    assert {name for name in names if not tested & set(name.split("."))} == set()


def test_the_package_names_its_public_modules_and_loads_none():
    modules_there = {name for name, _ in modules(ROOT / "code") if "." not in name}
    told = "import foible, sys; print(*(m for m in sys.modules if 'foible.' in m))"

    loaded = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    )

    there = modules_there - {"__init__", "__main__"}
    assert foible.__all__ == sorted(there)
    assert loaded.stdout.split() == []


def test_every_page_is_in_the_table_of_contents_and_every_entry_exists():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = {toc["root"]} | {
        page["file"]
        for part in toc["parts"]
        for chapter in part["chapters"]
        for page in (chapter, *chapter.get("sections", []))
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
