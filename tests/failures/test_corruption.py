from itertools import chain

import numpy as np
import pytest
from scipy import ndimage

from foible import cast, data, models
from foible.defences import varying
from foible.errors import BadInput
from foible.failures import corruption

DIGITS = data.digits().take(slice(600))
SIGNS = data.draw_signs(40, seed=0, size=16)
READER = models.network(hidden=16, steps=60)


@pytest.fixture(scope="module")
def roles():
    return [
        cast.cut(DIGITS, READER, owned=0.6, aside=0.5, seed=seed) for seed in range(3)
    ]


def taught(roles, names=(), recipe=READER):
    rows, ways = [role.owned for role in roles], corruption.ways(names)
    return varying.practised(recipe, rows, ways, seeds=range(len(rows)))


def judged(roles):
    return [role.judged for role in roles]


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize("name", corruption.CHANGES)
@pytest.mark.parametrize("rows", [DIGITS, SIGNS], ids=["digits", "signs"])
def test_a_stronger_change_moves_a_picture_farther(name, rows):
    far = [
        np.abs(corruption.corrupted(rows, [(name, s)], seed=0).X - rows.X).mean()
        for s in (0, 1, 3, 5)
    ]

    assert far[0] == 0
    assert all(np.diff(far) > 0)


def test_noise_has_the_standard_deviation_that_it_states():
    grey = np.full((1, 64, 64, 3), 0.5)

    noisy = corruption.CHANGES["noise"](grey, 2, np.random.default_rng(0))

    assert np.std(noisy - grey) == pytest.approx(0.2, rel=0.03)


def test_as_many_specks_fall_as_are_stated():
    grey = np.full((1, 64, 64, 3), 0.5)

    seen = corruption.CHANGES["specks"](grey, 4, np.random.default_rng(0))

    assert np.mean(seen != grey) == pytest.approx(0.2, abs=0.02)
    assert np.mean(seen[seen != grey]) == pytest.approx(0.5, abs=0.06)


def test_a_dead_column_is_dead_from_top_to_bottom():
    white = np.ones((50, 8, 8, 1))

    seen = corruption.CHANGES["dead columns"](white, 5, np.random.default_rng(0))

    assert set(seen.mean(axis=1).ravel()) == {0.0, 1.0}
    assert np.mean(seen) == pytest.approx(0.65, abs=0.08)


def test_a_blur_and_a_motion_keep_the_light_of_what_is_far_from_the_border():
    dot = np.zeros((1, 33, 33, 1))
    dot[0, 16, 16] = 1

    for name in ("blur", "motion"):
        seen = corruption.CHANGES[name](dot, 1, np.random.default_rng(0))
        assert seen.sum() == pytest.approx(1, abs=1e-3)
        assert seen.max() < 0.5


def test_a_block_without_fine_waves_survives_compression():
    flat = np.full((1, 16, 16, 3), 0.75)

    seen = corruption.CHANGES["compression"](flat, 5, np.random.default_rng(0))

    assert np.abs(seen - flat).max() < 0.02


def test_a_tilt_is_that_of_scipy():
    picture = np.zeros((1, 17, 17, 1))
    picture[0, 5:12, 7:9, 0] = 1

    seen = corruption.CHANGES["tilt"](picture, 3, np.random.default_rng(0))

    turned = [
        ndimage.rotate(picture[0, :, :, 0], angle, reshape=False, order=1)
        for angle in (30, -30)
    ]
    assert min(np.abs(seen[0, :, :, 0] - one).max() for one in turned) < 1e-9


def test_a_border_is_filled_with_its_own_colour():
    paper = np.broadcast_to([0.2, 0.5, 0.9], (3, 16, 16, 3)).copy()

    for name in ("tilt", "shift", "distance"):
        seen = corruption.CHANGES[name](paper, 5, np.random.default_rng(0))
        np.testing.assert_allclose(seen, paper)


def test_mixed_threes_hold_every_change_once_and_no_two_of_a_family():
    found = list(chain(*corruption.MIXED.values()))

    assert sorted(found) == sorted(corruption.CHANGES)
    for three in corruption.MIXED.values():
        for family in corruption.FAMILIES.values():
            assert len(set(three) & set(family)) <= 1


# ---------------------------------------------------------------- errors


def test_mce_is_the_mean_of_ratios_worked_out_by_hand():
    wrong, baseline = [[0.1, 0.3], [0.2, 0.2]], [[0.2, 0.2], [0.4, 0.4]]

    assert corruption.mean_corruption_error(wrong, baseline) == pytest.approx(0.75)


def test_the_baseline_has_an_mce_of_one(roles):
    plain = taught(roles)

    table = corruption.judge_errors(roles, {"it": plain, "too": plain}, baseline="it")

    assert table.value("it", "mCE") == pytest.approx(1)
    assert table.value("too", "mCE") == pytest.approx(1)


# ---------------------------------------------------------------- practice


def test_practice_helps_with_what_was_practised(roles):
    plain = taught(roles)
    practised = taught(roles, ["tilt"])

    found = corruption.gains(
        judged(roles),
        plain,
        {"tilt": dict.fromkeys(corruption.CHANGES, practised)},
        seed=0,
    )

    at = list(corruption.CHANGES).index("tilt")
    assert found["tilt"].shape == (3, 12)
    assert found["tilt"][:, at].mean() > 0.05
    assert found["tilt"].mean(axis=0).argmax() == at


def test_whoever_learns_nothing_new_gains_nothing(roles):
    plain = taught(roles)

    found = corruption.gains(
        judged(roles), plain, {"same": dict.fromkeys(corruption.CHANGES, plain)}, seed=0
    )

    assert not found["same"].any()
    assert corruption.judge_gains(found).count("undecided") == 13


def test_the_search_takes_the_candidate_that_surely_gains_least(roles):
    plain = taught(roles)
    practised = taught(roles, ["tilt"])
    rows = [role.aside for role in roles]

    doses, found = corruption.worst(
        plain, practised, rows, [[("tilt", 4)], [("glare", 3)]], seed=0
    )

    both = {"plain": plain, "practised": practised}
    told = corruption.answered(both, rows, [("glare", 3)], seed=0)
    assert list(doses) == [("glare", 3)]
    np.testing.assert_array_equal(found, told["practised"] - told["plain"])


def test_pairs_are_of_two_changes_at_all_strengths():
    pairs = corruption.in_pairs(["noise", "blur", "fog"], (1, 3))

    assert len(pairs) == 12
    assert [("noise", 1), ("blur", 3)] in pairs
    assert all(one[0] != other[0] for one, other in pairs)


def test_another_reader_than_the_offices_own_can_be_taught(roles):
    softmax = taught(roles, recipe=models.softmax())

    assert len(softmax) == len(roles)
    with pytest.raises(BadInput, match="rain"):
        taught(roles, ["rain"])


def test_strengths_begin_with_no_change(roles):
    plain = taught(roles)

    curve = corruption.judge_strengths(roles, {"it": plain}, lines={"it": "victim"})

    right = [
        np.mean(model.predict(role.judged.X) == role.judged.y)
        for model, role in zip(plain, roles, strict=True)
    ]
    np.testing.assert_allclose(curve.responses["it"][0], right)
    assert curve.at("it", 0) > curve.at("it", 5)
