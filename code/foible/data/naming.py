"""Which data set has this name?"""

from collections.abc import Callable

from foible.data.customers import bank
from foible.data.patients import clinic, diabetes
from foible.data.pictures import digits, faces, signs
from foible.data.rows import Dataset
from foible.errors import BadInput

LOADERS: dict[str, Callable[[], Dataset]] = {
    loader.__name__: loader for loader in (bank, clinic, diabetes, digits, faces, signs)
}


def load(name: str) -> Dataset:
    """The data set of this name.

    Raises
    ------
    BadInput
        There is none of this name.
    DataMissing, DataDamaged
        As its own loader raises them.
    """
    if name not in LOADERS:
        raise BadInput(f"no data set {name!r}: choose one of {', '.join(LOADERS)}.")
    return LOADERS[name]()
