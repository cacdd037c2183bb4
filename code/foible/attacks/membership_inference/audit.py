"""How much privacy is lost at least, as scores of many models or of one prove?"""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom

from foible.arrays import Floats
from foible.checks import counts
from foible.domains import Count, Level, Scores, Share
from foible.metrics import clopper_pearson


def epsilon_at_least(
    inside: Scores, outside: Scores, *, delta: Share, level: Level = 0.95
) -> float:
    """The privacy loss that independent scores prove.

    A mechanism with loss epsilon cannot be told apart better than found ≤ e^epsilon ×
    false alarms + delta, nor the other way round. The threshold is chosen on the first
    half of the scores, and shares are bounded on the second, by Clopper and Pearson.

    Of scores with and without the canary, (n,) each; 0 where nothing is proven. The
    true epsilon is at least so large with a probability of `level`.
    """
    counts(scores=min(len(inside), len(outside)), least=2)
    half = len(inside) // 2
    cuts = np.unique(np.concatenate([inside[:half], outside[:half]]))
    first = [_proven(inside[:half], outside[:half], cut, delta, level) for cut in cuts]
    best = cuts[int(np.argmax(first))]
    return _proven(inside[half:], outside[half:], best, delta, level)


def _proven(
    inside: Floats, outside: Floats, cut: float, delta: float, level: float
) -> float:
    """The bound at one threshold; both shares hold at once with probability `level`.

    One end of each interval is used, which errs (1 - level) / 2 of the time.
    """
    found = clopper_pearson(int(np.sum(inside >= cut)), len(inside), level=level)
    alarms = clopper_pearson(int(np.sum(outside >= cut)), len(outside), level=level)
    ratios = (
        (found.low - delta) / max(alarms.high, 1e-12),
        (1 - alarms.high - delta) / max(1 - found.low, 1e-12),
    )
    return float(np.log(max(1, *ratios)))


def epsilon_in_one_run(
    inside: Scores,
    outside: Scores,
    *,
    delta: Share,
    guesses: Count,
    level: Level = 0.95,
) -> float:
    """The privacy loss that scores by a single model prove [steinke2023privacy].

    Every canary was put in or left out by a coin of its own. So many `guesses` are
    made, half of them that the highest scores were in, half that the lowest were out;
    the number is to be fixed beforehand. If training is private, the right ones are no
    more than those of as many coins that fall right with e^epsilon / (1 + e^epsilon).

    Of scores of the canaries in and out, (n,) and (m,); 0 where nothing is proven. The
    true epsilon is at least so large with a probability of `level`.
    """
    canaries, each = len(inside) + len(outside), guesses // 2
    counts(guesses=each, canaries=canaries // max(2 * each, 1))
    score, was_in = np.concatenate([inside, outside]), np.arange(canaries) < len(inside)
    order = np.lexsort((was_in, -score))  # of equal scores, those that prove less
    right = int(was_in[order[:each]].sum() + (~was_in)[order[-each:]].sum())

    def excess(epsilon: float) -> float:
        chance = _chance(right, 2 * each, canaries, epsilon, delta)
        return chance - (1 - level)

    if excess(0) >= 0:
        return 0.0
    return float(brentq(excess, 0, 64))


def _chance(
    right: int, guesses: int, canaries: int, epsilon: float, delta: float
) -> float:
    """Chance of so many right guesses or more, if training is private, at most."""
    coin = 1 / (1 + np.exp(-epsilon))
    fewer = binom.pmf(np.arange(right - 1, -1, -1), guesses, coin).cumsum()
    steepest = (fewer / np.arange(1, right + 1)).max(initial=0)
    alone = binom.sf(right - 1, guesses, coin)
    return float(min(1, alone + 2 * canaries * delta * steepest))
