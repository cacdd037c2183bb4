"""What does one client of a shared training tell by what is sent?"""

import numpy as np
from scipy.spatial import cKDTree

from foible.arrays import Bools, Floats, finite_rows
from foible.domains import Amount
from foible.errors import BadInput
from foible.models import Network, Sent, Update, as_network


def row_from_update(sent: Sent) -> Floats:
    """The row behind an update that was computed from one row [geiping2020inverting].

    In the first layer the slope by unit j's weights is the row times the slope by its
    bias. The unit with the steepest bias is taken.
    """
    bias = _heard(sent)["bias_0"]
    unit = int(np.argmax(abs(bias)))
    return np.asarray(sent["weight_0"][:, unit] / bias[unit])


def row_from_all_units(*sent: Sent) -> Floats:
    """The same, from all units together: what to do where there is noise.

    Weights over biases, the slope of a single row has rank one; its first singular
    vector is the row, and a one below it. Noise drowns that one first, so that the sign
    is chosen for which the row is mostly positive, as a picture is. Of updates from
    several rounds with the same row the mean is taken.
    """
    slopes = [np.vstack([_heard(one)["weight_0"], one["bias_0"]]) for one in sent]
    both = np.mean(slopes, axis=0)
    way = np.linalg.svd(both, full_matrices=False)[0][:, 0]
    return np.asarray(way[:-1] / (abs(way[-1]) * np.sign(way[:-1].sum())))


def _heard(sent: Update) -> Update:
    if not sent["bias_0"].any():
        raise BadInput("got an update without a slope; wanted one that a row has made")
    return sent


def rows_from_update(sent: Sent) -> Floats:
    """What every unit says that the row is: right where one row of a batch lit it."""
    bias = sent["bias_0"]
    return np.asarray((sent["weight_0"][:, bias != 0] / bias[bias != 0]).T)


def trap(model: Network, background: Floats) -> Network:
    """A network that sorts the rows of a batch into bins [fowl2022robbing].

    Every unit of the first layer measures the same, the row's mean, and is lit above a
    threshold of its own. Rows are then told apart by the differences between
    neighbours: see `rows_from_bins`.

    Parameters
    ----------
    model : Network
        Of two layers or more.
    background : ndarray of shape (m, d)
        Rows of the attacker's own, which say where thresholds go.
    """
    (weight, bias), (after, shift), *others = as_network(model, least=2).layers
    means = finite_rows(background, width=len(weight)).mean(axis=1)
    means = np.quantile(means, np.linspace(0, 1, len(bias) + 1)[:-1])
    alike = np.tile(after[:1], (len(after), 1))
    return Network(
        (
            (np.full_like(weight, 1 / len(weight)), -means.astype(bias.dtype)),
            (alike / len(after), shift),
            *others,
        )
    )


def rows_from_bins(sent: Sent) -> Floats:
    """What every bin of a `trap` says that the row is: right where it holds one row."""
    weight = -np.diff(sent["weight_0"], axis=1, append=0)
    bias = -np.diff(sent["bias_0"], append=0)
    lit = abs(bias) > 1e-12
    return np.asarray((weight[:, lit] / bias[lit]).T)


def recovered(found: Floats, rows: Floats, *, within: Amount = 1e-3) -> Bools:
    """Which rows are among those found, every value to within so much."""
    if not len(found):
        return np.zeros(len(rows), bool)
    gap, _ = cKDTree(found).query(rows, p=np.inf)
    return np.asarray(gap <= within)
