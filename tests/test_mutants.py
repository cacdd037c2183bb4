"""Are mutants small, runnable, and met by the right chapters and tests?"""

import ast

import pytest

import mutants

CODE = """
def f(x: int | None = None, *, n: int = 3) -> float | None:
    if x < 0:
        raise BadInput(f"got {x + 1}")
    return x * 2.5 if not x > 4 else -max(x + 1e-9, 2)
"""


def test_what_runs_can_be_changed_and_what_refuses_or_describes_cannot():
    tree = ast.parse(CODE)

    found = {
        ast.unparse(node): ast.unparse(mutants.changed(node))
        for node in mutants.places(tree)
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
    assert list(mutants.places(ast.parse(kept))) == []


def test_each_mutant_differs_from_its_file_in_one_place():
    for mutant in mutants.drawn(20, seed=1, only=[]):
        path = mutants.PACKAGE / mutant.file
        old = ast.unparse(ast.parse(path.read_text("utf-8"))).splitlines()
        new = mutants.source(mutant).splitlines()

        assert len(old) == len(new)
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
        ast.parse(mutants.source(mutant))


def _paths(mutant):
    return [path for path in mutants.tests(mutant) if path.startswith("tests/")]


def test_each_mutant_is_met_by_a_chapter_and_by_tests():
    of_rooms = [found[0] for found in mutants.rooms().values()]

    for mutant in of_rooms:
        assert 1 <= len(mutants.chapters(mutant)) <= mutants.CHAPTERS_A_MUTANT
        assert all((mutants.ROOT / path).exists() for path in _paths(mutant))


def test_a_room_that_does_not_exist_is_named():
    with pytest.raises(SystemExit, match=r"got rooms \['attic'\]; wanted some of"):
        mutants.drawn(3, seed=0, only=["attic"])


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "RESULTS", tmp_path / "mutants.json")
    met = []

    def noticed(mutant):
        met.append(mutant)
        return mutants.Verdict(mutant, "red" if mutant.number % 2 else "", "")

    monkeypatch.setattr(mutants, "met", noticed)
    return met


def _main(number):
    with pytest.raises(SystemExit):
        mutants.main(number, 0, 1, [], listed=False)


def test_a_run_goes_on_where_it_stood_until_something_changes(results, monkeypatch):
    _main(40)
    whole = len(results)

    _main(40)
    assert len(results) == whole

    monkeypatch.setattr(mutants, "fingerprint", lambda: "changed")
    _main(40)
    assert len(results) == 2 * whole


def test_survivors_alone_are_met_again(results):
    _main(40)
    living = [m for m in results if m.number % 2 == 0]
    results.clear()

    with pytest.raises(SystemExit):
        mutants.again(1)

    assert results == living
    assert len(mutants.last_run()[1]) >= 40
