"""What is a model file, and what does opening it do?

A model file is either a program or a table. A pickle is a program: its opcodes build
the model by calling functions that the file names, and reading it runs it
[sultanik2021never]. Safetensors and NumPy's own format are tables: names, shapes and
numbers. In between stand loaders that read a program and let only some calls
through: an allow list, skops, PyTorch's ``weights_only``.

The same forest can be written in every one of these formats, so the loaders can be
compared on one model; and any model's pickle can be read as a heap of arrays, without
running it (`contents`). This is the only module that imports `pickle`.
"""

import io
import pickle
import pickletools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import joblib
import numpy as np
import safetensors.numpy
import skops.io
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree

from foible import torch_files
from foible.errors import ArtefactRefused, BadInput

Arrays = Mapping[str, NDArray[np.generic]]
Format = Literal["pickle", "joblib", "torch", "skops", "safetensors", "npz"]

ALLOWED = frozenset(
    {
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("sklearn.ensemble._forest", "RandomForestClassifier"),
        ("sklearn.tree._classes", "DecisionTreeClassifier"),
        ("sklearn.tree._tree", "Tree"),
    }
)
"""All that the pickle of a forest has to ask for, by module and name."""

REVIEWED = ("sklearn.tree._tree.Tree",)
"""The one type in a forest's skops file that skops does not trust by itself."""


# ---------------------------------------------------------------- a forest as a table


def arrays(forest: RandomForestClassifier) -> dict[str, NDArray[np.generic]]:
    """A forest as named arrays of numbers, all that it needs to answer.

    Returns
    -------
    dict of str to ndarray
        ``classes`` of shape (k,), ``columns`` (their number, of shape (1,)), and for
        tree i its ``i.values`` of shape (nodes, 1, k) and each field of its nodes,
        such as ``i.threshold``, of shape (nodes,).
    """
    table = {"classes": forest.classes_, "columns": np.array([forest.n_features_in_])}
    for number, estimator in enumerate(forest.estimators_):
        state = estimator.tree_.__getstate__()
        table[f"{number}.values"] = state["values"]
        table[f"{number}.depth"] = np.array([state["max_depth"]])
        for field in NODE_DTYPE.names:
            table[f"{number}.{field}"] = np.ascontiguousarray(state["nodes"][field])
    return table


def forest(table: Arrays) -> RandomForestClassifier:
    """The forest that `arrays` took apart; it answers alike, and cannot be refitted."""
    classes, columns = table["classes"], int(table["columns"][0])
    count = sum(name.endswith(".values") for name in table)
    model = RandomForestClassifier(n_estimators=count)
    model.estimators_ = [
        _settled(DecisionTreeClassifier(), np.arange(len(classes)), columns)
        for _ in range(count)
    ]
    for number, estimator in enumerate(model.estimators_):
        estimator.tree_ = _tree(table, number, columns)
    return _settled(model, classes, columns)


def _settled(model: Any, classes: NDArray[np.generic], columns: int) -> Any:
    """A model with the attributes that fitting would have set."""
    model.classes_, model.n_classes_ = classes, len(classes)
    model.n_features_in_, model.n_outputs_ = columns, 1
    return model


def _tree(table: Arrays, number: int, columns: int) -> Tree:
    """One tree from its arrays."""
    values = np.ascontiguousarray(table[f"{number}.values"], dtype=np.float64)
    nodes = np.zeros(len(values), NODE_DTYPE)
    for field in NODE_DTYPE.names:
        nodes[field] = table[f"{number}.{field}"]
    tree = Tree(columns, np.array([values.shape[2]], dtype=np.intp), 1)
    depth = int(table[f"{number}.depth"][0])
    state = {"max_depth": depth, "node_count": len(nodes)}
    tree.__setstate__({**state, "nodes": nodes, "values": values})
    return tree


# ---------------------------------------------------------------- writing


def dump(model: object, *, form: Format = "pickle") -> bytes:
    """A model as the bytes of a file.

    Parameters
    ----------
    model : object
        Any model for "pickle", "joblib" and "skops"; a forest for the other three,
        which hold its `arrays`.
    form : str
        The format.

    Raises
    ------
    BadInput
        For a format that is none of the six.
    """
    if form not in _WRITERS:
        raise BadInput(f"got the format {form!r}; wanted one of {list(_WRITERS)}")
    return _WRITERS[form](model)


def save_table(table: Arrays) -> bytes:
    """Named arrays as a safetensors file."""
    return safetensors.numpy.save(
        {n: np.ascontiguousarray(a) for n, a in table.items()}
    )


def load_table(artefact: bytes) -> dict[str, NDArray[np.generic]]:
    """Named arrays from a safetensors file, which holds nothing else."""
    return safetensors.numpy.load(artefact)


def _joblib(model: object) -> bytes:
    file = io.BytesIO()
    joblib.dump(model, file)
    return file.getvalue()


def _npz(model: object) -> bytes:
    file, table = io.BytesIO(), dict[str, Any](arrays(model))
    np.savez(file, **table)
    return file.getvalue()


_WRITERS: Mapping[str, Callable[[Any], bytes]] = {
    "pickle": pickle.dumps,
    "joblib": _joblib,
    "torch": lambda model: torch_files.save(arrays(model)),
    "skops": skops.io.dumps,
    "safetensors": lambda model: save_table(arrays(model)),
    "npz": _npz,
}


# ---------------------------------------------------------------- pickles are programs


class Call:
    """An object whose pickle is a call of a function with arguments."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.function, self.arguments


def append_call(artefact: bytes, call: Call) -> bytes:
    """A pickle that yields the same object, and makes a call on the way.

    The opcodes of the call go before the final STOP: load the function, load the
    arguments, REDUCE (call it), POP (forget what it returned).
    """
    stream = pickle.dumps(call, protocol=3)
    start, end = len(pickle.PROTO) + 1, -len(pickle.STOP)
    return artefact[:end] + stream[start:end] + pickle.POP + pickle.STOP


def opcodes(artefact: bytes) -> list[str]:
    """The instructions of a pickle, one string each, read without running them."""
    return [
        code.name if argument is None else f"{code.name} {argument!r}"
        for code, argument, _ in pickletools.genops(artefact)
    ]


# ---------------------------------------------------------------- reading


class _AllowList(pickle.Unpickler):
    """An unpickler that finds nothing but what `ALLOWED` names."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise ArtefactRefused(
                f"got a file that asks for {module}.{name}; wanted nothing but the "
                f"{len(ALLOWED)} names that a forest needs; do not open it with pickle"
            )
        return super().find_class(module, name)


def _sound(model: object) -> RandomForestClassifier:
    """The same forest, if all its trees lead downwards and stay inside.

    scikit-learn follows the node numbers of a file without looking. One that leads
    back hangs the process, one that leads outside reads foreign memory or ends it.
    What is no forest is refused, for nobody has looked at it.
    """
    if not isinstance(model, RandomForestClassifier):
        raise ArtefactRefused(
            f"got a file that holds a {type(model).__name__}; wanted a forest; "
            "do not use what is in it"
        )
    for estimator in model.estimators_:
        _check_tree(estimator.tree_, model.n_features_in_)
    return model


def _check_tree(tree: Tree, columns: int) -> None:
    numbers = np.arange(tree.node_count)
    inner = tree.children_left != -1
    children = np.vstack([tree.children_left, tree.children_right])[:, inner]
    asked = tree.feature[inner]
    if (
        (children <= numbers[inner]).any()
        or (children >= tree.node_count).any()
        or len(np.unique(children)) < children.size
        or (asked < 0).any()
        or (asked >= columns).any()
        or tree.node_count == 0
    ):
        raise ArtefactRefused(
            "got a tree whose nodes lead back, outside the tree, twice to one node or "
            "to columns that are not there; wanted every child once and after its "
            "parent; do not use it"
        )


@dataclass(frozen=True)
class Loader:
    """A way to open a model file.

    Calling it with the bytes of a file gives the model, or raises `ArtefactRefused`,
    whatever the library underneath raised. Refusing does not undo what the file
    has already run.

    Parameters
    ----------
    form : str
        The format that it reads; see `dump`.
    opened : callable
        From the bytes of a file to the model.
    """

    form: Format
    opened: Callable[[bytes], object]

    def __call__(self, artefact: bytes) -> object:
        """The model in a file."""
        try:
            return _sound(self.opened(artefact))
        except ArtefactRefused:
            raise
        except Exception as problem:
            raise ArtefactRefused(
                f"got a file that cannot be read as {self.form} "
                f"({type(problem).__name__}); wanted one that holds a model and "
                "nothing else; ask whoever made it for another"
            ) from problem


def _skops_as_in_tutorials(artefact: bytes) -> object:
    """A skops file, trusting every type that the file itself asks for."""
    wanted = skops.io.get_untrusted_types(data=artefact)
    return skops.io.loads(artefact, trusted=wanted)


def _numpy(artefact: bytes) -> RandomForestClassifier:
    with np.load(io.BytesIO(artefact), allow_pickle=False) as table:
        return forest(dict(table))


def _torch(*, weights_only: bool) -> Callable[[bytes], object]:
    return lambda file: forest(torch_files.load(file, weights_only=weights_only))


LOADERS: Mapping[str, Loader] = {
    "pickle": Loader("pickle", pickle.loads),
    "joblib": Loader("joblib", lambda artefact: joblib.load(io.BytesIO(artefact))),
    "torch, all": Loader("torch", _torch(weights_only=False)),
    "skops, trusting the file": Loader("skops", _skops_as_in_tutorials),
    "allow list": Loader("pickle", lambda file: _AllowList(io.BytesIO(file)).load()),
    "torch, weights only": Loader("torch", _torch(weights_only=True)),
    "skops, reviewed list": Loader(
        "skops", lambda file: skops.io.loads(file, trusted=list(REVIEWED))
    ),
    "safetensors": Loader("safetensors", lambda file: forest(load_table(file))),
    "NumPy, no pickle": Loader("npz", _numpy),
}
"""The loaders by name: four that run what the file says, then five that do not."""


def load(artefact: bytes, *, loader: str = "allow list") -> Any:
    """The model in a file, opened by one of `LOADERS`.

    Raises
    ------
    ArtefactRefused
        When the loader will not open it.
    BadInput
        For a loader that is not in `LOADERS`.
    """
    if loader not in LOADERS:
        raise BadInput(f"got the loader {loader!r}; wanted one of {list(LOADERS)}")
    return LOADERS[loader](artefact)


# ---------------------------------------------------------------- looking inside

NUMBERS = frozenset(
    {
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
    }
)
"""All that an array asks for; `contents` calls nothing else."""


def reopened(artefact: bytes) -> Any:
    """What a pickle holds, for a file that one has just written oneself: it is run."""
    return pickle.loads(artefact)  # noqa: S301


def contents(artefact: bytes) -> dict[str, NDArray[np.generic]]:
    """Every array of numbers in a pickle, by the place where it sits.

    Nothing that the file names is called, except what builds NumPy's arrays: each
    other object is replaced by a husk that keeps what it was given. So a file can be
    looked into that nobody trusts, and objects written in C show what they hold.
    Lists of numbers count as arrays. What is not found: numbers inside strings or
    bytes, and in files that are compressed.

    Parameters
    ----------
    artefact : bytes
        A pickle, plain or written by joblib without compression.

    Returns
    -------
    dict of str to ndarray
        Places read like Python, from the object that the file holds:
        ``.steps[0][1].mean_``. What an object was built from stands in brackets,
        such as ``._tree[0]``.

    Raises
    ------
    ArtefactRefused
        A file that is no such pickle.
    """
    try:
        held = _Husker(io.BytesIO(artefact)).load()
    except Exception as problem:
        raise ArtefactRefused(
            f"got a file that cannot be read as a pickle ({type(problem).__name__}); "
            "wanted one that was not compressed; write the model again with dump"
        ) from problem
    return dict(_arrays_in(held, "", set()))


def blanked(artefact: bytes, place: str) -> bytes:
    """The same pickle with one of its arrays set to zero, and nothing else changed.

    Parameters
    ----------
    artefact : bytes
        A plain pickle.
    place : str
        One of its `contents`. Wherever the same bytes stand, they go.

    Raises
    ------
    BadInput
        A place that is not there, or whose bytes do not stand in the file as one.
    """
    held = contents(artefact)
    if place not in held:
        raise BadInput(f"got the place {place!r}; wanted one of {list(held)}")
    order: Literal["C", "F"] = "C" if held[place].flags.c_contiguous else "F"
    wanted = held[place].tobytes(order)
    if not wanted or wanted not in artefact:
        raise BadInput(
            f"got the place {place!r}, which is no array of its own in the file; "
            "wanted one that is; write the model again without it"
        )
    return artefact.replace(wanted, bytes(len(wanted)))


class _Husk:
    """What is left of an object that was not built: what it would have been given."""

    def __new__(cls, *given: object, **named: object) -> "_Husk":
        husk = super().__new__(cls)
        husk.given, husk.named, husk.state = given, named, None
        husk.items, husk.entries = [], {}
        return husk

    given: tuple[object, ...]
    named: dict[str, object]
    state: object
    items: list[object]
    entries: dict[object, object]

    def __setstate__(self, state: object) -> None:
        self.state = state

    def append(self, item: object) -> None:
        self.items.append(item)

    def extend(self, items: list[object]) -> None:
        self.items.extend(items)

    def __setitem__(self, key: object, value: object) -> None:
        self.entries[key] = value

    def parts(self) -> Iterator[tuple[str, object]]:
        """Everything that it was given, by place."""
        yield from ((f"[{i}]", part) for i, part in enumerate(self.given))
        yield from ((f".{name}", part) for name, part in self.named.items())
        states = self.state if isinstance(self.state, tuple) else (self.state,)
        for i, state in enumerate(states):
            if isinstance(state, dict):
                yield from ((f".{name}", part) for name, part in state.items())
            else:
                yield f"[{i}]", state
        yield "", self.items
        yield "", self.entries


@cache
def _husk(module: str, name: str) -> type[_Husk]:
    return type(name, (_Husk,), {"__module__": module})


class _Wrapper(NumpyArrayWrapper):  # type: ignore[misc]
    """Joblib's note that an array follows; an array of objects is a pickle again."""

    def read_array(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
        if self.dtype.hasobject:
            return _Husker(unpickler.file_handle).load()
        return super().read_array(unpickler, ensure_native_byte_order)


class _Husker(NumpyUnpickler):  # type: ignore[misc]
    """An unpickler that builds arrays, and husks of everything else."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__("", file, ensure_native_byte_order=True)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("joblib.numpy_pickle", "NumpyArrayWrapper"):
            return _Wrapper
        if (module, name) in NUMBERS:
            return super().find_class(module, name)
        return _husk(module, name)


def _arrays_in(
    held: object, place: str, seen: set[int]
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Every array below an object, each object looked at once."""
    if isinstance(held, str | bytes | int | float | None) or id(held) in seen:
        return
    seen.add(id(held))
    table = _as_numbers(held)
    if table is not None:
        yield place, table
        return
    if isinstance(held, _Husk):
        parts = held.parts()
    elif isinstance(held, np.ndarray) and held.dtype.names:
        parts = ((f"[{name!r}]", held[name]) for name in held.dtype.names)
    elif isinstance(held, dict):
        parts = ((f"[{key!r}]", part) for key, part in held.items())
    elif isinstance(held, list | tuple | np.ndarray):
        parts = ((f"[{i}]", part) for i, part in enumerate(held))
    else:
        return
    for name, part in parts:
        yield from _arrays_in(part, place + name, seen)


def _as_numbers(held: object) -> NDArray[np.generic] | None:
    """An array of numbers, or a list of them as one; else None."""
    if isinstance(held, list | tuple):
        try:
            held = np.array(held, dtype=np.float64)
        except (TypeError, ValueError):
            return None
    if isinstance(held, np.ndarray) and held.dtype.kind in "biuf" and held.size:
        return held
    return None
