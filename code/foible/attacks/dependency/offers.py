"""What can somebody publish, so that another's installer takes it?

An index is a folder with a folder for each name, in which the archives lie. Each
attacker holds one: `public`, where anybody may publish under any name that is free, or
`index`, where the project lives, into which they can write because a password, a token
or a build job is theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from foible.attacks.dependency.archives import HERE, Archive, Project, source, wheel
from foible.domains import Seed
from foible.errors import BadInput

Variation: TypeAlias = Callable[[Project, str], Archive]
"""An archive of the attacker's for a project and a payload."""
Signer: TypeAlias = Callable[[bytes], bytes]
"""A signature of a file, by whoever holds the key."""


class Seal(NamedTuple):
    """What somebody signs with, and the public key to verify it with."""

    sign: Signer
    key: bytes


def _versioned(form: str) -> Variation:
    return lambda project, payload: wheel(
        replace(project, version=form.format(project.version)), payload
    )


VARIATIONS: Mapping[str, Variation] = {
    "a later version": _versioned("99.0.0"),
    "a post-release": _versioned("{}.post1"),
    "a new epoch": _versioned("1!{}"),
    "a source archive": lambda project, payload: source(
        replace(project, version="99.0.0"), payload
    ),
    "a build number": lambda project, payload: wheel(project, payload, build="1"),
    "a local version": _versioned("{}+1"),
    "a tag for this Python": lambda project, payload: wheel(project, payload, tag=HERE),
    "the same file name": wheel,
}
"""What a file of the attacker's may be called, and what it then is."""


def publish(
    index: Path,
    name: str,
    archive: Archive,
    *,
    signature: bytes = b"",
    key: bytes = b"",
) -> None:
    """Lay an archive into an index, with its signature and the key for it, if any."""
    folder = index / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / archive.file).write_bytes(archive.content)
    if signature:
        (folder / f"{archive.file}.sig").write_bytes(signature)
    if key:
        (folder / "key.pem").write_bytes(key)
    offered = sorted(p.name for p in folder.iterdir() if p.suffix in {".whl", ".gz"})
    lines = [f'<a href="{file}">{file}</a>\n' for file in offered]
    (folder / "index.html").write_text("".join(lines), "utf-8")


def elsewhere(
    public: Path, project: Project, payload: str, *, variation: str = "a later version"
) -> None:
    """Dependency confusion: the same name in another index [birsan2021dependency]."""
    if variation not in VARIATIONS:
        raise BadInput(f"got {variation!r}; wanted one of {list(VARIATIONS)}")
    publish(public, project.name, VARIATIONS[variation](project, payload))


def misspelt(
    public: Path, project: Project, payload: str, *, seal: Seal, seed: Seed
) -> str:
    """A free name that differs by two letters that change places; it is returned."""
    letters, rng = list(project.name), np.random.default_rng(seed)
    places = [
        i for i, (a, b) in enumerate(pairwise(letters)) if a != b and "-" not in (a, b)
    ]
    if not places:
        raise BadInput(
            f"got the name {project.name!r}; wanted one with two letters to exchange"
        )
    at = int(rng.choice(places))
    letters[at : at + 2] = letters[at + 1], letters[at]
    return _taken(public, project, "".join(letters), payload, seal)


def invented(
    public: Path, project: Project, payload: str, *, seal: Seal, seed: Seed
) -> str:
    """A name that a language model might make up, because it sounds right."""
    ending = np.random.default_rng(seed).choice(["utils", "tools", "client", "core"])
    return _taken(public, project, f"{project.name}-{ending}", payload, seal)


def _taken(public: Path, project: Project, name: str, payload: str, seal: Seal) -> str:
    """Whoever comes first owns a name, and signs what it stands for with their key.

    The wheel has the version and the module of the real project.
    """
    own = wheel(replace(project, name=name), payload, module=project.module)
    publish(public, name, own, signature=seal.sign(own.content), key=seal.key)
    return name


def swapped(index: Path, project: Project, payload: str) -> None:
    """Another file in the place of the one that was there, under its name."""
    publish(index, project.name, wheel(project, payload))


def released(
    index: Path, project: Project, payload: str, *, sign: Signer | None = None
) -> None:
    """A new version, from a stolen token, or from the build job that also signs."""
    new = wheel(replace(project, version=later(project.version)), payload)
    signature = sign(new.content) if sign else b""
    publish(index, project.name, new, signature=signature)


def later(version: str) -> str:
    """The next version: 1.2.1 after 1.2.0."""
    *start, last = version.split(".")
    return ".".join([*start, str(int(last) + 1)])
