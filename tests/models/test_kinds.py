from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from foible import data, models
from foible.defences import hardening
from foible.errors import BadInput

LAYER = np.zeros((2, 2)), np.zeros(2)
ONE_LAYER, TWO_LAYERS = models.Network((LAYER,)), models.Network((LAYER, LAYER))


class Named:
    """A model with two columns of any names, which says 0.3 and 0.7 to all."""

    def __init__(self, names):
        self.classes_ = np.array(names)

    def predict(self, X):
        return np.full(len(X), self.classes_[-1])

    def predict_proba(self, X):
        return np.tile([0.3, 0.7], (len(X), 1))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([0, 1], [0.3, 0.7]),
        ([1, 0], [0.7, 0.3]),
        ([1, 1], [0.0, 1.0]),
        ([0, 2], [0.3, 0.0, 0.7]),
    ],
)
def test_probabilities_follow_the_models_own_names(names, expected):
    answers = models.probabilities(Named(names), np.ones((2, 3)))

    np.testing.assert_allclose(answers, [expected, expected])


@pytest.mark.parametrize(
    "names", [["no", "yes"], [-1, 1], [0.0, 1.0], [False, True], [[0, 1], [0, 1]]]
)
def test_names_that_are_no_labels_are_refused_wherever_they_are_asked(names):
    model = Named(names)

    for asked in (
        lambda: models.probabilities(model, np.ones((2, 3))),
        lambda: models.as_classifier(model),
        lambda: models.oracle(model),
        lambda: hardening.Smoothed(model, 0.1, 10, 0),
    ):
        with pytest.raises(BadInput, match="whole numbers from 0"):
            asked()


def test_several_outputs_are_one_clear_error():
    several = Named([0, 1])
    several.classes_ = [np.arange(2), np.arange(3)]

    with pytest.raises(BadInput, match="wanted whole numbers"):
        models.as_classifier(several)


@dataclass(frozen=True, eq=False)
class Renamed(models.Network):
    """A network that calls its columns -1 and 1, or otherwise."""

    names: tuple[int, ...] = (-1, 1)

    @property
    def classes_(self):
        return np.array(self.names)

    def predict(self, X):
        return self.classes_[super().predict(X)]


@pytest.mark.parametrize(
    ("names", "message"), [((-1, 1), "whole numbers from 0"), ((1, 2), "wanted 0 to 1")]
)
def test_a_white_box_whose_columns_are_not_its_labels_is_refused(names, message):
    with pytest.raises(BadInput, match=message):
        models.as_differentiable(Renamed((LAYER,), names))


def test_an_oracle_of_a_model_says_what_the_model_says():
    clinic = data.clinic()
    model = models.logistic()(clinic, seed=0)

    own = models.oracle(model, budget=3)

    np.testing.assert_array_equal(
        own.ask(clinic.X[:3]), models.probabilities(model, clinic.X[:3])
    )
    assert own.left == 0


def test_an_oracle_of_values_gives_logits():
    clinic = data.clinic()
    model = models.softmax()(clinic, seed=0)

    told = models.oracle(model, answers="values").ask(clinic.X[:2])

    np.testing.assert_array_equal(told, model.logits(clinic.X[:2]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: models.as_classifier(LinearRegression()), "gives no probabilities"),
        (lambda: models.as_differentiable(Named([0, 1])), "has no gradient"),
        (lambda: models.as_network(Named([0, 1])), "got a Named; wanted a network"),
        (lambda: models.as_network(ONE_LAYER, least=2), "of 2 layers or more"),
        (lambda: models.as_network(TWO_LAYERS, most=1), "of one layer"),
    ],
)
def test_what_a_model_is_not_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()
