"""What does a skops file describe, before anything of it is built?"""

import io
from collections.abc import Iterator
from functools import partial
from typing import Any
from zipfile import ZipFile

from skops.io import _general as general
from skops.io._audit import CachedNode, Node, audit_tree, get_tree
from skops.io._numpy import NdArrayNode
from skops.io._sklearn import TreeNode
from skops.io._utils import read_schema

from foible.artefacts.forests import CLASSIFIER, FOREST, TREE
from foible.artefacts.husks import Husk, Name
from foible.errors import ArtefactRefused

REVIEWED = ("sklearn.tree._tree.Tree",)
"""The one type in a forest's skops file that skops does not trust by itself."""
KEYS = {("builtins", name) for name in ("str", "int", "float", "bool")}
BUILT: dict[type, set[Name]] = {
    general.ObjectNode: {FOREST, CLASSIFIER},
    TreeNode: {TREE},
    NdArrayNode: {("numpy", name) for name in ("ndarray", "int64", "float64")},
    general.TypeNode: KEYS | {TREE},
    general.JsonNode: KEYS,
    general.DictNode: {("builtins", "dict")},
    general.ListNode: {("builtins", "list")},
    general.TupleNode: {("builtins", "tuple")},
    general.SetNode: {("builtins", "set")},
}
"""What builds what in the file of a forest."""


def description(artefact: bytes) -> Any:
    """What is in a skops file that skops has reviewed, with husks for its models.

    skops trusts every estimator of scikit-learn, and builds each from what the file
    says. Here that is kept, and nothing built but lists, dictionaries and arrays.
    """
    with ZipFile(io.BytesIO(artefact)) as archive:
        schema, context = read_schema(archive)
        root = get_tree(schema, context, trusted=list(REVIEWED))
        audit_tree(root, trusted=list(REVIEWED))
        for node in _nodes(root):
            _describe(node)
        return root.construct()


def _nodes(root: Node) -> Iterator[Node]:
    """Each node of a file once; one that only repeats another stands for that."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        while type(node) is CachedNode:
            node = node.cached
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        for child in node.children.values():
            parts = child.values() if isinstance(child, dict) else child
            listed = parts if isinstance(child, dict | list) else [child]
            waiting += [part for part in listed if isinstance(part, Node)]


def _describe(node: Node) -> None:
    """Have a node give a husk instead of an object; ArtefactRefused if it is odd."""
    name = node.module_name, node.class_name
    odd = name not in BUILT.get(type(node), ())
    if odd or (type(node) is NdArrayNode and node.type != "numpy"):
        raise ArtefactRefused(
            f"got a file that has {type(node).__name__} build {'.'.join(name)}; wanted "
            "nothing but what a forest needs; do not open it with skops"
        )
    if type(node) in {general.ObjectNode, TreeNode}:
        node._construct = partial(_husk, node, name)


def _husk(node: Any, name: Name) -> Husk:
    given = node.args.construct() if type(node) is TreeNode else ()
    husk = Husk.of(name, given)
    husk.__setstate__(node.attrs.construct())
    return husk
