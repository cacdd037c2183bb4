import numpy as np
import pytest

from foible import data, models
from foible.defences import adapting

BANK = data.talk_view(data.draw_bank(9000, seed=2))
OWNED, NEW = BANK.take(slice(0, 5000)), BANK.take(slice(5000, None))
MODEL = models.forest(trees=10, depth=4, leaf=50)(OWNED, seed=0)
SHARES = np.bincount(OWNED.y) / len(OWNED)


def drawn(weights):
    rng = np.random.default_rng(0)
    return NEW.take(rng.choice(len(NEW), 4000, p=weights / weights.sum()))


def gap(answers, rows):
    return abs(answers(rows.X)[:, 1].mean() - rows.y.mean())


def test_new_class_shares_are_found_without_a_label():
    more = drawn(np.where(NEW.y == 1, 3.0, 1.0))

    rebased = adapting.rebased(MODEL.predict_proba, SHARES, more.X)

    assert gap(MODEL.predict_proba, more) > 0.1
    assert gap(rebased, more) < 0.05


def test_the_same_shares_leave_the_answers_as_they_were():
    said = np.array([[0.2, 0.8], [0.7, 0.3]])

    same = adapting.rebased(lambda X: said[: len(X)], said.mean(axis=0), np.eye(2))

    np.testing.assert_allclose(same(np.eye(2)), said)


def test_redrawn_rows_look_like_the_others():
    late = drawn(np.exp(NEW.column("PAY_0") / 2))

    like = adapting.resembling(OWNED, late.X, seed=0)

    before, after, wanted = (r.column("PAY_0").mean() for r in (OWNED, like, late))
    assert after == pytest.approx(wanted, abs=0.3 * (wanted - before))


def test_recalibration_is_right_on_average_and_keeps_the_order():
    more = drawn(np.where(NEW.y == 1, 3.0, 1.0))

    mended = adapting.recalibrated(MODEL.predict_proba, more)

    assert gap(mended, more) < 0.01
    before, after = MODEL.predict_proba(NEW.X)[:, 1], mended(NEW.X)[:, 1]
    assert np.all(np.diff(after[np.argsort(before)]) >= -1e-9)
