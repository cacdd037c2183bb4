from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from foible import cast, data, models, serving
from foible.attacks import model_stealing
from foible.attacks.model_stealing import ON_ROWS, RIGHT, kinks, paths
from foible.attacks.model_stealing.draws import STEP, Harvest
from foible.attacks.model_stealing.paths import numbers, places
from foible.defences import muting, watching
from foible.errors import BadInput, BudgetExceeded
from foible.judging.thefts import Theft
from foible.metrics import agreement
from foible.oracle import Oracle
from foible.victim import TextVictim, Victim


@pytest.fixture(scope="module")
def clinic():
    return data.clinic().split(0.5, seed=0)


@pytest.fixture(scope="module")
def regression(clinic):
    recipe = models.standardised(models.logistic())
    return Victim.trained(recipe, clinic[0], seed=0)


@pytest.fixture(scope="module")
def digits():
    owned, rest = data.digits().split(0.4, seed=0)
    return owned, *rest.split(0.5, seed=0)


@pytest.fixture(scope="module")
def reader(digits):
    return Victim.trained(models.network(hidden=12, steps=100), digits[0], seed=0)


@pytest.fixture(scope="module")
def bank():
    role = cast.bank()
    return role.victim(seed=42), role.aside, role.judged


@pytest.fixture(scope="module")
def diabetes():
    owned, rest = data.diabetes().split(0.5, seed=0)
    return Victim.trained(models.tree(depth=5), owned, seed=0), rest


def uniform_rows(X, count=2000):
    return np.random.default_rng(0).uniform(X.min(0), X.max(0), (count, X.shape[1]))


# ---------------------------------------------------------------- linear models


def test_d_plus_one_answers_give_a_logistic_regression(regression):
    oracle = regression.oracle(budget=31)

    copy = model_stealing.by_equations(oracle, model_stealing.simplex(30))

    assert oracle.left == 0
    for solved, true in zip(copy.layers[0], regression.model.layers[0], strict=True):
        np.testing.assert_allclose(solved, true, atol=1e-10, rtol=0)


def test_d_answers_do_not(regression):
    copy = model_stealing.by_equations(
        regression.oracle(), model_stealing.simplex(30)[:-1]
    )

    off = abs(copy.layers[0][0] - regression.model.layers[0][0]).max()
    assert off > 1e-3


def test_any_rows_in_general_position_do(regression, clinic):
    few = np.random.default_rng(0).normal(size=(40, 30))

    copy = model_stealing.by_equations(regression.oracle(), few)

    X = clinic[1].X
    np.testing.assert_array_equal(copy.predict(X), regression.model.predict(X))


def test_a_softmax_regression_is_solved_all_classes_at_once(digits):
    victim = Victim.trained(models.softmax(), digits[0], seed=0)

    copy = model_stealing.by_equations(victim.oracle(), model_stealing.simplex(64))

    np.testing.assert_allclose(
        copy.predict_proba(digits[2].X),
        victim.model.predict_proba(digits[2].X),
        atol=1e-9,
    )


def test_labels_alone_give_no_equation(regression):
    oracle = Oracle(muting.top_label(regression.transport))

    with pytest.raises(BadInput, match="by_bisection"):
        model_stealing.by_equations(oracle, model_stealing.simplex(30))


@pytest.mark.parametrize("seed", range(8))
def test_labels_alone_give_the_boundary(regression, clinic, seed):
    rows = clinic[1].X[:60]
    oracle = regression.oracle(answers="label")

    copy = model_stealing.by_bisection(oracle, rows, steps=50, seed=seed)

    spread = rows.std(axis=0)
    one, other = (m.layers[0][0][:, 1] * spread for m in (copy, regression.model))
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert oracle.asked == 60 + 50 * 30
    assert cosine > 1 - 1e-9
    X = uniform_rows(clinic[1].X)
    assert agreement(copy.predict(X), regression.model.predict(X)) == 1


def test_labels_of_too_few_rows_are_refused_unasked(clinic, regression):
    oracle = regression.oracle(answers="label")

    with pytest.raises(BadInput, match="got 30 rows; wanted 31"):
        model_stealing.by_bisection(oracle, clinic[1].X[:30], seed=0)
    assert oracle.asked == 0


def test_rows_near_the_boundary_are_near_it(regression, clinic):
    oracle = regression.oracle()

    X = model_stealing.near_boundary(oracle, clinic[1].X, count=500, reach=0.01, seed=0)

    told = regression.oracle().ask(X)
    assert X.shape == (500, 30)
    assert abs(told[:, 0] - 0.5).max() < 0.1
    assert oracle.asked == len(clinic[1]) + 30


def test_rounding_averages_out(regression, clinic):
    ways = {"1 decimal": muting.rounded(regression.transport, decimals=1)}

    found = model_stealing.judge_averaging(
        regression, ways, clinic[1].X, budgets=[100, 6400], repeats=3, seed=0
    )

    ratio = found.at("1 decimal", 100) / found.at("1 decimal", 6400)
    assert 4 < ratio < 16  # eight, if the error falls as one over the square root


def test_answers_in_full_need_no_averaging(regression, clinic):
    found = model_stealing.judge_averaging(
        regression,
        {"in full": regression.transport},
        clinic[1].X,
        budgets=[100],
        repeats=1,
        seed=0,
    )

    assert found.at("in full", 100) < 1e-8


# ---------------------------------------------------------------- trees


def test_places_count_the_float32_numbers():
    X = np.array([-1e30, -1.0, -1e-45, 0.0, 1e-45, 0.1, 1.0, 1e30])

    found = places(X)

    assert (np.diff(found) > 0).all()
    assert found[[2, 3, 4]].tolist() == [-1, 0, 1]
    np.testing.assert_array_equal(numbers(found), np.float32(X))


def test_every_leaf_of_a_regression_tree_is_found(diabetes):
    victim, rest = diabetes

    copy = model_stealing.by_paths(victim.oracle(answers="values"), columns=10, seed=0)

    assert len(copy.answers) == victim.model.get_n_leaves()
    for X in (rest.X, uniform_rows(rest.X)):
        np.testing.assert_array_equal(copy.predict(X), victim.model.predict(X))


def test_the_edges_are_the_trees_own_thresholds(diabetes):
    victim, _ = diabetes
    copy = model_stealing.by_paths(victim.oracle(answers="values"), columns=10, seed=0)

    inner = victim.model.tree_.children_left >= 0
    for column in range(10):
        own = victim.model.tree_.threshold[
            inner & (victim.model.tree_.feature == column)
        ]
        tops = np.unique(numbers(copy.high[:, column]))[:-1]
        np.testing.assert_allclose(tops, np.unique(own), rtol=1e-6)


def test_a_walk_in_a_box_asks_nothing_outside_and_finds_all_inside(diabetes):
    victim, rest = diabetes
    box = rest.X.min(axis=0), rest.X.max(axis=0)
    log = []
    way = watching.journal(models.transport(victim.model, answers="values"), log=log)

    leaves = model_stealing.by_paths(Oracle(way, answers="values"), 10, box=box, seed=0)

    asked = np.vstack(log)
    X = uniform_rows(rest.X)
    assert not watching.outside(asked, *box).any()
    np.testing.assert_array_equal(leaves.predict(X), victim.model.predict(X))


def test_refusals_show_the_box_that_is_answered(diabetes):
    victim, rest = diabetes
    low, high = rest.X.min(axis=0) - 0.5, rest.X.max(axis=0) + 2
    way = watching.ranged(
        models.transport(victim.model, answers="values"), low=low, high=high
    )

    found = model_stealing.answered_box(Oracle(way, answers="values"), rest.X[0])

    for edge, true in zip(found, (low, high), strict=True):
        np.testing.assert_allclose(edge, true, rtol=1e-6)
    assert (found[0] >= low).all() and (found[1] <= high).all()


def test_corners_tell_leaves_of_one_answer_apart(clinic, monkeypatch):
    victim = Victim.trained(models.tree(depth=6), clinic[0], seed=0)
    X = uniform_rows(clinic[1].X)
    told = np.unique(victim.model.predict_proba(clinic[0].X), axis=0)
    assert len(told) < victim.model.get_n_leaves()

    def agreed():
        oracle = victim.oracle(budget=50_000)
        copy = model_stealing.by_paths(oracle, columns=30, seed=0)
        return agreement(copy.predict(X), victim.model.predict(X))

    assert agreed() == 1
    monkeypatch.setattr(paths, "_cut", lambda oracle, leaf, *rest: leaf)
    assert agreed() < 0.95


def test_a_classification_tree_without_ties_is_found():
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(400, 3))
    y = (rng.random(400) < (1 + np.floor(8 * X[:, 0])) / 9).astype(int)
    rows = data.Dataset("steps", X, y, ("a", "b", "c"), ("no", "yes"), "drawn")
    victim = Victim.trained(models.tree(depth=3, leaf=20), rows, seed=0)
    told = np.unique(victim.model.predict_proba(X), axis=0)
    assert len(told) == victim.model.get_n_leaves()  # no two leaves alike

    copy = model_stealing.by_paths(victim.oracle(), columns=3, seed=0)

    fresh = rng.uniform(size=(2000, 3))
    np.testing.assert_array_equal(copy.predict(fresh), victim.model.predict(fresh))


# ---------------------------------------------------------------- networks


@pytest.mark.parametrize("answers", ["values", "probabilities"])
def test_a_network_of_one_hidden_layer_is_found_exactly(digits, reader, answers):
    _, own, judged = digits
    oracle = reader.oracle(answers=answers, budget=20_000)
    if answers == "probabilities":
        oracle = Oracle(model_stealing.log_odds(oracle.ask), answers="values")

    copy = model_stealing.by_kinks(oracle, own.X, seed=0)

    for X in (judged.X, uniform_rows(judged.X)):
        told = copy.predict_proba(X)
        np.testing.assert_allclose(told, reader.model.predict_proba(X), atol=1e-6)
        assert agreement(copy.predict(X), reader.model.predict(X)) == 1


def test_the_copy_has_a_pair_of_units_for_each_of_the_victims(digits, reader):
    copy = model_stealing.by_kinks(reader.oracle(answers="values"), digits[1].X, seed=0)

    assert len(copy.layers[0][1]) == 2 * 12 + 2 * 10


def test_kinks_in_a_box_are_asked_for_inside_and_give_the_same_answers(digits, reader):
    low, high = np.zeros(64), np.ones(64)
    way = models.transport(reader.model, answers="values")
    guarded = Oracle(watching.ranged(way, low=low, high=high), answers="values")

    copy = model_stealing.by_kinks(guarded, digits[1].X, box=(low, high), seed=0)

    X = np.random.default_rng(0).uniform(size=(500, 64))
    assert agreement(copy.predict(X), reader.model.predict(X)) == 1
    unread = digits[2].X
    assert agreement(copy.predict(unread), reader.model.predict(unread)) > 0.99
    close = abs(copy.logits(unread) - reader.model.logits(unread)).max(axis=1) < 1e-4
    assert close.mean() > 0.9


def test_a_linear_model_has_no_kink(digits):
    victim = Victim.trained(models.softmax(), digits[0], seed=0)

    with pytest.raises(BadInput, match="without a kink"):
        model_stealing.by_kinks(victim.oracle(answers="values"), digits[1].X, seed=0)


def float32(network):
    """The logits of a network as float32 has them."""

    def told(X):
        layers = [[side.astype(np.float32) for side in one] for one in network.layers]
        values = X.astype(np.float32)
        for weight, bias in layers[:-1]:
            values = np.maximum(values @ weight + bias, 0)
        return (values @ layers[-1][0] + layers[-1][1]).astype(np.float64)

    return told


@pytest.mark.parametrize(
    ("answers", "message", "most"),
    [
        (float32, "straight on no piece of a line", 1000),
        (lambda network: lambda X: network.logits(X).round(6), "on no piece", 1000),
    ],
)
def test_answers_that_are_bent_everywhere_are_known_soon(
    digits, reader, answers, message, most
):
    oracle = Oracle(answers(reader.model), answers="values", budget=most)

    with pytest.raises(BadInput, match=message):
        model_stealing.by_kinks(oracle, digits[1].X, seed=0)


@pytest.mark.parametrize("hidden", [(4, 4), (16, 16), (64, 4), (64, 32)])
@pytest.mark.parametrize("boxed", [False, True])
def test_a_deeper_network_is_refused_after_a_few_lines(digits, hidden, boxed):
    deep = models.network(hidden=hidden, steps=150)(digits[0], seed=0)
    oracle = models.oracle(deep, answers="values", budget=50_000)
    box = (np.zeros(64), np.ones(64)) if boxed else None

    with pytest.raises(BadInput, match="wanted a network of one hidden layer, not a d"):
        model_stealing.by_kinks(oracle, digits[1].X, box=box, seed=0)


def test_a_copy_that_does_not_fit_the_answers_is_refused(digits, reader, monkeypatch):
    monkeypatch.setattr(kinks, "CROSSED", np.inf)
    deep = models.network(hidden=(8, 8), steps=150)(digits[0], seed=0)

    with pytest.raises(BadInput, match="the copy is off by"):
        model_stealing.by_kinks(
            models.oracle(deep, answers="values"), digits[1].X, seed=0
        )


def test_two_kinks_are_not_taken_for_one_on_the_first_piece():
    def bent(t):  # the first and the last piece come nearest each other at -3
        first, second = np.maximum(t - 1, 0), np.maximum(t - 2, 0)
        return np.stack([first - 0.9 * second, 0.1 * second], axis=1)

    np.testing.assert_allclose(sorted(kinks._kinks(bent, -50.0, 50.0)), [1, 2])


def test_rounded_probabilities_hide_the_kinks(digits, reader):
    muted = muting.rounded(reader.transport, decimals=1)
    oracle = Oracle(model_stealing.log_odds(muted), answers="values", budget=50_000)

    with pytest.raises((BadInput, BudgetExceeded)):
        model_stealing.by_kinks(oracle, digits[1].X, seed=0)


def test_the_width_in_use_is_the_rank_of_the_logits():
    rng = np.random.default_rng(0)
    layers = [
        (rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in [(6, 4), (4, 9)]
    ]
    net = models.Network(tuple(layers))

    width, gap = model_stealing.hidden_width(net.logits(rng.normal(size=(100, 6))))

    assert width == 4
    assert gap > 1e6


def test_fewer_answers_than_classes_are_no_gap_by_being_centred():
    rng = np.random.default_rng(0)

    width, _ = model_stealing.hidden_width(rng.normal(size=(20, 50)))

    assert width < 19


@pytest.fixture(scope="module")
def writer():
    texts = data.help_texts(words=80).packed(12)
    recipe = models.language(width=8, layers=1, heads=2, context=12, steps=5, batch=8)
    return TextVictim.trained(recipe, texts, seed=0)


def test_five_words_and_a_bias_tell_all_logits(writer):
    texts = [np.array([3, 4, 5]), np.array([7, 8])]
    logits = writer.model.logits(texts)
    oracle = writer.oracle(answers="top", top=5, biased=True)

    told = model_stealing.through_top(oracle, texts, words=writer.model.words)

    np.testing.assert_allclose(told, logits - logits[:, :1], atol=1e-5)
    assert oracle.asked == 2 * -(-(writer.model.words - 1) // 4)


def test_a_bias_that_lifts_too_little_is_refused(writer):
    oracle = writer.oracle(answers="top", top=5, biased=True)

    with pytest.raises(BadInput, match="wanted a larger one"):
        model_stealing.through_top(
            oracle, [np.array([3, 4])], words=writer.model.words, bias=1e-9
        )


def test_logits_span_the_matrix_that_made_them_and_lots_do_not(writer):
    rng = np.random.default_rng(0)
    texts = [*rng.integers(2, writer.model.words, (60, 4))]
    matrix = writer.model.weights()["words"].astype(float)

    found = model_stealing.projection(writer.model.logits(texts), width=8)
    lots = model_stealing.projection(rng.normal(size=(60, len(matrix))), width=8)

    assert model_stealing.missed(found, matrix) < 1e-9
    assert model_stealing.missed(found @ rng.normal(size=(8, 8)), matrix) < 1e-9
    assert model_stealing.missed(lots, matrix) > 0.5


def test_a_wide_network_shows_no_gap(digits):
    victim = Victim.trained(models.network(hidden=32, steps=50), digits[0], seed=0)

    _, gap = model_stealing.hidden_width(victim.values(digits[1].X))

    assert gap < 1e3


# ---------------------------------------------------------------- learned copies


def test_a_copy_learns_more_from_more_answers(digits, reader):
    _, own, judged = digits

    found = model_stealing.judge_learned(
        reader,
        reader.transport,
        own,
        judged,
        models.network(hidden=32, steps=100),
        budgets=[20, 400],
        repeats=2,
        seed=0,
    )

    assert found.at(ON_ROWS, 400) > 0.9 > 0.8 > found.at(ON_ROWS, 20)
    assert found.at(RIGHT, 400) > 0.85


def test_over_http_and_in_process_the_curve_is_the_same(bank):
    victim, own, judged = bank

    def curve(way):
        return model_stealing.judge_learned(
            victim,
            way,
            own,
            judged,
            models.forest(trees=10),
            draw=model_stealing.active,
            budgets=[50, 150],
            repeats=2,
            seed=0,
        )

    with serving.serve(victim.model) as url:
        over_http = curve(serving.remote(url))

    in_process = curve(victim.transport)
    for name, values in in_process.responses.items():
        np.testing.assert_array_equal(over_http.responses[name], values)


def test_six_hundred_labels_copy_the_bank(bank):
    victim, own, judged = bank

    copies = model_stealing.harvested(
        victim.oracle(budget=600, answers="label"),
        own,
        models.forest(trees=40),
        draw=model_stealing.active,
        budgets=[25, 50, 100, 200, 400, 600],
        seed=0,
    )

    said = victim.model.predict(judged.X)
    assert agreement(copies[-1].predict(judged.X), said) >= 0.98


def test_natural_questions_are_the_thiefs_own_rows_each_once(digits):
    pool = digits[1].X
    harvest = Harvest(pool, pool[:5], np.zeros(5, int), None)

    rows = model_stealing.natural(harvest, 7, np.random.default_rng(0))

    np.testing.assert_array_equal(rows, pool[5:12])


def test_active_questions_are_those_of_which_the_copy_is_least_sure(digits, reader):
    pool = digits[1].X
    harvest = Harvest(pool, pool[:5], np.zeros(5, int), lambda: reader.model)
    rng = np.random.default_rng(0)

    rows = model_stealing.active(harvest, 50, rng)

    def margin(X):
        ranked = np.sort(reader.model.predict_proba(X), axis=1)
        return ranked[:, -1] - ranked[:, -2]

    assert margin(rows).max() < np.quantile(margin(pool), 0.2)


@pytest.mark.parametrize("owned", [30, 400])
def test_active_questions_are_never_asked_twice(digits, reader, owned):
    pool = np.repeat(digits[1].X[:owned], 2, axis=0)
    harvest = Harvest(pool, pool[::2][:30], np.zeros(30, int), lambda: reader.model)

    rows = model_stealing.active(harvest, 500, np.random.default_rng(0))

    everything = np.vstack([harvest.X, rows])
    assert len(np.unique(everything, axis=0)) == 30 + 500


def test_jacobian_questions_are_a_step_from_those_asked(digits, reader):
    pool = digits[1].X
    harvest = Harvest(pool, pool[:1], digits[1].y[:1], lambda: reader.model)

    rows = model_stealing.jacobian(harvest, 3, np.random.default_rng(0))

    assert rows.shape == (3, 64)
    assert 0 < abs(rows - pool[0]).max() <= STEP + 1e-12
    assert rows.min() >= 0


def test_a_thief_who_hears_one_answer_copies_it(digits):
    copies = model_stealing.harvested(
        Oracle(lambda X: np.eye(10)[np.full(len(X), 7)], answers="label"),
        digits[1],
        models.softmax(),
        draw=model_stealing.natural,
        budgets=[10],
        seed=0,
    )

    assert set(copies[0].predict(digits[2].X)) == {7}


def test_probabilities_are_learned_in_shares(digits):
    learned = []

    class Spy:
        def __call__(self, rows, *, seed):
            learned.append(rows)
            return models.softmax()(rows, seed=seed)

    told = np.array([0.62, 0.38, *[0.0] * 8])
    model_stealing.harvested(
        Oracle(lambda X: np.tile(told, (len(X), 1))),
        digits[1],
        Spy(),
        draw=model_stealing.natural,
        budgets=[4],
        seed=0,
    )

    assert np.bincount(learned[0].y).tolist() == [4 * 3, 4 * 2]
    assert len(np.unique(learned[0].X, axis=0)) == 4


def test_a_network_learns_probabilities_and_no_copies_of_rows(digits, reader):
    _, thiefs, fresh = digits
    recipe = models.network(hidden=32, steps=200)

    class Labels:  # the same, which knows labels only
        def __call__(self, rows, *, seed):
            return recipe(rows, seed=seed)

    def agrees(recipe, seed):
        settings = {"draw": model_stealing.natural, "budgets": [100], "seed": seed}
        copy = model_stealing.harvested(reader.oracle(), thiefs, recipe, **settings)[0]
        return np.mean(copy.predict(fresh.X) == reader.model.predict(fresh.X))

    softly, in_fifths = (
        np.mean([agrees(one, seed) for seed in range(3)]) for one in (recipe, Labels())
    )

    assert softly > in_fifths + 0.01


def test_a_grid_runs_through_every_combination():
    rows = model_stealing.grid(
        ("a", "b", "c"), fixed={"b": 5}, over={"a": (1, 2), "c": (7, 8, 9)}
    )

    assert rows.tolist() == [[a, 5, c] for a in (1, 2) for c in (7, 8, 9)]


def test_a_grid_says_which_column_has_no_value():
    with pytest.raises(BadInput, match="'b'"):
        model_stealing.grid(("a", "b"), fixed={}, over={"a": (1, 2)})


def test_accounts_take_turns_and_answers_keep_their_order():
    heard = [0, 0, 0]

    def account(i):
        def answered(X):
            heard[i] += len(X)
            return np.column_stack([X[:, 0], 1 - X[:, 0]])

        return answered

    way = model_stealing.shared([account(i) for i in range(3)])
    X = np.linspace(0, 1, 10)[:, np.newaxis]

    answers = np.vstack([way(X[:4]), way(X[4:5]), way(X[5:])])

    np.testing.assert_array_equal(answers[:, 0], X[:, 0])
    assert sorted(heard) == [3, 3, 4]


# ---------------------------------------------------------------- the judges


def test_a_perfect_copy_picks_everybody(bank):
    victim, _, judged = bank

    found = model_stealing.judge_picks(
        victim, {"itself": victim.model}, judged, label=1
    )
    near = model_stealing.judge_near(
        victim, {"itself": victim.model}, judged, within=0.1
    )

    assert found.found("itself", false_alarms=0.01) == 1
    assert near.found("itself", false_alarms=0.01) == 1


def test_a_copy_of_nothing_picks_nobody(bank, digits):
    victim, _, judged = bank
    blind = models.Network(((np.zeros((10, 2)), np.zeros(2)),))

    found = model_stealing.judge_picks(victim, {"blind": blind}, judged, label=1)

    assert found.found("blind", false_alarms=0.01) == 0


def test_the_exact_judge_counts_queries_and_agreement(regression, clinic):
    def steal(oracle):
        return model_stealing.by_equations(oracle, model_stealing.simplex(30))

    theft = Theft(regression, "probabilities", steal, clinic[1].X)

    found = model_stealing.judge_exact({"theft": theft}, seed=0)

    assert [cell.value for cell in found.cells[0]] == [31, 1, 1]
    assert found.count("harm") == 2


def test_the_judge_of_muting_says_how_each_theft_ends(regression, clinic):
    def steal(oracle):
        return model_stealing.by_equations(oracle, model_stealing.simplex(30))

    thefts = {"theft": Theft(regression, "probabilities", steal, clinic[1].X)}
    mutings = {"in full": lambda way: way, "top label": muting.top_label}

    found = model_stealing.judge_muted(thefts, mutings, budget=31)
    poor = model_stealing.judge_muted(thefts, mutings, budget=30)

    assert found.value("theft", "in full") == 1
    assert found.cell("theft", "top label").value == "unsolvable"
    assert set(poor.table().loc["theft"]) == {"over budget"}


def test_a_muting_stops_nothing_that_falls_short_without_it(digits, reader):
    def guess(oracle):
        return models.network(hidden=1, steps=1)(digits[1], seed=0)

    poor = Theft(reader, "probabilities", guess, digits[2].X)

    found = model_stealing.judge_muted(
        {"poor": poor}, {"one": partial(muting.rounded, decimals=1)}, budget=10
    )

    assert found.value("poor", "one") < 0.5
    assert found.cell("poor", "one").outcome == "no attack"


def test_the_judge_of_a_check_shows_both_thieves(regression, clinic):
    low, high = clinic[0].X.min(axis=0), clinic[0].X.max(axis=0)
    middle = np.median(clinic[1].X, axis=0)
    rows = clinic[1].X[~watching.outside(clinic[1].X, low, high)]
    blind = partial(model_stealing.by_equations, X=model_stealing.simplex(30))
    wise = partial(
        model_stealing.by_equations,
        X=middle + 0.1 * (high - low) * model_stealing.simplex(30),
    )
    both = [Theft(regression, "probabilities", steal, rows) for steal in (blind, wise)]

    found = model_stealing.judge_checked(
        {"logistic": tuple(both)},
        {"logistic": partial(watching.ranged, low=low, high=high)},
        seed=0,
    )

    refused, asked, on_rows, on_box = (found.cell("logistic", c) for c in found.columns)
    assert (refused.value, refused.outcome) == ("refused", "stopped")
    assert (asked.value, on_rows.value, on_box.value) == (31, 1, 1)


def test_the_labels_of_the_thiefs_rows_are_not_looked_at(digits, reader):
    _, own, judged = digits

    def said(rows):
        copies = model_stealing.harvested(
            reader.oracle(answers="label"),
            rows,
            models.softmax(),
            draw=model_stealing.natural,
            budgets=[100],
            seed=0,
        )
        return copies[0].predict(judged.X)

    np.testing.assert_array_equal(said(own), said(replace(own, y=(own.y + 1) % 10)))


def test_where_two_units_switch_at_once_there_is_no_plane():
    one, two = np.eye(3)[0], np.eye(3)[1]

    def told(X):
        return (
            np.maximum(X @ one, 0)[:, None] * one
            + np.maximum(X @ two, 0)[:, None] * two
        )

    search = SimpleNamespace(told=told, edge=1.0)
    way = np.array([0.6, 0.6, 0.5])

    assert kinks._plane(search, np.zeros(3), way) is None


def test_a_leaf_and_what_is_left_around_it_are_the_whole_box():
    low, high = np.array([0, 0]), np.array([9, 9])
    leaf = paths._Leaf(np.array([2, 4]), np.array([5, 6]), 0)

    boxes = [(leaf.low, leaf.high), *paths._around(leaf, low, high)]

    seen = np.zeros((10, 10), int)
    for (a, b), (c, d) in boxes:
        seen[a : c + 1, b : d + 1] += 1
    assert (seen == 1).all()
