"""A mark is found by its key and by no other, and Gumbel's noise changes nothing."""

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import binom

from foible import data, models
from foible.defences import marking
from foible.errors import BadInput

ORDERS = data.Orders()
MODEL = models.language(width=8, layers=1, heads=2, context=70, steps=3, batch=8)(
    ORDERS.drawn(30, seed=0), seed=0
)
PROMPTS = np.random.default_rng(0).integers(2, MODEL.words, (40, 4))
MARKS = {
    "green": marking.Green(key=1),
    "wide": marking.Green(key=1, width=3),
    "either": marking.Either([marking.Green(key=1), marking.Green(key=2)]),
    "luck": marking.Luck(key=1, width=2),
    "sequence": marking.Sequence(key=1, length=80),
}


@pytest.mark.parametrize("name", MARKS)
def test_marked_texts_are_found_and_others_are_not(name):
    mark = MARKS[name]

    signed = marking.marked(MODEL, PROMPTS, mark, words=60, seed=0)
    plain = marking.marked(MODEL, PROMPTS, None, words=60, seed=0)

    assert np.mean(mark.p_values(signed) < 0.01) > 0.9
    assert np.mean(mark.p_values(plain) < 0.01) < 0.1
    assert signed.min() >= 2


def test_drawn_numbers_are_even_and_depend_on_key_context_and_word():
    words = np.arange(2000)
    contexts = np.array([[3, 4], [4, 3], [3, 4]])

    drawn = marking.draws(1, contexts, words)
    other = marking.draws(2, contexts, words)

    assert (drawn[0] == drawn[2]).all()
    assert abs(np.corrcoef([*drawn[:2], other[0]]) - np.eye(3)).max() < 0.1
    assert abs(np.histogram(drawn[0], 4, (0, 1))[0] - 500).max() < 80
    each = marking.draws(1, contexts, np.array([[7], [8], [9]]))
    np.testing.assert_array_equal(each[:, 0], drawn[[0, 1, 2], [7, 8, 9]])


def test_z_and_p_are_those_of_counts():
    hits = np.array([True] * 70 + [False] * 30)

    assert marking.z_score(hits, share=0.5) == pytest.approx(4.0)
    assert marking.z_score(hits, share=0.25) == pytest.approx(45 / np.sqrt(18.75))
    mark = marking.Green(key=5)
    text = PROMPTS.ravel()
    green = mark.green(text)
    assert mark.p_values([text])[0] == pytest.approx(
        binom.sf(green.sum() - 1, len(green), 0.5)
    )


def test_a_run_that_comes_again_is_counted_once():
    text = np.tile([5, 6, 7], 20)

    assert marking.Green(key=1).green(text).size == 3
    assert marking.Green(key=1, once=False).green(text).size == 59


def test_over_all_keys_chosen_chance_is_the_models_own_distribution():
    logits = np.array([[0.0, 1.0, -1.0, 2.0]])
    told = np.array([[2, 3]])
    counts = np.zeros(4)
    for key in range(4000):
        adjusted = marking.Luck(key=key, width=1).begun(1, seed=0)
        counts[adjusted(told, logits)[0].argmax()] += 1

    np.testing.assert_allclose(counts / 4000, softmax(logits[0]), atol=0.03)


def test_luck_does_not_run_in_circles():
    mark = marking.Luck(key=1, width=1)
    free = marking.Luck(key=1, width=1, once=False)

    kept, circling = (
        marking.marked(MODEL, PROMPTS[:20], one, words=60, seed=0)
        for one in (mark, free)
    )

    def different(texts):
        return np.mean([len(np.unique(text)) for text in texts])

    assert different(kept) > different(circling) + 3


def test_a_text_enters_the_sequence_anywhere():
    mark = MARKS["sequence"]
    signed = marking.marked(MODEL, PROMPTS, mark, words=60, seed=0)

    assert np.mean(mark.p_values(signed[:, 25:]) < 0.01) > 0.9
    assert mark.p_values(signed).max() <= 1


def test_what_has_nothing_to_count_is_refused():
    with pytest.raises(BadInput, match="wanted more than 3"):
        marking.Green(key=1, width=3).p_values([np.array([2, 3, 4])])
    with pytest.raises(BadInput, match="no word to count"):
        marking.z_score(np.array([], bool), share=0.5)
    with pytest.raises(BadInput, match=r"wanted \(m,\)"):
        marking.draws(1, PROMPTS[:1], np.zeros((1, 1, 1), int))
