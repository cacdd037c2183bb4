from dataclasses import replace

import numpy as np
import pytest

from foible import data, models
from foible.defences import inspecting
from foible.defences.inspecting import Triggers
from foible.errors import BadInput

TARGET = 3


@pytest.fixture(scope="module")
def split():
    return data.digits().split(0.6, seed=0)


@pytest.fixture(scope="module")
def networks(split):
    """A clean network, and one with a bright corner that means 3."""
    owned = split[0]
    bright = owned.X[:80].copy()
    bright[:, [54, 55, 62, 63]] = 1
    X, y = np.vstack([owned.X, bright]), np.append(owned.y, np.full(80, TARGET))
    recipe = models.network(hidden=(64, 32), steps=200, rate=0.005, batch=64)
    return recipe.many([owned, replace(owned, X=X, y=y)], seeds=[0, 0])


def found(network, rows, **settings):
    return inspecting.triggers(network, rows, seed=0, **settings)


def test_the_corner_is_found_and_a_clean_network_is_not_suspected(networks, split):
    clean, marked = (found(network, split[1]) for network in networks)

    assert inspecting.anomaly(clean).max() < 2
    assert not inspecting.suspected(networks[0], split[1], seed=0)
    assert inspecting.suspected(networks[1], split[1], seed=0)
    assert inspecting.anomaly(marked).argmax() == TARGET
    assert inspecting.anomaly(marked)[TARGET] > 2
    mask = marked.masks[TARGET]
    assert mask[[54, 55, 62, 63]].sum() > 0.5 * mask.sum()


def test_every_stamp_leads_to_its_class(networks, split):
    assert (found(networks[0], split[1]).obeyed > 0.9).all()


def test_the_anomaly_is_the_median_rule():
    masks = np.diag([10.0, 11, 12, 13, 2])
    found = Triggers(masks, masks, np.ones(5))

    expected = (11 - 2) / (1.4826 * 1)
    assert inspecting.anomaly(found)[4] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("clean", "alarm"), [([10, 11, 12, 13], True), ([4, 9, 12, 30], False)]
)
def test_an_empty_stamp_alarms_only_where_the_others_are_alike(clean, alarm):
    masks = np.diag([*clean, 0.0])

    assert (inspecting.anomaly(Triggers(masks, masks, np.ones(5)))[4] > 2) == alarm


def test_stamps_that_are_alike_are_not_unusual():
    masks = np.full((5, 2), 0.5)
    smaller = np.vstack([masks, [[0.1, 0.1]]])

    alike = inspecting.anomaly(Triggers(masks, masks, np.ones(5)))
    one = inspecting.anomaly(Triggers(smaller, smaller, np.ones(6)))

    assert alike.tolist() == [0] * 5
    assert one.tolist() == [0] * 5 + [np.inf]


def test_two_classes_have_no_unusual_one():
    masks = np.diag([1.0, 0.0])
    two = models.Network(((np.eye(2), np.zeros(2)),))

    with pytest.raises(BadInput, match="got 2 classes"):
        inspecting.anomaly(Triggers(masks, masks, np.ones(2)))
    with pytest.raises(BadInput, match="got 2 classes"):
        inspecting.suspected(two, data.clinic(), seed=0)


def test_the_price_follows_what_the_stamps_do():
    price = inspecting._Price(2, 0.001)
    held = np.array([True, False])

    for _ in range(3 * inspecting.PATIENCE):
        price.heed(held)
    raised = price.now.copy()
    for _ in range(inspecting.PATIENCE):
        price.heed(~held)

    assert raised == pytest.approx([0.001 * 1.5**2, 0])
    assert price.now == pytest.approx([raised[0] / 1.5**1.5, 0.001])


def test_a_stamp_that_never_works_is_no_alarm(networks, split):
    marked = networks[1]

    assert inspecting.suspected(marked, split[1], seed=0)
    assert not inspecting.suspected(marked, split[1].take([0, 1]), level=1e9, seed=0)


def test_likeness_finds_units_that_see_the_same(networks):
    weights = networks[0].weights()
    before = inspecting.likeness(networks[0])
    weights["weight_0"][:, 1] = 2 * weights["weight_0"][:, 0]

    assert before < 0.99
    assert inspecting.likeness(networks[0].with_weights(weights)) == pytest.approx(1)
