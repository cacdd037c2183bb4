from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from foible import data, models
from foible.attacks import physical_patch as pp
from foible.defences import looking
from foible.errors import BadInput
from foible.road import signs
from foible.road.views import draw_views

STOP = signs.NAMES.index("stop")
EYE = models.convolutional(filters=(8, 16), steps=150)


class Rule:
    """Answers with a function of a picture, of two labels or more."""

    def __init__(self, rule, labels):
        self.rule, self.classes_ = rule, np.arange(labels)

    def predict(self, X):
        return np.array([self.rule(row) for row in X])

    def predict_proba(self, X):
        return np.eye(len(self.classes_))[self.predict(X)]


# ---------------------------------------------------------------- covers


@pytest.mark.parametrize("size", [5, 8, 32])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_any_square_of_the_width_lies_under_some_cover(size, count):
    for patch in range(1, size + 1):
        hidden = looking.covers((size, size), patch=patch, count=count)
        hidden = hidden.reshape(-1, size, size)
        for top, left in product(range(size - patch + 1), repeat=2):
            under = hidden[:, top : top + patch, left : left + patch]
            assert under.all(axis=(1, 2)).any()


def test_the_cover_in_the_middle_comes_first_and_those_in_the_corners_last():
    hidden = looking.covers((32, 32), patch=8, count=5).reshape(25, 32, 32)

    corners = hidden[:, [0, 0, -1, -1], [0, -1, 0, -1]].any(axis=1)
    assert hidden[0, 12:20, 12:20].all()
    assert list(np.flatnonzero(corners)) == [21, 22, 23, 24]


def test_more_covers_are_smaller():
    areas = [
        looking.covers((32, 32, 3), patch=6, count=count)[0].sum()
        for count in (1, 2, 4, 27)
    ]

    assert areas == sorted(areas, reverse=True)
    assert areas[-1] == 3 * 6**2


# ---------------------------------------------------------------- the theorem


def test_no_patch_at_all_breaks_what_is_certain():
    """All two-level patches at all places, on rules drawn at random."""
    rng = np.random.default_rng(0)
    sure = 0
    for _ in range(40):
        weight = rng.standard_normal((3, 16))
        weight[0] += 3 * (rng.random() < 0.5)
        rule = Rule(lambda row, w=weight: int(np.argmax(w @ row)), 3)
        car = looking.Covered(rule, looking.covers((4, 4), patch=2, count=2))
        row = rng.integers(0, 256, 16) / 255
        patched = []
        for top, left in product(range(3), repeat=2):
            for ink in product([0.0, 1.0], repeat=4):
                other = row.reshape(4, 4).copy()
                other[top : top + 2, left : left + 2] = np.reshape(ink, (2, 2))
                patched.append(other.ravel())
        label, both = car.agreed(row[None])[0], car.certified(row[None])[0]
        if label >= 0:
            assert np.isin(car.agreed(np.array(patched)), [label, -1]).all()
        if both >= 0:
            sure += 1
            assert (car.predict(np.array(patched)) == both).all()
            assert both == label
    assert 5 < sure < 40


def test_none_of_our_stickers_breaks_a_certain_picture():
    """Those that were made for it, and for what is read under covers, too."""
    patch = 7
    hidden = looking.covers((32, 32, 3), patch=patch, count=5)
    rows = data.draw_signs(650, seed=0)
    rows = looking.with_covers(rows, narrow=4, wide=12, squares=2, copies=2, seed=0)
    model = replace(EYE, steps=300)(rows, seed=0)
    car = looking.Covered(model, hidden)
    place, sheet = pp.Place(-0.3, 0, 0.3), signs.artwork("stop")
    views = draw_views(200, seed=4)
    views = views.take(pp.reach(sheet, place, views) <= patch)
    trial = pp.Trial(sheet, STOP, views)
    plain = trial.pictures(None)
    agreed, certain = car.agreed(plain) == STOP, car.certified(plain) == STOP
    assert agreed.sum() >= certain.sum() > 0
    exposure = pp.Exposure.of(sheet, place, views)

    made = [
        pp.by_expectation(model, exposure, sign=STOP, target=target, covers=c, seed=0)
        for target in (None, 3, 1)
        for c in (None, hidden)
    ]

    for sticker in [*made, *pp.drawn(place, 3, seed=0)]:
        stuck = trial.pictures((place, sticker))
        assert np.isin(car.agreed(stuck[agreed]), [STOP, -1]).all()
        assert (car.predict(stuck[certain]) == STOP).all()


# ---------------------------------------------------------------- answers


def test_a_minority_is_heard_where_every_second_cover_confirms_it():
    hidden = looking.covers((8, 8), patch=2, count=3)
    shouted = Rule(lambda row: int(row[0] == 1), 2)  # one pixel decides
    row = np.zeros((1, 64))
    row[0, 0] = 1

    car = looking.Covered(shouted, hidden)

    assert shouted.predict(row).tolist() == [1]
    assert car.agreed(row).tolist() == [-1]
    assert car.predict(row).tolist() == [0]


def test_training_shows_squares_of_grey():
    rows = data.draw_signs(26, seed=0)

    shown = looking.with_covers(rows, narrow=3, wide=5, squares=2, copies=3, seed=0)

    pictures = shown.X.reshape(3, 26, 32, 32, 3)
    changed = (pictures != rows.X.reshape(26, 32, 32, 3)).any(axis=4)
    assert (pictures[changed] == 0.5).all()
    assert changed.sum(axis=(2, 3)).min() >= 8
    assert changed.sum(axis=(2, 3)).max() <= 50
    assert shown.y.tolist() == 3 * rows.y.tolist()


def test_equal_votes_go_to_the_least_label():
    assert looking.voted(np.array([[2, 1, 1, 2]])).tolist() == [1]
    with pytest.raises(BadInput):
        looking.voted(np.array([1, 2]))
