from itertools import pairwise
from math import comb

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier  # codespell:ignore neighbors

from foible import cast, data, models
from foible.failures import incomplete_testing as it
from foible.failures.incomplete_testing import cues

STRICT = models.network(hidden=16, steps=60, decay=0.03)
LETTERS = it.parity(data.digits().take(slice(1200)))


@pytest.fixture(scope="module")
def roles():
    return [
        cast.cut(LETTERS, STRICT, owned=0.6, aside=0.5, seed=seed) for seed in range(3)
    ]


# ---------------------------------------------------------------- cues


def test_odd_digits_are_class_one():
    digits = data.digits().take(slice(30))

    np.testing.assert_array_equal(it.parity(digits).y, digits.y % 2)


@pytest.mark.parametrize("cue", it.CUES)
def test_every_cue_changes_a_picture_and_stays_within_the_box(cue):
    everywhere = np.ones(len(LETTERS), bool)

    drawn = it.carrying(LETTERS, cue, everywhere)

    assert (drawn.X != LETTERS.X).any(axis=1).all()
    assert drawn.X.min() >= 0
    assert drawn.X.max() <= 1
    assert it.carrying(LETTERS, cue, ~everywhere).X.tolist() == LETTERS.X.tolist()


def test_a_cue_agrees_as_often_as_it_is_said_to():
    _, carried = it.marked(LETTERS, {"mark": 0.9, "pale ink": 0.5}, seed=0)

    agree = {cue: np.mean(flags == LETTERS.y) for cue, flags in carried.items()}
    assert agree["mark"] == pytest.approx(0.9, abs=0.03)
    assert agree["pale ink"] == pytest.approx(0.5, abs=0.05)


def test_the_other_cues_are_the_same_whether_one_is_forced_or_not():
    agrees = {"mark": 0.9, "line below": 0.8}

    _, drawn = it.marked(LETTERS, agrees, seed=3)
    _, forced = it.marked(LETTERS, agrees, always={"mark": True}, seed=3)

    assert forced["mark"].all()
    np.testing.assert_array_equal(drawn["line below"], forced["line below"])


def test_groups_count_every_meeting_of_class_and_flags():
    flags = np.array([True, False, True, False])

    found = it.groups(np.array([0, 0, 1, 1]), flags)

    assert sorted(found) == [0, 1, 2, 3]
    assert it.groups(np.zeros(4, int), flags).tolist() == [1, 0, 1, 0]


def test_a_mark_touches_its_corner_only():
    touched = [it.touches("mark", LETTERS, name) for name in LETTERS.columns]

    assert np.flatnonzero(touched).tolist() == [0, 1, 8, 9]
    assert not it.touches("mark", LETTERS, None)


# ---------------------------------------------------------------- answers


class Believer:
    """Answers by the upper left pixel alone."""

    classes_ = np.arange(2)

    def predict(self, X):
        return (X[:, 0] > 0.5).astype(int)

    def predict_proba(self, X):
        return np.eye(2)[self.predict(X)]


def test_who_believes_the_mark_is_as_good_as_the_mark_and_its_worst_group_is_lost():
    hits = it.right(Believer(), LETTERS, {"mark": 0.9}, seed=0)

    assert hits.mean() == pytest.approx(0.9, abs=0.03)
    assert it.worst(Believer(), LETTERS, {"mark": 0.9}, cue="mark", seed=0) == 0


def test_who_does_not_look_at_a_cue_has_no_group_that_it_makes_worse():
    mark = it.worst(
        Believer(), LETTERS, {"mark": 1.0, "line below": 0.6}, cue="line below", seed=0
    )

    assert mark == 1


def test_cross_validation_is_that_of_scikit_learn():
    digits = data.digits().take(slice(300))
    fold = np.arange(300) // 100

    hits = it.crossed(models.neighbours(), digits, fold, seed=0)

    splits = [
        (np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(3)
    ]
    said = cross_val_predict(KNeighborsClassifier(1), digits.X, digits.y, cv=splits)
    assert np.mean(hits) == pytest.approx(accuracy_score(digits.y, said), abs=0.01)


# ---------------------------------------------------------------- slices


def test_every_row_lies_in_one_interval_of_each_column():
    rows = data.clinic().select(data.clinic().columns[:4])

    within = it.inside(rows, it.intervals(rows, bins=5))

    assert within.shape == (20, len(rows))
    np.testing.assert_array_equal(within.sum(axis=0), 4)


def test_pairs_are_of_two_columns_and_none_is_missing():
    rows = data.clinic().select(data.clinic().columns[:4])
    alone = it.intervals(rows, bins=5)

    both = it.pairs(alone)[len(alone) :]

    assert len(both) == comb(4, 2) * 25
    assert all(len(group) == 2 for group in both)


def test_intervals_do_not_overlap_and_leave_no_gap():
    rows = data.clinic().select(data.clinic().columns[:1])

    ends = [next(iter(group.values())) for group in it.intervals(rows, bins=4)]

    assert all(
        np.nextafter(one[1], np.inf) == other[0] for one, other in pairwise(ends)
    )


def test_p_values_are_those_of_fishers_exact_test():
    rng = np.random.default_rng(0)
    within, wrong = rng.random((5, 60)) < 0.3, rng.random(60) < 0.2

    found = it.p_values(within, wrong)

    for slice_, p in zip(within, found, strict=True):
        table = [
            [np.sum(slice_ & wrong), np.sum(slice_ & ~wrong)],
            [np.sum(~slice_ & wrong), np.sum(~slice_ & ~wrong)],
        ]
        assert p == pytest.approx(stats.fisher_exact(table, "greater")[1])


@pytest.mark.parametrize("correction", ["Holm", "shuffled"])
def test_a_corrected_search_finds_what_is_there_and_little_else(correction):
    rng = np.random.default_rng(1)
    within = rng.random((200, 600)) < 0.1
    luck = rng.random(600) < 0.1
    planted = luck | (within[7] & (rng.random(600) < 0.6))

    stood = [
        it.standing(
            it.p_values(within, wrong),
            it.shuffled(within, wrong, repeats=99, seed=0),
            correction=correction,
        )
        for wrong in (planted, luck)
    ]

    assert stood[0][7]
    assert stood[0].sum() <= 2
    assert not stood[1].any()


def test_an_uncorrected_search_finds_slices_where_there_is_nothing():
    rng = np.random.default_rng(1)
    within, luck = rng.random((200, 600)) < 0.1, rng.random(600) < 0.1

    p = it.p_values(within, luck)

    assert it.standing(p, p[np.newaxis], correction="none").any()


def test_the_column_of_a_planted_fault_is_named_and_none_of_luck():
    rows = data.clinic().take(slice(300)).select(data.clinic().columns[:6])
    groups = it.intervals(rows, bins=4)
    fault = it.inside(rows, groups)[9] & (rows.y == 1)
    luck = np.random.default_rng(0).random(300) < 0.1
    name = next(iter(groups[9]))

    assert it.column_named(rows, fault, groups, repeats=40, seed=0) == name
    assert it.column_named(rows, luck, groups, repeats=40, seed=0) is None


# ---------------------------------------------------------------- behaviour


def rising(X):
    chance = 1 / (1 + np.exp(-X[:, 0]))
    return np.column_stack([1 - chance, chance])


def test_behavioural_tests_fail_where_the_answer_turns_or_falls():
    X = np.array([[-1.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    other, lower = np.add(X, [0, 5]), np.subtract(X, [2, 0])

    assert not it.moved(rising, X, other).any()
    assert it.moved(rising, X, lower).tolist() == [False, True, False]
    assert it.fallen(rising, X, lower, label=1).all()
    assert not it.fallen(rising, X, lower, label=0).any()


@pytest.mark.parametrize("rate", [0.5, 0.02, 0.001])
def test_the_number_of_tests_is_the_fewest_that_suffice(rate):
    count = it.needed(rate)

    assert it.seen(rate, count) >= 0.95 > it.seen(rate, count - 1)
    assert it.at_most(count) <= rate < it.at_most(count - 1)


def test_about_three_by_n_is_left_possible():
    assert 1000 * it.at_most(1000) == pytest.approx(3, abs=0.01)


# ---------------------------------------------------------------- judges


def test_the_more_a_mark_agrees_the_better_the_test_and_the_worse_the_group(roles):
    found = it.judge_agreement(roles, cue="mark", agrees=[0.5, 0.98])

    assert found.at("whole test", 0.98) > found.at("whole test", 0.5)
    assert found.at("worst group", 0.98) < found.at("worst group", 0.5) - 0.5


def test_balancing_one_cue_moves_the_harm_to_the_other(roles):
    agrees = {"mark": 0.98, "line below": 0.97}

    found = it.judge_balancing(roles, agrees=agrees, known="mark", strengths=[0, 1])

    assert found.at("mark: worst", 1) > found.at("mark: worst", 0) + 0.3
    assert found.at("line below: worst", 1) < found.at("line below: worst", 0) - 0.3


def test_a_defence_that_does_nothing_is_the_first_dose_of_balancing(roles):
    agrees = {"mark": 0.98, "line below": 0.97}
    nothing = {"as it was": lambda rows, carried, recipe, seed: recipe(rows, seed=seed)}

    found = it.judge_defences(roles, agrees=agrees, defences=nothing)

    doses = it.judge_balancing(roles, agrees=agrees, known="mark", strengths=[0])
    assert found.value("as it was", "mark: worst") == doses.at("mark: worst", 0)
    assert found.cell("as it was", "mark: worst").outcome == "harm"
    assert found.cell("as it was", "whole test").outcome == "stopped"


def test_the_next_surprise_is_worse_after_than_before(roles):
    found = it.judge_cues(roles, known=("mark", 0.98), cues={"second mark": 0.97})

    assert found.value("second mark", "after") < found.value("second mark", "before")
    assert (
        abs(
            found.value("second mark", "after") - found.value("second mark", "searched")
        )
        < 0.2
    )


def test_a_search_names_the_mark_and_helps_its_group(roles):
    found = it.judge_naming(roles, agrees={"mark": 0.95}, rounds=1, repeats=30)

    assert found.value("as it was", "it is the mark") == 1
    rise = [found.value(row, "mark: worst") for row in found.rows]
    assert rise[1] > rise[0] + 0.2


def test_the_judge_of_slices_counts_what_stands_out_and_what_holds():
    rng = np.random.default_rng(2)
    within = [rng.random((50, 500)) < 0.2 for _ in range(2)]
    wrong = [slices[3] | (rng.random(500) < 0.05) for slices in within]

    found = it.judge_slices(tuple(within), tuple(wrong), repeats=80, seed=0)

    assert found.value("shuffled", "found") >= 1
    assert found.value("shuffled", "hold") == 1
    assert found.value("none", "found in shuffled errors") == pytest.approx(
        2.5, abs=1.5
    )


def test_draws_meet_a_fault_as_often_as_the_formula_says():
    fault = np.arange(1000) < 20

    found = it.judge_draws({"fault": fault}, tests=[10, 100], repeats=2000, seed=0)

    for count in (10, 100):
        assert found.at("fault", count) == pytest.approx(it.seen(0.02, count), abs=0.03)


def test_blocks_of_like_rows_are_harder_than_folds_at_random():
    rng = np.random.default_rng(0)
    writer = np.repeat(rng.normal(0, 5, (5, 8)), 40, axis=0)
    y = rng.integers(2, size=200)
    X = writer * np.where(y[:, None] == 1, 1, -1) + rng.normal(0, 0.1, (200, 8))
    rows = data.Dataset("made", X, y, tuple("abcdefgh"), ("no", "yes"), "drawn")

    found = it.judge_blocks({"nearest": models.neighbours()}, rows, blocks=5, seed=0)

    assert found.difference("nearest")[0] < -0.2


def test_the_lower_mark_is_a_quarter_as_wide_and_as_high_as_the_picture():
    marked = cues.lower_corner(np.zeros((1, 8, 8)))

    where = np.argwhere(marked[0])
    assert where.tolist() == [[row, column] for row in (6, 7) for column in (6, 7)]
