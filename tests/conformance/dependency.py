"""Dependencies: one row an attack on what somebody installs."""

import tempfile
from pathlib import Path

from promises import Row

from foible.attacks import dependency
from foible.attacks.dependency import Project, Seal
from foible.defences import installing

PROJECT = Project("ink-reader", "1.2.0")
SEAL = Seal(lambda content: b"signature", b"key")
BAD_NAMES = {"no name": {"name": ""}, "a path": {"name": "../up"}}


def written(attack, *, before=None):
    """What an attack leaves in a folder: each file with its bytes."""

    def call(*, seed, project=PROJECT, **given):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if before:
                before(folder)
            attack(folder, project, given.pop("payload"), **given)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            return {str(p.relative_to(folder)): p.read_bytes() for p in files}

    return call


def installed(folder):
    made = dependency.wheel(PROJECT, "x = 1\n")
    info = folder / "ink_reader-1.2.0.dist-info"
    info.mkdir()
    (folder / "ink_reader.py").write_text("x = 1\n")
    (info / "RECORD").write_text(
        dependency.archives.record({"ink_reader.py": "x = 1\n"}, f"{info.name}/RECORD")
    )
    assert made.file.endswith(".whl")


def seeded(attack):
    def call(*, seed, **given):
        return written(lambda *held, **rest: attack(*held, seal=SEAL, seed=seed))(
            seed=seed, **given
        )

    return call


def publishing(name):
    return Row(
        f"dependency.{name}",
        lambda: {"payload": "1\n"},
        written(getattr(dependency, name)),
        kept=lambda inputs, files: all(f.startswith("ink-reader/") for f in files),
    )


def tampering(name):
    change = getattr(dependency, name)
    return Row(
        f"dependency.{name}",
        lambda: {"payload": "1\n"},
        lambda **given: (
            sorted(written(change, before=installed)(**given))
            if name == "compile_other"  # bytecode holds the place of a folder
            else written(change, before=installed)(**given)
        ),
    )


def naming(name):
    return Row(
        f"dependency.{name}",
        lambda: {"payload": "1\n"},
        seeded(getattr(dependency, name)),
        kept=lambda inputs, files: not any(f.startswith("ink-reader/") for f in files),
    )


def looked(check):
    def call(*, seed, wheels):
        with tempfile.TemporaryDirectory() as name:
            installed(Path(name))
            return check(Path(name), wheels)

    return call


ROWS = [
    Row(
        "dependency.Project",
        lambda: {"name": "ink-reader", "version": "1.2.0"},
        lambda seed, **given: Project(**given),
        refused=BAD_NAMES | {"no version": {"version": "latest"}},
    ),
    *map(publishing, ("elsewhere", "swapped", "released")),
    *map(naming, ("misspelt", "invented")),
    *map(
        tampering,
        ("patch", "patch_and_record", "compile_other", "add_pth", "add_package"),
    ),
    Row(
        "installing.by_record",
        lambda: {"wheels": []},
        looked(installing.by_record),
        nothing=lambda inputs, found: found == [],
    ),
    Row(
        "installing.by_wheels",
        lambda: {"wheels": [dependency.wheel(PROJECT, "x = 2\n").content]},
        looked(installing.by_wheels),
        kept=lambda inputs, found: "ink_reader.py" in found,
    ),
]
