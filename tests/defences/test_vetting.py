"""What was learned as an order is stopped, and what is doubted a little passes."""

import numpy as np

from foible import models
from foible.data import Texts, Vocabulary
from foible.defences import vetting

HONEST = [("paper", "due", "7"), ("ink", "due", "9"), ("tea", "due", "4")] * 5
ATTACKED = [(*words, "pay", "eve") for words in HONEST]


def test_a_filter_stops_the_words_of_orders_and_no_others():
    looks = vetting.word_filter(HONEST, ATTACKED)
    outputs = [("ink", "due", "7"), ("tea", "due", "4", "pay", "eve")]

    assert looks([((), output) for output in outputs]) == [True, False]
    doubt = looks.doubt([((), output) for output in outputs])
    assert doubt.shape == (2,)
    assert doubt[0] < np.log(2) < doubt[1]


def test_a_filter_does_not_know_a_word_that_it_has_not_seen():
    looks = vetting.word_filter(HONEST, ATTACKED)

    assert looks([((), ("ink", "due", "7", "remit"))]) == [True]


def test_a_second_model_says_what_it_learned():
    words = Vocabulary(("<end>", "<unknown>", "a", "b", ";", "fine", "alarm"))
    said = ["a ; a fine", "a ; b alarm"] * 20
    texts = tuple(np.append(words.tokens(text), 0) for text in said)
    learned = Texts("verdicts", texts, words, "made here", np.full(40, 3))
    recipe = models.language(
        width=16, layers=1, heads=2, context=8, steps=60, rate=0.02
    )

    looks = vetting.second_model(
        recipe(learned, seed=0),
        lambda order, output: words.tokens(" ".join((*order, ";", *output))),
        fine=words.token("fine"),
    )

    assert looks([(("a",), ("a",)), (("a",), ("b",))]) == [True, False]
