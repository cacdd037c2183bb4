import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.kernel_ridge import KernelRidge

from foible import artefacts, data, models
from foible.defences import releasing


@pytest.fixture(scope="module")
def clinic():
    first, second = data.clinic().split(0.4, seed=0)
    return releasing.bounded(first, most=5000), releasing.bounded(second, most=5000)


@pytest.fixture(scope="module")
def update():
    rows, _ = data.digits().split(0.2, seed=0)
    model = models.network(hidden=8, steps=5)(rows, seed=0)
    return model.slope(rows.X[:1], rows.y[:1])


def length(update):
    return np.sqrt(sum(np.sum(values**2) for values in update.values()))


# ---------------------------------------------------------------- the rows


def test_a_linear_kernel_regression_answers_alike_without_rows():
    rows, others = data.diabetes().split(0.5, seed=0)
    kernel = KernelRidge().fit(rows.X, rows.y)

    plain = releasing.linear(kernel)

    np.testing.assert_allclose(plain.predict(others.X), kernel.predict(others.X))
    assert max(a.size for a in artefacts.contents(artefacts.dump(plain)).values()) == 10


# ---------------------------------------------------------------- the weights


def test_bounded_rows_are_no_longer_than_one(clinic):
    lengths = np.linalg.norm(data.clinic().X, axis=1)

    bounded = releasing.bounded(data.clinic(), most=float(np.median(lengths)))

    got = np.linalg.norm(bounded.X, axis=1)
    assert got.max() == pytest.approx(1)
    assert np.mean(got < 1 - 1e-9) == pytest.approx(0.5, abs=0.01)


def test_without_noise_the_weights_are_the_penalised_minimum(clinic):
    rows, strength = clinic[0], 2.0
    X = np.column_stack([rows.X, np.ones(len(rows))]) / np.sqrt(2)
    signs = 2 * rows.y - 1

    def loss(w):
        return np.logaddexp(0, -signs * (X @ w)).sum() + strength / 2 * w @ w

    end = minimize(loss, np.zeros(X.shape[1]), tol=1e-12).x
    made = releasing.OutputPerturbed(strength=strength, epsilon=np.inf)(rows, seed=0)
    logits = made.logits(rows.X)

    np.testing.assert_allclose(logits[:, 1] - logits[:, 0], X @ end, atol=1e-4)


def test_exchanging_a_row_moves_the_weights_less_than_the_noise_assumes(clinic):
    rows, strength = clinic[0], 0.5
    exact = releasing.OutputPerturbed(strength=strength, epsilon=np.inf)

    def unfolded(model):  # as they were when the noise was added
        (weight, bias), *_ = model.layers
        return np.sqrt(2) * np.append(np.diff(weight), np.diff(bias))

    before = unfolded(exact(rows, seed=0))
    moved = []
    for place in range(0, len(rows), 9):
        X, y = rows.X.copy(), rows.y.copy()
        X[place], y[place] = -X[place], 1 - y[place]
        other = data.Dataset("clinic", X, y, rows.columns, rows.classes, "exchanged")
        moved.append(np.linalg.norm(unfolded(exact(other, seed=0)) - before))

    assert 0.01 * 2 / strength < max(moved) <= 2 / strength


def test_the_noise_has_the_length_that_epsilon_asks_for(clinic):
    rows, d = clinic[0], clinic[0].X.shape[1]
    exact = releasing.OutputPerturbed(strength=3, epsilon=np.inf)(rows, seed=0)
    noisy = releasing.OutputPerturbed(strength=3, epsilon=2)

    lengths = []
    for seed in range(200):
        ours = noisy(rows, seed=seed).layers[0]
        gaps = [a - b for a, b in zip(ours, exact.layers[0], strict=True)]
        # each class carries half of a weight that was divided by the root of two
        lengths.append(2 * np.linalg.norm(np.vstack(gaps)))

    expected = (d + 1) * 2 / (3 * 2)  # mean of the gamma distribution
    assert np.mean(lengths) == pytest.approx(expected, rel=0.1)


# ---------------------------------------------------------------- the update


def test_clipping_shortens_what_is_long_and_leaves_the_rest(update):
    whole = length(update)

    short = releasing.clipped(update, most=whole / 2)
    same = releasing.clipped(update, most=2 * whole)

    assert length(short) == pytest.approx(whole / 2)
    for key, values in update.items():
        np.testing.assert_allclose(short[key], values / 2)
        np.testing.assert_array_equal(same[key], values)


def test_noise_has_its_scale(update):
    one = releasing.noised(update, scale=0.5, seed=0)

    added = np.concatenate([(one[key] - update[key]).ravel() for key in update])
    assert added.std() == pytest.approx(0.5, rel=0.1)


def test_a_shared_training_learns_and_noise_spoils_it():
    rows, others = data.digits().split(0.4, seed=0)

    clean = releasing.Shared(rounds=100)(rows, seed=0)
    noisy = releasing.Shared(rounds=100, scale=3.0).many([rows], seeds=[0])[0]

    assert np.mean(clean.predict(others.X) == others.y) > 0.8
    assert np.mean(noisy.predict(others.X) == others.y) < 0.4


def test_no_client_moves_the_model_by_more_than_the_clip():
    rows, _ = data.digits().split(0.2, seed=0)
    settings = {"cohort": 4, "rate": 1.0, "most": 1e-3}

    one = releasing.Shared(rounds=1, **settings)(rows, seed=0)
    two = releasing.Shared(rounds=2, **settings)(rows, seed=0)

    gaps = {key: two.weights()[key] - value for key, value in one.weights().items()}
    assert 0 < length(gaps) <= 1e-3 + 1e-6
