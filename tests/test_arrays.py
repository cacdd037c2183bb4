import numpy as np
import pytest

from foible import arrays
from foible.errors import BadInput


def test_places_are_positions_or_a_mask():
    values = np.arange(4) * 10

    assert values[arrays.places([3, -4], 4)].tolist() == [30, 0]
    assert values[arrays.places([False, True, True, False], 4)].tolist() == [10, 20]


@pytest.mark.parametrize("index", [[4], [-5], [0.5], [True], "nobody", [], 2, [[0]]])
def test_what_is_neither_is_one_clear_error(index):
    with pytest.raises(BadInput, match=r"wanted positions or a mask|wanted \(m,\)"):
        arrays.places(index, 4)


def test_rows_that_were_scaled_have_mean_nought_and_spread_one():
    X = np.random.default_rng(0).normal(5, 3, (50, 4))

    mean, spread = arrays.scale(X)

    scaled = (X - mean) / spread
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


def test_a_column_that_never_varies_is_left_in_its_own_unit():
    mean, spread = arrays.scale(np.full((3, 1), 7.0))

    assert (mean[0], spread[0]) == (7, 1)


def test_a_bias_is_the_weight_of_a_last_column_of_ones():
    X, weight = np.arange(6.0).reshape(3, 2), np.array([1.0, 2, 10])

    np.testing.assert_array_equal(
        arrays.with_one(X) @ weight, X @ weight[:2] + weight[2]
    )
