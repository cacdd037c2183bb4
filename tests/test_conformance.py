"""The table of promises: one row an attack, one row a defence, one row a detector."""

import numpy as np
import pytest
from conformance import ROWS
from promises import frozen

from foible.errors import FoibleError


def named(rows):
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


@named(ROWS)
def test_its_inputs_are_as_they_were(row):
    inputs = row.inputs()
    before = frozen(inputs)

    row.call(seed=0, **inputs)

    assert frozen(inputs) == before


@named(ROWS)
def test_the_same_seed_gives_the_same_result(row):
    one, again = (row.call(seed=7, **row.inputs()) for _ in range(2))

    assert frozen(one) == frozen(again)


@named([row for row in ROWS if row.nothing])
def test_at_dose_nought_nothing_happens(row):
    inputs = row.inputs() | row.nought

    assert row.nothing(inputs, row.call(seed=0, **inputs))


@named([row for row in ROWS if row.chance])
def test_where_nothing_can_be_learned_it_is_at_chance(row):
    assert row.chance(row.call(seed=0, **row.inputs() | row.blind))


@named([row for row in ROWS if row.kept])
def test_it_keeps_its_budget_and_its_box(row):
    inputs = row.inputs()

    assert row.kept(inputs, row.call(seed=0, **inputs))


@pytest.mark.parametrize(
    ("row", "bad"),
    [
        pytest.param(row, bad, id=f"{row.name}, {what}")
        for row in ROWS
        for what, bad in row.refused.items()
    ],
)
def test_what_it_cannot_use_is_one_clear_error(row, bad):
    inputs = row.inputs() | bad

    with np.errstate(all="ignore"), pytest.raises(FoibleError, match=r"wanted|left"):
        row.call(seed=0, **inputs)


def test_no_name_stands_twice():
    names = [row.name for row in ROWS]

    assert len(names) == len(set(names))
