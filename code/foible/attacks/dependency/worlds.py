"""Who owns what where somebody installs a package, and which attacks are there?

A world is a temporary folder with two indexes, in which a maker has published, and a
program that imports the maker's package. An attack takes of it what its attacker holds.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from foible.attacks.dependency import offers, tampering
from foible.attacks.dependency.archives import Project, marking, source, wheel
from foible.attacks.dependency.offers import VARIATIONS, Seal
from foible.attacks.dependency.tampering import TAMPERINGS, Tampering
from foible.domains import Seed

WORDS = ("postal", "letter", "digit", "scan", "ink", "parcel", "stamp")
READS = "def read():\n    return 'read'\n"


@dataclass(frozen=True)
class World:
    """A folder in which all happens, whose project it is, and the seals.

    Parameters
    ----------
    folder : Path
    project : Project
        The maker's package and its version.
    maker, stranger : Seal
        What the maker and the attacker sign with.
    seed : int
        Of what an attacker draws.
    """

    folder: Path
    project: Project
    maker: Seal
    stranger: Seal
    seed: Seed

    @property
    def index(self) -> Path:
        """Where the project lives, and nothing that was not approved."""
        return self.folder / "index"

    @property
    def public(self) -> Path:
        """Where anybody may publish."""
        return self.folder / "public"

    @property
    def program(self) -> Path:
        """The program of whoever installs."""
        return self.folder / "program" / "sort_letters.py"

    @property
    def marker(self) -> Path:
        """What exists as soon as the attacker's code has run."""
        return self.folder / "marker"

    @property
    def payload(self) -> str:
        """What the attacker wants to run."""
        return marking(self.marker)

    def offered(self) -> list[Path]:
        """The archives of the project in its index, the newest last."""
        files = (self.index / self.project.name).glob("*.*")
        return sorted((f for f in files if f.suffix in {".whl", ".gz"}), key=_numbers)

    def founded(self) -> "World":
        """The same, with the maker's package and the program written."""
        for folder in (self.index, self.public, self.program.parent):
            folder.mkdir()
        _offer(self, self.project, self.index)
        module = self.project.module
        self.program.write_text(f"import {module}\nprint({module}.read())\n", "utf-8")
        return self


def drawn(seed: Seed) -> Project:
    """A package with a name and a version that are drawn."""
    rng = np.random.default_rng(seed)
    first, second = rng.permutation(WORDS)[:2]
    return Project(
        f"{first}-{second}-reader", ".".join(map(str, rng.integers(1, 9, size=3)))
    )


def version(file: Path) -> str:
    """The version in the name of an archive."""
    return file.name.removesuffix(".tar.gz").split("-")[1]


def _numbers(file: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version(file))]


def _offer(world: World, project: Project, index: Path, code: str = READS) -> str:
    """A wheel of the maker's, signed; its name."""
    made, seal = wheel(project, code), world.maker
    signature = seal.sign(made.content)
    offers.publish(index, project.name, made, signature=signature, key=seal.key)
    return project.name


# ---------------------------------------------------------------- the attacks

Publishing: TypeAlias = Callable[[World], str]
"""Publishes something, and gives the name that the victim will ask for."""


@dataclass(frozen=True)
class Attack:
    """What happens before somebody installs, after it, and beside their program.

    `early` says that it happens before the victim writes down versions and digests.
    """

    publish: Publishing = lambda world: world.project.name
    installed: Tampering | None = None
    beside: Tampering | None = None
    early: bool = False


def _misspelt(world: World, *, open_index: bool = False) -> str:
    index = world.index if open_index else world.public
    held = index, world.project, world.payload
    return offers.misspelt(*held, seal=world.stranger, seed=world.seed)


def _invented(world: World, *, open_index: bool = False) -> str:
    index = world.index if open_index else world.public
    held = index, world.project, world.payload
    return offers.invented(*held, seal=world.stranger, seed=world.seed)


def _elsewhere(world: World, *, variation: str) -> str:
    held = world.public, world.project, world.payload
    offers.elsewhere(*held, variation=variation)
    return world.project.name


def _added(world: World) -> str:
    held = world.index, world.project, world.payload
    offers.elsewhere(*held, variation="a build number")
    return world.project.name


def _swapped(world: World) -> str:
    offers.swapped(world.index, world.project, world.payload)
    return world.project.name


def _released(world: World, *, signed: bool) -> str:
    sign = world.maker.sign if signed else None
    offers.released(world.index, world.project, world.payload, sign=sign)
    return world.project.name


def _variant(name: str) -> Attack:
    return Attack(partial(_elsewhere, variation=name))


AT_HOME: dict[str, Attack] = {
    "the wheel swapped": Attack(_swapped),
    "a release by stolen token": Attack(partial(_released, signed=False)),
    "a release by the build job": Attack(partial(_released, signed=True)),
}
"""By whoever can write into the index in which the project lives."""
ATTACKS: dict[str, Attack] = {
    "a misspelt name": Attack(_misspelt),
    "an invented name": Attack(_invented),
    "a later version elsewhere": _variant("a later version"),
    "a source archive elsewhere": _variant("a source archive"),
    "the same version elsewhere": _variant("a build number"),
    **AT_HOME,
    "an installed file patched": Attack(installed=tampering.patch),
    "a module beside the program": Attack(beside=tampering.shadow),
}
"""In the order in which a package comes to a program."""
OPEN: dict[str, Attack] = ATTACKS | {
    "a misspelt name": Attack(partial(_misspelt, open_index=True)),
    "an invented name": Attack(partial(_invented, open_index=True)),
    "a file added to a release": Attack(_added),
}
"""The same, where the project lives in an index in which anybody may publish."""
EARLY: dict[str, Attack] = {
    "swapped before the lock": replace(AT_HOME["the wheel swapped"], early=True),
    "built before the lock": replace(AT_HOME["a release by the build job"], early=True),
}
"""By whoever was there before the victim wrote down what is right."""
ELSEWHERE = {f"{name}, elsewhere": _variant(name) for name in VARIATIONS}
AFTERWARDS = {name: Attack(installed=change) for name, change in TAMPERINGS.items()}
BESIDE: dict[str, Attack] = {
    "a module beside the program": ATTACKS["a module beside the program"],
    "the program patched": Attack(beside=tampering.patch_program),
}
WAYS: Mapping[str, Mapping[str, Attack]] = {
    "==": ELSEWHERE,
    "one index": ELSEWHERE | AT_HOME,
    "hashes": ELSEWHERE | AT_HOME | EARLY,
    "only wheels": ELSEWHERE,
    "signature": ELSEWHERE | AT_HOME,
    "RECORD": AFTERWARDS,
    "python -P": BESIDE,
    "all": AT_HOME | AFTERWARDS | EARLY,
    "all, wheels": AT_HOME | AFTERWARDS | EARLY,
}
"""What the attacker tries who knows a control, the cheapest first."""
MADE_FOR: Mapping[str, str] = {
    "==": "a later version elsewhere",
    "one index": "a later version elsewhere",
    "hashes": "the wheel swapped",
    "only wheels": "a source archive elsewhere",
    "signature": "a release by stolen token",
    "RECORD": "an installed file patched",
    "python -P": "a module beside the program",
    "all": "an installed file patched",
    "all, wheels": "an installed file patched",
}
"""The attack that each control is made for."""

# ---------------------------------------------------------------- no attack


def _new_release(world: World) -> str:
    newer = replace(world.project, version=offers.later(world.project.version))
    _offer(world, newer, world.index, READS + "def read_more(): return 'more'\n")
    more = f"print({world.project.module}.read_more())\n"
    world.program.write_text(world.program.read_text("utf-8") + more, "utf-8")
    return world.project.name


def _new_dependency(world: World) -> str:
    other = replace(world.project, name=f"{world.project.name}-of-others")
    world.program.write_text(f"import {other.module}\n", "utf-8")
    return _offer(world, other, world.public)


def _source_only(world: World) -> str:
    for file in world.offered():
        file.unlink()
    made, seal = source(world.project, "", code=READS), world.maker
    signature = seal.sign(made.content)
    offers.publish(world.index, world.project.name, made, signature=signature)
    return world.project.name


def _helper(folder: Path, project: Project, payload: str) -> None:
    (folder / "helper.py").write_text("", "utf-8")
    for program in folder.glob("sort*.py"):
        text = program.read_text("utf-8")
        program.write_text(f"import helper\n{text}", "utf-8")


WISHES: Mapping[str, Attack] = {
    "nothing new": Attack(),
    "the next release": Attack(_new_release),
    "a new dependency": Attack(_new_dependency),
    "one offered as source": Attack(_source_only, early=True),
    "a helper beside the program": Attack(beside=_helper),
}
"""What honest people want of an installation; nobody attacks."""
