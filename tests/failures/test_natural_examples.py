from itertools import combinations

import numpy as np
import pytest
from scipy import ndimage

from foible import cast, data, models
from foible.defences import viewing
from foible.failures import natural_examples as nat
from foible.victim import Victim

DIGITS = data.digits().take(slice(900))
READER = models.network(hidden=32, steps=80)
GRID = nat.grid((8, 8))


@pytest.fixture(scope="module")
def roles():
    return [
        cast.cut(DIGITS, READER, owned=0.5, aside=0.5, seed=seed) for seed in range(3)
    ]


@pytest.fixture(scope="module")
def looks(roles):
    return [
        nat.looked(
            role.victim(seed=seed).transport, role.judged, GRID, aside=role.aside
        )
        for seed, role in enumerate(roles)
    ]


# ---------------------------------------------------------------- moves


def test_a_whole_pixel_to_the_right_is_a_whole_pixel_to_the_right():
    picture = np.zeros((1, 8, 8))
    picture[0, 3, 2] = 1

    moved = nat.Move((8, 8), right=1 / 8, down=2 / 8)(picture.reshape(1, -1))

    assert moved.reshape(8, 8)[5, 3] == pytest.approx(1)
    assert moved.sum() == pytest.approx(1)


def test_a_turn_is_that_of_scipy():
    picture = np.zeros((9, 9))
    picture[2:7, 3:6] = np.random.default_rng(0).random((5, 3))

    moved = nat.Move((9, 9), rotation=20)(picture.reshape(1, -1)).reshape(9, 9)

    other = ndimage.rotate(picture, -20, reshape=False, order=1)
    np.testing.assert_allclose(moved, other, atol=1e-9)


def test_a_quarter_turn_is_clockwise():
    picture = np.zeros((8, 8))
    picture[0, 7] = 1

    moved = nat.Move((8, 8), rotation=90)(picture.reshape(1, -1)).reshape(8, 8)

    assert moved[7, 7] == pytest.approx(1)


def test_a_slant_moves_the_foot_to_the_right_and_the_head_to_the_left():
    picture = np.zeros((8, 8))
    picture[:, 4] = 1

    slanted = nat.Move((8, 8), slant=0.4)(picture.reshape(1, -1)).reshape(8, 8)

    assert slanted[0].argmax() < slanted[7].argmax()


def test_a_zoom_keeps_the_middle_and_grows():
    picture = np.zeros((8, 8))
    picture[3:5, 3:5] = 1

    larger = nat.Move((8, 8), zoom=2)(picture.reshape(1, -1)).reshape(8, 8)

    assert larger.sum() == pytest.approx(16, rel=0.15)
    np.testing.assert_allclose(larger, larger[::-1, ::-1], atol=1e-12)


def test_the_grid_has_45_moves_of_which_one_does_nothing():
    still = [np.allclose(move(DIGITS.X), DIGITS.X) for move in GRID]

    assert len(GRID) == 45
    assert sum(still) == 1


# ---------------------------------------------------------------- looking


def test_the_chance_that_none_is_misread_is_that_of_all_subsets():
    wrong = np.random.default_rng(0).random((7, 30)) < 0.3

    for count in (1, 3, 7):
        subsets = list(combinations(range(7), count))
        share = np.mean([~wrong[list(some)].any(axis=0) for some in subsets], axis=0)
        np.testing.assert_allclose(nat.none_of(wrong, count), share, atol=1e-12)


def test_the_search_finds_the_move_that_breaks_all():
    wrong = np.random.default_rng(0).random((20, 50)) < 0.1
    wrong[13] = True

    assert nat.fewest(wrong, 3)[0] == 13


def test_a_look_counts_what_the_model_says_of_each_move(roles, looks):
    role, look = roles[0], looks[0]
    model = role.victim(seed=0).model

    again = np.stack([model.predict(move(role.judged.X)) for move in GRID])

    np.testing.assert_array_equal(look.wrong, again != role.judged.y)
    np.testing.assert_array_equal(look.straight, model.predict(role.judged.X))


# ---------------------------------------------------------------- hard rows


class Told:
    """A recipe that remembers what it was made from."""

    def __init__(self):
        self.made = []

    def __call__(self, rows, *, seed):
        self.made.append({row.tobytes() for row in rows.X})
        return models.neighbours()(rows, seed=seed)


def test_nobody_answers_a_row_that_it_or_the_other_half_has_seen():
    one, two = Told(), Told()
    rows = data.digits().take(slice(300))

    nat.crossed(one, rows, half="first", folds=3, seed=4)
    nat.crossed(two, rows, half="second", folds=3, seed=4)

    fold = np.random.default_rng(4).permutation(300) % 3
    for number, (first, second) in enumerate(zip(one.made, two.made, strict=True)):
        here = {row.tobytes() for row in rows.X[fold == number]}
        assert not first & second
        assert not here & (first | second)
        assert len(first | second) == 200


def test_what_one_family_misreads_another_misreads_more_often_than_the_rest():
    found = nat.judge_hard(
        DIGITS,
        selectors={"softmax": models.softmax(tolerance=1e-3)},
        readers={"nearest": models.neighbours(), "network": READER},
        seed=0,
    )

    for reader in found.columns:
        assert found.value("misread by softmax", reader) > 0.15 + found.value(
            "all", reader
        )


# ---------------------------------------------------------------- signs


@pytest.mark.parametrize("agrees", [1.0, 0.7, 0.0])
def test_the_scenes_are_a_signs_own_as_often_as_is_said(agrees, monkeypatch):
    seen = []

    def blind(sheets, views, *, size):
        seen.append(views["background"])
        return np.zeros((len(views), size, size, 3))

    monkeypatch.setattr(nat.signs, "photograph", blind)

    signs = nat.photographs(800, agrees=agrees, seed=0)

    own = np.concatenate(seen) // 3 == signs.y
    assert own.mean() == pytest.approx(agrees, abs=0.05)


def test_a_scene_that_is_new_is_no_signs_own(monkeypatch):
    seen = []

    def blind(sheets, views, *, size):
        seen.append(views["background"])
        return np.zeros((len(views), size, size, 3))

    monkeypatch.setattr(nat.signs, "photograph", blind)

    nat.photographs(300, agrees=None, seed=0)

    scenes = np.concatenate(seen)
    assert scenes.min() >= 10**6
    assert len(set(scenes.tolist())) == 300


def test_a_reader_of_few_scenes_falls_where_they_mislead():
    eye = models.convolutional(filters=(8,), hidden=16, steps=80)
    made = [Victim.trained(eye, nat.photographs(400, agrees=1.0, seed=1), seed=1)]

    found = nat.judge_backgrounds(
        {"own": made},
        {
            "own": [nat.photographs(200, agrees=1.0, seed=2)],
            "another's": [nat.photographs(200, agrees=0.0, seed=2)],
        },
    )

    assert found.value("own", "another's") > found.value("own", "own") + 0.2


# ---------------------------------------------------------------- judges


def test_the_worst_of_all_is_what_is_right_in_every_move(looks):
    found = nat.judge_worst(
        {"as it is": looks}, meanings={"as it is": "attacker"}, tries=[1, 45]
    )

    every = np.mean([(~look.wrong).all(axis=0).mean() for look in looks])
    mean = np.mean([(~look.wrong).mean() for look in looks])
    assert found.at("as it is", 45) == pytest.approx(every)
    assert found.at("as it is", 1) == pytest.approx(mean)


def test_refusing_more_leaves_fewer_rows_with_a_wrong_answer(looks):
    found = nat.judge_refusing(
        {"as it is": looks}, meanings={"as it is": "attacker"}, refused=[0, 0.2, 1]
    )

    means = [found.at("as it is", share) for share in (0, 0.2, 1)]
    assert means[0] > means[1] + 0.1 > means[2] + 0.1
    assert means[2] < 0.05


def test_the_table_of_defences_agrees_with_the_curves(looks):
    table = nat.judge_defences({"none": (looks, 0.0), "refusing": (looks, 0.1)})

    curve = nat.judge_refusing(
        {"as it is": looks}, meanings={"as it is": "attacker"}, refused=[0, 0.1]
    )
    for row, share in (("none", 0), ("refusing", 0.1)):
        assert table.value(row, "some move answered wrongly") == pytest.approx(
            curve.at("as it is", share)
        )
    assert table.value("none", "refused, moved") == 0
    assert table.value("refusing", "refused, as it is") == pytest.approx(0.1, abs=0.05)


def test_moves_that_were_searched_are_worse_than_moves_that_were_drawn(roles):
    asks = [role.victim(seed=seed).transport for seed, role in enumerate(roles)]

    found = nat.judge_search(
        {"as it is": asks},
        [(role.aside, role.judged) for role in roles],
        kinds={"both": list(nat.KINDS)},
        pool=30,
        count=5,
        seed=0,
    )

    row = found.row("as it is: both")
    assert row["chosen, fresh digits"].value < row["drawn"].value
    assert row["chosen, where searched"].value <= row["drawn"].value


def test_training_with_moves_helps_against_them(roles):
    role, eye = roles[0], models.convolutional(steps=400)
    moves = nat.draw_moves((8, 8), 40, kinds=["turned and shifted"], seed=0)
    rows = viewing.with_moves(role.owned, moves, copies=6, seed=0)

    right = [
        (~nat.missed(models.transport(eye(made, seed=0)), role.judged, GRID))
        for made in (role.owned, rows)
    ]

    before, after = (one.all(axis=0).mean() for one in right)
    assert after > before + 0.15


def test_readings_are_drawn_with_their_wrong_ones_framed():
    pictures = DIGITS.X[:7].reshape(-1, 8, 8)

    figure = nat.readings(
        pictures, DIGITS.y[:7], np.arange(7) == 2, names=DIGITS.classes
    )

    labels = [ax.get_xlabel() for ax in figure.axes]
    assert [label for label in labels if label.startswith("▲")] == [
        f"▲{DIGITS.classes[DIGITS.y[2]]}"
    ]
