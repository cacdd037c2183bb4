"""Language models and texts: one row for each thing that they do."""

from dataclasses import replace

import numpy as np
from promises import Row

from foible import data, models
from foible.data import Orders

ORDERS = Orders()
LEARNED = ORDERS.drawn(30, seed=0)
RECIPE = models.language(width=8, layers=1, heads=2, context=24, steps=3, batch=8)
MODEL = RECIPE(LEARNED, seed=0)
LONG = [np.full(25, 3)]
BAD = {
    "no text": {"texts": []},
    "a text of nothing": {"texts": [np.empty(0, np.int64)]},
    "a text that is too long": {"texts": LONG},
    "a word that is not there": {"texts": [np.array([99])]},
    "a token below nought": {"texts": [np.array([3, -1])]},
    "half a token": {"texts": [np.array([0.5])]},
}


def asked():
    return {"texts": [text[:4].copy() for text in LEARNED[:5]]}


def seedless(function):
    return lambda *, seed, **inputs: function(**inputs)


def of_model(name, **settings):
    """A row of what a model says of texts, by the name of its method."""
    return Row(
        f"language.{name}",
        lambda: asked() | settings,
        seedless(getattr(MODEL, name)),
        refused=BAD,
    )


def said(*, texts, most, top, answers, seed):
    oracle = models.text_oracle(
        MODEL, budget=5, answers=answers, most=most, top=top, biased=True
    )
    bias = np.zeros((len(texts), MODEL.words))
    return oracle.ask(texts, bias=bias)


def taught(recipe):
    return lambda *, texts, seed: recipe(texts, seed=seed)


def learned():
    return {"texts": LEARNED.take(slice(None))}


ENDLESS = {"a text that is too long": {"texts": ORDERS.texts([("a " * 30, "b")])}}

ROWS = [
    of_model("logits"),
    of_model("logits_along"),
    of_model("hidden", layers=1),
    of_model("predict"),
    of_model("predict_proba"),
    of_model("losses"),
    of_model("slopes", starts=[1, 2, 3, 3, 3]),
    of_model("complete", most=3),
    Row(
        "language.sampled",
        lambda: asked() | {"most": 3, "temperature": 0.7},
        MODEL.sampled,
        kept=lambda inputs, told: told.shape == (5, 3) and told.min() >= -1,
        refused=BAD | {"no warmth": {"temperature": 0.0}},
    ),
    Row(
        "language.text_oracle",
        lambda: asked() | {"most": 3, "top": 2, "answers": "top"},
        said,
        kept=lambda inputs, told: told.shape == (5, 2, 2),
        refused=BAD | {"more than there are": {"top": 999}},
    ),
    Row(
        "language.language",
        learned,
        taught(RECIPE),
        refused=ENDLESS,
    ),
    Row(
        "language.resumed",
        learned,
        lambda *, texts, seed: replace(RECIPE, steps=0).resumed(
            MODEL, texts, seed=seed
        ),
        nothing=lambda _, made: all(
            (made.weights()[name] == values).all()
            for name, values in MODEL.weights().items()
        ),
        refused=ENDLESS,
    ),
    Row(
        "language.private_language",
        learned,
        taught(
            models.private_language(
                width=8, layers=1, heads=2, context=24, steps=3, batch=8, noise=1.0
            )
        ),
        refused=ENDLESS,
    ),
    Row(
        "language.split",
        learned,
        lambda *, texts, seed, share=0.5: texts.split(share, seed=seed),
        refused={"no share": {"share": 1e-6}},
    ),
    Row(
        "language.tickets",
        lambda: {"n": 4, "spare": 2},
        data.tickets,
        refused={"none": {"n": 0}},
    ),
    Row(
        "language.drawn",
        lambda: {"n": 4, "changing": 0.5},
        ORDERS.drawn,
        refused={"none": {"n": 0}, "more than all": {"changing": 1.5}},
    ),
    Row(
        "language.drawn_data",
        lambda: {"n": 4, "least": 2, "most": 3},
        ORDERS.drawn_data,
        refused={"none": {"n": 0}, "fewer at most": {"most": 1}},
    ),
]
