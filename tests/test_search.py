import numpy as np
import pytest

from foible import search
from foible.errors import BadInput

PEAK = np.array([[0.3, 0.8], [0.9, 0.1]])


def uphill(rows):
    return 2 * (PEAK - rows)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_rows_outside_the_box_are_refused_and_not_pulled_into_it(norm):
    rows = np.array([[0.5, -1.2], [2.0, 0.1]])

    with pytest.raises(BadInput, match=r"got rows from -1.2 to 2.0; wanted them in"):
        search.Ball(0.01, norm=norm).around(rows)
    moved = search.Ball(0.01, norm=norm, low=-np.inf, high=np.inf).around(rows)(rows)
    np.testing.assert_array_equal(moved, rows)


def test_ascent_finds_the_peak_of_a_parabola():
    found = search.ascend(
        np.zeros((2, 2)),
        uphill,
        project=search.box(0, 1),
        step=lambda slope: 0.25 * slope,
        steps=60,
    )

    np.testing.assert_allclose(found, PEAK, atol=1e-9)


def test_ascent_stops_at_the_edge_of_what_is_allowed():
    start = np.full((2, 2), 0.5)

    found = search.ascend(
        start,
        uphill,
        project=search.cube(start, 0.1, low=0, high=1),
        step=search.signed(0.03),
        steps=20,
    )

    np.testing.assert_allclose(found, [[0.4, 0.6], [0.6, 0.4]])


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_what_is_drawn_from_a_ball_is_a_draw_of_its_seed_added_to_the_centre(norm):
    centre, random = np.full((5, 3), 0.5), np.random.default_rng(4)
    if norm == "Linf":
        change = random.uniform(-1, 1, (5, 3))
    else:
        way = random.standard_normal((5, 3))
        far = random.random((5, 1)) ** (1 / 3)
        change = far * way / np.sqrt((way**2).sum(axis=1, keepdims=True))

    drawn = search.Ball(0.2, norm).drawn(centre, np.random.default_rng(4))

    np.testing.assert_allclose(drawn, centre + 0.2 * change)


def test_no_steps_is_only_a_projection_and_the_start_is_kept():
    start = np.array([[2.0, -1.0]])

    found = search.ascend(
        start, uphill, project=search.box(0, 1), step=search.signed(1), steps=0
    )

    np.testing.assert_array_equal(found, [[1.0, 0.0]])
    np.testing.assert_array_equal(start, [[2.0, -1.0]])


def test_signed_steps_have_one_size_and_rest_where_it_is_flat():
    move = search.signed(0.5)(np.array([[3.0, -4.0, 0.0]]))

    np.testing.assert_array_equal(move, [[0.5, -0.5, 0]])


def test_unit_steps_have_one_length_and_rest_where_it_is_flat():
    move = search.unit(0.5)(np.array([[3.0, 4.0], [0.0, 0.0]]))

    np.testing.assert_allclose(move, [[0.3, 0.4], [0, 0]])


def test_a_cube_never_leaves_the_box():
    centre = np.array([[0.05, 0.95]])

    allowed = search.cube(centre, 0.2, low=0, high=1)(np.array([[-5.0, 5.0]]))

    np.testing.assert_allclose(allowed, [[0.0, 1.0]])


def test_fewer_than_no_steps_is_refused():
    with pytest.raises(BadInput, match="steps=-1"):
        search.ascend(
            PEAK, uphill, project=search.box(0, 1), step=search.signed(1), steps=-1
        )


# ---------------------------------------------------------------- balls


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_a_ball_holds_what_is_projected_into_it_and_what_is_drawn_from_it(norm):
    random = np.random.default_rng(0)
    centre = random.random((200, 5))
    ball = search.Ball(0.3, norm=norm)

    for rows in (
        ball.around(centre)(centre + random.normal(size=centre.shape)),
        ball.drawn(centre, random),
    ):
        assert ball.spent(centre, rows).max() <= 0.3 + 1e-12
        assert rows.min() >= 0 and rows.max() <= 1
        assert ball.spent(centre, rows).max() > 0.25


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_rows_are_drawn_evenly_from_a_ball(norm):
    centre, random = np.full((8000, 3), 0.5), np.random.default_rng(0)
    ball = search.Ball(0.4, norm=norm)

    change = ball.drawn(centre, random) - centre

    inner = search.distance(centre, centre + change, norm=norm) < 0.2
    assert inner.mean() == pytest.approx(
        0.5**3, abs=0.015
    )  # half as wide, in 3 columns
    assert np.abs(change.mean(axis=0)).max() < 0.01
    assert np.abs(np.corrcoef(change.T) - np.eye(3)).max() < 0.05


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_a_ball_leaves_alone_what_lies_inside(norm):
    centre = np.full((3, 2), 0.5)
    rows = centre + np.array([[0.1, 0], [0, -0.1], [0.05, 0.05]])

    found = search.Ball(0.2, norm=norm).around(centre)(rows)

    np.testing.assert_allclose(found, rows)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_a_step_of_a_balls_whole_radius_reaches_its_edge(norm):
    radius = np.array([[0.1], [0.4]])
    ball = search.Ball(radius, norm=norm)

    step = ball.step(1)(np.array([[1.0, -2.0], [3.0, 0.5]]))

    far = search.distance(step, np.zeros((2, 2)), norm=norm)
    np.testing.assert_allclose(far, radius[:, 0])


def test_each_row_may_have_a_radius_of_its_own():
    ball = search.Ball(np.array([[0.1], [0.2], [0.3]]))

    np.testing.assert_array_equal(ball.of([2, 0]).radius, [[0.3], [0.1]])
    assert search.Ball(0.1).of([2, 0]).radius == 0.1


@pytest.mark.parametrize(
    "settings", [{"radius": -1}, {"radius": 1, "norm": "L1"}, {"radius": 1, "low": 2}]
)
def test_a_ball_that_cannot_be_is_refused(settings):
    with pytest.raises(BadInput, match=r"radius=-1|norm='L1'|low below high"):
        search.Ball(**settings)
