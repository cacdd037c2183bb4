"""How do a frame's columns, some of them words, become rows of numbers, and back?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from foible.arrays import Floats
from foible.domains import Table
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
    words: Mapping[str, tuple[Any, ...]]

    def rows(self, frame: pd.DataFrame) -> Floats:
        """The frame as numbers, ndarray of shape (n, d); NaN stays NaN.

        BadInput, which names the column: one that is missing, a word that is not in
        the coding, or anything but a number in a column of numbers.
        """
        coded = [
            self._coded(name, picked(frame, (name,))[name]) for name in self.columns
        ]
        return ROWS("rows", np.column_stack(coded))

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


def _words(column: "pd.Series[Any]") -> tuple[Any, ...]:
    known = sorted(set(column.dropna()), key=lambda word: (str(type(word)), word))
    return (*known, None) if column.isna().any() else tuple(known)


def picked(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Some columns of a frame, in this order; BadInput names the first not there."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise BadInput(
            f"got a frame without the column {missing[0]!r}; wanted {', '.join(names)}"
        )
    return frame[list(names)]
