"""How is a process ended by a file that calls only what it may?"""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy._core.multiarray import _reconstruct
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from foible import artefacts
from foible.artefacts import Call
from foible.attacks.supply_chain.values import derail, opened
from foible.errors import BadInput

Misuse = Literal[
    "letters as classes", "letters as trees", "a type that lies", "a model as a tree"
]
LETTERS = b"A" * 2 * np.dtype("O").itemsize
"""Two addresses, of nothing."""
POINTERS = Call(np.ndarray, (2,), "O", LETTERS)
"""An array of two objects, which are where letters say."""


class _Stated(Call):
    """A call whose result then takes a state."""

    def __init__(self, state: Any, *call: Any) -> None:
        super().__init__(*call)
        self.state = state

    def __reduce__(self) -> Any:
        return *super().__reduce__(), self.state


def _lying() -> _Stated:
    """The same array, by a type that holds an object and says that it holds none."""
    fields = {"a": (np.dtype("O"), 0)}
    size = len(LETTERS) // 2
    state = 3, "|", None, ("a",), fields, size, size, 0
    kind = _Stated(state, np.dtype, f"V{size}", False, True)
    held = 1, (2,), kind, False, LETTERS
    return _Stated(held, _reconstruct, np.ndarray, (0,), b"b")


def _standing_in(forest: RandomForestClassifier) -> DecisionTreeClassifier:
    """A derailed model that shows the fields of the tree in whose place it stands."""
    lone = artefacts.reopened(derail(artefacts.dump(forest), way="a lone tree"))
    first = forest.estimators_[0].tree_
    for field in ("children_left", "children_right", "feature", "value", "node_count"):
        setattr(lone, field, getattr(first, field))
    return lone


def misuse(artefact: bytes, *, way: Misuse) -> bytes:
    """A forest's pickle that asks for nothing new, and ends the process of who uses it.

    NumPy makes an array of objects from bytes, which are then addresses, and believes a
    type that says it holds none; scikit-learn asks whatever stands in a tree's place.
    """
    forest = opened(artefact)
    match way:
        case "letters as classes":
            forest.classes_ = POINTERS
        case "letters as trees":
            forest.estimators_ = POINTERS
        case "a type that lies":
            forest.classes_ = _lying()
        case "a model as a tree":
            forest.estimators_[0].tree_ = _standing_in(forest)
        case _:
            raise BadInput(f"got the way {way!r}; wanted one of {list(MISUSES)}")
    return artefacts.dump(forest)


MISUSES: Sequence[Misuse] = get_args(Misuse)
