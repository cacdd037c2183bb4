import numpy as np
import pytest

from foible import metrics
from foible.judging import averaged, beyond, counted, each, panel, sweep

AXES = {"dose_name": "dose", "response_name": "share", "units": "worlds"}


def test_a_sweep_measures_every_unit_at_every_dose_in_their_order():
    seen = []

    def measure(dose, unit):
        seen.append((dose, unit))
        return {"sum": (dose + unit) / 10, "large": dose + unit > 2}

    lines = {"large": "attacker", "sum": "victim"}
    found = sweep([0, 2], each([1, 2], measure), lines=lines, **AXES)

    assert seen == [(0, 1), (0, 2), (2, 1), (2, 2)]
    np.testing.assert_array_equal(found.responses["sum"], [[0.1, 0.2], [0.3, 0.4]])
    assert found.responses["large"].dtype == bool
    assert list(found.responses) == ["large", "sum"]
    assert found.units == "worlds"


def test_a_dose_with_fewer_units_is_filled_up_with_what_was_not_measured():
    found = sweep(
        [0, 1],
        lambda dose: {"it": [0.5, 0.7, 0.9] if dose else [0.8]},
        lines={"it": "victim"},
        **AXES,
    )

    assert found.tidy().n.tolist() == [1, 3]
    assert np.isnan(found.interval("it")[0]).all()


def test_a_panel_is_every_meeting_of_rows_and_columns():
    found = panel(
        {"a": [True, False], "b": [True, True]},
        {"as it is": False, "turned": True},
        lambda held, turned: counted(np.array(held) != turned),
        corner="what",
    )

    assert found.value("a", "turned") == 0.5
    assert found.value("b", "turned") == 0
    assert found.corner == "what"


def test_a_counted_cell_has_wilsons_interval_and_ends_as_that_says():
    cell = counted(
        np.arange(100) < 4, lambda i: "stopped" if i.high < 0.1 else "undecided"
    )

    assert (cell.value, cell.n, cell.outcome) == (0.04, 100, "stopped")
    assert cell.interval == metrics.wilson(4, 100)


def test_what_chance_could_have_done_is_not_called_stopped():
    few = counted(
        np.arange(10) < 0, lambda i: "stopped" if i.high < 0.1 else "undecided"
    )

    assert few.outcome == "undecided"


@pytest.mark.parametrize(
    ("values", "outcome"), [([0.9, 0.95, 1], "harm"), ([0.5, 0.5], "stopped")]
)
def test_an_averaged_cell_has_students_interval(values, outcome):
    cell = averaged(values, lambda i: "harm" if i.high > 0.8 else "stopped")

    assert (cell.outcome, cell.n) == (outcome, len(values))
    np.testing.assert_equal(cell.interval, metrics.student(values))


@pytest.mark.parametrize(
    ("hits", "ended"), [(0, "stopped"), (5, "undecided"), (20, "harm")]
)
def test_what_is_tolerated_ends_a_meeting_by_its_interval(hits, ended):
    cell = counted(np.arange(100) < hits, beyond(0.05))

    assert cell.outcome == ended
