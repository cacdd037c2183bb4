from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from foible.defences import rewarding
from foible.errors import BadInput
from foible.failures import reward_hacking as rh
from foible.failures.reward_hacking import judges

STEPS = 12
SMALL = ("#######", "#S..o.#", "#.##.##", "#o...F#", "#######")


@pytest.fixture(scope="module")
def lagoon():
    return rh.race(rh.course())


@pytest.fixture(scope="module")
def small():
    course = rh.course(SMALL)
    return rh.without_buoys(course), rh.players(course, skill=0.3)


def finishes(race, policy):
    return bool(race.home[rh.sailed(race, policy, steps=300)[-1]])


# ---------------------------------------------------------------- the course


def test_a_boat_stays_where_a_wall_is_and_the_way_is_the_shortest():
    course = rh.course(SMALL)

    assert course.away[course.start] == 6
    assert course.away[course.finish] == 0
    assert course.after[course.start].tolist() == [0, 5, 0, 1]


def test_one_buoy_is_up_and_the_next_comes_up_when_it_is_taken():
    race = rh.race(rh.course(SMALL))
    at = race.start

    for move, taken in ((3, False), (3, False), (3, True), (2, False), (3, False)):
        assert race.takes[at, move] == taken
        at = race.after[at, move]


def test_a_race_that_is_over_stays_over_and_pays_nothing(lagoon):
    ended = np.flatnonzero(lagoon.ends)

    assert (lagoon.after[ended] == ended[:, np.newaxis]).all()
    assert not lagoon.takes[ended].any()
    assert not lagoon.arrives[ended].any()


@pytest.mark.parametrize(
    "picture",
    [(), ("###", "#S#"), ("####", "#SF.", "####"), ("#####", "#S#F#", "#####")],
)
def test_a_picture_that_is_no_course_is_refused(picture):
    with pytest.raises(BadInput, match="wanted"):
        rh.course(picture)


def test_a_course_drawn_by_lot_has_all_that_a_course_needs():
    for seed in range(10):
        course = rh.drawn(seed=seed)
        assert len(course.buoys) == 3
        assert course.away.argmax() == course.start or course.away[course.start] > 5


# ---------------------------------------------------------------- a reward given


def test_learning_agrees_with_planning_on_what_is_earned(lagoon):
    reward = lagoon.takes.astype(float)

    value = rh.learned(lagoon, reward, boats=3, steps=20_000, discount=0.9, seed=0)

    plan = rh.planned(lagoon, reward, discount=0.9)
    for own in value:
        assert not finishes(lagoon, own.argmax(axis=1))
        assert own[lagoon.start].max() == pytest.approx(
            worth(lagoon, reward, plan, 0.9), rel=0.1
        )


def worth(race, reward, policy, discount):
    passed = rh.sailed(race, policy, steps=300)[:-1]
    paid = reward[passed, policy[passed]]
    return paid @ discount ** np.arange(len(paid))


def test_planning_finds_the_shortest_way_when_the_finish_pays(lagoon):
    policy = rh.planned(lagoon, lagoon.arrives.astype(float), discount=0.97)

    passed = rh.sailed(lagoon, policy, steps=300)

    assert len(passed) == 1 + rh.course().away[rh.course().start]


def test_no_potential_changes_the_best_way_to_act(lagoon):
    rng = np.random.default_rng(0)
    for base in (lagoon.takes.astype(float), lagoon.arrives.astype(float)):
        for _ in range(10):
            height = rng.normal(0, 5, len(lagoon.ends))
            more = rewarding.shaped(
                base, lagoon.after, lagoon.ends, height, discount=0.95
            )
            policy = rh.planned(lagoon, more, discount=0.95)
            best = rh.planned(lagoon, base, discount=0.95)
            assert worth(lagoon, base, policy, 0.95) == pytest.approx(
                worth(lagoon, base, best, 0.95), abs=1e-6
            )


def test_nobody_can_finish_a_race_that_pays_for_buoys_and_all_do_when_shaped():
    def buoys(course, race, discount):
        return race.takes.astype(float)

    def finish(course, race, discount):
        return race.arrives.astype(float)

    found = rh.judge_rewards(
        {"buoys": buoys, "finish": finish}, {"the lagoon": ([rh.course()], 0.97)}
    )

    assert found.cell("the lagoon", "buoys").value == 0
    assert found.cell("the lagoon", "finish").outcome == "stopped"


def test_boats_that_learn_take_buoys_and_finish_only_if_they_are_paid_for_it():
    course = rh.course(SMALL)
    found = rh.judge_learning(
        course,
        {
            "buoys": lambda course, race, discount: race.takes.astype(float),
            "finish": lambda course, race, discount: race.arrives.astype(float),
        },
        boats=3,
        steps=5_000,
        discount=0.97,
        seed=0,
    )

    assert found.columns == ["finish", "buoys taken"]
    assert found.cell("buoys", "finish").value == 0
    assert found.cell("buoys", "finish").outcome == "harm"
    assert found.value("buoys", "buoys taken") > 10
    assert found.cell("finish", "finish").outcome == "stopped"
    assert found.value("finish", "buoys taken") <= 2


# ---------------------------------------------------------------- a reward learned


def test_prices_are_those_that_make_the_comparisons_likeliest(small):
    rng = np.random.default_rng(0)
    difference, won = rng.normal(size=(80, 3)), rng.random(80) < 0.5

    def loss(worth):
        lead = difference @ worth
        return np.sum(np.log1p(np.exp(-np.where(won, lead, -lead)))) + worth @ worth

    peer = minimize(loss, np.zeros(3), tol=1e-12).x

    found = rh.fitted(difference, won, ridge=2.0)

    np.testing.assert_allclose(found.worth, peer, atol=1e-5)
    assert (found.doubt > 0).all()


def test_several_sets_are_fitted_as_each_of_them_alone():
    rng = np.random.default_rng(0)
    difference, won = rng.normal(size=(2, 50, 3)), rng.random((2, 50)) < 0.5

    both = rh.fitted(difference, won)

    for place in range(2):
        alone = rh.fitted(difference[place], won[place])
        np.testing.assert_allclose(both.worth[place], alone.worth, atol=1e-8)
        np.testing.assert_allclose(both.doubt[place], alone.doubt, atol=1e-8)


def test_a_fair_rater_prefers_whoever_comes_in_sooner(small):
    race, players = small
    spent = rh.races(race, players, count=400, steps=STEPS, seed=0)
    one, other = spent[:200], spent[200:]
    keen = rh.Rater(rh.fair(race, steps=STEPS), noise=0.01)

    first = rh.preferred(one, other, keen, seed=0)

    lead = other[:, ~race.home].sum(axis=1) - one[:, ~race.home].sum(axis=1)
    assert (first[lead > 0]).all()
    assert not first[lead < 0].any()


def test_races_are_sailed_as_often_as_their_chances_say(small):
    race, players = small
    spent = rh.races(race, players, count=20_000, steps=STEPS, seed=0)

    still = rh.at_distance(
        race, np.ones((1, len(race.ends))), players, nats=np.zeros(1), steps=STEPS
    )

    np.testing.assert_allclose(spent.mean(axis=0), still.spent[0], atol=0.06)
    assert np.mean(spent @ race.home) == pytest.approx(still.finished[0], abs=0.02)


# ---------------------------------------------------------------- how hard


def test_the_best_of_n_is_what_all_draws_give_on_average():
    rng = np.random.default_rng(0)
    proxy, true = rng.normal(size=9), rng.normal(size=9)
    draws = [max(drawn, key=lambda i: proxy[i]) for drawn in combinations(range(9), 4)]

    found = rh.best_of(proxy, true, np.array([1, 4, 9]))

    wanted = [true.mean(), true[draws].mean(), true[proxy.argmax()]]
    np.testing.assert_allclose(found, wanted)


def test_what_is_pursued_to_the_end_is_what_planning_finds(small):
    race, players = small
    worth = np.random.default_rng(0).normal(size=(5, len(race.ends)))

    found = rh.pursued(race, worth, players, weight=np.full(5, rh.FREE), steps=STEPS)

    for own, spent in zip(worth, found.spent, strict=True):
        later = np.where(race.ends, own, 0)
        for _ in range(STEPS):
            best = later[race.after].max(axis=1)
            later = np.where(race.ends, own, own + best)
        assert spent @ own == pytest.approx(later[race.start], abs=1e-2)


def test_no_way_to_sail_does_better_at_its_distance(small):
    race, players = small
    rng = np.random.default_rng(0)
    worth = rng.normal(size=(1, len(race.ends)))
    best = rh.pursued(race, worth, players, weight=np.array([0.7]), steps=STEPS)
    value = best.spent[0] @ worth[0] - 0.7 * best.distance[0]

    for _ in range(20):
        other = worth + rng.normal(0, 0.3, worth.shape)
        found = rh.pursued(race, other, players, weight=np.array([0.7]), steps=STEPS)
        assert found.spent[0] @ worth[0] - 0.7 * found.distance[0] <= value + 1e-9


def test_the_distance_is_kept_and_reached(small):
    race, players = small
    worth = np.random.default_rng(0).normal(size=(4, len(race.ends)))
    nats = np.array([0.0, 0.5, 2.0, 1e6])

    found = rh.at_distance(race, worth, players, nats=nats, steps=STEPS)

    assert (found.distance <= nats + 1e-6).all()
    np.testing.assert_allclose(found.distance[:3], nats[:3], atol=1e-3)
    assert found.distance[3] < 1e3
    np.testing.assert_allclose(found.policy.sum(axis=-1), 1)


def test_a_reward_that_says_the_truth_may_be_pursued_to_the_end(small):
    race, players = small
    truth = np.where(race.home, 0.0, -1.0)[np.newaxis]

    found = rh.pursued(race, truth, players, weight=np.array([rh.FREE]), steps=STEPS)

    assert found.finished[0] == pytest.approx(1)


# ---------------------------------------------------------------- judges


@pytest.fixture(scope="module")
def water():
    race = rh.without_buoys(rh.course())
    players = rh.players(rh.course(), skill=0.3)
    return rh.Water(race, players, rh.Rater(rh.fair(race, steps=60)), 60)


def test_a_learned_reward_helps_at_first_and_harms_in_the_end(water):
    found = rh.judge_pressure(water, range(3), nats=(0, 2, 64))

    start, middle, end = (found.at("boats that finish", n) for n in (0, 2, 64))
    assert middle > start + 0.2
    assert end < start - 0.4
    assert np.all(np.diff(found.responses["learned reward"], axis=0) >= 0)


def test_enough_comparisons_end_the_harm(water):
    many = water._replace(rater=water.rater._replace(comparisons=4000))

    found = rh.judge_pressure(many, range(3), nats=(0, 64))

    assert found.at("boats that finish", 64) > 0.9


def test_a_harbour_is_no_finish_and_no_way_to_it():
    for course in rh.with_harbours(SMALL).values():
        race = rh.without_buoys(course)
        (harbour,) = course.harbours
        assert race.ends[harbour]
        assert not race.home[harbour]
        assert rh.fair(race, steps=STEPS)[harbour] == -STEPS
        assert course.away[course.start] == 6


def test_where_a_boat_can_give_up_doubt_makes_it_do_so(water):
    course = rh.with_harbours()["a harbour at 2, 2"]
    race, players = rh.without_buoys(course), rh.players(course, skill=0.3)
    rater = rh.Rater(rh.fair(race, steps=60))

    found = rh.judge_endings(
        {way: rh.ENDINGS[way] for way in ("bound, 2 nats", "counted")},
        {"a harbour": rh.Water(race, players, rater, 60)},
        range(3),
    )

    assert found.cell("a harbour", "bound, 2 nats").outcome == "harm"
    assert found.cell("a harbour", "counted").outcome != "harm"


def test_a_counter_that_takes_giving_up_for_finishing_goes_on_where_boats_give_up(
    water,
):
    course = rh.with_harbours()["a harbour at 2, 2"]
    race, players = rh.without_buoys(course), rh.players(course, skill=0.3)
    fond = rh.fair(race, steps=60)
    fond[course.harbours] = 60  # of giving up
    lost = rh.Water(race, players, rh.Rater(fond), 60)
    ways = {"counted": rh.ENDINGS["counted"], "miscounted": rh.MISCOUNTED}

    found = rh.judge_endings(ways, {"as it was": water, "a harbour": lost}, range(3))

    assert found.value("as it was", "miscounted") == found.value("as it was", "counted")
    assert found.value("a harbour", "miscounted") < 0.1
    assert found.value("a harbour", "counted") > 0.3


def test_every_way_to_use_a_reward_is_judged_against_the_players(water):
    found = rh.judge_endings(rh.ENDINGS, {"as it was": water}, range(3))

    assert found.cell("as it was", "to the end").outcome == "harm"
    assert found.cell("as it was", "lower bound").outcome == "stopped"
    assert all(0 <= found.value("as it was", way) <= 1 + 1e-9 for way in rh.ENDINGS)


def test_asking_again_compares_three_times(water, monkeypatch):
    asked, seeds = judges.asked, []

    def counted(*given, seed):
        seeds.append(seed)
        return asked(*given, seed=seed)

    monkeypatch.setattr(judges, "asked", counted)
    judges._asked_again(water, *judges.compared(water, range(2)), 0)

    assert seeds == [0, 1, 1000, 1001, 2000, 2001]
