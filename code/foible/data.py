"""Rows and labels: which data a model is made from, and where they come from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt
from sklearn import datasets

from foible.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows, their labels and the names of both: never changed, only copied.

    Two data sets are equal only if they are the same object.

    Parameters
    ----------
    name : str
        The word for it: "bank", "digits".
    X : ndarray of shape (n, d)
        The rows, float64, finite, read-only.
    y : ndarray of shape (n,)
        The labels, int64, each an index into `classes`, read-only; or float64, the
        target of a regression, if `classes` is empty.
    columns : tuple of str, length d
        What each column of `X` is called.
    classes : tuple of str
        What each label is called; empty for a regression.
    origin : str
        One phrase: which data this is.
    image : tuple of int, optional
        The shape of a row that is seen as an image.

    Raises
    ------
    BadInput
        The parts do not fit each other, or a value is not finite.
    """

    name: str
    X: Floats
    y: npt.NDArray[np.int64 | np.float64]
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    origin: str
    image: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        set_field = super().__setattr__  # a frozen dataclass sets its own fields so
        set_field("columns", tuple(self.columns))
        set_field("classes", tuple(self.classes))
        set_field("X", _rows(self.name, self.X))
        set_field("y", _labels(self.name, self.y, self.classes))
        self._check_lengths()

    def _check_lengths(self) -> None:
        n, d = self.X.shape
        if n == 0 or d == 0:
            raise BadInput(f"{self.name}: X is {n} × {d}: give at least one row.")
        if len(self.y) != n:
            raise BadInput(f"{self.name}: {n} rows but {len(self.y)} labels.")
        if len(self.columns) != d:
            raise BadInput(
                f"{self.name}: X has {d} columns but {len(self.columns)} are named."
            )
        if len(set(self.columns)) != d:
            raise BadInput(f"{self.name}: column names repeat; each must be unique.")
        if self.image is not None and prod(self.image) != d:
            raise BadInput(
                f"{self.name}: an image of shape {self.image} has {prod(self.image)} "
                f"pixels, but a row has {d}."
            )

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        kinds = f"{len(self.classes)} classes" if self.classes else "a regression"
        return (
            f"<{self.name}: {len(self):,} rows × {len(self.columns)} columns, "
            f"{kinds}; {self.origin}>"
        )

    def take(self, index: npt.ArrayLike | slice) -> "Dataset":
        """Only the rows at `index`: positions, a mask of length n, or a slice."""
        where = index if isinstance(index, slice) else np.asarray(index)
        try:
            return replace(self, X=self.X[where], y=self.y[where])
        except IndexError as error:
            raise BadInput(
                f"{self.name}: cannot take these of {len(self)} rows ({error}): give "
                "positions, a mask or a slice."
            ) from error

    def split(self, share: float, *, seed: int) -> tuple["Dataset", "Dataset"]:
        """Two disjoint parts in random order, the first with `share` of the rows.

        Each class is divided in this proportion, to within one row. A regression is
        divided at random.

        Parameters
        ----------
        share : float
            What part of the rows comes first, above 0 and below 1.
        seed : int
            Of the shuffle.

        Raises
        ------
        BadInput
            `share` is not between 0 and 1, or leaves a part without rows.
        """
        n = len(self)
        first = round(share * n) if 0 < share < 1 else 0
        if not 0 < first < n:
            raise BadInput(
                f"{self.name}: a share of {share} of {n} rows leaves a part empty: "
                "give a share between 0 and 1 that leaves both parts a row."
            )
        order = np.random.default_rng(seed).permutation(n)
        strata = self.y[order] if self.classes else np.zeros(n)
        by_class = order[np.argsort(strata, kind="stable")]
        chosen = np.empty(n, dtype=bool)
        chosen[by_class] = np.diff(np.arange(n + 1) * first // n) == 1
        return self.take(order[chosen[order]]), self.take(order[~chosen[order]])

    def select(self, columns: Sequence[str]) -> "Dataset":
        """Only these columns, in this order; what is left is no image."""
        where = [self._position(name) for name in columns]
        return replace(self, X=self.X[:, where], columns=tuple(columns), image=None)

    def column(self, name: str) -> Floats:
        """One column, ndarray of shape (n,), read-only."""
        return self.X[:, self._position(name)]

    def _position(self, name: str) -> int:
        if name not in self.columns:
            raise BadInput(
                f"{self.name}: no column {name!r}; there are {', '.join(self.columns)}."
            )
        return self.columns.index(name)


def _rows(name: str, X: npt.ArrayLike) -> Floats:
    try:
        rows = np.array(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: X holds something that is no number.") from error
    if rows.ndim != 2:
        raise BadInput(
            f"{name}: X has {rows.ndim} dimensions, wanted 2: one row per example."
        )
    if not np.isfinite(rows).all():
        raise BadInput(f"{name}: X holds NaN or infinity; remove or replace them.")
    rows.flags.writeable = False
    return rows


def _labels(
    name: str, y: npt.ArrayLike, classes: tuple[str, ...]
) -> npt.NDArray[np.int64 | np.float64]:
    given = np.asarray(y)
    if given.ndim != 1:
        raise BadInput(f"{name}: y has {given.ndim} dimensions, wanted 1.")
    labels: npt.NDArray[np.int64 | np.float64]
    if not classes:
        labels = np.array(given, dtype=np.float64)
        if not np.isfinite(labels).all():
            raise BadInput(f"{name}: y holds NaN or infinity; remove these rows.")
    else:
        if given.dtype.kind not in "iub":
            raise BadInput(
                f"{name}: labels are {given.dtype}, wanted whole numbers; a regression "
                "has no classes."
            )
        labels = np.array(given, dtype=np.int64)
        if labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
            raise BadInput(
                f"{name}: labels run from {labels.min()} to {labels.max()}, wanted 0 "
                f"to {len(classes) - 1}, one for each class."
            )
    labels.flags.writeable = False
    return labels


def digits() -> Dataset:
    """Handwritten digits, pixels scaled to 0..1 [alpaydin1998optical]."""
    raw = datasets.load_digits()
    return Dataset(
        name="digits",
        X=raw.data / 16,
        y=raw.target,
        columns=tuple(raw.feature_names),
        classes=tuple("0123456789"),
        origin="scikit-learn's digits",
        image=(8, 8),
    )


def clinic() -> Dataset:
    """Measurements of 569 tumours, and whether each is benign [street1993nuclear]."""
    raw = datasets.load_breast_cancer()
    return Dataset(
        name="clinic",
        X=raw.data,
        y=raw.target,
        columns=tuple(str(name) for name in raw.feature_names),
        classes=tuple(str(name) for name in raw.target_names),
        origin="scikit-learn's breast cancer table",
    )


def diabetes() -> Dataset:
    """Records of 442 diabetics, y how far each had come a year on [efron2004least]."""
    raw = datasets.load_diabetes(scaled=False)
    return Dataset(
        name="diabetes",
        X=raw.data,
        y=raw.target,
        columns=tuple(raw.feature_names),
        classes=(),
        origin="scikit-learn's diabetes table",
    )
