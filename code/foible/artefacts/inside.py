"""What does a pickle hold and do? It is read, and never run."""

import math
import pickle
import pickletools
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from foible.artefacts.husks import DEEPEST, DICT, SCALAR, Husk, array, read
from foible.errors import ArtefactRefused, BadInput

LONGEST = 60
"""Letters of a name that a place repeats."""
ROOM = 200
"""Letters of all places together, for each byte of the file."""


def reopened(artefact: bytes) -> Any:
    """What a pickle holds, for a file that one has just written oneself: it is run."""
    return pickle.loads(artefact)  # noqa: S301


def contents(artefact: bytes) -> dict[str, NDArray[np.generic]]:
    """Every array of numbers in a pickle, by the place where it sits.

    Nothing that the file names is called: each object is replaced by a husk that keeps
    what it was given, and arrays are built from what husks say. So a file can be looked
    into that nobody trusts, and objects written in C show what they hold. Lists of
    numbers count as arrays. What is not found: numbers inside strings or bytes, and in
    files that are compressed.

    Places read like Python, from the object that the file holds:
    ``.steps[0][1].mean_``. What an object was built from stands in brackets, such as
    ``._tree[0]``.

    Parameters
    ----------
    artefact : bytes
        A pickle, plain or written by joblib without compression; else ArtefactRefused.
        Time and memory grow with its size, whatever it claims: what would take more
        is refused.
    """
    try:
        return _Search(len(artefact)).found(read(artefact))
    except ArtefactRefused:
        raise
    except Exception as problem:
        raise ArtefactRefused(
            f"got a file that cannot be read as a pickle ({type(problem).__name__}); "
            "wanted one that was not compressed; write the model again with dump"
        ) from problem


def opcodes(artefact: bytes) -> list[str]:
    """The instructions of a pickle, one string each, read without running them.

    ArtefactRefused: a file that is no pickle.
    """
    try:
        return [
            code.name if argument is None else f"{code.name} {argument!r}"
            for code, argument, _ in pickletools.genops(artefact)
        ]
    except ValueError as problem:
        raise ArtefactRefused(
            f"got a file that is no pickle ({problem}); wanted one that was not "
            "compressed; write the model again with dump"
        ) from problem


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


# ---------------------------------------------------------------- looking


class _Search:
    """A walk through what was read, which ends before it takes more than `room`."""

    def __init__(self, size: int) -> None:
        self.size, self.letters, self.bytes = size, ROOM * size + 10**5, 16 * size
        self.seen: set[int] = set()
        self.shapes: dict[int, tuple[int, ...] | None] = {}
        self.built: dict[int, NDArray[Any] | None] = {}

    def found(self, held: object) -> dict[str, NDArray[np.generic]]:
        """Every array of numbers below an object, each object looked at once."""
        tables: dict[str, NDArray[np.generic]] = {}
        alike: dict[str, int] = {}
        steps: list[Iterator[tuple[str, object]]] = [iter([("", held)])]
        while steps:
            place, one = next(steps[-1], (None, None))
            if place is None:
                steps.pop()
                continue
            if isinstance(one, Husk | list | tuple) and not self._new(one):
                continue
            table = self._table(one)
            if table is None:
                steps.append(self._below(place, one))
                continue
            self.bytes -= table.nbytes
            self._check_room()
            free, number = place, alike.get(place, 1)
            while free in tables:  # two keys that read alike
                number += 1
                free = f"{place} ({number})"
            tables[free], alike[place] = table, number
        return tables

    def _check_room(self) -> None:
        if min(self.letters, self.bytes) < 0:
            raise ArtefactRefused(
                f"got a file of {self.size:,} bytes that unfolds into far more; wanted "
                "a model; do not open it"
            )

    def _below(self, place: str, held: object) -> Iterator[tuple[str, object]]:
        """The parts of an object with their places."""
        for name, part in self._parts(held):
            self.letters -= len(place) + len(name)
            self._check_room()
            yield place + name, part

    def _parts(self, held: object) -> Iterator[tuple[str, object]]:
        """The parts of an object by what leads to them."""
        table = self._array(held)
        if table is not None and table.dtype.names:
            for name in table.dtype.names:
                yield f"[{name[:LONGEST]!r}]", table[name]
        elif table is not None and table.dtype == object and table.ndim:
            yield from ((f"[{i}]", part) for i, part in enumerate(table))
        elif isinstance(held, list | tuple):
            yield from ((f"[{i}]", part) for i, part in enumerate(held))
        elif isinstance(held, Husk) and table is None:
            if self._new(held.given):
                yield from ((f"[{i}]", part) for i, part in enumerate(held.given))
            for state in held.states:
                yield from self._members(state)
            yield "", held.items
            for key, part in held.entries:
                yield f"[{_short(key)}]", part

    def _members(self, state: object) -> Iterator[tuple[str, object]]:
        """The parts of what an object was to take as its state."""
        if isinstance(state, tuple) and not self._new(state):
            return
        for i, part in enumerate(state if isinstance(state, tuple) else (state,)):
            if not isinstance(part, Husk) or part.name != DICT:
                yield f"[{i}]", part
            elif self._new(part):
                for name, value in part.entries:
                    known = name[:LONGEST] if type(name) is str else _short(name)
                    yield f".{known}", value

    def _new(self, held: object) -> bool:
        """Whether something that holds others has not been looked at before."""
        new = id(held) not in self.seen
        self.seen.add(id(held))
        return new

    def _array(self, held: object) -> NDArray[Any] | None:
        """An array, or that of a husk, built once."""
        if isinstance(held, np.ndarray):
            return held
        if not isinstance(held, Husk):
            return None
        if id(held) not in self.built:
            self.built[id(held)] = table = array(held)
            if table is not None and table.dtype == object:  # a copy of its list
                self.bytes -= table.nbytes
                self._check_room()
        return self.built[id(held)]

    def _table(self, held: object) -> NDArray[np.generic] | None:
        """An array of numbers, or a list of them as one; else None."""
        if isinstance(held, Husk) and held.name == SCALAR:
            return None
        if isinstance(held, list | tuple):
            try:
                listed = self._plain(held) if self._shape(held) else ()
                held = np.array(listed, dtype=np.float64)
            except (OverflowError, RecursionError):
                return None
        table = self._array(held)
        return table if table is not None and _numeric(table) and table.size else None

    def _shape(self, held: object, depth: int = 0) -> tuple[int, ...] | None:
        """The shape of what is a number, or an array or nested list of them."""
        if held is None or isinstance(held, int | float):
            return ()
        if not isinstance(held, list | tuple):
            table = self._array(held)
            return table.shape if table is not None and _numeric(table) else None
        if id(held) not in self.shapes:
            if depth == DEEPEST:  # not to be remembered: from further in it is less
                raise RecursionError
            first = self._shape(held[0], depth + 1) if held else None
            alike = first is not None and all(
                self._shape(part, depth + 1) == first for part in held
            )
            shape = (len(held), *first) if alike and first is not None else None
            if shape and math.prod(shape) > self.size:
                shape = None
            self.shapes[id(held)] = shape
        return self.shapes[id(held)]

    def _plain(self, held: Any) -> Any:
        """A nested list with arrays in the places of their husks."""
        if isinstance(held, list | tuple):
            return [self._plain(part) for part in held]
        return self._array(held) if isinstance(held, Husk) else held


def _numeric(table: NDArray[Any]) -> bool:
    return table.dtype.kind in "biuf"


def _short(key: object) -> str:
    """How a key reads, cut short."""
    number = array(key)
    if number is not None and number.ndim == 0 and _numeric(number):
        return repr(number[()])
    if isinstance(key, Husk | list | tuple):
        return "..."
    return repr(key[:LONGEST] if isinstance(key, str | bytes) else key)
