from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from foible import data, models
from foible.defences import alarming

BANK = data.talk_view(data.draw_bank(6000, seed=1))
OWNED, KNOWN, USUAL = (BANK.take(slice(a, a + 2000)) for a in (0, 2000, 4000))
MODEL = models.forest(trees=5, depth=3, leaf=50)(OWNED, seed=0)


@pytest.fixture(scope="module")
def alarms():
    return alarming.alarms(
        MODEL.predict_proba, KNOWN, USUAL, window=300, labels=80, repeats=100, seed=0
    )


def test_the_distance_is_scipys():
    one, other = KNOWN.X[:, :3], USUAL.X[:150, :3]

    ours = alarming.farthest(list(np.sort(one, axis=0).T), other)

    theirs = max(
        stats.ks_2samp(a, b, method="asymp").statistic
        for a, b in zip(one.T, other.T, strict=True)
    )
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_the_limit_lets_at_most_so_many_usual_windows_ring(alarms):
    for alarm in alarms.values():
        assert np.mean(alarm.usual > alarm.limit(0.05)) <= 0.05


def test_fresh_usual_windows_ring_about_as_often(alarms):
    rng = np.random.default_rng(5)
    fresh = [USUAL.take(rng.choice(2000, 300)) for _ in range(60)]

    for alarm in alarms.values():
        rung = alarming.scores(alarm.look, fresh) > alarm.limit(0.1)
        assert rung.mean() < 0.3


def test_who_pays_late_is_seen_by_all_that_see_no_label(alarms):
    late = USUAL.take(USUAL.column("PAY_0") > 0)

    for name in ("columns", "outputs", "classifier"):
        assert alarms[name].look(late.take(slice(0, 300))) > alarms[name].limit(0.01)


def test_guessed_errors_see_where_a_model_errs_and_not_where_it_is_right():
    wrong = MODEL.predict(KNOWN.X) != KNOWN.y

    guess = alarming.guesses(MODEL.predict_proba, KNOWN, seed=0)

    fresh = MODEL.predict(USUAL.X) != USUAL.y
    assert guess(KNOWN.X).mean() == pytest.approx(wrong.mean())
    assert guess(USUAL.X)[fresh].mean() > guess(USUAL.X)[~fresh].mean() + 0.05


def test_other_labels_are_seen_by_the_labels_alone(alarms):
    window = USUAL.take(slice(0, 300))
    other = replace(window, y=1 - window.y)

    for name, alarm in alarms.items():
        same = alarm.look(other) == alarm.look(window)
        assert same == (name != "labels")
    assert alarms["labels"].look(other) > alarms["labels"].limit(0.01)
