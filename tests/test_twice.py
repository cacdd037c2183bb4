"""Is a cell found that shows something else each time?"""

import os
import sys

import pytest
from small_book import ROOT, built, edit, ended, line_of, started

pytestmark = pytest.mark.slow

PAGE = "book/attacks/two.md"
PATHS = os.pathsep.join(str(ROOT / name) for name in ("scripts", "book/_ext", "code"))
TWICE = (sys.executable, "-m", "twice")


def twice(book, *words):
    return ended(started(book, command=(*TWICE, *map(str, words)), PYTHONPATH=PATHS))


@pytest.mark.parametrize(
    "shown", ["import time; time.time()", "import uuid; str(uuid.uuid4())"]
)
def test_a_clock_and_an_id_are_found_by_a_second_run(book, shown):
    edit(book / PAGE, "beta.NUMBER", shown)
    assert built(book).exit == 0

    outcome = twice(book)

    assert outcome.exit == 1
    line = line_of(book / PAGE, "from foible")
    assert f"{PAGE}:{line}: the cell shows something else each time" in outcome.said
    assert outcome.said.endswith("2 chapters ran twice, 1 cells differ\n")
    assert built(book).ran == []


def test_a_chapter_of_which_another_build_has_the_record_is_not_run_again(book, green):
    edit(book / PAGE, "beta.NUMBER", "beta.NUMBER + 1")
    assert built(book).exit == 0

    outcome = twice(book, green)

    assert outcome.exit == 0, outcome.said
    assert outcome.said.endswith("1 chapters ran twice, 0 cells differ\n")
