"""Can a model be made of these rows, with this seed and these settings?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from torch import device as Device  # noqa: N812 (a type, in lower case)
from torch import empty

from foible.arrays import Floats, finite_rows
from foible.data import Dataset
from foible.domains import Count
from foible.errors import BadInput


def paired(rows: Sequence[Dataset], seeds: Sequence[int]) -> list[tuple[Dataset, int]]:
    """Each data set with its seed, if a classifier can be made of them."""
    pairs = matched(rows, seeds)
    for part, seed in pairs:
        seeded(seed)
        present = len(np.unique(part.y)) if part.classes else 0
        if present < 2:
            raise BadInput(
                f"{part.name}: got {len(part)} rows of {present} classes; wanted at "
                "least two classes: take more rows"
            )
    return pairs


def matched(rows: Sequence[Dataset], seeds: Sequence[int]) -> list[tuple[Dataset, int]]:
    """Each data set with its seed; BadInput if they are not as many."""
    if len(rows) != len(seeds):
        raise BadInput(
            f"got {len(rows)} data sets and {len(seeds)} seeds; wanted one for each"
        )
    return list(zip(rows, seeds, strict=True))


def seeded(seed: int) -> None:
    """Refuse a seed that not every generator takes."""
    if not 0 <= seed < 2**32:
        raise BadInput(f"got seed {seed}; wanted 0 to 2**32 - 1")


def placed(device: str) -> Device:
    """The device of that name; BadInput where this machine, or this torch, has none.

    Asked where a model is trained, which may be another machine than that where its
    recipe was written.
    """
    try:
        empty(0, device=device)
        return Device(device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BadInput(
            f"got device={device!r}, which torch cannot use here "
            f"({str(error).splitlines()[0]}); wanted one that it can, such as 'cpu'"
        ) from error


def rows_of(inputs: ArrayLike, shape: tuple[int, ...], *, coloured: bool) -> Floats:
    """Inputs, (n, *shape), as rows, (n, d); of images the colour, first, comes last."""
    given = np.asarray(inputs, np.float64)
    if given.shape[1:] != shape:
        raise BadInput(
            f"got inputs of shape {given.shape}; wanted (n, "
            f"{', '.join(map(str, shape))})"
        )
    if coloured:
        given = np.moveaxis(given, 1, -1)
    return finite_rows(given.reshape(len(given), -1))


def checked_widths(hidden: Count | tuple[Count, ...]) -> tuple[int, ...]:
    """The width of each hidden layer, from that of the only one or from all."""
    return (hidden,) if isinstance(hidden, int) else tuple(hidden)
