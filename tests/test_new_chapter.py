"""Does a new chapter keep every rule from its first minute, or else not begin?"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import test_architecture
import yaml
from bs4 import BeautifulSoup

import new_chapter
from foible.threat import failure_mode, failure_modes
from lint import check_book

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
COPIED = (
    "_config.yml",
    "_toc.yml",
    "book",
    "code",
    "constraints.txt",
    "pyproject.toml",
)
NEW = [  # the chapters that are still to come
    mode
    for mode in failure_modes()
    if not (ROOT / "book" / mode.part.stem / f"{mode.stem}.md").exists()
]
LAYOUT = [
    f"tests/test_architecture.py::test_{name}"
    for name in (
        "chapter_package_and_test_share_a_stem",
        "every_module_has_a_test_of_its_own_or_of_its_package",
        "the_package_names_its_public_modules_and_loads_none",
        "every_page_is_in_the_table_of_contents_and_every_entry_exists",
    )
]
THREAT = "tests/test_threat.py"
TOC = """parts:
  - caption: Foundations
    chapters:
      - file: book/foundations/ethics
  - caption: Attacks
    chapters:
      - file: book/attacks/supply_chain
  - caption: Back matter
    chapters:
      - file: book/glossary
      - file: book/reference/reference
        sections:
          - file: book/reference/foible-arrays
          - file: book/reference/foible-store
"""


def each(modes):
    return pytest.mark.parametrize("mode", modes, ids=lambda mode: mode.stem)


@pytest.fixture
def tree(tmp_path):
    """A copy of the project, as far as a chapter can touch it."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")
    for name in (*COPIED, "tests", "scripts"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path)
    return tmp_path


@pytest.fixture
def begun(tree):
    """The same, with all that is still to come begun."""
    if not NEW:
        pytest.skip("every failure mode is a chapter")
    for mode in NEW:
        assert new_chapter.main(tree, mode.part.stem, mode.stem) == 0
    return tree


@pytest.fixture
def bare(tmp_path):
    """A book of one chapter, as far as it decides where another begins."""
    page = tmp_path / "book/attacks/supply_chain.md"
    page.parent.mkdir(parents=True)
    page.touch()
    package = tmp_path / "code/foible/__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text('__all__ = [\n    "errors",\n    "findings",\n]\n')
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    (tmp_path / "book/addresses.yml").write_text("pages:\n  - book/index\nmoved: {}\n")
    return tmp_path


def contents(tree):
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def run(tree, *command):
    """A command of the project, in the copy and on its code."""
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": f"{tree / 'code'}:{tree / 'scripts'}"},
        capture_output=True,
        text=True,
        check=False,
    )


@each(NEW)
def test_a_new_chapter_keeps_the_rules_from_its_first_minute(tree, capsys, mode):
    status = new_chapter.main(tree, mode.part.stem, mode.stem)

    capsys.readouterr()
    checked = check_book.main(tree, finished=False)
    said = capsys.readouterr().out
    assert (status, checked) == (0, 0), said
    assert not said.endswith(" 0 parts to be written\n")
    found = test_architecture.defects(tree / "code")
    assert [d for d in found if f"{mode.part.stem}.{mode.stem}" in d] == []


def test_what_is_still_to_be_written_cannot_be_merged(begun, capsys):
    status = check_book.main(begun, finished=True)

    said = capsys.readouterr().out
    assert status == 1
    assert all(f"book/{mode.part.stem}/{mode.stem}.md:" in said for mode in NEW)


def test_a_further_part_of_the_book_is_one_entry_of_the_taxonomy(tree):
    path = tree / "code/foible/taxonomy.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    mode = {
        "stem": "stumbling",
        "title": "Stumbling",
        "definition": "The attacker puts something where the robot will step.",
        "violates": ["integrity"],
        "names": {},
    }
    part = {
        "stem": "robots",
        "title": "Robots",
        "holds": "somebody makes a robot fail.",
        "attacker": True,
        "modes": [mode],
    }
    path.write_text(json.dumps([*table, part]), encoding="utf-8")

    mine = "tests/robots/test_stumbling.py"
    written = ("code/foible/robots", mine)
    words = ("-D", "-", "-D", "scripts/words.txt", *written)
    for command in (
        ("python", "scripts/new_chapter.py", "robots", "stumbling"),
        ("python", "-m", "lint.check_book"),
        ("ruff", "check", *written),
        ("ruff", "format", "--check", *written),
        ("codespell", *words),
        ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *LAYOUT, THREAT),
        ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", mine),
    ):
        done = run(tree, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    toc = (tree / "_toc.yml").read_text(encoding="utf-8")
    assert "  - caption: Robots\n    chapters:\n      - file: book/robo" in toc


@pytest.mark.slow
def test_new_chapters_are_formatted_and_typed_and_their_tests_pass(begun):
    packages = [f"code/foible/{mode.part.stem}/{mode.stem}" for mode in NEW]
    tests = [f"tests/{mode.part.stem}/test_{mode.stem}.py" for mode in NEW]
    pages = [f"book/{mode.part.stem}/{mode.stem}.md" for mode in NEW]
    written = (*packages, *tests)
    mine = ("tests/test_architecture.py", *tests)
    for command in (
        ("ruff", "check", *written),
        ("ruff", "format", "--check", *written),
        ("codespell", "-D", "-", "-D", "scripts/words.txt", *pages, *written),
        ("mypy", *packages),
        ("pytest", "-q", "-p", "no:cacheprovider", *mine),
    ):
        done = run(begun, *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_book_with_new_chapters_is_green(begun):
    if (ROOT / "_build" / "records").is_dir():
        shutil.copytree(ROOT / "_build" / "records", begun / "_build" / "records")

    built = run(begun, "jupyter-book", "build", ".")

    assert built.returncode == 0, built.stdout[-8000:] + built.stderr[-8000:]
    for mode in NEW:
        page = begun / "_build/html/book" / mode.part.stem / f"{mode.stem}.html"
        claim = BeautifulSoup(page.read_text("utf-8"), "html.parser").find(
            class_="claim"
        )
        assert claim.text == "Doing nothing moves the accuracy by 0.0 points."


def test_a_new_chapter_is_listed_behind_those_of_its_part(bare):
    begun = [
        ("attacks", "reprogramming"),
        ("attacks", "evasion"),
        ("failures", "corruption"),
        ("failures", "reward_hacking"),
    ]
    for part, name in begun:
        new_chapter.main(bare, part, name)

    known = yaml.safe_load((bare / "book/addresses.yml").read_text(encoding="utf-8"))
    pages = [
        page
        for part, name in begun
        for page in (f"book/{part}/{name}", f"book/reference/foible-{part}-{name}")
    ]
    assert known == {"pages": ["book/index", *pages], "moved": {}}
    toc = yaml.safe_load((bare / "_toc.yml").read_text(encoding="utf-8"))
    listed = {
        part["caption"]: [Path(chapter["file"]).name for chapter in part["chapters"]]
        for part in toc["parts"]
    }
    assert list(listed) == ["Foundations", "Attacks", "Failures", "Back matter"]
    assert listed["Attacks"] == ["supply_chain", "reprogramming", "evasion"]
    assert listed["Failures"] == ["corruption", "reward_hacking"]
    reference = toc["parts"][-1]["chapters"][-1]["sections"]
    looked_up = [f"foible-{part}-{name}" for part, name in begun]
    assert [Path(page["file"]).name for page in reference] == sorted(
        ["foible-arrays", "foible-store", *looked_up]
    )
    assert all((bare / f"book/reference/{page}.md").exists() for page in looked_up)


def test_parts_are_listed_in_the_order_of_the_taxonomy():
    toc = "parts:\n  - caption: Back matter\n    chapters: []\n"
    for name in ("corruption", "evasion"):
        toc = new_chapter.with_entry(toc, failure_mode(name))

    captions = [part["caption"] for part in yaml.safe_load(toc)["parts"]]
    assert captions == ["Attacks", "Failures", "Back matter"]


def test_the_first_chapter_of_a_part_makes_its_package_public(bare):
    new_chapter.main(bare, "failures", "corruption")

    package = (bare / "code/foible/__init__.py").read_text(encoding="utf-8")
    assert '"errors",\n    "failures",\n    "findings",\n' in package


@each(failure_modes())
def test_every_failure_mode_has_a_template_that_can_be_filled(bare, mode):
    (bare / "book/attacks/supply_chain.md").unlink()

    found = new_chapter.files(bare, mode.part.stem, mode.stem)

    page = found[Path("book", mode.part.stem, f"{mode.stem}.md")]
    assert f"({mode.stem})=\n# {failure_mode(mode.stem).title}\n" in page
    code = [text for path, text in found.items() if path.suffix == ".py"]
    assert all(len(line) <= 88 for text in code for line in text.splitlines())


@pytest.mark.parametrize(
    ("part", "name", "reason"),
    [
        (
            "sorcery",
            "reprogramming",
            "got PART=sorcery; wanted attacks or language or failures",
        ),
        ("attacks", "Evasion", "NAME=Evasion, which is no failure mode; wanted one of"),
        ("attacks", "../reprogramming", "which is no failure mode"),
        ("attacks", "", "which is no failure mode"),
        ("failures", "reprogramming", "make chapter PART=attacks NAME=reprogramming"),
        ("attacks", "supply_chain", "supply_chain.md is there already; edit it, or"),
    ],
)
def test_a_wrong_or_taken_name_is_refused_and_nothing_is_written(
    bare, capsys, part, name, reason
):
    before = contents(bare)

    status = new_chapter.main(bare, part, name)

    assert status == 1
    assert reason in capsys.readouterr().out
    assert contents(bare) == before


@pytest.mark.parametrize(
    "file",
    [
        "code/foible/attacks/reprogramming.py",
        "code/foible/attacks/reprogramming/judges.py",
        "tests/attacks/test_reprogramming.py",
    ],
)
def test_a_module_or_a_test_of_that_name_is_not_overwritten(bare, capsys, file):
    (bare / file).parent.mkdir(parents=True, exist_ok=True)
    (bare / file).write_text("mine = 1\n", encoding="utf-8")
    before = contents(bare)

    status = new_chapter.main(bare, "attacks", "reprogramming")

    assert status == 1
    assert f"{file} is there already" in capsys.readouterr().out
    assert contents(bare) == before
