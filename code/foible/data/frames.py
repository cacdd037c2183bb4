"""How do a frame's columns, some of them words, become rows of numbers, and back?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, Ints, finite_rows
from foible.data.rows import Dataset
from foible.domains import Image, Table
from foible.errors import BadInput

ROWS = Table(np.float64, ("n", "d"), empty=False)  # NaN for what is missing


@dataclass(frozen=True, eq=False)
class Coding:
    """Which number stands for which word; made by `coding`.

    Parameters
    ----------
    columns : tuple of str
        The frame's columns, in their order.
    words : mapping of str to tuple
        For each column of words those that it holds: word i is coded as i.
    """

    columns: tuple[str, ...]
    words: Mapping[str, tuple[object, ...]]

    def rows(self, frame: pd.DataFrame) -> Floats:
        """The frame as numbers, ndarray of shape (n, d); NaN stays NaN.

        BadInput, which names the column: one that is missing, a word that is not in
        the coding, or anything but a number in a column of numbers.
        """
        coded = [
            self._coded(name, picked(frame, (name,))[name]) for name in self.columns
        ]
        return ROWS("rows", np.column_stack(coded))

    def whole(self, frame: pd.DataFrame) -> Floats:
        """As `rows`, but a column that holds NaN is BadInput."""
        rows = self.rows(frame)
        for name, column in zip(self.columns, rows.T, strict=True):
            if holes := int(np.isnan(column).sum()):
                raise BadInput(
                    f"got NaN in the column {name!r}, in {holes} of {len(column)} "
                    "rows; wanted numbers: fill them, or leave these rows out"
                )
        return rows

    def _coded(self, name: str, column: "pd.Series[Any]") -> Floats:
        if name in self.words:
            codes = {word: float(i) for i, word in enumerate(self.words[name])}
            held = column.astype(object).where(column.notna(), None)
            strange = [word for word in held if word not in codes]
            if strange:
                raise BadInput(
                    f"got {strange[0]!r} in the column {name!r}; wanted one of "
                    f"{', '.join(map(repr, codes))}"
                )
            return np.array([codes[word] for word in held])
        try:
            return np.asarray(column, np.float64)
        except (TypeError, ValueError) as error:
            raise BadInput(
                f"got {name!r}, a column of {column.dtype} ({error}); wanted numbers"
            ) from error

    def frame(self, X: ArrayLike) -> pd.DataFrame:
        """Rows (n, d) as the frame that they are coded from.

        BadInput: rows of another width, or a number that stands for no word.
        """
        rows = ROWS("rows", X)
        if rows.shape[1] != len(self.columns):
            raise BadInput(
                f"got rows {rows.shape[1]} wide; wanted {len(self.columns)} columns: "
                f"{', '.join(self.columns)}"
            )
        found: dict[str, Any] = dict(zip(self.columns, rows.T, strict=True))
        for name, words in self.words.items():
            codes = found[name]
            wrong = ~np.isin(codes, np.arange(len(words)))
            if wrong.any():
                raise BadInput(
                    f"got {codes[wrong][0]} in the column {name!r}; wanted a whole "
                    f"number from 0 to {len(words) - 1}, each for a word: hold it fixed"
                )
            found[name] = np.array(words, object)[codes.astype(int)]
        return pd.DataFrame(found)


def coding(frame: pd.DataFrame) -> Coding:
    """The coding of a frame: its words in the order of the alphabet, the missing last.

    BadInput: columns whose names are no strings, or repeat.
    """
    names = tuple(frame.columns)
    if len(set(names)) < len(names) or not all(isinstance(one, str) for one in names):
        raise BadInput(f"got the columns {names}; wanted names, each but once")
    words = {
        name: _words(frame[name])
        for name in names
        if not pd.api.types.is_numeric_dtype(frame[name].dtype)
    }
    return Coding(names, words)


def _words(column: "pd.Series[Any]") -> tuple[object, ...]:
    known = sorted(set(column.dropna()), key=lambda word: (str(type(word)), word))
    return (*known, None) if column.isna().any() else tuple(known)


def places_of(y: Any, labels: Sequence[object]) -> Ints:
    """Labels (n,) as their places in a sequence; BadInput names one not in it."""
    _one_each(y)
    places = {label: i for i, label in enumerate(labels)}
    strange = [label for label in np.asarray(y).tolist() if label not in places]
    if strange:
        raise BadInput(
            f"got the label {strange[0]!r}; wanted one of "
            f"{', '.join(map(repr, labels))}"
        )
    return np.array([places[label] for label in np.asarray(y).tolist()], np.int64)


def _one_each(y: Any) -> NDArray[Any]:
    """Labels as an array (n,) without holes; else BadInput."""
    try:
        given = np.asarray(y)
    except ValueError:
        given = np.empty((0, 0))
    if given.ndim != 1:
        raise BadInput(
            f"got labels of shape {given.shape}; wanted (n,), one for each row: of a "
            "column for each class, y.argmax(axis=1)"
        )
    if holes := int(pd.isna(given).sum()):
        raise BadInput(f"got {holes} labels that are missing; wanted one for each row")
    return given


def labelled(
    X: Any,
    y: Any,
    *,
    like: pd.DataFrame | None = None,
    classes: Sequence[object] | None = None,
    image: Image | None = None,
    name: str = "rows",
) -> Dataset:
    """Rows and labels of one's own as a `Dataset`, from arrays or frames.

    Words become numbers as in `coding`, labels numbers from 0 in the order of the
    alphabet or of `classes`.

    Parameters
    ----------
    X : array_like of shape (n, d), or (n, height, width, colours), or DataFrame
    y : array_like of shape (n,), or str
        Labels, or the column of the frame that holds them. Numbers with a fraction are
        the target of a regression.
    like : DataFrame, optional
        Whose columns and words decide the numbers; X itself if left out. A frame with
        other words, such as one to test on, needs that which the model was fitted on.
    classes : sequence, optional
        All labels in their order; empty for a regression.
    image : tuple of int, optional
        The shape of a row that is seen as an image, where X is (n, d).
    name : str

    BadInput: a hole, which names the column; labels of floats that are all whole, which
    could be either; a label that is none of the classes.
    """
    if isinstance(X, pd.DataFrame):
        if isinstance(y, str):
            y, X = picked(X, (y,))[y], X.drop(columns=y)
        known = coding(X if like is None else like)
        rows, columns = known.whole(X), known.columns
    else:
        given = np.asarray(X)
        if given.ndim > 2:
            image, given = given.shape[1:], given.reshape(len(given), -1)
        rows = finite_rows(given)
        columns = tuple(f"column_{i}" for i in range(rows.shape[1]))
    target = _one_each(y)
    if classes is None:
        classes = _classes(target)
    if len(classes):
        target = places_of(target, classes)
    return Dataset(
        name, rows, target, columns, tuple(map(str, classes)), "brought along", image
    )


def _classes(y: NDArray[Any]) -> list[Any]:
    """The labels that there are; none where they are numbers to regress on."""
    if y.dtype.kind != "f":
        return sorted(set(y.tolist()), key=lambda one: (str(type(one)), one))
    if np.isfinite(y).all() and (y % 1 != 0).any():
        return []
    raise BadInput(
        f"got labels of {y.dtype} such as {y[:1].tolist()}; wanted whole numbers or "
        "names, y.astype(int), or classes=() for a regression"
    )


def picked(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Some columns of a frame, in this order; BadInput names the first not there."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise BadInput(
            f"got a frame without the column {missing[0]!r}; wanted {', '.join(names)}"
        )
    return frame[list(names)]
