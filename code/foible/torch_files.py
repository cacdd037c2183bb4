"""How does PyTorch write arrays to a file, and read them back?"""

import io
import pickle
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from foible.errors import ArtefactRefused

Arrays = Mapping[str, NDArray[np.generic]]


def save(arrays: Arrays) -> bytes:
    """The file that ``torch.save`` makes of named arrays: a pickle inside a zip."""
    file = io.BytesIO()
    tensors = {name: torch.from_numpy(np.array(a)) for name, a in arrays.items()}
    torch.save(tensors, file)
    return file.getvalue()


def load(artefact: bytes, *, weights_only: bool) -> dict[str, NDArray[np.generic]]:
    """Named arrays from a file of ``torch.save``; runs its code unless `weights_only`.

    Parameters
    ----------
    artefact : bytes
        The file.
    weights_only : bool
        PyTorch's own allow list: tensors and plain containers. It is the default
        since PyTorch 2.6; before, any callable in the file was called.

    Raises
    ------
    ArtefactRefused
        The file is no such file, or holds something else.
    """
    try:
        tensors = torch.load(io.BytesIO(artefact), weights_only=weights_only)
    except (EOFError, RuntimeError, pickle.UnpicklingError) as problem:
        raise ArtefactRefused(
            "got a file that cannot be read as PyTorch's "
            f"({type(problem).__name__}); wanted one of torch.save"
        ) from problem
    if not isinstance(tensors, dict):
        raise ArtefactRefused(
            f"got a file that holds a {type(tensors).__name__}; wanted named arrays"
        )
    return {name: _array(tensor) for name, tensor in tensors.items()}


def _array(tensor: object) -> NDArray[np.generic]:
    """A tensor's array, if it is laid out in memory of its own."""
    if type(tensor) is not torch.Tensor or not tensor.is_contiguous():
        raise ArtefactRefused(
            f"got a file with a {type(tensor).__name__} that is no plain tensor; "
            "wanted arrays as torch.save writes them"
        )
    array: NDArray[np.generic] = tensor.numpy()
    return array
