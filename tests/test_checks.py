import numpy as np
import pytest

from foible import checks
from foible.errors import BadInput


def test_rows_and_labels_that_fit_are_given_back():
    X, y = checks.labelled_rows([[0, 1], [2, 3]], [1, 0], classes=2)

    assert (X.dtype, y.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: checks.shares(share=1.5), "got share=1.5; wanted 0 to 1"),
        (lambda: checks.shares(share=float("nan")), "got share=nan"),
        (lambda: checks.counts(steps=0), "got steps=0; wanted a whole number from 1"),
        (lambda: checks.counts(steps=1.5), r"got steps=1\.5"),
        (lambda: checks.counts(least=0, restarts=-1), "whole number from 0"),
        (
            lambda: checks.labelled_rows([[1]], [0, 1], classes=2),
            r"of shape \(2,\); wanted whole numbers of shape \(1,\)",
        ),
        (lambda: checks.labelled_rows([[1]], [0.5], classes=2), "labels of float64"),
        (lambda: checks.labelled_rows([[1]], [2], classes=2), r"from 2 to 2 .* 0 to 1"),
        (lambda: checks.labelled_rows([[1]], [-1], classes=2), "each from 0 to 1"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()
