from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import stats

from foible import data, models
from foible.attacks import model_stealing
from foible.defences import watching
from foible.errors import ServiceRefused
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


def test_normality_is_the_published_statistic():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(60, 3)), rng.integers(2, size=60)
    distances = np.array(
        [
            min(np.linalg.norm(X[i] - X[j]) for j in range(i) if labels[j] == labels[i])
            for i in range(60)
            if labels[i] in labels[:i]
        ]
    )
    centre, spread = distances.mean(), distances.std()
    kept = distances[abs(distances - centre) <= 3 * spread]

    found = watching.normality((X, labels))

    assert found == pytest.approx(stats.shapiro(kept).statistic, abs=1e-9)


def test_questions_that_step_along_a_line_are_not_natural():
    X = np.outer(np.arange(50), np.ones(4))

    assert watching.normality((X, np.zeros(50, int))) < 0.9


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
    honest = [rng.choice(pool, 100, replace=False) for _ in range(40)]
    moved = [
        np.repeat(rng.choice(pool, 20, replace=False), 5, axis=0)
        + rng.normal(0, 0.02, (100, 64))
        for _ in range(5)
    ]

    found = watching.judge_prada(
        victim.model, honest[:30], {"moved": moved, "more": honest[30:]}
    )

    assert found.found("moved", false_alarms=0.05) == 1
    assert found.found("more", false_alarms=0.05) < 0.5


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
