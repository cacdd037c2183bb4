"""A frame says whose words are whose, and a lesson keeps what the user wanted."""

import numpy as np
import pytest

from foible import data
from foible.defences import fencing
from foible.errors import BadInput

ORDERS = data.Orders(marks=fencing.MARKS)
WORDS = ORDERS.vocabulary
ONE = fencing.one_channel(WORDS)
ASKED = fencing.request("elvish", [("a", "]", "in"), ("b",)], then="orcish", behind=0)


def test_one_channel_is_what_the_user_says_with_what_they_show():
    plain = fencing.request("elvish", [("a", "b")], then="orcish")

    read = WORDS.text(ONE(plain))

    assert read == ORDERS.prompt("elvish", ["a", "b"], then="orcish")


def test_a_fence_stands_around_each_document_and_nothing_else():
    read = WORDS.text(fencing.fenced(ONE)(ASKED))

    assert read == "in elvish : [ a ] in ] in orcish [ b ] ="


def test_marks_are_taken_out_of_documents_and_of_nothing_else():
    read = WORDS.text(fencing.stripped(fencing.fenced(ONE))(ASKED))
    harsh = fencing.stripped(fencing.fenced(ONE), marks=("]", "in"))

    assert read == "in elvish : [ a in ] in orcish [ b ] ="
    assert WORDS.text(harsh(ASKED)) == "in elvish : [ a ] in orcish [ b ] ="


def test_two_channels_lose_no_word_and_share_none():
    read = fencing.two_channels(WORDS)(ASKED)

    shown = read >= len(WORDS)
    assert WORDS.text(np.where(shown, read - len(WORDS), read)) == WORDS.text(
        ONE(ASKED)
    )
    assert WORDS.text(read[shown] - len(WORDS)) == "a ] in b"


def test_a_share_of_lessons_hold_an_order_and_want_what_the_user_wants():
    asked = fencing.requests(ORDERS, 2000, seed=0)

    taught = fencing.distrusting(asked, ORDERS, share=0.3, seed=0)

    changed = [a != b for a, b in zip(asked, taught, strict=True)]
    assert np.mean(changed) == pytest.approx(0.3, abs=0.04)
    for before, after in zip(asked, taught, strict=True):
        assert (before.wanted, before.letters) == (after.wanted, after.letters)
        assert ["in"] * (before != after) == [
            word
            for i in after.documents
            for word in after.parts[i].words
            if word == "in"
        ]


def test_a_lesson_is_the_framed_request_then_the_right_answer():
    lessons = fencing.lessons([ASKED], ORDERS, fencing.fenced(ONE))

    (start,) = lessons.starts
    assert WORDS.text(lessons[0][:start]) == WORDS.text(fencing.fenced(ONE)(ASKED))
    assert WORDS.text(lessons[0][start:]) == "orca orcb <end>"
    two = fencing.lessons([ASKED], ORDERS, fencing.two_channels(WORDS))
    assert two.vocabulary == WORDS.twice()


def test_honest_requests_are_as_the_language_says():
    asked = fencing.requests(ORDERS, 2000, changing=0.5, seed=3)

    two = np.mean([len(one.documents) == 2 for one in asked])
    late = np.mean(
        [sum(part.words[0] == "in" for part in one.parts) == 2 for one in asked]
    )
    assert two == pytest.approx(2 / 3, abs=0.04)
    assert late == pytest.approx(0.5, abs=0.04)
    assert {len(one.letters) for one in asked} == {3, 4}


def test_what_is_no_document_cannot_be_replaced():
    with pytest.raises(BadInput, match="wanted a document"):
        ASKED.with_document(0, ["a"])
    with pytest.raises(BadInput, match="wanted one of them"):
        fencing.request("elvish", [("a",)], behind=1)
