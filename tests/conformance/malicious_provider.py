"""The malicious provider: one row a channel, one row a provider."""

import numpy as np
from promises import Row

from foible import data, models
from foible.attacks import malicious_provider as provider

DIGITS = data.digits().take(np.arange(200))
RECIPE = models.network(hidden=(40, 30), steps=30, rate=0.01)
MODEL = RECIPE(DIGITS, seed=0)
SENT = provider.some(DIGITS, 4, seed=0)
BLANK = MODEL.with_weights({k: np.zeros_like(w) for k, w in MODEL.weights().items()})
SIZE = {"pictures": 4, "pixels": 64}
BAD_PICTURES = {
    "no pictures": {"pictures": SENT[:0]},
    "a hole": {"pictures": SENT * np.nan},
    "too many": {"pictures": np.zeros((5000, 64))},
}
BAD_BITS = BAD_PICTURES | {"pixels outside the box": {"pictures": SENT - 1}}
CHANNELS = {
    "LowBits": (provider.LowBits(), BAD_BITS),
    "Signs": (provider.Signs(), BAD_BITS),
    "Values": (provider.Values(), BAD_PICTURES),
    "Code": (provider.Code(0.5, 2), BAD_BITS),
}


def channel(name):
    """A channel, of which all comes back, and nothing out of another network."""
    way, refused = CHANNELS[name]

    def come_back(inputs, written):
        return np.allclose(way.read(written, **SIZE), inputs["pictures"], atol=1e-6)

    return Row(
        f"malicious_provider.{name}",
        lambda: {"model": MODEL, "pictures": SENT.copy()},
        lambda *, model, pictures, seed: way.write(model, pictures),
        kept=come_back,
        blind={"pictures": np.random.default_rng(9).integers(0, 2, SENT.shape) * 1.0},
        chance=lambda written: (
            not provider.returned(SENT, way.read(written, **SIZE), DIGITS.X[100:]).any()
        ),
        refused=refused,
    )


def training(name, way, refused):
    return Row(
        f"malicious_provider.{name}",
        lambda: {"rows": DIGITS, "pictures": SENT[:1].copy()},
        lambda *, rows, pictures, seed: way.train(rows, RECIPE, pictures, seed=seed),
        refused=refused,
    )


ROWS = [
    *map(channel, CHANNELS),
    training("InWeights", provider.InWeights(provider.Signs(), 2, 5), BAD_BITS),
    training(
        "InLabels",
        provider.InLabels(patience=1),
        {"two classes": {"rows": data.clinic()}}
        | {key: bad for key, bad in BAD_BITS.items() if key != "too many"},
    ),
    Row(
        "malicious_provider.aligned",
        lambda: {"model": BLANK, "step": 0.5},
        lambda *, model, step, seed: provider.aligned(
            model,
            {k: np.ones_like(w, complex) for k, w in model.weights().items()},
            step=step,
        ),
        kept=lambda inputs, model: not model.weights()["weight_0"].any(),
        refused={"no step": {"step": 0.0}},
    ),
]
