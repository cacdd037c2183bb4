"""Is a reader's answer judged by the solution, and told in a sentence what it is?"""

import numpy as np
import pytest

from foible.errors import BadInput
from foible.exercises import check, seal

SUM = """
total = sum(rows)
total
"""
MEAN = """
def middle(values):
    return sum(values) / len(values)

print("never seen")
middle([1, 2, 6])
"""
KNOWN = {"rows": [1, 2, 4]}


def total(answer, known=KNOWN, **more):
    there = {**known, "total": answer}
    return check("total", answer, there, sealed=seal(SUM), **more)


def middle(answer):
    return check("middle", answer, {"middle": answer}, sealed=seal(MEAN))


def test_a_right_number_is_right_by_what_the_cells_above_have_made():
    for right in (7, 7.0, np.int64(7), np.array(7.0)):
        assert total(right)
    assert repr(total(7)) == "Right: the solution has 7."
    assert total(8, {"rows": [8]})


def test_a_wrong_number_is_told_its_side_and_the_reference_only_who_asks():
    high, low = total(9), total(-1)

    assert not high and not low
    assert repr(high).startswith("Not yet: 9 is too large")
    assert repr(low).startswith("Not yet: -1 is too small")
    assert "7" not in repr(high)
    assert high.reference == 7
    assert "is no number" in repr(total(float("nan")))


def test_a_number_may_be_off_by_what_is_said_and_no_more():
    assert total(8, within=1)
    assert repr(total(8, within=1)) == "Right, to within 1: the solution has 7."
    assert not total(8.1, within=1)


def test_of_several_numbers_the_first_wrong_one_is_named():
    def asked(answer):
        return check("total", answer, KNOWN, sealed=seal(f"{SUM}total, len(rows)"))

    assert repr(asked((7, 3))) == "Right: the solution has [7.0, 3.0]."
    assert "number 2, 4, is too large" in repr(asked((7, 4)))
    assert repr(asked(7)) == "Got 7; wanted 2 numbers."


@pytest.mark.parametrize("answer", ["7", None, True, [[1], [1, 2]], (7, 3)])
def test_what_is_no_number_is_told_what_was_wanted(answer):
    verdict = total(answer)

    assert not verdict
    assert repr(verdict) == f"Got {answer!r}; wanted a number."


def test_a_function_takes_the_place_of_the_solutions_own():
    assert middle(np.mean)
    assert repr(middle(max)).startswith("Not yet: 6 is too large")


def test_a_function_that_cannot_be_compared_is_told_why():
    def broken(values):
        return values[9]

    assert repr(middle(3.0)) == "Got 3; wanted a function, `def middle(...)`."
    assert "Your middle fails: IndexError: " in repr(middle(broken))
    assert repr(middle(str)) == "Got from your middle '[1, 2, 6]'; wanted a number."
    assert repr(total(sum)) == "Got the function sum; wanted a number, such as 0.5."


def test_without_an_answer_nothing_runs():
    verdict = check("total", ..., {}, sealed=seal("1 / 0"))

    assert not verdict
    assert "in place of the dots" in repr(verdict)


def test_a_solution_shows_nothing_and_changes_no_name(capsys):
    known = dict(KNOWN)

    check("middle", np.mean, known, sealed=seal(MEAN))

    assert known == KNOWN
    assert capsys.readouterr().out == ""


def test_where_the_cells_above_were_not_run_it_says_so():
    said = repr(total(7, {}))

    assert "NameError: name 'rows' is not defined; run the cells above first" in said


def test_a_solution_that_gives_no_number_is_a_fault_of_the_page():
    with pytest.raises(BadInput, match="ends with 'a = 1'; wanted an expression"):
        check("a", 1, {}, sealed=seal("a = 1"))
    with pytest.raises(BadInput, match="gives no numbers"):
        check("a", 1, {}, sealed=seal("'one'"))


def test_a_sealed_solution_cannot_be_read_by_chance():
    assert "rows" not in seal(SUM)
