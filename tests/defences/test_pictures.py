import numpy as np
import pytest

from foible import data
from foible.defences import muting, watching
from foible.errors import BadInput

RNG = np.random.default_rng(0)
DIGITS, FRESH = data.digits().take(np.arange(400)).split(0.5, seed=0)


def test_noise_is_strange_and_few_digits_are():
    look = watching.strange(DIGITS.X, FRESH.X, false_alarms=0.05)

    assert look(RNG.random((20, 64))).all()
    assert look(FRESH.X).mean() <= 0.05


def test_a_picture_shown_again_is_seen_and_the_first_never():
    look = watching.repeated(FRESH.X, false_alarms=0.01)

    flags = look(np.concatenate([FRESH.X[:5], FRESH.X[:5] + 0.01]))

    assert not flags[0]
    assert flags[5:].all()


def test_who_is_unsure_is_refused_and_others_are_answered():
    def transport(X):
        return np.column_stack([X[:, 0], 1 - X[:, 0]])

    look = watching.doubtful(transport, np.array([[0.9], [0.1]]), false_alarms=0.0)
    answered = watching.guarded(transport, look)

    assert answered(np.array([[0.95], [0.6], [0.05]])).tolist() == [0, -1, 1]


def test_groups_of_classes_add_up():
    told = muting.grouped(lambda X: X, groups=[0, 1, 0])(np.array([[0.2, 0.5, 0.3]]))

    np.testing.assert_allclose(told, [[0.5, 0.5]])


def test_groups_that_fit_no_answer_are_refused():
    with pytest.raises(BadInput):
        muting.grouped(lambda X: X, groups=[0, -1])
    with pytest.raises(BadInput):
        muting.grouped(lambda X: X, groups=[0, 1])(np.ones((1, 3)) / 3)
