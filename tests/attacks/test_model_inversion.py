from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from foible import data, models
from foible.attacks import model_inversion
from foible.defences import muting, releasing
from foible.errors import BadInput
from foible.oracle import Oracle
from foible.victim import Victim


@pytest.fixture(scope="module")
def patients(clinic):
    """Both halves in standard deviations of the second."""
    mean, deviation = clinic[1].X.mean(axis=0), clinic[1].X.std(axis=0)
    return [replace(part, X=(part.X - mean) / deviation) for part in clinic]


@pytest.fixture(scope="module")
def digits():
    return data.digits().split(0.4, seed=0)


@pytest.fixture(scope="module")
def reader(digits):
    return Victim.trained(models.softmax(), digits[0], seed=0)


@pytest.fixture(scope="module")
def network(digits):
    return models.network(hidden=32, steps=60)(digits[0], seed=0)


@pytest.fixture(scope="module")
def recogniser(digits):
    return models.forest(trees=50)(digits[1], seed=0)


def without(rows, place):
    return rows.take(np.arange(len(rows)) != place)


# ---------------------------------------------------------------- a missing attribute


@pytest.fixture(scope="module")
def attribute():
    table, recipes = data.diabetes(), {leaf: models.tree(leaf=leaf) for leaf in (1, 30)}
    return model_inversion.judge_attribute(
        table, recipes, column="sex", dose_name="leaf", repeats=8, seed=0
    )


def test_a_tree_that_knows_its_patients_by_heart_gives_their_sex_away(attribute):
    gain = attribute.at("both, on members", 1) - attribute.at("imputation alone", 1)

    assert gain >= 0.03


def test_the_model_alone_tells_less_than_imputation(attribute):
    assert attribute.at("the model alone", 1) < attribute.at("imputation alone", 1)


def test_large_leaves_and_strangers_give_nothing_away(attribute):
    large = attribute.at("both, on members", 30) - attribute.at("imputation alone", 30)
    strangers = attribute.at("both, on strangers", 1)

    assert abs(large) < 0.02
    assert strangers < attribute.at("imputation, strangers", 1) + 0.01


def test_a_sex_that_nobody_can_know_is_guessed_by_chance():
    table = data.diabetes()
    X = table.X.copy()
    X[:, 1] = np.random.default_rng(0).permutation(X[:, 1])

    found = model_inversion.judge_attribute(
        replace(table, X=X),
        {1: lambda rows, seed: LinearRegression().fit(rows.X, rows.y)},
        column="sex",
        dose_name="",
        repeats=8,
        seed=0,
    )

    assert abs(found.at("both, on members", 1) - 0.5) < 0.05


def test_the_attackers_never_see_the_column_that_they_want():
    owned, others = data.diabetes().split(0.5, seed=0)
    victim = Victim.trained(models.tree(), owned, seed=0)
    X = owned.X.copy()
    X[:, 1] = 3 - X[:, 1]
    lied = replace(owned, X=X)

    for rows in (owned, lied):
        oracle = victim.oracle(answers="values")
        guesses = model_inversion.by_both(
            oracle, others, rows, models.tree(), column="sex", seed=0
        )
        if rows is owned:
            before = guesses
    np.testing.assert_array_equal(guesses, before)
    assert oracle.asked == 2 * len(owned)


def test_an_attack_on_a_regression_refuses_a_classifier(patients):
    table = data.diabetes()
    wide = patients[0].select(patients[0].columns[: table.X.shape[1]])
    oracle = models.oracle(models.softmax()(wide, seed=0))
    guess = partial(model_inversion.by_model, oracle, prior=0.5)

    with pytest.raises(BadInput, match="wanted the numbers of a regression"):
        guess(wide, column=wide.columns[0])
    with pytest.raises(BadInput, match=r"shape \(442, 2\); wanted a number for each"):
        guess(table, column="sex")


def test_a_column_that_is_coded_otherwise_is_refused():
    table = data.diabetes()
    X = table.X - np.eye(len(table.columns))[table.position("sex")]
    coded = replace(table, X=X)
    oracle = models.oracle(models.tree()(coded, seed=0), answers="values")
    told = r"'sex' with values from 0.0 to 1.0; wanted 1 and 2"

    with pytest.raises(BadInput, match=told):
        model_inversion.by_model(oracle, coded, column="sex", prior=0.5)
    with pytest.raises(BadInput, match=told):
        model_inversion.by_imputation(coded, coded, column="sex")


# ---------------------------------------------------------------- the last row


def missed(victim, attack, *, targets=None, **settings):
    """How near an attack comes to the rows of one victim, at the dose nought."""
    return model_inversion.judge_missing(
        {0: victim}, partial(attack, **settings), dose_name="", targets=targets
    )


@pytest.mark.parametrize("recipe", [models.logistic, models.softmax])
def test_the_missing_patient_comes_back_exactly(patients, recipe):
    victim = Victim.trained(recipe(strength=2), patients[0], seed=0)

    found = missed(victim, model_inversion.missing_row, strength=2)

    assert np.median(found.responses["error"]) < 1e-5
    assert found.at("label told", 0) > 0.98


def test_the_missing_digit_comes_back_too(digits):
    rows = digits[0].split(0.2, seed=0)[0]
    model = models.softmax(strength=5)(rows, seed=0)

    x, y = model_inversion.missing_row(model, without(rows, 3), strength=5)

    np.testing.assert_allclose(x, rows.X[3], atol=1e-3)
    assert y == rows.y[3]


@pytest.mark.parametrize(("unknown", "back"), [(10, True), (11, True), (13, False)])
def test_as_many_cells_come_back_as_there_are_equations(patients, unknown, back):
    rows = patients[0].select(patients[0].columns[:10])
    model, two = models.softmax()(rows, seed=0), rows.take([7, 20])
    known = rows.take(np.delete(np.arange(len(rows)), [7, 20]))
    mask = np.arange(20).reshape(2, 10) < unknown
    guess = replace(two, X=np.where(mask, 0.0, two.X))

    found = model_inversion.missing_cells(model, known, guess, unknown=mask, strength=1)

    assert (np.abs(found - two.X).max() < 1e-4) == back
    np.testing.assert_array_equal(found[~mask], two.X[~mask])


def test_a_loose_solver_blurs_the_closed_form(patients):
    victim = Victim.trained(models.softmax(tolerance=1e-4), patients[0], seed=0)

    found = missed(victim, model_inversion.missing_row, strength=1)

    assert np.median(found.responses["error"]) > 0.1


def test_a_tight_run_of_the_loose_solver_is_the_exact_one(patients):
    rows = patients[0]
    loose = models.softmax(tolerance=1e-10)(rows, seed=0)

    exact = models.softmax()(rows, seed=0)

    np.testing.assert_allclose(loose.logits(rows.X), exact.logits(rows.X), atol=1e-3)


def test_running_a_loose_training_again_gives_patients_back(patients):
    victim = Victim.trained(models.softmax(tolerance=1e-4), patients[0], seed=0)

    found = missed(
        victim,
        model_inversion.missing_row_rerun,
        targets=range(4),
        recipe=victim.recipe,
        seed=0,
    )

    assert found.at("given back", 0) >= 0.25


# ---------------------------------------------------------------- a class


def test_prototypes_are_recognised(reader, recogniser, digits):
    labels, brush = np.arange(10), model_inversion.brush((8, 8))

    images = model_inversion.prototypes(reader.model, labels, brush=brush)

    assert np.mean(recogniser.predict(images) == labels) >= 0.9


def test_prototypes_are_recognised_from_answers_alone_within_the_budget(
    reader, recogniser
):
    labels, brush = np.arange(10), model_inversion.brush((8, 8))
    oracle = reader.oracle(budget=40 * 60 * 10)

    images = model_inversion.prototypes_asked(
        oracle, labels, brush=brush, steps=60, seed=0
    )

    assert np.mean(recogniser.predict(images) == labels) >= 0.8
    assert oracle.left == 0


def test_labels_alone_are_enough_for_who_looks_further(reader, recogniser):
    ways = dict.fromkeys(
        ["near", "far"], lambda v: Oracle(muting.top_label(v.transport))
    )

    found = model_inversion.judge_queries(
        [reader], ways, recogniser, steps=[60], reach={"near": 0.05, "far": 0.5}, seed=0
    )

    assert found.at("far", 2400) >= found.at("near", 2400) + 0.3


def test_a_prototype_is_nobody(reader, digits):
    strangers = digits[1].split(len(digits[0]) / len(digits[1]), seed=0)[0]

    found = model_inversion.judge_person([reader] * 10, strangers)

    inside, outside = found.scores["likeness to the nearest"]
    assert abs(inside.mean() - outside.mean()) < 0.05


def test_the_judge_of_persons_sees_one_where_there_is_one(digits, monkeypatch):
    rows, others = digits
    victim = Victim.trained(models.softmax(), rows, seed=0)
    firsts = np.array([rows.X[np.argmax(rows.y == k)] for k in range(10)])
    monkeypatch.setattr(model_inversion.judges, "prototypes", lambda *_, **__: firsts)

    found = model_inversion.judge_person([victim] * 10, others)

    assert found.found("likeness to the nearest", false_alarms=0.01) == 1


def test_a_brush_of_the_images_own_size_paints_pixels():
    np.testing.assert_array_equal(model_inversion.brush((8, 8)), np.eye(64))


def test_a_brush_paints_a_flat_grey_flat():
    flat = np.full(64, 0.3) @ model_inversion.brush((28, 28))

    np.testing.assert_allclose(flat, 0.3)


# ---------------------------------------------------------------- a shared update


def test_one_row_comes_back_from_its_update_exactly(network, digits):
    for place in range(20):
        sent = network.slope(digits[1].X[[place]], digits[1].y[[place]])

        for read in (
            model_inversion.row_from_update,
            model_inversion.row_from_all_units,
        ):
            np.testing.assert_allclose(read(sent), digits[1].X[place], atol=1e-9)


def test_two_rows_in_one_update_are_not_one_of_them(network, digits):
    rows = digits[1].take([0, 1])

    found = model_inversion.row_from_all_units(network.slope(rows.X, rows.y))

    assert abs(found - rows.X).max(axis=1).min() > 0.05


def test_who_uses_all_gets_whole_batches_and_the_trap_more_of_large_ones(digits):
    begun = models.network(hidden=64, steps=1).many([digits[0]] * 3, seeds=range(3))

    found = model_inversion.judge_batches(begun, digits[1], batches=[1, 8, 32], seed=0)

    assert found.at("unit by unit", 1) == 1
    assert found.at("all that it has", 8) == 1
    assert found.at("sends a trap", 8) > found.at("unit by unit", 8)
    assert found.at("sends a trap", 32) > found.at("all that it has", 32)


@pytest.fixture(scope="module", params=range(3))
def random_layers(request):
    """A network of random weights, rows of noise and what a batch of six sends."""
    rng = np.random.default_rng(request.param)
    sizes = (20, 60, 10)
    layers = [
        (rng.standard_normal((d, k)) / np.sqrt(d), rng.standard_normal(k) / 10)
        for d, k in pairwise(sizes)
    ]
    model = models.Network(tuple(layers))
    rows = rng.standard_normal((200, 20))
    return model, rows, model.slope(rows[:6], rng.integers(10, size=6))


def test_both_give_back_a_batch_of_noise_through_random_layers(random_layers):
    model, rows, sent = random_layers
    drawn = model_inversion.rows_sampled(sent, model, tries=3000, seed=0)
    mended = model_inversion.rows_from_batch(sent, model, rows[100:], tries=300, seed=0)

    for found in (drawn, mended):
        assert len(found) == 6
        assert model_inversion.recovered(found, rows[:6], within=1e-6).all()


def test_nobody_is_given_back_from_more_rows_than_units(digits):
    narrow = models.network(hidden=8, steps=1)(digits[0], seed=0)
    batch, own = digits[1].take(slice(40)), digits[1].X[100:]
    sent = narrow.slope(batch.X, batch.y)

    drawn = model_inversion.rows_sampled(sent, narrow, tries=500, seed=0)
    mended = model_inversion.rows_from_batch(sent, narrow, own, tries=100, seed=0)

    for found in (drawn, mended):
        assert not model_inversion.recovered(found, batch.X).any()


def test_rows_that_were_not_sent_are_not_recovered(network, digits):
    rows = digits[1].take(slice(4))

    found = model_inversion.rows_from_update(network.slope(rows.X, rows.y))

    assert not model_inversion.recovered(found, digits[1].X[10:]).any()
    assert not model_inversion.recovered(np.empty((0, 64)), rows.X).any()


def test_clipping_hides_nothing(network, digits):
    sent = network.slope(digits[1].X[:1], digits[1].y[:1])

    cut = releasing.clipped(sent, most=1e-4)

    found = model_inversion.row_from_update(cut)
    np.testing.assert_allclose(found, digits[1].X[0], atol=1e-9)


def test_noise_hides_the_row_from_one_round_but_not_from_a_hundred(digits):
    begun = models.network(hidden=64, steps=1)(digits[0], seed=0)

    def blurred(sent, seed):
        return releasing.noised(releasing.clipped(sent, most=1), scale=0.1, seed=seed)

    found = model_inversion.judge_noise(
        begun, digits[1], {0.1: blurred}, repeats=5, seed=0, dose_name="noise"
    )

    assert found.at("one round", 0.1) < 0.5
    assert found.at("a hundred rounds", 0.1) > 0.9


# ---------------------------------------------------------------- noise on the weights


@pytest.fixture(scope="module")
def short(patients):
    return [releasing.bounded(part, most=5) for part in patients]


def test_without_noise_the_patient_comes_back_through_the_private_recipe(short):
    recipe = releasing.OutputPerturbed(strength=3, epsilon=np.inf)

    found = missed(
        Victim.trained(recipe, short[0], seed=0),
        model_inversion.missing_row,
        strength=12,
        bias=12,
    )

    assert np.median(found.responses["error"]) < 1e-6
    assert found.at("label told", 0) == 1


def test_who_reckons_with_the_noise_finds_the_patient_or_falls_back(short):
    rows, others = short
    exact = releasing.OutputPerturbed(strength=3, epsilon=np.inf)
    means = np.array([others.X[others.y == y].mean(axis=0) for y in (0, 1)])
    guess = abs(means[rows.y[:6]] - rows.X[:6]).max(axis=1)

    errors = []
    for epsilon in (10, 1e7):
        recipe = releasing.OutputPerturbed(strength=3, epsilon=epsilon)
        victim = Victim.trained(recipe, rows, seed=0)
        spread = np.sqrt(12) / (3 * epsilon)
        found = missed(
            victim,
            model_inversion.missing_row_noised,
            targets=range(6),
            background=others,
            exact=exact,
            counts=np.bincount(rows.y),
            spread=spread,
        )
        errors.append(np.median(found.responses["error"]))

    assert errors[0] < 1.2 * np.median(guess)
    assert errors[1] < 0.3 * np.median(guess)


def test_the_best_attacker_stays_below_what_epsilon_allows(short):
    recipes = {e: releasing.OutputPerturbed(strength=3, epsilon=e) for e in (0.1, 300)}
    exact = releasing.OutputPerturbed(strength=3, epsilon=np.inf)

    found = model_inversion.judge_epsilon(
        recipes, exact, *short, targets=range(8), draws=10, seed=0
    )

    told, most = found.responses["best attacker"], found.responses
    assert told[0].mean() <= most["the most that ε allows"][0, 0] + 0.15
    assert found.at("best attacker", 300) > 0.9
    assert found.at("right diagnoses", 300) > found.at("right diagnoses", 0.1)


def test_a_row_is_looked_for_from_the_people_with_its_label(monkeypatch):
    rows, starts = data.clinic().take(slice(30)), []

    def looked(gap, start, **given):
        starts.append(start)
        return SimpleNamespace(cost=1, x=start)

    module = import_module("foible.attacks.model_inversion.missing_row")
    monkeypatch.setattr(module, "least_squares", looked)
    model = models.as_network(models.softmax()(rows, seed=0))
    model_inversion.missing_row_rerun(model, rows, models.softmax(), seed=0)

    means = [rows.X[rows.y == label].mean(axis=0) for label in (0, 1)]
    np.testing.assert_array_equal(starts, means)
