from dataclasses import replace

import numpy as np
import pytest
import torch
from some_models import NETWORKS, RECIPES, fitting

from foible import models


def test_a_model_learns(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    model = recipe(rows, seed=0)

    assert (model.predict(others.X) == others.y).mean() > 0.85


def test_a_model_is_a_classifier(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    model = recipe(rows, seed=0)
    shares = model.predict_proba(others.X)

    assert isinstance(model, models.Classifier)
    assert shares.shape == (len(others), len(rows.classes))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(others.X), shares.argmax(axis=1))
    np.testing.assert_array_equal(models.probabilities(model, others.X), shares)


def test_the_same_seed_gives_the_same_model_bit_for_bit(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    one, again = recipe(rows, seed=3), recipe(rows, seed=3)

    np.testing.assert_array_equal(
        one.predict_proba(others.X), again.predict_proba(others.X)
    )


@pytest.mark.parametrize("name", ["forest", "convolutional", *NETWORKS])
def test_another_seed_gives_another_model(name, digits):
    rows, others = digits
    one, other = (RECIPES[name](rows, seed=seed) for seed in (3, 4))

    assert not np.array_equal(
        one.predict_proba(others.X), other.predict_proba(others.X)
    )


def test_making_a_model_leaves_the_global_generators_alone(recipe, digits, clinic):
    rows, _ = fitting(recipe, clinic, digits)
    numpys, torchs = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002

    recipe(rows, seed=0)

    np.testing.assert_array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torchs)


def test_many_are_what_each_would_be_alone(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)
    ragged = [rows.take(slice(None, n)) for n in (120, 90, 200)]

    many = recipe.many(ragged, seeds=[5, 6, 5])

    assert len(many) == 3
    for model, part, seed in zip(many, ragged, [5, 6, 5], strict=True):
        alone = recipe(part, seed=seed)
        np.testing.assert_allclose(
            model.predict_proba(others.X), alone.predict_proba(others.X), atol=1e-4
        )
        np.testing.assert_array_equal(model.predict(others.X), alone.predict(others.X))


def test_many_of_none_are_none(recipe):
    assert recipe.many([], seeds=[]) == []


def test_a_class_without_rows_keeps_its_column(recipe, digits, clinic):
    if recipe == models.logistic():
        rows, absent = replace(clinic[0], classes=(*clinic[0].classes, "x")), 2
        recipe = models.softmax()
    else:
        rows, absent = digits[0].take(digits[0].y != 3), 3

    model = recipe(rows, seed=0)
    shares = model.predict_proba(rows.X)

    np.testing.assert_array_equal(model.classes_, np.arange(len(rows.classes)))
    assert shares.shape == (len(rows), len(rows.classes))
    assert shares[:, absent].max() < 0.05
    assert absent not in model.predict(rows.X)


def test_recipes_with_the_same_settings_are_equal():
    assert models.network(hidden=8) == models.network(hidden=(8,))
    assert models.forest() != models.forest(trees=5)
