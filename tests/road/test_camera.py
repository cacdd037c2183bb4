import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from foible.errors import BadInput
from foible.road import camera, signs
from foible.road.scene import FOCAL
from foible.road.views import DRAWN, Views, draw_views

NAMES = [field.name for field in fields(Views)]
WHITE = np.ones((128, 128, 4))
NOTHING = np.zeros((8, 8, 4))


@pytest.fixture(scope="module")
def stop():
    return signs.artwork("stop")


@pytest.fixture(scope="module")
def some():
    return draw_views(80, seed=0)


def solid(size=32, **view):
    """Where an opaque square is seen, 0 to 1: what it adds to a picture without it."""
    views = Views(light=0.5, **view)
    dark = camera.photograph(WHITE * [0, 0, 0, 1], views, size=size)
    return 2 * (camera.photograph(WHITE, views, size=size) - dark)[0, ..., 0]


# ---------------------------------------------------------------- views


def test_the_same_seed_gives_the_same_views(some):
    again, other = (draw_views(80, seed=seed) for seed in (0, 1))

    for name in NAMES:
        np.testing.assert_array_equal(some[name], again[name])
        assert not np.array_equal(some[name], other[name])


def test_views_are_drawn_as_it_says():
    views = draw_views(20_000, seed=0)

    assert set(DRAWN) | {"background", "grain"} == set(NAMES)
    for name, (low, high, share) in DRAWN.items():
        values = views[name][views[name] != 0]
        assert len(values) / len(views) == pytest.approx(share, abs=0.01)
        assert low <= values.min() <= values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))


def test_views_are_parameters_of_one_length():
    views = Views(turn=[0, 30], fog=0.5)

    assert len(views) == 2
    assert repr(views) == "<2 views>"
    np.testing.assert_array_equal(views["fog"], [0.5, 0.5])
    np.testing.assert_array_equal(views.take([1]).turn, [30])
    with pytest.raises(ValueError, match="read-only"):
        views["fog"][0] = 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"turn": [1, 2], "tilt": [1, 2, 3]}, "views of shapes"),
        ({"turn": []}, "views of shapes"),
        ({"turn": [[1, 2]]}, "views of shapes"),
        ({"turn": 90}, "a turn outside -80 to 80"),
        ({"distance": 0}, "a distance outside"),
        ({"fog": [0, 1.5]}, "a fog outside 0 to 1"),
        ({"noise": np.nan}, "a noise outside"),
        ({"right": np.inf}, "a right outside"),
        ({"side": "left"}, "a side of <U4; wanted numbers"),
        ({"grain": 0.5}, "a grain of float64; wanted whole numbers"),
        ({"grain": -1}, "a grain outside 0"),
    ],
)
def test_views_that_cannot_be_are_refused(parameters, message):
    with pytest.raises(BadInput, match=message):
        Views(**parameters)


def test_at_least_one_view_is_drawn():
    with pytest.raises(BadInput, match="got n=0"):
        draw_views(0, seed=0)


# ---------------------------------------------------------------- geometry


def test_from_the_front_a_sign_fills_its_share_of_the_picture():
    for distance in (1.25, 2, 4):
        seen = solid(distance=distance)

        assert 4 * seen.mean() == pytest.approx((2 / distance) ** 2, rel=0.03)


def test_an_offset_moves_the_picture():
    middle, moved = solid(distance=2), solid(distance=2, right=0.25, down=-0.125)

    np.testing.assert_allclose(moved, np.roll(middle, (-2, 4), (0, 1)), atol=1e-5)


@pytest.mark.parametrize(
    ("angle", "x", "y"), [(0, 1, 0), (90, 0, 1), (180, -1, 0), (-90, 0, -1)]
)
def test_a_rotation_turns_clockwise(angle, x, y):
    spot = NOTHING.copy()
    spot[3:5, 6:] = 1
    views = Views(rotation=angle, distance=2)

    change = camera.photograph(spot, views) - camera.photograph(NOTHING, views)

    weight = np.abs(change)[0].sum(axis=2)
    line = np.arange(32) - 15.5
    assert line @ weight.sum(axis=0) / weight.sum() == pytest.approx(6 * x, abs=0.3)
    assert line @ weight.sum(axis=1) / weight.sum() == pytest.approx(6 * y, abs=0.3)


@pytest.mark.parametrize(("name", "axis"), [("turn", 0), ("tilt", 1)])
def test_what_is_turned_away_looks_narrower_and_its_near_side_taller(name, axis):
    seen = solid(size=64, distance=2, **{name: 40})
    along = seen.sum(axis=axis)
    across = seen.sum(axis=1 - axis)

    assert (along > 1).sum() < 0.85 * (across > 1).sum()
    occupied = along[along > 8]
    ends = occupied[1], occupied[-2]
    # The pinhole: sizes are as the inverse of the depths of the two edges.
    depth = FOCAL * 2 + np.sin(np.deg2rad(40)) * np.array([1, -1])
    assert max(ends) / min(ends) == pytest.approx(depth.max() / depth.min(), rel=0.07)


@pytest.mark.parametrize("angle", [-80, 80])
def test_behind_the_camera_nothing_is_seen(angle):
    seen = solid(size=16, distance=0.2, turn=angle)

    assert (seen[:, :4].mean() > 0.5) != (seen[:, -4:].mean() > 0.5)


def test_a_picture_is_the_average_of_a_finer_one(stop):
    views = draw_views(5, seed=3)
    plain = {name: views[name] for name in ("turn", "tilt", "distance", "rotation")}

    small = camera.photograph(stop, Views(**plain), size=32)
    large = camera.photograph(stop, Views(**plain), size=128)

    means = large.reshape(5, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(small - means).mean() < 0.02


# ---------------------------------------------------------------- light and weather


def test_light_is_a_factor_and_a_cast_shifts_red_against_blue(stop):
    full = camera.photograph(stop, Views())

    half = camera.photograph(stop, Views(light=0.5))
    warm = camera.photograph(stop, Views(light=0.5, warmth=0.2))

    np.testing.assert_allclose(half, full / 2, atol=1e-6)
    np.testing.assert_allclose(warm, half * [1.2, 1, 0.8], atol=1e-6)


def test_blur_is_gaussian(stop):
    sharp = camera.photograph(stop, Views(), size=64)[0]

    blurred = camera.photograph(stop, Views(blur=2 / 64), size=64)[0]

    expected = gaussian_filter(sharp, (2, 2, 0))
    np.testing.assert_allclose(blurred[8:-8, 8:-8], expected[8:-8, 8:-8], atol=0.02)


def test_noise_has_its_spread_and_its_grain(stop):
    dim = {"light": 0.5, "noise": 0.05}
    clean = camera.photograph(stop, Views(light=0.5))

    one, again, other = (
        camera.photograph(stop, Views(**dim, grain=grain)) for grain in (1, 1, 2)
    )

    middle = (clean > 0.2) & (clean < 0.8)
    assert (one - clean)[middle].std() == pytest.approx(0.05, rel=0.1)
    np.testing.assert_array_equal(one, again)
    assert abs(np.corrcoef((one - clean)[middle], (other - clean)[middle])[0, 1]) < 0.1


def test_in_the_thickest_fog_only_fog_is_seen(stop):
    fog = camera.photograph(stop, Views(fog=1))

    np.testing.assert_allclose(fog, 0.8, atol=1e-6)


@pytest.mark.parametrize("name", ["rain", "snow", "hidden"])
def test_more_weather_changes_more_of_the_picture(stop, name):
    clear = camera.photograph(stop, Views())
    amounts = np.array([0, 0.25, 0.5, 1])

    pictures = camera.photograph(stop, Views(**{name: amounts}))

    changed = (np.abs(pictures - clear).max(axis=3) > 0.02).mean(axis=(1, 2))
    assert changed[0] == 0
    assert (np.diff(changed) > 0).all()
    assert changed[-1] < 0.95


def test_leaves_are_on_the_side_asked_for(stop):
    clear = camera.photograph(stop, Views())

    hidden = camera.photograph(stop, Views(hidden=0.5, side=90))

    changed = np.abs(hidden - clear)[0].max(axis=2) > 0.02
    assert changed[20:].sum() > 50
    assert changed[:16].sum() == 0


def test_the_background_is_decided_by_its_seed(stop):
    one, again, other = (
        camera.photograph(stop, Views(background=seed)) for seed in (4, 4, 5)
    )

    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other)[0, 0].max() > 0.02
    np.testing.assert_allclose(one[0, 12, 16], other[0, 12, 16], atol=1e-6)


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("size", [1, 7, 16, 32, 64])
def test_pictures_have_any_size_and_values_of_0_to_1(stop, some, size):
    pictures = camera.photograph(stop, some.take(slice(6)), size=size)

    assert pictures.shape == (6, size, size, 3)
    assert pictures.dtype == np.float64
    assert 0 <= pictures.min() <= pictures.max() <= 1


def test_a_picture_does_not_depend_on_those_beside_it(stop, some):
    sheets = np.stack([stop, signs.artwork("yield")] * 40)

    all_of_them = camera.photograph(sheets, some)
    alone = camera.photograph(sheets[71], some.take([71]))

    np.testing.assert_allclose(alone[0], all_of_them[71], atol=1e-6)


def test_another_process_gives_the_same_pixels(some):
    program = (
        "import hashlib\nfrom foible.road import camera, signs\n"
        "from foible.road.views import draw_views\n"
        "views = draw_views(80, seed=0)\n"
        "pixels = camera.photograph(signs.artwork('stop'), views)\n"
        "print(hashlib.sha256(pixels.tobytes()).hexdigest())"
    )

    seen = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }

    assert len(seen) == 1


def test_artworks_and_views_are_not_changed(stop, some):
    before = stop.copy(), some["turn"].copy()

    camera.photograph(stop, some.take([0, 1]))

    np.testing.assert_array_equal(stop, before[0])
    np.testing.assert_array_equal(some["turn"], before[1])


def test_what_is_stuck_on_the_sign_is_seen_through_every_view(stop, some):
    where = signs.square(x=0, y=0.4, width=0.5)
    sheet = signs.stuck(stop, where, signs.YELLOW)
    clear = Views(**{n: some[n] for n in ("turn", "tilt", "distance", "right", "down")})

    change = camera.photograph(sheet, clear) - camera.photograph(stop, clear)

    assert (change[..., 1].max(axis=(1, 2)) > 0.3).all()


@pytest.mark.parametrize(
    ("artworks", "message"),
    [
        (np.ones((8, 8, 3)), r"artworks of shape \(8, 8, 3\)"),
        (np.ones((3, 8, 8, 4)), r"or \(2, h, w, 4\) for 2 views"),
        (np.ones((8, 4)), "artworks of shape"),
        (np.ones((0, 8, 4)), "artworks of shape"),
        (np.full((8, 8, 4), 2), "outside 0 to 1"),
        (np.full((8, 8, 4), np.nan), "outside 0 to 1"),
        ("stop", "not numbers"),
    ],
)
def test_artworks_that_cannot_be_shown_are_refused(artworks, message):
    with pytest.raises(BadInput, match=message):
        camera.photograph(artworks, Views(turn=[0, 1]))


def test_a_picture_without_pixels_is_refused(stop):
    with pytest.raises(BadInput, match="got size=0"):
        camera.photograph(stop, Views(), size=0)
