from dataclasses import replace

import numpy as np

from foible import data, models
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


def test_who_practises_nothing_is_the_plain_model():
    recipe = models.network(hidden=4, steps=5)

    made = varying.practised(recipe, [ROWS, ROWS], [], seeds=[5, 6])

    for seed, model in zip([5, 6], made, strict=True):
        plain = recipe(ROWS, seed=seed)
        told = model.predict_proba(ROWS.X)  # trained in one batch: sums of float32
        np.testing.assert_allclose(told, plain.predict_proba(ROWS.X), rtol=1e-4)


def test_practice_tells_that_a_change_does_not_matter():
    rows = data.digits().take(slice(300))
    recipe = models.network(hidden=16, steps=60)

    def negative(rows, /, *, seed):
        return replace(rows, X=1 - rows.X)

    plain, made = (
        varying.practised(recipe, [rows], ways, seeds=[0])[0]
        for ways in ([], [negative])
    )

    right = [np.mean(one.predict(1 - rows.X) == rows.y) for one in (plain, made)]
    assert right[1] > right[0] + 0.5
