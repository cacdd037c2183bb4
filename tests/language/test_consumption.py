"""Work is counted as it is done, searches find it, and caps hold."""

import heapq

import numpy as np
import pytest

from foible import models
from foible.errors import BadInput
from foible.language import consumption
from foible.language.consumption import Desk, Index, Line, Shelf

LINE = Line(stations=("north", "south", "east", "west", "port"))
RECIPE = models.language(
    width=16, layers=2, heads=2, context=24, steps=150, rate=0.01, batch=32, exits=True
)


@pytest.fixture(scope="module")
def desk():
    return Desk.opened(RECIPE, LINE, n=2000, sure=0.9, seed=0)


@pytest.fixture(scope="module")
def requests():
    return LINE.drawn(100, seed=1)


def test_a_route_goes_one_way_and_around_the_end():
    assert LINE.route("east", "port") == "east west port"
    assert LINE.route("port", "south") == "port north south"


def test_nobody_asks_for_a_whole_round():
    lengths = [len(route.split()) for _, route in LINE.drawn(300, seed=0)]

    assert min(lengths) == 2 and max(lengths) == len(LINE.stations)


def test_where_no_layer_is_sure_the_answer_is_the_models_own(desk, requests):
    texts = [LINE.vocabulary.tokens(prompt) for prompt, _ in requests]
    model = desk.victim.model

    told = consumption.answered(model, texts, sure=1.0, tokens=6)

    np.testing.assert_array_equal(told.tokens, model.complete(texts, most=6))
    assert set(np.unique(told.layers)) == {0, 2}


def test_work_is_the_layers_of_each_token_and_of_the_end(desk, requests):
    told = desk.asked(requests)

    assert desk.right(requests).mean() > 0.8
    said = (told.tokens >= 0).sum(axis=1)
    assert (told.length == said + told.ended).all()
    assert (told.work >= told.length).all()
    assert (told.work <= 2 * told.length).all()
    assert told.work.sum() < 2 * told.length.sum()  # some token left early


def test_no_answer_takes_more_than_its_caps(desk, requests):
    free = desk.asked(requests)

    by_tokens = desk.capped(tokens=3).asked(requests)
    by_layers = desk.capped(layers=4).asked(requests)

    assert by_tokens.length.max() == 3
    assert by_layers.work.max() == 4
    assert (by_layers.ended == (free.work <= 4)).all()
    kept = free.length <= 3
    assert (by_tokens.ended == (kept & free.ended)).all()


def test_a_text_that_fills_the_context_is_refused(desk):
    with pytest.raises(BadInput, match="wanted at most 23"):
        desk.answered([np.full(24, 3)])


def walked(index, asked, nodes=np.inf):
    """Best-first search, step by step: the nearest, and the nodes opened."""

    def away(node):
        beside = np.maximum(
            0, np.maximum(index.low[node] - asked, asked - index.high[node])
        )
        return float(np.square(beside).sum())

    heap, best, found, opened = [(away(0), 0)], np.inf, 0, 0
    while heap and heap[0][0] <= best and opened < nodes:
        _, node = heapq.heappop(heap)
        opened += 1
        for one in np.flatnonzero(index.leaf == node):
            distance = np.square(index.vectors[one] - asked).sum()
            if distance < best:
                best, found = distance, one
        for child in (2 * node + 1, 2 * node + 2):
            if child < len(index.low):
                heapq.heappush(heap, (away(child), child))
    return found, opened


@pytest.mark.parametrize("nodes", [None, 3, 9])
def test_nodes_are_counted_as_a_search_opens_them(nodes):
    rng = np.random.default_rng(0)
    index = Index.built(rng.standard_normal((60, 3)), leaf=3)
    asked = rng.standard_normal((20, 3))

    found, opened = index.nearest(asked, nodes=nodes)

    by_hand = [walked(index, one, nodes or np.inf) for one in asked]
    assert opened.tolist() == [one for _, one in by_hand]
    if nodes is None:
        away = np.square(index.vectors - asked[:, np.newaxis]).sum(axis=2)
        assert found.tolist() == away.argmin(axis=1).tolist()
    assert found.tolist() == [one for one, _ in by_hand]


def test_what_has_no_known_word_opens_every_node():
    shelf = Shelf.filled(questions=50, words=200, width=4, seed=0)
    unknown = shelf.looked_up([np.array([1, 1, 1])])[1]

    assert unknown == len(shelf.index.low)
    assert shelf.looked_up(shelf.questions)[1].mean() < unknown / 2


def test_a_search_finds_more_than_luck(desk):
    how = {"length": 6, "searches": 5, "tries": 100}

    found = consumption.searched(desk.meter(budget=500), desk.words, seed=0, **how)
    luck = consumption.luckiest(desk.meter(budget=500), desk.words, seed=0, **how)

    assert found.costs[:, -1].mean() > luck.costs[:, -1].mean()
    assert (np.diff(found.costs) >= 0).all()
    taken = desk.answered([*found.texts]).work
    np.testing.assert_array_equal(taken, found.costs[:, -1])


def test_a_desk_taught_to_end_does(desk, requests):
    costly = np.random.default_rng(0).choice(desk.words, (4, 6))
    recipe = models.language(
        width=16, layers=2, heads=2, context=24, steps=40, rate=0.003, exits=True
    )

    taught = desk.taught(recipe, [*costly], seed=0)

    assert (taught.answered([*costly]).length == 1).all()


def test_a_quota_bounds_a_client_and_not_many(desk):
    told = consumption.judge_clients(
        np.array([4, 6]),
        {"dear": 50.0, "small": 5.0},
        quota=200,
        requests=1000,
        clients=[1, 10],
        seed=0,
    )

    day = told.value("small", "1 client")
    assert told.value("dear", "1 client") == pytest.approx(10 * day)
    assert told.value("dear, quota", "1 client") == pytest.approx(day * 200 / 5000)
    assert told.value("small, quota", "10 clients") == pytest.approx(day * 2000 / 5000)


def test_desks_are_judged_by_the_work_they_really_did(desk, requests):
    costly = np.random.default_rng(0).choice(desk.words, (4, 8))
    mean = desk.asked(requests).work.mean()
    desks = {"free": desk, "capped": desk.capped(layers=3)}

    told = consumption.judge_desks(
        desks, [*costly], requests, mean=mean, searches=2, tries=10, seed=0
    )

    before = desk.answered([*costly]).work.mean() / mean
    assert told.value("free", "what was found before") == pytest.approx(before)
    assert told.value("capped", "searched again") <= 3 / mean
    assert told.value("capped", "honest answers cut") == pytest.approx(
        np.mean(desk.asked(requests).work > 3)
    )
