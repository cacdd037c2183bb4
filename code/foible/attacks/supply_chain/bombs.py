"""How is a loader made to fill the memory by a file that hardly grows?"""

import io
from zipfile import ZIP_BZIP2

import numpy as np
from numpy._core.multiarray import scalar

from foible import artefacts
from foible.artefacts import Call, append_call
from foible.attacks.supply_chain.knots import CODES
from foible.attacks.supply_chain.traps import in_archive
from foible.attacks.supply_chain.values import opened
from foible.domains import Count


def swollen(artefact: bytes, *, form: artefacts.Format, size: Count = 10**8) -> bytes:
    """A forest's file in any format that claims `size` bytes when it is opened.

    No name is asked for that an honest file could not ask for. A pickle is told to
    remember the model under a large number, for which Python makes room; joblib's gets
    a call of NumPy's scalar, which every forest calls, and PyTorch's one of a
    bytearray; archives get a member of blanks or noughts, compressed. A safetensors
    file must hold what it claims: it claims `size` classes of no bytes, for whoever
    counts them.
    """
    honest = artefacts.dump(opened(artefact), form=form)
    match form:
        case "pickle":
            room = size // 16  # two pointers a number
            return honest[:-1] + _remembered(room) + honest[-1:]
        case "joblib":
            return append_call(honest, Call(scalar, np.dtype(f"V{size}")))
        case "torch":
            call = Call(bytearray, size)
            return in_archive(honest, "data.pkl", lambda f: append_call(f, call))
        case "skops":
            return in_archive(
                honest, "schema.json", lambda f: f + b" " * size, packing=ZIP_BZIP2
            )
        case "npz":
            return in_archive(
                honest, "columns.npy", lambda _: _noughts(size), packing=ZIP_BZIP2
            )
        case "safetensors":
            empty = {"classes": np.empty((size, 0))}
            return artefacts.save_table({**artefacts.load_table(honest), **empty})


def _remembered(number: int) -> bytes:
    """The instruction to remember what was made last under a number."""
    return CODES["LONG_BINPUT"] + number.to_bytes(4, "little")


def _noughts(size: int) -> bytes:
    """A NumPy file of so many bytes."""
    file = io.BytesIO()
    np.save(file, np.zeros(size, np.uint8))
    return file.getvalue()
