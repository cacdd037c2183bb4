"""Where is a model wrong more often than elsewhere, and is it more than luck?

Who looks at enough slices finds some with many errors, also where there is nothing to
be found. So a slice counts only if it would stand out among as many slices of shuffled
errors [westfall1993resampling].
"""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Literal

import numpy as np
from scipy import stats

from foible.arrays import Bools, Floats
from foible.data import Dataset, Group, members
from foible.domains import Count, Finite, Seed, Several, Share
from foible.errors import BadInput

Correction = Literal["none", "Holm", "shuffled"]


def intervals(rows: Dataset, *, bins: Several) -> list[Group]:
    """Each column cut at its quantiles, as groups of one column.

    Parameters
    ----------
    rows : Dataset
        Where the quantiles are taken from; not the rows whose errors are counted.
    bins : int
        Of about as many rows each; a column of few values gets fewer.
    """
    found: list[Group] = []
    for name in rows.columns:
        inner = np.quantile(
            rows.column(name), np.arange(1, bins) / bins, method="lower"
        )
        edges = np.concatenate([[-np.inf], np.unique(inner), [np.inf]])
        found += [
            {name: (float(np.nextafter(low, np.inf)), float(high))}
            for low, high in pairwise(edges)
        ]
    return found


def pairs(groups: Sequence[Group]) -> list[Group]:
    """The groups, and every two of them that are of different columns, together."""
    both = [
        {**one, **other} for one, other in combinations(groups, 2) if {*one} != {*other}
    ]
    return [*groups, *both]


def inside(rows: Dataset, groups: Sequence[Group]) -> Bools:
    """Which rows lie in which group, ndarray of shape (k, n)."""
    alone: dict[tuple[str, tuple[float, float]], Bools] = {}
    for group in groups:
        for part in group.items():
            if part not in alone:
                alone[part] = members(rows, where=dict([part]))
    return np.array(
        [np.logical_and.reduce([alone[part] for part in one.items()]) for one in groups]
    )


def p_values(within: Bools, wrong: Bools) -> Floats:
    """How likely as many errors fall into each slice if they fall anywhere, (k,).

    Fisher's exact test, one-sided: of n rows, of which some are wrong, a slice is as
    many drawn without a look at them.

    Parameters
    ----------
    within : ndarray of bool, shape (k, n)
        Which rows lie in which slice.
    wrong : ndarray of bool, shape (n,)
        Which rows the model answers wrongly.
    """
    slices, errors = np.asarray(within, float), np.asarray(wrong, float)
    if slices.ndim != 2 or not slices.size or errors.shape != slices.shape[1:]:
        raise BadInput(
            f"got slices of shape {slices.shape} and errors of shape {errors.shape}; "
            "wanted (k, n) and (n,)"
        )
    codes = (slices @ errors) * (len(errors) + 1) + slices.sum(axis=1)
    alike, back = np.unique(codes, return_inverse=True)
    hits, sizes = np.divmod(alike, len(errors) + 1)
    found = stats.hypergeom.sf(hits - 1, len(errors), errors.sum(), sizes)
    return np.asarray(found[back])


def shuffled(within: Bools, wrong: Bools, *, repeats: Count, seed: Seed) -> Floats:
    """`p_values` where nothing is to be found: errors in random order, (repeats, k)."""
    rng = np.random.default_rng(seed)
    return np.array([p_values(within, rng.permutation(wrong)) for _ in range(repeats)])


def standing(
    p: Finite, nothing: Finite, *, level: Share = 0.05, correction: Correction
) -> Bools:
    """Which slices stand out, (k,).

    Parameters
    ----------
    p : ndarray of shape (k,)
        Of each slice.
    nothing : ndarray of shape (repeats, k)
        The same for shuffled errors.
    level : float
        With "none" the share of false slices among those in which there is nothing;
        with "Holm" or "shuffled" the chance of a single false one at most, 0 to 1.
        "shuffled" knows that slices overlap: it compares with the smallest p-value of
        each shuffle [westfall1993resampling], of which it takes 19 at a level of 5%.
    """
    if np.ndim(nothing) != 2 or nothing.shape[1:] != p.shape:
        raise BadInput(
            f"got p-values of shapes {p.shape} and {np.shape(nothing)}; wanted (k,) "
            "and (repeats, k)"
        )
    if correction == "none":
        return np.asarray(p < level)
    if correction == "shuffled":
        smallest = nothing.min(axis=1)
        as_small = (smallest[:, np.newaxis] <= p).sum(axis=0)
        return np.asarray(1 + as_small <= level * (1 + len(smallest)))
    order = np.argsort(p)
    passed = p[order] <= level / np.arange(len(p), 0, -1)
    found = np.zeros(len(p), dtype=bool)
    found[order] = np.logical_and.accumulate(passed)
    return found


def column_named(
    rows: Dataset,
    wrong: Bools,
    groups: Sequence[Group],
    *,
    repeats: Count,
    seed: Seed,
) -> str | None:
    """The column of the slice, of one group and one class, that stands out most.

    None where no slice stands out among so many of shuffled errors.

    Parameters
    ----------
    rows : Dataset
        Whose errors are known.
    wrong : ndarray of bool, shape (n,)
    groups : sequence of Group
        Of one column each.
    """
    within = inside(rows, groups)
    both = np.concatenate([within & (rows.y == label) for label in np.unique(rows.y)])
    p = p_values(both, wrong)
    nothing = shuffled(both, wrong, repeats=repeats, seed=seed)
    if not standing(p, nothing, correction="shuffled").any():
        return None
    return next(iter(groups[int(p.argmin()) % len(groups)]))
