import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from foible import data, models
from foible.errors import BadInput

LAYER = np.zeros((2, 2)), np.zeros(2)
ONE_LAYER, TWO_LAYERS = models.Network((LAYER,)), models.Network((LAYER, LAYER))


class Named:
    """A model with two columns of any names, which says 0.3 and 0.7 to all."""

    def __init__(self, names):
        self.classes_ = np.array(names)

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


@pytest.mark.parametrize("names", [["no", "yes"], [-1, 1], [0.0, 1.0]])
def test_names_that_are_no_labels_are_refused(names):
    with pytest.raises(BadInput, match="whole numbers"):
        models.probabilities(Named(names), np.ones((2, 3)))


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
