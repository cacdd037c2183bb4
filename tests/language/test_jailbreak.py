import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from foible import data, models
from foible.language import jailbreak
from foible.victim import Victim


@pytest.fixture(scope="module")
def split():
    return data.digits().split(0.5, seed=0)


@pytest.fixture(scope="module")
def victim(split):
    return Victim.trained(models.forest(trees=10, depth=6), split[0], seed=0)


def test_the_null_attack_hands_over_a_copy_of_the_rows(split):
    rows = split[1].X

    altered = jailbreak.altered(rows)

    np.testing.assert_array_equal(altered, rows)
    assert not np.shares_memory(altered, rows)


def test_the_judge_finds_no_change_where_nothing_was_done(victim, split):
    found = jailbreak.judge(victim, split[1])

    right = accuracy_score(split[1].y, victim.model.predict(split[1].X))
    assert found.before("right answers") == pytest.approx(right)
    assert found.difference("right answers")[0] == 0


def test_the_judge_sees_a_change_where_there_is_one(victim, split, monkeypatch):
    monkeypatch.setattr(jailbreak.judges, "altered", np.zeros_like)

    found = jailbreak.judge(victim, split[1])

    assert found.difference("right answers")[0] < -0.5
