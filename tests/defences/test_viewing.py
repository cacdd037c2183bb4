import numpy as np
import pytest

from foible import data
from foible.defences import viewing

DIGITS = data.digits().take(slice(40))


def darker(X):
    return X / 2


def test_every_copy_is_a_row_as_one_of_the_moves_shows_it_and_keeps_its_label():
    rows = viewing.with_moves(DIGITS, [darker, np.copy], copies=3, seed=0)

    copies = rows.X.reshape(4, *DIGITS.X.shape)
    for copy in copies[1:]:
        whole = (copy == DIGITS.X).all(axis=1)
        half = (copy == DIGITS.X / 2).all(axis=1)
        assert (whole | half).all()
    np.testing.assert_array_equal(rows.y.reshape(4, -1), [DIGITS.y] * 4)


def test_a_vote_is_the_mean_of_what_is_said_of_each_move():
    def ask(X):
        light = X.mean(axis=1)
        return np.column_stack([light, 1 - light])

    both = viewing.voted(ask, [np.copy, darker])

    np.testing.assert_allclose(both(DIGITS.X), (ask(DIGITS.X) + ask(DIGITS.X / 2)) / 2)


@pytest.mark.parametrize("refused", [0, 0.1, 0.5])
def test_so_many_of_the_known_rows_are_refused_as_were_asked_for(refused):
    sure = np.random.default_rng(0).random(500)

    least = viewing.least_sure(sure, refused=refused)

    assert np.mean(sure < least) == pytest.approx(refused, abs=0.005)
