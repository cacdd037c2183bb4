"""What is a data set, and how is it cut?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Annotated, Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from foible.arrays import Bools, Floats, Ints, places
from foible.domains import Classes, Count, Level, Natural, Range, Rows, Seed
from foible.errors import BadInput

Group = Mapping[str, Range]
"""Some rows: for some columns by name, the least and the greatest value."""


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

    BadInput: the parts do not fit each other, or a value is not finite.
    """

    name: str
    X: Rows
    y: npt.NDArray[Any]
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    origin: str
    image: tuple[Count, ...] | None = None

    def __post_init__(self) -> None:
        set_field = super().__setattr__  # a frozen dataclass sets its own fields so
        set_field("columns", tuple(self.columns))
        set_field("classes", tuple(self.classes))
        set_field("X", _kept(self.X))
        set_field("y", _labels(self.name, self.y, self.classes))
        self._check_lengths()

    def _check_lengths(self) -> None:
        n, d = self.X.shape
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
        where = index if isinstance(index, slice) else places(index, len(self))
        X, y = self.X[where], self.y[where]
        if not len(y):
            return replace(self, X=X, y=y)  # refuses it
        part: Dataset = object.__new__(type(self))  # of rows of ours all is known
        part.__dict__.update(self.__dict__, X=_kept(settled(X)), y=_kept(settled(y)))
        return part

    def split(self, share: Level, *, seed: Seed) -> tuple["Dataset", "Dataset"]:
        """Two disjoint parts in random order, the first with `share` of the rows.

        Each class is divided in this proportion, to within one row. A regression is
        divided at random. The share is above 0 and below 1, and leaves each part a row.
        """
        n = len(self)
        first = round(share * n)
        if not 0 < first < n:
            raise BadInput(
                f"{self.name}: a share of {share} of {n} rows leaves a part empty: "
                "give a share that leaves both parts a row."
            )
        strata = self.y if self.classes else np.zeros(n)
        ours, others = parts(strata, first, seed=seed)
        return self.take(ours), self.take(others)

    def select(self, columns: Sequence[str]) -> "Dataset":
        """Only these columns, in this order; what is left is no image."""
        where = [self.position(name) for name in columns]
        return replace(self, X=self.X[:, where], columns=tuple(columns), image=None)

    def column(self, name: str) -> Floats:
        """One column, ndarray of shape (n,), read-only."""
        return self.X[:, self.position(name)]

    def position(self, name: str) -> int:
        """Where a column stands; BadInput for one that is not there."""
        if name not in self.columns:
            raise BadInput(
                f"{self.name}: got the column {name!r}; wanted one of "
                f"{', '.join(self.columns)}."
            )
        return self.columns.index(name)


class Taken(Sequence[Dataset]):
    """Parts of rows, each taken when it is looked at, and never all in memory.

    Parameters
    ----------
    rows : Dataset
        The n rows.
    masks : ndarray of bool, shape (m, n)
        Which of them are in each part.
    """

    def __init__(self, rows: Dataset, masks: Bools) -> None:
        self.rows, self.masks = rows, masks

    def __len__(self) -> int:
        return len(self.masks)

    @overload
    def __getitem__(self, place: int) -> Dataset: ...
    @overload
    def __getitem__(self, place: slice) -> "Taken": ...
    def __getitem__(self, place: int | slice) -> "Dataset | Taken":
        if isinstance(place, slice):
            return Taken(self.rows, self.masks[place])
        return self.rows.take(self.masks[place])


Classified: TypeAlias = Annotated[Dataset, Classes()]
"""Rows whose labels are classes, and not numbers to regress on."""


def members(rows: Dataset, *, where: Group) -> Bools:
    """Which rows lie in all of the ranges, ends included; of shape (n,)."""
    inside = [
        (rows.column(name) >= low) & (rows.column(name) <= high)
        for name, (low, high) in where.items()
    ]
    return np.asarray(np.logical_and.reduce(inside))


def same_columns(rows: Dataset, more: Dataset) -> None:
    """Refuse two data sets of other columns or classes."""
    if (rows.columns, rows.classes) != (more.columns, more.classes):
        raise BadInput(
            f"got {rows!r} and {more!r}; wanted the same columns and the same classes"
        )


def joined(rows: Dataset, more: Dataset) -> Dataset:
    """The rows of one data set, then those of another with the same columns."""
    same_columns(rows, more)
    X, y = np.concatenate([rows.X, more.X]), np.concatenate([rows.y, more.y])
    return replace(rows, X=settled(X), y=y)


def settled(X: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Fresh rows, from here on read-only, of which `Dataset` makes no copy."""
    X.flags.writeable = False
    return X


def _kept(X: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """An array that nobody can change any more: itself, or else a copy."""
    held = X.base is None and not X.flags.writeable
    return X if held else settled(np.array(X))


def _labels(name: str, y: npt.ArrayLike, classes: tuple[str, ...]) -> npt.NDArray[Any]:
    given = np.asarray(y)
    if given.ndim != 1:
        raise BadInput(f"{name}: y has {given.ndim} dimensions, wanted 1.")
    if given.dtype.kind not in ("iub" if classes else "iubf"):
        raise BadInput(
            f"{name}: labels are {given.dtype}, wanted whole numbers that count the "
            "classes, or without classes numbers to regress on."
        )
    labels = given.astype(np.int64 if classes else np.float64)
    if not np.isfinite(labels).all():
        raise BadInput(f"{name}: y holds NaN or infinity; wanted finite numbers.")
    if classes and labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
        raise BadInput(
            f"{name}: labels run from {labels.min()} to {labels.max()}, wanted 0 "
            f"to {len(classes) - 1}, one for each class."
        )
    labels.flags.writeable = False
    return labels


def parts(
    strata: npt.NDArray[np.generic], first: Natural, *, seed: Seed
) -> tuple[Ints, Ints]:
    """Positions of `first` rows and of the others, each stratum in proportion."""
    n = len(strata)
    order = np.random.default_rng(seed).permutation(n)
    by_stratum = order[np.argsort(strata[order], kind="stable")]
    chosen = np.empty(n, dtype=bool)  # first of n, spread evenly over the strata
    chosen[by_stratum] = np.diff(np.arange(n + 1) * first // n) == 1
    return order[chosen[order]], order[~chosen[order]]
