import tracemalloc
from importlib import import_module

import numpy as np
import pytest

from foible import arrays, data, models
from foible.attacks import evasion, model_inversion
from foible.defences import inspecting
from foible.defences.watching import pictures
from foible.errors import BadInput
from foible.oracle import Oracle
from foible.search import Ball


def test_places_are_positions_or_a_mask():
    values = np.arange(4) * 10

    assert values[arrays.places([3, -4], 4)].tolist() == [30, 0]
    assert values[arrays.places([False, True, True, False], 4)].tolist() == [10, 20]


@pytest.mark.parametrize("index", [[4], [-5], [0.5], [True], "nobody", [], 2, [[0]]])
def test_what_is_neither_is_one_clear_error(index):
    with pytest.raises(BadInput, match=r"wanted positions or a mask|wanted \(m,\)"):
        arrays.places(index, 4)


def test_rows_that_were_scaled_have_mean_nought_and_spread_one():
    X = np.random.default_rng(0).normal(5, 3, (50, 4))

    mean, spread = arrays.scale(X)

    scaled = (X - mean) / spread
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


def test_a_column_that_never_varies_is_left_in_its_own_unit():
    mean, spread = arrays.scale(np.full((3, 1), 7.0))

    assert (mean[0], spread[0]) == (7, 1)


def test_a_bias_is_the_weight_of_a_last_column_of_ones():
    X, weight = np.arange(6.0).reshape(3, 2), np.array([1.0, 2, 10])

    np.testing.assert_array_equal(
        arrays.with_one(X) @ weight, X @ weight[:2] + weight[2]
    )


# ---------------------------------------------------------------- in pieces

DIGITS = data.digits().take(np.arange(60))
READER = models.network(hidden=16, steps=60)(DIGITS, seed=0)
RIGHT = DIGITS.take(np.flatnonzero(READER.predict(DIGITS.X) == DIGITS.y)[:12])
OTHERS = RIGHT.X[[np.flatnonzero(RIGHT.y != label)[0] for label in RIGHT.y]]


def jumped():
    oracle = models.oracle(READER, answers="label")
    settings = {"start": OTHERS, "rounds": 3, "draws": 40, "box": (0, 1), "seed": 0}
    return evasion.hopskipjump(oracle, RIGHT.X, RIGHT.y, **settings)


def pulled():
    model = evasion.Averaged(READER, 0.1, draws=5, seed=0)

    def aim(logits):
        return evasion.cross_entropy(logits, RIGHT.y)[1]

    return model.follow(RIGHT.X, aim)[1]


def pictured():
    settings = {"brush": np.eye(64), "steps": 2, "seed": 0}
    return model_inversion.prototypes_asked(
        models.oracle(READER), np.arange(10), **settings
    )


IN_PIECES = {
    "attacks.evasion.boundary": jumped,
    "attacks.evasion.flips": lambda: evasion.flips(
        READER, RIGHT.X, RIGHT.y, ball=Ball(0.3), levels=4, seed=0
    ),
    "attacks.evasion.knowing": pulled,
    "attacks.model_inversion.prototypes": pictured,
    "defences.inspecting": lambda: (
        inspecting.triggers(READER, RIGHT, rounds=3, seed=0).masks
    ),
    "defences.watching.pictures": lambda: np.append(
        pictures.earlier(DIGITS.X)[1:], pictures.nearest(DIGITS.X, RIGHT.X)
    ),
}


@pytest.mark.parametrize("name", IN_PIECES)
def test_what_is_made_in_pieces_is_the_same_as_at_once(name, monkeypatch):
    lengths = []

    def noted(length, *, each):
        parts = list(arrays.pieces(length, each=each))
        lengths.append(len(parts))
        return iter(parts)

    monkeypatch.setattr(import_module(f"foible.{name}"), "pieces", noted)
    at_once = IN_PIECES[name]()
    assert max(lengths) == 1
    monkeypatch.setattr(arrays, "CELLS", 200)

    np.testing.assert_allclose(IN_PIECES[name](), at_once, rtol=1e-9, atol=1e-9)
    assert max(lengths) > 1


def test_labels_of_large_images_are_asked_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(arrays, "CELLS", 2**20)
    X, start = np.zeros((2, 20_000)), np.ones((2, 20_000))
    oracle = Oracle(lambda rows: (rows[:, 0] > 0.5).astype(int), answers="label")
    asked = {"start": start, "rounds": 1, "draws": 400, "seed": 0}
    tracemalloc.start()

    evasion.hopskipjump(oracle, X, np.zeros(2, int), **asked)

    assert tracemalloc.get_traced_memory()[1] < 8 * 8 * arrays.CELLS
    tracemalloc.stop()
