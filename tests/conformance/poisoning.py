"""Poisoning: one row an attack."""

from dataclasses import replace
from functools import partial

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.attacks import poisoning
from foible.defences import screening

RECORDS = data.clinic().select(["mean radius", "mean texture", "mean smoothness"])
OWNED, OWN = RECORDS.take(np.arange(200)), RECORDS.take(np.arange(200, 400))
RECIPE = models.standardised(models.logistic())
SURROGATE = RECIPE(OWN, seed=0)
GROUP = {"mean radius": (14.0, 99.0)}
SMALL = {"mean radius": (14.0, 14.5)}
NOBODY = {"mean radius": (99.0, 100.0)}
CUSTOMERS = data.draw_bank(200, seed=0)
DIGITS = data.digits().take(np.arange(200))
NETWORK = models.network(hidden=(16, 8), steps=20)(DIGITS, seed=0)
SHARES = {"a share above one": {"share": 1.5}, "a share below nought": {"share": -0.1}}
LABELS = {
    "an answer that is no class": {"answer": 2},
    "an answer below nought": {"answer": -1},
}
COLUMNS = {"a column that is not there": {"where": {"SEX": (1, 1)}}}
COUNTS = {"no row wanted": {"count": 0}, "half a row wanted": {"count": 0.5}}
FEW = {"more rows than there are": {"count": 201}}


def seedless(attack):
    """An attack without chance, called like the others."""
    return lambda *, seed, **settings: attack(**settings)


def of_rows(**settings):
    return lambda: {"rows": OWNED, "share": 0.2, **settings}


def of_count(**settings):
    return lambda: {"count": 8, **settings}


# ---------------------------------------------------------------- labels


def unpoisoned(inputs, found):
    rows = inputs["rows"]
    return np.array_equal(found.y, rows.y) and np.array_equal(found.X, rows.X)


def labels_alone(few, inputs, found):
    rows = inputs["rows"]
    changed, budget = (found.y != rows.y).sum(), inputs["share"] * len(rows)
    spent = changed <= budget if few else changed == round(budget)
    return spent and np.array_equal(found.X, rows.X)


def flipper(name, inputs, call, *, few=False, refused=None):
    """An attack on labels; on `few` rows it leaves those that are as wanted."""
    return Row(
        f"poisoning.{name}",
        inputs,
        call,
        nought={"share": 0.0},
        nothing=unpoisoned,
        kept=partial(labels_alone, few),
        refused=SHARES | (refused or {}),
    )


FLIPS = [
    flipper("random_flips", of_rows(), poisoning.random_flips),
    flipper(
        "one_way_flips",
        of_rows(answer=0),
        poisoning.one_way_flips,
        refused=LABELS | {"more than are left": {"share": 0.9}},
    ),
    flipper(
        "margin_flips",
        of_rows(surrogate=SURROGATE),
        seedless(poisoning.margin_flips),
        refused={"a surrogate of other columns": {"surrogate": NETWORK}},
    ),
    flipper(
        "neighbourhood_flips",
        of_rows(centre=3),
        seedless(poisoning.neighbourhood_flips),
        refused={"a centre that is no row": {"centre": 200}},
    ),
    flipper(
        "group_flips",
        of_rows(where=GROUP, answer=1),
        poisoning.group_flips,
        few=True,
        refused=LABELS | COLUMNS,
    ),
    flipper(
        "balanced_flips",
        of_rows(where=SMALL, within=GROUP, answer=1),
        poisoning.balanced_flips,
        few=True,
        refused=COLUMNS | {"nobody to pay": {"within": SMALL, "share": 1.0}},
    ),
    Row(
        "poisoning.talk_poison",
        lambda: {"rows": CUSTOMERS, "where": {"SEX": (2, 2)}},
        seedless(poisoning.talk_poison),
        nought={"where": {"SEX": (8, 9)}},
        nothing=unpoisoned,
        refused={
            "no credit limit": {"rows": OWNED, "where": GROUP},
            "a column that is not there": {"where": {"sex": (2, 2)}},
        },
    ),
]

# ---------------------------------------------------------------- rows to add


def in_range(inputs, found):
    low, high = OWNED.X.min(axis=0) - 1e-9, OWNED.X.max(axis=0) + 1e-9
    within = np.all((low <= found.X) & (high >= found.X))
    return len(found) == inputs["count"] and within


def near(inputs, moved):
    away = np.abs(moved - inputs["starts"]).max()
    return away <= inputs["cap"] + 1e-12 and 0 <= moved.min() <= moved.max() <= 1


def images():
    starts, targets = DIGITS.X[:4].copy(), DIGITS.X[4:8].copy()
    return {"starts": starts, "targets": targets, "extractor": NETWORK, "cap": 0.1}


def spread(*, target, label, split, parts, seed):
    return poisoning.spread_rows(target, label, split, parts, seed=seed)


POISONS = {
    "as it was": OWNED,
    "turned": replace(OWNED, y=1 - OWNED.y),
}

ADDED = [
    Row(
        "poisoning.flipped_copies",
        of_count(rows=OWNED),
        poisoning.flipped_copies,
        kept=in_range,
        refused=COUNTS | FEW | {"ten classes": {"rows": DIGITS}},
    ),
    Row(
        "poisoning.crafted_rows",
        of_count(rows=OWNED, own=OWN, steps=3),
        poisoning.crafted_rows,
        kept=in_range,
        refused=COUNTS
        | FEW
        | {"ten classes": {"rows": DIGITS}, "steps below nought": {"steps": -1}},
    ),
    Row(
        "poisoning.blind_rows",
        of_count(own=OWN, share=0.1),
        poisoning.blind_rows,
        kept=lambda inputs, found: len(found) == inputs["count"],
        refused=COUNTS | SHARES,
    ),
    Row(
        "poisoning.cluster_rows",
        of_count(own=OWN, labels=np.arange(len(OWN)) % 5, cluster=2),
        poisoning.cluster_rows,
        kept=in_range,
        refused=COUNTS | {"an empty cluster": {"cluster": 5}},
    ),
    Row(
        "poisoning.collided",
        images,
        seedless(poisoning.collided),
        nought={"cap": 0.0},
        nothing=lambda inputs, moved: np.array_equal(moved, inputs["starts"]),
        kept=near,
        refused={
            name: {place: change["X"]}
            for name, change in unusable(DIGITS.X[:4], DIGITS.y[:4]).items()
            if "X" in change
            for place in ("starts", "targets")
        }
        | {"a cap below nought": {"cap": -0.1}, "too few": {"targets": DIGITS.X[:3]}},
    ),
    Row(
        "poisoning.spread_rows",
        lambda: {
            "target": DIGITS.X[0].copy(),
            "label": 7,
            "split": partial(screening.partition, parts=30),
            "parts": [4, 29, 0],
        },
        spread,
        nought={"parts": []},
        nothing=lambda inputs, found: not len(found[0]),
        kept=lambda inputs, found: np.abs(found[0] - inputs["target"]).max() < 1e-5,
        refused={
            "a hole": {"target": np.full(64, np.nan)},
            "a part that nobody has": {
                "split": lambda X: np.zeros(len(X), dtype=int),
                "parts": [1],
            },
        },
    ),
    Row(
        "poisoning.kept",
        lambda: {"poisons": POISONS, "recipe": RECIPE, "own": OWN},
        poisoning.kept,
        chance=lambda left: len(set(left.tolist())) == 1,  # all alike
        blind={"poisons": dict.fromkeys(POISONS, OWNED)},
    ),
]
ROWS = [*FLIPS, *ADDED]
