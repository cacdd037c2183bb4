from dataclasses import replace

import numpy as np
import pytest

from foible import data, models
from foible.attacks import reprogramming as rp
from foible.attacks.reprogramming import asking
from foible.attacks.reprogramming.programs import right
from foible.errors import BadInput
from foible.victim import Victim

IMAGE = (8, 8)
READER = models.network(hidden=(64, 32), steps=200, rate=0.003, batch=64)
SMALL = rp.Effort(draws=30, kept=4, steps=60, rounds=2)


@pytest.fixture(scope="module")
def task():
    ours, judged = data.irises().split(0.6, seed=0)
    own, held = ours.split(2 / 3, seed=0)
    return rp.Task(own, held, judged)


@pytest.fixture(scope="module")
def victim():
    return Victim.trained(READER, data.digits().take(slice(1000)), seed=0)


def shown(task, **changes):
    empty = rp.blank(task.own, image=IMAGE, labels=10)
    return replace(empty, **changes)


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("columns", [1, 4, 13, 16])
@pytest.mark.parametrize("image", [(8, 8), (28, 28)])
def test_every_column_has_as_much_room_and_the_frame_lies_around_it(image, columns):
    place = rp.sheet(image, columns)

    room = np.bincount(place[place >= 0], minlength=columns)
    assert (room == room[0]).all()
    assert room[0] > 0
    picture = place.reshape(image)
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert (edge == -1).all()


def test_a_row_is_written_from_white_to_black_and_leaves_the_frame_alone(task):
    program = shown(task, base=np.linspace(0, 1, 64))
    program = replace(program, base=np.where(program.frame, program.base, 0.5))

    pictures = program.written(np.stack([program.low, program.high, program.high + 9]))

    assert (pictures[0, ~program.frame] == 0).all()
    assert (pictures[1:, ~program.frame] == 1).all()
    assert (pictures[:, program.frame] == program.base[program.frame]).all()


def test_a_faint_row_moves_its_pixels_by_the_contrast_at_most(task):
    program = shown(task, contrast=0.2)

    assert np.ptp(program.written(task.judged.X)) <= 0.2 + 1e-12


def test_answers_mean_what_they_were_given_to_most_and_the_rest_is_dealt_out(task):
    said = np.where(task.own.y == 0, 7, np.where(task.own.y == 1, 3, 2))

    read = rp.worded(shown(task), said, task.own)

    assert read.names[[7, 3, 2]].tolist() == [0, 1, 2]
    assert np.ptp(np.bincount(read.names, minlength=3)) <= 1
    assert (read.read(said) == task.own.y).all()


def test_a_refusal_is_never_right(task):
    assert (shown(task).read(np.array([-1, -1, 3])) == [-1, -1, 0]).all()


# ---------------------------------------------------------------- by slope


def test_a_network_of_digits_sorts_irises(task, victim):
    program = rp.by_gradient(
        victim.model, task.own, task.held, image=IMAGE, effort=SMALL, seed=0
    )

    share = rp.sorted_rightly(program, victim.model.predict, task.judged)
    assert share >= 0.85
    assert (program.base[~program.frame] == 0.5).all()


def test_the_climb_goes_up_the_likelihood_that_finite_differences_see(task, victim):
    from foible.attacks.reprogramming.climbing import _uphill

    program = shown(task, names=np.arange(10) % 3)
    pictures = program.written(task.own.X[:5])
    means = program.names == task.own.y[:5, np.newaxis]

    def likelihood(X):
        return np.log((victim.model.predict_proba(X) * means).sum(axis=1))

    _, slope = victim.model.follow(pictures, lambda logits: _uphill(logits, means))

    for pixel in (0, 20, 63):
        step = 1e-6 * np.eye(64)[pixel]
        rise = (likelihood(pictures + step) - likelihood(pictures - step)) / 2e-6
        np.testing.assert_allclose(slope[:, pixel], rise, atol=1e-5)


def test_labels_dealt_at_random_are_not_learnt(task, victim):
    rng = np.random.default_rng(0)
    mixed = [replace(rows, y=rng.permutation(rows.y)) for rows in task]

    program = rp.by_gradient(
        victim.model, *mixed[:2], image=IMAGE, effort=SMALL, seed=0
    )

    assert rp.sorted_rightly(program, victim.model.predict, mixed[2]) <= 0.55


# ---------------------------------------------------------------- by asking


def test_labels_alone_are_enough_and_the_budget_is_kept(task, victim):
    oracle = victim.oracle(budget=3000, answers="label")

    program = rp.by_labels(
        oracle, task.own, task.held, image=IMAGE, labels=10, queries=3000, seed=0
    )

    assert oracle.asked <= 3000
    assert rp.sorted_rightly(program, victim.model.predict, task.judged) >= 0.55


def test_who_runs_out_of_answers_keeps_what_was_found(task, victim):
    oracle = victim.oracle(budget=1000, answers="label")

    rp.by_labels(
        oracle, task.own, task.held, image=IMAGE, labels=10, queries=9000, seed=0
    )

    assert 600 <= oracle.asked <= 1000


def test_a_chain_tells_three_classes_by_two_answers(task):
    def sees(pixel):
        return lambda X: (X[:, pixel] > 0.5).astype(int)

    place = np.full(64, -1)
    place[0] = 2  # the length of the petal
    first = shown(task, place=place, names=np.array([0, 1]))
    low, high = first.low.copy(), first.high.copy()
    high[2] = 3.9  # the middle between the first two species is 2.45
    low[2] = 1.0
    first = replace(first, low=low, high=high)
    low, high = low.copy(), high.copy()
    low[2], high[2] = 4.0, 5.8
    second = replace(first, low=low, high=high)

    found = rp.Chain((first, second)).answered(sees(0), task.judged.X)

    assert np.mean(found == task.judged.y) >= 0.9


# ---------------------------------------------------------------- knowing


def test_programs_on_digits_stay_nearer_to_digits_than_frames_do(task, victim):
    digits = data.digits().take(slice(1000, 1150))
    found = rp.like_digits(
        victim.model,
        task.own,
        task.held,
        digits,
        limits=[1.0],
        labels=victim.model.predict,
        effort=rp.Effort(draws=20, kept=2, steps=30, rounds=1),
        seed=0,
    )
    frame = rp.by_gradient(
        victim.model, task.own, task.held, image=IMAGE, effort=SMALL, seed=0
    )

    def away(program):
        pictures = program.written(task.judged.X)
        gaps = np.linalg.norm(pictures[:, np.newaxis] - digits.X, axis=2)
        return gaps.min(axis=1).mean()

    assert away(found[0]) < 0.7 * away(frame)


def test_a_rota_asks_each_row_in_its_turn_and_leaves_out_twins(task):
    white, black = (shown(task, base=np.full(64, ink)) for ink in (0.0, 1.0))
    rota = rp.apart([white, replace(white), black], least=1)

    asked = []
    rota.answered(lambda X: asked.append(X) or np.zeros(len(X), int), task.judged.X)

    assert len(rota.programs) == 2
    assert [len(account) for account in asked] == [10] * (len(task.judged) // 10)
    frames = asked[0][:, white.frame]
    assert (frames[::2] == 0).all()
    assert (frames[1::2] == 1).all()


def test_a_rota_knows_what_its_programs_know(task, victim):
    program = rp.by_gradient(
        victim.model, task.own, task.held, image=IMAGE, effort=SMALL, seed=0
    )
    alone = program.answered(victim.model.predict, task.judged.X)

    twice = rp.Rota((program, program)).answered(victim.model.predict, task.judged.X)

    np.testing.assert_array_equal(twice, alone)


# ---------------------------------------------------------------- judges


def test_the_judge_shows_a_service_that_refuses_all_as_reading_nothing(task, victim):
    nothing = rp.Meeting(
        lambda victim: lambda X: np.full(len(X), -1),
        unaware=lambda victim, labels, task, seed: shown(task),
        aware=lambda victim, labels, task, seed: shown(task),
    )

    found = rp.judge_services({"none": nothing}, [victim], [task], victim.rows)

    assert [cell.value for cell in found.row("none").values()] == [0, 0, 0]


def test_each_network_gets_the_same_effort(task, victim):
    networks = {"one": [victim], "the same": [victim]}

    shares = rp.Turned(networks, [task], IMAGE, SMALL).shares()

    assert shares["one"] == shares["the same"]
    assert rp.judge_networks(shares).value("one", "searched") >= 0.85


def test_queries_are_paid_by_each_network_alone(task, victim):
    found = rp.judge_queries(
        {"victim": [victim], "again": [victim]}, [task], queries=[400], image=IMAGE
    )

    assert found.at("victim", 400) == found.at("again", 400)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda task: rp.sheet((8, 8), 17),
        lambda task: rp.sheet((64,), 4),
        lambda task: rp.sheet((8, 8), 0),
        lambda task: rp.Effort(draws=0),
        lambda task: rp.apart([], least=1),
        lambda task: shown(task).written(task.own.X[:, :2]),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(task, wrong):
    with pytest.raises(BadInput):
        wrong(task)


def test_a_try_is_judged_by_all_rows_that_it_sorts_rightly(task):
    random = np.random.default_rng(0)
    answers = random.integers(0, 10, len(task.own) + len(task.held))

    read, share = asking._judged(shown(task), answers, task.own, task.held)

    own, held = np.split(answers, [len(task.own)])
    hits = right(read, own, task.own) * len(own)
    assert share == pytest.approx(
        (hits + right(read, held, task.held) * len(held)) / len(answers)
    )


def test_each_victim_meets_a_task(task, victim):
    with pytest.raises(ValueError, match="shorter"):
        rp.judge_services({}, [victim], [], task.judged)
