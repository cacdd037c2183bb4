from dataclasses import replace

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from foible import data, models
from foible.errors import BadInput


def test_the_forest_is_scikit_learns_own(digits):
    rows, others = digits

    ours = models.forest(trees=5, depth=3, leaf=100)(rows, seed=42)
    theirs = RandomForestClassifier(
        n_estimators=5, max_depth=3, min_samples_leaf=100, random_state=42
    ).fit(rows.X, rows.y)

    assert type(ours) is RandomForestClassifier
    np.testing.assert_array_equal(
        ours.predict_proba(others.X), theirs.predict_proba(others.X)
    )


def test_many_forests_run_wherever_joblib_is_told_to(digits):
    rows, others = digits
    recipe = models.forest(trees=5)

    here = recipe.many([rows, rows], seeds=[0, 1])
    with joblib.parallel_config(backend="threading", n_jobs=2):
        there = recipe.many([rows, rows], seeds=[0, 1])

    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(
            one.predict_proba(others.X), other.predict_proba(others.X)
        )


def test_logistic_regression_is_scikit_learns(clinic):
    rows, others = clinic
    rows = replace(rows, X=rows.X / rows.X.max(axis=0))
    others = replace(others, X=others.X / others.X.max(axis=0))

    ours = models.logistic(strength=0.5)(rows, seed=0)
    theirs = LogisticRegression(C=2, tol=1e-12, max_iter=10_000).fit(rows.X, rows.y)

    np.testing.assert_allclose(
        ours.predict_proba(others.X), theirs.predict_proba(others.X), atol=1e-4
    )
    np.testing.assert_array_equal(ours.logits(others.X)[:, 0], 0)


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_two_softmax_classes_rest_at_the_bottom_of_the_penalised_loss(clinic, strength):
    rows = replace(clinic[0], X=clinic[0].X / clinic[0].X.max(axis=0))
    model = models.softmax(strength=strength)(rows, seed=0)

    excess = model.predict_proba(rows.X) - np.eye(2)[rows.y]
    weight, _ = model.layers[0]

    np.testing.assert_allclose(rows.X.T @ excess + strength * weight, 0, atol=1e-6)
    np.testing.assert_allclose(excess.sum(axis=0), 0, atol=1e-6)


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_ten_softmax_classes_rest_at_the_bottom_too(digits, strength):
    rows = digits[0]
    model = models.softmax(strength=strength)(rows, seed=0)

    excess = model.predict_proba(rows.X) - np.eye(10)[rows.y]
    weight, _ = model.layers[0]

    np.testing.assert_allclose(rows.X.T @ excess + strength * weight, 0, atol=1e-4)
    np.testing.assert_allclose(excess.sum(axis=0), 0, atol=1e-4)


def test_logistic_regression_wants_two_classes(digits):
    with pytest.raises(BadInput, match="10 classes; wanted two for logistic"):
        models.logistic()(digits[0], seed=0)


def test_a_tree_is_scikit_learns():
    rows = data.clinic()

    ours = models.tree(depth=3, leaf=5)(rows, seed=1)

    theirs = DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=1)
    theirs.fit(rows.X, rows.y)
    np.testing.assert_array_equal(
        ours.predict_proba(rows.X), theirs.predict_proba(rows.X)
    )


def test_rows_without_classes_make_a_regression_tree():
    rows = data.diabetes()

    (ours,) = models.tree(depth=3).many([rows], seeds=[1])

    theirs = DecisionTreeRegressor(max_depth=3, random_state=1).fit(rows.X, rows.y)
    np.testing.assert_array_equal(ours.predict(rows.X), theirs.predict(rows.X))


@pytest.mark.parametrize("settings", [{"depth": 0}, {"leaf": 0}])
def test_a_tree_refuses_settings_that_mean_nothing(settings):
    with pytest.raises(BadInput, match="wanted a whole number from 1"):
        models.tree(**settings)


def test_a_tree_wants_a_seed_for_each_data_set():
    with pytest.raises(BadInput, match="wanted one for each"):
        models.tree().many([data.clinic()], seeds=[])
    with pytest.raises(BadInput, match="got seed=-1"):
        models.tree()(data.diabetes(), seed=-1)


def test_the_neighbours_are_scikit_learns(digits):
    rows, others = digits

    ours = models.neighbours(count=1)(rows, seed=0)
    theirs = KNeighborsClassifier(n_neighbors=1).fit(rows.X, rows.y)

    np.testing.assert_array_equal(ours.predict(others.X), theirs.predict(others.X))


def test_more_neighbours_than_rows_are_refused(digits):
    with pytest.raises(BadInput, match="got 10 rows; wanted at least 11"):
        models.neighbours(count=11)(digits[0].take(slice(10)), seed=0)


def test_one_step_of_newton_all_but_finishes_what_a_solver_left(digits):
    rows = digits[0]
    exact = models.softmax(strength=2.0)(rows, seed=0)

    def left(model):
        slope = len(rows) * model.slope(rows.X, rows.y)["weight_0"]
        return abs(slope + 2.0 * model.layers[0][0]).max()

    once = models.polished(exact, rows, strength=2.0)

    assert left(once) < left(exact) / 10
    assert left(once) < 1e-10
    with pytest.raises(BadInput, match="strength"):
        models.polished(exact, rows, strength=0)
