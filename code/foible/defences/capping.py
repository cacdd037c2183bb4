"""How much work may one answer take, and one client ask for?"""

import numpy as np

from foible.arrays import Bools, Tokens
from foible.data import Texts
from foible.domains import Count, Numbers, Share


def cap(work: Numbers, *, cut: Share) -> int:
    """The least cap by which at most a share of these honest answers is cut.

    Parameters
    ----------
    work : ndarray of int, shape (n,)
        What each took.
    cut : float
        Share of them that may take more.
    """
    ordered = np.sort(work)
    spared = len(ordered) - int(np.floor(cut * len(ordered) + 1e-9))
    return int(ordered[max(spared, 1) - 1])


def served(work: Numbers, *, quota: Count) -> Bools:
    """Which requests of one client, in their order, are answered within its quota.

    A request that would take more than is left is not, nor is any behind it; (n,).
    """
    return np.asarray(np.cumsum(work) <= quota)


def ended(texts: Texts, costly: Tokens) -> Texts:
    """These texts, and costly ones that are to be answered with the end at once."""
    short = [np.append(text, 0) for text in costly]
    starts = np.array([len(text) - 1 for text in short])
    return texts.joined(short, starts=starts)
