from dataclasses import replace

import numpy as np
import pytest

from foible import models
from foible.errors import BadInput


@pytest.mark.parametrize("inner", [models.logistic(), models.network(hidden=8)])
def test_a_standardised_model_takes_rows_in_their_own_units(clinic, inner):
    rows, others = clinic
    mean, spread = rows.X.mean(axis=0), rows.X.std(axis=0)
    by_hand = inner(replace(rows, X=(rows.X - mean) / spread), seed=0)

    model = models.standardised(inner)(rows, seed=0)

    np.testing.assert_allclose(
        model.logits(others.X), by_hand.logits((others.X - mean) / spread), atol=1e-3
    )


def test_a_column_that_never_varies_is_left_alone(digits):
    assert (digits[0].X.std(axis=0) == 0).any()

    model = models.standardised(models.softmax())(digits[0], seed=0)

    assert np.isfinite(model.logits(digits[1].X)).all()


def test_a_transferred_network_keeps_all_but_its_last_layer(digits):
    rows, others = digits
    lender = models.network(hidden=16, steps=100)(rows, seed=0)

    borrower = models.transferred(lender, models.softmax())(others, seed=0)

    for ours, theirs in zip(borrower.layers[:-1], lender.layers[:-1], strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    seen = np.maximum(rows.X @ lender.layers[0][0] + lender.layers[0][1], 0)
    np.testing.assert_allclose(
        borrower.logits(rows.X), seen @ borrower.layers[1][0] + borrower.layers[1][1]
    )
    assert (borrower.predict(rows.X) == rows.y).mean() > 0.9


def test_a_network_without_a_hidden_layer_lends_nothing(digits):
    with pytest.raises(BadInput, match="wanted a network with a hidden layer"):
        models.transferred(models.softmax()(digits[0], seed=0), models.softmax())
