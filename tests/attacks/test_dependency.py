import base64
import hashlib
import io
import subprocess
import sys
import zipfile

import pytest

from foible.attacks import dependency
from foible.attacks.dependency import Project, judges, worlds
from foible.defences import installing
from foible.errors import BadInput

PROJECT = Project("ink-reader", "1.2.0")


@pytest.fixture(scope="module")
def pip():
    with installing.pip() as run:
        yield run


def harmed(attack, control, pip, seed=1):
    return judges._met(attack, [control], seed=seed, pip=pip)[control].harm


# ---------------------------------------------------------------- archives


def test_the_record_of_a_wheel_is_the_digest_of_its_files():
    made = dependency.wheel(PROJECT, "x = 1\n")

    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        record = archive.read("ink_reader-1.2.0.dist-info/RECORD").decode()
        module = archive.read("ink_reader.py")
    listed = next(line for line in record.splitlines() if "ink_reader.py" in line)
    digest = hashlib.sha256(module).hexdigest()
    kept = listed.split("sha256=")[1].split(",")[0]
    assert bytes.fromhex(digest) == base64.urlsafe_b64decode(kept + "=")


def test_a_payload_makes_its_marker_and_nothing_else(tmp_path):
    marker = tmp_path / "it's here"

    subprocess.run([sys.executable, "-c", dependency.marking(marker)], check=True)

    assert list(tmp_path.iterdir()) == [marker]
    assert marker.read_bytes() == b""


def test_a_misspelt_name_has_the_same_letters_in_another_order(tmp_path):
    seal = worlds.Seal(lambda content: b"s", b"k")

    for seed in range(5):
        name = dependency.misspelt(tmp_path, PROJECT, "", seal=seal, seed=seed)
        assert name != PROJECT.name
        assert sorted(name) == sorted(PROJECT.name)
        assert (tmp_path / name / "index.html").exists()


def test_names_are_drawn_and_differ():
    assert len({worlds.drawn(seed).name for seed in range(10)}) > 5
    assert worlds.drawn(3) == worlds.drawn(3)


# ---------------------------------------------------------------- the outcomes


def test_nobody_harms_where_nobody_attacks(pip):
    columns = ["none", *dependency.WAYS]

    ends = judges._met(worlds.Attack(), columns, seed=0, pip=pip)

    assert ends == dict.fromkeys(columns, judges.End(harm=False, well=True))


@pytest.mark.parametrize("name", dependency.ATTACKS)
def test_every_attack_works_without_a_control_and_none_past_all(pip, name):
    ends = judges._met(dependency.ATTACKS[name], ["none", "all"], seed=2, pip=pip)

    assert ends["none"].harm
    assert not ends["all"].harm


@pytest.mark.parametrize("control", [c for c in worlds.MADE_FOR if "all" not in c])
def test_each_control_stops_what_it_is_made_for(pip, control):
    attack = dependency.ATTACKS[worlds.MADE_FOR[control]]

    assert not harmed(attack, control, pip)


@pytest.mark.parametrize("name", ["a build number", "a local version"])
def test_the_version_asked_for_can_be_somebody_elses(pip, name):
    attack = worlds.ELSEWHERE[f"{name}, elsewhere"]

    assert harmed(attack, "==", pip)
    assert not harmed(attack, "hashes", pip)


@pytest.mark.parametrize("name", dependency.TAMPERINGS)
def test_only_the_careless_change_is_found_by_its_record(pip, name):
    attack = worlds.AFTERWARDS[name]

    assert harmed(attack, "RECORD", pip) == (name != "the module patched")
    assert not harmed(attack, "all, wheels", pip)


def test_a_lock_that_comes_too_late_locks_the_attacker_in(pip):
    assert harmed(worlds.EARLY["swapped before the lock"], "hashes", pip)
    assert harmed(worlds.EARLY["built before the lock"], "all, wheels", pip)


def test_a_search_takes_the_first_way_that_works_or_none():
    tried = []

    def lab(way):
        tried.append(way)
        return way == "b"

    assert dependency.first_past(["a", "b", "c"], lab) == "b"
    assert tried == ["a", "b"]
    assert dependency.first_past([], lab) == ""


def test_who_knows_a_control_searches_in_a_lab_of_their_own(monkeypatch):
    worlds_met = []

    def met(attack, columns, *, seed, pip):
        worlds_met.append(seed)
        return dict.fromkeys(columns, judges.End(harm=True, well=True))

    monkeypatch.setattr(judges, "_met", met)
    judges.judge_knowing(trials=1, seed=3)

    assert set(worlds_met) == {3, 3 + judges.LAB}


def test_controls_have_a_price(pip):
    for name, control in (
        ("the next release", "=="),
        ("a new dependency", "one index"),
        ("one offered as source", "only wheels"),
        ("a helper beside the program", "python -P"),
        ("a helper beside the program", "all"),
    ):
        ends = judges._met(worlds.WISHES[name], ["none", control], seed=4, pip=pip)
        assert ends["none"].well
        assert not ends[control].well


def test_a_list_without_digests_lets_a_swapped_wheel_in():
    loose = dependency.judge_requirements(["a==1"], trials=1, seed=0)

    assert loose.value("the wheel swapped", "as it is") == 1
    assert loose.value("the wheel swapped", "with hashes") == 0
    assert loose.value("a misspelt name", "as it is") == 1


def test_no_trial_is_an_error():
    with pytest.raises(BadInput, match="trials"):
        dependency.judge_controls(trials=0, seed=0)
