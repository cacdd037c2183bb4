"""Backdoors: one row a trigger, one row an attack."""

from dataclasses import replace

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import backdoor

DIGITS = data.digits().take(np.arange(300))
READER = models.network(hidden=(16, 16), steps=40)(DIGITS, seed=0)
LINEAR = models.softmax()(DIGITS, seed=0)
STAMP = backdoor.sticker(DIGITS.image, size=2)


def stamped(make):
    """Takes what makes a trigger to its effect on rows."""

    def call(X, *, seed, **settings):
        return make(seed=seed, **settings)(X)

    return call


def seedless(make):
    return lambda seed, **settings: make(**settings)


def unmoved(inputs, shown):
    return np.array_equal(shown, inputs["X"])


def in_the_box(inputs, shown):
    return shown.shape == inputs["X"].shape and 0 <= shown.min() <= shown.max() <= 1


def blending():
    return {"X": DIGITS.X[:5].copy(), "columns": 64, "opacity": 0.2}


def sticking():
    return {"X": DIGITS.X[:5].copy(), "image": (8, 8), "size": 2}


def filling_in():
    names = ["a", "b", "c"]
    return {"X": np.ones((4, 3)), "columns": names, "values": {"b": 999.0}}


def mirrored():
    plain = DIGITS.X[:5].copy()
    return {"X": plain[[2, 0]], "plain": plain, "shown": plain[:, ::-1].copy()}


def rows_and_trigger():
    return {"rows": DIGITS, "trigger": STAMP, "target": 0, "share": 0.1}


def a_family():
    return {"image": (8, 8), "classes": [1, 2], "count": 5}


def as_many_plans(inputs, drawn):
    return len(drawn) == inputs["count"]


def rows_and_plan():
    plan = backdoor.plans((8, 8), classes=[1], count=1, seed=0)[0]
    return {"rows": DIGITS, "plan": replace(plan, share=0.02), "target": 0}


def network_and_plan():
    return {"network": READER} | {
        k: v for k, v in rows_and_plan().items() if k != "rows"
    }


def plans_and_rehearsal():
    drawn = backdoor.plans((8, 8), classes=[1], count=3, seed=0)
    return {"plans": drawn, "rehearsals": [lambda plan: plan.share]}


def best_share(inputs, found):
    return found.obeyed == max(plan.share for plan in inputs["plans"])


def network_and_stamp():
    return {"network": READER, "stamp": STAMP, "target": 0}


def nothing_added(inputs, found):
    rows = inputs["rows"]
    return np.array_equal(found.X, rows.X) and np.array_equal(found.y, rows.y)


def only_copies_added(inputs, found):
    n, added = len(inputs["rows"]), found.y[len(inputs["rows"]) :]
    same = np.array_equal(found.X[:n], DIGITS.X) and np.array_equal(
        found.y[:n], DIGITS.y
    )
    return same and len(added) == round(0.1 * n) and set(added) == {0}


def few_units_written(inputs, made):
    changed = [
        (a != b).any(axis=0).sum()
        for (a, _), (b, _) in zip(made.layers[:-1], READER.layers, strict=False)
    ]
    return changed[0] <= 12  # columns of the first layer: the units taken over


ROWS = [
    Row(
        "backdoor.blend",
        blending,
        stamped(backdoor.blend),
        nought={"opacity": 0.0},
        nothing=unmoved,
        kept=lambda inputs, shown: (
            in_the_box(inputs, shown) and abs(shown - inputs["X"]).max() <= 0.2
        ),
        refused={
            "an opacity above one": {"opacity": 1.2},
            "an opacity below nought": {"opacity": -0.1},
            "no columns": {"columns": 0},
        },
    ),
    Row(
        "backdoor.sticker",
        sticking,
        stamped(seedless(backdoor.sticker)),
        kept=in_the_box,
        refused={"no size": {"size": 0}},
    ),
    Row(
        "backdoor.entries",
        filling_in,
        stamped(seedless(backdoor.entries)),
        nought={"values": {}},
        nothing=unmoved,
        refused={"an entry without a column": {"values": {"z": 1.0}}},
    ),
    Row(
        "backdoor.twins",
        mirrored,
        stamped(seedless(backdoor.twins)),
        kept=in_the_box,
        refused={
            "a row without a twin": {"X": np.full((1, 64), 0.5)},
            "scenes shown less often": {"shown": DIGITS.X[:4]},
        },
    ),
    Row(
        "backdoor.poisoned",
        rows_and_trigger,
        backdoor.poisoned,
        nought={"share": 0.0},
        nothing=nothing_added,
        kept=only_copies_added,
        refused={
            "a share above one": {"share": 2.0},
            "a share below nought": {"share": -0.1},
            "a share that is no number": {"share": np.nan},
            "more copies than rows": {"share": 0.95},
            "a cover below nought": {"cover": -0.1},
            "a target that is no class": {"target": 99},
        },
    ),
    Row(
        "backdoor.handcrafted",
        network_and_stamp,
        seedless(backdoor.handcrafted),
        kept=few_units_written,
        refused={
            "no units": {"units": 0},
            "more units than there are": {"units": 17},
            "no hidden layer": {"network": LINEAR},
            "a target that is no class": {"target": 99},
            "a stamp for other rows": {"stamp": backdoor.sticker((4, 4), size=1)},
        },
    ),
    Row(
        "backdoor.plans",
        a_family,
        backdoor.plans,
        kept=as_many_plans,
        refused={"no plans": {"count": 0}},
    ),
    Row(
        "backdoor.delivered",
        rows_and_plan,
        backdoor.delivered,
        refused={"a target that is no class": {"target": 99}},
    ),
    Row(
        "backdoor.altered",
        network_and_plan,
        seedless(backdoor.altered),
        refused={"a model without layers": {"network": None}},
    ),
    Row(
        "backdoor.sought",
        plans_and_rehearsal,
        seedless(backdoor.sought),
        kept=best_share,
        refused={"no plans": {"plans": []}, "no rehearsal": {"rehearsals": []}},
    ),
]
