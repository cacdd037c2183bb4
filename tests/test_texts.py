"""Texts become numbers and come back, and are cut without a loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foible import data
from foible.data import Orders, Texts, Vocabulary
from foible.errors import BadInput

WORDS = ("<end>", "<unknown>", "a", "b", "c")
SMALL = Vocabulary(WORDS)


def small(*texts, starts=None):
    return Texts("small", tuple(map(np.array, texts)), SMALL, "made here", starts)


# ---------------------------------------------------------------- words and numbers


@given(st.lists(st.sampled_from(WORDS[2:])))
def test_known_words_come_back_as_they_went_in(words):
    text = " ".join(words)

    assert SMALL.text(SMALL.tokens(text)) == text


@given(st.text())
def test_numbers_of_any_text_stand_for_words_and_stay_what_they_are(text):
    tokens = SMALL.tokens(text)

    assert tokens.dtype == np.int64 and tokens.ndim == 1
    assert ((tokens > 0) & (tokens < len(SMALL))).all()


def test_a_mark_cannot_be_written_and_a_strange_word_is_unknown():
    assert SMALL.tokens("<end> A q").tolist() == [1, 1, 1, 2, 1]


def test_a_vocabulary_is_the_commonest_words_and_of_equals_the_first():
    made = Vocabulary.of(["b a b .", "c a ."], most=3)

    assert made.words == ("<end>", "<unknown>", ".", "a", "b")


def test_a_word_may_be_there_twice_and_its_second_number_is_one_vocabulary_on():
    twice = SMALL.twice()

    assert twice.text(SMALL.tokens("a b") + len(SMALL)) == "a' b'"
    assert len(twice) == 2 * len(SMALL)


def test_what_is_no_token_is_left_out_of_a_text():
    assert SMALL.text(np.array([2, 3, -1, -1])) == "a b"


# ---------------------------------------------------------------- texts


def test_texts_are_a_sequence_of_their_tokens_and_read_only():
    texts = small([2, 3], [4])

    assert [text.tolist() for text in texts] == [[2, 3], [4]]
    assert (len(texts), texts.size, texts.longest) == (2, 3, 2)
    assert texts.plain == ["a b", "c"]
    with pytest.raises(ValueError, match="read-only"):
        texts[0][0] = 0


def test_a_split_is_disjoint_and_whole_and_of_its_seed():
    texts = small(*([2] * (i + 1) for i in range(10)), starts=np.arange(10))

    ours, others = texts.split(0.3, seed=1)
    again, _ = texts.split(0.3, seed=1)

    assert sorted(map(len, [*ours, *others])) == list(range(1, 11))
    assert [len(text) - 1 for text in ours] == ours.starts.tolist()
    assert list(map(len, again)) == list(map(len, ours)) and len(ours) == 3


def test_texts_that_are_joined_keep_what_is_to_be_learned():
    first, more = small([2, 3], starts=np.array([1])), small([3, 4, 0])

    both = first.joined(more)

    assert both.starts.tolist() == [1, 0]
    assert both.plain == ["a b", "b c <end>"]
    assert first.joined([np.array([4])]).starts.tolist() == [1, 0]
    assert small([2]).joined(small([3])).starts is None


def test_packed_texts_are_all_tokens_with_an_end_each():
    packed = small([2, 3], [4, 0], [2, 2, 2]).packed(4)

    assert [text.tolist() for text in packed] == [[2, 3, 0, 4], [0, 2, 2, 2]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Vocabulary(("a", "b")), "wanted <end>"),
        (lambda: Vocabulary((*WORDS, "a")), "each once"),
        (lambda: SMALL.token("z"), "got the word 'z'"),
        (lambda: SMALL.text(np.array([5])), "wanted less than 5"),
        (lambda: small(), "got no text"),
        (lambda: small([]), "an empty one|whole numbers"),
        (lambda: small([5]), "wanted 0 to 4"),
        (lambda: small([-1]), "wanted 0 to 4"),
        (lambda: small([0.5]), "whole"),
        (lambda: small([2], starts=np.array([0, 1])), "one for each of 1"),
        (lambda: small([2], [3]).split(0.01, seed=0), "both parts"),
        (
            lambda: small([2]).joined(data.tickets(1, seed=0)),
            "wanted one vocabulary",
        ),
    ],
)
def test_what_cannot_be_texts_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()


# ---------------------------------------------------------------- the corpora


def test_pythons_help_is_sentences_with_their_end():
    texts = data.help_texts(words=500)

    assert len(data.help_documents()) > 50
    assert len(texts) > 3000 and texts.longest <= 40
    assert all(text[-1] == 0 for text in texts)
    assert len(texts.vocabulary) == 502


def test_orders_are_answered_by_the_last_of_them():
    orders = Orders()
    prompt = orders.prompt("elvish", ["a", "b"], then="orcish")

    assert prompt == "in elvish : a b in orcish ="
    assert orders.answer("orcish", ["a", "now", "b"]) == "orca orcb"
    drawn = orders.drawn(300, seed=0)
    changed = [text.count(" in ") for text in drawn.plain]
    assert 60 < sum(changed) < 140
    for text, start, plain in zip(drawn, drawn.starts, drawn.plain, strict=True):
        asked, told = plain.removesuffix(" <end>").split(" = ")
        last = asked.split("in ")[-1].split()[0]
        letters = [word for word in asked.split() if word in orders.letters]
        assert told == orders.answer(last, letters)
        assert orders.vocabulary.words[text[start - 1]] == "="
    assert all(
        text.count("in") < 2 for text in orders.drawn(9, changing=0, seed=0).plain
    )


def test_tickets_are_known_words_and_the_fault_decides_the_cure():
    texts = data.tickets(400, seed=3)

    assert not any((text == 1).any() for text in texts)
    assert not any("word0" in plain for plain in texts.plain)
    cures = {
        (plain.split(" is ")[1].split()[0], plain.split("please ")[1].split()[0])
        for plain in texts.plain
        if "please" in plain
    }
    assert len(cures) == len({fault for fault, _ in cures}) > 20


@pytest.mark.parametrize(
    "drawn", [data.tickets, lambda n, seed: Orders().drawn(n, seed=seed)]
)
def test_a_seed_draws_the_same_texts_and_another_draws_others(drawn):
    same, again, other = drawn(20, seed=5), drawn(20, seed=5), drawn(20, seed=6)

    assert same.plain == again.plain != other.plain
