"""Who comes in another year, and how do they behave?

A shift gives each row a weight: how much more often rows like it come. All weights of a
shift of size 0 are 1. So no row is invented, and none is changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Floats
from foible.data import Dataset, Group, members
from foible.domains import Count, Natural, Number, Seed, Share, shaped
from foible.errors import BadInput
from foible.evidence import DoseResponse
from foible.oracle import Transport

LARGEST = 100.0
"""Size of a shift of which the odds can still be computed."""
Shift: TypeAlias = Callable[[Dataset, float], Floats]
"""From rows, (n, d), and a size to a weight of each row, (n,)."""


class Watched(NamedTuple):
    """A model at work: the way to its answers, its alarms, and rows that it meets.

    `alarms` are of `defences.alarming`, made for windows of so many rows; `searched` is
    for who looks for a shift, `judged` for who judges.
    """

    transport: Transport
    alarms: Mapping[str, Any]
    searched: Dataset
    judged: Dataset
    window: int


def tilted(rows: Dataset, size: Number, *, column: str) -> Floats:
    """Other customers: p(x) changes, and p(y | x) stays.

    Weights are the exponent of the column in standard deviations: of a normal column
    the mean moves by `size` of these.
    """
    values = rows.column(column)
    spread = values.std()
    if not spread or not abs(size) <= LARGEST:
        raise BadInput(
            f"got a column with spread {spread} and size={size}; wanted one that "
            f"varies, and a size of {LARGEST} at most"
        )
    return np.asarray(np.exp(size * (values - values.mean()) / spread))


def commoner(rows: Dataset, size: Number, *, label: Natural) -> Floats:
    """One class comes more often: its odds are multiplied by the exponent of `size`."""
    return np.where(rows.y == label, np.exp(_class(rows, label, size)), 1.0)


def behaving(rows: Dataset, size: Number, *, group: Group, label: Natural) -> Floats:
    """The same customers, of whom a group behaves otherwise: p(y | x) changes.

    In the group the odds of a class are multiplied by the exponent of `size`; the group
    comes as often as before, and nothing else changes.
    """
    inside = members(rows, where=group)
    weights = np.where(
        inside & (rows.y == label), np.exp(_class(rows, label, size)), 1.0
    )
    if inside.any():
        weights[inside] /= weights[inside].mean()
    return weights


def windows(
    rows: Dataset,
    weights: Annotated[Floats, shaped("n", least=0)],
    *,
    size: Count,
    count: Count,
    seed: Seed,
) -> list[Dataset]:
    """So many windows, each of `size` rows drawn by weight, with replacement."""
    given = np.asarray(weights, float)
    if given.shape != (len(rows),) or not given.min() >= 0 or not given.any():
        raise BadInput(
            f"got weights of shape {given.shape}; wanted one for each of {len(rows)} "
            "rows, none below 0 and not all 0"
        )
    rng, chance = np.random.default_rng(seed), given / given.sum()
    return [rows.take(rng.choice(len(rows), size, p=chance)) for _ in range(count)]


def slanted(rows: Dataset, slope: Number) -> Dataset:
    """Another hand: each line of a picture moved sideways, more the higher it stands.

    Parameters
    ----------
    rows : Dataset
        Grey pictures of one channel.
    slope : float
        Pixels sideways for each pixel up.
    """
    if rows.image is None or len(rows.image) != 2:
        raise BadInput(f"got {rows!r}; wanted grey pictures, rows with an `image`")
    height, width = rows.image
    pictures = rows.X.reshape(-1, height, width)
    moved, place = np.empty_like(pictures), np.arange(width)
    for line in range(height):
        source = place - slope * ((height - 1) / 2 - line)
        left = np.floor(source).astype(int)
        part = source - left
        wide = np.pad(pictures[:, line], ((0, 0), (1, 1)))
        ends = [np.clip(left + step, -1, width) + 1 for step in (0, 1)]
        moved[:, line] = (1 - part) * wide[:, ends[0]] + part * wide[:, ends[1]]
    return replace(rows, X=moved.reshape(len(rows), -1))


def smallest(power: DoseResponse, name: str, *, seen: Share = 0.8) -> Floats:
    """The smallest size that is seen in this share of the windows, of each unit, (r,).

    Read off the line between two sizes; NaN where no size of the sweep is seen.
    """
    found = []
    for line in np.asarray(power.responses[name], float).T:
        risen = np.maximum.accumulate(line)
        place = int(np.argmax(risen >= seen))
        if not (risen >= seen).any():
            found.append(np.nan)
        elif not place:
            found.append(float(power.dose[0]))
        else:
            two = slice(place - 1, place + 1)
            found.append(float(np.interp(seen, risen[two], power.dose[two])))
    return np.array(found)


def _class(rows: Dataset, label: int, size: float) -> float:
    """The size, if the label is one of the rows' and the size a number."""
    if not 0 <= label < len(rows.classes) or not abs(size) <= LARGEST:
        raise BadInput(
            f"got label={label} and size={size}; wanted one of {len(rows.classes)} "
            f"classes and a size of {LARGEST} at most"
        )
    return size
