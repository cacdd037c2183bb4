"""What does a pickle hold and do? It is read, and never run."""

import io
import pickle
import pickletools
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler
from numpy.typing import NDArray

from foible.errors import ArtefactRefused, BadInput

NUMBERS = frozenset(
    {
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
    }
)
"""All that an array asks for, by module and name."""
OF_BUFFERS = ("numpy._core.numeric", "_frombuffer")
"""And one of the newest protocol; `contents` calls nothing else."""


def reopened(artefact: bytes) -> Any:
    """What a pickle holds, for a file that one has just written oneself: it is run."""
    return pickle.loads(artefact)  # noqa: S301


def contents(artefact: bytes) -> dict[str, NDArray[np.generic]]:
    """Every array of numbers in a pickle, by the place where it sits.

    Nothing that the file names is called, except what builds NumPy's arrays: each
    other object is replaced by a husk that keeps what it was given. So a file can be
    looked into that nobody trusts, and objects written in C show what they hold.
    Lists of numbers count as arrays. What is not found: numbers inside strings or
    bytes, and in files that are compressed.

    Places read like Python, from the object that the file holds:
    ``.steps[0][1].mean_``. What an object was built from stands in brackets, such as
    ``._tree[0]``.

    Parameters
    ----------
    artefact : bytes
        A pickle, plain or written by joblib without compression; else ArtefactRefused.
    """
    try:
        held = _Husker(io.BytesIO(artefact)).load()
    except Exception as problem:
        raise ArtefactRefused(
            f"got a file that cannot be read as a pickle ({type(problem).__name__}); "
            "wanted one that was not compressed; write the model again with dump"
        ) from problem
    return dict(_arrays_in(held, "", set()))


def opcodes(artefact: bytes) -> list[str]:
    """The instructions of a pickle, one string each, read without running them."""
    return [
        code.name if argument is None else f"{code.name} {argument!r}"
        for code, argument, _ in pickletools.genops(artefact)
    ]


def blanked(artefact: bytes, *places: str) -> bytes:
    """The same pickle with some of its arrays set to zero, and nothing else changed.

    Parameters
    ----------
    artefact : bytes
        A plain pickle.
    *places : str
        Of its `contents`. Wherever the same bytes stand, they go.

    BadInput: a place that is not there, or whose bytes do not stand in the file as one.
    """
    for place in places:
        held = contents(artefact)
        if place not in held:
            raise BadInput(f"got the place {place!r}; wanted one of {list(held)}")
        order: Literal["C", "F"] = "C" if held[place].flags.c_contiguous else "F"
        wanted = held[place].tobytes(order)
        if not wanted or wanted not in artefact:
            raise BadInput(
                f"got the place {place!r}, which is no array of its own in the file; "
                "wanted one that is; write the model again without it"
            )
        artefact = artefact.replace(wanted, bytes(len(wanted)))
    return artefact


class _Husk:
    """What is left of an object that was not built: what it would have been given."""

    parts: list[tuple[str, object]]
    items: list[object]
    entries: dict[object, object]

    def __new__(cls, *given: object, **named: object) -> "_Husk":
        husk = super().__new__(cls)
        husk.parts = [(f"[{i}]", part) for i, part in enumerate(given)]
        husk.parts += [(f".{name}", part) for name, part in named.items()]
        husk.items, husk.entries = [], {}
        return husk

    def __setstate__(self, state: object) -> None:
        for i, part in enumerate(state if isinstance(state, tuple) else (state,)):
            if isinstance(part, dict):
                self.parts += [(f".{name}", value) for name, value in part.items()]
            else:
                self.parts.append((f"[{i}]", part))

    def append(self, item: object) -> None:
        self.items.append(item)

    def __setitem__(self, key: object, value: object) -> None:
        self.entries[key] = value


@cache
def _husk(module: str, name: str) -> type[_Husk]:
    return type(name, (_Husk,), {"__module__": module})


class _Wrapper(NumpyArrayWrapper):  # type: ignore[misc]
    """Joblib's note that an array follows; an array of objects is a pickle again."""

    def read_array(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
        if self.dtype.hasobject:
            return _Husker(unpickler.file_handle).load()
        return super().read_array(unpickler, ensure_native_byte_order)


class _Husker(NumpyUnpickler):  # type: ignore[misc]
    """An unpickler that builds arrays, and husks of everything else."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__("", file, ensure_native_byte_order=True)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("joblib.numpy_pickle", "NumpyArrayWrapper"):
            return _Wrapper
        if (module, name) in NUMBERS | {OF_BUFFERS}:
            return super().find_class(module, name)
        return _husk(module, name)


def _arrays_in(
    held: object, place: str, seen: set[int]
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Every array below an object, each object looked at once."""
    if isinstance(held, str | bytes | int | float | None) or id(held) in seen:
        return
    seen.add(id(held))
    table = _as_numbers(held)
    if table is not None:
        yield place, table
        return
    if isinstance(held, _Husk):
        parts = iter([*held.parts, ("", held.items), ("", held.entries)])
    elif isinstance(held, np.ndarray) and held.dtype.names:
        parts = ((f"[{name!r}]", held[name]) for name in held.dtype.names)
    elif isinstance(held, dict):
        parts = ((f"[{key!r}]", part) for key, part in held.items())
    elif isinstance(held, list | tuple | np.ndarray):
        parts = ((f"[{i}]", part) for i, part in enumerate(held))
    else:
        return
    for name, part in parts:
        yield from _arrays_in(part, place + name, seen)


def _as_numbers(held: object) -> NDArray[np.generic] | None:
    """An array of numbers, or a list of them as one; else None."""
    if isinstance(held, list | tuple):
        try:
            held = np.array(held, dtype=np.float64)
        except (TypeError, ValueError):
            return None
    if isinstance(held, np.ndarray) and held.dtype.kind in "biuf" and held.size:
        return held
    return None
