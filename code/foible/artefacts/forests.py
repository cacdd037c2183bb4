"""What is a forest as a table, and is it a sound forest?"""

from collections.abc import Mapping
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree

from foible.artefacts.husks import Husk, Name, array, pairs
from foible.errors import ArtefactRefused
from foible.models.kinds import fitted

FOREST: Name = ("sklearn.ensemble._forest", "RandomForestClassifier")
CLASSIFIER: Name = ("sklearn.tree._classes", "DecisionTreeClassifier")
TREE: Name = ("sklearn.tree._tree", "Tree")

Arrays = Mapping[str, NDArray[np.generic]]
WIDEST = 400
"""Bytes of a class's name: a hundred letters. Each answer holds one."""


def arrays(forest: RandomForestClassifier) -> dict[str, NDArray[np.generic]]:
    """A forest as named arrays of numbers, all that it needs to answer.

    Returns
    -------
    dict of str to ndarray
        ``classes`` of shape (k,), ``columns`` (their number, of shape (1,)), and for
        tree i its ``i.values`` of shape (nodes, 1, k) and each field of its nodes,
        such as ``i.threshold``, of shape (nodes,).
    """
    fitted(forest)
    table = {"classes": forest.classes_, "columns": np.array([forest.n_features_in_])}
    for number, estimator in enumerate(forest.estimators_):
        state = estimator.tree_.__getstate__()
        table[f"{number}.values"] = state["values"]
        table[f"{number}.depth"] = np.array([state["max_depth"]])
        for field in NODE_DTYPE.names:
            table[f"{number}.{field}"] = np.ascontiguousarray(state["nodes"][field])
    return table


def forest(table: Arrays) -> RandomForestClassifier:
    """The forest that `arrays` took apart; it answers alike, and cannot be refitted.

    A table that holds anything else is ArtefactRefused, such as an empty array: a
    million rows of nothing take no room in a file.
    """
    _check_table(table)
    classes, columns = table["classes"], int(table["columns"][0])
    count, places = _count(table), np.arange(len(classes))
    model = RandomForestClassifier(n_estimators=count)
    model.estimators_ = [
        _settled(DecisionTreeClassifier(), places, columns) for _ in range(count)
    ]
    for number, estimator in enumerate(model.estimators_):
        estimator.tree_ = _tree(table, number, columns)
    return _settled(model, classes, columns)


def _count(table: Arrays) -> int:
    return sum(name.endswith(".values") for name in table)


def _check_table(table: Arrays) -> None:
    """Whether a table holds the arrays of a forest, each of its kind and shape."""
    if not all(one.size for one in table.values()):
        raise ArtefactRefused(
            "got a table with an empty array; wanted numbers in each; do not use it"
        )
    none = np.empty(0)
    wanted: dict[str, tuple[str, tuple[int, ...]]] = {
        "classes": ("biufSUV", (table.get("classes", none).size,)),
        "columns": ("i", (1,)),
    }
    for number in range(_count(table)):
        shape = table.get(f"{number}.values", none).shape
        wanted[f"{number}.values"] = "f", (*shape[:1], 1, *shape[-1:])
        wanted[f"{number}.depth"] = "i", (1,)
        for field in NODE_DTYPE.names:
            wanted[f"{number}.{field}"] = NODE_DTYPE[field].kind, shape[:1]
    wrong = table.keys() ^ wanted.keys() or {
        name
        for name, (kinds, shape) in wanted.items()
        if table[name].dtype.kind not in kinds
        or table[name].dtype.hasobject
        or table[name].shape != shape
    }
    if wrong or table["columns"][0] < 1:
        raise ArtefactRefused(
            f"got a table that is no forest's, by {min(wrong, default='columns')!r}; "
            "wanted what `arrays` gives; do not use it"
        )


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


# ---------------------------------------------------------------- from a description


def described(held: object) -> RandomForestClassifier:
    """The forest that a husk describes: its arrays are checked, and it is built anew.

    Of what the file says besides nothing is left. What is no forest, in every type, is
    ArtefactRefused, TypeError, ValueError or KeyError.
    """
    if not isinstance(held, Husk) or held.name != FOREST:
        raise _no_forest(held.name[1] if isinstance(held, Husk) else type(held))
    fields = _fields(held, FOREST)
    columns = _whole(fields["n_features_in_"])
    table = {"classes": _array(fields["classes_"]), "columns": np.array([columns])}
    for number, estimator in enumerate(_listed(fields["estimators_"])):
        own = _fields(estimator, CLASSIFIER)["tree_"]
        table |= {f"{number}.{k}": v for k, v in _described_tree(own, columns).items()}
    model = forest(table)
    for claim in ("n_classes_", "n_outputs_", "n_estimators"):
        setattr(model, claim, _whole(fields[claim]))
    model.n_jobs = None if fields["n_jobs"] is None else _whole(fields["n_jobs"])
    return model


def _described_tree(held: object, columns: int) -> dict[str, NDArray[Any]]:
    """The arrays of a tree, if what it would be built from fits them."""
    state = _fields(held, TREE)
    asked, classes, outputs = held.given  # type: ignore[attr-defined]
    nodes, values = _array(state["nodes"]), _array(state["values"])
    fits = nodes.dtype == NODE_DTYPE and nodes.shape == (_whole(state["node_count"]),)
    if not fits or (_whole(asked), _whole(outputs)) != (columns, 1):
        raise ValueError("a tree of other nodes than it says")
    if _array(classes).tolist() != [values.shape[-1]]:
        raise ValueError("a tree of other classes than it says")
    fields = {name: np.ascontiguousarray(nodes[name]) for name in NODE_DTYPE.names}
    depth = np.array([_whole(state["max_depth"])])
    return {"values": values, "depth": depth, **fields}


def _fields(held: object, name: Name) -> dict[str, Any]:
    """The state of a husk of that name, whose keys are strings."""
    if not isinstance(held, Husk) or held.name != name or len(held.states) != 1:
        raise TypeError(f"no {name[1]}")
    return {key: value for key, value in pairs(held.state) if type(key) is str}


def _listed(held: object) -> list[object]:
    if type(held) is not list:
        raise TypeError("no list")
    return held


def _array(held: object) -> NDArray[Any]:
    found = held if type(held) is np.ndarray else array(held)
    if found is None:
        raise TypeError("no array")
    return found


def _whole(held: object) -> int:
    """A whole number, Python's or NumPy's."""
    found = held if isinstance(held, int | np.integer) else array(held)
    if found is None or isinstance(found, bool):
        raise TypeError("no whole number")
    return index(found)


# ---------------------------------------------------------------- the check


def sound(model: Any) -> RandomForestClassifier:
    """The same forest, if all its trees lead downwards and stay inside.

    scikit-learn follows the node numbers of a file without looking. One that leads
    back hangs the process, one that leads outside reads foreign memory or ends it, as
    does a tree that is deeper than it says. One that claims more classes than its trees
    vote on, a thread for each of a million trees, or classes with names a megabyte
    wide, which each answer copies, takes the machine's memory when it is used. What is
    no forest is refused, and so is anything else in the place of a tree, for nobody has
    looked at it.
    """
    if type(model) is not RandomForestClassifier:
        raise _no_forest(type(model))
    _check_claims(model)
    for estimator in model.estimators_:
        _check_tree(estimator.tree_, model.n_features_in_)
    return model


def _no_forest(kind: object) -> ArtefactRefused:
    name = kind.__name__ if isinstance(kind, type) else kind
    return ArtefactRefused(
        f"got a file that holds a {name}; wanted a forest; do not use what is in it"
    )


def _check_claims(model: RandomForestClassifier) -> None:
    """Whether a forest's fields say what its trees are."""
    for one in model.estimators_:
        if type(one) is not DecisionTreeClassifier or type(one.tree_) is not Tree:
            raise ArtefactRefused(
                f"got a forest of {type(one).__name__} with a "
                f"{type(one.tree_).__name__} inside; wanted trees; do not use it"
            )
    classes = len(model.classes_)
    votes = {(e.n_classes_, e.tree_.value.shape[1:]) for e in model.estimators_}
    if (
        model.n_classes_ != classes
        or votes != {(classes, (1, classes))}
        or model.n_outputs_ != 1
        or model.n_estimators != len(model.estimators_)
        or model.n_jobs not in (None, 1)
        or np.asarray(model.classes_).itemsize > WIDEST
    ):
        raise ArtefactRefused(
            "got a forest whose classes, trees or threads are not those that it "
            "claims; wanted one vote a class from each tree, one thread, and names of "
            f"at most {WIDEST} bytes; do not use it"
        )


def _check_tree(tree: Tree, columns: int) -> None:
    inner = np.flatnonzero(tree.children_left != -1)
    ends = tree.children_left == -1
    children = np.vstack([tree.children_left, tree.children_right])[:, inner]
    asked = tree.feature[inner]
    if (
        tree.node_count == 0
        or (children <= inner).any()
        or not np.array_equal(np.sort(children, None), np.arange(1, tree.node_count))
        or (asked < 0).any()
        or (asked >= columns).any()
        or (tree.children_right[ends] != -1).any()
        or (tree.feature[ends] != -2).any()
        or _depth(tree.node_count, inner, children) != tree.max_depth
    ):
        raise ArtefactRefused(
            "got a tree whose nodes lead back, outside the tree, twice to one node or "
            "to columns that are not there, or that is not as deep as it says; wanted "
            "every child once and after its parent; do not use it"
        )


def _depth(nodes: int, inner: NDArray[Any], children: NDArray[Any]) -> int:
    """How deep a tree is whose children come after their parents."""
    depths = [0] * nodes
    for parent, left, right in zip(inner.tolist(), *children.tolist(), strict=True):
        depths[left] = depths[right] = depths[parent] + 1
    return max(depths)
