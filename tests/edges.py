"""Which values lie inside a type, and yet are seldom met?

`inside(hint, value)` gives them for an argument that has a value already: the ends of
its range, the same in another kind of NumPy's, fewer rows, rows all alike, a data set
without classes, nobody's name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np

from foible.data import Dataset
from foible.domains import Real, Sides, Span, Table, Whole


def inside(hint: Any, value: Any) -> list[Any]:
    """Odd values of this type."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return of_domain(parts[1], value) or inside(parts[0], value)
    if origin in (Union, UnionType):
        kinds = [one for part in parts for one in inside(part, value)]
        return kinds + [None] * (NoneType in parts)
    if origin is Literal:
        return list(parts)
    if origin is np.ndarray:
        return tables(value)
    if hint is Dataset:
        return sets(value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return mappings(value)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return several(value)
    if hint in (int, float):
        return [hint(0), hint(1), hint(-1)]
    return {bool: [True, False], str: ["", "nobody"], bytes: [b"", b"rubbish"]}.get(
        hint, []
    )


def of_domain(domain: Any, value: Any) -> list[Any]:
    """The ends of a range, and the value in other clothes."""
    if isinstance(domain, Whole):
        least = domain.least if domain.least is not None else -1
        ends = [least, least + 1, *([] if domain.most is None else [domain.most])]
        return ends + ([np.int64(value)] if isinstance(value, int) else [])
    if isinstance(domain, Real):
        low = 0.0 if domain.least is None else domain.least + 1e-12 * domain.beyond
        high = 1e6 if domain.most is None else domain.most - 1e-9 * domain.below
        return [low, high] + ([np.float32(value)] if isinstance(value, float) else [])
    if isinstance(domain, Span):
        return [(0, 0), (-np.inf, np.inf), (5, 6)]
    if isinstance(domain, Sides):
        return [(1, 1), (4, 4), (8, 8, 3)]
    return tables(value) if isinstance(domain, Table) else []


def tables(value: Any) -> list[Any]:
    """Arrays with fewer rows or columns, with rows all alike, of other kinds."""
    if not isinstance(value, np.ndarray) or not value.ndim or not len(value):
        return []
    odd = [value[:1], value[:0], value[::-1], np.zeros_like(value), value.tolist()]
    if value.ndim > 1:
        odd += [value[:, :1], value[0], np.asfortranarray(value), value[..., None]]
    if value.dtype.kind == "f":
        odd += [value.astype(np.float32), value * 1e30, -value]
    if value.dtype.kind == "i":
        odd += [np.full_like(value, 1000), value.astype(np.int32)]
    return odd + ([~value] if value.dtype.kind == "b" else [])


def sets(rows: Any) -> list[Any]:
    """Data sets with fewer rows, columns or classes, or with none."""
    if not isinstance(rows, Dataset):
        return []
    odd = [
        rows.take([0]),
        rows.take(range(len(rows))[:2]),
        rows.select(rows.columns[:1]),
    ]
    odd += [replace(rows, X=np.zeros_like(rows.X)), replace(rows, image=None)]
    odd += [replace(rows, columns=tuple(f"q{i}" for i in range(len(rows.columns))))]
    if not rows.classes:
        return [*odd, replace(rows, y=np.ones(len(rows), int), classes=("a", "b"))]
    alone, plain = np.zeros_like(rows.y), rows.y.astype(float)
    return [*odd, replace(rows, y=alone), replace(rows, y=plain, classes=())]


def mappings(value: Any) -> list[Any]:
    """None, one, and a name that nobody has."""
    if not isinstance(value, Mapping) or not value:
        return [{}]
    key = next(iter(value))
    return [{}, {key: value[key]}] + [{"nobody": value[key]}] * isinstance(key, str)


def several(value: Any) -> list[Any]:
    """None, one, and each twice."""
    if not isinstance(value, list | tuple):
        return [[]]
    return [[], list(value[:1]), [*value, *value]]
