from dataclasses import replace

import numpy as np

from foible import data
from foible.defences import varying

ROWS = data.clinic().take(np.arange(90))


def darker(rows, /, *, seed):
    return replace(rows, X=rows.X / 2)


def lighter(rows, /, *, seed):
    return replace(rows, X=rows.X * 2)


def test_the_rows_come_first_and_as_they_are():
    more = varying.varied(ROWS, [darker], copies=3, seed=0)

    np.testing.assert_array_equal(more.X[:90], ROWS.X)
    np.testing.assert_array_equal(more.X[90:], np.tile(ROWS.X / 2, (3, 1)))


def test_every_copy_keeps_the_label_of_its_row():
    more = varying.varied(ROWS, [darker, lighter], copies=2, seed=0)

    np.testing.assert_array_equal(more.y, np.tile(ROWS.y, 3))


def test_the_ways_to_alter_have_about_the_same_share():
    more = varying.varied(ROWS, [darker, lighter], copies=1, seed=0)

    dark = (more.X[90:] == ROWS.X / 2).all(axis=1)
    light = (more.X[90:] == ROWS.X * 2).all(axis=1)
    assert (dark ^ light).all()
    assert 0.35 < dark.mean() < 0.65
