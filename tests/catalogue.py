"""Which values lie outside a type? Drawn anew each time, and of the right kind.

`outside(hint)` is a strategy of values that a function whose argument is of this type
must refuse, `None` where the type refuses nothing: what a hint says is read here, by
itself, from the words of `foible.domains`, and not from the checks that it tests.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    SupportsFloat,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from foible.data import diabetes
from foible.domains import (
    Classes,
    Filled,
    Keys,
    Real,
    Sided,
    Sides,
    Span,
    Table,
    Unknown,
    Whole,
)

NAN, INF = float("nan"), float("inf")
NO_NUMBER = st.sampled_from(
    [None, NAN, INF, -INF, "1", b"1", [], [1], (), {}, 1j, True, np.ones(2), object()]
)
FRACTIONS = st.floats().filter(lambda x: not x.is_integer()).map(float)
WHOLE = st.one_of(FRACTIONS, st.just(8.0), NO_NUMBER, st.sampled_from([np.float64(8)]))
REAL = st.sampled_from(
    [None, NAN, np.float32("nan"), "0.5", b"1", [], [0.5], {}, 1j, True, np.ones(2)]
)


def outside(hint: Any) -> st.SearchStrategy[Any] | None:
    """Values that are none of this type."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated and isinstance(inside[1], Filled):
        empty = {} if issubclass(get_origin(inside[0]), Mapping) else []
        return st.one_of(st.just(empty), outside(inside[0]))
    if origin is Annotated and isinstance(inside[1], Classes):
        return st.one_of(st.just(diabetes()), outside(inside[0]))
    if origin is Annotated and isinstance(inside[1], Keys):
        return st.one_of(st.just({}), outside(inside[0]))
    if origin is Annotated and isinstance(inside[1], Sided):
        sides = [1] * (inside[1].sides + 1)
        return st.one_of(st.sampled_from([1.0, np.ones(sides)]), outside(inside[0]))
    if origin is Annotated:
        return of_domain(inside[1])
    if origin is Union and set(get_args(ArrayLike)) <= set(inside):
        return st.sampled_from([object(), [[1], [1, 2]], {"a": 1}])
    if origin in (Union, UnionType):
        return in_none(inside)
    if origin is Literal:
        return st.sampled_from(["", "linf", "nothing of these", None, 0.5, NAN])
    if hint is int:
        return WHOLE
    if hint is float:
        return REAL
    if origin is np.ndarray:
        kind = get_args(inside[1])[0]
        known = kind in (np.float64, np.int64, np.bool_)
        no_numbers = (
            ["rows"] if (get_origin(kind) or kind) in (np.floating, np.uint8) else []
        )
        return arrays(kind) if known else st.sampled_from([None, object(), *no_numbers])
    if origin is tuple and inside[-1:] != (Ellipsis,):
        return tuples(inside)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return mappings(*inside)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return several(origin, inside[0])
    if isinstance(hint, TypeVar) and hint.__constraints__:
        return in_none(hint.__constraints__)
    if isinstance(hint, TypeVar):
        return outside(hint.__bound__)
    if hint is SupportsFloat:
        return st.sampled_from([None, "a", object()])
    if hint in (str, bytes, bool) or (
        isinstance(hint, type) and hint not in (object, Any)
    ):
        return st.sampled_from([None, NAN, object(), 3.5, {1: 2}])
    return st.sampled_from([None, NAN, 3]) if origin is Callable else None


def of_domain(domain: Any) -> st.SearchStrategy[Any]:
    """Values beside a range, beyond its ends, or of no range at all."""
    if isinstance(domain, Whole):
        below = domain.least is not None and st.integers(max_value=domain.least - 1)
        above = domain.most is not None and st.integers(min_value=domain.most + 1)
        return st.one_of(*[one for one in (WHOLE, below, above) if one is not False])
    if isinstance(domain, Real):
        return numbers(domain)
    if isinstance(domain, Span):
        crossed = st.tuples(st.floats(1, 9), st.floats(-9, 0))
        wrong = [None, 1.0, (), (1,), (1, 2, 3), (NAN, 1), (0, NAN), ("a", "b"), "ab"]
        return st.one_of(crossed, st.sampled_from(wrong))
    if isinstance(domain, Sides):
        return st.sampled_from(
            [None, 8, (), (8,), (8, 0), (8, NAN), (1, 2, 3, 4), "ab"]
        )
    if isinstance(domain, Table):
        return tables(domain)
    raise AssertionError(f"no values are stated for {domain}")


def numbers(domain: Real) -> st.SearchStrategy[Any]:
    """Numbers beyond the ends of a range, and what is no number."""
    kinds = [REAL]
    if domain.missing:
        kinds = [st.sampled_from([None, [], {}, 1j, np.ones(2)])]
    if domain.finite:
        kinds.append(st.sampled_from([INF, -INF]))
    for end, beyond in ((domain.least, domain.beyond), (domain.most, domain.below)):
        if end is not None and beyond:
            kinds.append(st.just(end))
    if domain.least is not None:
        kinds.append(st.floats(max_value=domain.least, exclude_max=True))
    if domain.most is not None:
        kinds.append(st.floats(min_value=domain.most, exclude_min=True))
    return st.one_of(*kinds)


def arrays(kind: type) -> st.SearchStrategy[Any]:
    """What is no array of this kind."""
    wrong: list[Any] = [None, "rows", [["a"]], [[1], [1, 2]], object(), [[1j]]]
    if kind is not np.float64:
        wrong += [np.full((2, 2), 0.5), np.full(3, np.nan)]
    if kind is np.bool_:
        wrong += [np.ones(3, int)]
    return st.sampled_from(wrong)


def tables(domain: Table) -> st.SearchStrategy[Any]:
    """Arrays of another shape, kind or range."""
    n = len(domain.axes) if domain.axes else 2
    good = np.ones((2,) * n)
    wrong: list[Any] = []
    if domain.axes:
        wrong += [np.ones((2,) * (n + 1)), np.ones((2,) * (n - 1)), 1.0]
    if not domain.empty:
        wrong += [np.ones((0, *[2] * (n - 1)))]
    if domain.kind is np.float64 and domain.within and domain.within.finite:
        wrong += [good * np.nan, good * np.inf]
    if domain.within and domain.within.least == 0:
        wrong += [good.astype(domain.kind) * -1]
    return (
        st.one_of(arrays(domain.kind), st.sampled_from(wrong))
        if wrong
        else (arrays(domain.kind))
    )


def in_none(hints: Sequence[Any]) -> st.SearchStrategy[Any] | None:
    """Values that no part of a union takes."""
    kinds = [hint for hint in hints if hint is not NoneType]
    if len(kinds) == 1:
        found = outside(kinds[0])
        if found is None or NoneType not in hints:
            return found
        return found.filter(lambda value: value is not None)
    if any(outside(kind) is None for kind in kinds):
        return None
    wrong = [object(), {1: 2}]
    if not any(
        kind in (Unknown, float) or get_origin(kind) is np.ndarray for kind in kinds
    ):
        wrong += [NAN, -1.5]
    return st.sampled_from(wrong)


def within(hint: Any, wrap: Any) -> st.SearchStrategy[Any]:
    """The wrong ones of a part, put where the part would be."""
    found = outside(hint)
    return st.nothing() if found is None else found.map(wrap)


def tuples(hints: Sequence[Any]) -> st.SearchStrategy[Any]:
    """No tuple, or one of another length."""
    return st.sampled_from([None, 1.0, (), (1,) * (len(hints) + 1), "ab", {}])


def several(origin: type, hint: Any) -> st.SearchStrategy[Any]:
    """No collection, or one with a wrong part in it."""
    none = st.sampled_from([None, 1, 0.5])
    return (
        st.one_of(none, within(hint, lambda one: [one]))
        if (issubclass(origin, Sequence))
        else none
    )


def mappings(key: Any, value: Any) -> st.SearchStrategy[Any]:
    """No mapping, or one with a wrong value in it."""
    return st.one_of(
        st.sampled_from([None, 1, [], "a"]),
        within(value, lambda one: {"a" if key is str else 1: one}),
        within(key, lambda one: {one: None} if hashable(one) else None),
    )


def hashable(value: object) -> bool:
    """Whether a value can be a key."""
    try:
        hash(value)
    except TypeError:
        return False
    return True
