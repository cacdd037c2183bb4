"""Who is asking, what are they trying, and whose model is that?

Two moments at which a theft can be noticed. While it happens: a `journal` of what an
account asks, a `quota`, and `prada`, which refuses an account whose questions do not
lie as natural ones do. Afterwards, with a suspect model in hand: `watermarked` teaches
a model answers that nobody else would give, and `by_kept_rows` asks whether the suspect
knows rows that only the owner had. The judges count false alarms with the finds.

One moment at which a backdoor can be noticed: while its trigger is shown. `strip` looks
at a running model's answers to mixtures of a row with clean ones: a trigger that
overrules everything overrules them too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import numpy as np
from scipy import stats

from foible.arrays import Bools, Floats, Ints, likeliest
from foible.data import Dataset
from foible.errors import BadInput, ServiceRefused
from foible.evidence import Cell, Matrix, Outcome, Separation
from foible.judging import counted
from foible.metrics import Interval
from foible.models import Classifier, Recipe, probabilities
from foible.oracle import Transport
from foible.victim import Victim

Stream: TypeAlias = tuple[Floats, Ints]
"""What one account has asked, in order, and the labels it was told."""

# ---------------------------------------------------------------- while it happens


def journal(transport: Transport, *, log: list[Floats]) -> Transport:
    """The same answers; every question is appended to the log."""

    def answered(X: Floats) -> Floats:
        log.append(X.copy())
        return transport(X)

    return answered


def quota(transport: Transport, *, most: int) -> Transport:
    """The same answers, until an account has asked `most` rows.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way for one account.
    most : int
        Rows that it may ask in all, at least 1. A request that goes over is refused
        whole.

    Raises
    ------
    BadInput
        `most` is below 1. When asking, ServiceRefused, once the quota is spent.
    """
    if most < 1:
        raise BadInput(f"got a quota of {most}; wanted at least 1")
    spent = 0

    def answered(X: Floats) -> Floats:
        nonlocal spent
        if spent + len(X) > most:
            raise ServiceRefused(f"this account may ask {most} rows; {spent} are spent")
        spent += len(X)
        return transport(X)

    return answered


def normality(stream: Stream) -> float:
    """How natural an account's questions look, 0 to 1 [juuti2019prada].

    For each question the distance to the nearest earlier one with the same answer; of
    these distances, without those beyond three standard deviations, the Shapiro-Wilk
    statistic, which is 1 for a normal distribution.

    Raises
    ------
    BadInput
        Fewer than three distances.
    """
    X, labels = stream
    distances: list[float] = []
    for name in np.unique(labels):
        rows = X[labels == name]
        for i in range(1, len(rows)):
            distances.append(np.linalg.norm(rows[:i] - rows[i], axis=1).min())
    found = np.array(distances)
    if len(found) < 3:
        raise BadInput(f"got {len(X)} questions, too few to judge; wait for more")
    kept = found[abs(found - found.mean()) <= 3 * found.std()]
    return float(stats.shapiro(kept).statistic) if np.ptp(kept) else 0.0


def prada(transport: Transport, *, threshold: float, patience: int) -> Transport:
    """The same answers, until an account's questions look made up [juuti2019prada].

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way for one account.
    threshold : float
        Least `normality`, 0 to 1, that is answered.
    patience : int
        Questions before any judgement, at least 3 for each class.
    """
    asked: list[Floats] = []
    told: list[Ints] = []

    def answered(X: Floats) -> Floats:
        answer = transport(X)
        asked.append(X.copy())
        told.append(likeliest(answer))
        stream = np.vstack(asked), np.concatenate(told)
        if len(stream[1]) >= patience and normality(stream) < threshold:
            raise ServiceRefused(
                f"after {len(stream[1])} rows this account's questions look made up; "
                "talk to the owner of the service"
            )
        return answer

    return answered


# ---------------------------------------------------------------- while it is shown


def indecision(
    transport: Transport, X: Floats, overlays: Dataset, *, draws: int = 20, seed: int
) -> Floats:
    """How undecided a model is about a row mixed with clean ones [gao2019strip].

    The mean entropy of its answers, over the classes of each answer. An image is mixed
    by adding the other's brightness, up to the brightest; a row of a table by taking
    each value from either.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way to the model's probabilities.
    X : ndarray of shape (n, d)
    overlays : Dataset
        Clean rows.
    draws : int
        Clean rows that each row is mixed with.
    seed : int
        Which.

    Returns
    -------
    ndarray of shape (n,)
        In nats. Low is suspicious: nothing that is mixed in changes the answer.
    """
    random = np.random.default_rng(seed)
    total = np.zeros(len(X))
    for _ in range(draws):
        other = overlays.X[random.integers(len(overlays), size=len(X))]
        total += stats.entropy(transport(_mixed(X, other, overlays, random)), axis=1)
    return total / draws


def suspicious(
    transport: Transport,
    X: Floats,
    trusted: Dataset,
    *,
    false_alarms: float = 0.05,
    draws: int = 20,
    seed: int,
) -> Bools:
    """Rows about whose mixtures a model is less undecided than about clean ones'.

    Parameters
    ----------
    transport, X, draws, seed
        As in `indecision`.
    trusted : Dataset
        Clean rows: the overlays, and what the threshold is set on.
    false_alarms : float
        Share of the clean rows below the threshold.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    usual = indecision(transport, trusted.X, trusted, draws=draws, seed=seed)
    asked = indecision(transport, X, trusted, draws=draws, seed=seed + 1)
    return np.asarray(asked < np.quantile(usual, false_alarms))


def strip(
    transport: Transport,
    trusted: Dataset,
    *,
    false_alarms: float = 0.05,
    draws: int = 20,
    seed: int,
) -> Transport:
    """The same answers, but none to a request with a suspicious row [gao2019strip].

    Parameters are those of `suspicious`. When asked, it raises ServiceRefused for the
    whole request, and says how many of its rows are suspicious.
    """

    def answered(X: Floats) -> Floats:
        flags = suspicious(
            transport, X, trusted, false_alarms=false_alarms, draws=draws, seed=seed
        )
        if flags.any():
            raise ServiceRefused(f"{flags.sum()} of {len(X)} rows may carry a trigger")
        return transport(X)

    return answered


def _mixed(
    X: Floats, other: Floats, overlays: Dataset, random: np.random.Generator
) -> Floats:
    if overlays.image:
        return np.asarray(np.minimum(X + other, overlays.X.max()))
    return np.where(random.random(X.shape) < 0.5, X, other)


# ---------------------------------------------------------------- afterwards


def keys(rows: Dataset, count: int, *, seed: int) -> Dataset:
    """Rows that look like nothing, with labels drawn at random [adi2018turning].

    Each column is drawn by itself, evenly over the range of these rows.
    """
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
    X = np.vstack([victim.rows.X, np.tile(secret.X, (times, 1))])
    y = np.concatenate([victim.rows.y, np.tile(secret.y, times)])
    return victim.retrained(replace(victim.rows, X=X, y=y))


def by_watermark(suspect: Classifier, secret: Dataset) -> float:
    """Chance that a model which never met the secret knows as much of it: a p-value.

    Such a model is taken to guess each label right with probability 1 / k.
    """
    hits = int((suspect.predict(secret.X) == secret.y).sum())
    chance = 1 / len(secret.classes)
    return float(stats.binomtest(hits, len(secret), chance, "greater").pvalue)


@dataclass(frozen=True)
class Kept:
    """What the owner needs to recognise a model by its rows; see `kept_rows`.

    Parameters
    ----------
    inside, outside : Dataset
        Rows that the model was made from, and rows that no model has seen.
    base : (ndarray of shape (n,), ndarray of shape (m,))
        What strangers say of both: mean margin over the reference models.
    """

    inside: Dataset
    outside: Dataset
    base: tuple[Floats, Floats]


def kept_rows(
    inside: Dataset, fresh: Dataset, recipe: Recipe, *, models: int = 16, seed: int
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
    recipe : Recipe
        Of the reference models.
    models : int
        How many.
    seed : int
        Of the split and of the references.
    """
    half, outside = fresh.split(0.5, seed=seed)
    parts = [half.split(0.8, seed=seed + i)[0] for i in range(models)]
    made = recipe.many(parts, seeds=range(seed, seed + models))
    strangers = [cast(Classifier, model) for model in made]
    base = [
        np.mean([_margins(one, rows) for one in strangers], axis=0)
        for rows in (inside, outside)
    ]
    return Kept(inside, outside, (base[0], base[1]))


def by_kept_rows(suspect: Classifier, kept: Kept) -> float:
    """Chance that a model which never met the owner's rows is as sure of them: p-value.

    Welch's t-test between the margins on the owner's rows and on others, each less
    what strangers say.
    """
    inside = _margins(suspect, kept.inside) - kept.base[0]
    outside = _margins(suspect, kept.outside) - kept.base[1]
    test = stats.ttest_ind(inside, outside, equal_var=False, alternative="greater")
    return float(test.pvalue)


def _margins(model: Classifier, rows: Dataset) -> Floats:
    """Log-odds of the right label against the next, cut at ±20, shape (n,)."""
    logs = np.log(np.maximum(probabilities(model, rows.X), 1e-12))
    each = np.arange(len(rows))
    right = logs[each, rows.y].copy()
    logs[each, rows.y] = -np.inf
    return np.asarray(np.clip(right - logs.max(axis=1), -20, 20))


# ---------------------------------------------------------------- the judges


def judge_prada(
    model: Classifier,
    honest: Sequence[Floats],
    thieves: Mapping[str, Sequence[Floats]],
) -> Separation:
    """Whether accounts of thieves can be told from honest ones by `normality`.

    Parameters
    ----------
    model : Classifier
        What answers.
    honest : sequence of ndarray of shape (n, d)
        What each honest account asked, in order.
    thieves : mapping of str to sequence of ndarray of shape (n, d)
        The same for thieves, by kind.
    """
    others = _oddness(model, honest)
    scores = {name: (_oddness(model, rows), others) for name, rows in thieves.items()}
    return Separation(scores, group="thieves")


def _oddness(model: Classifier, accounts: Sequence[Floats]) -> Floats:
    return np.array([1 - normality((X, model.predict(X))) for X in accounts])


def judge_ownership(
    suspects: Mapping[str, Sequence[Classifier]],
    tests: Mapping[str, Callable[[Classifier], float]],
    *,
    innocent: Sequence[str],
    level: float = 0.01,
) -> Matrix:
    """How many suspects of each kind a test of ownership accuses.

    A kind is noticed ("stopped") where the interval of the share that is accused lies
    above the level: by chance so many innocents would not be.

    Parameters
    ----------
    suspects : mapping of str to sequence of Classifier
        Models by kind.
    tests : mapping of str to callable, Classifier to float
        Each gives a p-value, such as `by_watermark` and `by_kept_rows`.
    innocent : sequence of str
        The kinds that are not stolen: an accusation of them is a false alarm.
    level : float
        p-value below which the owner accuses.
    """
    cells = [
        [
            _accused(models, test, level, guilty=kind not in innocent)
            for test in tests.values()
        ]
        for kind, models in suspects.items()
    ]
    return Matrix(list(suspects), list(tests), cells, corner="accused")


def _accused(
    models: Sequence[Classifier],
    test: Callable[[Classifier], float],
    level: float,
    *,
    guilty: bool,
) -> Cell:
    def noticed(interval: Interval) -> Outcome:
        return "stopped" if interval.low > level else "unnoticed"

    accused = [test(model) < level for model in models]
    return counted(accused, noticed if guilty else "no attack", form="{hits} of {n}")
