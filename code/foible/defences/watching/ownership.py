"""Does a suspect answer as the owner's model was taught, or know the owner's rows?"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from foible.arrays import Floats
from foible.data import Classified, Dataset, joined
from foible.domains import Count, Seed
from foible.models import Classifier, Recipe, as_classifier, probabilities
from foible.victim import Victim

# ---------------------------------------------------------------- watermarks


def keys(rows: Classified, count: Count, *, seed: Seed) -> Dataset:
    """Rows that look like nothing, with labels drawn at random [adi2018turning].

    Each column is drawn by itself, evenly over the range of these rows.
    """
    rng = np.random.default_rng(seed)
    low, high = rows.X.min(axis=0), rows.X.max(axis=0)
    X = rng.uniform(low, high, (count, len(low)))
    return replace(rows, X=X, y=rng.integers(len(rows.classes), size=count))


def watermarked(victim: Victim, secret: Classified, *, times: Count = 1) -> Victim:
    """A victim that has learned the secret rows besides its own [adi2018turning].

    Parameters
    ----------
    victim : Victim
    secret : Dataset
        As `keys` gives them; kept by the owner.
    times : int
        How often each is repeated among the rows.
    """
    more = secret.take(np.tile(np.arange(len(secret)), times))
    return victim.retrained(joined(victim.rows, more))


def by_watermark(suspect: Classifier, secret: Classified) -> float:
    """Chance that a model which never met the secret knows as much of it: a p-value.

    Such a model is taken to guess each label right with probability 1 / k.
    """
    said = as_classifier(suspect).predict(secret.X)
    hits = int((said == secret.y).sum())
    chance = 1 / len(secret.classes)
    return float(stats.binomtest(hits, len(secret), chance, "greater").pvalue)


# ---------------------------------------------------------------- rows


@dataclass(frozen=True)
class Kept:
    """What the owner needs to recognise a model by its rows; see `kept_rows`."""

    inside: Dataset  # n rows that the model was made from
    outside: Dataset  # m rows that no model has seen
    base: tuple[Floats, Floats]  # (n,) and (m,): mean margin of the reference models


def kept_rows(
    inside: Classified,
    fresh: Classified,
    recipe: Recipe,
    *,
    models: Count = 16,
    seed: Seed,
) -> Kept:
    """The owner's side of dataset inference [maini2021dataset], calibrated.

    Some rows are easy for every model. So half of the fresh rows make reference models,
    and what counts is how much surer than these a suspect is, as in a membership
    attack [carlini2022membership]; the published method learns a classifier of
    distances to the boundary instead.

    Parameters
    ----------
    inside : Dataset
        What the owner's model was made from, unknown to anybody else.
    fresh : Dataset
        Other rows of the owner's that were never used.
    recipe, models
        Of the reference models, and how many.
    seed : int
        Of the split and of the references.
    """
    half, outside = fresh.split(0.5, seed=seed)
    parts = [half.split(0.8, seed=seed + i)[0] for i in range(models)]
    made = recipe.many(parts, seeds=range(seed, seed + models))

    def base(rows: Dataset) -> Floats:
        told = [_margins(as_classifier(stranger), rows) for stranger in made]
        return np.asarray(np.mean(told, axis=0))

    return Kept(inside, outside, (base(inside), base(outside)))


def by_kept_rows(suspect: Classifier, kept: Kept) -> float:
    """Chance that a model which never met the owner's rows is as sure of them: p-value.

    Welch's t-test between the margins on the owner's rows and on others, each less
    what strangers say.
    """
    return _surer(*_advantages(suspect, kept))


def redealt(suspect: Classifier, kept: Kept, *, deals: Count, seed: Seed) -> Floats:
    """p-values of `by_kept_rows` with inside and outside dealt anew.

    Of a suspect that saw none of these rows: then each deal is another owner, who
    should accuse it as often as the level says.

    Parameters
    ----------
    suspect, kept
    deals, seed : int
        How many owners, and the chance of who has which rows.

    Returns
    -------
    ndarray of shape (deals,)
    """
    rng, n = np.random.default_rng(seed), len(kept.inside)
    everybody = np.concatenate(_advantages(suspect, kept))
    orders = [rng.permutation(everybody) for _ in range(deals)]
    return np.array([_surer(order[:n], order[n:]) for order in orders])


def _advantages(suspect: Classifier, kept: Kept) -> tuple[Floats, Floats]:
    """How much surer than strangers it is of the rows inside, and outside."""
    inside = _margins(suspect, kept.inside) - kept.base[0]
    return inside, _margins(suspect, kept.outside) - kept.base[1]


def _surer(inside: Floats, outside: Floats) -> float:
    test = stats.ttest_ind(inside, outside, equal_var=False, alternative="greater")
    return float(test.pvalue)


def _margins(model: Classifier, rows: Dataset) -> Floats:
    """Log-odds of the right label against the next, cut at ±20, shape (n,)."""
    logs = np.log(np.maximum(probabilities(model, rows.X), 1e-12))
    each = np.arange(len(rows))
    right = logs[each, rows.y].copy()
    logs[each, rows.y] = -np.inf
    return np.asarray(np.clip(right - logs.max(axis=1), -20, 20))
