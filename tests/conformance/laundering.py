"""Laundering: one row a treatment of a finished network."""

import numpy as np
from promises import Row

from foible import data, models
from foible.defences import laundering

DIGITS = data.digits().take(np.arange(150))
RECIPE = models.network(hidden=(6, 5), steps=20)
MODEL = RECIPE(DIGITS, seed=0)


def as_it_was(inputs, model):
    return np.allclose(model.logits(DIGITS.X), MODEL.logits(DIGITS.X), atol=1e-5)


def treating(name, *, dose, **rest):
    treat = getattr(laundering, name)
    return Row(
        f"laundering.{name}",
        lambda: {"model": MODEL, "dose": dose},
        lambda *, model, dose, seed: treat(model, dose),
        **rest,
    )


NO_SHARE = {"more than all": {"dose": 1.5}, "less than none": {"dose": -0.1}}

ROWS = [
    treating(
        "in_levels",
        dose=3,
        nought={"dose": 24},
        nothing=as_it_was,
        kept=lambda inputs, model: all(
            len(np.unique(values)) <= 8 for values in model.weights().values()
        ),
        refused={"no bits": {"dose": 0}, "half a bit": {"dose": 1.5}},
    ),
    treating(
        "clipped",
        dose=0.5,
        nought={"dose": 0.0},
        nothing=as_it_was,
        refused=NO_SHARE,
    ),
    treating(
        "thinned",
        dose=0.5,
        nought={"dose": 0.0},
        nothing=as_it_was,
        kept=lambda inputs, model: np.mean(model.weights()["weight_0"] == 0) == 0.5,
        refused=NO_SHARE,
    ),
    Row(
        "laundering.reshuffled",
        lambda: {"model": MODEL, "most": 3.0},
        laundering.reshuffled,
        kept=as_it_was,
        refused={"less than one": {"most": 0.5}, "no number": {"most": np.nan}},
    ),
    Row(
        "laundering.affordable",
        lambda: {"rows": DIGITS, "doses": (0.1, 0.5, 0.9), "price": 0.1},
        lambda *, rows, doses, price, seed: laundering.affordable(
            MODEL, rows, laundering.thinned, doses=doses, price=price
        ),
        nought={"doses": (0.0,)},
        nothing=as_it_was,
        refused={
            "no dose": {"doses": ()},
            "doses that fall": {"doses": (0.5, 0.1)},
            "a price above all": {"price": 1.5},
        },
    ),
    Row(
        "laundering.distilled",
        lambda: {"model": MODEL, "rows": DIGITS},
        lambda *, model, rows, seed: laundering.distilled(
            model, rows, RECIPE, seed=seed
        ),
        refused={"rows of one column": {"rows": DIGITS.select(DIGITS.columns[:1])}},
    ),
]
