"""Incomplete testing: one row a change of the world, a search or a test."""

import numpy as np
from promises import Row

from foible import data, models
from foible.failures import incomplete_testing as it

LETTERS = it.parity(data.digits().take(np.arange(120)))
CLINIC = data.clinic().take(np.arange(200)).select(data.clinic().columns[:4])
MODEL = models.softmax()(LETTERS, seed=0)
RNG = np.random.default_rng(0)
WITHIN, WRONG = RNG.random((30, 200)) < 0.2, RNG.random(200) < 0.1


def ask(X):
    return MODEL.predict_proba(X)


ROWS = [
    Row(
        "incomplete_testing.carrying",
        lambda: {"letters": LETTERS, "cue": "mark", "where": np.ones(120, bool)},
        lambda *, seed, **settings: it.carrying(**settings),
        nought={"where": np.zeros(120, bool)},
        nothing=lambda inputs, drawn: np.array_equal(drawn.X, LETTERS.X),
        kept=lambda inputs, drawn: 0 <= drawn.X.min() <= drawn.X.max() <= 1,
        refused={
            "a cue that nobody draws": {"cue": "scent"},
            "rows that are no pictures": {"letters": CLINIC},
            "flags of other rows": {"where": np.ones(3, bool)},
        },
    ),
    Row(
        "incomplete_testing.marked",
        lambda: {"letters": LETTERS, "agrees": {"mark": 0.9, "pale ink": 0.8}},
        it.marked,
        nought={"agrees": {}},
        nothing=lambda inputs, drawn: np.array_equal(drawn[0].X, LETTERS.X),
        blind={"agrees": {"mark": 0.5}},
        chance=lambda drawn: 0.3 < np.mean(drawn[1]["mark"] == LETTERS.y) < 0.7,
        refused={
            "more than all": {"agrees": {"mark": 1.1}},
            "a cue that nobody draws": {"agrees": {"scent": 0.9}},
        },
    ),
    Row(
        "incomplete_testing.crossed",
        lambda: {"rows": LETTERS, "fold": np.arange(120) % 3},
        lambda *, rows, fold, seed: it.crossed(
            models.neighbours(), rows, fold, seed=seed
        ),
        refused={
            "a single fold": {"fold": np.zeros(120)},
            "folds of other rows": {"fold": np.arange(7)},
        },
    ),
    Row(
        "incomplete_testing.intervals",
        lambda: {"rows": CLINIC, "bins": 3},
        lambda *, seed, **settings: it.intervals(**settings),
        kept=lambda inputs, groups: len(groups) == 12,
        refused={"one bin": {"bins": 1}, "half a bin": {"bins": 2.5}},
    ),
    Row(
        "incomplete_testing.p_values",
        lambda: {"within": WITHIN.copy(), "wrong": WRONG.copy()},
        lambda *, seed, **settings: it.p_values(**settings),
        nought={"wrong": np.zeros(200, bool)},
        nothing=lambda inputs, p: (p == 1).all(),
        kept=lambda inputs, p: p.min() > 0 and p.max() <= 1 + 1e-9,
        refused={
            "no slice": {"within": WITHIN[:0]},
            "one slice that is no table": {"within": WITHIN[0]},
            "errors of other rows": {"wrong": WRONG[1:]},
        },
    ),
    Row(
        "incomplete_testing.shuffled",
        lambda: {"within": WITHIN.copy(), "wrong": WRONG.copy(), "repeats": 20},
        it.shuffled,
        chance=lambda p: abs(p.mean() - 0.6) < 0.15,
        refused={"no shuffle": {"repeats": 0}},
    ),
    Row(
        "incomplete_testing.standing",
        lambda: {
            "p": it.p_values(WITHIN, WRONG),
            "nothing": it.shuffled(WITHIN, WRONG, repeats=20, seed=0),
            "correction": "shuffled",
        },
        lambda *, seed, **settings: it.standing(**settings),
        nought={"level": 0.0},
        nothing=lambda inputs, found: not found.any(),
        refused={
            "a level above 1": {"level": 2.0},
            "shuffles of other slices": {"nothing": np.ones((20, 3))},
        },
    ),
    Row(
        "incomplete_testing.moved",
        lambda: {"X": LETTERS.X.copy(), "changed": 1 - LETTERS.X},
        lambda *, X, changed, seed: it.moved(ask, X, changed),
        nought={"changed": LETTERS.X},
        nothing=lambda inputs, failed: not failed.any(),
        refused={
            "no rows": {"X": LETTERS.X[:0], "changed": LETTERS.X[:0]},
            "other rows": {"changed": LETTERS.X[1:]},
        },
    ),
    Row(
        "incomplete_testing.fallen",
        lambda: {"X": LETTERS.X.copy(), "changed": 1 - LETTERS.X},
        lambda *, X, changed, seed: it.fallen(ask, X, changed, label=1),
        nought={"changed": LETTERS.X},
        nothing=lambda inputs, failed: not failed.any(),
        refused={"other rows": {"changed": LETTERS.X[1:]}},
    ),
    Row(
        "incomplete_testing.needed",
        lambda: {"rate": 0.01},
        lambda *, rate, seed: it.needed(rate),
        kept=lambda inputs, count: count == 299,
        refused={"no fault": {"rate": 0.0}, "nothing but faults": {"rate": 1.0}},
    ),
]
