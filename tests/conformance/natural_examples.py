"""Natural examples: one row a change of the picture, a look or a search."""

import numpy as np
from promises import Row

from foible import data, models
from foible.failures import natural_examples as nat

DIGITS = data.digits().take(np.arange(120))
FEW = DIGITS.take(np.arange(10))
MODEL = models.softmax()(DIGITS, seed=0)
WRONG = np.random.default_rng(0).random((12, 40)) < 0.2


def ask(X):
    return MODEL.predict_proba(X)


ROWS = [
    Row(
        "natural_examples.move",
        lambda: {"X": DIGITS.X.copy(), "rotation": 10.0, "zoom": 1.1},
        lambda *, X, seed, **settings: nat.Move((8, 8), **settings)(X),
        nought={"rotation": 0.0, "zoom": 1.0},
        nothing=lambda inputs, moved: np.allclose(moved, inputs["X"]),
        kept=lambda inputs, moved: moved.min() >= 0 and moved.max() <= 1 + 1e-12,
        refused={
            "no size": {"zoom": 0.0},
            "no width": {"stretch": -1.0},
            "pictures of another width": {"X": np.zeros((3, 5))},
        },
    ),
    Row(
        "natural_examples.draw_moves",
        lambda: {"image": (8, 8), "count": 5, "kinds": list(nat.KINDS)},
        nat.draw_moves,
        kept=lambda inputs, moves: all(
            low <= getattr(move, name) <= high
            for move in moves
            for kind in inputs["kinds"]
            for name, (low, high) in nat.KINDS[kind].items()
        ),
        refused={
            "no move": {"count": 0},
            "no kind": {"kinds": []},
            "a kind that nobody draws": {"kinds": ["melted"]},
            "pictures in colour": {"image": (8, 8, 3)},
        },
    ),
    Row(
        "natural_examples.looked",
        lambda: {"rows": FEW, "moves": nat.grid((8, 8))[:3], "aside": DIGITS},
        lambda *, seed, **settings: nat.looked(ask, **settings),
        nought={"moves": [nat.Move((8, 8))]},
        nothing=lambda inputs, look: np.array_equal(look.moved[0], look.straight),
        kept=lambda inputs, look: look.wrong.shape == (3, 10),
        refused={"no move": {"moves": []}},
    ),
    Row(
        "natural_examples.none_of",
        lambda: {"wrong": WRONG.copy(), "count": 4},
        lambda *, seed, **settings: nat.none_of(**settings),
        nought={"wrong": np.zeros((12, 40), bool)},
        nothing=lambda inputs, chance: np.allclose(chance, 1),
        kept=lambda inputs, chance: chance.min() >= 0 and chance.max() <= 1,
        refused={
            "more than there are": {"count": 13},
            "none": {"count": 0},
            "flags of one move": {"wrong": WRONG[0]},
            "numbers": {"wrong": WRONG.astype(float)},
        },
    ),
    Row(
        "natural_examples.fewest",
        lambda: {"wrong": WRONG.copy(), "count": 4},
        lambda *, seed, **settings: nat.fewest(**settings),
        kept=lambda inputs, chosen: len(set(chosen)) == inputs["count"],
        refused={"none": {"count": 0}, "flags of one move": {"wrong": WRONG[0]}},
    ),
    Row(
        "natural_examples.crossed",
        lambda: {"rows": DIGITS, "half": "first", "folds": 3},
        lambda *, seed, **settings: nat.crossed(
            models.neighbours(), seed=seed, **settings
        ),
        kept=lambda inputs, found: found.sure.min() >= 0 and found.sure.max() <= 1,
        refused={"a single fold": {"folds": 1}, "a third half": {"half": "third"}},
    ),
    Row(
        "natural_examples.photographs",
        lambda: {"count": 20, "agrees": 0.9},
        nat.photographs,
        kept=lambda inputs, signs: 0 <= signs.X.min() <= signs.X.max() <= 1,
        refused={"no picture": {"count": 0}, "more than all": {"agrees": 1.5}},
    ),
]
