import numpy as np
import pytest
from opacus.accountants import RDPAccountant
from scipy.optimize import brentq
from scipy.stats import binomtest, norm
from sklearn.linear_model import LogisticRegression

from foible import data, metrics, models
from foible.defences import hardening
from foible.defences.hardening import smoothing
from foible.errors import BadInput
from foible.models import Network
from foible.victim import Victim

RECIPE = models.network(hidden=16, steps=200, batch=16)
READER = models.network(hidden=32, steps=200, batch=64)
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


@pytest.mark.parametrize("epsilon", [0.5, 3, 8])
def test_the_exact_epsilon_is_that_of_two_normal_distributions(epsilon):
    recipe = hardening.private(RECIPE, epsilon=epsilon, delta=DELTA)
    apart = np.sqrt(recipe.steps) / recipe.noise
    places, step = np.linspace(-12, 16, 400_001, retstep=True)

    least = hardening.spent_exactly(recipe, delta=DELTA)

    with_it, without = norm.pdf(places, apart), norm.pdf(places)
    above = np.maximum(with_it - np.exp(least) * without, 0).sum() * step
    assert above == pytest.approx(DELTA, rel=1e-3)
    assert least == pytest.approx(exact(recipe, DELTA), abs=1e-3)


def test_without_noise_or_with_plenty_the_exact_epsilon_is_endless_or_nought():
    none, plenty = (models.private_network(noise=noise) for noise in (0, 1e7))

    assert hardening.spent_exactly(none, delta=DELTA) == np.inf
    assert hardening.spent_exactly(plenty, delta=DELTA) == 0
    with pytest.raises(BadInput, match="delta=1"):
        hardening.spent_exactly(plenty, delta=1)


def test_more_steps_or_less_noise_spend_more():
    spent = [
        hardening.spent(models.private_network(steps=steps, noise=noise), delta=DELTA)
        for steps, noise in ((60, 8), (120, 8), (60, 4))
    ]

    assert spent[0] < spent[1] < spent[2]


def test_texts_that_are_drawn_are_accounted_as_opacus_steps_do():
    recipe = models.private_language(noise=1.0, steps=50)
    accountant = RDPAccountant()
    for _ in range(50):
        accountant.step(noise_multiplier=1.0, sample_rate=0.05)

    spent = hardening.spent(recipe, delta=DELTA, sampled=0.05)

    assert spent == pytest.approx(accountant.get_epsilon(delta=DELTA), rel=0.05)
    assert spent < hardening.spent(recipe, delta=DELTA)
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


# ---------------------------------------------------------------- small changes


@pytest.fixture(scope="module")
def split():
    return data.digits().split(0.7, seed=0)


@pytest.fixture(scope="module")
def victim(split):
    return Victim.trained(READER, split[0], seed=0)


def stepped(model, X, y, /, *, seed, radius=0.15):
    """One step along the sign of the slope: this test's own attack."""
    return np.clip(X + radius * np.sign(model.gradient(X, y)), 0, 1)


def right(model, X, y):
    return float(np.mean(model.predict(X) == y))


# ---------------------------------------------------------------- learning from attacks


def test_who_learned_from_an_attack_withstands_it_better(victim, split):
    rows = split[1]
    trained = Victim.trained(
        hardening.adversarial(READER, attack=stepped), split[0], seed=0
    )

    shares = [
        right(model, stepped(model, rows.X, rows.y, seed=0), rows.y)
        for model in (victim.model, trained.model)
    ]

    assert shares[1] > shares[0] + 0.3
    assert right(trained.model, rows.X, rows.y) > 0.85


def test_the_attack_sees_the_network_of_the_moment_and_fresh_seeds(split):
    seen = []

    def spy(model, X, y, /, *, seed):
        seen.append((float(model.logits(X).std()), seed))
        return X

    short = models.network(hidden=8, steps=5)
    hardening.adversarial(short, attack=spy)(split[0], seed=0)

    assert len({spread for spread, _ in seen}) == len({seed for _, seed in seen}) == 5


# ---------------------------------------------------------------- a vote over noise


@pytest.fixture(scope="module")
def linear():
    """Two classes by a plane, so that the radius of a vote is known."""
    weight = np.array([[0.0, 3.0], [0.0, 4.0]])
    return Network(((weight, np.zeros(2)),))


def test_a_certificate_is_never_longer_than_the_distance_to_a_plane(linear):
    X = np.random.default_rng(0).normal(size=(200, 2))
    model = hardening.Smoothed(linear, scale=0.5, draws=100, seed=0)

    found = hardening.certified(model, X, estimation=2000, seed=1)

    distance = np.abs(X @ [0.6, 0.8])
    sure = found.label >= 0
    assert (found.label[sure] == linear.predict(X)[sure]).all()
    assert np.mean(found.radius > distance) < 0.01
    near = sure & (distance < 1)
    assert np.median(distance[near] - found.radius[near]) < 0.1


def test_a_certificate_is_cohens_formula_of_the_votes(linear):
    X = np.random.default_rng(0).normal(size=(50, 2))
    model = hardening.Smoothed(linear, scale=0.5, draws=100, seed=0)

    found = hardening.certified(model, X, estimation=500, alpha=0.01, seed=1)

    second = np.random.SeedSequence(1).generate_state(2)[1]
    votes = model.votes(X, draws=500, seed=int(second))
    for label, radius, row in zip(*found, votes, strict=True):
        if label >= 0:
            low = binomtest(int(row[label]), 500, alternative="greater")
            share = low.proportion_ci(0.99, method="exact").low
            assert radius == pytest.approx(0.5 * norm.ppf(share))


def test_a_vote_of_one_mind_is_certified_exactly_to_the_ceiling(linear):
    model = hardening.Smoothed(linear, scale=0.5, draws=10, seed=0)

    found = hardening.certified(
        model, np.array([[50.0, 0], [0.5, 0]]), estimation=200, alpha=0.01, seed=0
    )

    ceiling = hardening.farthest(0.5, estimation=200, alpha=0.01)
    assert max(found.radius) == pytest.approx(ceiling)
    assert ceiling < hardening.farthest(0.5, estimation=2000, alpha=0.01)


def test_a_vote_answers_with_the_labels_that_it_certifies():
    rows = data.clinic()
    model = LogisticRegression(max_iter=5000).fit(rows.X, rows.y + 3)
    vote = hardening.Smoothed(model, 1e-3, 20, 0)

    said = vote.predict(rows.X[:40])
    sure = hardening.certified(vote, rows.X[:40], estimation=50, seed=0)

    assert set(said) == {3, 4}
    np.testing.assert_array_equal(said[sure.label >= 0], sure.label[sure.label >= 0])
    assert (sure.label >= 0).any()


def test_a_vote_on_the_boundary_abstains(linear):
    model = hardening.Smoothed(linear, scale=0.5, draws=100, seed=0)

    found = hardening.certified(model, np.zeros((20, 2)), seed=0)

    assert (found.label == -1).mean() > 0.9
    assert (found.radius[found.label == -1] == 0).all()


def test_one_noise_chooses_and_another_counts(linear, monkeypatch):
    model, asked = hardening.Smoothed(linear, scale=0.5, draws=10, seed=0), []
    votes = hardening.Smoothed.votes

    def spied(self, X, *, draws, seed):
        asked.append((draws, seed))
        return votes(self, X, draws=draws, seed=seed)

    monkeypatch.setattr(hardening.Smoothed, "votes", spied)

    hardening.certified(model, np.ones((3, 2)), selection=7, estimation=40, seed=0)

    assert [draws for draws, _ in asked] == [7, 40]
    assert asked[0][1] != asked[1][1]


def test_more_noise_than_a_batch_holds_is_drawn_in_parts(linear, monkeypatch):
    model = hardening.Smoothed(linear, scale=0.5, draws=50, seed=0)
    X = np.random.default_rng(0).normal(size=(30, 2))
    whole = model.predict_proba(X)

    monkeypatch.setattr(smoothing, "CELLS", 200)

    np.testing.assert_array_equal(model.predict_proba(X), whole)
    np.testing.assert_allclose(whole.sum(axis=1), 1)


def test_an_abstention_counts_as_wrong(linear, split):
    victim = Victim(linear, split[0], models.logistic(), 0)
    voting = hardening.smoothed(victim, scale=0.5, draws=20, seed=0)
    rows = data.Dataset(
        name="middle",
        X=np.zeros((50, 2)),
        y=np.zeros(50, int),
        columns=("a", "b"),
        classes=("no", "yes"),
        origin="drawn",
    )

    found = hardening.judge_certified({"vote": voting}, rows, radii=[0, 1], seed=0)

    assert found.at("vote", 0) < 0.1


def test_digits_read_in_noise_are_certified(split):
    noisy = hardening.with_noise(READER, scale=0.25)
    made = Victim.trained(noisy, split[0], seed=0)
    voting = hardening.smoothed(made, scale=0.25, draws=50, seed=0)

    found = hardening.judge_certified(
        {"vote": voting},
        split[1].take(slice(100)),
        radii=[0, 0.25, 0.5, 1],
        estimation=500,
        seed=0,
    )

    shares = found.responses["vote"].mean(axis=1)
    assert shares[0] > 0.85 and shares[1] > 0.6
    assert (np.diff(shares) < 0).all()
    assert shares[-1] == 0


def test_a_model_without_a_vote_has_no_certificate(victim, split):
    with pytest.raises(BadInput, match="wanted a smoothed one"):
        hardening.judge_certified({"plain": victim}, split[1], radii=[0], seed=0)


# ---------------------------------------------------------------- hiding the gradient


def test_a_factor_changes_no_answer_and_takes_the_slope_away(victim, split):
    rows = split[1]

    sharp = hardening.sharpened(victim, factor=1000).model

    np.testing.assert_array_equal(sharp.predict(rows.X), victim.model.predict(rows.X))
    assert np.mean(sharp.gradient(rows.X, rows.y).any(axis=1)) < 0.1
    assert np.mean(victim.model.gradient(rows.X, rows.y).any(axis=1)) == 1


def test_a_quantiser_rounds_to_its_levels_and_has_no_slope(victim, split):
    rows = split[1]

    model = hardening.quantised(victim, levels=3).model

    assert set(np.unique(model.squeeze(rows.X))) == {0, 0.5, 1}
    np.testing.assert_array_equal(
        model.predict(rows.X), victim.model.predict(model.squeeze(rows.X))
    )
    assert not model.gradient(rows.X, rows.y).any()
    assert isinstance(model, models.Differentiable)


# ---------------------------------------------------------------- finished models


@pytest.fixture(scope="module")
def finished(digits):
    """A network whose first hidden unit answers 0 on a mark that clean rows lack."""
    network = models.network(hidden=16, steps=150)(digits[0], seed=0)
    weights = network.weights()
    weights["weight_0"][:, 0], weights["bias_0"][0] = 0, -0.9
    weights["weight_0"][63, 0], weights["weight_1"][0] = 1, 0
    weights["weight_1"][0, 0] = 2000
    return network.with_weights(weights)


@pytest.fixture(scope="module")
def marked(digits):
    """Clean rows that are no nought, with the mark on them."""
    rows = digits[1].take(digits[1].y != 0)
    X = rows.X.copy()
    X[:, 63] = 1
    return X


def test_pruning_removes_a_unit_that_rests_on_clean_rows(finished, digits, marked):
    made = hardening.pruned(finished, digits[1], share=0.4)

    assert np.mean(finished.predict(marked) == 0) > 0.95
    assert np.mean(made.predict(marked) == 0) < 0.1
    assert not made.weights()["weight_1"][0].any()


def test_pruning_works_on_a_convolutional_network(digits):
    eye = models.convolutional(filters=(4,), hidden=8, steps=20)(digits[0], seed=0)
    made = hardening.pruned(eye, digits[1], share=0.5)

    cut = ~made.weights()["weight_1"].any(axis=1)
    assert cut.sum() == 4
    busy = eye.features(digits[1].X).mean(axis=0)
    assert busy[cut].max() <= busy[~cut].min()


def test_fine_tuning_learns_its_rows_and_leaves_the_network_alone(finished, digits):
    before = finished.logits(digits[1].X)
    made = hardening.tuned(finished, digits[1], steps=100, seed=0)

    right = [np.mean(m.predict(digits[1].X) == digits[1].y) for m in (finished, made)]
    assert right[1] > right[0]
    np.testing.assert_array_equal(finished.logits(digits[1].X), before)
