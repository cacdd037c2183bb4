"""What every attack, every defence and every detector promises, checked for one row.

A row of the table (`tests/test_conformance.py`) says how the thing is called on small
inputs of its own, and what must not happen to it:

    Row("evasion.pgd", inputs, call, nothing=..., refused={...})

`inputs()` makes the inputs anew, as keywords; `call(seed=..., **inputs)` uses them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from foible.models import Network
from foible.oracle import Oracle

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One attack, defence or detector.

    Parameters
    ----------
    name : str
        Module and function.
    inputs : callable
        The inputs anew, by name; all that is drawn is drawn from fixed seeds.
    call : callable
        Takes the inputs and a `seed` to the result.
    nothing : callable, optional
        Takes the inputs and a result at dose nought to whether it is as if nobody had
        been there; the inputs at dose nought are `inputs() | nought`.
    nought : mapping, optional
        What makes the dose nought.
    chance : callable, optional
        Whether a result is what chance gives, where the inputs are `blind`.
    blind : mapping, optional
        What takes all that could be learned out of the inputs.
    kept : callable, optional
        Takes the inputs and the result to whether budget and box were kept.
    refused : mapping of str to mapping
        For each bad input by name: what replaces the good ones.
    """

    name: str
    inputs: Callable[[], Inputs]
    call: Callable[..., Any]
    nought: Mapping[str, Any] = field(default_factory=dict)
    nothing: Callable[[Inputs, Any], bool] | None = None
    blind: Mapping[str, Any] = field(default_factory=dict)
    chance: Callable[[Any], bool] | None = None
    kept: Callable[[Inputs, Any], bool] | None = None
    refused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def frozen(thing: Any) -> Any:
    """A value that is equal if and only if the thing is the same, bit for bit."""
    if isinstance(thing, np.ndarray):
        if thing.dtype == object:
            return tuple(frozen(one) for one in thing.ravel())
        return thing.dtype.str, thing.shape, thing.tobytes()
    if isinstance(thing, Network):
        return frozen(thing.layers)
    if isinstance(thing, Oracle) or callable(thing):
        return None  # it has a state of its own, or none that can be seen
    if isinstance(thing, Mapping):
        return tuple((key, frozen(thing[key])) for key in thing)
    if isinstance(thing, list | tuple):
        return tuple(map(frozen, thing))
    if is_dataclass(thing):
        return tuple(frozen(getattr(thing, one.name)) for one in fields(thing))
    if hasattr(thing, "get_params"):  # an estimator of scikit-learn
        return repr(thing), frozen(vars(thing))
    return repr(thing)


def unusable(X: np.ndarray, y: np.ndarray) -> dict[str, dict[str, Any]]:
    """Rows and labels that nobody can use, by what is wrong with them."""
    hole = X.copy()
    hole[0, 0] = np.nan
    return {
        "no rows": {"X": X[:0], "y": y[:0]},
        "one row that is no table": {"X": X[0]},
        "a row too narrow": {"X": X[:, 1:]},
        "a hole": {"X": hole},
        "labels of other rows": {"y": y[1:]},
        "a label that is no class": {"y": np.full_like(y, 99)},
        "a label below nought": {"y": np.full_like(y, -1)},
    }
