"""Who holds a call to what its signature says? A guard before every public function.

`foible` puts it there while a module is imported, so no body has a line of it. It looks
at the arguments, once each, and hands the body what its types name (`foible.domains`).
What only a body can know, such as how many classes a model has, the body refuses.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from importlib.machinery import SourceFileLoader
from inspect import Parameter, isfunction, signature
from operator import is_
from types import ModuleType, NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.domains import Real, Sides, Span, Table, Whole, fit, refused
from foible.errors import BadInput

DUNDER = ("__call__", "__float__")
Check = Callable[[str, Any], Any]
"""Takes an argument's name and value to what the body gets, or refuses."""


class Guarding(SourceFileLoader):
    """Loads a module of the package, and guards what is public in it."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then put guards before its functions and methods."""
        super().exec_module(module)
        for name, thing in list(vars(module).items()):
            if name.startswith("_") or getattr(thing, "__module__", "") != self.name:
                continue
            if isfunction(thing):
                setattr(module, name, guarded(thing))
            elif isinstance(thing, type):
                guard_methods(thing)


def guard_methods(owner: type) -> None:
    """Guard how an object is made and its public methods; a protocol has none."""
    if getattr(owner, "_is_protocol", False):
        return
    for name, thing in list(vars(owner).items()):
        if name.startswith("_") and name not in ("__init__", "__call__"):
            continue
        if isfunction(thing):
            setattr(owner, name, guarded(thing))
        elif isinstance(thing, classmethod | staticmethod):
            setattr(owner, name, type(thing)(guarded(thing.__func__)))


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind a guard, or itself where its signature asks for nothing."""
    known = checks(function)
    if not known:
        return function
    kinds = {name: one.kind for name, one in signature(function).parameters.items()}
    order = [
        name
        for name, kind in kinds.items()
        if kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ]
    rest = [name for name, kind in kinds.items() if kind is Parameter.VAR_POSITIONAL]
    first = [(i, name, known[name]) for i, name in enumerate(order) if name in known]
    tables = {
        name: table
        for name, one in known.items()
        if isinstance(table := getattr(one, "table", one), Table)
    }
    joint = len(tables) > 1 or any(table.below for table in tables.values())

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        more = len(given) - len(order)
        held = list(given)
        if more > 0:
            if not rest:
                return function(*given, **named)  # too many: Python's own refusal
            if check := known.get(rest[0]):
                held[-more:] = [check(rest[0], value) for value in given[-more:]]
        for i, name, check in first:
            if i >= len(given):
                break
            held[i] = check(name, given[i])
        for name, value in named.items():
            if check := known.get(name):
                named[name] = check(name, value)
        if joint:
            fit(tables, dict(zip(order, held, strict=False)) | named)
        return function(*held, **named)

    return call


def checks(function: Callable[..., Any]) -> dict[str, Check]:
    """The check of each argument whose type promises something, by its name."""
    found = {name: check(hint) for name, hint in hints(function).items()}
    return {name: one for name, one in found.items() if one}


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The type of each argument; of one that only a type checker resolves, none."""
    try:
        found = get_type_hints(function, include_extras=True)
    except NameError:
        found = {
            name: hint
            for name, hint in function.__annotations__.items()
            if not isinstance(hint, str)
        }
    found.pop("return", None)
    return found


# ---------------------------------------------------------------- types


def check(hint: Any) -> Check | None:
    """The check of a type; None where it promises nothing that can be seen."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _promised(inside[1], check(inside[0]))
    if origin in (Union, UnionType):
        return _one_of(inside)
    if origin is Literal:
        return _literal(inside)
    if hint in (int, float):
        return Whole() if hint is int else Real(finite=False)
    if origin is np.ndarray:
        kind = get_args(inside[1])[0]
        if kind in (np.float64, np.int64, np.bool_):
            return Table(kind)
        exact = (get_origin(kind) or kind) in (np.floating, np.uint8)
        return _numbers if exact else _array
    if origin is tuple:
        return _tuple(inside)
    if isinstance(hint, TypeVar) and hint.__constraints__:
        return _one_of(hint.__constraints__)
    if isinstance(hint, TypeVar):
        return check(hint.__bound__)
    if origin is Callable:
        return _structure(("__call__",), "something to call")
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(*inside)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _several(origin, check(inside[0]))
    if hint is Any:
        return None
    if is_typeddict(hint):
        return _keyed(hint)
    if getattr(hint, "_is_protocol", False):
        return _structure(_members(hint), f"a {hint.__name__}")
    if isinstance(hint, type) and hint is not object:
        return _made_of(hint)
    return None


def _promised(domain: Check, kind: Check | None) -> Check:
    """The check of a domain, after that of the kind where this is not part of it."""
    if kind is None or isinstance(domain, Whole | Real | Span | Sides | Table):
        return domain
    return lambda name, value: domain(name, kind(name, value))


def _one_of(hints: Sequence[Any]) -> Check | None:
    """The check of a union: the first kind that takes the value has it."""
    optional, arrays = NoneType in hints, set(get_args(ArrayLike))
    certain: list[Check] = [_array] if arrays <= set(hints) else []
    for hint in hints:
        if hint is not NoneType and not (_array in certain and hint in arrays):
            if not (one := check(hint)):
                return None
            certain.append(one)
    tables = {one.kind: one for one in certain if isinstance(one, Table)}

    def held(name: str, value: Any) -> Any:
        if optional and value is None:
            return None
        if isinstance(value, np.ndarray) and value.dtype.type in tables:
            return tables[value.dtype.type](name, value)
        refusals = []
        for one in certain:
            try:
                return one(name, value)
            except BadInput as refusal:
                refusals.append(refusal)
        raise refusals[-1 if hasattr(value, "__len__") else 0] from None

    setattr(held, "table", next(iter(tables.values()), None))  # noqa: B010
    return held


def _literal(allowed: tuple[object, ...]) -> Check:
    def held(name: str, value: Any) -> Any:
        if isinstance(value, str | int) and value in allowed:
            return value
        raise refused(name, value, f"one of {', '.join(map(repr, allowed))}")

    return held


def _made_of(kind: type) -> Check:
    def held(name: str, value: Any) -> Any:
        if isinstance(value, kind):
            return value
        raise refused(name, value, f"a {kind.__name__}")

    setattr(held, "taken", kind)  # noqa: B010
    return held


def _keyed(kind: Any) -> Check:
    def held(name: str, value: Any) -> Any:
        if isinstance(value, dict) and kind.__required_keys__ <= value.keys():
            return value
        raise refused(name, value, f"a {kind.__name__}, with all of its keys")

    return held


def _members(protocol: type) -> tuple[str, ...]:
    """What a value must have to be of a protocol: what that names, and does not do."""
    return tuple(
        name
        for base in protocol.__mro__
        if getattr(base, "_is_protocol", False)
        for name, thing in vars(base).items()
        if isinstance(thing, property)
        or (isfunction(thing) and not thing.__code__.co_names)
        if name in DUNDER or not name.startswith("_")
    )


def _structure(members: tuple[str, ...], wanted: str) -> Check:
    def held(name: str, value: Any) -> Any:
        for one in members:
            if not hasattr(value, one):
                raise refused(name, value, f"{wanted}, which has {one}")
        if isinstance(value, type) and members != ("__call__",):
            raise refused(name, value, f"{wanted}, and not its class")
        return value

    return held


def _array(name: str, value: Any) -> NDArray[Any]:
    """An array of whatever kind NumPy makes of the value, if it can."""
    if isinstance(value, np.ndarray):
        return value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.empty(0, object)
    if array.dtype.kind in "OS":
        raise BadInput(
            f"got {name} that are not numbers of one shape; wanted an array, or a list"
        )
    return array


def _numbers(name: str, value: Any) -> NDArray[Any]:
    """An array of numbers, of whatever precision."""
    array = _array(name, value)
    if array.dtype.kind not in "fiub":
        raise refused(name, array, "an array of numbers")
    return array


def _several(origin: type, each: Check | None) -> Check:
    """The check of a sequence, or of another collection, and of what is in it.

    What can be gone through once only is left for the body to go through.
    """
    usual = {getattr(each, "taken", None)}  # a kind that the check takes as it is

    def held(name: str, value: Any) -> Any:
        if isinstance(value, np.ndarray) and issubclass(origin, Sequence):
            value = list(value)
        if isinstance(value, str | bytes) or not isinstance(value, origin):
            raise refused(name, value, f"a {origin.__name__.lower()} of them")
        if each is None or not isinstance(value, list | tuple | range):
            return value
        if usual.issuperset(map(type, value)):
            return value
        inside = _inside(name, value, [each] * len(value))
        if all(map(is_, inside, value)):
            return value
        return inside if isinstance(value, list) else tuple(inside)

    return held


def _inside(name: str, value: Sequence[Any], each: Sequence[Check | None]) -> list[Any]:
    """What the checks make of each part; a refusal says which part it was."""
    try:
        return [
            check(name, part) if check else part
            for check, part in zip(each, value, strict=True)
        ]
    except BadInput:
        for i, (check, part) in enumerate(zip(each, value, strict=True)):
            if check:
                check(f"{name}[{i}]", part)
        raise


def _tuple(hints: tuple[Any, ...]) -> Check:
    if hints[-1:] == (Ellipsis,):
        return _several(Sequence, check(hints[0]))
    each = [check(hint) for hint in hints]

    def held(name: str, value: Any) -> Any:
        if not isinstance(value, tuple | list) or len(value) != len(each):
            raise refused(name, value, f"{len(each)} of them, in a tuple")
        inside = _inside(name, value, each)
        return value if all(map(is_, inside, value)) else tuple(inside)

    return held


def _mapping(key: Any, value: Any) -> Check:
    of_key, of_value = check(key), check(value)

    def held(name: str, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise refused(name, given, "a mapping of names")
        inside = {
            (of_key(f"a key of {name}", one) if of_key else one): (
                of_value(f"{name}[{one!r}]", part) if of_value else part
            )
            for one, part in given.items()
        }
        same = all(inside.get(one) is part for one, part in given.items())
        return given if same else inside

    return held
