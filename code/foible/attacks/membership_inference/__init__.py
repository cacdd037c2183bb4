"""Was this person's row in the training data?

An attack gives each candidate a score, high for those whom it takes for members. It
reads a *signal* off the target (`confidence`, `logit`, `Stability`) and compares it:
with nothing (`by_loss`), or with what the attacker's own models say of the same row,
their *shadows* (`lira`, `lira_offline`, `rmia`, `label_only`).
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias, cast

import numpy as np
from scipy.stats import norm

from foible.arrays import Bools, Floats, likeliest
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import DoseResponse, Separation
from foible.metrics import clopper_pearson
from foible.models import Model, Recipe, probabilities
from foible.oracle import Answers, Oracle, Transport
from foible.victim import Victim

Signal: TypeAlias = Callable[[Oracle, Dataset], Floats]
"""Reads a number for each row off a model's answers: (n,)."""
Attack: TypeAlias = Callable[[Oracle, Dataset, "Shadows"], Floats]
"""Scores the candidates, (n,), by asking the target and the attacker's own models."""
Muted: TypeAlias = Callable[[Transport], Transport]
"""A defence that stands between a model and who asks it."""


def plain(transport: Transport) -> Transport:
    """Answers as they are: nothing is muted."""
    return transport


FLOOR = 1e-9
"""Least probability that is told from 0."""
LEAN = 0.3
"""How far from 1 a stranger's confidence is taken to be raised by membership."""

# ---------------------------------------------------------------- what a model says


def confidence(oracle: Oracle, rows: Dataset) -> Floats:
    """Probability of each row's own label, ndarray of shape (n,)."""
    told = oracle.ask(rows.X)
    return np.asarray(told[np.arange(len(rows)), rows.y], dtype=np.float64)


def logit(oracle: Oracle, rows: Dataset, *, floor: float = FLOOR) -> Floats:
    """Logarithm of the odds of each row's own label [carlini2022membership].

    It is close to normally distributed over models, which the confidence is not.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities.
    rows : Dataset
    floor : float
        Least probability that is told from 0; half a unit of the last decimal, where
        answers are rounded.

    Returns
    -------
    ndarray of shape (n,)
    """
    told = oracle.ask(rows.X)
    own = np.arange(len(rows)), rows.y
    for_it = told[own]
    told[own] = 0  # summed, since 1 − p loses the digits of a p near 1
    against = told.sum(axis=1)
    return np.asarray(np.log(np.maximum(for_it, floor) / np.maximum(against, floor)))


@dataclass(frozen=True)
class Stability:
    """How firmly a label stands when the row is blurred [choquettechoo2021label].

    Needs labels only: each row is asked `copies` times with Gaussian noise of the
    spread `noise`, and what counts is how often its own label comes back.

    Parameters
    ----------
    noise : float
        In the unit of the columns.
    copies : int
        Queries for each row.
    seed : int
        Of the noise; every model is asked the same questions.
    """

    noise: float
    copies: int
    seed: int

    def __call__(self, oracle: Oracle, rows: Dataset) -> Floats:
        """Logarithm of the odds that the label stands, ndarray of shape (n,)."""
        rng = np.random.default_rng(self.seed)
        stood = np.zeros(len(rows))
        for _ in range(self.copies):
            told = oracle.ask(rows.X + rng.normal(0, self.noise, rows.X.shape))
            labels = told if told.ndim == 1 else likeliest(told)
            stood += labels == rows.y
        return np.log((stood + 0.5) / (self.copies - stood + 0.5))


# ---------------------------------------------------------------- the shadows


def masks(models: int, rows: int, *, seed: int) -> Bools:
    """Who is a member of what: an independent toss for each model and each row.

    Never so that each row is in exactly half of the models: then the others of its
    models would tell by their number alone whether the target is one more.

    Returns
    -------
    ndarray of bool, shape (models, rows)
    """
    return np.random.default_rng(seed).random((models, rows)) < 0.5


@dataclass(frozen=True, eq=False)
class Shadows:
    """Models of the attacker's own, and which of the candidates each has seen.

    Parameters
    ----------
    models : sequence of classifiers, length m
    member : ndarray of bool, shape (m, n)
        Whether each model was made from each candidate; all False if the attacker has
        made them from other rows.
    muted : callable, Transport to Transport
        What the attacker puts before their own models' answers, to make them like
        those of a target that tells less.
    """

    models: Sequence[Model]
    member: Bools
    muted: Muted = plain

    def __post_init__(self) -> None:
        if self.member.ndim != 2 or len(self.models) != len(self.member):
            raise BadInput(
                f"got {len(self.models)} models and members of shape "
                f"{self.member.shape}; wanted (models, candidates)"
            )

    @classmethod
    def strangers(
        cls, recipe: Recipe, rows: Dataset, *, count: int, candidates: int, seed: int
    ) -> "Shadows":
        """Shadows made from random halves of the attacker's own rows, no candidate."""
        halves = masks(count, len(rows), seed=seed)
        seeds = range(seed, seed + count)
        made = recipe.many([rows.take(half) for half in halves], seeds=seeds)
        return cls(made, np.zeros((count, candidates), bool))

    def without(self, number: int) -> "Shadows":
        """All but one of them."""
        kept = [i for i in range(len(self.models)) if i != number]
        models = [self.models[i] for i in kept]
        return replace(self, models=models, member=self.member[kept])

    def say(self, signal: Signal, rows: Dataset) -> Floats:
        """The signal of every shadow, ndarray of shape (m, n)."""
        models = [cast(Hashable, model) for model in self.models]
        said = [_said(model, self.muted, signal, rows) for model in models]
        return np.array(said)


@lru_cache(maxsize=4096)
def _said(model: Any, muted: Muted, signal: Signal, rows: Dataset) -> Floats:
    """What one shadow says: the same shadows serve against many targets."""

    def transport(X: Floats) -> Floats:
        return probabilities(model, X)

    return signal(Oracle(muted(transport)), rows)


# ---------------------------------------------------------------- the attacks


def by_loss(oracle: Oracle, rows: Dataset) -> Floats:
    """Low loss on the own label, high score [yeom2018privacy].

    Parameters
    ----------
    oracle : Oracle
        The target, answering with probabilities; one query for each candidate.
    rows : Dataset
        The candidates, with their labels.

    Returns
    -------
    ndarray of shape (n,)
    """
    return np.log(np.maximum(confidence(oracle, rows), FLOOR))


def alone(attack: Callable[[Oracle, Dataset], Floats]) -> Attack:
    """An attack without shadows, in the form of those that have some."""
    return lambda oracle, rows, shadows: attack(oracle, rows)


def lira(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Signal = logit
) -> Floats:
    """The likelihood ratio of in against out [carlini2022membership].

    For each candidate two normal distributions of the signal: over the shadows that
    have seen the row, and over those that have not. Their means are the candidate's
    own, their spreads common to all candidates: a spread of one's own needs more
    shadows than we have.

    Parameters
    ----------
    oracle : Oracle
        The target.
    rows : Dataset
        The candidates, with their labels, known *before* the shadows are made.
    shadows : Shadows
        Made from random halves of the candidates.
    signal : callable
        What is read off each model.

    Returns
    -------
    ndarray of shape (n,)
        Logarithm of the ratio.

    Raises
    ------
    BadInput
        A candidate that no shadow has seen, or every one.
    """
    asked, known = signal(oracle, rows), shadows.say(signal, rows)
    inside, outside = _bell(known, shadows.member), _bell(known, ~shadows.member)
    ratio = norm.logpdf(asked, *inside) - norm.logpdf(asked, *outside)
    return np.asarray(ratio)


def lira_offline(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Signal = logit
) -> Floats:
    """How far a candidate stands out from strangers [carlini2022membership].

    As `lira`, but only shadows that have not seen the candidate are used. So they can
    be made before anybody knows who the candidates are, and serve for all.

    Returns
    -------
    ndarray of shape (n,)
        In spreads above the mean of strangers.
    """
    mean, spread = _bell(shadows.say(signal, rows), ~shadows.member)
    return np.asarray((signal(oracle, rows) - mean) / spread)


def label_only(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, signal: Stability
) -> Floats:
    """`lira` on how firmly the label stands: labels suffice [choquettechoo2021label].

    Returns
    -------
    ndarray of shape (n,)
        Logarithm of the ratio.
    """
    return lira(oracle, rows, shadows, signal=signal)


def rmia(
    oracle: Oracle, rows: Dataset, shadows: Shadows, *, population: Dataset
) -> Floats:
    """How many of the population a candidate beats [zarifzadeh2024low].

    Each row's confidence is divided by what is expected of it, the mean over few
    shadows that have not seen it, leaned towards what seeing it would do. The score is
    the share of the population with a smaller ratio.

    Parameters
    ----------
    oracle : Oracle
        The target.
    rows : Dataset
        The candidates, with their labels.
    shadows : Shadows
        A few.
    population : Dataset
        Other rows of the same kind, seen by no model.

    Returns
    -------
    ndarray of shape (n,)
        Share, 0 to 1; where all are beaten, above 1 in the order of the ratios.
    """
    known = shadows.say(confidence, population)
    others = confidence(oracle, population) / _expected(known.mean(axis=0))
    mean, _ = _bell(shadows.say(confidence, rows), ~shadows.member)
    ratio = confidence(oracle, rows) / _expected(mean)
    beaten = np.searchsorted(np.sort(others), ratio) / len(others)
    return np.asarray(beaten + np.where(beaten == 1, ratio - others.max(), 0))


def _expected(outside: Floats) -> Floats:
    """Mean confidence over all models, from that over those that saw the row not."""
    return np.asarray(((1 + LEAN) * outside + (1 - LEAN)) / 2)


def _bell(known: Floats, which: Bools) -> tuple[Floats, float]:
    """Each candidate's mean over some of its shadows, and the common spread."""
    count = which.sum(axis=0)
    if not count.all():
        raise BadInput(
            f"got {int((count == 0).sum())} candidates for whom there is no such "
            "shadow; wanted one at least; make more shadows"
        )
    mean = np.where(which, known, 0).sum(axis=0) / count
    square = np.where(which, known - mean, 0) ** 2
    freedom = max(int(count.sum()) - len(count), 1)
    return mean, float(np.sqrt(square.sum() / freedom)) or 1.0


# ---------------------------------------------------------------- the judges


@dataclass(frozen=True, eq=False)
class Game:
    """Targets, the candidates, and who of them is a member of what.

    Parameters
    ----------
    victims : sequence of Victim, length t
    rows : Dataset
        The n candidates, the same for all targets.
    member : ndarray of bool, shape (t, n)
        Which candidates each target was made from.
    """

    victims: Sequence[Victim]
    rows: Dataset
    member: Bools

    @classmethod
    def played(
        cls, recipe: Recipe, rows: Dataset, *, targets: int, seed: int
    ) -> "Game":
        """Targets made from random halves of the candidates, see `masks`."""
        member = masks(targets, len(rows), seed=seed)
        parts, seeds = [rows.take(mask) for mask in member], range(targets)
        return cls(Victim.many(recipe, parts, seeds=seeds), rows, member)

    @property
    def shadows(self) -> Shadows:
        """The targets as somebody else's shadows."""
        return Shadows([victim.model for victim in self.victims], self.member)


def judge(
    game: Game,
    attacks: Mapping[str, Attack],
    *,
    shadows: Shadows | None = None,
    muted: Muted = plain,
    answers: Answers = "probabilities",
) -> Separation:
    """Members against non-members, pooled over the targets of a game.

    Parameters
    ----------
    game : Game
    attacks : mapping of str to callable
        By name; each is handed a target's oracle, the candidates and the shadows.
    shadows : Shadows, optional
        The attacker's own models. If left out, each target in turn is attacked with all
        the others as shadows, muted alike, and never with itself.
    muted : callable, Transport to Transport
        What stands before every target's answers.
    answers : {"probabilities", "label"}
        What the targets tell.

    Returns
    -------
    Separation
        Its intervals are over rows and targets, both drawn anew.
    """
    others = replace(game.shadows, muted=muted)
    scores, member = {}, game.member
    for name, attack in attacks.items():
        table = np.empty(member.shape)
        for i, victim in enumerate(game.victims):
            oracle = Oracle(muted(victim.transport), answers=answers)
            own = others.without(i) if shadows is None else shadows
            table[i] = attack(oracle, game.rows, own)
        scores[name] = table[member], table[~member]
    numbers = np.indices(member.shape)[::-1]  # of the row, and of the target
    shared = [(number[member], number[~member]) for number in numbers]
    return Separation(scores, group="members", shared=shared)


def judge_dose(
    games: Mapping[float, Sequence[Game]],
    attack: Attack,
    others: Dataset,
    *,
    dose_name: str,
) -> DoseResponse:
    """How many members are found at 1% false alarms, and how often a model errs.

    Parameters
    ----------
    games : mapping of float to sequence of Game
        For each dose, ascending, as many repeats.
    attack : callable
    others : Dataset
        Rows that no model has seen.
    dose_name : str
        Label of the axis.
    """
    found, wrong = [], []
    for repeats in games.values():
        parts = [judge(game, {"it": attack}) for game in repeats]
        found.append([part.found("it", false_alarms=0.01) for part in parts])
        wrong.append([errors(game, others) for game in repeats])
    return DoseResponse(
        np.array(list(games)),
        {"members found": np.array(found), "errors": np.array(wrong)},
        dose_name,
        "share",
        {"members found": "attacker", "errors": "victim"},
        units="games",
    )


def errors(game: Game, rows: Dataset) -> float:
    """Share of wrong answers to rows, over all targets of a game."""
    said = [victim.model.predict(rows.X) != rows.y for victim in game.victims]
    return float(np.mean(said))


def judge_canary(
    recipe: Recipe, rows: Dataset, canary: Dataset, *, models: int, seed: int
) -> Separation:
    """Can models made with one more row be told from models made without it?

    Every model has a seed of its own, so the scores are independent.

    Parameters
    ----------
    recipe : Recipe
    rows : Dataset
        What all models are made from.
    canary : Dataset
        The one row more: an unusual one shows more.
    models : int
        How many with, and how many without.
    seed : int
        The first model's; the others follow.
    """
    more = replace(rows, X=np.vstack([rows.X, canary.X]), y=np.append(rows.y, canary.y))
    sets, seeds = [more] * models + [rows] * models, range(seed, seed + 2 * models)
    victims = Victim.many(recipe, sets, seeds=seeds)
    said = np.array([logit(victim.oracle(), canary)[0] for victim in victims])
    return Separation({"canary": (said[:models], said[models:])}, group="with canary")


def mislabelled(rows: Dataset, *, to: int) -> Dataset:
    """The same rows, all with one label: canaries, where it is wrong."""
    return replace(rows, y=np.full(len(rows), to))


def epsilon_at_least(
    inside: Floats, outside: Floats, *, delta: float, level: float = 0.95
) -> float:
    """The privacy loss that independent scores prove.

    A mechanism with loss epsilon cannot be told apart better than found ≤ e^epsilon ×
    false alarms + delta, nor the other way round. The threshold is chosen on the first
    half of the scores, and shares are bounded on the second, by Clopper and Pearson.

    Parameters
    ----------
    inside, outside : ndarray of shape (n,)
        Scores with and without the canary.
    delta : float
    level : float
        How surely the true epsilon is at least what is returned.

    Returns
    -------
    float
        0 where nothing is proven.
    """
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
