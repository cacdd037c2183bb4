"""Does a new chapter keep every rule from its first minute, or else not begin?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

import check_book
import new_chapter
from foible.threat import failure_mode, failure_modes

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
NEW = [
    ("attacks", "reprogramming"),
    ("attacks", "physical_patch"),
    ("failures", "corruption"),
]


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


def contents(tree):
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def run(tree, *command):
    """A command of the project, in the copy and on its code."""
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "code")},
        capture_output=True,
        text=True,
        check=False,
    )


def listed(tree, part):
    toc = yaml.safe_load((tree / "_toc.yml").read_text(encoding="utf-8"))
    captions = [p["caption"] for p in toc["parts"]]
    chapters = toc["parts"][captions.index(part)]["chapters"]
    return captions, [Path(chapter["file"]).name for chapter in chapters]


@pytest.mark.parametrize(("part", "name"), NEW)
def test_a_new_chapter_keeps_the_rules_of_the_book(tree, capsys, part, name):
    status = new_chapter.main(tree, part, name)

    capsys.readouterr()
    checked = check_book.main(tree, finished=False)
    said = capsys.readouterr().out
    assert (status, checked) == (0, 0), said
    assert not said.endswith(" 0 parts to be written\n")


@pytest.mark.parametrize(("part", "name"), NEW)
def test_what_is_still_to_be_written_cannot_be_merged(tree, capsys, part, name):
    new_chapter.main(tree, part, name)

    status = check_book.main(tree, finished=True)

    assert status == 1
    assert f"book/{part}/{name}.md:" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(("part", "name"), NEW)
def test_a_new_chapter_is_formatted_and_its_own_tests_pass(tree, part, name):
    new_chapter.main(tree, part, name)

    written = (f"code/foible/{part}", f"tests/{part}")
    mine = ("tests/test_architecture.py", f"tests/{part}/test_{name}.py")
    for command in (
        ("ruff", "check", *written),
        ("ruff", "format", "--check", *written),
        ("codespell", "-D", "-", "-D", "scripts/words.txt", f"book/{part}", *written),
        ("pytest", "-q", "-p", "no:cacheprovider", *mine),
    ):
        done = run(tree, *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("part", "name"), NEW)
def test_a_new_chapter_is_typed_and_its_book_is_green(tree, part, name):
    if (ROOT / "_build" / "records").is_dir():
        shutil.copytree(ROOT / "_build" / "records", tree / "_build" / "records")
    new_chapter.main(tree, part, name)

    typed = run(tree, "mypy", f"code/foible/{part}/{name}.py")
    built = run(tree, "jupyter-book", "build", ".")

    assert typed.returncode == 0, typed.stdout
    assert built.returncode == 0, built.stdout[-8000:] + built.stderr[-8000:]
    page = tree / "_build" / "html" / "book" / part / f"{name}.html"
    claim = BeautifulSoup(page.read_text("utf-8"), "html.parser").article.strong
    assert claim.text == "Doing nothing moves the accuracy by 0.0 points."


def test_chapters_are_listed_in_the_order_of_the_taxonomy(tree):
    for name in ("dependency", "physical_patch", "reprogramming"):
        new_chapter.main(tree, "attacks", name)
    for name in ("corruption", "reward_hacking"):
        new_chapter.main(tree, "failures", name)

    captions, attacks = listed(tree, "Attacks")
    _, failures = listed(tree, "Failures")
    order = [mode.stem for mode in failure_modes()]
    assert captions == ["Foundations", "Attacks", "Failures", "Back matter"]
    new = [
        stem
        for stem in attacks
        if stem in ("dependency", "physical_patch", "reprogramming")
    ]
    assert new == sorted(
        ("dependency", "physical_patch", "reprogramming"), key=order.index
    )
    assert failures == ["reward_hacking", "corruption"]


@pytest.mark.parametrize("mode", failure_modes(), ids=lambda mode: mode.stem)
def test_every_failure_mode_has_a_template_that_can_be_filled(tmp_path, mode):
    shutil.copy(ROOT / "_toc.yml", tmp_path)

    found = new_chapter.files(tmp_path, mode.part, mode.stem)

    page = found[Path("book", mode.part, f"{mode.stem}.md")]
    assert f"({mode.stem})=\n# {failure_mode(mode.stem).title}\n" in page
    assert not any(
        len(line) > 88
        for line in found[
            Path(f"code/foible/{mode.part}") / f"{mode.stem}.py"
        ].splitlines()
    )


@pytest.mark.parametrize(
    ("part", "name", "reason"),
    [
        ("sorcery", "reprogramming", "got PART=sorcery; wanted attacks or failures"),
        ("attacks", "Evasion", "NAME=Evasion, which is no failure mode; wanted one of"),
        ("attacks", "../reprogramming", "which is no failure mode"),
        ("attacks", "", "which is no failure mode"),
        ("failures", "reprogramming", "make chapter PART=attacks NAME=reprogramming"),
        ("attacks", "supply_chain", "supply_chain.md is there already; edit it, or"),
    ],
)
def test_a_wrong_or_taken_name_is_refused_and_nothing_is_written(
    tree, capsys, part, name, reason
):
    before = contents(tree)

    status = new_chapter.main(tree, part, name)

    assert status == 1
    assert reason in capsys.readouterr().out
    assert contents(tree) == before


@pytest.mark.parametrize(
    "file",
    ["code/foible/attacks/reprogramming.py", "tests/attacks/test_reprogramming.py"],
)
def test_a_module_or_a_test_of_that_name_is_not_overwritten(tree, capsys, file):
    (tree / file).write_text("mine = 1\n", encoding="utf-8")
    before = contents(tree)

    status = new_chapter.main(tree, "attacks", "reprogramming")

    assert status == 1
    assert f"{file} is there already" in capsys.readouterr().out
    assert contents(tree) == before
