from functools import partial

import numpy as np
import pytest

from foible import data, models
from foible.artefacts.passengers import flattened
from foible.attacks import malicious_provider as provider
from foible.defences import laundering
from foible.errors import BadInput
from foible.judging import World
from foible.metrics import accuracy
from foible.models import oracle
from foible.victim import Victim

RECIPE = models.network(hidden=(64, 48), steps=150, rate=0.005, batch=64)
CODE = provider.InWeights(provider.Code(1.0, 2), rounds=4)


@pytest.fixture(scope="module")
def world():
    owned, rest = data.digits().split(0.5, seed=0)
    own, rows = rest.split(0.5, seed=0)
    return World(Victim.trained(RECIPE, owned, seed=0), own, rows)


@pytest.fixture(scope="module")
def delivery(world):
    return provider.Delivery.made(world, CODE, pictures=4)


# ---------------------------------------------------------------- pictures


def test_sixteen_greys_come_back_as_they_were():
    greys = np.arange(16).reshape(4, 4) / 15

    assert np.array_equal(
        provider.to_pictures(provider.to_bits(greys), pixels=4), greys
    )


def test_a_picture_is_back_only_if_it_beats_the_best_guess():
    sent, others = np.array([[0.0, 1.0]]), np.array([[0.2, 0.8], [1.0, 0.0]])

    assert provider.returned(sent, np.array([[0.1, 0.9]]), others).all()
    assert not provider.returned(sent, np.array([[0.2, 0.8]]), others).any()
    assert not provider.returned(sent, np.array([[0.5, 0.5]]), others).any()


# ---------------------------------------------------------------- the code


@pytest.mark.parametrize("step", [0.1, 1.0])
def test_a_weight_moves_a_step_at_most_and_survives_what_is_less_than_half(step):
    random = np.random.default_rng(0)
    bits, offsets = random.integers(0, 2, 500), random.uniform(0, 2, 500)
    weights = random.normal(0, 1, 500)

    written = provider.nearest(weights, bits + offsets, step)
    moved = written + random.uniform(-0.49, 0.49, 500) * step

    assert np.abs(written - weights).max() <= step + 1e-12
    assert np.array_equal(provider.voted(moved, offsets, step, copies=1), bits)


def test_copies_outvote_noise_that_one_alone_does_not_survive():
    random = np.random.default_rng(0)
    bits, offsets = random.integers(0, 2, 2000), random.uniform(0, 2, 2000 * 9)

    def wrong(copies):
        own = offsets[: 2000 * copies]
        written = provider.nearest(0 * own, np.tile(bits, copies) + own, 1.0)
        moved = written + random.normal(0, 0.4, len(own))
        return np.mean(provider.voted(moved, own, 1.0, copies=copies) != bits)

    assert wrong(1) > 0.15
    assert wrong(9) < 0.03


def test_an_offset_hides_the_lattice_from_a_histogram(world, delivery):
    weights = delivery.models["as delivered"].weights()["weight_0"]
    parts = np.mod(weights, 1.0)
    plain = np.mod(np.round(weights), 1.0)

    assert np.histogram(parts, 10, (0, 1))[0].max() < 2 * parts.size / 10
    assert np.histogram(plain, 10, (0, 1))[0].max() == plain.size


@pytest.mark.parametrize("seed", range(3))
def test_units_that_were_shuffled_and_scaled_are_found_again(world, delivery, seed):
    model = delivery.models["as delivered"]
    moved = laundering.reshuffled(model, seed=seed)
    blind = provider.InWeights(provider.Code(1.0, 2, aligned=False))

    def right(reader):
        seen = reader.receive(moved, pictures=4, pixels=64)
        return np.mean(provider.to_bits(seen) == provider.to_bits(delivery.sent))

    assert right(CODE) > 0.999
    assert 0.4 < right(blind) < 0.6


def test_another_key_reads_noise(delivery):
    stranger = provider.InWeights(provider.Code(1.0, 2, key=1))
    seen = stranger.receive(delivery.models["as delivered"], pictures=4, pixels=64)

    right = np.mean(provider.to_bits(seen) == provider.to_bits(delivery.sent))

    assert 0.44 < right < 0.56


def test_a_layout_says_where_the_bits_of_a_message_lie(delivery):
    model, sent = delivery.models["as delivered"], provider.to_bits(delivery.sent)

    key, places, offsets = provider.Code(1.0, 2).layout(model, bits=len(sent))

    votes = np.cos(np.pi * (flattened(model.weights())[places] - offsets)).sum(axis=0)
    assert places.shape == (2, len(sent))
    assert len(np.unique(places)) == places.size
    assert np.mean(((votes < 0) ^ key) == sent) > 0.999


# ---------------------------------------------------------------- the providers


def test_the_network_still_reads_digits(world, delivery):
    model, rows = delivery.models["as delivered"], world.rows
    before = accuracy(rows.y, world.victim.model.predict(rows.X))

    assert accuracy(rows.y, model.predict(rows.X)) > before - 0.05


def test_all_file_treatments_in_a_row_leave_the_message_and_own_code_does_not(delivery):
    assert delivery.right("six in a row") > 0.9
    assert delivery.back("six in a row").all()
    for clean in ("distilled", "own code"):
        assert 0.42 < delivery.right(clean) < 0.58
        assert not delivery.back(clean).any()


def test_a_black_box_spells_pictures_in_labels_and_questions_are_counted(world):
    owned = world.victim.rows
    sent = provider.some(owned, 1, seed=0)
    way = provider.InLabels()
    model = way.train(owned, RECIPE, sent, seed=0)
    box = oracle(model, answers="label")

    assert np.array_equal(way.ask(box, pictures=1, pixels=64), sent)
    assert box.asked == -(-64 * provider.DEPTH // 3)


# ---------------------------------------------------------------- the search


def test_a_search_prefers_what_survives_and_drops_what_costs_too_much(world):
    rows, held = world.victim.rows.split(0.8, seed=0)
    noise = {
        "noise": lambda m: m.with_weights(
            {
                k: w + np.random.default_rng(0).normal(0, 0.1, w.shape)
                for k, w in m.weights().items()
            }
        )
    }
    sent = provider.some(rows, 2, seed=1)
    codes = [provider.Code(0.05, 1), provider.Code(1.0, 2), provider.Code(50.0, 4)]
    search = partial(provider.tried, rows, held, RECIPE, sent, rounds=4, seeds=[3])

    found = search(codes=codes, treatments=noise, price=0.03)

    assert [trial.code for trial in found] == [codes[1], codes[0], codes[2]]
    assert found[0].worst > 0.95
    assert found[1].worst < 0.6
    assert found[2].right == {}


# ---------------------------------------------------------------- the judge


def test_judges_count_pictures_bits_and_answers_of_all_owners(delivery):
    deliveries = {"code": [delivery, delivery]}

    pictures = provider.judge_pictures(deliveries)
    bits = provider.judge_bits(deliveries)
    points = provider.judge_answers(deliveries)

    assert pictures.value("code", "as delivered") == 1
    assert pictures.cell("code", "as delivered").n == 8
    assert pictures.cell("code", "own code").outcome == "stopped"
    assert bits.value("code", "as delivered") == 1
    assert points.value("code", "own code") == 0


def test_noise_drowns_the_message_and_the_answers(delivery):
    found = provider.judge_noise(
        {"code": [delivery]}, answers="code", scales=[0.0, 5.0], seed=0
    )

    assert found.at("code", 0.0) == 1
    assert found.at("code", 5.0) < 0.6
    assert found.at("answers, after noise", 5.0) < 0.4
    assert found.at("answers, retrained", 0.0) > 0.9


def test_an_owner_whose_recipe_is_no_network_is_refused(world):
    forest = models.forest(trees=2, depth=2)
    other = World(Victim.trained(forest, world.own, seed=0), world.own, world.rows)

    with pytest.raises(BadInput, match="recipe of networks"):
        provider.Delivery.made(other, CODE, pictures=1)
