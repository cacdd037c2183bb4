import re
import sys
import tempfile
from pathlib import Path

import pytest

from foible.attacks import dependency
from foible.attacks.dependency import judges
from foible.defences import installing
from foible.errors import ArtefactRefused, BadInput

PROJECT = dependency.Project("ink-reader", "1.2.0")
MADE = dependency.wheel(PROJECT, "def read():\n    return 1\n")


@pytest.fixture(scope="module")
def pip():
    with installing.pip() as run:
        yield run


@pytest.fixture
def index(tmp_path):
    dependency.publish(tmp_path / "index", PROJECT.name, MADE)
    return tmp_path / "index"


@pytest.fixture
def site(tmp_path, index, pip):
    plain = installing.Controls()
    place = {"indexes": [index], "controls": plain, "folder": tmp_path / "here"}
    return installing.install(PROJECT.name, pip=pip, **place).site


def test_pip_answers_with_its_exit_code_and_what_it_says(pip):
    assert pip(["--version"]).code == 0
    assert "no-such-command" in pip(["no-such-command"]).text
    assert pip(["no-such-command"]).code != 0


def test_the_settings_of_the_machine_are_left_out(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://elsewhere.example")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")

    environment = installing.clean_environment()

    assert not environment.keys() & {"PIP_INDEX_URL", "PYTHONPATH"}
    assert environment["PIP_CONFIG_FILE"] == "/dev/null"


def test_settings_spaces_and_a_missing_home_change_no_outcome(monkeypatch, tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://127.0.0.1:9/none\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/none")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://127.0.0.1:9/other")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("HOME", "/dev/null")
    (tmp_path / "two words").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "two words"))
    attack = dependency.ATTACKS["a later version elsewhere"]

    with installing.pip() as run:
        ends = judges._met(attack, ["none", "one index"], seed=0, pip=run)

    assert [end.harm for end in ends.values()] == [True, False]
    assert ends["one index"].well


def test_what_was_installed_is_the_file_of_the_index(tmp_path, index, pip):
    wish = {"indexes": [index], "controls": installing.Controls(pin="1.2.0")}

    made = installing.install(PROJECT.name, folder=tmp_path / "a", pip=pip, **wish)

    assert made.file == index / PROJECT.name / MADE.file
    assert (made.site / "ink_reader.py").read_text() == "def read():\n    return 1\n"


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("no-such-name", installing.Controls()),
        (PROJECT.name, installing.Controls(pin="1.2.1")),
        (PROJECT.name, installing.Controls(pin="1.2.0", hashes=("0" * 64,))),
    ],
)
def test_what_may_not_be_installed_is_refused(tmp_path, index, pip, name, controls):
    wish = {"indexes": [index], "controls": controls, "folder": tmp_path / "a"}

    with pytest.raises(ArtefactRefused, match="wanted"):
        installing.install(name, pip=pip, **wish)


def test_both_checks_find_nothing_in_an_honest_installation(site):
    assert installing.by_record(site) == []
    assert installing.by_wheels(site, [MADE.content]) == []


def test_a_file_that_was_deleted_is_found_by_both(site):
    (site / "ink_reader.py").unlink()

    assert installing.by_record(site) == ["ink_reader.py"]
    assert installing.by_wheels(site, [MADE.content]) == ["ink_reader.py"]


def test_a_record_is_believed_and_wheels_are_compared(site):
    dependency.patch_and_record(site, PROJECT, "1\n")

    assert installing.by_record(site) == []
    assert installing.by_wheels(site, [MADE.content]) == ["ink_reader.py"]


def test_a_program_that_fails_is_no_good_end(tmp_path, site):
    program = tmp_path / "program.py"
    for text, well in (("import ink_reader", True), ("import nobody", False)):
        program.write_text(text)
        assert installing.start(program, site, safe_path=False) == well


def test_an_unsigned_file_is_refused_where_keys_are_held(site, index):
    made = installing.Installed(site, index / PROJECT.name / MADE.file)

    with pytest.raises(ArtefactRefused, match="unsigned"):
        installing.inspect(
            PROJECT.name,
            made,
            controls=installing.Controls(keys={}),
            verify=lambda *_: None,
        )


@pytest.mark.parametrize(
    ("line", "exact"),
    [
        ("numpy==2.4.6", True),
        ("numpy == 2.4.6; python_version >= '3.11'", True),
        ("numpy==2.4.6 --hash=sha256:00", True),
        ("numpy>=2", False),
        ("numpy==2.*", False),
        ("numpy", False),
    ],
)
def test_a_line_that_leaves_a_choice_is_not_pinned(line, exact):
    assert installing.pinned(line) == exact


def test_a_list_is_as_strict_as_its_laxest_line():
    assert installing.strictest(["a==1", "b==2"]) == "=="
    assert installing.strictest(["a==1 --hash=sha256:0", "b==2"]) == "=="
    assert installing.strictest(["a==1 --hash=sha256:0"]) == "hashes"
    assert installing.strictest(["a==1", "b"]) == "none"
    with pytest.raises(BadInput, match="wanted"):
        installing.strictest([])


# ---------------------------------------------------------------- this book's own


ROOT = Path(__file__).parents[2]


def test_the_book_locks_digests_and_its_package_only_versions():
    """What the chapter on dependencies says of the book's own installation."""
    text = (ROOT / "constraints.txt").read_text("utf-8").replace("\\\n", "")
    locked = [one for one in text.split("\n") if one and one[0] != "#"]

    assert installing.strictest(locked) == "hashes"
    assert installing.strictest(installing.own()) == "=="


def test_the_package_says_what_it_asks_for_in_a_clone_and_installed(monkeypatch):
    asked = installing.own()
    monkeypatch.setattr(Path, "exists", lambda path: False)
    monkeypatch.setattr(installing.requirements, "requires", lambda name: ["a==1"])

    assert "numpy==" in " ".join(asked)
    assert installing.own() == ["a==1"]


def test_the_book_asks_one_index_and_its_workflows_name_commits():
    names = ("Makefile", "scripts/environment.py")
    parts = [*(ROOT / name for name in names), *ROOT.glob("requirements*.txt")]
    workflows = list((ROOT / ".github" / "workflows").glob("*.yml"))
    texts = [path.read_text("utf-8") for path in (*parts, *workflows)]

    assert not any("extra-index-url" in text for text in texts)
    assert "--require-hashes" in texts[1]
    used = re.findall(r"\buses: (\S+)", "".join(texts))
    assert used
    assert all(re.fullmatch(r"[^@]+@[0-9a-f]{40}", action) for action in used)


def test_what_a_program_prints_stays_off_the_terminal(tmp_path, capfd):
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    program = tmp_path / "program.py"
    program.write_text("print('heard')")

    assert installing.start(program, tmp_path / "env" / "lib", safe_path=False)
    assert capfd.readouterr() == ("", "")
