import numpy as np
import pytest

from foible.errors import BadInput
from foible.road import signs


@pytest.fixture(scope="module")
def sheets():
    return {name: signs.artwork(name) for name in signs.NAMES}


def colour_at(sheet, x, y):
    h, w = sheet.shape[:2]
    return pytest.approx(sheet[int((y + 1) / 2 * h), int((x + 1) / 2 * w), :3])


# ---------------------------------------------------------------- the signs


def test_there_are_at_least_twelve_signs(sheets):
    assert len(signs.NAMES) == len(set(signs.NAMES)) >= 12
    for sheet in sheets.values():
        assert sheet.shape == (64, 64, 4)
        assert (sheet.min(), sheet.max()) == (0, 1)


def test_a_driver_would_know_them_by_shape_and_colour(sheets):
    assert colour_at(sheets["stop"], 0, 0.7) == signs.RED
    assert colour_at(sheets["no entry"], 0.5, 0) == signs.WHITE
    assert colour_at(sheets["yield"], 0, -0.72) == signs.RED
    assert colour_at(sheets["yield"], 0, 0) == signs.WHITE
    assert colour_at(sheets["priority road"], 0, 0) == signs.YELLOW
    assert colour_at(sheets["ahead only"], 0.7, 0) == signs.BLUE
    assert colour_at(sheets["danger"], 0, 0) == signs.BLACK
    assert colour_at(sheets["no overtaking"], -0.31, 0.05) == signs.RED


@pytest.mark.parametrize(
    ("name", "area"),
    [  # of the four that the square of the artwork has
        ("stop", 8 / np.sqrt(2) / 2 * 0.98**2),
        ("no entry", np.pi * 0.96**2),
        ("priority road", 2 * 0.98**2),
        ("yield", 0.98 * 1.7),
    ],
)
def test_a_sign_has_the_area_of_its_shape(sheets, name, area):
    assert 4 * sheets[name][..., 3].mean() == pytest.approx(area, rel=0.01)


def test_no_two_signs_look_alike(sheets):
    flat = np.array([sheet.ravel() for sheet in sheets.values()])
    apart = np.abs(flat[:, None] - flat).mean(axis=2)

    assert apart[~np.eye(len(flat), dtype=bool)].min() > 0.01


def test_a_symmetric_sign_is_drawn_symmetrically(sheets):
    for name in ("yield", "no entry", "priority road", "ahead only", "danger"):
        sheet = sheets[name]
        np.testing.assert_allclose(sheet, sheet[:, ::-1], atol=1e-9)


def test_a_larger_artwork_is_the_same_sign(sheets):
    for name, sheet in sheets.items():
        large = signs.artwork(name, size=256)
        solid = large[..., :3] * large[..., 3:]
        small = solid.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
        assert np.abs(small - sheet[..., :3] * sheet[..., 3:]).mean() < 0.01


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [("U-turn", 64, "named 'U-turn'; wanted one of stop"), ("stop", 0, "size=0")],
)
def test_a_sign_that_cannot_be_drawn_is_refused(name, size, message):
    with pytest.raises(BadInput, match=message):
        signs.artwork(name, size=size)


# ---------------------------------------------------------------- stickers


def test_a_square_has_the_place_and_size_asked_for():
    where = signs.square(x=0.5, y=-0.25, width=0.25, size=64)

    rows, columns = np.nonzero(where)
    assert where.sum() == 8**2
    assert (rows.min(), rows.max()) == (20, 27)
    assert (columns.min(), columns.max()) == (44, 51)


def test_a_sticker_changes_the_sign_under_it_and_nothing_else(sheets):
    sheet, where = sheets["stop"], signs.square(x=0, y=0.5, width=0.3)
    before = sheet.copy()

    other = signs.stuck(sheet, where, signs.YELLOW)

    np.testing.assert_array_equal(sheet, before)
    np.testing.assert_array_equal(other[where][:, :3], [signs.YELLOW] * where.sum())
    np.testing.assert_array_equal(other[~where], sheet[~where])
    np.testing.assert_array_equal(other[..., 3], sheet[..., 3])


def test_a_sticker_can_be_a_picture(sheets):
    picture = np.random.default_rng(0).random((64, 64, 3))
    where = signs.square(x=0, y=0, width=0.5)

    other = signs.stuck(sheets["yield"], where, picture)

    np.testing.assert_array_equal(other[where][:, :3], picture[where])


@pytest.mark.parametrize(
    ("size", "colour", "message"),
    [
        (32, (1, 1, 0), "a sticker of"),
        (64, (1, 1), "a colour of"),
        (64, np.ones((32, 32, 3)), "a colour of"),
        (64, (1, 2, 0), "outside 0 to 1"),
        (64, (1, np.nan, 0), "outside 0 to 1"),
    ],
)
def test_a_sticker_that_does_not_fit_is_refused(sheets, size, colour, message):
    where = signs.square(x=0, y=0, width=0.5, size=size)

    with pytest.raises(BadInput, match=message):
        signs.stuck(sheets["stop"], where, colour)
