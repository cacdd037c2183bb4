from dataclasses import replace

import numpy as np
import pytest

from foible import data, models
from foible.judging import (
    REFUSED,
    User,
    cases,
    improbable,
    of_features,
    of_file,
    of_model,
    of_questions,
    of_rows,
    refusing,
    without,
)
from foible.victim import Victim


@pytest.fixture(scope="module")
def victims():
    """A forest and a network of the same digits."""
    rows = data.digits().take(slice(0, 300))
    recipes = models.forest(trees=2), models.network(hidden=8, steps=5)
    return [Victim.trained(recipe, rows, seed=0) for recipe in recipes]


@pytest.fixture(scope="module")
def trusted():
    return data.digits().take(slice(300, 400))


@pytest.fixture(scope="module")
def users(victims, trusted):
    known = {"clean": victims, "trusted": trusted, "target": 0}
    return [case.user for case in cases(victims, **known)]


def test_what_a_detector_is_shown_is_what_the_user_holds(users, victims, trusted):
    forest, network = users
    rows, model = victims[0].rows, victims[1].model

    assert of_rows(lambda *shown: shown)(forest) == (rows, trusted)
    assert of_model(lambda *shown: shown)(network) == (model, trusted)
    seen, known = of_features(lambda *shown: shown)(network)
    np.testing.assert_array_equal(seen[0], model.features(rows.X))
    np.testing.assert_array_equal(known[1], trusted.y)
    answers, asked, told = of_questions(lambda *shown: shown)(network, trusted.X)
    np.testing.assert_array_equal(answers(asked), model.predict_proba(trusted.X))
    assert told is trusted


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_alarms_only_if_it_was_changed_after_release(users, victims, which):
    user, detector = users[which], of_file(lambda artefact: artefact.hex())
    other = replace(victims[which], seed=1).retrained(victims[which].rows)

    assert not detector(user)
    assert detector(User(other, user.trusted, user.released))


@pytest.mark.parametrize(("p", "alarm"), [(0.004, True), (0.006, False)])
def test_p_values_share_the_false_alarms_that_are_tolerated(users, p, alarm):
    values = of_rows(lambda rows, known: {"one": p, "other": 0.9})

    assert improbable(values, level=0.01)(users[0]) is alarm


def test_what_is_refused_is_no_label(users, trusted):
    first = refusing(lambda user, X: np.arange(len(X)) == 0)(users[0])

    answers = first.answers(trusted.X)
    assert answers[0] == REFUSED
    assert (answers[1:] >= 0).all()


def test_a_model_is_made_again_without_the_rows_that_are_flagged(users, trusted):
    noughts = without(lambda user: user.victim.rows.y == 0)(users[0])

    assert 0 in users[0].victim.model.predict(trusted.X)
    assert 0 not in noughts.answers(trusted.X)
