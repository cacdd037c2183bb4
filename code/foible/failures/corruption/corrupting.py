"""Which changes are there, of which kind, and what do they make of rows?"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.data import Dataset
from foible.domains import Seed
from foible.errors import BadInput
from foible.failures.corruption import changes, places

Change: TypeAlias = Callable[[Floats, float, np.random.Generator], Floats]
Dose: TypeAlias = tuple[str, float]
"""A change by name, and its strength."""

STRENGTHS = (1, 2, 3, 4, 5)
FAMILIES: Mapping[str, Mapping[str, Change]] = MappingProxyType(
    {
        "grain": {
            "noise": changes.noise,
            "specks": changes.specks,
            "dead columns": changes.dead_columns,
        },
        "detail": {
            "blur": changes.blur,
            "motion": places.motion,
            "compression": changes.compression,
        },
        "light": {
            "fog": changes.fog,
            "dusk": changes.dusk,
            "glare": changes.glare,
        },
        "place": {
            "tilt": places.tilt,
            "shift": places.shift,
            "distance": places.distance,
        },
    }
)
"""The twelve changes, sorted by what they do to a picture."""
CHANGES: Mapping[str, Change] = MappingProxyType(
    {name: one for family in FAMILIES.values() for name, one in family.items()}
)
"""The twelve changes by name."""
MIXED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"mixed {k + 1}": tuple(list(FAMILIES[family])[j] for j, family in chosen)
        for k in range(4)
        for chosen in [[(j, list(FAMILIES)[(k + j) % 4]) for j in range(3)]]
    }
)
"""The same twelve in four threes, of which no two are of one family."""


def corrupted(rows: Dataset, doses: Sequence[Dose], *, seed: Seed) -> Dataset:
    """The rows after some changes, one upon the other, in their order.

    After [hendrycks2019benchmarking], with changes and strengths of our own.

    Parameters
    ----------
    rows : Dataset
        Pictures, pixels in 0..1, n of them.
    doses : sequence of (str, float)
        Of each change its name, one of `CHANGES`, and its strength, 0, nothing, to 5.
    seed : int
        What is drawn is drawn for each row anew.

    BadInput: rows that are no pictures, an unknown change, or a strength out of range.
    """
    unknown = [dose for dose in doses if not _known(*dose)]
    if rows.image is None or unknown:
        raise BadInput(
            f"got {rows!r} and the changes {unknown or list(doses)}; wanted pictures, "
            f"and changes among {', '.join(CHANGES)}, each with a strength of 0 to 5"
        )
    rng = np.random.default_rng(seed)
    pictures = rows.X.reshape(len(rows), *rows.image[:2], -1)
    for name, strength in doses:
        if strength:
            pictures = np.clip(CHANGES[name](pictures, strength, rng), 0, 1)
    return replace(rows, X=pictures.reshape(len(rows), -1))


def ways(names: Collection[str]) -> list[partial[Dataset]]:
    """Each of these changes at each strength, from rows and a seed to rows."""
    return [
        partial(corrupted, doses=[(name, strength)])
        for name in names
        for strength in STRENGTHS
    ]


def _known(name: str, strength: float) -> bool:
    return name in CHANGES and 0 <= strength <= 5
