import pytest

from foible import data, models
from foible.errors import BadInput


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (lambda rows: rows.take(rows.y == 1), "at least two classes"),
        (lambda rows: rows.take([0]), "got 1 rows"),
        (lambda rows: data.diabetes(), "at least two classes"),
    ],
)
def test_rows_to_learn_nothing_from_are_refused(recipe, clinic, spoilt, message):
    rows = spoilt(clinic[0])

    with pytest.raises(BadInput, match=message):
        recipe(rows, seed=0)
    with pytest.raises(BadInput, match=message):
        recipe.many([clinic[0], rows], seeds=[0, 1])


def test_every_data_set_needs_its_seed(recipe, clinic):
    with pytest.raises(BadInput, match="got 2 data sets and 1 seeds"):
        recipe.many([clinic[0], clinic[1]], seeds=[0])


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_refused(recipe, clinic, seed):
    with pytest.raises(BadInput, match="seed"):
        recipe(clinic[0], seed=seed)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (models.forest, {"trees": 0}),
        (models.forest, {"depth": 0}),
        (models.forest, {"leaf": 0}),
        (models.logistic, {"strength": 0}),
        (models.softmax, {"strength": float("nan")}),
        (models.network, {"hidden": 0}),
        (models.network, {"hidden": (8, -1)}),
        (models.network, {"steps": 0}),
        (models.network, {"rate": -0.1}),
        (models.network, {"batch": 0}),
        (models.convolutional, {"filters": (8, 0)}),
        (models.convolutional, {"size": 0}),
        (models.convolutional, {"hidden": 0}),
        (models.convolutional, {"steps": 0}),
        (models.convolutional, {"rate": 0}),
        (models.convolutional, {"batch": 0}),
        (models.private_network, {"noise": 1, "clip": 0}),
        (models.private_network, {"noise": 1, "hidden": 0}),
    ],
)
def test_settings_that_mean_nothing_are_refused(make, settings):
    with pytest.raises(BadInput, match=r"wanted a .*(from 1|above 0)"):
        make(**settings)
