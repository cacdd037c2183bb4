"""How does somebody poison a vote who knows how the rows are dealt out?"""

from collections.abc import Callable, Sequence

import numpy as np

from foible.arrays import Floats, Ints
from foible.data import Dataset
from foible.errors import BadInput

Split = Callable[[Floats], Ints]
"""How an owner deals rows out: takes them, (n, d), to the part of each, (n,)."""
TRIES = 1000  # before a part counts as none of the split's


def parts_for(
    rows: Dataset, target: Floats, answer: int, split: Split, *, parts: int
) -> list[int]:
    """All parts, first those whose nearest row to the target is labelled `answer`."""
    dealt = split(rows.X)
    away = ((rows.X - target) ** 2).sum(axis=1)
    order = np.argsort(away, kind="stable")

    def opposes(part: int) -> bool:
        nearest = rows.y[order[dealt[order] == part][:1]]
        return not (nearest == answer).any()

    return sorted(range(parts), key=opposes)


def spread_rows(
    target: Floats, label: int, split: Split, parts: Sequence[int], *, seed: int
) -> tuple[Floats, Ints]:
    """Copies of a row, one for each wanted part of the split, all labelled `label`.

    What an attacker does who knows how rows are dealt out: each copy is moved by less
    than anybody sees, again and again, until it falls to the wanted part.
    """
    random = np.random.default_rng(seed)
    found: dict[int, Floats] = {}
    for _ in range(TRIES):
        if not (missing := set(parts) - set(found)):
            break
        tried = target + 1e-6 * random.normal(size=(64 * len(missing), len(target)))
        for row, part in zip(tried, split(tried).tolist(), strict=True):
            found.setdefault(part, row)
    else:
        raise BadInput(f"got no row in the parts {missing}; wanted parts of the split")
    return np.array([found[part] for part in parts]), np.full(len(parts), label)
