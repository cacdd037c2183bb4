"""Model stealing: one row an attack."""

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.attacks import model_stealing
from foible.metrics import agreement
from foible.oracle import Oracle

PATIENTS = data.clinic().take(np.arange(200))
REGRESSION = models.standardised(models.logistic())(PATIENTS, seed=0)
PROGRESS = data.diabetes()
TREE = models.tree(depth=3)(PROGRESS, seed=0)
DIGITS, UNREAD = data.digits().take(np.arange(800)).split(0.5, seed=0)
READER = models.network(hidden=6, steps=60)(DIGITS, seed=0)
OWN = UNREAD.take(np.arange(300))
RECIPE = models.network(hidden=16, steps=40)
EDGES = PROGRESS.X.min(axis=0), PROGRESS.X.max(axis=0)
PIXELS = np.zeros(64), np.ones(64)
TABLES = ("no rows", "one row that is no table", "a row too narrow", "a hole")


def tables(X, name="X"):
    """Tables that nobody can use, for an attack that takes no labels."""
    bad = unusable(X, np.zeros(len(X), int))
    return {what: {name: bad[what]["X"]} for what in TABLES}


def below_one(*names):
    return {f"{name} below one": {name: 0} for name in names}


def asking(attack, answers):
    """An attack on a model that is asked; `kept` reads what it has asked."""

    def call(*, model, budget, seed, **settings):
        oracle = models.oracle(model, budget=budget, answers=answers)
        found = attack(oracle, seed=seed, **settings)
        return found, oracle.asked

    return call


def seedless(attack):
    return lambda *rest, seed, **settings: attack(*rest, **settings)


def paid(inputs, result):
    return 0 < result[1] <= inputs["budget"]


POOR = {"a budget too small": {"budget": 5}}


def theft(name, attack, inputs, *, answers, refused, budget):
    return Row(
        f"model_stealing.{name}",
        lambda: inputs() | {"budget": budget},
        asking(attack, answers),
        kept=paid,
        refused=POOR | refused,
    )


def clinics(count):
    return lambda: {"model": REGRESSION, "X": PATIENTS.X[:count].copy()}


ONE_CLASS = {
    "rows of one class": {"X": PATIENTS.X[REGRESSION.predict(PATIENTS.X) == 1][:20]}
}
SOLVED = [
    theft(
        "by_equations",
        seedless(model_stealing.by_equations),
        lambda: clinics(60)() | {"least": 0.0},
        answers="probabilities",
        budget=60,
        refused=tables(PATIENTS.X)
        | {
            "a probability above one": {"least": 1.5},
            "one below nought": {"least": -1},
        },
    ),
    theft(
        "by_bisection",
        model_stealing.by_bisection,
        lambda: clinics(60)() | {"steps": 3},
        answers="label",
        budget=60 + 3 * 30,
        refused=tables(PATIENTS.X) | ONE_CLASS | below_one("steps"),
    ),
    theft(
        "near_boundary",
        lambda oracle, X, **rest: model_stealing.near_boundary(oracle, X, **rest),
        lambda: clinics(60)() | {"count": 5, "reach": 0.2},
        answers="probabilities",
        budget=60 + 30,
        refused=tables(PATIENTS.X) | ONE_CLASS | below_one("count"),
    ),
    theft(
        "by_paths",
        model_stealing.by_paths,
        lambda: {"model": TREE, "columns": 10},
        answers="values",
        budget=5000,
        refused=below_one("columns"),
    ),
    theft(
        "by_paths, in a box",
        model_stealing.by_paths,
        lambda: {"model": TREE, "columns": 10, "box": EDGES},
        answers="values",
        budget=5000,
        refused={"a box of other columns": {"box": (np.zeros(3), np.ones(3))}},
    ),
    theft(
        "answered_box",
        seedless(model_stealing.answered_box),
        lambda: {"model": TREE, "inside": PROGRESS.X[0].copy()},
        answers="values",
        budget=1000,
        refused={"a row of other columns": {"inside": np.full(3, np.nan)}},
    ),
    theft(
        "by_kinks",
        model_stealing.by_kinks,
        lambda: {"model": READER, "rows": OWN.X.copy()},
        answers="values",
        budget=20_000,
        refused=tables(OWN.X, "rows"),
    ),
    theft(
        "by_kinks, in a box",
        model_stealing.by_kinks,
        lambda: {"model": READER, "rows": OWN.X.copy(), "box": PIXELS},
        answers="values",
        budget=20_000,
        refused=tables(OWN.X, "rows")
        | {"a box of other columns": {"box": (np.zeros(3), np.ones(3))}},
    ),
]


def learner(draw):
    """A learning thief, by what they ask; what the copies say, and the queries."""

    def call(*, told, own, budgets, budget, seed):
        oracle = Oracle(told, budget=budget, answers="label")
        copies = model_stealing.harvested(
            oracle, own, RECIPE, draw=draw, budgets=budgets, seed=seed
        )
        return [copy.predict(DIGITS.X) for copy in copies], oracle.asked

    return call


def blind(X):
    """Answers that have nothing to do with the rows."""
    told = np.random.default_rng(int(X.sum() * 1e6) % 2**32).random((len(X), 10))
    return told / told.sum(axis=1, keepdims=True)


def learned():
    told = models.transport(READER)
    return {"told": told, "own": OWN, "budgets": [40, 120], "budget": 120}


LEARNED = [
    Row(
        f"model_stealing.harvested, {name}",
        learned,
        learner(draw),
        blind={"told": blind},
        chance=lambda found: agreement(found[0][-1], READER.predict(DIGITS.X)) < 0.3,
        kept=lambda inputs, found: found[1] == inputs["budgets"][-1],
        refused=POOR
        | {
            "no budget": {"budgets": []},
            "a budget below one": {"budgets": [0, 5]},
            "budgets that fall": {"budgets": [40, 20]},
        },
    )
    for name, draw in model_stealing.DRAWS.items()
]


def taking_turns(*, ways, X, seed):
    return model_stealing.shared([models.transport(model) for model in ways])(X)


ROWS = [
    *SOLVED,
    *LEARNED,
    Row(
        "model_stealing.hidden_width",
        lambda: {"answers": READER.logits(OWN.X)},
        seedless(model_stealing.hidden_width),
        refused={
            "no rows": {"answers": np.ones((0, 10))},
            "one row that is no table": {"answers": np.ones(10)},
            "a hole": {"answers": np.full((5, 10), np.nan)},
            "logits of one class": {"answers": np.ones((5, 1))},
        },
    ),
    Row(
        "model_stealing.projection",
        lambda: {"answers": READER.logits(OWN.X), "width": 6},
        seedless(model_stealing.projection),
        kept=lambda inputs, found: found.shape == (10, 6),
        refused={"wider than the answers": {"width": 11}, "of no width": {"width": 0}},
    ),
    Row(
        "model_stealing.shared",
        lambda: {"ways": [READER] * 3, "X": OWN.X.copy()},
        taking_turns,
        nought={"ways": [READER]},
        nothing=lambda inputs, told: np.array_equal(
            told, READER.predict_proba(inputs["X"])
        ),
        refused={"no account": {"ways": []}},
    ),
]
