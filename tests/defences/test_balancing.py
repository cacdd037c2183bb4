import numpy as np
import pytest

from foible import cast, data, models
from foible.defences import balancing
from foible.failures import incomplete_testing as it

LETTERS = it.parity(data.digits().take(slice(1000)))


@pytest.fixture(scope="module")
def office():
    role = cast.cut(
        LETTERS, models.network(hidden=16, steps=60, decay=0.03), owned=0.6, aside=0.5
    )
    rows, carried = it.marked(role.owned, {"mark": 0.97}, seed=0)
    return role, rows, it.groups(rows.y, carried["mark"])


def test_balanced_groups_are_alike_and_of_the_rows_given(office):
    _, rows, groups = office

    drawn = balancing.balanced(rows, groups, seed=0)

    known = {row.tobytes(): group for row, group in zip(rows.X, groups, strict=True)}
    sizes = np.bincount([known[row.tobytes()] for row in drawn.X])
    assert len(drawn) == len(rows)
    assert sizes.min() > 0.2 * len(rows)


def test_halfway_the_groups_keep_the_order_of_their_sizes(office):
    _, rows, groups = office
    shares = []
    for strength in (0, 0.5, 1):
        drawn = balancing.balanced(rows, groups, strength=strength, seed=0)
        known = {
            row.tobytes(): group for row, group in zip(rows.X, groups, strict=True)
        }
        found = np.array([known[row.tobytes()] for row in drawn.X])
        shares.append(np.mean(found == np.bincount(groups).argmin()))

    assert shares[0] < shares[1] < shares[2]


def test_training_the_worst_first_helps_the_worst(office):
    role, rows, groups = office
    model = role.recipe(rows, seed=0)

    after = balancing.worst_first(model, rows, groups, seed=0)

    agrees = {"mark": 0.97}
    worst = [
        it.worst(one, role.judged, agrees, cue="mark", seed=1) for one in (model, after)
    ]
    assert worst[1] > worst[0] + 0.2


def test_no_round_leaves_the_network_as_it_was(office):
    role, rows, groups = office
    model = role.recipe(rows, seed=0)

    assert balancing.worst_first(model, rows, groups, rounds=0, seed=0) is model


def test_columns_are_blanked_and_the_others_stay(office):
    rows = office[1]

    blank = balancing.without_columns(rows, [0, 1])

    assert not blank.X[:, :2].any()
    np.testing.assert_array_equal(blank.X[:, 2:], rows.X[:, 2:])
