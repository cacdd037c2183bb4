"""How does a model come out of a file that nobody need trust?

By the loaders that the chapter on the supply chain found to run nothing: a forest as
arrays or described by skops, the dumps of XGBoost and LightGBM, and else what skops
builds of scikit-learn's own types, first in a process of its own. A pickle is a
program: it is never opened.
"""

from pathlib import Path
from typing import Any

import skops.io

from foible import models
from foible.artefacts import apart, load, load_apart
from foible.errors import ArtefactRefused

SECONDS, MEMORY = 20.0, 2 * 2**30  # for the process in which a file is tried
PICKLES = (".pkl", ".pickle", ".joblib", ".pk")
NETWORKS = (".pt", ".pth", ".onnx", ".h5", ".keras")
FORESTS = {".npz": "NumPy, no pickle", ".safetensors": "safetensors"}
TRUSTED = (
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
"""Types that skops does not trust by itself, and that hold numbers and nothing else."""


def opened(path: str | Path) -> Any:
    """The model in a file, or ArtefactRefused, which says what to do instead.

    Parameters
    ----------
    path : str or Path
        `.skops`, a forest's arrays as `.npz` or `.safetensors`, XGBoost's `.json` or
        LightGBM's `.txt`. A network has no such file: its weights need the code that
        computes with them.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind in PICKLES:
        raise ArtefactRefused(
            f"got {file.name}, a pickle, which runs what it says when it is opened; "
            "wanted a .skops file: skops.io.dump(model, 'model.skops') where the model "
            "was made, or give the object: foible.audit(model, rows)"
        )
    if kind in NETWORKS:
        raise ArtefactRefused(
            f"got {file.name}, weights that need the code of a network; wanted that "
            "too: foible.audit(module.eval(), rows), or package.module:name in the "
            "place of the file"
        )
    artefact = _read(file)
    if kind in FORESTS:
        way = FORESTS[kind]
        return load_apart(artefact, loader=way, seconds=SECONDS, memory=MEMORY)
    if kind in (".json", ".txt"):
        text = artefact.decode("utf-8", "replace")
        return models.xgboost(text) if kind == ".json" else models.lightgbm(text)
    if kind == ".skops":
        return _skops(artefact, file.name)
    raise ArtefactRefused(
        f"got {file.name}; wanted .skops, .npz or .safetensors of a forest, XGBoost's "
        ".json or LightGBM's .txt"
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ArtefactRefused(
            f"got {file} that cannot be read ({error.strerror}); wanted a model's file"
        ) from error


def _skops(artefact: bytes, name: str) -> Any:
    """What is in a skops file: a forest as described, or scikit-learn's own types."""
    try:
        return load(artefact, loader="skops, reviewed list")
    except ArtefactRefused:
        pass  # no forest
    strange = _strange(artefact, name)
    if strange:
        raise ArtefactRefused(
            f"got {name} with {', '.join(strange)}, which nobody has reviewed for "
            "files; wanted scikit-learn's other types, or a random forest: give the "
            "object, foible.audit(model, rows), or package.module:name"
        )
    ended = apart(lambda: _built(artefact), seconds=SECONDS, memory=MEMORY)
    if ended.how != "done":
        raise ArtefactRefused(
            f"got {name}, whose loader {ended.how}; wanted a file that opens in "
            f"{SECONDS:g} seconds and {MEMORY // 2**30} GiB; do not open it"
        )
    return skops.io.loads(artefact, trusted=list(TRUSTED))


def _strange(artefact: bytes, name: str) -> list[str]:
    """Types in the file that are not on a list of ours or of skops's."""
    try:
        found = skops.io.get_untrusted_types(data=artefact)
    except Exception as error:
        raise ArtefactRefused(
            f"got {name}, which is no file of skops ({type(error).__name__}); wanted "
            "what skops.io.dump wrote"
        ) from error
    return [kind for kind in found if kind not in TRUSTED]


def _built(artefact: bytes) -> bytes:
    try:
        model = skops.io.loads(artefact, trusted=list(TRUSTED))
    except Exception as error:
        raise ArtefactRefused(f"{type(error).__name__}: {error}") from error
    return type(model).__name__.encode()
