"""Forged and scrubbed watermarks: one row an attack."""

import numpy as np
from promises import Row

from foible import data, models
from foible.language import watermark

ORDERS = data.Orders()
LEARNED = ORDERS.drawn(30, seed=0)
MODEL = models.language(width=8, layers=1, heads=2, context=24, steps=3, batch=8)(
    LEARNED, seed=0
)
V = MODEL.words
SAID = np.random.default_rng(0).integers(2, V, (20, 8))
KNOWN = watermark.learn(SAID, SAID[::-1].copy(), words=V)


def forged(*, prompts, words, strength, seed):
    return watermark.forged(
        MODEL, prompts, KNOWN, words=words, strength=strength, seed=seed
    )


def rewritten(*, texts, share, seed):
    return watermark.rewritten(MODEL, texts, KNOWN, share=share, seed=seed)


ROWS = [
    Row(
        "watermark.forged",
        lambda: {"prompts": SAID[:3, :4].copy(), "words": 6, "strength": 2.0},
        forged,
        kept=lambda inputs, told: told.shape == (3, 6) and told.min() >= 2,
        refused={"no word": {"words": 0}, "away": {"strength": -1.0}},
    ),
    Row(
        "watermark.rewritten",
        lambda: {"texts": SAID[:3].copy(), "share": 0.5},
        rewritten,
        nothing=lambda inputs, told: np.array_equal(told, inputs["texts"]),
        nought={"share": 0.0},
        kept=lambda inputs, told: told.shape == (3, 8),
        refused={"more than all": {"share": 1.5}},
    ),
    Row(
        "watermark.learn",
        lambda: {"marked": SAID.copy(), "plain": SAID.copy(), "words": V},
        lambda *, marked, plain, words, seed: watermark.learn(
            marked, plain, words=words
        ),
        refused={"no text": {"marked": np.empty((0, 4), int)}, "no word": {"words": 0}},
    ),
    Row(
        "watermark.passages",
        lambda: {"texts": LEARNED, "words": 3},
        lambda *, texts, words, seed: watermark.passages(texts, words=words),
        refused={"no word": {"words": 0}},
    ),
]
