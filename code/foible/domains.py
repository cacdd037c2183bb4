"""What may a setting, a row or a label be? The types of the signatures say it.

    def pgd(model, X: Rows, y: Labels, *, ball: Ball, steps: Count, seed: Seed)

Each is a kind of Python or NumPy with what it promises beyond that, and for a type
checker nothing but the kind. The border (`foible.border`) holds every public call to
them, and hands the body the very kind: an int for a NumPy integer, float64 for float32.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Annotated, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from foible.errors import BadInput

MOST_SEED = 2**32 - 1
FLOAT32 = float(np.finfo(np.float32).max)  # in which trees and networks compute
LONGEST = 60  # signs of a value that a message repeats


def refused(name: str, value: object, wanted: str) -> BadInput:
    """The one form of a refusal: what was got, and what was wanted."""
    if isinstance(value, np.ndarray) and value.ndim:
        return BadInput(
            f"got {name} of shape {value.shape} and kind {value.dtype}; wanted {wanted}"
        )
    shown = str(value) if isinstance(value, np.generic) else repr(value)
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}…"
    return BadInput(f"got {name}={shown}; wanted {wanted}")


# ---------------------------------------------------------------- numbers


@dataclass(frozen=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int | None = None
    most: int | None = None

    def __str__(self) -> str:
        return f"a whole number{_range(self.least, self.most)}"

    def __call__(self, name: str, value: Any) -> int:
        """The number as Python's int, or BadInput."""
        if type(value) is not int:
            try:
                number = index(value)
            except TypeError:
                raise refused(name, value, str(self)) from None
            if isinstance(value, bool | np.ndarray):
                raise refused(name, value, str(self))
            value = number
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            raise refused(name, value, str(self))
        return int(value)


@dataclass(frozen=True)
class Real:
    """A number from `least` to `most`, NaN only where it may be missing.

    Parameters
    ----------
    beyond : bool
        Whether it must be more than `least`, not equal to it; `below` is the same for
        `most`.
    finite : bool
        Whether infinity is none.
    missing : bool
        Whether NaN is one, for what is not known.
    """

    least: float | None = None
    most: float | None = None
    beyond: bool = False
    below: bool = False
    finite: bool = True
    missing: bool = False

    def __str__(self) -> str:
        if self.most == FLOAT32:
            return "finite, in float32 too"
        kind = "a finite number" if self.finite and self.most is None else "a number"
        return kind + _range(self.least, self.most, self.beyond, self.below)

    def __call__(self, name: str, value: Any) -> float:
        """The number as it came, if of Python's kinds, else as a float; or BadInput."""
        if isinstance(value, np.generic) and not isinstance(value, float):
            value = value.item()
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise refused(name, value, str(self))
        if not ((self.missing and value != value) or self._between(value, value)):
            raise refused(name, value, str(self))
        return value

    def hold(self, values: NDArray[Any]) -> bool:
        """Whether all numbers of an array are in the range."""
        if self.least in (None, -FLOAT32) and values.dtype.kind == "f":
            flat = values.ravel(order="K")
            with np.errstate(over="ignore"):
                usual = np.dot(flat, flat) < FLOAT32
            if usual:  # the quick way
                return self.most in (None, FLOAT32) or bool(flat.max() <= self.most)
        known = values[~np.isnan(values)] if self.missing else values
        return not known.size or self._between(known.min(), known.max())

    def _between(self, low: float, high: float) -> bool:
        """Whether numbers whose least and greatest these are lie in the range."""
        least = -np.inf if self.least is None else self.least
        most = np.inf if self.most is None else self.most
        if self.finite and not (low > -np.inf and high < np.inf):
            return False
        above = low > least if self.beyond else low >= least  # never of NaN
        return bool(above and (high < most if self.below else high <= most))


def _range(
    least: float | None, most: float | None, beyond: bool = False, below: bool = False
) -> str:
    """A range in words, with its ends or without."""
    low = "" if least is None else f" {'above' if beyond else 'from'} {least}"
    if most is None:
        return low
    high = "2**32 - 1" if most == MOST_SEED else most
    if below:
        return f"{low} and below {high}"
    return f"{low} {'and up to' if beyond else 'to'} {high}"


@dataclass(frozen=True)
class Span:
    """The least and the greatest value of a range, in this order."""

    def __call__(self, name: str, value: Any) -> tuple[float, float]:
        """Both, or BadInput."""
        wanted = "(least, greatest), the lesser first"
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise refused(name, value, wanted)
        low, high = (Real(finite=False)(name, end) for end in value)
        if low > high:
            raise refused(name, value, wanted)
        return low, high


@dataclass(frozen=True)
class Sides:
    """How high and how wide a picture is, and perhaps how many colours it has."""

    def __call__(self, name: str, value: Any) -> tuple[int, ...]:
        """Two or three whole numbers from 1, or BadInput."""
        if not isinstance(value, tuple | list) or len(value) not in (2, 3):
            raise refused(name, value, "(height, width), or (height, width, colours)")
        return tuple(Whole(1)(f"{name}[{i}]", side) for i, side in enumerate(value))


# ---------------------------------------------------------------- arrays


@dataclass(frozen=True)
class Table:
    """Numbers of one kind, in a shape whose sides have names.

    Parameters
    ----------
    kind : type
        Of NumPy: float64, int64 or bool.
    axes : tuple of str or int, optional
        What each side counts, such as ("n", "d"), or how long it is; any shape if left
        out. In one call sides of one name are of one length, but of "_n" they are not.
    within : Real, optional
        Where each number lies.
    below : str
        The side that these are the numbers of, each less than its length.
    empty : bool
        Whether there may be none.
    """

    kind: type[np.generic]
    axes: tuple[str | int, ...] | None = None
    within: Real | None = None
    below: str = ""
    empty: bool = True

    def __str__(self) -> str:
        numbers = {"f": "numbers", "i": "whole numbers", "b": "yes or no"}
        row = " row" if len(self.axes or "") > 1 else ""
        some = "" if self.empty else f", at least one{row}"
        where = f", each {self.within}" if self.within else ""
        return f"{numbers[np.dtype(self.kind).kind]} of {self._shape()}{some}{where}"

    def _shape(self) -> str:
        if self.axes is None:
            return "any shape"
        comma = "," if len(self.axes) == 1 else ""
        return f"shape ({', '.join(str(axis).strip('_') for axis in self.axes)}{comma})"

    def __call__(self, name: str, value: Any) -> NDArray[Any]:
        """The array itself if it is of the kind, else a copy of it; or BadInput."""
        array = self._of_the_kind(name, value)
        if not self._shaped(array.shape) or not (self.empty or array.size):
            single = ": a single row is x[np.newaxis]" if array.ndim == 1 else ""
            raise BadInput(f"got {name} of shape {array.shape}; wanted {self}{single}")
        if self.within is not None and not self.within.hold(array):
            if wrong := int((~np.isfinite(array)).sum()):
                raise BadInput(
                    f"got NaN or infinity in the {name}, {wrong} values that are not "
                    f"finite; wanted {self}"
                )
            raise BadInput(
                f"got {name} from {array.min()} to {array.max()}; wanted {self}"
            )
        return array

    def _of_the_kind(self, name: str, value: Any) -> NDArray[Any]:
        if isinstance(value, np.ndarray) and value.dtype.type is self.kind:
            return value
        try:
            array = np.asarray(value)
        except (TypeError, ValueError):
            raise BadInput(
                f"got {name} that are not numbers of one shape; wanted {self}"
            ) from None
        kinds = {"f": "fiub", "i": "iub", "b": "b"}[np.dtype(self.kind).kind]
        if array.dtype.kind not in kinds and array.size:
            raise BadInput(
                f"got {name} that are not such numbers, but {array.dtype} of shape "
                f"{array.shape}; wanted {self}"
            )
        return array.astype(self.kind, order="C")  # a frame's columns lie as rows do

    def _shaped(self, shape: tuple[int, ...]) -> bool:
        return self.axes is None or (
            len(shape) == len(self.axes)
            and all(
                side == axis
                for side, axis in zip(shape, self.axes, strict=True)
                if isinstance(axis, int)
            )
        )


@dataclass(frozen=True)
class Sided:
    """An array with so many sides, of whatever kind stands before."""

    sides: int

    def __call__(self, name: str, value: Any) -> Any:
        """The array as it came, or BadInput."""
        if value.ndim != self.sides:
            raise refused(name, value, f"an array with {self.sides} sides")
        return value


def fit(tables: Mapping[str, Table], arrays: Mapping[str, Any]) -> None:
    """Refuse arrays of one call whose sides do not fit each other."""
    sides: dict[str | int, tuple[int, str]] = {}
    given = {name: one for name, one in arrays.items() if isinstance(one, np.ndarray)}
    for name in tables.keys() & given.keys():
        for axis, long in zip(tables[name].axes or (), given[name].shape, strict=False):
            known, other = sides.setdefault(axis, (long, name))
            if known != long and not str(axis).startswith("_"):
                raise BadInput(
                    f"got {name} of shape {given[name].shape} and {other} of shape "
                    f"{given[other].shape}; wanted one {axis} for both: "
                    f"{tables[name]}, and {tables[other]}"
                )
    for name in tables.keys() & given.keys():
        long, other = sides.get(tables[name].below, (0, ""))
        if other and given[name].size and given[name].max() >= long:
            raise BadInput(
                f"got {name} up to {given[name].max()}; wanted less than {long}, as "
                f"many as {other} says"
            )


def shaped(*axes: str | int, least: float | None = None, beyond: bool = False) -> Table:
    """Finite float64 whose sides have these names, at least one."""
    return Table(np.float64, axes, within=Real(least, beyond=beyond), empty=False)


def counted(*axes: str | int, below: str = "") -> Table:
    """Numbers of something, int64 from 0, at least one."""
    return Table(np.int64, axes, within=Real(0), below=below, empty=False)


def flagged(*axes: str | int) -> Table:
    """Yes or no, bool, at least one."""
    return Table(np.bool_, axes, empty=False)


# ---------------------------------------------------------------- several things


@dataclass(frozen=True)
class Filled:
    """At least one thing of the kind that stands before."""

    def __call__(self, name: str, value: Any) -> Any:
        """The collection as it came, or BadInput."""
        if not len(value):
            raise refused(name, value, "at least one")
        return value


@dataclass(frozen=True)
class Keys:
    """A mapping that has these keys, among others."""

    keys: tuple[str, ...]

    def __call__(self, name: str, value: Any) -> Any:
        """The mapping as it came, or BadInput."""
        if missing := [key for key in self.keys if key not in value]:
            raise BadInput(f"got {name} without {missing[0]}; wanted it too")
        return value


@dataclass(frozen=True)
class Classes:
    """Rows whose labels are classes, and not numbers to regress on."""

    def __call__(self, name: str, value: Any) -> Any:
        """The data set as it came, or BadInput."""
        if not value.classes:
            raise refused(name, value, "rows that are labelled with classes")
        return value


# ---------------------------------------------------------------- what signatures say

Seed: TypeAlias = Annotated[int, Whole(0, MOST_SEED)]
"""What fixes every random choice: never None, which would differ each time."""
Count: TypeAlias = Annotated[int, Whole(1)]
"""How many, at least one."""
Several: TypeAlias = Annotated[int, Whole(2)]
"""How many, at least two."""
Natural: TypeAlias = Annotated[int, Whole(0)]
"""How many, perhaps none; or the number of a class or a column."""
Share: TypeAlias = Annotated[float, Real(0, 1)]
"""From 0 to 1, ends included."""
Level: TypeAlias = Annotated[float, Real(0, 1, beyond=True, below=True)]
"""A probability between 0 and 1 that is neither."""
Tolerated: TypeAlias = Annotated[float, Real(0, 1, beyond=True)]
"""A share of false alarms that is allowed: some, perhaps all."""
Amount: TypeAlias = Annotated[float, Real(0)]
"""Nought or more: a radius, a scale, a weight."""
Limit: TypeAlias = Annotated[float, Real(0, finite=False)]
"""Nought or more, infinity where there is no limit."""
Epsilon: TypeAlias = Annotated[float, Real(0, beyond=True, finite=False)]
"""A privacy loss, above nought; infinity promises nothing."""
Positive: TypeAlias = Annotated[float, Real(0, beyond=True)]
"""More than nought: a rate, a length."""
Number: TypeAlias = Annotated[float, Real()]
"""Any that is finite."""
Dose: TypeAlias = Annotated[float, Real(finite=False)]
"""Any, and infinity where a thing is not limited, or goes on to its end."""
Unknown: TypeAlias = Annotated[float, Real(finite=False, missing=True)]
"""Any number, or NaN where it is not known."""
Image: TypeAlias = Annotated[tuple[int, ...], Sides()]
"""(height, width), or (height, width, colours), in pixels."""
Range: TypeAlias = Annotated[tuple[float, float], Span()]
"""The least and the greatest value; infinity where there is no end."""
FINITE_ROWS = shaped("n", "d")
SMALL_ROWS = Table(np.float64, ("n", "d"), within=Real(-FLOAT32, FLOAT32), empty=False)
T = TypeVar("T")
K = TypeVar("K")
Some: TypeAlias = Annotated[Sequence[T], Filled()]
"""A sequence of at least one."""
Named: TypeAlias = Annotated[Mapping[K, T], Filled()]
"""A mapping of at least one."""
Rows: TypeAlias = Annotated[NDArray[np.float64], SMALL_ROWS]
"""Float64 of shape (n, d), at least one row, each finite in float32."""
Pictures: TypeAlias = Annotated[
    NDArray[np.float64], shaped("n", "height", "width", "colours")
]
"""Finite float64 of shape (n, height, width, colours), at least one."""
Logits: TypeAlias = Annotated[
    NDArray[np.float64], Table(np.float64, ("n", "k"), within=Real(finite=False))
]
"""Float64 of shape (n, k): scores before they become probabilities."""
Scores: TypeAlias = Annotated[NDArray[np.float64], shaped("_n")]
"""Finite float64 of shape (n,), at least one."""
Numbers: TypeAlias = Annotated[NDArray[np.int64], counted("_n")]
"""int64 of shape (n,), each from 0, at least one: what things are numbered by."""
Finite: TypeAlias = Annotated[NDArray[np.float64], Table(np.float64, within=Real())]
"""Finite float64 of any shape."""
Amounts: TypeAlias = Annotated[NDArray[np.float64], Table(np.float64, within=Real(0))]
"""Finite float64 from 0, of any shape."""
Labels: TypeAlias = Annotated[NDArray[np.int64], counted("n", below="k")]
"""int64 of shape (n,), the number of a class for each row."""
