"""How good are copies, and what do they cost?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from foible import models
from foible.arrays import Bools, Floats, Tokens, scale
from foible.attacks.model_stealing.draws import Draw, lead, natural
from foible.attacks.model_stealing.kinks import hidden_width
from foible.attacks.model_stealing.learning import harvested
from foible.attacks.model_stealing.linear import by_equations, near_boundary
from foible.attacks.model_stealing.projections import missed, projection, through_top
from foible.data import Dataset
from foible.domains import Amount, Count, Natural, Seed
from foible.errors import BadInput, BudgetExceeded, ServiceRefused
from foible.evidence import Cell, DoseResponse, Matrix, Separation
from foible.judging import averaged, each, panel, sweep
from foible.judging.thefts import Theft
from foible.metrics import accuracy, agreement
from foible.models import Classifier, Model, Recipe, probabilities
from foible.oracle import Answers, Oracle, Transport
from foible.victim import TextVictim, Victim

Muting: TypeAlias = Callable[[Transport], Transport]
COSTS = ["queries", "agrees on rows", "on uniform rows"]
ON_ROWS, ON_BOX, RIGHT = "agreement on rows", "agreement on uniform", "accuracy on rows"


def judge_learned(
    victim: Victim,
    way: Transport,
    own: Dataset,
    judged: Dataset,
    recipe: Recipe,
    *,
    draw: Draw = natural,
    answers: Answers = "label",
    budgets: Sequence[Count],
    repeats: Count = 5,
    seed: Seed,
) -> DoseResponse:
    """How well copies do that are learned from ever more answers.

    Parameters
    ----------
    victim : Victim
        The truth: what the copies are compared with.
    way : callable, (n, d) to (n, k)
        By which the thief reaches it, in this process or over HTTP, muted or not.
    own, judged : Dataset
        The thief's rows, and other rows, on which the copies are compared; as many
        again are drawn from the box that holds these.
    recipe, draw, answers, budgets
        The thief's, as for `harvested` and `Oracle`.
    repeats, seed : int
        Thieves, and the seed of the first; also of the uniform rows.
    """
    box = _box(judged.X, seed=seed)
    truth, beyond = (victim.oracle(answers="label").ask(X) for X in (judged.X, box))

    def thief(one: int) -> dict[float, Classifier]:
        oracle = Oracle(way, budget=budgets[-1], answers=answers)
        copies = harvested(oracle, own, recipe, draw=draw, budgets=budgets, seed=one)
        return dict(zip(budgets, copies, strict=True))

    def measure(budget: float, copies: dict[float, Classifier]) -> dict[str, float]:
        told = copies[budget].predict(judged.X)
        return {
            ON_ROWS: agreement(truth, told),
            ON_BOX: agreement(beyond, copies[budget].predict(box)),
            RIGHT: accuracy(judged.y, told),
        }

    return sweep(
        budgets,
        each([thief(seed + i) for i in range(repeats)], measure),
        lines={ON_ROWS: "attacker", ON_BOX: "attacker", RIGHT: "victim"},
        dose_name="queries",
        response_name="rows",
        units="thieves",
    )


def judge_picks(
    victim: Victim, copies: Mapping[str, Classifier], rows: Dataset, *, label: Natural
) -> Separation:
    """Whether a copy can pick the rows to which the victim gives a label.

    Its own probability of the label is the score. No row was asked by the thief.
    """
    wanted = victim.oracle(answers="label").ask(rows.X) == label
    scores = {n: probabilities(c, rows.X)[:, label] for n, c in copies.items()}
    return _picked(scores, wanted, f"“{rows.classes[label]}”")


def judge_near(
    victim: Victim, copies: Mapping[str, Classifier], rows: Dataset, *, within: Amount
) -> Separation:
    """Whether a copy can pick the rows near the victim's boundary.

    Near is: the victim's likeliest class is less than `within` before the second. The
    copy's own lead is the score.
    """
    near = lead(victim.oracle().ask(rows.X)) < within
    scores = {n: -lead(probabilities(c, rows.X)) for n, c in copies.items()}
    return _picked(scores, near, "rows near the boundary")


def judge_exact(thefts: Mapping[str, Theft], *, seed: Seed) -> Matrix:
    """What copies cost in queries, and on how many rows they agree.

    The uniform rows, drawn by the seed, are as many as the others, in the box that
    holds these. How a theft ends is said at `Theft.agreed`.
    """
    cells = [
        _exact(t, t.victim.oracle(answers=t.answers), seed) for t in thefts.values()
    ]
    return Matrix(list(thefts), COSTS, cells, "theft")


def judge_checked(
    thefts: Mapping[str, tuple[Theft, Theft]],
    checks: Mapping[str, Muting],
    *,
    seed: Seed,
) -> Matrix:
    """What a check of the questions refuses, and a thief who knows of it does.

    Parameters
    ----------
    thefts : mapping of str to two Thefts
        The thief who does not know, and the one who does: their copy is judged, on rows
        that the check lets through, as in `judge_exact`.
    checks : mapping of str to callable, Transport to Transport
        For each theft, what stands before the model.
    """

    def oracle(name: str, theft: Theft) -> Oracle:
        way = models.transport(theft.victim.model, answers=theft.answers)
        return Oracle(checks[name](way), answers=theft.answers)

    def unaware(name: str, theft: Theft) -> Cell:
        try:
            return theft.agreed(theft.steal(oracle(name, theft)), theft.rows)
        except ServiceRefused:
            return Cell("refused", "stopped")

    cells = [
        [unaware(name, blind), *_exact(wise, oracle(name, wise), seed)]
        for name, (blind, wise) in thefts.items()
    ]
    columns = ["who does not know", *(f"who knows: {name}" for name in COSTS)]
    return Matrix(list(thefts), columns, cells, "theft")


def judge_muted(
    thefts: Mapping[str, Theft], mutings: Mapping[str, Muting], *, budget: Count
) -> Matrix:
    """Agreement of each theft's copy when the answers are muted.

    A thief who finds nothing to solve, or runs out of the budget's queries, is stopped;
    else it ends as is said at `Theft.agreed`. Nothing is stopped where the copy falls
    short already without a muting.
    """

    def alone(theft: Theft) -> bool:
        copy = theft.steal(theft.victim.oracle(answers=theft.answers))
        return theft.agreed(copy, theft.rows).outcome == "harm"

    harmful = {id(theft): alone(theft) for theft in thefts.values()}

    def measure(theft: Theft, muting: Muting) -> Cell:
        cell = muted(theft, muting)
        return cell if harmful[id(theft)] else replace(cell, outcome="no attack")

    def muted(theft: Theft, muting: Muting) -> Cell:
        way = models.transport(theft.victim.model, answers=theft.answers)
        oracle = Oracle(muting(way), budget=budget, answers=theft.answers)
        try:
            copy = theft.steal(oracle)
        except BudgetExceeded:
            return Cell("over budget", "stopped")
        except BadInput:
            return Cell("unsolvable", "stopped")
        return theft.agreed(copy, theft.rows)

    return panel(thefts, mutings, measure, corner="theft")


def judge_averaging(
    victim: Victim,
    ways: Mapping[str, Transport],
    own: Floats,
    *,
    budgets: Sequence[Count],
    repeats: Count = 5,
    seed: Seed,
) -> DoseResponse:
    """How well a thief averages muted answers of a logistic regression out.

    The response is the relative error of the weights, columns scaled by their spread
    among the thief's rows. The queries that find the boundary are not counted.

    Parameters
    ----------
    victim, ways
        A logistic regression, and the muted ways to it by name.
    own, budgets, repeats, seed
        As for `judge_learned`; the rows are of both classes.
    """
    spread = scale(own)[1]
    truth = _direction(victim.model, spread)

    def error(count: float, way: Transport, one: int) -> float:
        oracle = Oracle(way)
        X = near_boundary(oracle, own, count=int(count), seed=one)
        off = _direction(by_equations(oracle, X, least=0.05), spread) - truth
        return float(np.linalg.norm(off) / np.linalg.norm(truth))

    def measure(count: float, one: int) -> dict[str, float]:
        return {name: error(count, way, one) for name, way in ways.items()}

    return sweep(
        budgets,
        each(range(seed, seed + repeats), measure),
        lines=dict.fromkeys(ways, "attacker"),
        dose_name="queries",
        response_name="relative error of the weights",
        units="thieves",
        within=(0, np.inf),
    )


def judge_projection(
    victims: Sequence[TextVictim],
    texts: Tokens,
    told: Mapping[str, Callable[[Floats], Floats]],
    *,
    top: Count = 60,
    seed: Seed,
) -> Matrix:
    """How wrong width and matrix are, stolen from what language models answer.

    Parameters
    ----------
    victims : sequence of TextVictim
        Of one recipe.
    texts : sequence of ndarray of shape (t,)
        What is asked.
    told : mapping of str to callable
        Takes the logits of all texts (n, V) to what is told of them.
    top : int
        Of how many texts the five likeliest words are asked for, with a bias.
    seed : int
        Of the control, a matrix drawn by lot.
    """
    rng = np.random.default_rng(seed)
    errors: dict[str, list[tuple[float, float]]] = {}
    for victim in victims:
        matrix = victim.model.weights()["words"].astype(np.float64)
        logits = victim.oracle().ask(texts)
        few = victim.oracle(answers="top", top=5, biased=True)
        answers = {name: tell(logits) for name, tell in told.items()}
        answers["five words, with a bias"] = through_top(
            few, texts[:top], words=victim.model.words
        )
        answers["control: drawn by lot"] = rng.normal(size=logits.shape)
        for name, one in answers.items():
            width = hidden_width(one)[0]
            found = projection(one, width=victim.model.width)
            pair = float(abs(width - victim.model.width)), missed(found, matrix)
            errors.setdefault(name, []).append(pair)
    cells = [
        [
            averaged([one[0] for one in pairs], form="{:.0f}"),
            averaged([one[1] for one in pairs], form="{:.1g}"),
        ]
        for pairs in errors.values()
    ]
    columns = ["width wrong by", "matrix wrong by"]
    return Matrix(list(errors), columns, cells, "what is told")


def _direction(model: Model, spread: Floats) -> Floats:
    weight = models.as_network(model, most=1).layers[0][0]
    return np.asarray((weight[:, 1] - weight[:, 0]) * spread)


def _picked(scores: Mapping[str, Floats], wanted: Bools, group: str) -> Separation:
    parts = {name: (one[wanted], one[~wanted]) for name, one in scores.items()}
    return Separation(parts, group)


def _exact(theft: Theft, oracle: Oracle, seed: int) -> list[Cell]:
    """Queries, and agreement on the rows and on uniform ones: `COSTS`."""
    copy = theft.steal(oracle)
    both = theft.rows, _box(theft.rows, seed=seed)
    asked = Cell(float(oracle.asked), form="{:,.0f}")
    return [asked, *(theft.agreed(copy, X) for X in both)]


def _box(X: Floats, *, seed: int) -> Floats:
    """As many rows as these, evenly in the box that holds them."""
    return np.random.default_rng(seed).uniform(X.min(axis=0), X.max(axis=0), X.shape)
