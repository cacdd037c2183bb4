import numpy as np
import pytest
import torch

from foible import models
from foible.errors import BadInput
from foible.models import _stacks as stacks
from foible.models import side_by_side


def test_each_pass_of_small_batches_sees_every_row_once():
    draws = [np.random.default_rng(seed) for seed in (0, 1)]

    batches = list(stacks.batches([8, 12], draws, steps=6, batch=4))

    seen = torch.cat([index for _, index in batches], dim=1).numpy()
    assert [index.shape for _, index in batches] == [(2, 4)] * 6
    for one_pass in seen[0].reshape(3, 8):
        assert sorted(one_pass) == list(range(8))
    for one_pass in seen[1].reshape(2, 12):
        assert sorted(one_pass) == list(range(12))


def test_more_networks_than_a_group_holds_are_trained(digits, monkeypatch):
    monkeypatch.setattr(side_by_side, "GROUP", 2)
    rows = digits[0].take(slice(None, 80))
    recipe = models.network(hidden=4, steps=5)

    many = recipe.many([rows] * 5, seeds=range(5))

    alone = recipe(rows, seed=4)
    np.testing.assert_allclose(many[4].logits(rows.X), alone.logits(rows.X), atol=1e-5)


def test_rows_of_different_kinds_are_not_trained_together(digits, clinic):
    with pytest.raises(BadInput, match="2 kinds"):
        models.network().many([digits[0], clinic[0]], seeds=[0, 1])


def test_what_is_begun_with_is_shaped_as_what_is_drawn():
    draws = [np.random.default_rng(seed) for seed in (0, 1)]
    drawn = stacks.initial([5, 4, 3], draws)

    assert stacks.begun(drawn, [5, 4, 3], 2) is drawn
    with pytest.raises(
        BadInput, match=r"got tensors of shapes .* wanted \[\(1, 5, 4\)"
    ):
        stacks.begun(drawn, [5, 4, 3], 1)
    with pytest.raises(BadInput, match="wanted"):
        stacks.begun(drawn[:2], [5, 4, 3], 2)
