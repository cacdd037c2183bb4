import numpy as np
import pytest

from foible import data, models
from foible.judging.thefts import Theft
from foible.victim import Victim


@pytest.fixture(scope="module")
def theft():
    rows = data.clinic()
    victim = Victim.trained(models.standardised(models.logistic()), rows, seed=0)
    X = np.resize(rows.X, (2041, rows.X.shape[1]))
    return Theft(victim, "label", lambda oracle: victim.model, X)


def differing(theft, count):
    """A copy that answers otherwise on the first rows it is asked."""

    class Copy:
        def predict(self, X):
            told = theft.victim.model.predict(X).copy()
            told[:count] = 1 - told[:count]
            return told

    return Copy()


@pytest.mark.parametrize(
    ("wrong", "n", "outcome"),
    [
        (0, 2041, "harm"),
        (5, 100, "harm"),
        (6, 100, "undecided"),  # 94%: 87.5% to 97.2%
        (20, 100, "stopped"),
    ],
)
def test_a_theft_is_stopped_only_where_its_whole_interval_is(theft, wrong, n, outcome):
    cell = theft.agreed(differing(theft, wrong), theft.rows[:n])

    assert cell.outcome == outcome
    assert (cell.value, cell.n) == (1 - wrong / n, n)


def test_one_row_in_two_thousand_is_not_everywhere(theft):
    cell = theft.agreed(differing(theft, 1), theft.rows)

    assert 0.9995 < cell.value < 1
    assert cell.word == "> 99.9%"
