"""A network of PyTorch's, as somebody else made it, behind one line."""

import numpy as np
import pytest
import torch
from torch import nn

from foible import models
from foible.attacks import evasion
from foible.defences.hardening.smoothing import Smoothed
from foible.errors import BadInput, WeakEvidence
from foible.models import Differentiable
from foible.oracle import Oracle
from foible.search import Ball

IMAGE = (3, 8, 8)


def cnn():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(6 * 64, 5),
    )


def mlp():
    return nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 4))


def made(make, kind=torch.float64):
    torch.manual_seed(0)
    return make().to(kind).eval()


def drawn(shape, n=9):
    return np.random.default_rng(1).random((n, *shape))


@pytest.mark.parametrize("chunk", [2, 256])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize(("make", "image"), [(cnn, IMAGE), (mlp, None)])
def test_it_computes_what_plain_torch_does(make, image, kind, chunk):
    module, X = made(make, kind), drawn(image or (10,))
    y = np.arange(len(X)) % 4
    begin = torch.tensor(X, dtype=kind, requires_grad=True)
    said = module(begin)
    loss = nn.functional.cross_entropy(said, torch.tensor(y), reduction="sum")
    (slope,) = torch.autograd.grad(loss, begin)

    model = models.torch(module, image=image, chunk=chunk)
    flat = model.rows(X)

    near = {"rtol": 0, "atol": 1e-6}
    np.testing.assert_allclose(model.logits(flat), said.detach(), **near)
    np.testing.assert_allclose(model.gradient(flat, y), model.rows(slope), **near)
    assert (model.predict(flat) == said.argmax(1).numpy()).all()
    assert model.logits(flat).dtype == np.float64
    assert isinstance(model, Differentiable)
    assert all(p.grad is None for p in module.parameters())


def test_features_are_those_of_the_named_layer_before_others_change_them():
    module, X = made(cnn), drawn(IMAGE)
    seen = module[:2](torch.tensor(X)).flatten(1).detach().numpy()

    model = models.torch(module, image=IMAGE, layer="1", chunk=4)
    flat = model.rows(X)

    np.testing.assert_allclose(model.features(flat), seen, atol=1e-12)
    step, slope = 1e-6 * drawn((192,)), np.ones_like(seen)
    moved = (model.features(flat + step) - seen).sum(axis=1)
    back = model.backward_features(flat, slope)
    np.testing.assert_allclose((back * step).sum(axis=1), moved, rtol=1e-4)


def test_rows_lie_as_the_books_images_do():
    X = drawn(IMAGE)

    rows = models.torch(made(cnn), image=IMAGE).rows(torch.tensor(X))

    assert (rows.reshape(-1, 8, 8, 3)[:, 2, 5, 1] == X[:, 1, 2, 5]).all()
    with pytest.raises(BadInput, match=r"got inputs of shape .* wanted \(n, 3, 8, 8"):
        models.torch(made(cnn), image=IMAGE).rows(rows)


def test_a_single_logit_is_that_of_the_second_of_two_classes():
    module = made(lambda: nn.Sequential(nn.Linear(10, 1)))
    X = drawn((10,))

    model = models.torch(module)

    odds = torch.sigmoid(module(torch.tensor(X)))[:, 0].detach().numpy()
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], odds, atol=1e-12)
    assert model.classes_.tolist() == [0, 1]


@pytest.mark.parametrize(("make", "image"), [(cnn, IMAGE), (mlp, None)])
def test_the_attacks_run_on_it(make, image):
    model = models.torch(made(make, torch.float32), image=image)
    X = model.rows(drawn(image or (10,)))
    y, ball = model.predict(X), Ball(0.5)

    moved = {
        "fgsm": evasion.fgsm(model, X, y, ball=ball),
        "pgd": evasion.pgd(model, X, y, ball=ball, restarts=1, seed=0),
        "apgd": evasion.apgd(model, X, y, ball=ball, steps=20, seed=0),
    }
    starts = X[[np.flatnonzero(y != label)[0] for label in y]]
    near = evasion.hopskipjump(
        models.oracle(model, answers="label"), X, y, start=starts, rounds=2, seed=0
    )
    votes = Smoothed(model, 0.1, 20, 0).predict_proba(X)

    for name, rows in moved.items():
        assert (model.predict(rows) != y).mean() > 0.5, name
        assert ball.spent(X, rows).max() <= 0.5 + 1e-9
    assert (model.predict(near) != y).all()
    assert votes.sum(axis=1) == pytest.approx(1)
    assert Oracle(models.transport(model)).ask(X).shape == model.logits(X).shape


def test_autoattack_runs_on_it():
    model = models.torch(made(mlp))
    X = drawn((10,))
    y = model.predict(X)

    attacks = evasion.ensemble((2, 5), steps=10, queries=20)
    moved = evasion.autoattack(model, X, y, ball=Ball(0.5), attacks=attacks, seed=0)

    assert (model.predict(moved) != y).mean() > 0.5


class Functional(nn.Module):
    """Dropout that forgets the mode: a common slip."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(10, 3)

    def forward(self, X):
        return self.last(nn.functional.dropout(X))


class Blind(Functional):
    def forward(self, X):
        return self.last(X.detach())


def test_chance_in_the_answers_is_warned_of():
    with pytest.warns(WeakEvidence, match="differently each time"):
        models.torch(Functional().eval())


def test_answers_without_a_slope_are_refused():
    model = models.torch(Blind().eval())

    with pytest.raises(BadInput, match=r"no slope .* wanted"):
        model.gradient(drawn((10,)), np.zeros(9, int))


class Pair(Functional):
    def forward(self, X):
        return self.last(X), X


@pytest.mark.parametrize(
    ("module", "settings", "said"),
    [
        (nn.Sequential(nn.Linear(10, 3), nn.Dropout()), {}, "train mode"),
        (made(cnn), {}, r"image=\(colours"),
        (made(cnn), {"image": (8, 8, 3)}, "fails on an input of shape"),
        (nn.Sequential(made(mlp), nn.Softmax(1)).eval(), {}, "probabilities"),
        (nn.Sequential(nn.Linear(10, 1), nn.Sigmoid()).eval(), {}, "probabilities"),
        (nn.Sequential(nn.Conv2d(3, 6, 3)).eval(), {"image": IMAGE}, "wanted logits"),
        (made(mlp), {"layer": "head"}, "wanted one of 0, 1, 2"),
        (Pair().eval(), {}, "got tuple from the network; wanted one tensor"),
        (made(mlp), {"image": (5,)}, "fails on an input"),
    ],
)
def test_what_it_cannot_use_is_one_clear_line(module, settings, said):
    with pytest.raises(BadInput, match=said) as refusal:
        models.torch(module, **settings)

    assert "got" in str(refusal.value) and "wanted" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_mode_that_is_changed_later_and_rows_of_another_width_are_refused():
    module = made(cnn)
    model = models.torch(module, image=IMAGE)

    with pytest.raises(BadInput, match="wanted 192 columns"):
        model.logits(np.zeros((2, 10)))
    module.train()
    with pytest.raises(BadInput, match=r"train mode, .* wanted module.eval"):
        model.logits(np.zeros((2, 192)))
