import numpy as np
import pytest
import torch
from scipy.optimize import approx_fprime
from some_models import NETWORKS, RECIPES, loss

from foible import models
from foible.errors import BadInput


def torch_network(model, X):
    """The same network in torch, float64."""
    values = torch.tensor(X, requires_grad=True)
    out = values
    for i, (weight, bias) in enumerate(model.layers):
        out = out.relu() if i else out
        out = out @ torch.tensor(weight).double() + torch.tensor(bias).double()
    return values, out


@pytest.mark.parametrize("name", ["softmax", *NETWORKS])
def test_logits_and_gradients_are_those_of_torch(name, digits):
    rows, others = digits
    model = RECIPES[name](rows, seed=0)

    values, logits = torch_network(model, others.X)
    torch.nn.functional.cross_entropy(
        logits, torch.tensor(others.y), reduction="sum"
    ).backward()

    assert isinstance(model, models.Differentiable)
    np.testing.assert_allclose(model.logits(others.X), logits.detach(), atol=1e-10)
    np.testing.assert_allclose(
        model.gradient(others.X, others.y), values.grad, atol=1e-10
    )


def test_the_gradient_is_the_slope_of_the_loss(digits):
    rows, others = digits
    model = RECIPES["batches"](rows, seed=0)
    x, y = others.X[0], others.y[:1]

    slope = approx_fprime(x, lambda z: loss(model, z[np.newaxis], y)[0], 1e-7)

    np.testing.assert_allclose(model.gradient(x[np.newaxis], y)[0], slope, atol=1e-4)


def test_any_aim_on_the_logits_has_its_gradient(digits):
    rows, others = digits
    model = RECIPES["network"](rows, seed=0)
    x, margin = others.X[0], np.array([[0, 0, 0, 1, 0, 0, 0, 0, -1, 0]])

    slope = approx_fprime(x, lambda z: (model.logits([z]) @ margin[0])[0], 1e-7)

    np.testing.assert_allclose(model.backward([x], margin)[0], slope, atol=1e-4)


def test_a_step_up_the_gradient_raises_the_loss_of_every_row(digits):
    rows, others = digits
    model = RECIPES["network"](rows, seed=0)
    X, y = others.X, others.y

    moved = X + 1e-4 * np.sign(model.gradient(X, y))

    assert (loss(model, moved, y) > loss(model, X, y)).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_slope_by_the_weights_is_torchs(name, digits):
    rows, others = digits
    model = RECIPES[name](rows, seed=0)
    layers = [
        tuple(
            torch.tensor(part, dtype=torch.float64).requires_grad_() for part in layer
        )
        for layer in model.layers
    ]
    values = torch.tensor(others.X[:9])
    for weight, bias in layers[:-1]:
        values = (values @ weight + bias).relu()
    values = values @ layers[-1][0] + layers[-1][1]
    torch.nn.functional.cross_entropy(values, torch.tensor(others.y[:9])).backward()

    slopes = model.slope(others.X[:9], others.y[:9])

    assert slopes.keys() == model.weights().keys()
    for i, (weight, bias) in enumerate(layers):
        np.testing.assert_allclose(slopes[f"weight_{i}"], weight.grad, atol=1e-12)
        np.testing.assert_allclose(slopes[f"bias_{i}"], bias.grad, atol=1e-12)


def test_slopes_of_rows_add_up_as_they_count(digits):
    model = RECIPES["batches"](digits[0], seed=0)
    X, y, counts = digits[1].X[:5], digits[1].y[:5], np.array([1, 0, 2, 0.5, -1])

    whole = model.slope(X, y, counts=counts)

    each = [model.slope(X[[i]], y[[i]]) for i in range(5)]
    for key, values in whole.items():
        parts = sum(count * one[key] for count, one in zip(counts, each, strict=True))
        np.testing.assert_allclose(values, parts / 5, atol=1e-12)


def test_lengths_of_slopes_are_those_of_the_slopes(digits):
    model = RECIPES["batches"](digits[0], seed=0)
    X, y = digits[1].X[:5], digits[1].y[:5]

    lengths = model.slope_lengths(X, y)

    each = [model.slope(X[[i]], y[[i]]) for i in range(5)]
    expected = [np.sqrt(sum(np.sum(v**2) for v in one.values())) for one in each]
    np.testing.assert_allclose(lengths, expected)


@pytest.mark.parametrize("name", ["softmax", "network", "batches"])
def test_weights_go_out_and_back_in(name, digits):
    rows, others = digits
    model = RECIPES[name](rows, seed=0)

    back = model.with_weights(model.weights())

    assert list(model.weights())[:2] == ["weight_0", "bias_0"]
    np.testing.assert_array_equal(back.logits(others.X), model.logits(others.X))


def test_altered_weights_make_another_network_and_leave_the_first(digits):
    rows, others = digits
    model = RECIPES["network"](rows, seed=0)
    before = model.logits(others.X)
    altered = model.weights()
    altered["bias_1"][3] += 100

    other = model.with_weights(altered)
    altered["bias_1"][3] = 0

    assert set(other.predict(others.X)) == {3}
    np.testing.assert_array_equal(model.logits(others.X), before)


def test_networks_keep_float32_and_what_they_are_given(digits):
    model = RECIPES["network"](digits[0], seed=0)

    halved = {name: w.astype(np.float16) for name, w in model.weights().items()}

    assert {w.dtype for w in model.weights().values()} == {np.dtype("float32")}
    kept = model.with_weights(halved)
    assert {w.dtype for w in kept.weights().values()} == {np.dtype("float16")}
    assert kept.logits(digits[1].X).dtype == np.float64


@pytest.mark.parametrize(
    "spoil",
    [
        lambda w: w.pop("bias_1"),
        lambda w: w.update(extra=w["bias_1"]),
        lambda w: w.update(bias_1=w["bias_1"][:-1]),
        lambda w: w.update(bias_1=w["bias_1"] * np.nan),
        lambda w: w.update(bias_1=np.zeros(10, int)),
    ],
)
def test_weights_that_do_not_fit_are_refused(digits, spoil):
    model = RECIPES["network"](digits[0], seed=0)
    weights = model.weights()
    spoil(weights)

    with pytest.raises(BadInput):
        model.with_weights(weights)


@pytest.mark.parametrize(
    "layers",
    [
        (),
        ((np.ones((3, 2)), np.ones(3)),),
        ((np.ones(3), np.ones(3)),),
        ((np.ones((3, 2)), np.ones(2)), (np.ones((4, 2)), np.ones(2))),
    ],
)
def test_layers_that_do_not_fit_each_other_are_refused(layers):
    with pytest.raises(BadInput, match="layers of shapes"):
        models.Network(layers)


def test_a_networks_weights_cannot_be_written_to(digits):
    model = RECIPES["network"](digits[0], seed=0)

    with pytest.raises(ValueError, match="read-only"):
        model.layers[0][0][0, 0] = 1


@pytest.mark.parametrize("rows", [[[1.0, 2.0]], [[np.nan] * 64], [1.0] * 64])
def test_a_network_refuses_rows_that_do_not_fit(digits, rows):
    with pytest.raises(BadInput):
        RECIPES["network"](digits[0], seed=0).logits(rows)


@pytest.mark.parametrize("labels", [[10], [-1], [0, 1], [[0]], [0.5]])
def test_a_gradient_wants_a_label_for_each_row(digits, labels):
    model = RECIPES["network"](digits[0], seed=0)

    with pytest.raises(BadInput, match="labels"):
        model.gradient(digits[1].X[:1], labels)


def test_a_network_says_its_widths(digits):
    assert repr(RECIPES["batches"](digits[0], seed=0)) == "<network 64 → 16 → 8 → 10>"


@pytest.mark.parametrize("name", ["softmax", *NETWORKS])
def test_features_are_what_the_last_layer_reads(name, digits):
    rows, others = digits
    model = RECIPES[name](rows, seed=0)
    weight, bias = model.layers[-1]

    features = model.features(others.X)

    assert features.shape == (len(others), len(weight))
    np.testing.assert_array_equal(features @ weight + bias, model.logits(others.X))


def test_any_aim_on_the_features_has_its_gradient(digits):
    rows, others = digits
    model = RECIPES["batches"](rows, seed=0)
    x, aim = others.X[0], np.arange(8.0)

    slope = approx_fprime(x, lambda z: (model.features([z]) @ aim)[0], 1e-7)

    np.testing.assert_allclose(model.backward_features([x], aim)[0], slope, atol=1e-4)
