"""What the tests of several kinds of models need."""

import pytest
from some_models import RECIPES

from foible import data


@pytest.fixture(scope="module")
def digits():
    return data.digits().split(0.5, seed=0)


@pytest.fixture(scope="module")
def clinic():
    return data.clinic().split(0.5, seed=0)


@pytest.fixture(params=RECIPES)
def recipe(request):
    return RECIPES[request.param]


@pytest.fixture(scope="module")
def seer(digits):
    """A convolutional network that computes in float64 throughout."""
    model = RECIPES["convolutional"](digits[0], seed=0)
    return model.with_weights({k: w.astype(float) for k, w in model.weights().items()})
