"""Model inversion: one row an attack."""

from dataclasses import replace

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import model_inversion

STOPS_EARLY = models.softmax(tolerance=1e-4)

# ---------------------------------------------------------------- the patients

TEN = data.clinic().select(data.clinic().columns[:10])
SCALED = replace(TEN, X=(TEN.X - TEN.X.mean(axis=0)) / TEN.X.std(axis=0))
PATIENTS, STRANGERS = SCALED.take(np.arange(60)), SCALED.take(np.arange(60, 300))
KNOWN = PATIENTS.take(np.arange(1, 60))
BLANK = replace(PATIENTS.take(slice(1)), X=np.zeros((1, 10)))
NARROW = KNOWN.select(KNOWN.columns[:9])
DEEP = models.network(hidden=4, steps=1)(PATIENTS, seed=0)


def all_but_one(recipe, **settings):
    model = recipe(PATIENTS, seed=0)
    return lambda: {"model": model, "known": KNOWN, **settings}


def somebody_else(found):
    return abs(found[0] - PATIENTS.X[0]).max() > 0.5


def missing(name, attack, inputs, **promises):
    def call(*, model, known, seed, **settings):
        return attack(model, known, **settings)

    refused = {"a network": {"model": DEEP}, "known rows too narrow": {"known": NARROW}}
    refused |= promises.pop("refused", {})
    return Row(f"model_inversion.{name}", inputs, call, refused=refused, **promises)


LAST_ROWS = [
    missing(
        "missing_row",
        model_inversion.missing_row,
        all_but_one(models.softmax(), strength=1.0),
        blind={"known": STRANGERS.take(np.arange(59))},
        chance=somebody_else,
    ),
    missing(
        "missing_cells",
        lambda model, known, **rest: model_inversion.missing_cells(
            model, known, BLANK, **rest
        ),
        all_but_one(
            models.softmax(), strength=1.0, unknown=np.ones((1, 10), bool), tries=20
        ),
        refused={
            "nothing unknown": {"unknown": np.zeros((1, 10), bool)},
            "a table of another shape": {"unknown": np.ones((2, 10), bool)},
        },
        blind={"known": STRANGERS.take(np.arange(59))},
        chance=somebody_else,
    ),
    missing(
        "missing_row_rerun",
        lambda model, known, **rest: model_inversion.missing_row_rerun(
            model, known, STOPS_EARLY, seed=0, **rest
        ),
        all_but_one(STOPS_EARLY, tries=2),
        refused={"no try": {"tries": 0}},
    ),
    missing(
        "missing_row_noised",
        lambda model, known, background, **rest: model_inversion.missing_row_noised(
            model, known, background, models.softmax(), **rest
        ),
        all_but_one(
            models.softmax(),
            background=STRANGERS,
            counts=np.bincount(PATIENTS.y),
            spread=0.1,
        ),
        refused={
            "no noise": {"spread": 0.0},
            "nobody of that label": {
                "background": STRANGERS.take(
                    np.flatnonzero(STRANGERS.y != PATIENTS.y[0])
                )
            },
        },
    ),
]

# ---------------------------------------------------------------- a column

DIABETES = data.diabetes()
SEX = DIABETES.column("sex")
CHANCE = np.random.default_rng(0).permutation(SEX)
NOBODY_KNOWS = replace(
    DIABETES,
    X=np.where(np.array(DIABETES.columns) == "sex", CHANCE[:, None], DIABETES.X),
)


def columns_of(table):
    owned, others = (
        table.take(half) for half in np.split(np.arange(len(table)), [200])
    )
    return {
        "model": models.tree(leaf=2)(owned, seed=0),
        "rows": owned,
        "background": others,
        "column": "sex",
        "prior": 0.5,
    }


def guessing(name, attack, budget):
    """An attack that gets answers to so many questions for each row, and no more."""

    def call(*, model, rows, background, column, prior, seed):
        oracle = models.oracle(model, budget=budget * len(rows), answers="values")
        known = {"oracle": oracle, "background": background, "rows": rows}
        guess = attack(**known, column=column, prior=prior, seed=seed)
        return np.mean(guess == (rows.column("sex") == 2)), oracle.left

    return Row(
        f"model_inversion.{name}",
        lambda: columns_of(DIABETES),
        call,
        blind=columns_of(NOBODY_KNOWS) if name == "by_imputation" else {},
        chance=(lambda told: abs(told[0] - 0.5) < 0.1) if budget == 0 else None,
        kept=lambda inputs, told: told[1] == 0,
        refused={"no such column": {"column": "height"}}
        | ({"a prior above one": {"prior": 1.5}} if name == "by_model" else {}),
    )


COLUMNS = [
    guessing(
        "by_model",
        lambda oracle, background, rows, column, prior, seed: (
            model_inversion.by_model(oracle, rows, column=column, prior=prior) == 2
        ),
        budget=2,
    ),
    guessing(
        "by_imputation",
        lambda oracle, background, rows, column, prior, seed: (
            model_inversion.by_imputation(background, rows, column=column) > 0
        ),
        budget=0,
    ),
    guessing(
        "by_both",
        lambda oracle, background, rows, column, prior, seed: (
            model_inversion.by_both(
                oracle, background, rows, models.tree(leaf=2), column=column, seed=seed
            )
            > 0
        ),
        budget=2,
    ),
]

# ---------------------------------------------------------------- a class

DIGITS = data.digits().take(np.arange(300))
READER = models.softmax()(DIGITS, seed=0)
BRUSH = model_inversion.brush(DIGITS.image)
NETWORK = models.network(hidden=8, steps=5)(DIGITS, seed=0)


def wanted():
    return {"labels": np.arange(3), "brush": BRUSH.copy(), "steps": 3}


def painter(name, attack, *, ground):
    return Row(
        f"model_inversion.{name}",
        wanted,
        attack,
        nought={"steps": 0},
        nothing=lambda inputs, images: np.all(images == ground),
        kept=lambda inputs, images: images.min() >= 0 and images.max() <= 1,
        refused={
            "steps below nought": {"steps": -1},
            "no label": {"labels": np.arange(0)},
            "a label that is no class": {"labels": np.array([10])},
            "a label below nought": {"labels": np.array([-1])},
            "a brush for other images": {"brush": BRUSH[:, 1:]},
        },
    )


def asking(*, labels, brush, steps, seed):
    oracle = models.oracle(READER, budget=40 * len(labels) * max(steps, 0))
    return model_inversion.prototypes_asked(
        oracle, labels, brush=brush, steps=steps, seed=seed
    )


CLASSES = [
    painter(
        "prototypes",
        lambda *, seed, labels, **settings: model_inversion.prototypes(
            READER, labels, **settings
        ),
        ground=0,
    ),
    painter("prototypes_asked", asking, ground=0.5),
]

# ---------------------------------------------------------------- an update

SILENT = {name: np.zeros_like(part) for name, part in NETWORK.weights().items()}


def sent(rows=1, model=NETWORK):
    return lambda: {"sent": model.slope(DIGITS.X[:rows], DIGITS.y[:rows])}


def reading(name, inputs, **promises):
    attack = getattr(model_inversion, name)
    return Row(
        f"model_inversion.{name}",
        inputs,
        lambda *, sent, seed: attack(sent),
        **promises,
    )


def whole(name, **settings):
    """An attack on a batch as a whole, which needs what the server sent out."""
    attack = getattr(model_inversion, name)
    refused = {"no try": {"tries": 0}, "a linear model": {"model": READER}}
    if "own" in settings:
        refused |= {
            "no rows": {"own": DIGITS.X[:0]},
            "a hole": {"own": DIGITS.X * np.nan},
        }
    return Row(
        f"model_inversion.{name}",
        lambda: sent(4)() | {"model": NETWORK, **settings},
        lambda *, sent, model, seed, **rest: attack(sent, model, seed=seed, **rest),
        nought={"sent": SILENT},
        nothing=lambda inputs, found: len(found) == 0,
        refused=refused,
    )


SAID_NOTHING = {"refused": {"an update that says nothing": {"sent": SILENT}}}
SAYS_NOBODY = {
    "nought": {"sent": SILENT},
    "nothing": lambda inputs, found: len(found) == 0,
}
UPDATES = [
    reading("row_from_update", sent(), **SAID_NOTHING),
    reading("row_from_all_units", sent(), **SAID_NOTHING),
    reading("rows_from_update", sent(4), **SAYS_NOBODY),
    reading(
        "rows_from_bins",
        sent(4, model_inversion.trap(NETWORK, DIGITS.X)),
        **SAYS_NOBODY,
    ),
    whole("rows_sampled", tries=200),
    whole("rows_from_batch", tries=20, own=DIGITS.X[50:]),
    Row(
        "model_inversion.trap",
        lambda: {"model": NETWORK, "background": DIGITS.X[:50].copy()},
        lambda *, seed, **inputs: model_inversion.trap(**inputs),
        refused={
            "a linear model": {"model": READER},
            "no rows": {"background": DIGITS.X[:0]},
            "a hole": {"background": DIGITS.X * np.nan},
        },
    ),
]

ROWS = [*COLUMNS, *LAST_ROWS, *CLASSES, *UPDATES]
