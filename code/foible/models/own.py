"""How is a model of one's own made again, from other rows and with other chance?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from torch import manual_seed, nn, random

from foible.data import Dataset
from foible.data.frames import coding
from foible.domains import Count, Seed
from foible.errors import BadInput
from foible.models._checks import matched, placed
from foible.models.from_sklearn import sklearn
from foible.models.from_torch import torch
from foible.models.kinds import Classifier, Model, Recipe, Regressor


@dataclass(frozen=True, eq=False)
class OwnRecipe(Recipe):
    """Makes models as their owner does; see `recipe`."""

    make: Any
    like: pd.DataFrame | None
    image: tuple[Count, ...] | None
    device: str = "cpu"

    def __call__(self, rows: Dataset, *, seed: Seed) -> Model:
        """One model."""
        X: Any = rows.X
        if self.like is not None:
            X = coding(self.like).frame(rows.X)
        if self.image is not None and len(self.image) == 3:
            colours, height, width = self.image
            X = np.moveaxis(rows.X.reshape(-1, height, width, colours), -1, 1)
        with _by_itself(self.device):
            manual_seed(seed)
            return self._made(self._fitted(X, rows, seed), len(rows.classes))

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]) -> list[Model]:
        """As many models, through joblib."""
        jobs = (delayed(self)(part, seed=seed) for part, seed in matched(rows, seeds))
        return list(Parallel()(jobs))

    def _fitted(self, X: Any, rows: Dataset, seed: int) -> Any:
        if not isinstance(self.make, BaseEstimator):
            return self.make(X, rows.y.copy(), seed=seed)
        fresh = clone(self.make)
        chance = [name for name in fresh.get_params() if name.endswith("random_state")]
        return fresh.set_params(**dict.fromkeys(chance, seed)).fit(X, rows.y)

    def _made(self, model: Any, classes: int) -> Model:
        if isinstance(model, nn.Module):
            return torch(model.eval(), image=self.image)
        if isinstance(model, BaseEstimator):
            return sklearn(model, like=self.like, labels=range(classes))
        if isinstance(model, Classifier | Regressor):
            return model
        raise BadInput(
            f"got a recipe that makes a {type(model).__name__}; wanted a torch.nn."
            "Module, an estimator, or what has predict"
        )


@contextmanager
def _by_itself(device: str) -> Iterator[None]:
    """Torch makes tensors on a device, and what it draws leaves no trace."""
    on = placed(device)
    if on.type == "cpu":
        with random.fork_rng(devices=[]):
            yield
    else:
        with random.fork_rng(devices=[on], device_type=on.type), on:
            yield


def recipe(
    make: Any,
    *,
    like: pd.DataFrame | None = None,
    image: tuple[Count, ...] | None = None,
    device: str = "cpu",
) -> OwnRecipe:
    """Recipe for models of one's own: shadows of them, or the same model again.

    `many` runs in this process unless `joblib.parallel_config` says where else, such as
    "dask"; `foible.store.kept` keeps what is finished.

    Parameters
    ----------
    make : estimator or callable
        An estimator is cloned, each `random_state` in it set to the seed, and fitted.
        Anything else is called as `make(X, y, seed=seed)` with the rows, and labels
        from 0, and gives what it has fitted: a `torch.nn.Module`, which is put into
        evaluation mode, an estimator, or a model. While it runs torch's own chance is
        seeded, and set back afterwards.
    like : DataFrame, optional
        As for `sklearn`: the rows are made a frame of its columns and words.
    image : tuple of int, optional
        As for `torch`: the rows are made images of this shape, (n, colours, height,
        width).
    device : str
        Where torch makes tensors while `make` runs, unless it says otherwise: "cpu",
        "cuda". BadInput, when training, where there is no such device.

    BadInput: what can be neither cloned nor called; later, what makes no model.
    """
    if not isinstance(make, BaseEstimator):
        try:
            signature(make).bind(None, None, seed=0)
        except (TypeError, ValueError) as error:
            raise BadInput(
                f"got make={make!r} ({error}); wanted an estimator, or a function "
                "called as make(X, y, seed=seed)"
            ) from error
    return OwnRecipe(make, like, image, device)
