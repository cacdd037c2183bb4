from dataclasses import replace

import joblib
import numpy as np
import pytest
import torch
from scipy.optimize import approx_fprime
from scipy.stats import ks_2samp
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import bench_many
from foible import camera, data, models, signs
from foible.errors import BadInput

RECIPES = {
    "forest": models.forest(trees=10),
    "logistic": models.logistic(),
    "softmax": models.softmax(),
    "neighbours": models.neighbours(count=3),
    "network": models.network(hidden=16, steps=40),
    "batches": models.network(hidden=(16, 8), steps=120, batch=32),
    "standardised": models.standardised(models.network(hidden=16, steps=40)),
    "convolutional": models.convolutional(
        filters=(8, 8), hidden=16, steps=240, rate=0.01
    ),
    "private": models.private_network(hidden=16, steps=60, rate=0.03, noise=0.5),
}
NETWORKS = ["network", "batches", "standardised", "private"]


@pytest.fixture(scope="module")
def digits():
    return data.digits().split(0.5, seed=0)


@pytest.fixture(scope="module")
def clinic():
    return data.clinic().split(0.5, seed=0)


@pytest.fixture(params=RECIPES)
def recipe(request):
    return RECIPES[request.param]


@pytest.fixture(scope="module")
def seer(digits):
    """A convolutional network that computes in float64 throughout."""
    model = RECIPES["convolutional"](digits[0], seed=0)
    return model.with_weights({k: w.astype(float) for k, w in model.weights().items()})


def fitting(recipe, clinic, digits):
    return clinic if recipe == models.logistic() else digits


def loss(model, X, y):
    return -np.log(model.predict_proba(X)[np.arange(len(X)), y])


# ---------------------------------------------------------------- every recipe


def test_a_model_learns(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    model = recipe(rows, seed=0)

    assert (model.predict(others.X) == others.y).mean() > 0.85


def test_a_model_is_a_classifier(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    model = recipe(rows, seed=0)
    shares = model.predict_proba(others.X)

    assert isinstance(model, models.Classifier)
    assert shares.shape == (len(others), len(rows.classes))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(others.X), shares.argmax(axis=1))
    np.testing.assert_array_equal(models.probabilities(model, others.X), shares)


def test_the_same_seed_gives_the_same_model_bit_for_bit(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)

    one, again = recipe(rows, seed=3), recipe(rows, seed=3)

    np.testing.assert_array_equal(
        one.predict_proba(others.X), again.predict_proba(others.X)
    )


@pytest.mark.parametrize("name", ["forest", "convolutional", *NETWORKS])
def test_another_seed_gives_another_model(name, digits):
    rows, others = digits
    one, other = (RECIPES[name](rows, seed=seed) for seed in (3, 4))

    assert not np.array_equal(
        one.predict_proba(others.X), other.predict_proba(others.X)
    )


def test_making_a_model_leaves_the_global_generators_alone(recipe, digits, clinic):
    rows, _ = fitting(recipe, clinic, digits)
    numpys, torchs = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002

    recipe(rows, seed=0)

    np.testing.assert_array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torchs)


def test_many_are_what_each_would_be_alone(recipe, digits, clinic):
    rows, others = fitting(recipe, clinic, digits)
    ragged = [rows.take(slice(None, n)) for n in (120, 90, 200)]

    many = recipe.many(ragged, seeds=[5, 6, 5])

    assert len(many) == 3
    for model, part, seed in zip(many, ragged, [5, 6, 5], strict=True):
        alone = recipe(part, seed=seed)
        np.testing.assert_allclose(
            model.predict_proba(others.X), alone.predict_proba(others.X), atol=1e-4
        )
        np.testing.assert_array_equal(model.predict(others.X), alone.predict(others.X))


def test_many_of_none_are_none(recipe):
    assert recipe.many([], seeds=[]) == []


def test_a_class_without_rows_keeps_its_column(recipe, digits, clinic):
    if recipe == models.logistic():
        rows, absent = replace(clinic[0], classes=(*clinic[0].classes, "x")), 2
        recipe = models.softmax()
    else:
        rows, absent = digits[0].take(digits[0].y != 3), 3

    model = recipe(rows, seed=0)
    shares = model.predict_proba(rows.X)

    np.testing.assert_array_equal(model.classes_, np.arange(len(rows.classes)))
    assert shares.shape == (len(rows), len(rows.classes))
    assert shares[:, absent].max() < 0.05
    assert absent not in model.predict(rows.X)


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (lambda rows: rows.take(rows.y == 1), "at least two classes"),
        (lambda rows: rows.take([0]), "got 1 rows"),
        (lambda rows: data.diabetes(), "at least two classes"),
    ],
)
def test_rows_to_learn_nothing_from_are_refused(recipe, clinic, spoilt, message):
    rows = spoilt(clinic[0])

    with pytest.raises(BadInput, match=message):
        recipe(rows, seed=0)
    with pytest.raises(BadInput, match=message):
        recipe.many([clinic[0], rows], seeds=[0, 1])


def test_every_data_set_needs_its_seed(recipe, clinic):
    with pytest.raises(BadInput, match="got 2 data sets and 1 seeds"):
        recipe.many([clinic[0], clinic[1]], seeds=[0])


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_no_generator_takes_is_refused(recipe, clinic, seed):
    with pytest.raises(BadInput, match="seed"):
        recipe(clinic[0], seed=seed)


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (models.forest, {"trees": 0}),
        (models.forest, {"depth": 0}),
        (models.forest, {"leaf": 0}),
        (models.logistic, {"strength": 0}),
        (models.softmax, {"strength": float("nan")}),
        (models.network, {"hidden": 0}),
        (models.network, {"hidden": (8, -1)}),
        (models.network, {"steps": 0}),
        (models.network, {"rate": -0.1}),
        (models.network, {"batch": 0}),
        (models.convolutional, {"filters": (8, 0)}),
        (models.convolutional, {"size": 0}),
        (models.convolutional, {"hidden": 0}),
        (models.convolutional, {"steps": 0}),
        (models.convolutional, {"rate": 0}),
        (models.convolutional, {"batch": 0}),
        (models.private_network, {"noise": 1, "clip": 0}),
        (models.private_network, {"noise": 1, "hidden": 0}),
    ],
)
def test_settings_that_mean_nothing_are_refused(make, settings):
    with pytest.raises(BadInput, match="wanted more than 0"):
        make(**settings)


@pytest.mark.parametrize("decay", [-0.1, float("nan")])
def test_a_penalty_below_nought_is_refused(decay):
    with pytest.raises(BadInput, match="decay"):
        models.network(decay=decay)


@pytest.mark.parametrize("noise", [-0.1, float("nan")])
def test_noise_below_nought_is_refused(noise):
    with pytest.raises(BadInput, match="noise"):
        models.private_network(noise=noise)


def test_recipes_with_the_same_settings_are_equal():
    assert models.network(hidden=8) == models.network(hidden=(8,))
    assert models.forest() != models.forest(trees=5)


# ---------------------------------------------------------------- the forest


def test_the_forest_is_scikit_learns_own(digits):
    rows, others = digits

    ours = models.forest(trees=5, depth=3, leaf=100)(rows, seed=42)
    theirs = RandomForestClassifier(
        n_estimators=5, max_depth=3, min_samples_leaf=100, random_state=42
    ).fit(rows.X, rows.y)

    assert type(ours) is RandomForestClassifier
    np.testing.assert_array_equal(
        ours.predict_proba(others.X), theirs.predict_proba(others.X)
    )


def test_many_forests_run_wherever_joblib_is_told_to(digits):
    rows, others = digits
    recipe = models.forest(trees=5)

    here = recipe.many([rows, rows], seeds=[0, 1])
    with joblib.parallel_config(backend="threading", n_jobs=2):
        there = recipe.many([rows, rows], seeds=[0, 1])

    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(
            one.predict_proba(others.X), other.predict_proba(others.X)
        )


# ---------------------------------------------------------------- linear models


def test_logistic_regression_is_scikit_learns(clinic):
    rows, others = clinic
    rows = replace(rows, X=rows.X / rows.X.max(axis=0))
    others = replace(others, X=others.X / others.X.max(axis=0))

    ours = models.logistic(strength=0.5)(rows, seed=0)
    theirs = LogisticRegression(C=2, tol=1e-12, max_iter=10_000).fit(rows.X, rows.y)

    np.testing.assert_allclose(
        ours.predict_proba(others.X), theirs.predict_proba(others.X), atol=1e-4
    )
    np.testing.assert_array_equal(ours.logits(others.X)[:, 0], 0)


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_two_softmax_classes_rest_at_the_bottom_of_the_penalised_loss(clinic, strength):
    rows = replace(clinic[0], X=clinic[0].X / clinic[0].X.max(axis=0))
    model = models.softmax(strength=strength)(rows, seed=0)

    excess = model.predict_proba(rows.X) - np.eye(2)[rows.y]
    weight, _ = model.layers[0]

    np.testing.assert_allclose(rows.X.T @ excess + strength * weight, 0, atol=1e-6)
    np.testing.assert_allclose(excess.sum(axis=0), 0, atol=1e-6)


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_ten_softmax_classes_rest_at_the_bottom_too(digits, strength):
    rows = digits[0]
    model = models.softmax(strength=strength)(rows, seed=0)

    excess = model.predict_proba(rows.X) - np.eye(10)[rows.y]
    weight, _ = model.layers[0]

    np.testing.assert_allclose(rows.X.T @ excess + strength * weight, 0, atol=1e-4)
    np.testing.assert_allclose(excess.sum(axis=0), 0, atol=1e-4)


def test_logistic_regression_wants_two_classes(digits):
    with pytest.raises(BadInput, match="10 classes; logistic regression wants two"):
        models.logistic()(digits[0], seed=0)


# ---------------------------------------------------------------- the network


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


def test_training_is_torchs_adam_on_the_mean_loss(digits):
    rows = digits[0].take(slice(None, 100))
    recipe = models.network(hidden=8, steps=20, rate=0.02)
    first = models._trained(replace(recipe, steps=0), [(rows, 0)])[0]
    pieces = [torch.tensor(a).requires_grad_() for pair in first.layers for a in pair]
    adam = torch.optim.Adam(pieces, lr=0.02)

    for _ in range(20):
        hidden = (torch.tensor(rows.X).float() @ pieces[0] + pieces[1]).relu()
        logits = hidden @ pieces[2] + pieces[3]
        adam.zero_grad()
        torch.nn.functional.cross_entropy(logits, torch.tensor(rows.y)).backward()
        adam.step()

    for ours, theirs in zip(
        recipe(rows, seed=0).weights().values(), pieces, strict=True
    ):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-4)


def test_a_row_that_is_repeated_is_learned_as_often_with_each_of_its_labels(digits):
    rows = digits[0].take(slice(None, 60))
    many = rows.take(np.repeat(np.arange(60), 3))
    many = replace(many, y=np.where(np.arange(180) % 3, many.y, (many.y + 1) % 10))
    recipe = models.network(hidden=8, steps=20)

    ours = recipe.many([many, rows], seeds=[0, 0])[0]

    (theirs,) = bench_many.ordinary(recipe, [many], [0])
    once = recipe(rows, seed=0)
    np.testing.assert_allclose(ours.logits(rows.X), theirs.logits(rows.X), atol=1e-3)
    assert abs(ours.logits(rows.X) - once.logits(rows.X)).max() > 0.1


def test_decay_is_torchs_too_and_shrinks_the_weights(digits):
    rows = digits[0].take(slice(None, 100))
    recipe = models.network(hidden=8, steps=40, batch=16, decay=0.02)

    ours = recipe(rows, seed=0)
    (theirs,) = bench_many.ordinary(recipe, [rows], [0])
    free = replace(recipe, decay=0.0)(rows, seed=0)

    np.testing.assert_allclose(ours.logits(rows.X), theirs.logits(rows.X), atol=1e-3)
    assert abs(ours.layers[0][0]).mean() < 0.9 * abs(free.layers[0][0]).mean()


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


def test_training_that_runs_away_says_so(clinic):
    runaway = models.network(rate=1e30, steps=20)

    with pytest.raises(BadInput, match="lower its rate"):
        runaway(clinic[0], seed=0)


def test_each_pass_of_small_batches_sees_every_row_once():
    recipe = models.network(steps=6, batch=4)
    draws = [np.random.default_rng(seed) for seed in (0, 1)]

    batches = list(models._batches(recipe, [8, 12], draws))

    seen = torch.cat([index for _, index in batches], dim=1).numpy()
    assert [index.shape for _, index in batches] == [(2, 4)] * 6
    for one_pass in seen[0].reshape(3, 8):
        assert sorted(one_pass) == list(range(8))
    for one_pass in seen[1].reshape(2, 12):
        assert sorted(one_pass) == list(range(12))


def test_more_networks_than_a_group_holds_are_trained(digits, monkeypatch):
    monkeypatch.setattr(models, "GROUP", 2)
    rows = digits[0].take(slice(None, 80))
    recipe = models.network(hidden=4, steps=5)

    many = recipe.many([rows] * 5, seeds=range(5))

    alone = recipe(rows, seed=4)
    np.testing.assert_allclose(many[4].logits(rows.X), alone.logits(rows.X), atol=1e-5)


@pytest.fixture(scope="module")
def ways(digits):
    """The same networks side by side and by the ordinary loop, each with its time."""
    pool, recipe = digits[0], models.network(hidden=16, steps=60, batch=16)
    member = np.random.default_rng(0).random((48, len(pool))) < 0.3
    parts = [pool.take(mask) for mask in member]
    many, loop = (
        bench_many.timed(lambda make=make: make(range(48)), rounds=2)
        for make in (
            lambda seeds: recipe.many(parts, seeds=seeds),
            lambda seeds: bench_many.ordinary(recipe, parts, list(seeds)),
        )
    )
    return many, loop, recipe.many(parts, seeds=range(48, 96))


def test_many_are_those_of_an_ordinary_loop_in_torch(ways, digits):
    many, loop, _ = ways

    for one, other in zip(many.networks, loop.networks, strict=True):
        np.testing.assert_allclose(
            one.predict_proba(digits[1].X), other.predict_proba(digits[1].X), atol=0.01
        )


def test_many_with_other_seeds_are_of_the_same_distribution(ways, digits):
    _, loop, others = ways
    one, other = (
        bench_many.losses(made, digits[1]) for made in (loop.networks, others)
    )

    assert ks_2samp(one, other).pvalue > 0.01
    assert ks_2samp(one, other + 3 * one.std()).pvalue < 1e-6


def test_many_are_several_times_as_fast_as_an_ordinary_loop(ways):
    many, loop, _ = ways

    assert loop.seconds > 4 * many.seconds


def test_rows_of_different_kinds_are_not_trained_together(digits, clinic):
    with pytest.raises(BadInput, match="2 kinds"):
        models.network().many([digits[0], clinic[0]], seeds=[0, 1])


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


# ---------------------------------------------------------------- convolutional


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
        ({"image": (64,)}, "images of shape"),
        ({"image": (8, 0)}, "images of shape"),
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


# ---------------------------------------------------------------- private networks


@pytest.fixture(scope="module")
def per_row(digits):
    """Each row's own slopes by Opacus, and what our code makes of the same rows."""
    from opacus import GradSampleModule

    rows = digits[0].take(slice(None, 40))
    X, truth = models._stacked([rows])
    first = models._initial([64, 8, 6, 10], [np.random.default_rng(0)])
    entering, said = models._forward(first, X)
    slopes = models._backward(first, entering, models._chances(said).sub_(truth))
    layers = [torch.nn.Linear(a, b) for a, b in ((64, 8), (8, 6), (6, 10))]
    for layer, weight, bias in zip(layers, first[::2], first[1::2], strict=True):
        layer.load_state_dict({"weight": weight[0].T, "bias": bias[0, 0]})
    relu = torch.nn.ReLU
    stack = torch.nn.Sequential(layers[0], relu(), layers[1], relu(), layers[2])
    theirs = GradSampleModule(stack, loss_reduction="sum")
    torch.nn.functional.cross_entropy(
        theirs(X[0]), torch.tensor(rows.y), reduction="sum"
    ).backward()
    samples = [p.grad_sample.detach() for p in theirs.parameters()]
    return entering, slopes, samples


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_the_length_of_each_rows_slope_is_opacus(per_row):
    entering, slopes, samples = per_row

    ours = models._lengths(entering, slopes)[0, :, 0]

    theirs = sum(sample.flatten(1).square().sum(1) for sample in samples).sqrt()
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_the_sum_of_clipped_slopes_is_opacus(per_row):
    entering, slopes, samples = per_row
    share = (0.7 / models._lengths(entering, slopes)).clamp(max=1)
    into = [torch.empty(1, *sample[0].mT.shape) for sample in samples[::2]]
    ours = [t for weight in into for t in (weight, torch.empty(1, 1, weight.shape[2]))]

    models._sum_up(entering, [slope * share for slope in slopes], into=ours)

    for mine, sample in zip(ours[::2], samples[::2], strict=True):
        theirs = torch.einsum("n,nba->ab", share[0, :, 0], sample)
        np.testing.assert_allclose(mine[0], theirs, atol=1e-5)
    for mine, sample in zip(ours[1::2], samples[1::2], strict=True):
        theirs = share[0, :, 0] @ sample
        np.testing.assert_allclose(mine[0, 0], theirs, atol=1e-5)


def test_without_noise_and_clipping_it_is_the_ordinary_network(digits):
    rows, others = digits
    free = models.private_network(hidden=16, steps=40, rate=0.01, clip=1e9, noise=0)

    private, plain = free(rows, seed=0), RECIPES["network"](rows, seed=0)

    np.testing.assert_allclose(
        private.predict_proba(others.X), plain.predict_proba(others.X), atol=0.01
    )


def test_one_row_more_cannot_do_more_than_its_clipped_slope(digits):
    """With a tiny clip a row's share in the sum is bounded, whatever it holds."""
    rows = digits[0].take(slice(None, 50))
    far = replace(rows, X=np.vstack([rows.X[:-1], 1e6 * rows.X[-1:]]))
    X, truth = models._stacked([far])
    first = models._initial([64, 8, 10], [np.random.default_rng(0)])
    entering, said = models._forward(first, X)
    slopes = models._backward(first, entering, models._chances(said).sub_(truth))
    lengths = models._lengths(entering, slopes)

    share = (0.1 / lengths).clamp(max=1)

    clipped = models._lengths(entering, [slope * share for slope in slopes])
    assert lengths.max() > 1e3
    assert clipped.max() <= 0.1 * (1 + 1e-5)


def test_noise_is_standard_normal_and_each_networks_own():
    like = [torch.zeros(2, 300, 40), torch.zeros(2, 1, 40)]
    draws = [np.random.default_rng(seed) for seed in (0, 1)]

    noise = models._normal(like, draws)

    assert [tuple(one.shape) for one in noise] == [(2, 300, 40), (2, 1, 40)]
    for one in noise[0]:
        assert abs(one.mean()) < 0.04
        assert one.std() == pytest.approx(1, abs=0.03)
    assert abs((noise[0][0] * noise[0][1]).mean()) < 0.04


def test_noise_is_as_large_as_asked_for(digits):
    """Where slopes are cut to nearly nothing, Adam's first step is the noise's sign."""
    rows = digits[0].take(slice(None, 60))
    recipe = models.private_network(hidden=4, steps=1, rate=0.01, noise=1.0)
    quiet = replace(recipe, noise=1e-4)
    first = models._initial([64, 4, 10], [np.random.default_rng(0)])

    moved = {
        name: (made(rows, seed=0).layers[0][0] - first[0][0].numpy()).ravel()
        for name, made in {"loud": replace(recipe, noise=1e4), "quiet": quiet}.items()
    }

    noise = np.random.default_rng(0)
    models._initial([64, 4, 10], [noise])
    drawn = noise.standard_normal(64 * 4 + 4 + 40 + 10, np.float32)[: 64 * 4]
    agree = {name: np.mean(np.sign(m) == -np.sign(drawn)) for name, m in moved.items()}
    assert agree["loud"] > 0.99
    assert agree["quiet"] < 0.7


# ---------------------------------------------------------------- the camera


@pytest.fixture(scope="module")
def views():
    return camera.draw_views(70, seed=0)  # more than are worked on at once


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


# ---------------------------------------------------------------- any scale


@pytest.mark.parametrize("inner", [models.logistic(), models.network(hidden=8)])
def test_a_standardised_model_takes_rows_in_their_own_units(clinic, inner):
    rows, others = clinic
    mean, spread = rows.X.mean(axis=0), rows.X.std(axis=0)
    by_hand = inner(replace(rows, X=(rows.X - mean) / spread), seed=0)

    model = models.standardised(inner)(rows, seed=0)

    np.testing.assert_allclose(
        model.logits(others.X), by_hand.logits((others.X - mean) / spread), atol=1e-3
    )


def test_a_column_that_never_varies_is_left_alone(digits):
    assert (digits[0].X.std(axis=0) == 0).any()

    model = models.standardised(models.softmax())(digits[0], seed=0)

    assert np.isfinite(model.logits(digits[1].X)).all()


# ---------------------------------------------------------------- columns by name


class Named:
    """A model with two columns of any names, which says 0.3 and 0.7 to all."""

    def __init__(self, names):
        self.classes_ = np.array(names)

    def predict_proba(self, X):
        return np.tile([0.3, 0.7], (len(X), 1))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([0, 1], [0.3, 0.7]),
        ([1, 0], [0.7, 0.3]),
        ([1, 1], [0.0, 1.0]),
        ([0, 2], [0.3, 0.0, 0.7]),
    ],
)
def test_probabilities_follow_the_models_own_names(names, expected):
    answers = models.probabilities(Named(names), np.ones((2, 3)))

    np.testing.assert_allclose(answers, [expected, expected])


@pytest.mark.parametrize("names", [["no", "yes"], [-1, 1], [0.0, 1.0]])
def test_names_that_are_no_labels_are_refused(names):
    with pytest.raises(BadInput, match="whole numbers"):
        models.probabilities(Named(names), np.ones((2, 3)))


def test_a_tree_is_scikit_learns():
    rows = data.clinic()

    ours = models.tree(depth=3, leaf=5)(rows, seed=1)

    theirs = DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=1)
    theirs.fit(rows.X, rows.y)
    np.testing.assert_array_equal(
        ours.predict_proba(rows.X), theirs.predict_proba(rows.X)
    )


def test_rows_without_classes_make_a_regression_tree():
    rows = data.diabetes()

    (ours,) = models.tree(depth=3).many([rows], seeds=[1])

    theirs = DecisionTreeRegressor(max_depth=3, random_state=1).fit(rows.X, rows.y)
    np.testing.assert_array_equal(ours.predict(rows.X), theirs.predict(rows.X))


@pytest.mark.parametrize("settings", [{"depth": 0}, {"leaf": 0}])
def test_a_tree_refuses_settings_that_mean_nothing(settings):
    with pytest.raises(BadInput, match="wanted more than 0"):
        models.tree(**settings)


def test_a_tree_wants_a_seed_for_each_data_set():
    with pytest.raises(BadInput, match="one seed for each"):
        models.tree().many([data.clinic()], seeds=[])
    with pytest.raises(BadInput, match="got seed -1"):
        models.tree()(data.diabetes(), seed=-1)


def test_the_neighbours_are_scikit_learns(digits):
    rows, others = digits

    ours = models.neighbours(count=1)(rows, seed=0)
    theirs = KNeighborsClassifier(n_neighbors=1).fit(rows.X, rows.y)

    np.testing.assert_array_equal(ours.predict(others.X), theirs.predict(others.X))


def test_more_neighbours_than_rows_are_refused(digits):
    with pytest.raises(BadInput, match="got 10 rows; wanted at least 11"):
        models.neighbours(count=11)(digits[0].take(slice(10)), seed=0)


def test_a_transferred_network_keeps_all_but_its_last_layer(digits):
    rows, others = digits
    lender = models.network(hidden=16, steps=100)(rows, seed=0)

    borrower = models.transferred(lender, models.softmax())(others, seed=0)

    for ours, theirs in zip(borrower.layers[:-1], lender.layers[:-1], strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    seen = np.maximum(rows.X @ lender.layers[0][0] + lender.layers[0][1], 0)
    np.testing.assert_allclose(
        borrower.logits(rows.X), seen @ borrower.layers[1][0] + borrower.layers[1][1]
    )
    assert (borrower.predict(rows.X) == rows.y).mean() > 0.9


def test_a_network_without_a_hidden_layer_lends_nothing(digits):
    with pytest.raises(BadInput, match="wanted a network with a hidden layer"):
        models.transferred(models.softmax()(digits[0], seed=0), models.softmax())


def test_a_resumed_network_goes_on_from_where_it_was(digits):
    model = RECIPES["batches"](digits[0], seed=0)
    before = model.logits(digits[1].X)
    still = models.resumed(model, digits[0], steps=1, rate=1e-9, seed=0)
    further = models.resumed(model, digits[1], steps=80, rate=0.01, seed=0)

    np.testing.assert_allclose(still.logits(digits[1].X), before, atol=1e-4)
    right = [np.mean(m.predict(digits[1].X) == digits[1].y) for m in (model, further)]
    assert right[1] > right[0]
    np.testing.assert_array_equal(model.logits(digits[1].X), before)


def test_a_network_is_not_resumed_on_rows_that_do_not_fit(digits, clinic):
    model = RECIPES["network"](digits[0], seed=0)
    with pytest.raises(BadInput, match="as the network has"):
        models.resumed(model, clinic[0], steps=1, seed=0)
