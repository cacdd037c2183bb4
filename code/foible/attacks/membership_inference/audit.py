"""How much privacy is lost at least, as independent scores prove?"""

import numpy as np

from foible.arrays import Floats
from foible.checks import counts, shares
from foible.metrics import clopper_pearson


def epsilon_at_least(
    inside: Floats, outside: Floats, *, delta: float, level: float = 0.95
) -> float:
    """The privacy loss that independent scores prove.

    A mechanism with loss epsilon cannot be told apart better than found ≤ e^epsilon ×
    false alarms + delta, nor the other way round. The threshold is chosen on the first
    half of the scores, and shares are bounded on the second, by Clopper and Pearson.

    Of scores with and without the canary, (n,) each; 0 where nothing is proven. The
    true epsilon is at least so large with a probability of `level`.
    """
    shares(delta=delta, level=level)
    counts(scores=min(len(inside), len(outside)), least=2)
    half = len(inside) // 2
    cuts = np.unique(np.concatenate([inside[:half], outside[:half]]))
    first = [_proven(inside[:half], outside[:half], cut, delta, level) for cut in cuts]
    best = cuts[int(np.argmax(first))]
    return _proven(inside[half:], outside[half:], best, delta, level)


def _proven(
    inside: Floats, outside: Floats, cut: float, delta: float, level: float
) -> float:
    """The bound at one threshold; both shares hold at once with probability `level`."""
    each = (1 + level) / 2
    found = clopper_pearson(int(np.sum(inside >= cut)), len(inside), level=each)
    alarms = clopper_pearson(int(np.sum(outside >= cut)), len(outside), level=each)
    ratios = (
        (found.low - delta) / max(alarms.high, 1e-12),
        (1 - alarms.high - delta) / max(1 - found.low, 1e-12),
    )
    return float(np.log(max(1, *ratios)))
