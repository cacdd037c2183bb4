"""Is what a model says likelier if it has seen the candidate?"""

from warnings import warn

import numpy as np
from scipy.stats import norm

from foible.arrays import Bools, Floats
from foible.attacks.membership_inference.shadows import PRIOR, Shadows, gaussian
from foible.attacks.membership_inference.signals import FLOOR, Signal, Stability, logit
from foible.data import Dataset
from foible.domains import Limit, Logits, Scores
from foible.errors import WeakEvidence
from foible.oracle import Oracle

FLOORED = -float(np.log(FLOOR))
"""Log odds of an answer of 1, as `logit` has them."""
FINE = 1e-6
"""A chance that no vote of trees tells, and a network in full precision does."""


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
    asked, known = told(signal(oracle, rows), shadows.say(signal, rows))
    inside = gaussian(known, shadows.member, prior=prior)
    outside = gaussian(known, ~shadows.member, prior=prior)
    ratio = norm.logpdf(asked, *inside) - norm.logpdf(asked, *outside)
    return np.asarray(ratio)


def told(asked: Scores, known: Logits) -> tuple[Floats, Floats]:
    """Signals of the target, (n,), and of the shadows, (m, n), as far as they tell.

    Log odds of an answer of 0 or 1 are at the floor of `logit`, which is below what a
    vote of some hundred trees can tell, and would rule every mean and spread. They are
    put half a vote beyond what the shadows otherwise say, at log 2 more than the
    largest. Where there are no such answers, or others finer than `FINE`, all stays as
    it is: there the floor is where the resolution ends. After it no answer lies far out
    any more: medians and absolute deviations find fewer members of a forest than means
    and spreads.

    WeakEvidence: more than a tenth of the shadows' answers are such.
    """
    floored = _floored(known)
    end = np.abs(known[~floored]).max(initial=0) + np.log(2)
    if not floored.any() or end > -np.log(FINE):
        return asked, known
    if floored.mean() > 0.1:
        warn(
            f"{floored.mean():.0%} of the shadows' answers are 0 or 1, of which none "
            "is surer than another; ask a model that tells more, or by `label_only`",
            WeakEvidence,
            stacklevel=3,  # behind the guard
        )
    nearer = (
        np.where(_floored(said), np.sign(said) * end, said) for said in (asked, known)
    )
    return next(nearer), next(nearer)


def _floored(said: Floats) -> Bools:
    """Which log odds are those of an answer of 0 or 1."""
    return np.asarray(np.abs(np.abs(said) - FLOORED) < 1e-6)


def lira_offline(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Signal = logit
) -> Floats:
    """How far a candidate stands out from strangers [carlini2022membership].

    As `lira`, but only shadows that have not seen the candidate are used. So they can
    be made before anybody knows who the candidates are, and serve for all. The scores,
    (n,), are spreads above the mean of strangers; the spread is common to all.
    """
    asked, known = told(signal(oracle, rows), shadows.say(signal, rows))
    mean, spread = gaussian(known, ~shadows.member, prior=np.inf)
    return np.asarray((asked - mean) / spread)


def label_only(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Stability
) -> Floats:
    """As `lira`, on how firmly the label stands [choquettechoo2021label]."""
    return lira(oracle, rows, shadows, signal=signal)
