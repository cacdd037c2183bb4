import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from foible import metrics
from foible.errors import BadInput, WeakEvidence


def scores(n, m, *, seed, decimals=8):
    generator = np.random.default_rng(seed)
    inside, outside = generator.normal(1, 1, n), generator.normal(0, 1, m)
    return inside.round(decimals), outside.round(decimals)


@pytest.mark.parametrize("decimals", [8, 1, 0])
def test_auc_equals_scikit_learn_with_and_without_ties(decimals):
    inside, outside = scores(300, 500, seed=1, decimals=decimals)
    truth = np.r_[np.ones(300), np.zeros(500)]

    ours = metrics.auc(inside, outside)

    assert ours == pytest.approx(reference.roc_auc_score(truth, np.r_[inside, outside]))


@pytest.mark.parametrize("decimals", [8, 1])
def test_roc_passes_through_every_point_of_scikit_learn(decimals):
    inside, outside = scores(40, 60, seed=2, decimals=decimals)
    truth = np.r_[np.ones(40), np.zeros(60)]

    curve = metrics.roc(inside, outside)
    alarms, found, _ = reference.roc_curve(
        truth, np.r_[inside, outside], drop_intermediate=False
    )

    np.testing.assert_allclose(curve.false_alarms, alarms)
    np.testing.assert_allclose(curve.found, found)


@pytest.mark.parametrize("kind", [int, float, np.float32, np.float64, np.int64])
def test_a_number_of_any_kind_is_in_an_interval_or_not(kind):
    interval = metrics.Interval(0, 2)

    assert kind(1) in interval
    assert kind(3) not in interval
    assert float("nan") not in interval
    assert "1" not in interval


# Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
NEWCOMBE = {
    (81, 263): ((0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148): ((0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20): ((0, 0.1611), (0, 0.1684)),
    (1, 29): ((0.0061, 0.1718), (0.0009, 0.1776)),
}


@pytest.mark.parametrize(("sample", "bounds"), NEWCOMBE.items())
def test_intervals_of_a_share_are_those_of_a_published_table(sample, bounds):
    ours = metrics.wilson(*sample), metrics.clopper_pearson(*sample)

    np.testing.assert_allclose(ours, bounds, atol=5e-5)


def test_a_paired_change_by_hand():
    was = np.repeat([True, True, False, False], [80, 4, 10, 6])
    now = np.repeat([True, False, True, False], [80, 4, 10, 6])

    change, bounds = metrics.paired_change(was, now)

    # 10 gained and 4 lost of 100; with half a row more a cell, 10.5 and 4.5 of 102
    spread = np.sqrt(15 - 6**2 / 102) / 102
    assert change == pytest.approx(0.06)
    assert bounds == pytest.approx(
        (6 / 102 - 1.959964 * spread, 6 / 102 + 1.959964 * spread), abs=1e-7
    )


def test_a_change_of_everything_stays_a_share():
    bounds = metrics.paired_change(np.zeros(3, bool), np.ones(3, bool))[1]

    assert bounds.high == 1
    assert metrics.paired_change(np.ones(3, bool), np.zeros(3, bool))[1].low == -1


def test_agreement_by_hand():
    found = metrics.agreement([0, 1, 2, 2, 1], [0, 1, 1, 1, 1])

    assert (found, found.n) == (3 / 5, 5)
    assert found.interval == metrics.wilson(3, 5)
    assert metrics.accuracy([0, 1, 2, 2, 1], [0, 1, 1, 1, 1]) == 3 / 5


def test_students_interval_by_the_printed_table():
    # t of 4 degrees of freedom, 97.5%: 2.776; of 1 to 5 the deviation is 1.5811
    bounds = metrics.student([1, 2, 3, 4, 5])

    reach = 2.776445 * np.sqrt(2.5 / 5)
    assert bounds == pytest.approx((3 - reach, 3 + reach))


def test_a_score_that_is_the_same_for_all_finds_nobody():
    found = metrics.found_at(np.ones(50), np.ones(200), false_alarms=0.01)

    assert found == 0


def test_a_perfect_score_finds_everybody_without_false_alarms():
    found = metrics.found_at(np.arange(1, 51), np.zeros(2000), false_alarms=0.001)

    assert found == 1


def test_found_at_never_spends_more_false_alarms_than_allowed():
    inside, outside = scores(500, 1000, seed=3)

    found = metrics.found_at(inside, outside, false_alarms=0.01)

    threshold = np.sort(inside)[::-1][round(found * 500) - 1]
    assert np.mean(outside >= threshold) <= 0.01


@pytest.mark.parametrize("count", [100, 300, 1000, 3000])
def test_found_at_spends_all_false_alarms_that_are_allowed(count):
    # a hundredth of the others score above 1, and the row inside scores 1
    outside = np.where(np.arange(count) < count // 100, 2.0, 0.0)

    assert metrics.found_at(np.ones(1), outside, false_alarms=0.01) == 1


def test_too_few_rows_for_a_share_of_false_alarms_is_warned_about():
    inside, outside = scores(50, 100, seed=4)

    with pytest.warns(WeakEvidence, match="use at least 1000 rows") as said:
        metrics.found_at(inside, outside, false_alarms=0.001)
    assert said[0].filename == __file__  # where it was asked for


def test_wilson_holds_the_true_share_as_often_as_it_says():
    n, share = 200, 0.05
    chance = stats.binom.pmf(np.arange(n + 1), n, share)

    covered = sum(
        weight
        for hits, weight in enumerate(chance)
        if share in metrics.wilson(hits, n, level=0.95)
    )

    assert 0.93 < covered < 0.98


def test_wilson_of_nothing_found_is_not_a_point():
    low, high = metrics.wilson(0, 100)

    assert low == 0
    assert 0.03 < high < 0.04


def test_paired_change_of_nothing_is_zero_with_room_for_doubt():
    same = np.arange(1000) % 2 == 0

    change, interval = metrics.paired_change(same, same)

    assert change == 0
    assert -0.01 < interval.low < 0 < interval.high < 0.01


def test_paired_change_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(5)
    was = generator.random((6000, 400)) < 0.7
    now = np.where(generator.random((6000, 400)) < 0.1, ~was, was)

    covered = np.mean(
        [
            0.1 * (0.3 - 0.7) in metrics.paired_change(a, b)[1]
            for a, b in zip(was, now, strict=True)
        ]
    )

    assert 0.94 < covered < 0.96


def test_paired_change_is_narrower_than_one_that_forgets_the_pairs():
    was = np.random.default_rng(6).random(3000) < 0.8
    now = was.copy()
    now[:30] = ~now[:30]

    _, (low, high) = metrics.paired_change(was, now)
    unpaired = metrics.wilson(int(was.sum()), 3000)

    assert high - low < (unpaired.high - unpaired.low) / 2


def test_student_agrees_with_scipy():
    values = np.random.default_rng(7).normal(3, 2, size=6)

    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)

    np.testing.assert_allclose(metrics.student(values), theirs)


@pytest.mark.parametrize("values", [[1.0], [0.7, 0.7, 0.7]])
def test_what_says_nothing_of_its_spread_has_no_interval(values):
    assert np.isnan(metrics.student(values)).all()


@pytest.mark.parametrize("n", [3, 4, 5, 6, 10, 20])
def test_students_interval_covers_what_it_says_at_the_numbers_that_are_used(n):
    values = np.random.default_rng(n).normal(0.9, 0.02, size=(4000, n))

    covered = np.mean([0.9 in metrics.student(row) for row in values])

    assert 0.93 < covered < 0.97


@pytest.mark.parametrize("n", [20, 60, 250, 1000])
def test_wilsons_interval_covers_what_it_says_over_all_shares(n):
    random = np.random.default_rng(n)
    shares = random.random(4000)

    hits = random.binomial(n, shares)

    held = [p in metrics.wilson(h, n) for p, h in zip(shares, hits, strict=True)]
    assert 0.93 < np.mean(held) < 0.97


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.99])
def test_the_exact_interval_never_covers_less_than_it_says(share):
    hits = np.random.default_rng(0).binomial(200, share, size=3000)

    bounds = {h: metrics.clopper_pearson(h, 200) for h in set(hits.tolist())}

    assert np.mean([share in bounds[h] for h in hits.tolist()]) >= 0.945


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.agreement([1, 2], [1]), r"shapes \(2,\) and \(1,\)"),
        (lambda: metrics.agreement([], []), "n at least 1"),
        (lambda: metrics.accuracy([[1]], [[1]]), r"same shape \(n,\)"),
        (lambda: metrics.wilson(5, 4), "5 hits of 4 rows"),
        (lambda: metrics.auc([np.nan], [0.0]), "1 values that are not finite"),
        (lambda: metrics.roc([], [0.0]), "got inside of shape"),
        (lambda: metrics.found_at([1.0], [0.0], false_alarms=0), "above 0"),
        (lambda: metrics.student([]), "at least one"),
        (lambda: metrics.paired_change([True], [True, False]), "same rows twice"),
    ],
)
def test_bad_input_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()


# ---------------------------------------------------------------- scores that share


def pooled(*, spread, seed):
    """Scores of 60 people by 20 models, half of them members of each."""
    random = np.random.default_rng(seed)
    person = np.broadcast_to(np.arange(60), (20, 60))
    model = np.broadcast_to(np.arange(20)[:, np.newaxis], (20, 60))
    member = random.random((20, 60)) < 0.5
    scores = random.normal(size=(20, 60)) + spread * random.normal(size=60) + member
    shared = [(one[member], one[~member]) for one in (person, model)]
    return scores[member], scores[~member], shared


def test_an_interval_over_people_is_wider_than_one_over_scores():
    inside, outside, shared = pooled(spread=2, seed=0)

    low, high = metrics.found_interval(
        inside, outside, false_alarms=0.1, shared=shared, seed=0
    )

    found = metrics.found_at(inside, outside, false_alarms=0.1)
    naive = metrics.wilson(round(found * len(inside)), len(inside))
    assert low < found < high
    assert high - low > 2 * (naive.high - naive.low)


def test_an_interval_over_people_covers_what_it_says():
    truth = np.mean(
        [
            metrics.found_at(*pooled(spread=1, seed=seed)[:2], false_alarms=0.1)
            for seed in range(1000, 1300)
        ]
    )

    covered = 0
    for seed in range(60):
        inside, outside, shared = pooled(spread=1, seed=seed)
        covered += truth in metrics.found_interval(
            inside, outside, false_alarms=0.1, shared=shared, seed=0, repeats=100
        )

    assert covered / 60 >= 0.93


@pytest.mark.filterwarnings("ignore::foible.errors.WeakEvidence")
@pytest.mark.parametrize("side", [0, 1])
def test_a_resample_is_people_and_models_drawn_and_their_scores_repeated(side):
    given, shared = [*pooled(spread=1, seed=2)], []
    early = given[2][0][side] < 50  # ten people are on the other side alone
    given[side] = given[side][early]
    for both in given[2]:
        shared.append([one[early] if k == side else one for k, one in enumerate(both)])
    inside, outside = given[:2]
    rng, found = np.random.default_rng(5), []
    for _ in range(30):
        times = [np.ones(len(inside), int), np.ones(len(outside), int)]
        for both in shared:
            units = max(map(np.max, both)) + 1
            drawn = np.bincount(rng.integers(units, size=units), minlength=units)
            times = [t * drawn[one] for t, one in zip(times, both, strict=True)]
        scores = map(np.repeat, (inside, outside), times)
        found.append(metrics.found_at(*scores, false_alarms=0.1))

    ours = metrics.found_interval(
        inside, outside, false_alarms=0.1, shared=shared, seed=5, repeats=30
    )

    assert ours == pytest.approx(np.quantile(found, [0.025, 0.975]))


def test_a_difference_of_what_two_scores_find_by_hand():
    inside, outside = np.arange(10.0), np.arange(-20.0, 0)
    each = [(np.arange(10), np.arange(10, 30))]
    halves = np.where(inside < 4, -30, inside), outside
    call = {"false_alarms": 0.05, "shared": each, "seed": 0}

    difference, bounds = metrics.found_difference((inside, outside), halves, **call)
    back, turned = metrics.found_difference(halves, (inside, outside), **call)

    assert (difference, back) == (0.4, -0.4)
    assert bounds == pytest.approx((-turned.high, -turned.low))
    assert 0 < bounds.low < 0.4 < bounds.high < 1


def test_where_nothing_is_shared_the_interval_is_about_wilsons():
    inside, outside = scores(2000, 20_000, seed=3)
    each = [(np.arange(2000), np.arange(2000, 22_000))]

    low, high = metrics.found_interval(
        inside, outside, false_alarms=0.5, shared=each, seed=0
    )

    found = metrics.found_at(inside, outside, false_alarms=0.5)
    wilson = metrics.wilson(round(found * 2000), 2000)
    assert high - low == pytest.approx(wilson.high - wilson.low, rel=0.3)


def test_a_bootstrap_of_what_is_shared_repeats_with_its_seed():
    inside, outside, shared = pooled(spread=1, seed=1)

    one, again, other = (
        metrics.found_interval(
            inside, outside, false_alarms=0.1, shared=shared, seed=seed
        )
        for seed in (0, 0, 1)
    )

    assert one == again != other


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (1, 300)])
def test_the_exact_interval_is_scipys(hits, n):
    theirs = stats.binomtest(hits, n).proportion_ci(0.9, method="exact")

    ours = metrics.clopper_pearson(hits, n, level=0.9)

    assert ours == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(("hits", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_have_no_exact_interval(hits, n):
    with pytest.raises(BadInput, match=r"hits|n=0"):
        metrics.clopper_pearson(hits, n)


def test_likeness_is_numpys_correlation_and_nought_of_flat_rows():
    one, other = np.random.default_rng(4).random((7, 64))[:3], np.eye(64)[:4]

    expected = np.corrcoef(one, other)[:3, 3:]

    np.testing.assert_allclose(metrics.likeness(one, other), expected)
    assert not metrics.likeness(np.ones((1, 64)), other).any()
