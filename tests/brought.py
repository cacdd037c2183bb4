"""What people bring: rows, labels, models and services as they have them.

Each `Garment` puts a value into other clothes, and says what must come of it: the same
as of the plain one ("same"), a refusal ("refused"), or either ("either").
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from foible import models
from foible.data import Dataset
from foible.domains import Table
from foible.oracle import Oracle

Random = np.random.Generator
Kind = Literal["rows", "labels", "model", "oracle", "data set"]


@dataclass(frozen=True)
class Garment:
    """One way to bring a value.

    `worn(value, width, random)` is what is brought, where rows are so wide, or None
    where it does not fit; `plain(value)` what it is the same as, by itself if left out.
    """

    name: str
    worn: Callable[[Any, int, Random], Any]
    wanted: Literal["same", "refused", "either"]
    plain: Callable[[Any], Any] = lambda value: value


def kind_of(hint: Any, value: Any) -> Kind | None:
    """What a person would bring for an argument that has this value."""
    if isinstance(value, Dataset):
        return "data set" if vars(value) else None  # one that is being made
    if isinstance(value, Oracle):
        return "oracle"
    if isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f":
        return "rows"
    tables = [part for part in get_args(hint) if isinstance(part, Table)]
    if isinstance(value, np.ndarray) and any(table.below == "k" for table in tables):
        return "labels"
    if hasattr(value, "predict") and not isinstance(value, type):
        return "model"
    return None


# ---------------------------------------------------------------- rows


def single(X: Any) -> Any:
    return X.astype(np.float32).astype(np.float64)


def holed(X: Any, width: int, random: Random) -> Any:
    hole = X.copy()
    hole[random.integers(len(X)), random.integers(X.shape[1])] = np.nan
    return hole


def frame(X: Any, *_: Any) -> pd.DataFrame:
    return pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])])


def with_words(X: Any, width: int, random: Random) -> pd.DataFrame:
    return frame(X).assign(c0=random.choice(["cook", "nurse"], len(X)))


ROWS = [
    Garment("float32", lambda X, *_: X.astype(np.float32), "same", single),
    Garment("a frame", frame, "same"),
    Garment("a list", lambda X, *_: X.tolist(), "same"),
    Garment("by columns", lambda X, *_: np.asfortranarray(X), "either"),
    Garment("every other row", lambda X, *_: np.repeat(X, 2, axis=0)[::2], "same"),
    Garment("a tensor", lambda X, *_: torch.from_numpy(X.copy()), "same"),
    Garment("a frame with NaN", lambda *a: frame(holed(*a)), "refused"),
    Garment("a frame with words", with_words, "refused"),
    Garment("words", lambda X, *_: X.astype(str), "refused"),
    Garment("NaN", holed, "refused"),
    Garment("complex", lambda X, *_: X + 1j, "refused"),
    Garment(
        "standardised",
        lambda X, *_: (X - X.mean(0)) / np.where(X.std(0) > 0, X.std(0), 1),
        "either",
    ),
    Garment("in thousands", lambda X, *_: X * 1000, "either"),
]

# ---------------------------------------------------------------- labels

LABELS = [
    Garment("int32", lambda y, *_: y.astype(np.int32), "same"),
    Garment("uint8", lambda y, *_: y.astype(np.uint8), "same"),
    Garment("a list", lambda y, *_: y.tolist(), "same"),
    Garment("bools", lambda y, *_: y > 0, "same", lambda y: (y > 0).astype(np.int64)),
    Garment(
        "a column of a shuffled frame",
        lambda y, w, random: pd.Series(y, index=random.permutation(len(y))),
        "same",
    ),
    Garment("-1 and +1", lambda y, *_: np.where(y == y[0], -1, 1), "refused"),
    Garment("words", lambda y, *_: np.array(["a", "b", "c"])[y % 3], "refused"),
    Garment("objects", lambda y, *_: np.array(["a", 1.5])[y % 2], "refused"),
    Garment("floats", lambda y, *_: y.astype(float), "refused"),
    Garment("halves", lambda y, *_: y + 0.5, "refused"),
    Garment("one-hot", lambda y, *_: np.eye(max(y.max() + 1, 2))[y], "refused"),
    Garment("a column", lambda y, *_: y[:, np.newaxis], "refused"),
]

# ---------------------------------------------------------------- models


class Unhashable:
    """A model that is equal to its like, and so has no hash."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, model: Any) -> None:
        self.__dict__["model"] = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "model" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.model, name)


def classes_of(model: Any) -> int:
    known = getattr(model, "classes_", range(3))
    return len(known) if not isinstance(known, list) else 3


def fitted(estimator: Any, name: Callable[[Any], Any] = lambda y: y) -> Any:
    """A garment's estimator, fitted on drawn rows with labels called so."""

    def worn(model: Any, width: int, random: Random) -> Any:
        X = random.random((60, width))
        y = np.arange(60) % classes_of(model)
        return estimator().fit(X, name(y))

    return worn


def module(model: Any, width: int, *, layers: bool = True) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(width, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, classes_of(model))
    )


def put_into_training(model: Any, width: int, random: Random) -> Any:
    brought = models.torch(module(model, width).eval())
    brought.module.train()
    return brought


MODELS = [
    Garment("unhashable", lambda model, *_: Unhashable(model), "either"),
    Garment("SVC", fitted(SVC), "either"),
    Garment("SVC, wrapped", lambda *a: models.sklearn(fitted(SVC)(*a)), "either"),
    Garment("logistic regression", fitted(LogisticRegression), "either"),
    Garment(
        "pipeline",
        fitted(lambda: make_pipeline(StandardScaler(), LogisticRegression())),
        "either",
    ),
    Garment(
        "boosting", fitted(lambda: GradientBoostingClassifier(n_estimators=2)), "either"
    ),
    Garment(
        "several outputs",
        fitted(DecisionTreeClassifier, lambda y: np.stack([y, y], 1)),
        "refused",
    ),
    Garment(
        "labels -1 and +1",
        fitted(RandomForestClassifier, lambda y: np.where(y, 1, -1)),
        "refused",
    ),
    Garment(
        "labels in words",
        fitted(RandomForestClassifier, lambda y: np.char.add("c", y.astype(str))),
        "refused",
    ),
    Garment(
        "labels of floats",
        fitted(DecisionTreeClassifier, lambda y: y.astype(float)),
        "refused",
    ),
    Garment("not fitted", lambda *_: RandomForestClassifier(), "refused"),
    Garment("a module", lambda m, width, _: module(m, width), "refused"),
    Garment("a module in train mode", put_into_training, "either"),
    Garment("torch", lambda m, w, _: models.torch(module(m, w).eval()), "either"),
    Garment("a class", lambda *_: RandomForestClassifier, "refused"),
]

# ---------------------------------------------------------------- services


def service(answer: Callable[[Any], Any], answers: Any = "label") -> Any:
    return lambda oracle, *_: Oracle(answer, answers=answers)


def failing(X: Any) -> Any:
    raise OSError("no route to it")


ORACLES = [
    Garment("labels alone", service(lambda X: (X[:, 0] > 0.5).astype(int)), "either"),
    Garment("labels of floats", service(lambda X: (X[:, 0] > 0.5) * 1.0), "either"),
    Garment("-1 and +1", service(lambda X: np.arange(len(X)) % 2 * 2 - 1), "refused"),
    Garment("words", service(lambda X: np.full(len(X), "yes")), "refused"),
    Garment("halves", service(lambda X: np.full(len(X), 0.5)), "refused"),
    Garment("a failure", service(failing), "refused"),
    Garment("nothing", service(lambda X: None), "refused"),
    Garment("too few", service(lambda X: np.zeros(len(X) + 1)), "refused"),
    Garment(
        "one column", service(lambda X: np.ones((len(X), 1)), "probabilities"), "either"
    ),
    Garment(
        "scores",
        service(lambda X: np.tile([3.0, -1.0], (len(X), 1)), "values"),
        "either",
    ),
    Garment(
        "no probabilities",
        service(lambda X: np.tile([3.0, -1.0], (len(X), 1)), "probabilities"),
        "refused",
    ),
]

# ---------------------------------------------------------------- data sets


def dressed(**changes: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda rows, *_: replace(
        rows, **{name: change(getattr(rows, name)) for name, change in changes.items()}
    )


SETS = [
    Garment(
        "float32",
        dressed(X=lambda X: X.astype(np.float32)),
        "same",
        dressed(X=single),
    ),
    Garment(
        "int32",
        dressed(y=lambda y: y.astype(np.int32 if y.dtype.kind == "i" else y.dtype)),
        "same",
    ),
    Garment(
        "standardised",
        dressed(X=lambda X: (X - X.mean(0)) / np.where(X.std(0) > 0, X.std(0), 1)),
        "either",
    ),
    Garment("in thousands", dressed(X=lambda X: X * 1000), "either"),
    Garment("one row", lambda rows, *_: rows.take([0]), "either"),
    Garment("rows all alike", dressed(X=lambda X: np.zeros_like(X)), "either"),
    Garment(
        "a class more", dressed(classes=lambda c: (*c, "new") if c else c), "either"
    ),
    Garment("rows and labels", lambda rows, *_: (rows.X, rows.y), "refused"),
    Garment("a frame", lambda rows, *_: frame(rows.X), "refused"),
]

WARDROBE: dict[Kind, list[Garment]] = {
    "rows": ROWS,
    "labels": LABELS,
    "model": MODELS,
    "oracle": ORACLES,
    "data set": SETS,
}
