"""Does the check of docstrings see what one leaves out, and only that?"""

import pytest

from lint import docstrings

PACKAGE = '''"""What is near?"""

from foible.errors import BadInput, DataMissing


def near(rows, *, count, seed):
    """The nearest.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
    count, seed : int
    """
    raise DataMissing("got nothing; wanted rows")


'''
SOUND = PACKAGE.replace(
    "    count, seed : int\n", "    count, seed : int\n\n    DataMissing: none.\n"
)
MANY = '''

def far(a, b, c, d, e, f, g):
    """The farthest{}."""
'''


def found(folder, text):
    (folder / "code/foible").mkdir(parents=True)
    (folder / "code/foible/search.py").write_text(text)
    return [wrong for _, _, wrong in docstrings.defects(folder)]


def test_an_error_that_is_named_is_no_defect(tmp_path):
    assert found(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (PACKAGE, "near raises DataMissing, and does not say so"),
        (
            SOUND.replace("count, seed : int", "number, seed : int"),
            "near tells of number, which it does not take",
        ),
        (SOUND + MANY.format(""), "far says nothing of a, b, c, d, e, f, g"),
    ],
    ids=["error", "argument", "many"],
)
def test_what_a_docstring_leaves_out_is_found(tmp_path, text, wrong):
    assert found(tmp_path, text) == [wrong]


@pytest.mark.parametrize("said", [" of `a`, b, c and d", ", as for `near`"])
def test_prose_may_say_it_too(tmp_path, said):
    assert found(tmp_path, SOUND + MANY.format(said)) == []
