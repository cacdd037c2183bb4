"""Which is the nearest passage, and how many nodes of a tree were opened for it?"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from sklearn.neighbors import KDTree

from foible.arrays import Floats, Ints
from foible.domains import Count, shaped

NODES = 2_000_000  # distances that are held at once


@dataclass(frozen=True, eq=False)
class Index:
    """Vectors in a k-d tree, searched best first [bentley1975multidimensional].

    Each node is a box around its vectors. The nearest box is opened next, until none is
    nearer than the nearest vector seen: so exactly those boxes are opened that are not
    farther than the nearest vector, and they are counted without walking.

    Parameters
    ----------
    vectors : ndarray of shape (n, d)
    low, high : ndarray of shape (m, d)
        The box of each node; a node comes before its children.
    leaf : ndarray of shape (n,)
        The last node in which each vector is.
    """

    vectors: Floats
    low: Floats
    high: Floats
    leaf: Ints

    @classmethod
    def built(
        cls, vectors: Annotated[Floats, shaped("n", "d")], *, leaf: Count = 4
    ) -> "Index":
        """A tree of scikit-learn's; its last nodes hold about `leaf` vectors."""
        _, order, nodes, bounds = KDTree(vectors, leaf_size=leaf).get_arrays()
        where = np.zeros(len(vectors), np.int64)
        for number in np.flatnonzero(nodes["is_leaf"]):
            where[order[nodes["idx_start"][number] : nodes["idx_end"][number]]] = number
        low, high = np.asarray(bounds)
        return cls(np.array(vectors), low.copy(), high.copy(), where)

    def nearest(
        self,
        asked: Annotated[Floats, shaped("m", "d")],
        *,
        nodes: Count | None = None,
    ) -> tuple[Ints, Ints]:
        """The nearest vector to each of those asked, and how many nodes were opened.

        Parameters
        ----------
        asked : ndarray of shape (m, d)
        nodes : int, optional
            A cap: no more are opened, and the nearest of the vectors seen is given, or
            the first vector of all where none was seen.
        """
        size = max(1, NODES // self.low.size)
        parts = [
            self._nearest(asked[i : i + size], nodes)
            for i in range(0, len(asked), size)
        ]
        found, opened = (np.concatenate(one) for one in zip(*parts, strict=True))
        return found, opened

    def _nearest(self, asked: Floats, nodes: int | None) -> tuple[Ints, Ints]:
        each = asked[:, np.newaxis]
        beside = np.maximum(0, np.maximum(self.low - each, each - self.high))
        boxes = np.square(beside).sum(axis=2)
        away = np.square(self.vectors - each).sum(axis=2)
        opened = (boxes <= away.min(axis=1, keepdims=True)).sum(axis=1)
        if nodes is not None:
            turn = np.argsort(np.argsort(boxes, axis=1, kind="stable"), axis=1)
            away[turn[:, self.leaf] >= nodes] = np.inf
            opened = np.minimum(opened, nodes)
        return away.argmin(axis=1), opened
