import numpy as np
import pytest

from foible.data import Texts, Vocabulary
from foible.defences import withholding

KNOWN = Vocabulary(("<end>", "<unknown>", *"abcdefgh"))
SAID = Texts("some", (KNOWN.tokens("a b c d e"),), KNOWN, "made here")


def answering(text):
    return lambda texts: np.array([KNOWN.tokens(text)] * len(texts))


def told(prompt, answer, **settings):
    way = withholding.verbatim(answering(answer), SAID, **settings)
    return KNOWN.text(way([KNOWN.tokens(prompt)])[0])


def test_an_answer_ends_before_it_finishes_a_passage():
    assert told("f", "a b c d", length=3, looks="answer") == "a b"
    assert told("f", "a b d c", length=3, looks="answer") == "a b d c"


@pytest.mark.parametrize(
    ("looks", "left"), [("answer", "c d"), ("end", ""), ("everything", "")]
)
def test_what_begins_in_the_prompt_is_seen_by_who_looks_there(looks, left):
    assert told("a b", "c d", length=3, looks=looks) == left


@pytest.mark.parametrize(
    ("looks", "left"), [("answer", "h"), ("end", "h"), ("everything", "")]
)
def test_a_prompt_that_has_the_passage_is_refused_by_one(looks, left):
    assert told("a b c f", "h", length=3, looks=looks) == left


def test_the_answers_of_the_model_stay_as_they_are():
    kept = np.array([KNOWN.tokens("a b c")])
    way = withholding.verbatim(lambda _: kept, SAID, length=3, looks="answer")

    way([KNOWN.tokens("f")])

    np.testing.assert_array_equal(kept[0], KNOWN.tokens("a b c"))
