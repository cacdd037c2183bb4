"""Does a suspect give answers that only the owner's model was taught?"""

from dataclasses import replace

import numpy as np
from scipy import stats

from foible.checks import counts
from foible.data import Dataset, joined
from foible.models import Classifier
from foible.victim import Victim


def keys(rows: Dataset, count: int, *, seed: int) -> Dataset:
    """Rows that look like nothing, with labels drawn at random [adi2018turning].

    Each column is drawn by itself, evenly over the range of these rows.
    """
    counts(count=count)
    rng = np.random.default_rng(seed)
    low, high = rows.X.min(axis=0), rows.X.max(axis=0)
    X = rng.uniform(low, high, (count, len(low)))
    return replace(rows, X=X, y=rng.integers(len(rows.classes), size=count))


def watermarked(victim: Victim, secret: Dataset, *, times: int = 1) -> Victim:
    """A victim that has learned the secret rows besides its own [adi2018turning].

    Parameters
    ----------
    victim : Victim
    secret : Dataset
        As `keys` gives them; kept by the owner.
    times : int
        How often each is repeated among the rows.
    """
    counts(times=times)
    more = secret.take(np.tile(np.arange(len(secret)), times))
    return victim.retrained(joined(victim.rows, more))


def by_watermark(suspect: Classifier, secret: Dataset) -> float:
    """Chance that a model which never met the secret knows as much of it: a p-value.

    Such a model is taken to guess each label right with probability 1 / k.
    """
    hits = int((suspect.predict(secret.X) == secret.y).sum())
    chance = 1 / len(secret.classes)
    return float(stats.binomtest(hits, len(secret), chance, "greater").pvalue)
