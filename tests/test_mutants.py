"""Are mutants small, runnable, and met by the right chapters and tests?"""

import ast

import pytest

import mutants
from mutants import changes, meeting

CODE = """
def f(x: int | None = None, *, n: int = 3) -> float | None:
    if x < 0:
        raise BadInput(f"got {x + 1}")
    return x * 2.5 if not x > 4 else -max(x + 1e-9, 2)
"""


def test_what_runs_can_be_changed_and_what_refuses_or_describes_cannot():
    tree = ast.parse(CODE)

    found = {
        ast.unparse(node): ast.unparse(changes.changed(node))
        for node in changes.places(tree)
    }

    assert found == {
        "x * 2.5": "x / 2.5",
        "2.5": "5.0",
        "not x > 4": "x > 4",
        "x > 4": "x <= 4",
        "4": "1",
        "-max(x + 1e-09, 2)": "max(x + 1e-09, 2)",
        "x + 1e-09": "x - 1e-09",
        "2": "3",
        "max": "min",
    }


@pytest.mark.parametrize("kept", ["int | str", "folder / 'model.pkl'", "f(x)", "'a'"])
def test_a_type_a_path_and_a_text_are_no_place(kept):
    assert list(changes.places(ast.parse(kept))) == []


def test_each_mutant_differs_from_its_file_in_one_place():
    for mutant in mutants.drawn(20, seed=1, only=[]):
        path = mutants.PACKAGE / mutant.file
        code = path.read_text("utf-8")
        old = ast.unparse(ast.parse(code)).splitlines()
        new = changes.with_one(code, mutant.place).splitlines()

        assert len(old) == len(new)
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
        ast.parse("\n".join(new))


def _paths(mutant):
    return [path for path in mutants.tests(mutant) if path.startswith("tests/")]


def test_each_mutant_is_met_by_a_chapter_and_by_tests():
    of_rooms = [found[0] for found in mutants.rooms().values()]

    for mutant in of_rooms:
        number = len(mutants.chapters(mutant))
        if mutant.room in mutants.GROUND:  # unit tests alone must notice
            assert number == 0
        else:
            assert 1 <= number <= mutants.CHAPTERS_A_MUTANT
        assert all((mutants.ROOT / path).exists() for path in _paths(mutant))


def test_a_room_that_does_not_exist_is_named():
    with pytest.raises(SystemExit, match=r"got rooms \['attic'\]; wanted some of"):
        mutants.drawn(3, seed=0, only=["attic"])


@pytest.fixture
def asked(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "RESULTS", tmp_path / "mutants.json")
    asked = []

    def met(words, some):
        asked.append((words[1], some))
        return {one: "red" if one.place % 2 else "" for one in some}

    monkeypatch.setattr(mutants, "met", met)
    return asked


def _main(number):
    with pytest.raises(SystemExit):
        mutants.main(number, 0, 1, [], listed=False)


def test_a_run_goes_on_where_it_stood_until_something_changes(asked, monkeypatch):
    _main(40)
    whole = len(asked)

    _main(40)
    assert len(asked) == whole

    monkeypatch.setattr(mutants, "fingerprint", lambda: "changed")
    _main(40)
    assert len(asked) == 2 * whole


def test_survivors_alone_are_met_again(asked):
    _main(40)
    living = {m for _, some in asked for m in some if m.place % 2 == 0}
    asked.clear()

    with pytest.raises(SystemExit):
        mutants.again(1)

    assert {one for _, some in asked for one in some} == living
    assert len(mutants.Kept().met()) >= 40


PACKAGE = """
\"\"\"A package.\"\"\"
import tempfile
def sign(x):
    return 1 if x > 0 else -1
def size(x):
    return max(x, 0.0) * 2.5
def never():
    return 2 + 3
def kept(x):
    with tempfile.TemporaryDirectory() as folder:
        return [folder, x + 7]
"""
TESTS = """
import subprocess, sys
from foible import kept, room
def test_sign():
    assert room.sign(3) == 1
def test_size():
    assert room.size(1) > 1
def test_kept(tmp_path):
    assert room.kept(1)[1] == 8
def test_elsewhere():
    words = [sys.executable, "-c", "from foible import room; print(room.apart(2))"]
    assert subprocess.check_output(words) == b"4\\n"
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    package = tmp_path / "code" / "foible"
    (package / "attacks").mkdir(parents=True)
    (package / "__init__.py").touch()
    text = PACKAGE.lstrip() + "def apart(x):\n    return x * 2\n"
    (package / "room.py").write_text(text)
    (tmp_path / "tests.py").write_text(TESTS.replace("kept, ", ""))
    (tmp_path / "scripts").symlink_to(mutants.ROOT / "scripts")
    for place in (mutants, meeting):
        monkeypatch.setattr(place, "ROOT", tmp_path)
        monkeypatch.setattr(place, "PACKAGE", package)
    return tmp_path


def test_one_run_says_of_each_mutant_what_a_run_of_its_own_says(small):
    found = mutants.mutants_of(small / "code" / "foible" / "room.py")

    at_once = meeting.met(["tests", "tests.py"], found)

    for one, said in list(at_once.items())[::5]:
        alone = meeting._alone(["tests", "tests.py"], one)
        assert bool(said) == bool(alone), one
    red = {f"{one.before} -> {one.after}" for one, said in at_once.items() if said}
    assert red == {
        "x > 0 -> x <= 0", "max -> min", "x + 7 -> x - 7", "7 -> 1", "1 -> 2",
        "x * 2 -> x / 2", "2 -> 3", "max(x, 0.0) * 2.5 -> max(x, 0.0) / 2.5",
    }  # fmt: skip


def test_a_run_that_is_red_without_a_mutant_lets_each_be_met_alone(small):
    (small / "tests.py").write_text("def test_wrong():\n    assert False\n")
    found = mutants.mutants_of(small / "code" / "foible" / "room.py")[:2]

    assert all(meeting.met(["tests", "tests.py"], found).values())
