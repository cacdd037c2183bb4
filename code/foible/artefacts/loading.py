"""Which loader opens which file?"""

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import skops.io
from sklearn.ensemble import RandomForestClassifier

from foible import torch_files
from foible.artefacts import skops_files
from foible.artefacts.apart import apart
from foible.artefacts.forests import (
    CLASSIFIER,
    FOREST,
    TREE,
    described,
    forest,
    sound,
)
from foible.artefacts.husks import NUMBERS, husk
from foible.artefacts.writing import Format, dump, load_table
from foible.errors import ArtefactRefused, BadInput

ALLOWED = NUMBERS | {FOREST, CLASSIFIER, TREE}
"""All that the pickle of a forest has to ask for."""


class _AllowList(pickle.Unpickler):
    """An unpickler that finds nothing but what `ALLOWED` names."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise ArtefactRefused(
                f"got a file that asks for {module}.{name}; wanted nothing but the "
                f"{len(ALLOWED)} names that a forest needs; do not open it with pickle"
            )
        return super().find_class(module, name)


class _Describing(_AllowList):
    """The same, which calls nothing: what an allowed name does is up to the file."""

    def find_class(self, module: str, name: str) -> Any:
        super().find_class(module, name)  # or refused
        return husk((module, name))


def as_listed(artefact: bytes) -> Any:
    """What an allow list opens that calls the names it lets in, unchecked.

    It is no `Loader`: some files end the process, as what they call does.
    """
    return _AllowList(io.BytesIO(artefact)).load()


@dataclass(frozen=True)
class Loader:
    """A way to open a model file: the model in these bytes, or `ArtefactRefused`.

    Refusing does not undo what the file has already run.
    """

    form: Format
    opened: Callable[[bytes], object]

    def __call__(self, artefact: bytes) -> object:
        """The model in a file."""
        try:
            return sound(self.opened(artefact))
        except ArtefactRefused:
            raise
        except Exception as problem:
            raise ArtefactRefused(
                f"got a file that cannot be read as {self.form} "
                f"({type(problem).__name__}); wanted one that holds a model and "
                "nothing else; ask whoever made it for another"
            ) from problem


def _skops_as_in_tutorials(artefact: bytes) -> object:
    """A skops file, trusting every type that the file itself asks for."""
    wanted = skops.io.get_untrusted_types(data=artefact)
    return skops.io.loads(artefact, trusted=wanted)


def _numpy(artefact: bytes) -> RandomForestClassifier:
    with np.load(io.BytesIO(artefact), allow_pickle=False) as table:
        return forest(dict(table))


def _torch(*, weights_only: bool) -> Callable[[bytes], object]:
    return lambda file: forest(torch_files.load(file, weights_only=weights_only))


LOADERS: Mapping[str, Loader] = {
    "pickle": Loader("pickle", pickle.loads),
    "joblib": Loader("joblib", lambda artefact: joblib.load(io.BytesIO(artefact))),
    "torch, all": Loader("torch", _torch(weights_only=False)),
    "skops, trusting the file": Loader("skops", _skops_as_in_tutorials),
    "allow list": Loader(
        "pickle", lambda file: described(_Describing(io.BytesIO(file)).load())
    ),
    "torch, weights only": Loader("torch", _torch(weights_only=True)),
    "skops, reviewed list": Loader(
        "skops", lambda file: described(skops_files.description(file))
    ),
    "safetensors": Loader("safetensors", lambda file: forest(load_table(file))),
    "NumPy, no pickle": Loader("npz", _numpy),
}
"""The loaders by name: four that run what the file says, then five that do not."""


def load(artefact: bytes, *, loader: str = "allow list") -> Any:
    """The model in a file, opened by one of `LOADERS`, or ArtefactRefused."""
    if loader not in LOADERS:
        raise BadInput(f"got the loader {loader!r}; wanted one of {list(LOADERS)}")
    return LOADERS[loader](artefact)


def load_apart(
    artefact: bytes,
    *,
    loader: str = "allow list",
    seconds: float = 2.0,
    memory: int = 200 * 2**20,
) -> RandomForestClassifier:
    """The forest in a file that nobody trusts, opened in a process of its own.

    That process has so many seconds of computing and bytes of memory; what comes back
    from it are arrays, which are checked again here. ArtefactRefused if it takes more,
    ends otherwise or is refused.
    """
    ended = apart(
        lambda: dump(load(artefact, loader=loader), form="npz"),
        seconds=seconds,
        memory=memory,
    )
    if ended.how == "refused":
        raise ArtefactRefused(ended.gave.decode())
    if ended.how != "done":
        raise ArtefactRefused(
            f"got a file whose loader {ended.how}; wanted one that opens in "
            f"{seconds:g} seconds and {memory // 2**20} MiB; do not open it"
        )
    opened: RandomForestClassifier = load(ended.gave, loader="NumPy, no pickle")
    return opened
