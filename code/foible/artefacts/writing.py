"""How is a model written, in each format, and with what else in it?"""

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any, Literal

import joblib
import numpy as np
import safetensors.numpy
import skops.io
from numpy.typing import NDArray
from safetensors import SafetensorError

from foible import torch_files
from foible.artefacts.forests import Arrays, arrays
from foible.errors import ArtefactRefused, BadInput

Format = Literal["pickle", "joblib", "torch", "skops", "safetensors", "npz"]


def dump(model: object, *, form: Format = "pickle") -> bytes:
    """A model as the bytes of a file.

    Any model for "pickle", "joblib" and "skops"; a forest for the other three, which
    hold its `arrays`. Another format is BadInput.
    """
    if form not in _WRITERS:
        raise BadInput(f"got the format {form!r}; wanted one of {list(_WRITERS)}")
    return _WRITERS[form](model)


def save_table(table: Arrays) -> bytes:
    """Named arrays as a safetensors file."""
    return safetensors.numpy.save(
        {n: np.ascontiguousarray(a) for n, a in table.items()}
    )


def load_table(artefact: bytes) -> dict[str, NDArray[np.generic]]:
    """Named arrays from a safetensors file, else ArtefactRefused."""
    try:
        return safetensors.numpy.load(artefact)
    except SafetensorError as problem:
        raise ArtefactRefused(
            f"got a file that cannot be read as safetensors ({problem}); wanted named "
            "arrays; ask whoever made it for another"
        ) from problem


def _joblib(model: object) -> bytes:
    file = io.BytesIO()
    joblib.dump(model, file)
    return file.getvalue()


def _npz(model: object) -> bytes:
    file, table = io.BytesIO(), dict[str, Any](arrays(model))
    np.savez(file, **table)
    return file.getvalue()


_WRITERS: Mapping[str, Callable[[Any], bytes]] = {
    "pickle": pickle.dumps,
    "joblib": _joblib,
    "torch": lambda model: torch_files.save(arrays(model)),
    "skops": skops.io.dumps,
    "safetensors": lambda model: save_table(arrays(model)),
    "npz": _npz,
}


class Call:
    """An object whose pickle is a call of a function with arguments."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.function, self.arguments


def append_call(artefact: bytes, call: Call) -> bytes:
    """A pickle that yields the same object, and makes a call on the way.

    The opcodes of the call go before the final STOP: load the function, load the
    arguments, REDUCE (call it), POP (forget what it returned).
    """
    stream = pickle.dumps(call, protocol=3)
    start, end = len(pickle.PROTO) + 1, -len(pickle.STOP)
    return artefact[:end] + stream[start:end] + pickle.POP + pickle.STOP
