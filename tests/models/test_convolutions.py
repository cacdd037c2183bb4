from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import approx_fprime
from some_models import RECIPES, loss

from foible import data, models
from foible.errors import BadInput


def torch_convolutional(model, X):
    """The same network made of torch's own modules, float64."""
    height, width, depth = (*model.image, 1)[:3]
    values = torch.tensor(X, requires_grad=True)
    out = values.reshape(len(X), height, width, depth).permute(0, 3, 1, 2)
    for weight, bias in model.filters:
        layer = torch.nn.Conv2d(*weight.shape[1::-1], weight.shape[2], padding="same")
        layer.weight.data = torch.tensor(weight).double()
        layer.bias.data = torch.tensor(bias).double()
        out = torch.nn.MaxPool2d(2, ceil_mode=True)(layer(out).relu())
    out = out.flatten(1)
    (weight, bias), (last, shift) = model.head.layers
    out = (out @ torch.tensor(weight).double() + torch.tensor(bias)).relu()
    return values, out @ torch.tensor(last).double() + torch.tensor(shift)


def test_a_convolutional_network_is_that_of_torch(digits, seer):
    X, y = digits[1].X[:200], digits[1].y[:200]

    values, logits = torch_convolutional(seer, X)
    torch.nn.functional.cross_entropy(
        logits, torch.tensor(y), reduction="sum"
    ).backward()

    assert isinstance(seer, models.Differentiable)
    np.testing.assert_allclose(seer.logits(X), logits.detach(), atol=1e-10)
    np.testing.assert_allclose(seer.gradient(X, y), values.grad, atol=1e-10)


def test_a_convolutional_gradient_is_the_slope_of_the_loss(digits, seer):
    x, y = digits[1].X[0] + 0.01, digits[1].y[:1]  # not on a kink: black is exactly 0

    slope = approx_fprime(x, lambda z: loss(seer, z[np.newaxis], y)[0], 1e-7)

    np.testing.assert_allclose(seer.gradient(x[np.newaxis], y)[0], slope, atol=1e-4)


def test_any_aim_on_convolutional_features_has_its_gradient(digits, seer):
    x, aim = digits[1].X[0] + 0.01, np.arange(16.0)

    slope = approx_fprime(x, lambda z: (seer.features([z]) @ aim)[0], 1e-7)

    np.testing.assert_allclose(seer.backward_features([x], aim)[0], slope, atol=1e-3)


def test_an_aim_may_depend_on_the_logits_it_follows(digits, seer):
    X = digits[1].X[:5] + 0.01

    for model in (seer, models.network(hidden=8, steps=20)(digits[0], seed=0)):
        said, slope = model.follow(X, lambda logits: 2 * logits)

        np.testing.assert_allclose(said, model.logits(X), atol=1e-12)
        np.testing.assert_allclose(slope, model.backward(X, 2 * said), atol=1e-12)
        rise = approx_fprime(X[0], lambda z, m=model: (m.logits([z]) ** 2).sum(), 1e-7)
        np.testing.assert_allclose(slope[0], rise, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        models.network(hidden=8, steps=4, batch=16),
        models.convolutional(filters=(4,), hidden=8, steps=4, batch=16),
    ],
)
def test_a_network_learns_from_the_rows_that_were_put_in_place(digits, make):
    seen = []

    def blank(model, X, y, /, *, seed):
        seen.append((model.predict(X), y, seed))
        return np.zeros_like(X)

    told = replace(make, perturb=blank)(digits[0], seed=0)
    dark = replace(digits[0], X=np.zeros_like(digits[0].X))

    assert [len(answers) for answers, _, _ in seen] == [16] * 4
    assert len({seed for _, _, seed in seen}) == 4
    np.testing.assert_allclose(
        told.logits(digits[1].X[:3]),
        make(dark, seed=0).logits(digits[1].X[:3]),
        atol=1e-5,
    )


def test_single_precision_is_close_to_double(digits, seer):
    X, y = digits[1].X, digits[1].y

    model = RECIPES["convolutional"](digits[0], seed=0)

    assert {w.dtype for w in model.weights().values()} == {np.dtype("float32")}
    np.testing.assert_allclose(model.logits(X), seer.logits(X), atol=1e-4)
    np.testing.assert_allclose(model.gradient(X, y), seer.gradient(X, y), atol=1e-4)
    assert model.logits(X).dtype == model.gradient(X, y).dtype == np.float64


@pytest.mark.slow
def test_a_convolutional_network_reads_digits_better_than_a_plain_one():
    rows, others = data.digits().split(0.7, seed=0)

    recipes = models.convolutional(), models.network(hidden=(128, 128), steps=300)
    deep, plain = (recipe(rows, seed=0) for recipe in recipes)

    right = [(model.predict(others.X) == others.y).mean() for model in (deep, plain)]
    assert right[0] >= 0.975
    assert right[0] > right[1]


@pytest.mark.parametrize("image", [(8, 8), (4, 4, 4), (2, 32), (1, 64), (5, 4, 3)])
def test_images_of_any_shape_can_be_learnt(digits, image):
    rows = digits[0].take(slice(None, 40))
    width = np.prod(image)
    rows = replace(rows, X=rows.X[:, :width], columns=rows.columns[:width], image=image)

    model = models.convolutional(filters=(3, 4, 5), size=5, steps=2)(rows, seed=0)

    assert model.logits(rows.X).shape == (40, 10)
    assert model.features(rows.X).shape == (40, 64)
    assert model.gradient(rows.X, rows.y).shape == rows.X.shape


def test_rows_that_are_no_images_are_refused(clinic):
    with pytest.raises(BadInput, match="clinic: got rows that are no images"):
        models.convolutional()(clinic[0], seed=0)


def test_filters_of_an_even_width_are_refused():
    with pytest.raises(BadInput, match="odd number of pixels"):
        models.convolutional(size=4)


def test_convolutional_weights_go_out_and_back_in(digits, seer):
    X, before = digits[1].X, seer.logits(digits[1].X)
    altered = seer.weights()
    altered["filter_bias_1"][0] += 1

    back, other = seer.with_weights(seer.weights()), seer.with_weights(altered)

    np.testing.assert_array_equal(back.logits(X), before)
    np.testing.assert_array_equal(seer.logits(X), before)
    assert not np.array_equal(other.logits(X), before)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda w: w.pop("filter_bias_1"),
        lambda w: w.update(filter_bias_0=w["filter_bias_0"][:-1]),
        lambda w: w.update(filter_0=w["filter_0"] * np.nan),
        lambda w: w.update(weight_1=np.zeros((16, 10), int)),
    ],
)
def test_convolutional_weights_that_do_not_fit_are_refused(seer, spoil):
    weights = seer.weights()
    spoil(weights)

    with pytest.raises(BadInput):
        seer.with_weights(weights)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"image": (8, 8, 3)}, "filters of shape"),
        ({"image": (16, 16)}, "head for 32 values; wanted 128"),
        ({"image": (64,)}, r"got image=\(64,\); wanted \(height, width\)"),
        ({"image": (8, 0)}, r"got image\[1\]=0"),
        ({"filters": ((np.ones((8, 1, 2, 2)), np.ones(8)),)}, "filters of shape"),
        ({"filters": ((np.ones((8, 9)), np.ones(8)),)}, "filters of shape"),
    ],
)
def test_convolutional_parts_that_do_not_fit_are_refused(seer, part, message):
    with pytest.raises(BadInput, match=message):
        replace(seer, **part)


def test_a_convolutional_network_is_frozen(seer):
    with pytest.raises(ValueError, match="read-only"):
        seer.filters[0][0][0, 0, 0, 0] = 1
    with pytest.raises(AttributeError):
        seer.image = (4, 4)


@pytest.mark.parametrize("rows", [[[1.0, 2.0]], [[np.nan] * 64], [1.0] * 64])
def test_a_convolutional_network_refuses_rows_that_do_not_fit(seer, rows):
    with pytest.raises(BadInput):
        seer.logits(rows)


def test_a_convolutional_network_says_its_sizes(seer):
    assert repr(seer) == "<convolutional network 8×8 → 8 → 8 → 16 → 10>"
