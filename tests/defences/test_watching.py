from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import stats

from foible import data, models
from foible.attacks import model_stealing
from foible.defences import watching
from foible.errors import BadInput, ServiceRefused
from foible.metrics import accuracy
from foible.oracle import Oracle
from foible.victim import Victim

RECIPE = models.network(hidden=48, steps=150)


@pytest.fixture(scope="module")
def digits():
    owned, rest = data.digits().split(0.4, seed=0)
    return owned, *rest.split(0.5, seed=0)


@pytest.fixture(scope="module")
def victim(digits):
    return Victim.trained(RECIPE, digits[0], seed=0)


@pytest.fixture(scope="module")
def secret(digits):
    return watching.keys(digits[0], 20, seed=1)


@pytest.fixture(scope="module")
def marked(victim, secret):
    return watching.watermarked(victim, secret)


def learned(victim, own, *, draw=model_stealing.natural, seed=0):
    return model_stealing.harvested(
        victim.oracle(answers="label"), own, RECIPE, draw=draw, budgets=[400], seed=seed
    )[0]


# ---------------------------------------------------------------- while it happens


def test_a_journal_changes_no_answer_and_keeps_every_question(victim, digits):
    log = []
    way = watching.journal(victim.transport, log=log)

    answers = way(digits[1].X[:7])
    way(digits[1].X[7:9])

    np.testing.assert_array_equal(answers, victim.transport(digits[1].X[:7]))
    np.testing.assert_array_equal(np.vstack(log), digits[1].X[:9])


def test_a_quota_answers_so_many_rows_and_not_one_more(victim, digits):
    way = watching.quota(victim.transport, most=10)
    X = digits[1].X

    answers = np.vstack([way(X[:6]), way(X[6:10])])

    np.testing.assert_allclose(answers, victim.transport(X[:10]), rtol=1e-9)
    with pytest.raises(ServiceRefused, match="10 are spent"):
        way(X[:1])


def test_a_request_over_the_quota_is_refused_whole_and_costs_nothing(victim, digits):
    way = watching.quota(victim.transport, most=10)

    with pytest.raises(ServiceRefused):
        way(digits[1].X[:11])

    assert len(way(digits[1].X[:10])) == 10


def published(X, labels, *, patience):
    """The published agent, question by question: what it has seen, when it judges."""
    sets, entered, limit, away = {}, {}, {}, {}
    found = []
    for n, (x, name) in enumerate(zip(X, labels, strict=True), start=1):
        if name not in sets:
            sets[name], entered[name], limit[name], away[name] = [x], [0.0], 0.0, []
        else:
            nearest = min(np.sqrt(((other - x) ** 2).sum()) for other in sets[name])
            away[name].append(nearest)
            if nearest > limit[name]:
                sets[name].append(x)
                entered[name].append(nearest)
                new = np.mean(entered[name]) - np.std(entered[name])
                limit[name] = max(limit[name], new)
        if n % 10 == 0:
            all_ = np.concatenate([a for a in away.values() if len(a) >= 10] or [[]])
            kept = (
                all_[abs(all_ - all_.mean()) <= 3 * all_.std()] if len(all_) else all_
            )
            if len(kept) > patience:
                found.append(stats.shapiro(kept).statistic)
    return found


def test_normality_is_the_least_that_the_published_agent_sees():
    rng = np.random.default_rng(0)
    X, labels = rng.exponential(size=(150, 3)), rng.integers(4, size=150)
    X[70:] *= 2

    found = watching.normality((X, labels), patience=50)

    seen = published(X, labels, patience=50)
    assert len(set(seen)) > 5
    assert found == pytest.approx(min(seen), abs=1e-9)


def test_an_answer_that_is_rare_is_not_judged():
    X = np.random.default_rng(0).normal(size=(60, 3))
    labels = np.repeat([0, 1], [50, 10])
    moved = X.copy()
    moved[50:] *= 1000

    found = [watching.normality((rows, labels), patience=20) for rows in (X, moved)]

    assert found[0] == found[1]


def test_questions_that_step_along_a_line_are_not_natural():
    X = np.outer(np.arange(150), np.ones(4))

    assert watching.normality((X, np.zeros(150, int))) < 0.9


def test_a_limit_for_prada_refuses_the_share_that_was_asked_for(victim, digits):
    rng = np.random.default_rng(0)
    accounts = [rng.choice(digits[1].X, 150, replace=False) for _ in range(40)]

    limit = watching.least_normal(victim.transport, accounts, false_alarms=0.1)

    natural = [watching.normality((X, victim.model.predict(X))) for X in accounts]
    assert np.mean(np.array(natural) < limit) == 0.1
    with pytest.raises(BadInput, match="no account"):
        watching.least_normal(victim.transport, [], false_alarms=0.1)


def test_a_range_check_refuses_a_request_with_one_number_out_of_range(victim, digits):
    X = digits[1].X[:20].copy()
    low, high = np.zeros(X.shape[1]), np.ones(X.shape[1])
    guarded = watching.ranged(victim.transport, low=low, high=high)
    told = guarded(X)
    X[3, 5], X[7, 0] = 1.01, -1e30

    np.testing.assert_array_equal(told, victim.transport(digits[1].X[:20]))
    np.testing.assert_array_equal(
        np.flatnonzero(watching.outside(X, low, high)), [3, 7]
    )
    with pytest.raises(ServiceRefused, match="2 rows"):
        guarded(X)


def test_the_edge_of_the_range_is_inside(victim):
    X = np.array([[0.0, 1.0], [0.5, np.nextafter(1.0, 2)]])

    found = watching.outside(X, np.zeros(2), np.ones(2))

    np.testing.assert_array_equal(found, [False, True])


def test_the_guard_lets_collected_digits_pass(victim, digits):
    guarded = watching.prada(victim.transport, threshold=0.9, patience=100)

    answers = [guarded(digits[1].X[i : i + 50]) for i in range(0, 250, 50)]

    told = victim.transport(digits[1].X[:250])
    np.testing.assert_allclose(np.vstack(answers), told, rtol=1e-9)


def test_the_guard_refuses_digits_moved_by_a_slope(victim, digits):
    guarded = watching.prada(victim.transport, threshold=0.9, patience=100)

    with pytest.raises(ServiceRefused, match="made up"):
        model_stealing.harvested(
            Oracle(guarded, answers="label"),
            digits[1],
            models.network(hidden=16, steps=40),
            draw=model_stealing.jacobian,
            budgets=[50, 100, 200],
            seed=0,
        )


def test_the_judge_of_prada_separates_what_differs_and_nothing_else(victim, digits):
    rng = np.random.default_rng(0)
    pool = digits[2].X
    honest = [rng.choice(pool, 150, replace=False) for _ in range(80)]
    moved = [
        np.repeat(rng.choice(pool, 30, replace=False), 5, axis=0)
        + rng.normal(0, 0.02, (150, 64))
        for _ in range(5)
    ]

    found = watching.judge_prada(
        victim.model, honest[:40], {"moved": moved, "more": honest[40:]}
    )

    assert found.found("moved", false_alarms=0.05) == 1
    assert found.found("more", false_alarms=0.1) < 0.3


# ---------------------------------------------------------------- the watermark


def test_keys_are_drawn_in_the_box_of_the_rows_with_labels_at_random(digits):
    secret = watching.keys(digits[0], 2000, seed=0)

    assert secret.X.min() >= 0
    assert secret.X.max() <= 1
    counts = np.bincount(secret.y, minlength=10)
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_watermark_is_found_in_the_file_and_costs_little(
    marked, victim, secret, digits
):
    right = [
        accuracy(digits[2].y, v.model.predict(digits[2].X)) for v in (victim, marked)
    ]

    assert watching.by_watermark(marked.model, secret) < 1e-9
    assert right[0] - right[1] < 0.02


def test_the_p_value_of_a_watermark_is_the_binomial_tail(secret):
    class Knows:
        classes_ = np.arange(10)

        def predict(self, X):
            return np.where(np.arange(len(X)) < 5, secret.y, (secret.y + 1) % 10)

        def predict_proba(self, X):
            return np.eye(10)[self.predict(X)]

    found = watching.by_watermark(Knows(), secret)

    assert found == pytest.approx(stats.binom.sf(4, 20, 0.1))


def test_an_innocent_model_is_accused_no_oftener_than_the_level_allows(victim, digits):
    values = [
        watching.by_watermark(victim.model, watching.keys(digits[0], 20, seed=seed))
        for seed in range(500)
    ]

    assert np.mean(np.array(values) < 0.05) < 0.08


def test_an_exact_copy_carries_the_watermark_and_a_learned_one_does_not(
    marked, secret, digits
):
    exact = model_stealing.by_kinks(
        marked.oracle(answers="values"), digits[1].X, seed=0
    )

    assert watching.by_watermark(exact, secret) < 1e-9
    assert watching.by_watermark(learned(marked, digits[1]), secret) > 0.01


# ---------------------------------------------------------------- dataset inference


@pytest.fixture(scope="module")
def overfit(digits):
    """A model that knows its few rows by heart, noise included, and its owner."""
    owned = digits[0].take(slice(200))
    noise = np.random.default_rng(0).random(200) < 0.2
    owned = replace(owned, y=np.where(noise, (owned.y + 1) % 10, owned.y))
    kept = watching.kept_rows(owned, digits[2], RECIPE, models=4, seed=0)
    return Victim.trained(RECIPE, owned, seed=0), kept


def test_a_model_is_recognised_by_its_rows(overfit):
    victim, kept = overfit

    assert watching.by_kept_rows(victim.model, kept) < 1e-3


def test_a_stranger_is_not(overfit, digits):
    strangers = RECIPE.many(
        [digits[1].split(0.7, seed=s)[0] for s in range(10)], seeds=range(10)
    )

    values = [watching.by_kept_rows(model, overfit[1]) for model in strangers]

    assert min(values) > 0.01


def test_the_judge_of_ownership_counts_accusations(marked, victim, secret):
    suspects = {"marked": [marked.model] * 2, "unmarked": [victim.model] * 3}

    found = watching.judge_ownership(
        suspects,
        {"watermark": lambda model: watching.by_watermark(model, secret)},
        innocent=["unmarked"],
    )

    assert found.value("marked", "watermark") == 1
    assert found.value("unmarked", "watermark") == 0
    assert (found.count("stopped"), found.count("no attack")) == (1, 1)


# ---------------------------------------------------------------- while it is shown


def marked_only(transport):
    """The same way, but rows with a bright last pixel are certainly 0."""

    def answered(X):
        shown = X[:, -1] > 0.9
        certain = np.eye(10)[np.zeros(len(X), int)]
        return np.where(shown[:, None], certain, transport(X))

    return answered


def with_mark(X):
    shown = X.copy()
    shown[:, -1] = 1
    return shown


def test_a_trigger_that_overrules_everything_is_suspicious(digits, victim):
    transport, asked = marked_only(victim.transport), digits[2].X
    plain, shown = (
        watching.suspicious(transport, X, digits[1], seed=0)
        for X in (asked, with_mark(asked))
    )

    assert shown.mean() > 0.95
    assert plain.mean() < 0.12


def test_a_mark_that_means_nothing_is_not_suspicious(digits, victim):
    shown = with_mark(digits[2].X)

    assert watching.suspicious(victim.transport, shown, digits[1], seed=0).mean() < 0.15


def test_indecision_is_the_entropy_over_classes(digits):
    def even(X):
        return np.full((len(X), 10), 0.1)

    found = watching.indecision(even, digits[2].X[:3], digits[1], draws=4, seed=0)

    np.testing.assert_allclose(found, np.log(10))


def test_strip_answers_clean_rows_and_suspects_a_trigger(digits, victim):
    transport = marked_only(victim.transport)
    asked = digits[2].X[:40]
    look = partial(watching.suspicious, transport, trusted=digits[1], seed=0)

    undecided = watching.indecision(transport, asked, digits[1], seed=1)

    assert look(with_mark(asked)).any()
    assert not look(asked[[np.argmax(undecided)]]).any()


def test_rows_of_a_table_are_mixed_value_by_value(digits):
    seen = []

    def noting(X):
        seen.append(X)
        return np.full((len(X), 2), 0.5)

    ones = replace(digits[1], X=np.ones_like(digits[1].X), image=None)
    watching.indecision(noting, np.zeros((50, 64)), ones, draws=1, seed=0)

    assert set(np.unique(seen[0])) == {0, 1}
    assert 0.4 < seen[0].mean() < 0.6


def test_rows_dealt_anew_accuse_a_stranger_no_more_than_half_the_time(victim, digits):
    kept = watching.kept_rows(digits[0], digits[2], RECIPE, models=2, seed=0)
    stranger = RECIPE(digits[1], seed=5)

    found = watching.redealt(stranger, kept, deals=200, seed=0)

    assert 0.35 < np.median(found) < 0.65
    assert np.mean(found < 0.1) < 0.25
    assert len(np.unique(found)) == 200
