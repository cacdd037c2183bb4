"""Where is a model kept that took long to make, and how is it read again?"""

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias, overload

import numpy as np
import skops.io
from joblib import effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier

from foible import models
from foible.artefacts.forests import arrays, forest, sound
from foible.artefacts.skops_files import REVIEWED
from foible.data import Coding, Dataset
from foible.domains import Count, Seed
from foible.errors import BadInput, ModelRemade
from foible.models import Convolutional, Model, Network, Recipe, TorchModel
from foible.models.from_sklearn import Estimator, Linear
from foible.store.fingerprints import fingerprint, libraries

TOGETHER = 64
"""Models that are made between two writings, a processor."""
Table: TypeAlias = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Kept(Recipe):
    """A recipe whose models are kept in a folder; see `kept`."""

    recipe: Recipe
    folder: Path
    version: str
    like: TorchModel | None
    together: Count

    def __call__(self, rows: Dataset, *, seed: Seed) -> Model:
        """The model, found or made."""
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> "Finished":
        """As many models; only those are made that are not in the folder yet."""
        if len(rows) != len(seeds):
            raise BadInput(
                f"got {len(rows)} data sets and {len(seeds)} seeds; wanted one for each"
            )
        paths = [
            self.path(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)
        ]
        missing = {path: i for i, path in enumerate(paths) if not path.exists()}
        self._make(list(missing.values()), rows, seeds, paths)
        return Finished(self, rows, seeds, paths)

    def path(self, rows: Dataset, *, seed: Seed) -> Path:
        """Where the model made from these rows is, or will be."""
        known = rows.X, rows.y, rows.columns, rows.classes, rows.image
        told = libraries(), self.recipe, self.version, seed, known
        return self.folder / f"{fingerprint(told, version=self.version)}.npz"

    def read(self, path: Path, *, rows: Dataset, seed: Seed) -> Model:
        """The model in a file; if it is damaged, the model made again.

        Warns
        -----
        ModelRemade
            It was damaged, or had gone.
        """
        try:
            return self._opened(path)
        except Exception as problem:
            warnings.warn(
                f"got {path.name}, which cannot be read ({type(problem).__name__}: "
                f"{problem}); the model is made again",
                ModelRemade,
                stacklevel=3,
            )
        self._make([0], [rows], [seed], [path])
        return self._opened(path)

    def _make(
        self,
        which: Sequence[int],
        rows: Sequence[Dataset],
        seeds: Sequence[int],
        paths: Sequence[Path],
    ) -> None:
        """Make some of the models, and write them as soon as a few are there."""
        few = self.together * effective_n_jobs(None)
        for start in range(0, len(which), few):
            some = which[start : start + few]
            made = self.recipe.many(
                [rows[i] for i in some], seeds=[seeds[i] for i in some]
            )
            for i, model in zip(some, made, strict=True):
                _write(paths[i], {**self._table(model), "key": np.array(paths[i].stem)})

    def _table(self, model: object) -> Table:
        """A model as named arrays."""
        if isinstance(model, Linear | Estimator):
            held = model.asked if isinstance(model, Linear) else model
            return {**_of_estimator(held.estimator), "asked": _asked(held)}
        if isinstance(model, BaseEstimator):
            return _of_estimator(model)
        if type(model) in (Network, Convolutional, TorchModel):
            table = _named("weight", model.weights())  # type: ignore[attr-defined]
            if isinstance(model, Convolutional):
                table["image"] = np.array(model.image)
            if isinstance(model, TorchModel):
                _as_like(model, self.like)
            return {**table, "kind": np.array(type(model).__name__)}
        raise BadInput(
            f"got a recipe that makes a {type(model).__name__}, which is not kept; "
            "wanted networks, estimators or torch.nn.Modules"
        )

    def _opened(self, path: Path) -> Model:
        """The model in a file, or whatever NumPy and skops raise."""
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as file:
            table = dict(file)
        if str(table["key"]) != path.stem:
            raise ValueError(f"it is that of {table['key']}")
        kind, weights = str(table["kind"]), _under("weight", table)
        if kind == "TorchModel" and self.like is not None:
            return self.like.with_weights(weights)
        if kind == "Network":
            return _network(weights)
        if kind == "Convolutional":
            return _convolutional(tuple(map(int, table["image"])), weights)
        model: Any = (
            sound(forest(_under("forest", table)))
            if kind == "forest"
            else skops.io.loads(table["skops"].tobytes(), trusted=list(REVIEWED))
        )
        return _wrapped(model, str(table["asked"])) if "asked" in table else model


class Finished(Sequence[Model]):
    """Models in a folder, each read when it is looked at, and never all in memory."""

    def __init__(
        self,
        recipe: Kept,
        rows: Sequence[Dataset],
        seeds: Sequence[Seed],
        paths: Sequence[Path],
    ) -> None:
        self._recipe, self._paths = recipe, paths
        self._rows, self._seeds = rows, seeds

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, place: int) -> Model: ...
    @overload
    def __getitem__(self, place: slice) -> list[Model]: ...
    def __getitem__(self, place: int | slice) -> Model | list[Model]:
        if isinstance(place, slice):
            return [self[i] for i in range(len(self))[place]]
        return self._recipe.read(
            self._paths[place], rows=self._rows[place], seed=self._seeds[place]
        )


def kept(
    recipe: Recipe,
    folder: str | Path,
    *,
    version: str = "",
    like: TorchModel | None = None,
    together: Count = TOGETHER,
) -> Kept:
    """The recipe, whose finished models are kept in a folder and found there again.

        shadows = Shadows.made(kept(recipe, "shadows"), rows, count=1000, seed=0)

    Models are networks, the book's and PyTorch's, and scikit-learn's estimators. Each
    is written in one stroke, under a name made of the recipe, the seed, the rows and
    the versions of the libraries: what was made otherwise is never taken for it, up to
    the rounding by which networks that are trained side by side depend on how many they
    are. A file that is damaged is made again, with a warning (`ModelRemade`).

    Parameters
    ----------
    recipe : Recipe
    folder : str or Path
        Made if it is not there; only who may decide what your models say should be
        able to write there.
    version : str
        Of what is in the recipe and has a code that nobody can see the whole of, such
        as a training loop: change it with the loop.
    like : TorchModel, optional
        Where the recipe makes a `torch.nn.Module`: one with the same layers, trained or
        not, whose weights are replaced by those in the file: `models.torch(module)`.
    together : int
        Models that a processor makes between two writings; so many a run that is
        killed may lose. Small networks are fast in groups of 64, and a large one that
        takes minutes is better written at once, 1.

    BadInput: a folder that cannot be made; later a recipe with a function in it and no
    `version`, or one whose models cannot be kept.
    """
    where = Path(folder)
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"got folder={str(folder)!r} ({error}); wanted one that can be made"
        ) from error
    return Kept(recipe, where, version, like, together)


# ---------------------------------------------------------------- files


def _write(path: Path, table: Table) -> None:
    """Write a file in one stroke: it is whole, or it is not there."""
    with NamedTemporaryFile(
        dir=path.parent, prefix=".", suffix=".part", delete=False
    ) as part:
        try:
            np.savez(part, **table)  # type: ignore[arg-type]
        except BaseException:
            os.unlink(part.name)
            raise
    os.replace(part.name, path)


def _of_estimator(estimator: Any) -> Table:
    """An estimator as named arrays."""
    if type(estimator) is RandomForestClassifier:
        return {**_named("forest", arrays(estimator)), "kind": np.array("forest")}
    held = skops.io.dumps(estimator)
    strange = set(skops.io.get_untrusted_types(data=held)) - set(REVIEWED)
    if strange:
        raise BadInput(
            f"got a {type(estimator).__name__} that holds {min(strange)}, which could "
            "be any program; wanted scikit-learn's own, which can be kept without one"
        )
    return {"skops": np.frombuffer(held, np.uint8), "kind": np.array("skops")}


def _asked(held: Estimator) -> NDArray[Any]:
    """What the labels and the words of an estimator are, as JSON."""
    words = held.coding and [held.coding.columns, dict(held.coding.words)]
    try:
        return np.array(json.dumps([held.labels, words]))
    except TypeError as error:
        raise BadInput(
            f"got labels or words that are not kept ({error}); wanted texts and numbers"
        ) from error


def _wrapped(estimator: object, asked: str) -> Model:
    """An estimator with the labels and the words that it had."""
    labels, words = json.loads(asked)
    if words is None:
        return models.sklearn(estimator, labels=labels)
    columns, held = words
    known = Coding(tuple(columns), {name: tuple(held[name]) for name in held})
    many = [len(known.words.get(name, "1")) for name in known.columns]
    each = np.minimum(np.arange(max(many))[:, np.newaxis], np.array(many) - 1)
    return models.sklearn(estimator, like=known.frame(each), labels=labels)


def _as_like(model: TorchModel, like: TorchModel | None) -> None:
    if like is None:
        raise BadInput(
            "got a recipe that makes a torch.nn.Module; wanted like=models.torch("
            "module), one with the same layers, to put its weights into"
        )
    like.with_weights(model.weights())


def _named(group: str, table: Mapping[str, NDArray[Any]]) -> Table:
    return {f"{group}.{name}": values for name, values in table.items()}


def _under(group: str, table: Table) -> Table:
    before = f"{group}."
    return {n.removeprefix(before): a for n, a in table.items() if n.startswith(before)}


def _layers(weights: Table, weight: str, bias: str) -> tuple[Any, ...]:
    count = sum(name.startswith(f"{bias}_") for name in weights)
    return tuple(
        (weights[f"{weight}_{i}"], weights[f"{bias}_{i}"]) for i in range(count)
    )


def _network(weights: Table) -> Network:
    return Network(_layers(weights, "weight", "bias"))


def _convolutional(image: tuple[int, ...], weights: Table) -> Convolutional:
    filters = _layers(weights, "filter", "filter_bias")
    return Convolutional(image, filters, _network(weights))
