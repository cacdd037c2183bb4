"""What may leave the house: one row a defence."""

import numpy as np
from promises import Row
from sklearn.kernel_ridge import KernelRidge

from foible import data, models
from foible.defences import releasing

CLINIC = data.clinic().take(np.arange(80))
SHORT = releasing.bounded(CLINIC, most=5000)
DIGITS = data.digits().take(np.arange(120))
NETWORK = models.network(hidden=4, steps=2)(DIGITS, seed=0)
KERNEL = KernelRidge().fit(CLINIC.X, CLINIC.y)


def update():
    return {"update": NETWORK.slope(DIGITS.X[:1], DIGITS.y[:1])}


def unchanged(inputs, sent):
    return all(np.array_equal(sent[key], inputs["update"][key]) for key in sent)


def length(update):
    return np.sqrt(sum(np.sum(values**2) for values in update.values()))


def private(*, rows, strength, epsilon, seed):
    return releasing.OutputPerturbed(strength=strength, epsilon=epsilon)(
        rows, seed=seed
    )


def trained(*, rows, seed, **settings):
    return releasing.Shared(hidden=4, rounds=2, **settings)(rows, seed=seed)


ROWS = [
    Row(
        "releasing.linear",
        lambda: {"model": KERNEL},
        lambda *, model, seed: releasing.linear(model),
        refused={"another kernel": {"model": KernelRidge(kernel="rbf")}},
    ),
    Row(
        "releasing.bounded",
        lambda: {"rows": CLINIC, "most": 1000.0},
        lambda *, rows, most, seed: releasing.bounded(rows, most=most),
        kept=lambda inputs, short: np.linalg.norm(short.X, axis=1).max() <= 1 + 1e-9,
        refused={
            "no length": {"most": 0.0},
            "a length below nought": {"most": -1.0},
            "a length that is no number": {"most": np.nan},
        },
    ),
    Row(
        "releasing.OutputPerturbed",
        lambda: {"rows": SHORT, "strength": 3.0, "epsilon": 1.0},
        private,
        nought={"epsilon": np.inf},
        nothing=lambda inputs, model: np.array_equal(
            model.logits(SHORT.X), private(**inputs, seed=99).logits(SHORT.X)
        ),
        refused={
            "rows that are too long": {"rows": CLINIC},
            "more than two classes": {"rows": DIGITS},
            "rows of one class": {"rows": SHORT.take(np.flatnonzero(SHORT.y == 0))},
            "no penalty": {"strength": 0.0},
            "no loss allowed": {"epsilon": 0.0},
            "a loss below nought": {"epsilon": -1.0},
            "a loss that is no number": {"epsilon": np.nan},
        },
    ),
    Row(
        "releasing.clipped",
        lambda: update() | {"most": 0.01},
        lambda *, update, most, seed: releasing.clipped(update, most=most),
        nought={"most": 1e9},
        nothing=unchanged,
        kept=lambda inputs, sent: length(sent) <= inputs["most"] + 1e-12,
        refused={
            "no length": {"most": 0.0},
            "a length below nought": {"most": -1.0},
            "a length that is no number": {"most": np.nan},
        },
    ),
    Row(
        "releasing.noised",
        lambda: update() | {"scale": 0.1},
        releasing.noised,
        nought={"scale": 0.0},
        nothing=unchanged,
        refused={
            "noise below nought": {"scale": -1.0},
            "noise that is no number": {"scale": np.nan},
        },
    ),
    Row(
        "releasing.Shared",
        lambda: {"rows": DIGITS},
        trained,
        refused={
            "rows of one class": {"rows": DIGITS.take(np.flatnonzero(DIGITS.y == 0))},
            "nobody asked": {"cohort": 0},
            "half a client": {"cohort": 0.5},
            "a clip of nought": {"most": 0.0},
            "noise below nought": {"scale": -1.0},
            "a rate of nought": {"rate": 0.0},
        },
    ),
]
