"""What is kept of a pickle whose names are not called, and what arrays are in it?"""

import io
import math
import pickle
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from joblib.numpy_pickle import NumpyUnpickler
from numpy.typing import NDArray

Name: TypeAlias = tuple[str, str]
"""Of something that a pickle asks for: its module, and its name there."""
DTYPE: Name = ("numpy", "dtype")
ARRAY: Name = ("numpy._core.multiarray", "_reconstruct")
SCALAR: Name = ("numpy._core.multiarray", "scalar")
NUMBERS = frozenset({DTYPE, ("numpy", "ndarray"), ARRAY, SCALAR})
"""All that an array asks for."""
OF_BUFFERS: Name = ("numpy._core.numeric", "_frombuffer")
"""And one of the newest protocol."""
IN_JOBLIB: Name = ("joblib.numpy_pickle", "NumpyArrayWrapper")
"""Joblib's note that the bytes of an array follow."""
PLAIN = re.compile(r"[?biufcmMSUVO]\d{0,9}")
"""A data type by itself, as NumPy pickles it."""
DEEPEST = 32
"""Lists within lists that may be one array, and types within types."""
DICT: Name = ("builtins", "dict")
SET: Name = ("builtins", "set")


class Husk:
    """What is left of an object that was not built: what it would have been given."""

    __slots__ = ("entries", "given", "items", "made", "name", "states")
    name: Name
    given: tuple[object, ...]
    states: Sequence[object]
    items: Sequence[object]
    entries: Sequence[tuple[object, object]]
    made: np.dtype[Any] | None

    def __new__(cls, *given: object) -> "Husk":
        """A husk of what its class is named after."""
        husk = super().__new__(cls)
        husk.given, husk.made = given, None
        husk.states = husk.items = husk.entries = ()  # most hold nothing
        return husk

    @classmethod
    def of(cls, name: Name, given: tuple[object, ...] = ()) -> "Husk":
        """A husk of that name, which shares what it is given."""
        husk = cls()
        husk.name, husk.given = name, given
        return husk

    @property
    def state(self) -> Any:
        """The last state that it was to take, which is what counts, or None."""
        return self.states[-1] if self.states else None

    def __setstate__(self, state: object) -> None:
        if not isinstance(self.states, list):
            self.states = []
        self.states.append(state)

    def append(self, item: object) -> None:
        """Take an item, as a list or a set would."""
        if not isinstance(self.items, list):
            self.items = []
        self.items.append(item)

    add = append

    def __setitem__(self, key: object, value: object) -> None:
        if not isinstance(self.entries, list):
            self.entries = []
        self.entries.append((key, value))


@cache
def husk(name: Name) -> type[Husk]:
    """A type of husks, for readers that build what they read: of few names only."""
    return type(name[1], (Husk,), {"name": name})


def array(held: object) -> NDArray[Any] | None:
    """The array, or the number of NumPy's, that a husk describes; else None.

    Its bytes must be there, and fill it; ValueError, TypeError or KeyError if not.
    """
    if not isinstance(held, Husk):
        return None
    order: Any = "C"
    shape: Any = ()
    if held.name == ARRAY:
        _, shape, dtype, by_columns, stored = held.state
        order = "F" if by_columns else "C"
    elif held.name == OF_BUFFERS:
        stored, dtype, shape, order = held.given
    elif held.name == SCALAR:
        dtype, stored = held.given
    elif held.name == IN_JOBLIB and held.items:
        shape, order, dtype = (held.state[k] for k in ("shape", "order", "dtype"))
        (stored,) = held.items
    else:
        return None
    return _filled(stored, _dtype(dtype), shape, "F" if order == "F" else "C")


def _filled(
    stored: Any, dtype: np.dtype[Any], shape: Any, order: Literal["C", "F"]
) -> NDArray[Any]:
    """An array over its bytes, or of objects in a list."""
    if dtype != np.dtype("O"):
        if dtype.hasobject or type(stored) is not bytes:
            raise TypeError("an array without its bytes")
        return np.ndarray(shape, dtype, _exact(stored, dtype, shape), order=order)
    if type(stored) is not list or math.prod(shape) != len(stored):
        raise TypeError("an array of objects that are not there")
    objects = np.empty(len(stored), dtype)
    for place, one in enumerate(stored):
        objects[place] = one
    return objects.reshape(shape, order=order)


def _exact(stored: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """The same bytes, if they are as many as an array of that shape takes."""
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(stored):
        raise ValueError("an array whose bytes are not as many as it claims")
    return stored


def _dtype(held: Any, depth: int = 0) -> np.dtype[Any]:
    """The data type that a husk describes, made anew from its name and its fields."""
    if depth > DEEPEST or not isinstance(held, Husk) or held.name != DTYPE:
        raise TypeError("something in the place of a data type")
    if held.made is None:
        held.made = _made(held, depth + 1)
    return held.made


def _made(held: Husk, depth: int) -> np.dtype[Any]:
    """A data type for `_dtype`, which makes each once."""
    code = held.given[0]
    if not (isinstance(code, str) and PLAIN.fullmatch(code)):
        raise ValueError("a data type that is not known")
    if held.state is None:
        return np.dtype(code)
    _, order, part, names, fields, size, *_ = held.state
    if part is not None:
        return np.dtype((_dtype(part[0], depth), part[1]))
    if not names:
        return np.dtype(code).newbyteorder(order)
    known = {key: field for key, field in pairs(fields) if type(key) is str}
    listed = [known[name] for name in names if type(name) is str]
    kinds, starts = [_dtype(f[0], depth) for f in listed], [f[1] for f in listed]
    return np.dtype(
        {"names": list(names), "formats": kinds, "offsets": starts, "itemsize": size}
    )


def pairs(entries: Any) -> list[tuple[Any, Any]]:
    """The entries of a dictionary, or of the husk of one."""
    return list(entries.items()) if type(entries) is dict else entries.entries


# ---------------------------------------------------------------- reading


def read(artefact: bytes) -> object:
    """What a pickle holds, with a husk for each object; any error if it is none."""
    held: object = _Reader(io.BytesIO(artefact)).load()
    return held


class _Named:
    """What a pickle asks for by name."""

    def __init__(self, name: Name) -> None:
        self.name = name

    def __call__(self, *given: object) -> Husk:
        return Husk.of(self.name, given)


class _Reader(NumpyUnpickler):  # type: ignore[misc]
    """An unpickler that makes husks of everything, hashes nothing and trusts no size.

    Not even dictionaries and sets are built: a key may take years to hash.
    """

    dispatch: ClassVar[dict[int, Callable[["_Reader"], None]]] = dict(
        NumpyUnpickler.dispatch
    )

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__("", file, ensure_native_byte_order=True)

    def find_class(self, module: str, name: str) -> _Named:
        return _Named((module, name))

    def _called(self, function: object, given: object) -> None:
        if not isinstance(function, _Named) or type(given) is not tuple:
            raise pickle.UnpicklingError("a call of what cannot be called")
        self.append(Husk.of(function.name, given))

    def load_reduce(self) -> None:
        given = self.stack.pop()
        self._called(self.stack.pop(), given)

    dispatch[pickle.REDUCE[0]] = dispatch[pickle.NEWOBJ[0]] = load_reduce

    def load_newobj_ex(self) -> None:
        named, given = self.stack.pop(), self.stack.pop()
        self._called(self.stack.pop(), given)
        self.stack[-1].__setstate__(named)

    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex

    def load_build(self) -> None:
        state, built = self.stack.pop(), self.stack[-1]
        if not isinstance(built, Husk):
            raise pickle.UnpicklingError("a state for what takes none")
        if built.name == IN_JOBLIB:
            state = dict(pairs(state))
            built.items = [self._following(state)]
        built.__setstate__(state)

    dispatch[pickle.BUILD[0]] = load_build

    def _following(self, note: dict[Any, Any]) -> object:
        """What follows joblib's note: bytes, or a list if the array is of objects."""
        dtype = _dtype(note["dtype"])
        if dtype.hasobject:
            inner = _Reader(self.file_handle).load()
            return inner.state[4]
        if note.get("numpy_array_alignment_bytes") is not None:
            self.file_handle.read(self.file_handle.read(1)[0])
        return self.file_handle.read(math.prod(note["shape"]) * dtype.itemsize)

    def load_bytearray8(self) -> None:
        self.append(self.read(int.from_bytes(self.read(8), "little")))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def load_empty_dict(self) -> None:
        self.append(Husk.of(DICT))

    dispatch[pickle.EMPTY_DICT[0]] = load_empty_dict

    def load_dict(self) -> None:
        items, held = self.pop_mark(), Husk.of(DICT)
        held.entries = list(zip(items[::2], items[1::2], strict=True))
        self.append(held)

    dispatch[pickle.DICT[0]] = load_dict

    def load_empty_set(self) -> None:
        self.append(Husk.of(SET))

    dispatch[pickle.EMPTY_SET[0]] = load_empty_set

    def load_frozenset(self) -> None:
        items, held = self.pop_mark(), Husk.of(SET)
        held.items = items
        self.append(held)

    dispatch[pickle.FROZENSET[0]] = load_frozenset
