"""What can an owner see who holds old rows, or trusted ones, beside the new?"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from foible.arrays import Bools
from foible.data import Dataset, same_columns
from foible.domains import Level, Share
from foible.metrics import paired_change, wilson


def outside(rows: Dataset, trusted: Dataset) -> Bools:
    """Rows with a value outside the range of the trusted ones: the talk's advice.

    Each column of a table has its own range; all pixels of an image have one.
    """
    same_columns(rows, trusted)
    axis = None if trusted.image else 0
    low, high = trusted.X.min(axis=axis), trusted.X.max(axis=axis)
    return np.asarray((np.clip(rows.X, low, high) != rows.X).any(axis=1))


def histograms(
    reference: Dataset, batch: Dataset, *, by: Sequence[str] = ()
) -> dict[str, float]:
    """How likely each histogram of new rows is, if they are like the old ones.

    Parameters
    ----------
    by : sequence of str
        Columns of few values, for each of which the labels are compared again.

    Returns
    -------
    dict of str to float
        p-values: of each column (Kolmogorov and Smirnov), of "the labels", and of
        "the labels where SEX = 1" and so on (chi-squared).
    """
    same_columns(reference, batch)
    found = {}
    for name in reference.columns:
        pair = reference.column(name), batch.column(name)
        found[name] = float(stats.ks_2samp(*pair, method="asymp").pvalue)
    found["the labels"] = _unlike(reference, batch)
    for name in by:
        for value in np.unique(reference.column(name)):
            old, new = (r.take(r.column(name) == value) for r in (reference, batch))
            found[f"the labels where {name} = {value:g}"] = _unlike(old, new)
    return found


def alarms(found: Mapping[str, Share], *, level: Share = 0.01) -> list[str]:
    """The histograms that alarm, if all together may do so wrongly in `level`."""
    return [name for name, p in found.items() if p < level / len(found)]


def contradicted(claimed: Share, right: Bools, *, level: Level = 0.99) -> bool:
    """Whether trusted rows rule out an accuracy that was measured on other rows.

    It must lie in the interval of the trusted rows, where `right` says which the model
    answers rightly. The claim is taken for exact; measured on few rows it is not, and
    false alarms are then more than 1 - `level`.
    """
    return claimed not in wilson(int(np.sum(right)), len(right), level=level)


def moved(before: Bools, after: Bools, *, level: Level = 0.99) -> bool:
    """Whether a release differs from the last one by more than chance explains.

    Before and after are whether the last release, and the new one, give each trusted
    row some answer; its label is not needed.
    """
    return 0.0 not in paired_change(before, after, level=level)[1]


def _unlike(reference: Dataset, batch: Dataset) -> float:
    """p-value of the labels of two data sets having one distribution."""
    many, both = len(reference.classes), (reference, batch)
    table = np.array([np.bincount(rows.y, minlength=many) for rows in both])
    return float(stats.chi2_contingency(table[:, table.any(axis=0)]).pvalue)
