import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp
from some_models import RECIPES
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from bench import many as bench_many
from foible import models
from foible.errors import BadInput
from foible.models import convolutions, private, training


@pytest.mark.parametrize("decay", [-0.1, float("nan")])
def test_a_penalty_below_nought_is_refused(decay):
    with pytest.raises(BadInput, match="decay"):
        models.network(decay=decay)


def test_training_is_torchs_adam_on_the_mean_loss(digits):
    rows = digits[0].take(slice(None, 100))
    recipe = models.network(hidden=8, steps=20, rate=0.02)
    first = replace(recipe, steps=0).together([(rows, 0)])[0]
    pieces = [torch.tensor(a).requires_grad_() for pair in first.layers for a in pair]
    adam = torch.optim.Adam(pieces, lr=0.02)

    for _ in range(20):
        hidden = (torch.tensor(rows.X).float() @ pieces[0] + pieces[1]).relu()
        logits = hidden @ pieces[2] + pieces[3]
        adam.zero_grad()
        torch.nn.functional.cross_entropy(logits, torch.tensor(rows.y)).backward()
        adam.step()

    for ours, theirs in zip(
        recipe(rows, seed=0).weights().values(), pieces, strict=True
    ):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-4)


def test_a_row_that_is_repeated_is_learned_as_often_with_each_of_its_labels(digits):
    rows = digits[0].take(slice(None, 60))
    many = rows.take(np.repeat(np.arange(60), 3))
    many = replace(many, y=np.where(np.arange(180) % 3, many.y, (many.y + 1) % 10))
    recipe = models.network(hidden=8, steps=20)

    ours = recipe.many([many, rows], seeds=[0, 0])[0]

    (theirs,) = bench_many.ordinary(recipe, [many], [0])
    once = recipe(rows, seed=0)
    np.testing.assert_allclose(ours.logits(rows.X), theirs.logits(rows.X), atol=1e-3)
    assert abs(ours.logits(rows.X) - once.logits(rows.X)).max() > 0.1


@pytest.mark.parametrize("batch", [None, 16])
def test_probabilities_are_learned_as_torch_does(digits, batch):
    rows, recipe = digits[0], models.network(hidden=8, steps=5, batch=batch)
    hard = np.eye(len(rows.classes))[rows.y]

    by_label, softly = recipe(rows, seed=0), recipe.softly(rows, hard, seed=0)

    for name, values in by_label.weights().items():
        np.testing.assert_array_equal(values, softly.weights()[name])
    mixed = 0.7 * hard + 0.03
    soft = recipe.softly(rows, mixed, seed=0)
    assert not np.array_equal(soft.weights()["bias_1"], by_label.weights()["bias_1"])


@pytest.mark.parametrize("wrong", [np.ones((3, 10)), np.ones((2, 9))])
def test_shares_that_do_not_fit_the_rows_are_refused(digits, wrong):
    rows = digits[0].take(slice(2))

    with pytest.raises(BadInput, match=r"got shares of shape .* wanted \(2, 10\)"):
        models.network(hidden=4, steps=1).softly(rows, wrong, seed=0)


def test_decay_is_torchs_too_and_shrinks_the_weights(digits):
    rows = digits[0].take(slice(None, 100))
    recipe = models.network(hidden=8, steps=40, batch=16, decay=0.02)

    ours = recipe(rows, seed=0)
    (theirs,) = bench_many.ordinary(recipe, [rows], [0])
    free = replace(recipe, decay=0.0)(rows, seed=0)

    np.testing.assert_allclose(ours.logits(rows.X), theirs.logits(rows.X), atol=1e-3)
    assert abs(ours.layers[0][0]).mean() < 0.9 * abs(free.layers[0][0]).mean()


def test_training_that_runs_away_says_so(clinic):
    runaway = models.network(rate=1e30, steps=20)

    with pytest.raises(BadInput, match="lower its rate"):
        runaway(clinic[0], seed=0)


@pytest.fixture(scope="module")
def ways(digits):
    """The same networks side by side and by the ordinary loop, each with its time."""
    pool, recipe = digits[0], models.network(hidden=16, steps=60, batch=16)
    member = np.random.default_rng(0).random((48, len(pool))) < 0.3
    parts = [pool.take(mask) for mask in member]
    many, loop = (
        bench_many.timed(lambda make=make: make(range(48)), rounds=2)
        for make in (
            lambda seeds: recipe.many(parts, seeds=seeds),
            lambda seeds: bench_many.ordinary(recipe, parts, list(seeds)),
        )
    )
    return many, loop, recipe.many(parts, seeds=range(48, 96))


def test_many_are_those_of_an_ordinary_loop_in_torch(ways, digits):
    many, loop, _ = ways

    for one, other in zip(many.networks, loop.networks, strict=True):
        np.testing.assert_allclose(
            one.predict_proba(digits[1].X), other.predict_proba(digits[1].X), atol=0.01
        )


def test_many_with_other_seeds_are_of_the_same_distribution(ways, digits):
    _, loop, others = ways
    one, other = (
        bench_many.losses(made, digits[1]) for made in (loop.networks, others)
    )

    assert ks_2samp(one, other).pvalue > 0.01
    assert ks_2samp(one, other + 3 * one.std()).pvalue < 1e-6


def test_many_are_several_times_as_fast_as_an_ordinary_loop(ways):
    many, loop, _ = ways

    assert loop.seconds > 4 * many.seconds


def test_a_resumed_network_goes_on_from_where_it_was(digits):
    model = RECIPES["batches"](digits[0], seed=0)
    before = model.logits(digits[1].X)
    still = models.resumed(model, digits[0], steps=1, rate=1e-9, seed=0)
    further = models.resumed(model, digits[1], steps=80, rate=0.01, seed=0)

    np.testing.assert_allclose(still.logits(digits[1].X), before, atol=1e-4)
    right = [np.mean(m.predict(digits[1].X) == digits[1].y) for m in (model, further)]
    assert right[1] > right[0]
    np.testing.assert_array_equal(model.logits(digits[1].X), before)


def test_a_network_is_not_resumed_on_rows_that_do_not_fit(digits, clinic):
    model = RECIPES["network"](digits[0], seed=0)
    with pytest.raises(BadInput, match="as the network has"):
        models.resumed(model, clinic[0], steps=1, seed=0)


class OneDevice(TorchDispatchMode):
    """Refuses tensors of two devices in one step of torch, as a graphics card does."""

    def __torch_dispatch__(self, step, types, args=(), kwargs=None):
        given = [a for a in tree_leaves((args, kwargs)) if isinstance(a, torch.Tensor)]
        assert len({tensor.device for tensor in given}) < 2, step
        return step(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "recipe",
    [
        models.network(hidden=(8, 4), steps=3, batch=16),
        models.network(hidden=8, steps=3, decay=0.1),
        models.private_network(hidden=8, steps=3, noise=1.0),
        models.convolutional(filters=(4,), hidden=8, steps=3, batch=16),
    ],
)
def test_training_leaves_no_tensor_behind_on_the_cpu(recipe, digits, monkeypatch):
    class Ended(Exception):
        """Trained; what is on "meta", where every machine has room, has no values."""

    def apart(tensors):
        raise Ended({tensor.device.type for tensor in tensors})

    for module in (training, private, convolutions):
        monkeypatch.setattr(module, "apart", apart)
    adam = sys.modules[torch.optim.Adam.__module__]
    monkeypatch.setattr(adam, "_device_dtype_check_for_fused", print)

    with OneDevice(), pytest.raises(Ended, match="meta"):
        replace(recipe, device="meta")(digits[0].take(slice(None, 60)), seed=0)


@pytest.mark.parametrize("device", ["cuda", "gpu"])
def test_a_device_that_is_not_there_is_one_clear_line(device, digits):
    if torch.cuda.is_available() and device == "cuda":
        pytest.skip("it is there")
    for recipe in (
        models.network(hidden=8, steps=3, device=device),
        models.private_network(hidden=8, steps=3, noise=1.0, device=device),
        models.convolutional(filters=(4,), steps=3, device=device),
        models.recipe(lambda X, y, seed: 0, device=device),
    ):
        with pytest.raises(BadInput, match=f"device='{device}'.* wanted one that"):
            recipe(digits[0].take(slice(None, 60)), seed=0)
