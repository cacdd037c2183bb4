import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from foible import data, metrics, models
from foible.defences import hardening
from foible.errors import BadInput

RECIPE = models.network(hidden=16, steps=200, batch=16)
DELTA = 1e-5


@pytest.fixture(scope="module")
def digits():
    return data.digits().split(0.5, seed=0)


def delta_of(epsilon, apart):
    """The least delta of two normals of spread 1, in closed form."""
    near, far = -epsilon / apart + apart / 2, -epsilon / apart - apart / 2
    return norm.cdf(near) - np.exp(epsilon) * norm.cdf(far)


def exact(recipe, delta):
    apart = np.sqrt(recipe.steps) / recipe.noise
    return brentq(lambda e: delta_of(e, apart) - delta, 1e-6, 60)


# ---------------------------------------------------------------- without a promise


def test_stopping_makes_the_same_network_after_fewer_steps(digits):
    early = hardening.stopped(RECIPE, steps=50)

    assert early == models.network(hidden=16, steps=50, batch=16)
    assert hardening.stopped(RECIPE, steps=500) == RECIPE
    assert RECIPE.steps == 200


def test_a_penalty_makes_smaller_weights(digits):
    plain, decayed = (
        recipe(digits[0], seed=0)
        for recipe in (RECIPE, hardening.decayed(RECIPE, decay=0.02))
    )

    sizes = [np.abs(model.layers[0][0]).mean() for model in (plain, decayed)]
    assert sizes[1] < 0.9 * sizes[0]


@pytest.mark.parametrize(
    "refused",
    [
        lambda: hardening.stopped(RECIPE, steps=0),
        lambda: hardening.decayed(RECIPE, decay=0),
        lambda: hardening.private(RECIPE, epsilon=0, delta=DELTA),
        lambda: hardening.private(RECIPE, epsilon=1, delta=0),
        lambda: hardening.private(RECIPE, epsilon=1, delta=1),
        lambda: hardening.private(RECIPE, epsilon=float("nan"), delta=DELTA),
        lambda: hardening.private(RECIPE, epsilon=1e9, delta=DELTA),
        lambda: hardening.private(RECIPE, epsilon=1e-6, delta=DELTA),
    ],
)
def test_settings_that_mean_nothing_are_refused(refused):
    with pytest.raises(BadInput):
        refused()


# ---------------------------------------------------------------- with a theorem


@pytest.mark.parametrize("epsilon", [0.5, 1, 3, 8, 20])
def test_the_noise_spends_what_was_allowed_and_no_more(epsilon):
    recipe = hardening.private(RECIPE, epsilon=epsilon, delta=DELTA)

    spent = hardening.spent(recipe, delta=DELTA)

    assert epsilon * (1 - 1e-4) < spent <= epsilon
    assert recipe.hidden == RECIPE.hidden


@pytest.mark.parametrize("epsilon", [0.5, 1, 3, 8, 20])
def test_the_accountant_is_a_little_above_the_closed_form(epsilon):
    recipe = hardening.private(RECIPE, epsilon=epsilon, delta=DELTA)

    least = exact(recipe, DELTA)

    assert least < hardening.spent(recipe, delta=DELTA) < 1.2 * least


def test_more_steps_or_less_noise_spend_more():
    spent = [
        hardening.spent(models.private_network(steps=steps, noise=noise), delta=DELTA)
        for steps, noise in ((60, 8), (120, 8), (60, 4))
    ]

    assert spent[0] < spent[1] < spent[2]
    assert hardening.spent(models.private_network(noise=0), delta=DELTA) == np.inf


def test_the_ceiling_is_the_lower_envelope_of_all_epsilons_and_deltas():
    recipe = hardening.private(RECIPE, epsilon=3, delta=DELTA)
    apart = np.sqrt(recipe.steps) / recipe.noise
    alarms = np.geomspace(1e-4, 0.2, 20)
    epsilons = np.linspace(0.001, 12, 4000)

    lines = np.exp(epsilons) * alarms[:, np.newaxis] + delta_of(epsilons, apart)

    np.testing.assert_allclose(
        hardening.ceiling(recipe, alarms), lines.min(axis=1), rtol=1e-3
    )


def test_the_best_test_of_two_normals_meets_the_ceiling():
    recipe = models.private_network(steps=64, noise=8)  # the means are 1 apart
    random = np.random.default_rng(0)
    with_it, without = random.normal(1, 1, 100_000), random.normal(0, 1, 100_000)

    found = metrics.found_at(with_it, without, false_alarms=0.01)

    assert found == pytest.approx(hardening.ceiling(recipe, 0.01), abs=0.01)


def test_without_noise_nothing_is_promised():
    no_noise = models.private_network(noise=0)

    np.testing.assert_array_equal(hardening.ceiling(no_noise, [0.001, 0.5]), 1)


def test_a_private_network_still_reads(digits):
    rows, others = digits
    recipe = hardening.private(RECIPE, epsilon=8, delta=DELTA)

    model = recipe(rows, seed=0)

    assert metrics.accuracy(others.y, model.predict(others.X)) > 0.8
