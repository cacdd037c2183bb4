"""How is a model written, in each format?"""

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any, Literal

import joblib
import numpy as np
import safetensors.numpy
import skops.io
from numpy.typing import NDArray

from foible import torch_files
from foible.artefacts.forests import Arrays, arrays
from foible.errors import BadInput

Format = Literal["pickle", "joblib", "torch", "skops", "safetensors", "npz"]


def dump(model: object, *, form: Format = "pickle") -> bytes:
    """A model as the bytes of a file.

    Parameters
    ----------
    model : object
        Any model for "pickle", "joblib" and "skops"; a forest for the other three,
        which hold its `arrays`.
    form : str
        The format.

    Raises
    ------
    BadInput
        For a format that is none of the six.
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
    """Named arrays from a safetensors file, which holds nothing else."""
    return safetensors.numpy.load(artefact)


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
