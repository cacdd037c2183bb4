"""What is a forest as a table, and is it a sound forest?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree

from foible.errors import ArtefactRefused

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

    An empty array is ArtefactRefused: a million rows of nothing take no room in a file.
    """
    if not all(array.size for array in table.values()):
        raise ArtefactRefused(
            "got a table with an empty array; wanted numbers in each; do not use it"
        )
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


def sound(model: object) -> RandomForestClassifier:
    """The same forest, if all its trees lead downwards and stay inside.

    scikit-learn follows the node numbers of a file without looking. One that leads
    back hangs the process, one that leads outside reads foreign memory or ends it.
    One that claims more classes than its trees vote on, a thread for each of a
    million trees, or classes with names a megabyte wide, which each answer copies,
    takes the machine's memory when it is used. What is no forest is refused, for
    nobody has looked at it.
    """
    if not isinstance(model, RandomForestClassifier):
        raise ArtefactRefused(
            f"got a file that holds a {type(model).__name__}; wanted a forest; "
            "do not use what is in it"
        )
    _check_claims(model)
    for estimator in model.estimators_:
        _check_tree(estimator.tree_, model.n_features_in_)
    return model


def _check_claims(model: RandomForestClassifier) -> None:
    """Whether a forest's fields say what its trees are."""
    classes = len(model.classes_)
    votes = {(e.n_classes_, e.tree_.value.shape[1:]) for e in model.estimators_}
    if (
        model.n_classes_ != classes
        or votes != {(classes, (1, classes))}
        or model.n_outputs_ != 1
        or model.n_estimators != len(model.estimators_)
        or model.n_jobs not in {None, 1}
        or np.asarray(model.classes_).itemsize > WIDEST
    ):
        raise ArtefactRefused(
            "got a forest whose classes, trees or threads are not those that it "
            "claims; wanted one vote a class from each tree, one thread, and names of "
            f"at most {WIDEST} bytes; do not use it"
        )


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
