"""What is to grow, or to shrink, so that a model goes wrong?"""

from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp, softmax

from foible.arrays import Floats, Ints
from foible.domains import Labels, Logits

Loss = Callable[[Floats, Ints], tuple[Floats, Floats]]
"""Takes logits (n, k) and labels to the loss (n,) and its slope by the logits."""


def margin(logits: Logits, y: Labels) -> Floats:
    """How far the score of the right class leads; below 0 the model is wrong."""
    each, others = np.arange(len(y)), logits.copy()
    others[each, y] = -np.inf
    return np.asarray(logits[each, y] - others.max(axis=1))


def rivals(logits: Logits, y: Labels) -> Ints:
    """The wrong classes of each row, the likeliest first, (n, k - 1)."""
    others = logits.copy()
    others[np.arange(len(y)), y] = -np.inf
    return np.argsort(-others, axis=1, kind="stable")[:, :-1]


def lead(logits: Logits, y: Labels) -> tuple[Floats, Floats]:
    """The `margin` turned round: how far the likeliest wrong class leads."""
    each, others, slope = np.arange(len(y)), logits.copy(), np.zeros_like(logits)
    others[each, y] = -np.inf
    slope[each, others.argmax(axis=1)] = 1
    slope[each, y] = -1
    return -margin(logits, y), slope


def cross_entropy(logits: Logits, y: Labels) -> tuple[Floats, Floats]:
    """The usual loss, which is flat where the model is very sure."""
    slope = softmax(logits, axis=1)
    slope[np.arange(len(y)), y] -= 1
    return logsumexp(logits, axis=1) - logits[np.arange(len(y)), y], slope


def logit_ratio(
    logits: Logits, y: Labels, *, target: Labels | None = None
) -> tuple[Floats, Floats]:
    """The difference-of-logits ratio, blind to the logits' scale [croce2020reliable].

    The lead of the right class over the best other one, or over the target, divided by
    the lead of the first class over the third (with a target: over the mean of the
    third and the fourth). With too few classes for that it is the lead alone.
    The target is a wrong class for each row, (n,).
    """
    n, k = logits.shape
    each, order = np.arange(n), np.argsort(-logits, axis=1, kind="stable")
    rival = np.where(order[:, 0] == y, order[:, 1], order[:, 0])
    lead, scale = np.zeros((n, k)), np.zeros((n, k))
    lead[each, y] = 1
    lead[each, rival if target is None else target] -= 1
    last = order[:, 2:3] if target is None else order[:, 2:4]
    if last.shape[1] == (1 if target is None else 2):
        scale[each, order[:, 0]] = 1
        scale[each[:, np.newaxis], last] -= 1 / last.shape[1]
    ahead = (lead * logits).sum(axis=1)
    spread = (scale * logits).sum(axis=1) if scale.any() else np.ones(n)
    spread = np.maximum(spread, 1e-12)
    slope = lead / spread[:, None] - scale * (ahead / spread**2)[:, None]
    return -ahead / spread, -slope
