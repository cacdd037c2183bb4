import numpy as np
import pytest

from foible.defences import rewarding
from foible.errors import BadInput

AFTER = np.array([[1, 0], [2, 0], [2, 2]])
ENDS = np.array([False, False, True])


def test_what_a_potential_adds_along_a_way_depends_on_its_ends_only():
    height, discount = np.array([3.0, -2.0, 7.0]), 0.9

    paid = rewarding.shaped(np.zeros((3, 2)), AFTER, ENDS, height, discount=discount)

    way = [(0, 1), (0, 0), (1, 1), (0, 0), (1, 0)]  # state and move, to the end
    total = sum(discount**t * paid[at, move] for t, (at, move) in enumerate(way))
    assert total == pytest.approx(-height[0])


def test_several_models_differ_and_the_least_is_below_each():
    rng = np.random.default_rng(0)
    difference, won = rng.normal(size=(2, 40, 3)), rng.random((2, 40)) < 0.5

    def mean(one, other):
        return (one * other[..., np.newaxis]).mean(axis=-2)

    worths = rewarding.several(difference, won, mean, members=5, seed=0)

    assert worths.shape == (2, 5, 3)
    assert np.ptp(worths, axis=1).min() > 0
    assert (rewarding.least(worths)[:, np.newaxis] <= worths).all()


def test_a_lower_bound_is_lower_by_the_doubt():
    worth, doubt = np.ones((1, 2)), np.array([[0.0, 2.0]])

    assert rewarding.lower_bound(worth, doubt, times=3).tolist() == [[1, -5]]


def test_counting_stops_where_most_succeed():
    shares = np.array([[0.2, 1.0, 0.5], [0.0, 0.0, 0.0], [0.1, 0.2, 1.0]])

    assert counted_of(shares).tolist() == [1, 0, 2]


def test_shares_beyond_one_are_refused():
    with pytest.raises(BadInput, match="wanted 0 to 1"):
        counted_of(np.array([[1.2]]))


def test_a_gain_within_the_margin_is_taken_for_chance():
    shares = np.array([[0.5, 0.55]])

    stops = [counted_of(shares, margin=20, seed=seed)[0] for seed in range(50)]

    assert not any(stops)


@pytest.mark.parametrize("start", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("loss", [0.02, 0.08, 0.15])
def test_counting_loses_little_even_where_every_step_harms(start, loss):
    shares = np.full((4000, 9), start - loss)
    shares[:, 0] = start

    stop = counted_of(shares, margin=5)

    assert loss * np.mean(stop > 0) < 0.025


def counted_of(shares, *, margin=1, seed=0):
    return rewarding.counted(shares, trials=50, margin=margin, seed=seed)
