"""Is what a model says likelier if it has seen the candidate?"""

import numpy as np
from scipy.stats import norm

from foible.arrays import Floats
from foible.attacks.membership_inference.shadows import PRIOR, Shadows, gaussian
from foible.attacks.membership_inference.signals import Signal, Stability, logit
from foible.data import Dataset
from foible.domains import Limit
from foible.oracle import Oracle


def lira(
    oracle: Oracle,
    rows: Dataset,
    shadows: Shadows,
    *,
    signal: Signal = logit,
    prior: Limit = PRIOR,
) -> Floats:
    """The likelihood ratio of in against out [carlini2022membership].

    For each candidate two normal distributions of the signal: over the shadows that
    have seen the row, and over those that have not. Their means are the candidate's
    own, their spreads lean towards those common to all candidates: a spread of quite
    one's own needs more shadows than we have.

    Parameters
    ----------
    oracle : Oracle
        The target.
    rows : Dataset
        The candidates, with their labels, known *before* the shadows are made.
    shadows : Shadows
        Made from random halves of the candidates; BadInput if one of these has been
        seen by none of them, or by all.
    prior : float
        So many shadows does the common spread count for; see `gaussian`.

    Returns
    -------
    ndarray of shape (n,)
        Logarithm of the ratio.
    """
    asked, known = signal(oracle, rows), shadows.say(signal, rows)
    inside = gaussian(known, shadows.member, prior=prior)
    outside = gaussian(known, ~shadows.member, prior=prior)
    ratio = norm.logpdf(asked, *inside) - norm.logpdf(asked, *outside)
    return np.asarray(ratio)


def lira_offline(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Signal = logit
) -> Floats:
    """How far a candidate stands out from strangers [carlini2022membership].

    As `lira`, but only shadows that have not seen the candidate are used. So they can
    be made before anybody knows who the candidates are, and serve for all. The scores,
    (n,), are spreads above the mean of strangers; the spread is common to all.
    """
    known = shadows.say(signal, rows)
    mean, spread = gaussian(known, ~shadows.member, prior=np.inf)
    return np.asarray((signal(oracle, rows) - mean) / spread)


def label_only(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Stability
) -> Floats:
    """As `lira`, on how firmly the label stands [choquettechoo2021label]."""
    return lira(oracle, rows, shadows, signal=signal)
