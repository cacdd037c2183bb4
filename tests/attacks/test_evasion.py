from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from foible import data, models
from foible.attacks import evasion
from foible.attacks.evasion import squares
from foible.errors import BadInput, WeakEvidence
from foible.evidence import BeforeAfter
from foible.models import Network, Scoring
from foible.oracle import Oracle
from foible.search import Ball
from foible.victim import Victim

WIDE = {"low": -np.inf, "high": np.inf}
ATTACKS = {
    "one step": partial(evasion.pgd, steps=1),
    "PGD": partial(evasion.pgd, steps=10, restarts=1),
    **evasion.ensemble((8, 8), steps=10, queries=100),
}


@pytest.fixture(scope="module")
def split():
    return data.digits().split(0.7, seed=0)


@pytest.fixture(scope="module")
def victim(split):
    return Victim.trained(models.network(hidden=32, steps=150), split[0], seed=0)


@pytest.fixture(scope="module")
def rows(split):
    return split[1].take(slice(150))


@pytest.fixture(scope="module")
def clinic():
    known, fresh = data.clinic().split(0.6, seed=0)
    mean, spread = known.X.mean(axis=0), known.X.std(axis=0)
    scaled = [replace(part, X=(part.X - mean) / spread) for part in (known, fresh)]
    return Victim.trained(models.logistic(), scaled[0], seed=0), scaled[1]


def right(model, X, y):
    return float(np.mean(model.predict(X) == y))


# ---------------------------------------------------------------- every attack


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_fools_a_plain_network(name, victim, rows):
    moved = ATTACKS[name](victim.model, rows.X, rows.y, ball=Ball(0.2), seed=0)

    assert right(victim.model, rows.X, rows.y) > 0.9
    assert right(victim.model, moved, rows.y) < 0.25


@pytest.mark.parametrize("name", [name for name in ATTACKS if name != "one step"])
def test_an_attack_keeps_to_euclidean_length_too(name, victim, rows):
    ball = Ball(0.6, norm="L2")

    moved = ATTACKS[name](victim.model, rows.X, rows.y, ball=ball, seed=0)

    assert np.linalg.norm(moved - rows.X, axis=1).max() <= 0.6 + 1e-12
    assert right(victim.model, moved, rows.y) < 0.6


# ---------------------------------------------------------------- with the gradient


def test_one_step_is_the_sign_of_the_slope(victim, rows):
    moved = evasion.fgsm(victim.model, rows.X, rows.y, ball=Ball(0.1))

    slope = victim.model.gradient(rows.X, rows.y)
    wanted = np.clip(rows.X + 0.1 * np.sign(slope), 0, 1)
    np.testing.assert_allclose(moved, wanted, atol=1e-12)
    once = evasion.pgd(victim.model, rows.X, rows.y, ball=Ball(0.1), steps=1, seed=0)
    np.testing.assert_allclose(once, moved, atol=1e-12)


def test_more_steps_and_restarts_never_help_the_model(victim, rows):
    climb = partial(evasion.pgd, victim.model, rows.X, rows.y, ball=Ball(0.1), seed=0)

    lead = [
        evasion.margin(victim.model.logits(moved), rows.y)
        for moved in (climb(steps=20), climb(steps=20, restarts=3))
    ]

    assert (lead[1] <= lead[0] + 1e-12).all()
    assert (lead[1] < lead[0] - 1e-9).any()


@pytest.mark.parametrize("loss", [evasion.cross_entropy, evasion.logit_ratio])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_slope_of_a_loss_is_its_derivative(loss, classes):
    random = np.random.default_rng(0)
    logits, y = random.normal(size=(20, classes)), random.integers(0, classes, 20)
    way = random.normal(size=logits.shape)

    _, slope = loss(logits, y)
    rise = (loss(logits + 1e-6 * way, y)[0] - loss(logits - 1e-6 * way, y)[0]) / 2e-6

    np.testing.assert_allclose((slope * way).sum(axis=1), rise, rtol=1e-4, atol=1e-6)


def test_the_slope_of_the_targeted_ratio_is_its_derivative():
    random = np.random.default_rng(1)
    logits, y = random.normal(size=(20, 6)), random.integers(0, 6, 20)
    loss = partial(evasion.logit_ratio, target=(y + 1) % 6)
    way = random.normal(size=logits.shape)

    rise = (loss(logits + 1e-6 * way, y)[0] - loss(logits - 1e-6 * way, y)[0]) / 2e-6

    np.testing.assert_allclose((loss(logits, y)[1] * way).sum(1), rise, rtol=1e-4)


def test_the_ratio_does_not_see_the_scale_of_the_logits():
    random = np.random.default_rng(0)
    logits, y = random.normal(size=(20, 6)), random.integers(0, 6, 20)

    value, _ = evasion.logit_ratio(logits, y)
    scaled, _ = evasion.logit_ratio(1000 * logits + 5, y)

    np.testing.assert_allclose(scaled, value)


def test_apgd_is_no_weaker_than_pgd_of_as_many_steps(victim, rows):
    attack = {"ball": Ball(0.1), "steps": 20, "seed": 0}
    known = victim.model.predict(rows.X) == rows.y

    fixed = evasion.pgd(victim.model, rows.X, rows.y, **attack)
    adaptive = evasion.apgd(victim.model, rows.X, rows.y, **attack)

    losses = [
        evasion.cross_entropy(victim.model.logits(moved), rows.y)[0][known].mean()
        for moved in (fixed, adaptive)
    ]
    assert losses[1] > 0.95 * losses[0]


def test_apgd_keeps_a_wrong_row_that_it_has_met(victim, rows):
    met, right = np.zeros(len(rows), bool), victim.model.predict(rows.X) == rows.y

    @dataclass(frozen=True, eq=False)
    class Watched(Scoring):
        model: Network

        @property
        def classes_(self):
            return self.model.classes_

        def logits(self, X):
            return self.model.logits(X)

        def follow(self, X, aim):
            met[right] |= self.model.predict(X) != rows.y[right]
            return self.model.follow(X, aim)

    def sure(logits, y):  # the loss grows as the answer gets right again
        value, slope = evasion.cross_entropy(logits, y)
        return -value, -slope

    attack = {"ball": Ball(0.4), "steps": 10, "seed": 0}
    moved = evasion.apgd(Watched(victim.model), rows.X, rows.y, loss=sure, **attack)

    assert met.sum() > 3
    assert (victim.model.predict(moved)[met] != rows.y[met]).all()


@pytest.mark.parametrize("attack", [evasion.apgd, partial(evasion.targeted, targets=1)])
def test_a_row_that_is_wrong_already_is_not_climbed_from(victim, rows, attack):
    y, followed = np.where(np.arange(len(rows)) < 10, (rows.y + 1) % 10, rows.y), []
    wrong = victim.model.predict(rows.X) != y

    class Counting(Network):
        def follow(self, X, aim):
            followed.append(len(X))
            return super().follow(X, aim)

    move = partial(attack, ball=Ball(0.1), steps=5, seed=0)
    moved = move(Counting(victim.model.layers), rows.X, y)

    assert set(followed) == {(~wrong).sum()}
    np.testing.assert_array_equal(moved[wrong], rows.X[wrong])
    truth = np.where(wrong, victim.model.predict(rows.X), y)
    every = move(victim.model, rows.X, truth)  # each row draws for itself
    np.testing.assert_allclose(moved[~wrong], every[~wrong], atol=1e-12)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_a_target_is_got_to_as_far_as_the_model_gives_way(victim, rows, norm):
    radius, target = {"Linf": 0.15, "L2": 1.2}[norm], (rows.y + 1) % 10
    ball = Ball(radius, norm=norm)
    climb = partial(evasion.pgd, victim.model, rows.X, rows.y, ball=ball, seed=0)

    once, often = climb(target=target), climb(target=target, restarts=3)

    lead = [evasion.margin(victim.model.logits(at), target) for at in (once, often)]
    free = victim.model.predict(climb()) == target
    assert (lead[0] > 0).mean() > free.mean() + 0.3
    assert (lead[1] >= lead[0]).all() and (lead[1] > lead[0]).any()
    assert ball.spent(rows.X, often).max() <= radius + 1e-9


def test_a_target_that_is_the_right_label_is_refused(victim, rows):
    with pytest.raises(BadInput, match="got 150 targets that are the label to get"):
        evasion.pgd(victim.model, rows.X, rows.y, ball=Ball(0.1), target=rows.y, seed=0)


def test_apgd_halves_a_step_that_found_no_new_best_unless_it_was_just_halved():
    heights = iter([100.0, *range(8), *range(7), *range(7, 13), *[0.0] * 19])
    shares = []

    class Told(Scoring):
        classes_ = np.arange(2)

        def logits(self, X):
            return np.zeros((1, 2))

        def follow(self, X, aim):
            return np.array([[next(heights), 0.0]]), np.ones((1, 1))

    class Still(Ball):
        def around(self, X):
            return lambda moved: moved

        def drawn(self, X, rng):
            return X

        def step(self, share):
            shares.append(share.item())
            return lambda slope: 0 * slope

    def height(logits, y):
        return logits[:, 0], logits

    X, y = np.zeros((1, 1)), np.zeros(1, int)
    evasion.apgd(Told(), X, y, ball=Still(1), loss=height, steps=40, seed=0)

    # It looks back after 8, 15, 21 and 26 steps; all but the first of each rise.
    assert shares[:26] == [2.0] * 8 + [1.0] * 13 + [0.5] * 5


@pytest.mark.parametrize("name", ["joined", "nearest"])
def test_labels_are_columns_whatever_a_model_calls_them(victim, rows, name):
    class Renamed(Network):
        def predict(self, X):
            return 10 * super().predict(X) - 1

    attack = {
        "joined": partial(evasion.autoattack, attacks={"one": ATTACKS["one step"]}),
        "nearest": partial(evasion.nearest, attack=ATTACKS["one step"]),
    }[name]
    X, y, settings = rows.X[:20], rows.y[:20], {"ball": Ball(0.1), "seed": 0}

    plain, renamed = (
        attack(model, X, y, **settings)
        for model in (victim.model, Renamed(victim.model.layers))
    )

    np.testing.assert_array_equal(plain, renamed)


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize(
    "other",
    [
        lambda y: 2 * (y % 2) - 1,
        lambda y: y + 1,
        lambda y: y.astype(float),
        lambda y: y.astype(str),
        lambda y: np.eye(10)[y],
    ],
)
def test_labels_of_another_kind_are_refused_by_every_attack(victim, rows, name, other):
    with pytest.raises(BadInput, match=r"wanted whole numbers of shape \("):
        ATTACKS[name](victim.model, rows.X, other(rows.y), ball=Ball(0.2), seed=0)


# ---------------------------------------------------------------- by asking


def test_square_asks_no_more_than_it_may(victim, rows):
    oracle = victim.oracle(budget=20 * len(rows), answers="values")

    evasion.square(
        oracle, rows.X, rows.y, ball=Ball(0.05), image=(8, 8), queries=20, seed=0
    )

    assert oracle.left >= 0
    assert oracle.asked > 5 * len(rows)


def test_square_paints_squares_of_one_sign_in_each_colour(victim, rows):
    marks = squares._squares((50, 6, 7, 3), 3, np.random.default_rng(0))

    assert set(np.unique(marks)) == {-1, 0, 1}
    for picture in marks.transpose(0, 3, 1, 2).reshape(-1, 6, 7):
        high, wide = picture.any(axis=1), picture.any(axis=0)
        inside = picture[high][:, wide]
        assert inside.shape == (3, 3)
        assert len(np.unique(inside)) == 1


@pytest.mark.parametrize("shape", [(30, 8, 8, 1), (30, 9, 12, 3), (30, 2, 3, 1)])
def test_square_gives_all_of_a_euclidean_ball_to_one_window_after_another(shape):
    random, radius = np.random.default_rng(0), np.linspace(0.5, 2, 30)[:, np.newaxis]
    change = radius[:, :, None, None] * squares._tiles(shape, random)

    for side in (1, 2, 3, 8):
        before, change = change, squares._exchanged(change, radius, side, random)
        length = np.linalg.norm(change.reshape(30, -1), axis=1, keepdims=True)
        np.testing.assert_allclose(length, radius)
        assert not np.array_equal(before, change)


def test_a_hill_is_highest_in_the_middle_and_of_length_one():
    hill = squares._hill(2, 5)

    assert np.linalg.norm(hill) == pytest.approx(1)
    assert hill.argmax() == 7
    falls = 1 + 1 / 4 + 1 / 9
    steps = [1 / 9, 13 / 36, falls, 13 / 36, 1 / 9]
    np.testing.assert_allclose(hill[1] / hill[1, 2] * falls, steps)


def test_autoattack_takes_a_euclidean_ball(victim, rows):
    attacks = evasion.ensemble((8, 8), steps=10, queries=100, norm="L2")
    ball = Ball(0.6, norm="L2")

    settings = {"ball": ball, "attacks": attacks, "seed": 0}
    moved = evasion.autoattack(victim.model, rows.X, rows.y, **settings)

    left = right(victim.model, moved, rows.y)
    for attack in attacks.values():
        alone = attack(victim.model, rows.X, rows.y, ball=ball, seed=0)
        assert left <= right(victim.model, alone, rows.y)
    assert ball.spent(rows.X, moved).max() <= 0.6 + 1e-12


def test_in_a_euclidean_ball_fab_turns_rows_that_the_four_attacks_leave(victim, rows):
    model, ball = victim.model, Ball(0.6, norm="L2")
    search = partial(evasion.autoattack, model, rows.X, rows.y, ball=ball, seed=0)
    settings = {"steps": 100, "queries": 1000}
    four = evasion.ensemble((8, 8), **settings)
    five = evasion.ensemble((8, 8), **settings, norm="L2")

    left, fewer = (
        model.predict(search(attacks=attacks)) == rows.y for attacks in (four, five)
    )

    assert five.keys() - four.keys() == {"FAB"}
    assert (fewer <= left).all()
    assert left.sum() - fewer.sum() >= 3


def test_labels_alone_lead_to_the_boundary_of_a_linear_model(clinic):
    victim, rows = clinic
    few = rows.take(np.flatnonzero(victim.model.predict(rows.X) == rows.y)[:20])
    others = rows.X[[np.flatnonzero(rows.y != label)[0] for label in few.y]]
    oracle = victim.oracle(answers="label")

    found = evasion.hopskipjump(
        oracle, few.X, few.y, start=others, rounds=15, draws=100, seed=0
    )

    far = np.linalg.norm(found - few.X, axis=1)
    least = evasion.reach(victim.model, few.X, few.y, norm="L2")
    assert (victim.model.predict(found) != few.y).all()
    assert (far >= least * (1 - 1e-9)).all()
    assert np.median(far / least) < 1.3


def test_labels_alone_lead_to_the_boundary_among_thousands_of_columns():
    random = np.random.default_rng(0)
    model = Network(((random.standard_normal((3072, 2)), np.zeros(2)),))
    X = random.random((6, 3072)) - 0.5
    y = model.predict(X)
    start = X[[np.flatnonzero(y != label)[0] for label in y]]
    oracle = models.oracle(model, answers="label")

    found = evasion.hopskipjump(oracle, X, y, start=start, rounds=10, seed=0)

    least = evasion.reach(model, X, y, norm="L2")
    assert np.median(np.linalg.norm(found - X, axis=1) / least) < 2.5


def test_labels_that_are_never_answered_are_told(clinic):
    victim, rows = clinic
    ask = partial(evasion.hopskipjump, start=rows.X[:3], rounds=1, draws=2, seed=0)

    with pytest.warns(WeakEvidence, match="3 of 3 rows have a label that was never"):
        ask(victim.oracle(answers="label"), rows.X[3:6], rows.y[3:6] + 5)
    with pytest.raises(BadInput, match=r"of shape \(3, 2\); wanted labels"):
        ask(victim.oracle(), rows.X[3:6], rows.y[3:6])


# ---------------------------------------------------------------- exactly


def test_pgd_leaves_of_a_linear_model_what_the_formula_says(clinic):
    victim, rows = clinic

    for norm, radii in (("Linf", [0, 0.1, 0.3, 1]), ("L2", [0, 0.5, 1, 3])):
        found = evasion.judge_linear(
            victim, rows, radii=radii, ball=Ball(1, norm=norm, **WIDE), seed=0
        )
        for radius in radii:
            exact = found.at("exact", radius)
            assert found.at("PGD", radius) == pytest.approx(exact, abs=1e-4)


def test_the_nearest_wrong_row_of_a_linear_model_is_as_far_as_the_formula_says():
    random = np.random.default_rng(0)
    model = Network(((random.normal(size=(5, 4)), random.normal(size=4)),))
    X = random.normal(size=(30, 5))
    y = model.predict(X)
    attack = partial(evasion.targeted, targets=3, steps=40)
    ball = Ball(4, **WIDE)

    near = evasion.nearest(model, X, y, attack=attack, ball=ball, halvings=14, seed=0)

    far, least = np.abs(near - X).max(axis=1), evasion.reach(model, X, y)
    assert (model.predict(near) != y).all()
    assert (far >= least * (1 - 1e-9)).all()
    np.testing.assert_allclose(far, least, rtol=0.01)


@pytest.mark.parametrize("norm", ["Linf", "L2"])
@pytest.mark.parametrize("low", [-np.inf, 0.0])
def test_fab_comes_as_near_as_a_linear_model_and_a_box_let_it(norm, low):
    random = np.random.default_rng(0)
    model = Network(((random.normal(size=(6, 2)), np.zeros(2)),))
    X = np.where(random.random((40, 6)) < 0.3, 0, random.random((40, 6)))
    y = model.predict(X)
    ball = Ball(9, norm, low, -low if low else 1.0)
    least = np.array([_smallest(model, *pair, ball) for pair in zip(X, y, strict=True)])

    moved = evasion.fab(model, X, y, ball=ball, seed=0)

    far, found = ball.spent(X, moved), model.predict(moved) != y
    np.testing.assert_array_equal(found, least < np.inf)
    assert found.sum() > 20
    np.testing.assert_allclose(far[found], least[found], rtol=0.01)


def _smallest(model, row, label, ball):
    """How far a row is from the boundary between two classes, by an optimiser."""
    weight = model.layers[0][0]
    apart = weight[:, 1 - label] - weight[:, label]
    inside = [(ball.low, ball.high)] * len(row)
    if ball.norm == "L2":
        behind = {"type": "ineq", "fun": lambda place: apart @ place}
        found = minimize(
            lambda place: ((place - row) ** 2).sum(),
            row,
            bounds=inside,
            constraints=behind,
        )
        return np.sqrt(found.fun) if found.success else np.inf
    ones, one = np.ones((len(row), 1)), np.eye(len(row))
    within = [np.hstack([one, -ones]), np.hstack([-one, -ones])]
    found = linprog(
        [0] * len(row) + [1],
        A_ub=np.vstack([*within, [*-apart, 0]]),
        b_ub=[*row, *-row, 0],
        bounds=[*inside, (0, None)],
    )
    return found.fun if found.success else np.inf


@pytest.mark.parametrize("norm", ["Linf", "L2"])
def test_nothing_nearer_on_the_way_to_the_nearest_is_wrong(victim, rows, norm):
    ball = Ball(1.0 if norm == "Linf" else 5.0, norm=norm)
    search = partial(evasion.nearest, attack=ATTACKS["PGD"], ball=ball, halvings=3)

    near = search(victim.model, rows.X, rows.y, seed=0)

    known = victim.model.predict(rows.X) == rows.y
    before = rows.X + (1 - 2**-10) * (near - rows.X)
    assert (victim.model.predict(near) != rows.y).all()
    assert right(victim.model, before[known], rows.y[known]) > 0.95


def test_a_row_that_withstands_the_whole_ball_is_marked(victim, rows):
    search = partial(evasion.nearest, victim.model, rows.X, rows.y, seed=0)
    wrong = victim.model.predict(rows.X) != rows.y

    near = search(attack=ATTACKS["one step"], ball=Ball(0.08))

    held = np.isnan(near).all(axis=1)
    assert 0 < held.sum() < 150
    assert (victim.model.predict(near[~held]) != rows.y[~held]).all()
    np.testing.assert_array_equal(near[wrong], rows.X[wrong])


def test_a_row_that_is_wrong_already_needs_no_change(clinic):
    victim, rows = clinic
    wrong = victim.model.predict(rows.X) != rows.y

    least = evasion.reach(victim.model, rows.X, rows.y)

    assert wrong.any()
    assert (least[wrong] == 0).all() and (least[~wrong] > 0).all()


@pytest.fixture(scope="module")
def bank():
    past, rows = data.talk_view(data.draw_bank(8000, seed=1)).split(0.7, seed=0)
    recipe = models.forest(trees=5, depth=3, leaf=100)
    victim = Victim.trained(recipe, past, seed=0)
    refused = rows.take(np.flatnonzero(victim.model.predict(rows.X) == 1)[:80])
    return victim, rows, refused


def test_every_row_lies_in_one_region_which_has_the_forests_answer(bank):
    victim, rows, _ = bank

    regions = evasion.boxes(victim.model)

    inside = (rows.X[:, None] > regions.low) & (rows.X[:, None] <= regions.high)
    where = inside.all(axis=2)
    assert (where.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(
        regions.answer[where.argmax(axis=1)], victim.model.predict(rows.X)
    )


def test_as_many_regions_as_are_allowed_and_no_more(bank):
    forest = bank[0].model
    many = len(evasion.boxes(forest).low)

    assert len(evasion.boxes(forest, most=many).low) == many
    with pytest.raises(BadInput, match=f"got over {many - 1} regions"):
        evasion.boxes(forest, most=many - 1)


def test_what_is_exact_is_found_in_pieces_as_at_once(bank, monkeypatch):
    victim, rows, refused = bank
    linear, scale = models.softmax()(rows, seed=0), rows.X.std(axis=0)
    free = evasion.anything(rows.X.shape[1])

    def found():
        regions = evasion.boxes(victim.model)
        near = evasion.cheapest(regions, refused.X, wanted=0, scale=scale, rules=free)
        return regions.low, near, evasion.reach(linear, refused.X, refused.y)

    at_once = found()
    monkeypatch.setattr("foible.arrays.CELLS", 1000)

    for whole, pieces in zip(at_once, found(), strict=True):
        np.testing.assert_array_equal(whole, pieces)


def test_no_accepted_point_of_a_fine_grid_is_nearer_than_the_exact_one():
    random = np.random.default_rng(0)
    X = random.random((300, 2))
    rows = data.Dataset(
        name="plane",
        X=X,
        y=(X.sum(axis=1) > 1).astype(int),
        columns=("a", "b"),
        classes=("no", "yes"),
        origin="drawn",
    )
    forest = models.forest(trees=5, depth=3)(rows, seed=0)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 201)] * 2), axis=-1).reshape(-1, 2)
    accepted = grid[forest.predict(grid) == 1]
    refused = X[forest.predict(X) == 0][:20]
    rules, scale = evasion.anything(2), np.array([1.0, 2.0])

    found = evasion.cheapest(
        evasion.boxes(forest), refused, wanted=1, scale=scale, rules=rules
    )

    far = np.linalg.norm((found - refused) / scale, axis=1)
    by_grid = np.linalg.norm((accepted - refused[:, None]) / scale, axis=2).min(axis=1)
    assert (forest.predict(found) == 1).all()
    assert (far <= by_grid + 1e-6).all()
    assert (far >= by_grid - 0.01).all()


def test_a_customer_changes_only_what_a_customer_can(bank):
    victim, rows, refused = bank
    free = np.isin(rows.columns, ["LIMIT_BAL", "BILL_AMT1", "BILL_AMT2", "PAY_AMT1"])
    ends = victim.rows.X.min(axis=0), victim.rows.X.max(axis=0)
    regions, scale = evasion.boxes(victim.model), victim.rows.X.std(axis=0)
    nearest = partial(evasion.cheapest, regions, refused.X, wanted=0, scale=scale)

    bound = nearest(rules=evasion.Rules(free, *ends))
    loose = nearest(rules=evasion.anything(len(rows.columns)))

    accepted = victim.model.predict(bound) == 0
    assert (victim.model.predict(loose) == 0).all()
    assert 0 < accepted.mean() < 1
    np.testing.assert_array_equal(bound[:, ~free], refused.X[:, ~free])
    np.testing.assert_array_equal(bound, np.rint(bound))
    np.testing.assert_array_equal(bound[~accepted], refused.X[~accepted])
    assert (bound >= ends[0]).all() and (bound <= ends[1]).all()
    cost = [np.linalg.norm((m - refused.X) / scale, axis=1) for m in (loose, bound)]
    assert (cost[0][accepted] <= cost[1][accepted] + 1e-9).all()


def test_a_column_out_of_the_rules_range_may_stay_as_it_is():
    regions = evasion.Boxes(
        np.array([[-np.inf, 1.5]]), np.array([[np.inf, np.inf]]), np.array([0])
    )
    rules = evasion.Rules(np.array([True, True]), np.zeros(2), np.array([5.0, 5.0]))
    row = np.array([[9.0, 0.0]])  # the first column is already beyond what is allowed

    moved = evasion.cheapest(regions, row, wanted=0, scale=np.ones(2), rules=rules)

    np.testing.assert_array_equal(moved, [[9.0, 2.0]])


def test_who_asks_the_forest_never_beats_the_exact_answer(bank):
    victim, rows, refused = bank
    scale = victim.rows.X.std(axis=0)
    nearest = partial(evasion.cheapest, evasion.boxes(victim.model), refused.X)
    exact = nearest(wanted=0, scale=scale, rules=evasion.anything(len(rows.columns)))
    oracle = Oracle(
        lambda X: models.probabilities(victim.model, X * scale), answers="label"
    )
    start = rows.X[victim.model.predict(rows.X) == 0][: len(refused)] / scale

    asked = evasion.hopskipjump(
        oracle,
        refused.X / scale,
        np.ones(len(refused), int),
        start=start,
        rounds=8,
        draws=40,
        seed=0,
    )

    far = np.linalg.norm(asked - refused.X / scale, axis=1)
    least = np.linalg.norm((exact - refused.X) / scale, axis=1)
    assert (far >= least * (1 - 1e-6)).all()
    assert np.median(far / least) < 1.5


# ---------------------------------------------------------------- the judges


def test_the_worst_for_each_row_is_worse_than_each_attack(victim, rows):
    found = evasion.judge(victim, rows, attacks=ATTACKS, ball=Ball(0.08), seed=0)

    worst = found.after("the worst for each row")
    kept = [found.outcomes[name][1] for name in ATTACKS]
    assert isinstance(found, BeforeAfter)
    assert worst == np.mean(np.all(kept, axis=0)) < min(map(np.mean, kept)) + 1e-12
    assert worst < np.mean([found.after(name) for name in ATTACKS]) - 0.01


def test_joined_attacks_leave_what_withstands_them_all(victim, rows):
    attacks = evasion.ensemble((8, 8), steps=10, queries=30)
    table = evasion.judge(victim, rows, attacks=attacks, ball=Ball(0.1), seed=0)

    moved = evasion.autoattack(
        victim.model, rows.X, rows.y, ball=Ball(0.1), attacks=attacks, seed=0
    )

    alone = table.after("the worst for each row")
    assert right(victim.model, moved, rows.y) == alone
    assert np.abs(moved - rows.X).max() <= 0.1 + 1e-12


def test_a_row_that_was_wrong_before_does_not_count_as_withstanding(victim, rows):
    lied = replace(rows, y=(rows.y + 1) % 10)
    helped = {"help": lambda model, X, y, /, *, ball, seed: X}

    found = evasion.judge(victim, lied, attacks=helped, ball=Ball(1.0), seed=0)

    assert found.after("help") <= found.before("help") < 0.1


def too_far(model, X, y, /, *, ball, seed):
    return np.clip(X + 2 * ball.radius, 0, 1)


def test_an_attack_that_leaves_its_ball_is_caught(victim, rows):
    cheat = {"cheat": too_far}

    with pytest.raises(BadInput, match="too far"):
        evasion.judge(victim, rows, attacks=cheat, ball=Ball(0.1), seed=0)


def test_the_curve_falls_from_the_accuracy_to_nought(victim, rows):
    found = evasion.judge_radii(
        {"plain": victim},
        rows,
        attack=evasion.pgd,
        radii=[0, 0.05, 0.1, 0.5],
        ball=Ball(1),
        seed=0,
    )

    shares = found.responses["plain"].mean(axis=1)
    assert shares[0] == right(victim.model, rows.X, rows.y)
    assert (np.diff(shares) <= 0).all()
    assert shares[-1] == 0


def test_a_forest_has_no_gradient_to_judge_by(bank):
    victim, rows, _ = bank

    with pytest.raises(BadInput, match="no gradient"):
        evasion.judge(
            victim, rows, attacks={"PGD": evasion.pgd}, ball=Ball(1.0), seed=0
        )


def test_rows_of_another_network_do_less_than_ones_own(victim, rows, split):
    stranger = models.network(hidden=32, steps=150)(split[1], seed=5)

    found = evasion.judge_transfer(
        victim,
        rows,
        models={"own": victim.model, "stranger": stranger},
        attack=evasion.pgd,
        ball=Ball(0.1),
        seed=0,
    )

    assert found.after("own") < found.after("stranger") < found.before("own")


def test_what_has_no_gradient_is_judged_by_rows_made_elsewhere(victim, rows, split):
    forest = Victim.trained(models.forest(trees=20, depth=8), split[0], seed=0)
    judge = partial(evasion.judge_transfer, forest, rows, models={"n": victim.model})

    found = judge(attack=evasion.pgd, ball=Ball(0.15), seed=0)

    assert found.after("n") < found.before("n") - 0.1
    with pytest.raises(BadInput, match="too far"):
        judge(attack=too_far, ball=Ball(0.15), seed=0)


def test_the_checks_pass_a_true_claim_and_find_a_masked_one(victim, rows):
    *others, (weight, bias) = victim.model.layers
    flat = replace(victim, model=Network((*others, (1000 * weight, 1000 * bias))))
    stranger = models.network(hidden=32, steps=150)(victim.rows, seed=5)

    found = evasion.judge_checks(
        {"plain": victim, "flat": flat},
        rows,
        stranger=stranger,
        ball=Ball(0.15),
        steps=10,
        queries=100,
        seed=0,
    )

    plain, masked = (
        [cell.outcome for cell in found.column(name).values()]
        for name in ("plain", "flat")
    )
    assert set(plain) == {"no attack"}
    assert masked.count("unnoticed") >= 3


def test_distances_count_only_answers_that_turned(bank):
    victim, _, refused = bank
    scale = victim.rows.X.std(axis=0)

    moved = {"none": refused.X, "not found": np.full_like(refused.X, np.nan)}
    found = evasion.judge_distance(victim, refused, moved, scale=scale, costs=[0, 1, 9])

    assert not found.responses["none"].any()
    assert not found.responses["not found"].any()


# ---------------------------------------------------------------- who knows the defence


def test_the_slope_comes_back_through_a_step_as_if_it_were_not_there(victim, rows):
    def squeeze(X):
        return np.rint(2 * X) / 2

    behind = evasion.StraightThrough(victim.model, squeeze)

    np.testing.assert_array_equal(
        behind.predict(rows.X), victim.model.predict(squeeze(rows.X))
    )
    np.testing.assert_array_equal(
        behind.gradient(rows.X, rows.y), victim.model.gradient(squeeze(rows.X), rows.y)
    )


def test_the_slope_of_an_average_is_its_derivative(victim, rows):
    average = evasion.Averaged(victim.model, 0.2, draws=8, seed=0)
    few, y = rows.X[:10], rows.y[:10]
    way = np.random.default_rng(0).normal(size=few.shape)

    slope = average.gradient(few, y)
    ends = [
        evasion.cross_entropy(average.logits(few + step * way), y)[0]
        for step in (1e-6, -1e-6)
    ]

    rise = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose((slope * way).sum(axis=1), rise, rtol=1e-3, atol=1e-5)


def behind_levels(model, X, levels):
    return model.predict(np.rint(X * (levels - 1)) / (levels - 1))


def test_flips_find_nearly_all_that_every_combination_of_pixels_would(victim, rows):
    ball, few = Ball(0.1), rows.take(slice(60))
    moved = evasion.flips(victim.model, few.X, few.y, ball=ball, levels=2, seed=0)
    found = behind_levels(victim.model, moved, 2) != few.y

    exact = np.zeros(len(few), bool)
    for i, x in enumerate(few.X):
        can = np.flatnonzero(np.rint(x - 0.1) != np.rint(x + 0.1))
        every = np.repeat(np.rint(x)[np.newaxis], 2 ** len(can), axis=0)
        every[:, can] = (
            np.arange(len(every))[:, np.newaxis] >> np.arange(len(can))
        ) % 2
        exact[i] = (victim.model.predict(every) != few.y[i]).any()

    clean = behind_levels(victim.model, few.X, 2) != few.y
    assert not (found & ~exact).any()
    assert exact.mean() > clean.mean() + 0.1
    assert found.sum() >= exact.sum() - 1


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_flips_move_only_pixels_that_cross_an_edge(levels, victim, rows):
    moved = evasion.flips(
        victim.model, rows.X, rows.y, ball=Ball(0.2), levels=levels, seed=0
    )

    before, after = (np.rint(X * (levels - 1)) for X in (rows.X, moved))
    assert np.array_equal(before != after, moved != rows.X)
    assert np.mean(behind_levels(victim.model, moved, levels) == rows.y) < 0.6


def test_flips_are_no_weaker_than_the_slope_sent_through(victim, rows):
    behind = evasion.StraightThrough(victim.model, lambda X: np.rint(X))

    through = evasion.pgd(behind, rows.X, rows.y, ball=Ball(0.15), seed=0)
    flipped = evasion.flips(
        victim.model, rows.X, rows.y, ball=Ball(0.15), levels=2, seed=0
    )

    left = [right(behind, moved, rows.y) for moved in (through, flipped)]
    assert left[1] <= left[0]


def test_flips_refuse_a_euclidean_ball(victim, rows):
    with pytest.raises(BadInput, match="flips wants Linf"):
        evasion.flips(
            victim.model, rows.X, rows.y, ball=Ball(1, norm="L2"), levels=2, seed=0
        )


def test_the_reach_of_a_linear_model_is_a_linear_programmes_answer():
    random = np.random.default_rng(2)
    model = Network(((random.normal(size=(3, 3)), random.normal(size=3)),))
    x = random.normal(size=(1, 3))
    y = model.predict(x)
    weight, _ = model.layers[0]
    scores = model.logits(x)[0]

    least = [
        linprog(
            [0, 0, 0, 1],
            A_ub=[
                [*(weight[:, y[0]] - weight[:, rival]), 0],
                *[[*row, -1] for row in np.vstack([np.eye(3), -np.eye(3)])],
            ],
            b_ub=[scores[rival] - scores[y[0]], *[0] * 6],
            bounds=[(None, None)] * 3 + [(0, None)],
        ).fun
        for rival in range(3)
        if rival != y[0]
    ]

    assert evasion.reach(model, x, y)[0] == pytest.approx(min(least))


def test_the_squares_shrink_with_the_share_of_queries_that_is_spent(
    victim, rows, monkeypatch
):
    spent, side = [], squares._side
    monkeypatch.setattr(
        squares,
        "_side",
        lambda share, *sizes: spent.append(share) or side(share, *sizes),
    )
    oracle = victim.oracle(budget=10 * len(rows), answers="values")
    ball = Ball(1e-6)  # in which nothing succeeds, so that all queries are asked

    evasion.square(oracle, rows.X, rows.y, ball=ball, image=(8, 8), queries=10, seed=0)

    np.testing.assert_allclose(spent, np.arange(1, 10) / 10)
