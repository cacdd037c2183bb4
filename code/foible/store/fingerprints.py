"""What decides a model, and what stands for it?"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, partial
from importlib.metadata import version as installed
from inspect import isfunction
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from foible import models
from foible.data import coding
from foible.errors import BadInput

LIBRARIES = ("numpy", "scikit-learn", "torch")
NAMED = {"builtins", "numpy", "sklearn", "torch"}
"""Whose functions and classes their names and the versions decide."""
PLAIN = (bool, int, float, complex, str, bytes, Path)


def fingerprint(thing: object, *, version: str = "") -> str:
    """What stands for a thing, and for no other: 40 letters, in any process the same.

    Parameters
    ----------
    thing : object
        Numbers, words, arrays, frames, estimators, and data classes and collections of
        them; functions, and objects of other classes, by their code and what they
        hold, if a `version` is said.
    version : str
        Of what functions call.

    BadInput: what cannot be seen the whole of.
    """
    digest = hashlib.sha256()
    for part in _parts(thing, version):
        digest.update(part)
    return digest.hexdigest()[:40]


def _parts(thing: Any, version: str) -> Iterator[bytes]:
    """All that decides what a thing is, in bytes."""
    kind = type(thing)
    yield f"<{kind.__module__}.{kind.__qualname__}{_source(kind.__module__)}>".encode()
    if isinstance(thing, PLAIN) or thing is None:
        yield repr(thing).encode()
    elif isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        yield f"{thing.dtype.str}{thing.shape}".encode()
        yield thing.tobytes()
    else:
        for name, part in _inside(thing, version):
            yield f"[{name}]".encode()
            yield from _parts(part, version)
    yield b"</>"


def _inside(thing: Any, version: str) -> Iterable[tuple[object, Any]]:
    """The parts that a thing is made of, by their names."""
    if isinstance(thing, np.ndarray | np.generic):
        return [("values", thing.tolist())]
    if isinstance(thing, pd.DataFrame):
        return [("coding", coding(thing))]
    if isinstance(thing, Mapping):
        return [(repr(key), value) for key, value in thing.items()]
    if isinstance(thing, set | frozenset):
        return enumerate(sorted(thing, key=repr))
    if isinstance(thing, Sequence):
        return enumerate(thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return [(one.name, getattr(thing, one.name)) for one in fields(thing)]
    if isinstance(thing, BaseEstimator):
        return sorted(thing.get_params(deep=False).items())
    if isinstance(thing, CodeType):
        return enumerate((thing.co_code, thing.co_consts, thing.co_names))
    if isinstance(thing, partial):
        return enumerate((thing.func, thing.args, thing.keywords))
    if isinstance(thing, type) or isfunction(thing):
        name, source = thing.__qualname__, _source(thing.__module__)
        known = source or thing.__module__.partition(".")[0] in NAMED
        if known and "<" not in name:
            return [(f"{thing.__module__}.{name}", source)]
        if version:
            return [(f"{thing.__module__}.{name}", one) for one in _held(thing)]
    elif version and getattr(thing, "__dict__", None):
        return list(vars(thing).items())
    raise BadInput(
        f"got a recipe with {thing!r} in it, whose code may change unseen; wanted "
        'version="1", and another after a change, or what numbers and words make up'
    )


def _held(function: Any) -> Iterator[Any]:
    """What decides a function, but for what it calls by name; of a class its name."""
    yield function.__qualname__
    if isfunction(function):
        yield from (function.__code__, function.__defaults__, function.__kwdefaults__)
        yield from (cell.cell_contents for cell in function.__closure__ or ())


@cache
def _source(module: str) -> str:
    """The digest of a module of the book's, or ""."""
    if not module.startswith("foible."):
        return ""
    return _digest(Path(sys.modules[module].__file__ or ""))


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def libraries() -> list[str]:
    """What makes models: the book's files, and the versions of the libraries."""
    ours = sorted(Path(models.__file__ or "").parent.glob("*.py"))
    return [*map(_digest, ours), *map(installed, LIBRARIES)]
