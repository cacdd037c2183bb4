from dataclasses import replace

import numpy as np
import pytest
import torch
from some_models import RECIPES

from foible import models
from foible.errors import BadInput
from foible.models import _stacks as stacks
from foible.models import private


@pytest.mark.parametrize("noise", [-0.1, float("nan")])
def test_noise_below_nought_is_refused(noise):
    with pytest.raises(BadInput, match="noise"):
        models.private_network(noise=noise)


@pytest.fixture(scope="module")
def per_row(digits):
    """Each row's own slopes by Opacus, and what our code makes of the same rows."""
    from opacus import GradSampleModule

    rows = digits[0].take(slice(None, 40))
    X, truth = stacks.stacked([rows])
    first = stacks.initial([64, 8, 6, 10], [np.random.default_rng(0)])
    entering, said = stacks.forward(first, X)
    slopes = stacks.backward(first, entering, stacks.chances(said).sub_(truth))
    layers = [torch.nn.Linear(a, b) for a, b in ((64, 8), (8, 6), (6, 10))]
    for layer, weight, bias in zip(layers, first[::2], first[1::2], strict=True):
        layer.load_state_dict({"weight": weight[0].T, "bias": bias[0, 0]})
    relu = torch.nn.ReLU
    stack = torch.nn.Sequential(layers[0], relu(), layers[1], relu(), layers[2])
    theirs = GradSampleModule(stack, loss_reduction="sum")
    torch.nn.functional.cross_entropy(
        theirs(X[0]), torch.tensor(rows.y), reduction="sum"
    ).backward()
    samples = [p.grad_sample.detach() for p in theirs.parameters()]
    return entering, slopes, samples


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_the_length_of_each_rows_slope_is_opacus(per_row):
    entering, slopes, samples = per_row

    ours = private._lengths(entering, slopes)[0, :, 0]

    theirs = sum(sample.flatten(1).square().sum(1) for sample in samples).sqrt()
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_the_sum_of_clipped_slopes_is_opacus(per_row):
    entering, slopes, samples = per_row
    share = (0.7 / private._lengths(entering, slopes)).clamp(max=1)
    into = [torch.empty(1, *sample[0].mT.shape) for sample in samples[::2]]
    ours = [t for weight in into for t in (weight, torch.empty(1, 1, weight.shape[2]))]

    stacks.sum_up(entering, [slope * share for slope in slopes], into=ours)

    for mine, sample in zip(ours[::2], samples[::2], strict=True):
        theirs = torch.einsum("n,nba->ab", share[0, :, 0], sample)
        np.testing.assert_allclose(mine[0], theirs, atol=1e-5)
    for mine, sample in zip(ours[1::2], samples[1::2], strict=True):
        theirs = share[0, :, 0] @ sample
        np.testing.assert_allclose(mine[0, 0], theirs, atol=1e-5)


def test_without_noise_and_clipping_it_is_the_ordinary_network(digits):
    rows, others = digits
    free = models.private_network(hidden=16, steps=40, rate=0.01, clip=1e9, noise=0)

    private, plain = free(rows, seed=0), RECIPES["network"](rows, seed=0)

    np.testing.assert_allclose(
        private.predict_proba(others.X), plain.predict_proba(others.X), atol=0.01
    )


def test_one_row_more_cannot_do_more_than_its_clipped_slope(digits):
    """With a tiny clip a row's share in the sum is bounded, whatever it holds."""
    rows = digits[0].take(slice(None, 50))
    far = replace(rows, X=np.vstack([rows.X[:-1], 1e6 * rows.X[-1:]]))
    X, truth = stacks.stacked([far])
    first = stacks.initial([64, 8, 10], [np.random.default_rng(0)])
    entering, said = stacks.forward(first, X)
    slopes = stacks.backward(first, entering, stacks.chances(said).sub_(truth))
    lengths = private._lengths(entering, slopes)

    share = (0.1 / lengths).clamp(max=1)

    clipped = private._lengths(entering, [slope * share for slope in slopes])
    assert lengths.max() > 1e3
    assert clipped.max() <= 0.1 * (1 + 1e-5)


def test_noise_is_standard_normal_and_each_networks_own():
    like = [torch.zeros(2, 300, 40), torch.zeros(2, 1, 40)]
    draws = [np.random.default_rng(seed) for seed in (0, 1)]

    noise = private._normal(like, draws)

    assert [tuple(one.shape) for one in noise] == [(2, 300, 40), (2, 1, 40)]
    for one in noise[0]:
        assert abs(one.mean()) < 0.04
        assert one.std() == pytest.approx(1, abs=0.03)
    assert abs((noise[0][0] * noise[0][1]).mean()) < 0.04


def test_noise_is_as_large_as_asked_for(digits):
    """Where slopes are cut to nearly nothing, Adam's first step is the noise's sign."""
    rows = digits[0].take(slice(None, 60))
    recipe = models.private_network(hidden=4, steps=1, rate=0.01, noise=1.0)
    quiet = replace(recipe, noise=1e-4)
    first = stacks.initial([64, 4, 10], [np.random.default_rng(0)])

    moved = {
        name: (made(rows, seed=0).layers[0][0] - first[0][0].numpy()).ravel()
        for name, made in {"loud": replace(recipe, noise=1e4), "quiet": quiet}.items()
    }

    noise = np.random.default_rng(0)
    stacks.initial([64, 4, 10], [noise])
    drawn = noise.standard_normal(64 * 4 + 4 + 40 + 10, np.float32)[: 64 * 4]
    agree = {name: np.mean(np.sign(m) == -np.sign(drawn)) for name, m in moved.items()}
    assert agree["loud"] > 0.99
    assert agree["quiet"] < 0.7
