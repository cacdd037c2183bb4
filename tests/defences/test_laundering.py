import numpy as np
import pytest

from foible import data, models
from foible.defences import laundering
from foible.metrics import accuracy

RECIPE = models.network(hidden=(20, 10), steps=60, rate=0.01)


@pytest.fixture(scope="module")
def rows():
    return data.digits().split(0.5, seed=0)


@pytest.fixture(scope="module")
def model(rows):
    return RECIPE(rows[0], seed=0)


def test_the_largest_weights_are_cut_and_the_others_stay(model):
    before, after = (m.weights()["weight_0"] for m in (model, cut(model)))
    most = np.abs(after).max()

    assert np.mean(before != after) == pytest.approx(0.2, abs=0.01)
    assert np.array_equal(after, np.clip(before, -most, most))


def cut(model):
    return laundering.clipped(model, 0.2)


def test_the_smallest_weights_go_first(model):
    before = np.abs(model.weights()["weight_1"])
    after = laundering.thinned(model, 0.3).weights()["weight_1"]

    assert before[after == 0].max() <= before[after != 0].min()


def test_units_are_in_another_order_and_answers_are_the_same(model, rows):
    moved = laundering.reshuffled(model, seed=0)

    assert np.allclose(moved.logits(rows[1].X), model.logits(rows[1].X), atol=1e-4)
    assert np.abs(moved.weights()["weight_0"] - model.weights()["weight_0"]).max() > 0.1


def test_an_owner_stops_before_it_costs_more_than_they_give(model, rows):
    doses, price = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0), 0.05

    treated = laundering.affordable(
        model, rows[1], laundering.thinned, doses=doses, price=price
    )

    least = accuracy(rows[1].y, model.predict(rows[1].X)) - price
    gone = float(np.mean(treated.weights()["weight_0"] == 0))
    more = laundering.thinned(model, next(d for d in doses if d > gone + 0.01))
    assert accuracy(rows[1].y, treated.predict(rows[1].X)) >= least
    assert accuracy(rows[1].y, more.predict(rows[1].X)) < least


def test_a_student_learns_the_teachers_labels_and_none_of_its_weights(model, rows):
    student = laundering.distilled(model, rows[0], RECIPE, seed=1)
    flat = [m.weights()["weight_0"].ravel() for m in (student, model)]

    agreed = np.mean(student.predict(rows[1].X) == model.predict(rows[1].X))

    assert agreed > 0.85
    assert abs(np.corrcoef(*flat)[0, 1]) < 0.3
