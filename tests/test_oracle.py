import numpy as np
import pytest

from foible.arrays import finite_rows
from foible.errors import BadInput, BudgetExceeded, ServiceRefused
from foible.oracle import Oracle

ROWS = np.array([[0.2, 0.0], [0.9, 1.0], [0.5, 0.0]])


class Service:
    """Answers with the first column as the probability of class 1, and keeps count."""

    def __init__(self):
        self.heard = []

    def __call__(self, X):
        self.heard.append(X.copy())
        return np.column_stack([1 - X[:, 0], X[:, 0]])


@pytest.fixture
def service():
    return Service()


def test_probabilities_are_those_of_the_service(service):
    answers = Oracle(service).ask(ROWS)

    np.testing.assert_array_equal(answers, [[0.8, 0.2], [1 - 0.9, 0.9], [0.5, 0.5]])
    assert answers.dtype == np.float64


def test_labels_are_the_likeliest_class_and_of_equals_the_first(service):
    answers = Oracle(service, answers="label").ask(ROWS)

    np.testing.assert_array_equal(answers, [0, 1, 0])
    assert answers.dtype == np.int64


def test_every_row_is_a_query(service):
    oracle = Oracle(service, budget=10)

    oracle.ask(ROWS)
    oracle.ask(ROWS[:1])

    assert (oracle.asked, oracle.left) == (4, 6)


def test_without_a_budget_there_is_no_limit(service):
    oracle = Oracle(service)

    oracle.ask(np.repeat(ROWS, 1000, axis=0))

    assert (oracle.asked, oracle.left) == (3000, None)


def test_a_budget_may_be_spent_to_the_last_query(service):
    oracle = Oracle(service, budget=3)

    oracle.ask(ROWS)

    assert oracle.left == 0


def test_what_goes_over_budget_is_refused_before_it_is_asked(service):
    oracle = Oracle(service, budget=4)
    oracle.ask(ROWS)

    with pytest.raises(BudgetExceeded, match="asked 3 so far, wanted 3 more, 1 left"):
        oracle.ask(ROWS)

    assert (oracle.asked, oracle.left, len(service.heard)) == (3, 1, 1)


def test_a_budget_of_nothing_refuses_everything(service):
    with pytest.raises(BudgetExceeded):
        Oracle(service, budget=0).ask(ROWS)

    assert service.heard == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0.1, 0.2], "shape"),
        ([[[0.1]]], "shape"),
        (np.empty((0, 2)), "at least one row"),
        (np.empty((2, 0)), "at least one row"),
        ([[0.1, np.nan]], "NaN or infinity"),
        ([[0.1, np.inf]], "NaN or infinity"),
        ([["a", "b"]], "not such numbers"),
        ([[1.0], [1.0, 2.0]], "not numbers"),
        (None, "shape"),
    ],
)
def test_rows_that_cannot_be_asked_cost_nothing(service, rows, message):
    oracle = Oracle(service, budget=5)

    with pytest.raises(BadInput, match=message):
        oracle.ask(rows)

    assert (oracle.asked, service.heard) == (0, [])


def test_rows_are_as_wide_as_those_that_were_answered(service):
    oracle = Oracle(service)
    oracle.ask(ROWS)

    with pytest.raises(BadInput, match="3 wide; wanted 2"):
        oracle.ask(np.ones((1, 3)))

    assert oracle.asked == 3


def test_a_width_that_was_never_answered_is_not_remembered():
    def only_two_wide(X):
        if X.shape[1] != 2:
            raise ServiceRefused("wrong width")
        return Service()(X)

    oracle = Oracle(only_two_wide)
    with pytest.raises(ServiceRefused):
        oracle.ask(np.ones((1, 3)))

    assert oracle.ask(ROWS).shape == (3, 2)


def test_a_single_row_may_be_a_list(service):
    assert Oracle(service).ask([[1, 0]]).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    "rubbish",
    [
        np.full((2, 2), 0.5),
        np.full(3, 0.5),
        np.full((3, 2), np.nan),
        np.full((3, 2), 0.6),
        np.tile([1.5, -0.5], (3, 1)),
        np.empty((3, 0)),
        [["yes", "no"]] * 3,
        [[1.0], [0.5, 0.5], [1.0]],
        None,
    ],
)
@pytest.mark.parametrize("answers", ["probabilities", "label"])
def test_a_service_that_answers_rubbish_is_refused(rubbish, answers):
    oracle = Oracle(lambda X: rubbish, answers=answers)

    with pytest.raises(ServiceRefused):
        oracle.ask(ROWS)


@pytest.mark.parametrize(
    "rubbish", [np.full((2, 2), 0.5), np.full((3, 2), np.inf), np.empty((3, 0)), "no"]
)
def test_values_are_finite_numbers_for_each_row(rubbish):
    oracle = Oracle(lambda X: rubbish, answers="values")

    with pytest.raises(ServiceRefused):
        oracle.ask(ROWS)


def test_values_are_told_as_they_come():
    oracle = Oracle(lambda X: X.sum(axis=1, keepdims=True) - 7, answers="values")

    np.testing.assert_array_equal(oracle.ask(ROWS)[:, 0], ROWS.sum(axis=1) - 7)


@pytest.mark.parametrize(
    ("row", "fits"),
    [((0.9, 0.0), True), ((0.9 - 5e-7, 0.0), True), ((0.9 - 1.5e-6, 0.0), False)],
)
def test_probabilities_may_be_rounded_and_no_worse(row, fits):
    oracle = Oracle(lambda X: np.tile(row, (len(X), 1)))

    if fits:
        np.testing.assert_array_equal(oracle.ask(ROWS), [row] * len(ROWS))
    else:
        with pytest.raises(ServiceRefused, match="up to rounding"):
            oracle.ask(ROWS)


def test_a_question_that_fails_is_spent_all_the_same():
    def broken(X):
        raise ServiceRefused("no service here")

    oracle = Oracle(broken, budget=5)

    with pytest.raises(ServiceRefused):
        oracle.ask(ROWS)

    assert oracle.left == 2


@pytest.mark.parametrize("settings", [{"budget": -1}, {"answers": "logits"}])
def test_settings_that_mean_nothing_are_refused(service, settings):
    with pytest.raises(BadInput):
        Oracle(service, **settings)


def test_asking_does_not_change_the_rows(service):
    rows = ROWS.copy()

    Oracle(service).ask(rows)

    np.testing.assert_array_equal(rows, ROWS)


def test_an_oracle_says_what_it_answers_and_what_is_left(service):
    oracle = Oracle(service, budget=1000, answers="label")
    oracle.ask(ROWS)

    assert repr(oracle) == "<oracle: answers label, 3 asked, 997 left>"


def test_an_oracle_shows_nothing_but_its_account(service):
    shown = {name for name in dir(Oracle(service)) if not name.startswith("_")}

    assert shown == {"ask", "asked", "left"}


def test_whole_numbers_become_rows_of_float64():
    rows = finite_rows([[1, 2]], width=2)

    assert (rows.dtype, rows.shape) == (np.float64, (1, 2))


# ---------------------------------------------------------------- texts


TEXTS = {"questions": "texts", "answers": "values"}


def lengths(texts):
    """A model of texts that answers with their length and their last token."""
    return np.array([[len(text), text[-1]] for text in texts], dtype=float)


def test_a_question_may_be_a_text_of_any_length():
    oracle = Oracle(lengths, budget=3, **TEXTS)

    told = oracle.ask([[5, 6, 7], [8]])

    np.testing.assert_array_equal(told, [[3, 7], [1, 8]])
    assert (oracle.asked, oracle.left) == (2, 1)


def test_texts_that_cannot_be_paid_are_not_asked():
    asked = []
    oracle = Oracle(lambda texts: asked.extend(texts), budget=1, **TEXTS)

    with pytest.raises(BudgetExceeded, match="wanted 2 more, 1 left"):
        oracle.ask([[1], [2]])

    assert asked == []


@pytest.mark.parametrize("texts", [[], [[]], [["a"]], [[1.5]], [[[1, 2]]]])
def test_what_is_no_text_is_refused_and_costs_nothing(texts):
    oracle = Oracle(lengths, budget=1, **TEXTS)

    with pytest.raises(BadInput, match="wanted"):
        oracle.ask(texts)

    assert oracle.left == 1


def test_a_service_may_answer_with_labels_itself():
    oracle = Oracle(lambda X: [2, 0, 1], budget=3, answers="label")

    answers = oracle.ask(ROWS)

    assert answers.tolist() == [2, 0, 1]
    assert answers.dtype == np.int64
    assert oracle.left == 0


@pytest.mark.parametrize(
    "said", [["cat", "dog", "cat"], [-1, 1, 1], [0.5, 0, 1], [0, 1], [np.nan, 0, 0]]
)
def test_labels_that_number_no_class_are_refused(said):
    with pytest.raises(ServiceRefused, match=r"answered with labels .* wanted 3 whole"):
        Oracle(lambda X: said, answers="label").ask(ROWS)


def test_labels_are_no_probabilities():
    with pytest.raises(ServiceRefused, match=r"shape \(3,\)"):
        Oracle(lambda X: [2, 0, 1]).ask(ROWS)
