import numpy as np
import pytest
from scipy.optimize import approx_fprime

from foible import models
from foible.errors import BadInput
from foible.road import camera, signs
from foible.road.views import draw_views


@pytest.fixture(scope="module")
def views():
    return draw_views(70, seed=0)  # more than are worked on at once


@pytest.mark.parametrize("size", [16, 32])
def test_both_cameras_take_the_same_picture(views, size):
    one = signs.artwork("children")
    each = np.stack([signs.artwork(signs.NAMES[i % 13]) for i in range(len(views))])

    for sheets in (one, each):
        ours = models.through_camera(sheets, views, size=size)
        theirs = camera.photograph(sheets, views, size=size)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_gradient_through_the_camera_is_a_slope(views):
    rng = np.random.default_rng(0)
    sheet = 0.1 + 0.8 * signs.artwork("stop", size=8)
    some, aim = views.take([0, 5, 9]), rng.standard_normal((3, 16, 16, 3))

    def reached(values):
        pictures = models.through_camera(values.reshape(sheet.shape), some, size=16)
        return (pictures * aim).sum()

    slope = models.camera_backward(sheet, some, aim, size=16)

    numeric = approx_fprime(sheet.ravel(), reached, 1e-6).reshape(sheet.shape)
    np.testing.assert_allclose(slope, numeric, atol=1e-4)
    assert np.abs(slope).max() > 0.1


def test_one_artwork_gathers_the_slopes_of_all_its_views(views):
    sheet, aim = signs.artwork("stop"), np.ones((len(views), 3072))

    together = models.camera_backward(sheet, views, aim)
    apart = models.camera_backward(np.stack([sheet] * len(views)), views, aim)

    assert apart.shape == (len(views), *sheet.shape)
    np.testing.assert_allclose(together, apart.sum(axis=0), atol=1e-9)


@pytest.mark.parametrize("shape", [(70, 3071), (69, 3072), (70, 32, 32), ()])
def test_a_slope_that_does_not_fit_the_pictures_is_refused(views, shape):
    with pytest.raises(BadInput, match="got a slope of shape"):
        models.camera_backward(signs.artwork("stop"), views, np.ones(shape))
