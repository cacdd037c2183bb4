"""What each type promises, and how it says that a value is none."""

import numpy as np
import pytest

from foible import domains
from foible.domains import Real, Span, Table, Whole
from foible.errors import BadInput

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        (Whole(), -3),
        (Whole(0), 0),
        (Whole(0, domains.MOST_SEED), 2**32 - 1),
        (Whole(1), np.int64(7)),
        (Whole(1), np.uint8(7)),
        (Real(), -1e300),
        (Real(0, 1), 0),
        (Real(0, 1), 1.0),
        (Real(0, 1), np.float32(0.5)),
        (Real(finite=False), INF),
        (Real(finite=False, missing=True), NAN),
        (Real(0, 1, beyond=True), 1.0),
        (Span(), (-INF, INF)),
        (Span(), (2, 2)),
    ],
)
def test_what_lies_in_a_type_goes_through(domain, value):
    held = domain("x", value)

    assert held == value or (held != held and value != value)
    assert not isinstance(held, np.generic)


@pytest.mark.parametrize(
    ("domain", "value", "message"),
    [
        (Whole(), 1.0, "got x=1.0; wanted a whole number"),
        (Whole(), True, "got x=True; wanted a whole number"),
        (Whole(1), 0, "got x=0; wanted a whole number from 1"),
        (Whole(0, domains.MOST_SEED), 2**32, r"from 0 to 2\*\*32 - 1"),
        (Whole(1), np.array(3), "wanted a whole number from 1"),
        (Whole(1), None, "got x=None; wanted a whole number from 1"),
        (Real(), NAN, "got x=nan; wanted a finite number"),
        (Real(), INF, "got x=inf; wanted a finite number"),
        (Real(), np.float32(NAN), "got x=nan; wanted a finite number"),
        (Real(), "1", "got x='1'; wanted a finite number"),
        (Real(), True, "got x=True; wanted a finite number"),
        (Real(finite=False), NAN, "got x=nan; wanted a number"),
        (Real(0, 1), 1.5, "got x=1.5; wanted a number from 0 to 1"),
        (Real(0, 1), -0.1, "got x=-0.1; wanted a number from 0 to 1"),
        (Real(0, 1, beyond=True), 0, "wanted a number above 0 and up to 1"),
        (Real(0, 1, beyond=True, below=True), 1, "a number above 0 and below 1"),
        (Real(0, beyond=True), 0.0, "wanted a finite number above 0"),
        (Span(), (40, 30), r"got x=\(40, 30\); wanted \(least, greatest\)"),
        (Span(), (NAN, 1), "got x=nan; wanted a number"),
        (Span(), 3, "the lesser first"),
        (Whole(), "x" * 99, f"got x='{'x' * 59}…; wanted"),
    ],
)
def test_what_lies_beside_it_is_told_with_what_was_wanted(domain, value, message):
    with pytest.raises(BadInput, match=message):
        domain("x", value)


ROWS, LABELS = domains.shaped("n", "d"), domains.counted("n", below="k")


@pytest.mark.parametrize(
    ("table", "value", "message"),
    [
        (ROWS, [1.0, 2.0], r"got X of shape \(2,\); wanted .* x\[np.newaxis\]"),
        (ROWS, np.empty((0, 3)), r"of shape \(0, 3\); wanted .* at least one row"),
        (ROWS, [[NAN, INF]], "got NaN or infinity in the X, 2 values that are not fin"),
        (ROWS, [["a"]], "not such numbers, but <U1"),
        (ROWS, [[1], [1, 2]], "are not numbers of one shape"),
        (ROWS, [[1j]], "not such numbers, but complex128"),
        (LABELS, [0.0, 1.0], "but float64 of shape .*; wanted whole numbers"),
        (LABELS, [0, -1], "got X from -1 to 0; wanted whole numbers"),
        (Table(np.bool_), [0, 1], "but int64 of shape .*; wanted yes or no"),
    ],
)
def test_an_array_of_another_shape_or_kind_is_refused(table, value, message):
    with pytest.raises(BadInput, match=message):
        table("X", value)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.int64, np.bool_])
def test_numbers_of_any_kind_become_float64(kind):
    rows = ROWS("X", np.ones((2, 3), kind))

    assert (rows.dtype, rows.shape) == (np.float64, (2, 3))


def test_an_array_may_hold_what_is_missing_only_if_its_type_says_so():
    given = np.array([NAN, 0.5])

    held = Table(np.float64, ("n",), within=Real(0, 1, missing=True))("x", given)

    assert held is given
    with pytest.raises(BadInput, match="NaN"):
        Table(np.float64, ("n",), within=Real(0, 1))("x", given)


def test_sides_of_one_name_are_of_one_length():
    tables = {"X": ROWS, "y": LABELS}

    domains.fit(tables, {"X": np.zeros((2, 1)), "y": np.array([0, 1])})

    with pytest.raises(BadInput, match="wanted one n for both"):
        domains.fit(tables, {"X": np.zeros((3, 1)), "y": np.array([0, 1])})


def test_a_number_is_less_than_the_side_that_it_counts():
    tables = {"logits": domains.shaped("n", "k"), "y": LABELS}

    with pytest.raises(BadInput, match="got y up to 3; wanted less than 3"):
        domains.fit(tables, {"logits": np.zeros((2, 3)), "y": np.array([0, 3])})
