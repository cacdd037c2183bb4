"""A recipe of each kind, small, for the tests of them all."""

import numpy as np

from foible import models

RECIPES = {
    "forest": models.forest(trees=10),
    "logistic": models.logistic(),
    "softmax": models.softmax(),
    "neighbours": models.neighbours(count=3),
    "network": models.network(hidden=16, steps=40),
    "batches": models.network(hidden=(16, 8), steps=120, batch=32),
    "standardised": models.standardised(models.network(hidden=16, steps=40)),
    "convolutional": models.convolutional(
        filters=(8, 8), hidden=16, steps=240, rate=0.01
    ),
    "private": models.private_network(hidden=16, steps=60, rate=0.03, noise=0.5),
}
NETWORKS = ["network", "batches", "standardised", "private"]


def fitting(recipe, clinic, digits):
    return clinic if recipe == models.logistic() else digits


def loss(model, X, y):
    return -np.log(model.predict_proba(X)[np.arange(len(X)), y])
