from dataclasses import replace

import numpy as np
import pytest

from foible import data, models
from foible.attacks import physical_patch as pp
from foible.attacks.physical_patch.climbing import odds
from foible.attacks.physical_patch.stickers import BRIGHT, DARK
from foible.defences import hardening
from foible.errors import BadInput
from foible.road import signs
from foible.road.camera import photograph
from foible.road.views import Views, draw_views
from foible.victim import Victim

SHEET = signs.artwork("stop")
STOP = signs.NAMES.index("stop")
MIDDLE = pp.Place(0, 0, 0.9)
ONE_LOOK = pp.Place(0, 0.1, 0.5, squares=2)
EYE = models.convolutional(filters=(8, 16), steps=150)


@pytest.fixture(scope="module")
def car():
    return Victim.trained(EYE, data.draw_signs(650, seed=0), seed=0)


@pytest.fixture(scope="module")
def trial():
    return pp.Trial(SHEET, STOP, draw_views(60, seed=5))


@pytest.fixture(scope="module")
def exposure():
    return pp.Exposure.of(SHEET, MIDDLE, draw_views(40, seed=6))


# ---------------------------------------------------------------- stickers


def test_a_sticker_is_squares_of_one_colour_at_its_place():
    colours = np.linspace(0, 1, 12)

    stuck = ONE_LOOK.on(SHEET, colours)

    changed = (stuck[..., :3] != SHEET[..., :3]).any(axis=2)
    pieces = ONE_LOOK.pieces()
    assert (pieces[changed] >= 0).all()
    for piece in range(4):
        assert len(np.unique(stuck[pieces == piece][:, :3], axis=0)) == 1
    assert (stuck[..., 3] == SHEET[..., 3]).all()


def test_there_are_eight_colours_of_tape():
    colours = pp.drawn(MIDDLE, 50, seed=0).reshape(-1, 3)

    assert len(np.unique(colours, axis=0)) == 8
    assert set(np.unique(colours)) == {DARK, BRIGHT}
    assert set(np.unique(pp.printed(np.linspace(0, 1, 9)))) == {DARK, BRIGHT}


@pytest.mark.parametrize("place", [(0, 0, 0.05), (2, 0, 0.5), (0, 0, 0)])
def test_a_sticker_too_small_or_beside_the_sign_is_refused(place):
    with pytest.raises(
        BadInput, match=r"wanted a (larger sticker|finite number above 0)"
    ):
        pp.Place(*place)


def test_colours_for_other_squares_are_refused(exposure):
    with pytest.raises(BadInput, match="wanted 16"):
        MIDDLE.on(SHEET, np.zeros(3))
    with pytest.raises(BadInput, match="wanted 16"):
        exposure.pictures(np.zeros(3))


# ---------------------------------------------------------------- exposures


@pytest.mark.parametrize("place", [MIDDLE, ONE_LOOK, pp.Place(0.2, -0.3, 0.7, 3)])
def test_an_exposure_shows_what_the_camera_shows(place):
    views = draw_views(30, seed=2)
    colours = pp.drawn(place, 1, seed=3)[0]

    shown = pp.Exposure.of(SHEET, place, views).pictures(colours)

    photographs = photograph(place.on(SHEET, colours), views).reshape(30, -1)
    assert np.mean(np.abs(shown - photographs) > 1e-4) < 1e-3
    still = replace(views, noise=0.0, light=0.7)
    shown = pp.Exposure.of(SHEET, place, still).pictures(colours)
    photographs = photograph(place.on(SHEET, colours), still).reshape(30, -1)
    np.testing.assert_allclose(shown, photographs, atol=1e-4)


def test_the_slope_of_an_exposure_is_the_slope(exposure):
    rng = np.random.default_rng(0)
    some = exposure.take(range(5))
    aim = rng.standard_normal((5, 3072))
    colours, step = np.full(48, 0.5), 0.001 * rng.standard_normal(48)

    ends = [np.sum(aim * some.pictures(colours + s)) for s in (step, -step)]

    free = (some.grey > 0) & (some.grey < 1)
    assert ends[0] - ends[1] == pytest.approx(
        2 * some.backward(aim * free) @ step, 0.02
    )


def test_a_camera_slope_says_the_same(exposure):
    views, rng = draw_views(4, seed=9), np.random.default_rng(1)
    plain = MIDDLE.on(SHEET, np.full(48, 0.5))
    own = pp.Exposure.of(SHEET, MIDDLE, views)
    aim = rng.standard_normal((4, 3072)) * ((own.grey > 0) & (own.grey < 1))

    through = models.camera_backward(plain, views, aim)[..., :3]

    pieces = MIDDLE.pieces()
    sums = [through[pieces == piece].sum(axis=0) for piece in range(16)]
    np.testing.assert_allclose(own.backward(aim), np.ravel(sums), rtol=1e-3, atol=1e-3)


def test_no_sticker_changes_a_pixel_beyond_its_reach():
    views = draw_views(40, seed=7)
    reach = pp.reach(SHEET, ONE_LOOK, views)

    plain = np.rint(255 * photograph(SHEET, views))
    for colours in pp.drawn(ONE_LOOK, 5, seed=0):
        stuck = np.rint(255 * photograph(ONE_LOOK.on(SHEET, colours), views))
        moved = (stuck != plain).any(axis=3)
        for axis in (1, 2):
            line = moved.any(axis=axis)
            first, last = line.argmax(axis=1), 32 - line[:, ::-1].argmax(axis=1)
            assert (np.where(line.any(axis=1), last - first, 0) <= reach).all()
    assert pp.reach(SHEET, ONE_LOOK, Views(distance=2.0))[0] in range(4, 8)


# ---------------------------------------------------------------- attackers


def test_the_log_odds_grow_along_their_slope():
    logits = np.random.default_rng(0).standard_normal((3, 5))
    wanted = np.array([True, False, False, True, False])

    def value(z):
        chance = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        meant = chance[:, wanted].sum(axis=1)
        return np.log(meant / (1 - meant))

    slope = odds(logits, wanted)
    for k in range(5):
        step = 1e-5 * np.eye(5)[k]
        change = (value(logits + step) - value(logits - step)) / 2e-5
        np.testing.assert_allclose(change, slope[:, k], atol=1e-6)


def test_a_sticker_made_for_many_views_misleads_where_a_random_one_does_not(
    car, trial, exposure
):
    made = pp.by_expectation(car.model, exposure, sign=STOP, seed=0)
    random = pp.drawn(MIDDLE, 4, seed=0)

    read = car.model.predict
    chance = np.mean([trial.misled(read, (MIDDLE, one)) for one in random])
    assert trial.misled(read, (MIDDLE, made)) > chance + 0.3


def test_a_target_is_read_more_often_than_without_one(car, trial, exposure):
    target = signs.NAMES.index("no entry")
    aimed = pp.by_expectation(car.model, exposure, sign=STOP, target=target, seed=0)

    said = car.model.predict(trial.pictures((MIDDLE, aimed)))
    plain = car.model.predict(trial.pictures(None))
    assert np.mean(said == target) > np.mean(plain == target) + 0.2


def test_the_search_takes_what_did_best_on_views_that_no_sticker_was_made_for(car):
    places = [pp.Place(0, 0, 0.3), pp.Place(0, 0, 1.0)]
    own, other = draw_views(20, seed=1), draw_views(20, seed=2)
    rehearsal = pp.Rehearsal.of(SHEET, STOP, places, made=own, chosen=other)

    place, _ = pp.searched(car.model, rehearsal, labels=car.model.predict, seed=0)

    assert place == places[1]
    with pytest.raises(BadInput, match="wanted at least one"):
        pp.Rehearsal.of(SHEET, STOP, [], made=own, chosen=other)


def test_a_refusal_does_not_mislead():
    assert pp.misled(np.array([0, -1, 3, 3]), 0) == 0.5


# ---------------------------------------------------------------- sights


def test_an_approach_is_one_drive_that_comes_nearer():
    views = pp.approaches(3, frames=4, seed=0)

    assert len(views) == 12
    for name in ("light", "fog", "background"):
        assert len(np.unique(views[name].reshape(3, 4), axis=1)[0]) == 1
    assert (np.diff(views["distance"].reshape(3, 4)) < 0).all()
    assert len(np.unique(views["grain"])) == 12


def test_other_sights_are_none_that_were_drawn():
    drawn = draw_views(50, seed=0)

    assert pp.farther(drawn, seed=1)["distance"].min() >= drawn["distance"].max()
    assert pp.through_another_camera(drawn, seed=1)["blur"].min() >= 0.025


# ---------------------------------------------------------------- training


def test_training_on_remade_stickers_shows_them_and_keeps_the_rest(car):
    lesson = pp.Remade.of(STOP, places=1, views=8, width=0.9, seed=0)
    rows = car.rows.take(np.arange(52))

    shown = lesson(car.model, rows.X, rows.y, seed=0)

    other = (shown != rows.X).any(axis=1)
    assert 0.05 < other.mean() < 0.8
    assert other[rows.y == STOP].any()
    recipe = hardening.adversarial(replace(EYE, steps=5), attack=lesson)
    assert recipe(rows, seed=0).logits(rows.X).shape == (52, 13)


# ---------------------------------------------------------------- judges


def test_the_judges_show_no_sticker_as_none(car, trial):
    kinds = {
        "none": lambda one: [None],
        "random": lambda one: [
            (MIDDLE, sticker) for sticker in pp.drawn(MIDDLE, 2, seed=one.seed)
        ],
    }

    matrix = pp.judge_stickers([car], kinds, {"unseen": trial})

    plain = car.model.predict(trial.pictures(None))
    assert matrix.value("none", "unseen") == np.mean(plain != STOP)
    assert matrix.cell("none", "unseen").n == 1


def test_a_wider_sticker_misleads_more(car, trial):
    widths = pp.judge_widths(
        [car], trial, widths=[0.15, 0.5], made=draw_views(20, seed=1), seed=0
    )

    assert widths.at("made for it", 0.5) > widths.at("made for it", 0.15) + 0.2


def test_a_car_that_says_nothing_is_not_misled_and_reads_nothing(car, trial):
    views = draw_views(8, seed=1)
    rehearsal = pp.Rehearsal.of(SHEET, STOP, [MIDDLE], made=views, chosen=views)
    silent = pp.Car([car], lambda victim: lambda X: np.full(len(X), -1))

    matrix = pp.judge_defences(
        {"silent": silent, "as it is": pp.Car([car], lambda one: one.model.predict)},
        trial,
        unaware=lambda place: [None, (MIDDLE, pp.drawn(MIDDLE, 1, seed=0)[0])],
        rehearsal=rehearsal,
    )

    assert [matrix.value("silent", c) for c in matrix.columns] == [0, 0, 0, 0, 0]
    assert matrix.cell("silent", "aware").outcome == "stopped"
    assert matrix.value("as it is", "aware") > 0.3
    assert matrix.value("as it is", "sign read") > 0.7


def test_what_a_car_spares_is_measured_by_the_first_network_by_network(car, trial):
    views = draw_views(8, seed=1)
    rehearsal = pp.Rehearsal.of(SHEET, STOP, [MIDDLE], made=views, chosen=views)

    def blind(one):
        return one.model.predict if one.seed else lambda X: np.full(len(X), STOP)

    pair = [car, replace(car, seed=1)]
    matrix = pp.judge_defences(
        {
            "all": pp.Car(pair, lambda one: one.model.predict),
            "one": pp.Car(pair, blind),
        },
        trial,
        unaware=lambda place: [None],
        rehearsal=rehearsal,
    )

    misled = {name: matrix.value(name, "aware") for name in matrix.rows}
    assert matrix.value("one", "worst network") == 2 * misled["one"] > 0
    assert matrix.value("one", "spared") == pytest.approx(misled["all"] - misled["one"])
    assert matrix.cell("one", "unaware").value < 0.1


def test_certainty_falls_with_the_width_of_what_may_be_stuck_on(car):
    rows = car.rows.take(np.arange(39))

    found = pp.judge_covers([car], rows, patches=[2, 8], count=3)

    assert found.at("right, or an alarm", 2) >= found.at("right, or an alarm", 8)
    assert found.at("right", 2) <= found.at("right, or an alarm", 2)
