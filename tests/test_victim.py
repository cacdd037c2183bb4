from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from foible import data, models
from foible.errors import BadInput, BudgetExceeded
from foible.victim import Victim


@pytest.fixture(scope="module")
def rows():
    return data.clinic().split(0.3, seed=0)


@pytest.fixture(scope="module")
def victim(rows):
    return Victim.trained(models.forest(trees=5, depth=3), rows[0], seed=7)


def test_a_victim_keeps_what_it_was_made_from(rows, victim):
    assert victim.rows is rows[0]
    assert victim.recipe == models.forest(trees=5, depth=3)
    assert victim.seed == 7


def test_a_victim_can_be_made_again(rows, victim):
    again = victim.retrained(victim.rows)

    np.testing.assert_array_equal(
        again.transport(rows[1].X), victim.transport(rows[1].X)
    )


def test_retraining_on_other_rows_leaves_the_victim_as_it_was(rows, victim):
    before = victim.transport(rows[1].X)

    other = victim.retrained(rows[1])

    assert other.rows is rows[1]
    assert (other.recipe, other.seed) == (victim.recipe, victim.seed)
    assert not np.array_equal(other.transport(rows[1].X), before)
    np.testing.assert_array_equal(victim.transport(rows[1].X), before)


def test_a_victim_is_frozen(victim):
    with pytest.raises(FrozenInstanceError):
        victim.seed = 8


def test_the_transport_gives_the_probabilities_of_the_model(rows, victim):
    answers = victim.transport(rows[1].X)

    np.testing.assert_array_equal(answers, victim.model.predict_proba(rows[1].X))


def test_an_oracle_answers_as_the_model_does(rows, victim):
    labels = victim.oracle(answers="label").ask(rows[1].X)

    np.testing.assert_array_equal(labels, victim.model.predict(rows[1].X))


def test_every_oracle_has_its_own_account(rows, victim):
    spent, fresh = victim.oracle(budget=2), victim.oracle(budget=2)

    spent.ask(rows[1].X[:2])

    with pytest.raises(BudgetExceeded):
        spent.ask(rows[1].X[:1])
    assert fresh.left == 2


def test_an_oracle_speaks_with_the_tongue_of_a_tampered_model(rows, victim):
    tampered = victim.retrained(victim.rows)
    tampered.model.classes_ = np.array([1, 1])

    labels = tampered.oracle(answers="label").ask(rows[1].X)

    np.testing.assert_array_equal(labels, tampered.model.predict(rows[1].X))
    assert set(labels) == {1}


def reachable(thing):
    """All that plain attributes lead to, from an object, private ones included."""
    seen, waiting = {}, [thing]
    while waiting:
        here = waiting.pop()
        if id(here) in seen or isinstance(here, type):
            continue
        seen[id(here)] = here
        names = [*vars(here)] if hasattr(here, "__dict__") else []
        names += getattr(type(here), "__slots__", ())
        waiting += [getattr(here, name) for name in names]
        if hasattr(here, "__self__"):
            waiting.append(here.__self__)
    return seen.values()


def test_no_attribute_leads_from_an_oracle_to_the_victim(rows, victim):
    oracle = victim.oracle(budget=10)
    oracle.ask(rows[1].X[:3])

    found = list(reachable(oracle))

    assert len(found) > 3
    for secret in (victim, victim.model, victim.rows, victim.recipe):
        assert not any(thing is secret for thing in found)


def test_the_search_for_leaks_would_find_one(victim):
    leaking = replace(victim).oracle()
    leaking._transport = victim.model.predict_proba

    assert any(thing is victim.model for thing in reachable(leaking))


def test_rows_that_cannot_be_learned_make_no_victim(rows):
    alike = rows[0].take(rows[0].y == 1)

    with pytest.raises(BadInput, match="two classes"):
        Victim.trained(models.logistic(), alike, seed=0)


def test_a_victim_answers_with_the_classes_of_its_rows(rows, victim):
    other = LogisticRegression(max_iter=5000).fit(rows[0].X, rows[0].y + 1)

    with pytest.raises(BadInput, match=r"got a model with classes .* wanted those of"):
        replace(victim, model=other)


def test_a_network_is_asked_for_its_logits(rows):
    network = Victim.trained(models.softmax(), rows[0], seed=0)

    told = network.oracle(answers="values").ask(rows[1].X)

    np.testing.assert_array_equal(told, network.model.logits(rows[1].X))


def test_a_regressor_is_asked_for_its_number_and_has_no_probabilities():
    patients = data.diabetes()
    victim = Victim.trained(models.tree(depth=3), patients, seed=0)

    told = victim.oracle(answers="values").ask(patients.X)

    np.testing.assert_array_equal(told[:, 0], victim.model.predict(patients.X))
    with pytest.raises(BadInput, match='ask with answers="label" or "values"'):
        victim.oracle()


def test_a_forest_has_no_logits(rows, victim):
    with pytest.raises(BadInput, match="no logits"):
        victim.oracle(answers="values").ask(rows[1].X)


def test_many_victims_are_what_each_would_be_alone(rows):
    recipe = models.forest(trees=5, depth=3)

    many = Victim.many(recipe, [rows[0], rows[1]], seeds=[7, 8])

    for victim, part, seed in zip(many, rows, (7, 8), strict=True):
        alone = Victim.trained(recipe, part, seed=seed)
        assert (victim.rows, victim.recipe, victim.seed) == (part, recipe, seed)
        np.testing.assert_array_equal(victim.transport(part.X), alone.transport(part.X))
