import gc
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.stats import binom, norm
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss

from foible import data, metrics, models
from foible.arrays import masks
from foible.attacks import membership_inference as mi
from foible.attacks.membership_inference import likelihoods
from foible.attacks.membership_inference.likelihoods import told
from foible.attacks.membership_inference.shadows import gaussian
from foible.defences import muting
from foible.errors import BadInput, WeakEvidence
from foible.judging.games import Game

RECIPE = models.network(hidden=32, steps=300, batch=16)
TARGETS = 24
FIRM = mi.Stability(noise=0.2, copies=12, seed=0)


@pytest.fixture(scope="module")
def parts():
    """Candidates, the attacker's own rows, and rows of nobody: disjoint."""
    candidates, rest = data.digits().split(300 / 1797, seed=0)
    return (candidates, *rest.split(0.3, seed=0))


@pytest.fixture(scope="module")
def candidates(parts):
    return parts[0]


@pytest.fixture(scope="module")
def game(candidates):
    return Game.played(RECIPE, candidates, targets=TARGETS, seed=0)


@pytest.fixture(scope="module")
def strangers(parts, candidates):
    return mi.Shadows.strangers(
        RECIPE, parts[1], count=8, candidates=len(candidates), seed=100
    )


@pytest.fixture(scope="module")
def attacks(parts):
    return {
        "loss": mi.alone(mi.loss_attack),
        "LiRA": mi.lira,
        "offline": mi.lira_offline,
        "RMIA": partial(mi.rmia, population=parts[2]),
        "labels": partial(mi.label_only, signal=FIRM),
    }


@pytest.fixture(scope="module")
def judged(game, attacks):
    return mi.judge(game, attacks)


def oracle(game, number=0, **settings):
    return models.oracle(game.models[number], **settings)


def crowd(game):
    return mi.Shadows(game.models, game.member)


def others(game, number=0):
    return crowd(game).without(number)


# ---------------------------------------------------------------- every attack


@pytest.mark.parametrize("name", ["loss", "LiRA", "offline", "RMIA", "labels"])
def test_an_attack_tells_members_from_others(judged, name):
    assert metrics.auc(*judged.scores[name]) > 0.53


@pytest.mark.parametrize("name", ["LiRA", "offline", "RMIA", "labels"])
def test_shadows_find_what_the_loss_does_not(judged, name):
    found, plain = (judged.found(n, false_alarms=0.01) for n in (name, "loss"))

    assert found > 2 * plain


def test_no_attack_finds_anything_where_there_is_nothing(game, attacks):
    unrelated = masks(TARGETS, len(game.rows), seed=99)
    other = Game(game.models, game.rows, unrelated)

    judged = mi.judge(other, attacks, shadows=crowd(game))

    for scores in judged.scores.values():
        assert 0.47 < metrics.auc(*scores) < 0.53


# ---------------------------------------------------------------- what they compute


def test_the_loss_is_scikit_learns(game):
    score = mi.loss_attack(oracle(game), game.rows)

    told = game.models[0].predict_proba(game.rows.X)
    assert -score.mean() == pytest.approx(log_loss(game.rows.y, told), rel=1e-6)


def test_the_logit_is_that_of_the_confidence(game):
    odds = mi.logit(oracle(game), game.rows)
    sure = mi.confidence(oracle(game), game.rows)

    inside = (sure > 1e-6) & (sure < 1 - 1e-6)
    np.testing.assert_allclose(
        odds[inside], np.log(sure / (1 - sure))[inside], atol=1e-6
    )
    assert np.isfinite(odds).all()


def test_lira_is_the_ratio_of_two_normal_densities(game):
    target, shadows = oracle(game), others(game)
    said = np.array(
        [mi.logit(models.oracle(one), game.rows) for one in game.models[1:]]
    )  # (m, n)
    spreads = []
    for which in (game.member[1:], ~game.member[1:]):
        left = [said[which[:, i], i] - said[which[:, i], i].mean() for i in range(300)]
        freedom = sum(len(one) - 1 for one in left)
        spreads.append(np.sqrt(sum((one**2).sum() for one in left) / freedom))
    row, seen = 7, game.member[1:, 7]
    asked = mi.logit(oracle(game), game.rows)[row]

    score = mi.lira(target, game.rows, shadows, prior=np.inf)[row]

    expected = norm.logpdf(asked, said[seen, row].mean(), spreads[0]) - norm.logpdf(
        asked, said[~seen, row].mean(), spreads[1]
    )
    assert score == pytest.approx(expected)


def test_a_spread_leans_towards_the_common_one_by_as_many_shadows_as_the_prior():
    random = np.random.default_rng(0)
    known = random.normal(0, random.uniform(0.2, 3, 50), (9, 50))
    all_of_them = np.ones(known.shape, bool)
    own, common = known.var(axis=0, ddof=1), known.var(axis=0, ddof=1).mean()

    spreads = {
        prior: gaussian(known, all_of_them, prior=prior)[1] for prior in (0, 8, np.inf)
    }

    np.testing.assert_allclose(spreads[0] ** 2, own)
    np.testing.assert_allclose(spreads[8] ** 2, (own + common) / 2)  # 8 degrees each
    np.testing.assert_allclose(spreads[np.inf] ** 2, common)


def test_one_shadow_has_the_common_spread_whatever_the_prior():
    known = np.array([[0.0, 1.0], [2.0, 5.0], [9.0, 3.0]])
    which = np.array([[True, True], [True, False], [True, False]])

    spread = gaussian(known, which, prior=0)[1]

    np.testing.assert_allclose(spread, known[:, 0].std(ddof=1))


def test_leaning_spreads_find_more_than_common_ones(game):
    judged = mi.judge(
        game, {"leaning": mi.lira, "common": partial(mi.lira, prior=np.inf)}
    )

    more, (low, high) = judged.more("leaning", "common", false_alarms=0.001)

    assert more > 0.003
    assert low < more < high


def test_a_prior_that_is_no_number_of_shadows_is_refused(game):
    with pytest.raises(BadInput, match="prior=-1"):
        mi.lira(oracle(game), game.rows, others(game), prior=-1)


def test_offline_lira_orders_one_models_rows_as_the_distance_from_strangers(game):
    shadows = others(game)
    said = np.ma.array(shadows.say(mi.logit, game.rows), mask=shadows.member)

    score = mi.lira_offline(oracle(game), game.rows, shadows)

    above = mi.logit(oracle(game), game.rows) - np.ma.mean(said, axis=0)
    np.testing.assert_array_equal(np.argsort(score), np.argsort(above))


def test_rmia_counts_the_population_that_a_row_beats(game, parts, strangers):
    target, population = oracle(game), parts[2]

    def ratio(rows):
        said = np.mean([m.predict_proba(rows.X) for m in strangers.models], axis=0)
        outside = said[np.arange(len(rows)), rows.y]
        expected = (1.3 * outside + 0.7) / 2
        told = game.models[0].predict_proba(rows.X)
        return told[np.arange(len(rows)), rows.y] / expected

    score = mi.rmia(target, game.rows, strangers, population=population)

    beaten = (ratio(game.rows)[:, np.newaxis] > ratio(population)).mean(axis=1)
    np.testing.assert_allclose(np.minimum(score, 1), beaten, atol=1e-9)


def test_the_offline_scale_is_the_slope_of_what_membership_leaves(game):
    rows, seen = game.rows, game.member

    class Told:
        """Models that are surer of what they saw, by a factor."""

        def __init__(self, number):
            self.number = number

        classes_ = np.arange(10)

        def predict(self, X):
            return self.predict_proba(X).argmax(axis=1)

        def predict_proba(self, X):
            left = np.random.default_rng(0).random(len(X))
            left = np.where(seen[self.number], 0.25 * left, left)
            told = np.zeros((len(X), 10))
            told[np.arange(len(X)), rows.y] = 1 - left
            told[np.arange(len(X)), (rows.y + 1) % 10] = left
            return told

    shadows = mi.Shadows([Told(i) for i in range(TARGETS)], seen)

    assert mi.offline_scale(shadows, rows) == pytest.approx(0.25)
    with pytest.raises(BadInput, match="no row that some shadows saw"):
        mi.offline_scale(mi.Shadows(shadows.models, np.zeros_like(seen)), rows)


def test_labels_suffice_for_the_label_only_attack(game):
    full, labels = (oracle(game, answers=a) for a in ("probabilities", "label"))

    one, other = (
        mi.label_only(way, game.rows, others(game), signal=FIRM)
        for way in (full, labels)
    )

    np.testing.assert_array_equal(one, other)


def test_members_that_do_not_fit_the_shadows_are_refused(game):
    with pytest.raises(BadInput, match="23 models and members of shape"):
        mi.Shadows(others(game).models, game.member)


def test_a_unanimous_vote_counts_for_half_a_vote_more_than_all_but_one():
    end, vote = -np.log(1e-9), np.log(9)  # of ten trees
    asked, known = np.array([end, 0.5, -end]), np.full((40, 3), vote)
    known[0] = -end

    target, shadows = told(asked, known)

    np.testing.assert_allclose(target, [np.log(18), 0.5, -np.log(18)])
    np.testing.assert_allclose(shadows[0], -np.log(18))
    assert (shadows[1:] == vote).all()


@pytest.mark.filterwarnings("ignore:.* are 0 or 1")
def test_a_forest_of_thirty_trees_gives_its_members_away(monkeypatch):
    game = Game.played(models.forest(trees=30), data.clinic(), targets=24, seed=0)

    def found():
        judged = mi.judge(game, {"LiRA": mi.lira})
        return judged.found("LiRA", false_alarms=0.01)

    told_apart = found()
    monkeypatch.setattr(likelihoods, "told", lambda asked, known: (asked, known))
    assert told_apart > 0.08
    assert found() < 0.05


def test_answers_of_full_resolution_stay_as_they_are():
    asked, known = (
        np.array([25.0, -20.0]),
        np.array([[30.0, 2.0], [-np.log(1e9) + 1, 3]]),
    )

    for floored in (3.0, -np.log(1e-9)):
        known[1, 0] = floored
        target, shadows = told(asked, known)
        assert target is asked
        assert shadows is known


def test_many_answers_that_tell_no_degree_are_weak_evidence():
    known = np.full((4, 2), -np.log(1e-9))

    with pytest.warns(WeakEvidence, match="100% of the shadows' answers are 0 or 1"):
        told(known[0], known)


# ---------------------------------------------------------------- the shadows


def test_the_target_is_never_its_own_shadow(game):
    seen = []

    def spy(target, rows, shadows):
        shadows.say(mi.confidence, rows)
        assert len(shadows.told) == len(shadows.models)
        seen.append({id(model) for model in shadows.models})
        return np.zeros(len(rows))

    mi.judge(game, {"spy": spy})

    assert [len(models) for models in seen] == [TARGETS - 1] * TARGETS
    assert all(
        id(target) not in models
        for target, models in zip(game.models, seen, strict=True)
    )


def test_shadows_are_asked_once_for_all_targets(candidates):
    asked = []

    def spy(target, rows):
        asked.append(target)
        return mi.logit(target, rows)

    game = Game.played(replace(RECIPE, steps=5), candidates, targets=16, seed=0)
    mi.judge(game, {"LiRA": partial(mi.lira, signal=spy)})

    assert len(asked) == 2 * 16


@pytest.mark.filterwarnings("ignore:.* are 0 or 1")
def test_a_model_that_was_fitted_again_is_asked_again(candidates):
    halves = [candidates.take(half) for half in masks(5, len(candidates), seed=0)]
    forests = models.forest(trees=3).many(halves, seeds=range(5))
    shadows = mi.Shadows(forests, np.zeros((5, len(candidates)), bool))
    game = Game.played(models.forest(trees=3), candidates, targets=2, seed=0)
    offline = {"it": mi.lira_offline}
    before = mi.judge(game, offline, shadows=shadows)

    for forest, half in zip(forests, halves, strict=True):
        forest.set_params(max_depth=1).fit(half.X, half.y)
    after = mi.judge(game, offline, shadows=shadows)

    assert not np.array_equal(before.scores["it"][0], after.scores["it"][0])


def test_shadows_that_are_asked_outside_a_judge_remember_nothing(candidates):
    forest = models.forest(trees=3)(candidates, seed=0)
    shadows = mi.Shadows([forest], np.zeros((1, len(candidates)), bool))
    before = shadows.say(mi.confidence, candidates)

    forest.set_params(max_depth=1).fit(candidates.X, candidates.y)

    assert not np.array_equal(before, shadows.say(mi.confidence, candidates))


def test_a_model_that_cannot_be_hashed_may_be_a_shadow(candidates):
    class Unhashable(RandomForestClassifier):
        __hash__ = None

    forest = Unhashable(3, random_state=0).fit(candidates.X, candidates.y)
    shadows = mi.Shadows([forest], np.zeros((1, len(candidates)), bool))

    for crowd in (shadows, shadows.remembering()):
        said = crowd.say(mi.confidence, candidates)
        assert (said == crowd.say(mi.confidence, candidates)).all()


def test_no_model_outlives_its_game(candidates):
    game = Game.played(replace(RECIPE, steps=5), candidates, targets=16, seed=0)
    mi.judge(game, {"LiRA": mi.lira})
    alive = [weakref.ref(model) for model in game.models]

    del game
    gc.collect()

    assert [one() for one in alive] == [None] * 16


def test_shadows_of_the_candidates_are_made_as_a_games_targets(candidates):
    recipe = replace(RECIPE, steps=5)
    game = Game.played(recipe, candidates, targets=2, seed=7)

    made = mi.Shadows.made(recipe, candidates, count=2, seed=7)

    np.testing.assert_array_equal(made.member, game.member)
    np.testing.assert_array_equal(
        made.say(mi.logit, candidates), crowd(game).say(mi.logit, candidates)
    )


def test_the_attackers_own_shadows_have_seen_no_candidate(strangers, parts):
    own = {row.tobytes() for row in parts[1].X}

    assert not strangers.member.any()
    assert not own & {row.tobytes() for row in parts[0].X}


def test_counting_alone_tells_everything_if_halves_are_exact(game):
    def counting(target, rows, shadows):
        return -shadows.member.sum(axis=0).astype(float)

    random = np.random.default_rng(0).random(game.member.shape)
    exact = Game(game.models, game.rows, random.argsort(axis=0) < TARGETS // 2)

    tidy, tossed = (mi.judge(g, {"it": counting}).scores["it"] for g in (exact, game))

    assert metrics.auc(*tidy) == 1
    assert 0.47 < metrics.auc(*tossed) < 0.53


def test_masks_are_tosses_of_a_coin():
    member = masks(64, 5000, seed=1)

    counts = member.sum(axis=0)
    assert abs(member.mean() - 0.5) < 0.01
    assert counts.std() == pytest.approx(4, abs=0.2)  # √(64 / 4)


def test_shadows_are_muted_as_the_target_is(game):
    rounded = partial(muting.rounded, decimals=1)
    unmuted = mi.judge(game, {"it": mi.lira}, muted=rounded, shadows=crowd(game))
    muted = mi.judge(game, {"it": mi.lira}, muted=rounded)

    assert metrics.auc(*muted.scores["it"]) > metrics.auc(*unmuted.scores["it"]) + 0.05


# ---------------------------------------------------------------- the judges


def test_scores_are_numbered_by_row_and_target(game):
    def numbers(target, rows, shadows):
        return np.arange(len(rows), dtype=float)

    judged = mi.judge(game, {"it": numbers})

    for side in (0, 1):
        (rows, targets) = (shared[side] for shared in judged.shared)
        np.testing.assert_array_equal(judged.scores["it"][side], rows)
        assert (game.member[targets, rows] == (side == 0)).all()


def test_the_interval_knows_that_rows_are_shared(judged):
    low, high = judged.interval("LiRA", false_alarms=0.01)
    naive = replace(judged, shared=()).interval("LiRA", false_alarms=0.01)

    assert low < judged.found("LiRA", false_alarms=0.01) < high
    assert high - low > 1.5 * (naive.high - naive.low)


def test_one_target_cannot_show_one_false_alarm_in_a_thousand(game):
    one = Game(game.models[:1], game.rows, game.member[:1])
    judged = mi.judge(one, {"LiRA": mi.lira}, shadows=others(game))

    assert "not measurable" in judged.table()["at 0.1%"].iloc[0]
    with pytest.warns(WeakEvidence, match="less than one row"):
        judged.found("LiRA", false_alarms=0.001)


def test_more_steps_are_a_larger_dose(candidates, parts):
    games = {
        n: [
            Game.played(replace(RECIPE, steps=n), candidates, targets=16, seed=s)
            for s in (0, 1)
        ]
        for n in (30, 300)
    }

    dose = mi.judge_dose(
        list(games), games.__getitem__, mi.lira, parts[2], dose_name="steps"
    )

    assert dose.at("members found", 300) > 2 * dose.at("members found", 30)
    assert dose.at("errors", 300) < dose.at("errors", 30)
    model, rows = games[30][0].models[0], parts[2]
    alone = Game(games[30][0].models[:1], candidates, games[30][0].member[:1])
    assert alone.errors(rows) == np.mean(model.predict(rows.X) != rows.y)


# ---------------------------------------------------------------- the audit


def test_an_audit_proves_what_is_there_and_nothing_where_nothing_is():
    random, apart = np.random.default_rng(0), 3.0
    inside, outside = random.normal(apart, 1, 2000), random.normal(0, 1, 2000)

    proven = mi.epsilon_at_least(inside, outside, delta=1e-5)

    assert 2 < proven < 16.68  # what two normals so far apart spend at this delta
    assert mi.epsilon_at_least(outside[:1000], outside[1000:], delta=1e-5) < 0.3


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_each_share_of_an_audit_errs_half_as_often_as_the_audit(level):
    proven = mi.epsilon_at_least(np.ones(128), np.zeros(128), delta=0, level=level)

    found = 1 / (1 + np.exp(-proven))  # at least; and false alarms, the rest at most
    assert found**64 == pytest.approx((1 - level) / 2)  # the chance of 64 of 64


def test_an_audit_proves_by_those_who_are_surely_out_as_by_those_surely_in():
    """Who is told out was out, but half of them look like members."""
    inside, outside = np.ones(200), np.arange(200) % 2.0

    proven = mi.epsilon_at_least(inside, outside, delta=0)
    mirrored = mi.epsilon_at_least(-outside, -inside, delta=0)

    assert proven == pytest.approx(mirrored)
    assert proven > np.log(5)  # the alarms alone prove less than a factor of two


def test_an_audit_is_wrong_no_more_often_than_it_says():
    """Randomised response with epsilon 1, where the bound is met with equality."""
    random, share = np.random.default_rng(0), np.e / (1 + np.e)
    wrong = 0
    for _ in range(300):
        inside, outside = random.random(200) < share, random.random(200) < 1 - share
        proven = mi.epsilon_at_least(
            inside.astype(float), outside.astype(float), delta=0
        )
        wrong += proven > 1

    assert wrong / 300 < 0.05


def test_a_canary_shows_missing_noise(candidates):
    rows = candidates.split(0.1, seed=0)[0]
    canary = replace(candidates.take([0]), y=[int(candidates.y[0] + 5) % 10])
    sharp = models.private_network(hidden=16, steps=40, rate=0.03, noise=0)
    blurred = replace(sharp, noise=100.0)

    proven = [
        mi.epsilon_at_least(
            *mi.judge_canary(recipe, rows, canary, models=80, seed=0).scores["canary"],
            delta=1e-5,
        )
        for recipe in (sharp, blurred)
    ]

    assert proven[0] > 1
    assert proven[1] < 0.3


def one_run(random, epsilon, canaries=400):
    """Randomised response: each canary's coin is told rightly with this epsilon."""
    coin = random.random(canaries) < 0.5
    told = np.where(random.random(canaries) < 1 / (1 + np.exp(-epsilon)), coin, ~coin)
    scores = told + random.random(canaries) / 2  # no two alike
    return scores[coin], scores[~coin]


def test_one_run_proves_what_is_there_and_nothing_where_nothing_is():
    random = np.random.default_rng(0)

    proven = [
        mi.epsilon_in_one_run(*one_run(random, epsilon), delta=1e-5, guesses=200)
        for epsilon in (0, 2)
    ]

    assert proven[0] < 0.3
    assert 1.2 < proven[1] < 2


def test_one_run_is_wrong_no_more_often_than_it_says():
    random = np.random.default_rng(1)

    wrong = np.mean(
        [
            mi.epsilon_in_one_run(*one_run(random, 1), delta=0, guesses=200) > 1
            for _ in range(400)
        ]
    )

    assert 0 < wrong < 0.08


def test_all_guesses_right_prove_what_coins_would_seldom_do():
    inside, outside = np.ones(50), np.zeros(50)

    proven = mi.epsilon_in_one_run(inside, outside, delta=0, guesses=100)

    assert (1 / (1 + np.exp(-proven))) ** 100 == pytest.approx(0.05)  # all fall right


def test_equal_scores_prove_nothing():
    alike = np.zeros(100), np.zeros(100)

    assert mi.epsilon_in_one_run(*alike, delta=0, guesses=40) == 0


def test_a_larger_delta_proves_less():
    random = np.random.default_rng(0)
    scores = one_run(random, 3)

    proven = [
        mi.epsilon_in_one_run(*scores, delta=delta, guesses=100)
        for delta in (0, 1e-5, 1e-3)
    ]

    assert proven[0] > proven[1] > proven[2]


def test_delta_takes_what_its_worst_case_takes():
    """Theorem 5.2 of the source, summed in a loop."""
    delta, guesses, canaries = 1e-3, 40, 80
    inside, outside = np.ones(40), np.r_[np.ones(4), np.zeros(36)]
    right = 36  # ties count against the auditor: 16 of 20 and 20 of 20

    proven = mi.epsilon_in_one_run(inside, outside, delta=delta, guesses=guesses)

    coin = 1 / (1 + np.exp(-proven))
    pmf = [binom.pmf(k, guesses, coin) for k in range(guesses + 1)]
    worst = max(sum(pmf[right - i : right]) / i for i in range(1, right + 1))
    assert sum(pmf[right:]) + 2 * canaries * delta * worst == pytest.approx(0.05)


def test_one_run_with_canaries_shows_missing_noise(candidates):
    rows = candidates.take(np.arange(30))
    canaries = candidates.take(np.arange(30, 230))
    wrong = np.random.default_rng(0).integers(1, 10, len(canaries))
    canaries = replace(canaries, y=(canaries.y + wrong) % 10)
    sharp = models.private_network(hidden=32, steps=60, rate=0.03, noise=0)

    proven = []
    for recipe in (sharp, replace(sharp, noise=100.0)):
        judged = mi.judge_one_run(recipe, rows, canaries, seed=0)
        scores = judged.scores["canaries"]
        proven.append(mi.epsilon_in_one_run(*scores, delta=1e-5, guesses=60))

    assert proven[0] > 1
    assert proven[1] < 0.3
    assert sum(map(len, scores)) == 200


def test_a_threshold_is_chosen_on_one_half_and_bounded_on_the_other():
    proven = mi.epsilon_at_least(np.ones(100), np.zeros(100), delta=0, level=0.9)

    low = metrics.clopper_pearson(50, 50, level=0.9).low
    assert proven == pytest.approx(np.log(low / (1 - low)))


def test_two_scores_of_each_are_enough_and_one_is_not():
    assert mi.epsilon_at_least(np.ones(2), np.zeros(2), delta=0) >= 0
    with pytest.raises(BadInput, match="scores"):
        mi.epsilon_at_least(np.ones(1), np.zeros(1), delta=0)


def test_what_shadows_say_may_stand_on_a_disk_and_leaves_nothing_there(
    game, strangers, tmp_path
):
    rows, target = game.rows, models.oracle(game.models[0])

    there = strangers.on_disk(tmp_path)
    said = there.say(mi.logit, rows)

    assert isinstance(said, np.memmap)
    assert said.shape == (8, len(rows))
    assert list(tmp_path.iterdir()) == []
    np.testing.assert_array_equal(said, strangers.say(mi.logit, rows))
    scores = [mi.lira_offline(target, rows, crowd) for crowd in (there, strangers)]
    np.testing.assert_array_equal(*scores)
    np.testing.assert_array_equal(said, there.say(mi.logit, rows))
    with pytest.raises(BadInput, match="wanted one that is there"):
        strangers.on_disk(tmp_path / "nowhere")
