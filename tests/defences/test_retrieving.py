"""What repeats goes, each source has its share, each passage one vote."""

import numpy as np

from foible.defences import retrieving
from foible.language.retrieval import Passage, Ranking


def found(*texts, sources=None, vectors=None):
    names = sources or [""] * len(texts)
    passages = tuple(Passage(*one) for one in zip(texts, names, strict=True))
    return Ranking(passages, np.eye(len(texts)) if vectors is None else vectors)


def test_runs_of_words_tell_a_repeat_and_order_hides_one():
    said = found("a b c d e f", "a b c d e f g", "f e d c b a", "x y z")

    assert retrieving.without_repeats(said).texts == ["a b c d e f", *said.texts[2:]]


def test_a_repeat_of_what_is_gone_stays():
    said = found("a b c d", "a b c d e e", "c d e e")

    kept = retrieving.without_repeats(said, most=0.4)

    assert kept.texts == ["a b c d", "c d e e"]


def test_the_better_of_two_lookalikes_stays():
    vectors = np.array([[1.0, 0], [0.8, 0.6], [0, 1.0]])
    said = found("best", "second", "last", vectors=vectors)

    assert retrieving.without_lookalikes(said, most=0.7).texts == ["best", "last"]
    assert retrieving.without_lookalikes(said, most=0.9).texts == said.texts


def test_every_source_has_its_best_passages():
    said = found("a", "b", "c", "d", sources=["x", "x", "y", "x"])

    assert retrieving.per_source(said).texts == ["a", "c"]
    assert retrieving.per_source(said, each=2).texts == ["a", "b", "c"]


def test_a_passage_has_one_vote_and_none_if_it_says_two_things():
    assert retrieving.isolated([["a"] * 9, ["b"], ["b"]]) == "b"
    assert retrieving.isolated([["a", "b"], ["b"]]) == "b"
    assert retrieving.isolated([["a"], ["b"]]) is None
    assert retrieving.isolated([["a"], []], quorum=2) is None
    assert retrieving.isolated([]) is None


def test_the_certificate_counts_by_hand():
    five = [["a"]] * 5

    assert retrieving.withstood(five, k=5) == 2  # three honest ones against two
    assert retrieving.withstood(five, k=5, quorum=4) == 1
    assert retrieving.withstood([["a"], ["b"], ["a"]], k=3) == 0
    assert retrieving.withstood([["a"], ["b"]], k=2) == 0
    assert retrieving.withstood([[], ["a"]], k=5) == 0
