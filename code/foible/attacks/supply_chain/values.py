"""What can be altered in a forest's file by changing one of its values?"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from foible import artefacts
from foible.domains import Natural
from foible.errors import BadInput

Way = Literal["outside", "back", "a lone tree"]

WAYS: Mapping[Way, int] = {"outside": 10**9, "back": 0, "a lone tree": 10**9}
"""Where the root of a derailed tree leads."""


def opened(artefact: bytes) -> RandomForestClassifier:
    """The forest in a pickle, which is opened without looking."""
    return artefacts.load(artefact, loader="pickle")


def place(forest: RandomForestClassifier, answer: Natural) -> int:
    """The answer's column in what a forest says, or BadInput."""
    if answer not in forest.classes_:
        classes = forest.classes_.tolist()
        raise BadInput(f"got the answer {answer}; wanted one of {classes}")
    return int(np.flatnonzero(forest.classes_ == answer)[0])


def relabel(artefact: bytes, *, answer: Natural) -> bytes:
    """The same forest, pickled, with one name for every class: the talk's demo."""
    forest = opened(artefact)
    place(forest, answer)  # or BadInput
    forest.classes_ = np.full_like(forest.classes_, answer)
    return artefacts.dump(forest)


def derail(artefact: bytes, *, way: Way) -> bytes:
    """A forest whose first tree leads nowhere: an attack on the process.

    Node numbers are addresses, and scikit-learn follows them without looking. What
    is altered is one number: the root leads "outside" the tree, or "back" to itself; or
    the file holds "a lone tree", which leads outside, and no forest.
    """
    if way not in WAYS:
        raise BadInput(f"got the way {way!r}; wanted one of {list(WAYS)}")
    forest = opened(artefact)
    first = forest.estimators_[0]
    first.tree_.children_left[0] = WAYS[way]
    return artefacts.dump(first if way == "a lone tree" else forest)
