import numpy as np
import pytest

from foible import data, models
from foible.defences import muting
from foible.oracle import Oracle
from foible.victim import Victim


@pytest.fixture(scope="module")
def owned():
    return data.digits().split(0.2, seed=0)[0]


@pytest.fixture(scope="module")
def transport(owned):
    return Victim.trained(models.softmax(), owned, seed=0).transport


@pytest.mark.parametrize("decimals", [1, 2, 5])
def test_rounded_answers_are_off_by_half_a_unit_at_most(transport, owned, decimals):
    told = muting.rounded(transport, decimals=decimals)(owned.X)

    np.testing.assert_array_equal(told, np.round(told, decimals))
    assert abs(told - transport(owned.X)).max() <= 0.5 * 10**-decimals + 1e-12


def test_an_oracle_accepts_answers_rounded_to_one_decimal(transport, owned):
    oracle = Oracle(muting.rounded(transport, decimals=1))

    assert oracle.ask(owned.X).shape == (len(owned), 10)


def test_the_top_label_is_the_likeliest_class_and_nothing_else(transport, owned):
    told = muting.top_label(transport)(owned.X)

    np.testing.assert_array_equal(told.argmax(axis=1), transport(owned.X).argmax(1))
    np.testing.assert_array_equal(np.sort(told, axis=1)[:, -2:], [[0, 1]] * len(told))


def test_noise_is_new_at_every_question_and_averages_out():
    def constant(X):
        return np.tile([0.3, 0.7], (len(X), 1))

    told = muting.noisy(constant, scale=0.1, seed=0)(np.zeros((10_000, 1)))

    assert len(np.unique(told[:, 0])) == len(told)
    np.testing.assert_allclose(told.sum(axis=1), 1)
    np.testing.assert_allclose(told.mean(axis=0), [0.3, 0.7], atol=0.005)


def test_defences_stack(transport, owned):
    stacked = muting.top_label(muting.rounded(transport, decimals=2))

    assert set(np.unique(stacked(owned.X))) == {0, 1}
