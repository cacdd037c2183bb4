import numpy as np
import pytest

from foible import models
from foible.errors import BadInput


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
