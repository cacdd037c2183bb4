from functools import partial

import numpy as np
import pytest

from foible import cast, data, models
from foible.defences import alarming
from foible.evidence import DoseResponse
from foible.failures import distribution_shift as shift
from foible.metrics import accuracy

BANK = data.talk_view(data.draw_bank(9000, seed=3))
LATER = partial(shift.tilted, column="PAY_0")
GROUP = {"PAY_0": (0.0, 0.0)}
WORSE = partial(shift.behaving, group=GROUP, label=1)


def fallen(found):
    """Right answers lost from the first size to the last."""
    right = found.responses[shift.judges.RIGHT]
    return float(np.mean(right[0] - right[-1]))


@pytest.fixture(scope="module")
def role():
    return cast.cut(BANK, cast.TALKS_FOREST, owned=0.4, aside=0.6)


@pytest.fixture(scope="module")
def watched(role):
    ask = models.transport(role.victim(seed=0).model)
    thirds = [role.aside.take(slice(a, a + 1000)) for a in (0, 1000, 2000)]
    told = alarming.alarms(ask, *thirds[:2], window=300, labels=80, repeats=60, seed=0)
    return shift.Watched(ask, told, thirds[2], role.judged, 300)


def test_a_tilted_column_moves_by_its_size():
    weights = shift.tilted(BANK, 0.3, column="AGE")

    age = BANK.column("AGE")
    moved = (np.average(age, weights=weights) - age.mean()) / age.std()
    assert moved == pytest.approx(0.3, abs=0.08)


def test_a_commoner_class_has_its_odds_multiplied():
    weights = shift.commoner(BANK, np.log(2), label=1)

    share = np.average(BANK.y, weights=weights)
    odds = share / (1 - share)
    assert odds == pytest.approx(2 * BANK.y.mean() / (1 - BANK.y.mean()))


def test_only_the_group_behaves_otherwise_and_comes_as_often():
    weights = WORSE(BANK, 1.5)

    inside = BANK.column("PAY_0") == 0
    assert (weights[~inside] == 1).all()
    assert weights[inside].sum() == pytest.approx(inside.sum())
    assert np.average(BANK.y[inside], weights=weights[inside]) > 0.3


def test_a_slant_keeps_the_ink_and_moves_the_top_away_from_the_bottom():
    digits = data.digits().take(slice(0, 50))

    moved = shift.slanted(digits, 0.25)

    pictures = [one.X.reshape(-1, *one.image) for one in (digits, moved)]
    ink = [one.sum() for one in pictures]
    top = [one[:, 0].mean(axis=0) @ np.arange(one.shape[2]) for one in pictures]
    assert ink[1] == pytest.approx(ink[0], rel=0.1)
    assert top[1] != pytest.approx(top[0], rel=0.05)


def test_whom_no_column_tells_of_cost_right_answers_within_the_bounds(role, watched):
    ask, rows = watched.transport, watched.judged
    guess = alarming.guesses(ask, watched.searched, seed=0)

    weights = shift.unseen(rows, np.log(3), transport=ask, guess=guess, most=0.02)

    wrong = ask(rows.X).argmax(axis=1) != rows.y
    held = np.column_stack([rows.X, ask(rows.X)])
    assert 1 / 3 - 1e-6 <= weights.min() <= weights.max() <= 3 + 1e-6
    assert shift.shown(held, weights) < 0.03
    assert np.average(wrong, weights=weights) > wrong.mean() + 0.01


def test_what_is_shown_is_the_distance_of_weighted_columns():
    seen = np.arange(10.0)[:, np.newaxis]
    weights = np.repeat([0.0, 1.0], 5)

    assert shift.shown(seen, weights) == pytest.approx(0.5)


def test_the_smallest_size_is_read_off_between_two():
    rates = {"a": np.array([[0.0, 0.0], [0.6, 0.1], [1.0, 0.2]])}
    power = DoseResponse(
        np.array([0.0, 1.0, 2.0]), rates, "size", "share", {"a": "defence"}, "banks"
    )

    found = shift.smallest(power, "a", seen=0.8)

    assert found[0] == pytest.approx(1.5)
    assert np.isnan(found[1])


def test_the_search_keeps_to_what_may_be_shown_and_costs_most(watched):
    groups = [GROUP, {"PAY_0": (2.0, 9.0)}, {"AGE": (20.0, 30.0)}]

    found = shift.costliest(
        watched.transport, watched.searched, groups, size=1.5, most=0.1
    )

    weights = shift.behaving(watched.searched, 1.5, group=found[0], label=found[1])
    assert shift.shown(watched.searched.X, weights) <= 0.1
    assert found == (GROUP, 1)


def test_later_payers_are_seen_and_the_same_who_pay_less_are_not(watched):
    later, worse = (
        shift.judge_power([watched], one, [0.0, 1.5], seed=0) for one in (LATER, WORSE)
    )

    assert later.at(shift.judges.ANY, 1.5) > 0.9
    assert worse.at(shift.judges.ANY, 1.5) < 0.4
    assert fallen(worse) > 0.08


def test_the_cost_is_that_of_the_rows_as_they_come(watched):
    found = shift.judge_power([watched], [WORSE], [0.0, 1.5], seed=0)

    drawn = shift.windows(
        watched.judged, WORSE(watched.judged, 1.5), size=40_000, count=1, seed=0
    )[0]
    right = [
        accuracy(rows.y, watched.transport(rows.X).argmax(axis=1))
        for rows in (watched.judged, drawn)
    ]
    assert found.at(shift.judges.RIGHT, 0) == pytest.approx(right[0])
    assert fallen(found) == pytest.approx(right[0] - right[1], abs=0.015)


def test_the_group_loses_and_nobody_else(watched):
    met = shift.judge_groups([watched], [(GROUP, 1)], size=1.5)

    assert met.value("the group", "after") < met.value("the group", "before") - 0.1
    same = met.value("all others", "before")
    assert met.value("all others", "after") == pytest.approx(same)


def test_power_grows_with_the_size(watched):
    power = shift.judge_power([watched], LATER, [0.0, 0.8], seed=0)

    assert power.at("columns", 0) < 0.3 < 0.9 < power.at("columns", 0.8)


def test_without_a_shift_an_alarm_is_later_than_with_one(watched):
    both = {"none": (LATER, 0.0), "later": (LATER, 0.3)}

    met = shift.judge_delay(
        [watched], both, length=6, streams=6, calm=0.02, late=2, seed=0
    )

    assert met.value("columns", "later") < met.value("columns", "none")
    assert met.value("labels", "later") >= 3


def test_labels_mend_the_risk_and_no_label_mends_little(watched, role):
    worlds = {"worse": (WORSE, 1.5)}

    met = shift.judge_repairs([watched], [role], worlds, by="PAY_0", seed=0)

    off = {row: met.value(row, "worse") for row in met.rows}
    assert off["trained anew, 4,000 labels"] < 0.5 * off["as it was"]
    assert off["new class shares, no label"] > 0.5 * off["as it was"]


def test_another_hand_is_read_worse():
    role = cast.cut(data.digits(), cast.PLAIN_READER, owned=0.4, aside=0.6)
    ask = models.transport(role.victim(seed=0).model)
    told = alarming.alarms(
        ask, *role.aside.split(0.5, seed=0), window=60, labels=30, repeats=40, seed=0
    )
    one = shift.Watched(ask, told, role.aside, role.judged, 60)

    met = shift.judge_hands([one], [0.0, 0.6], seed=0)

    assert fallen(met) > 0.05
