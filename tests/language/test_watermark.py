"""Who reads a mark can write it, and what they write is theirs."""

from functools import partial

import numpy as np
import pytest

from foible import data, models
from foible.data import Texts, Vocabulary
from foible.defences import marking
from foible.errors import BadInput
from foible.language import watermark
from foible.victim import TextVictim

V = 40
WORDS = Vocabulary(("<end>", "<unknown>", *(f"w{i}" for i in range(V - 2))))
RNG = np.random.default_rng(0)
SAID = Texts("noise", tuple(RNG.integers(2, V, (40, 50))), WORDS, "made here")
RECIPE = models.language(width=8, layers=1, heads=2, context=60, steps=3, batch=8)
GREEN = marking.Green(key=9)


@pytest.fixture(scope="module")
def victim():
    return TextVictim.trained(RECIPE, SAID, seed=0)


@pytest.fixture(scope="module")
def thief():
    return watermark.Thief(RECIPE(SAID, seed=1), np.stack(SAID)[:, :4], length=50)


@pytest.fixture(scope="module")
def learned(victim, thief):
    asked = thief.prompts(400, seed=4)
    said = marking.marked(victim.model, asked, GREEN, words=50, seed=3)
    own = marking.marked(thief.model, asked, None, words=50, seed=4)
    return watermark.learn(said, own, words=V)


def test_what_is_learned_is_the_list(learned):
    contexts = np.arange(2, V)[:, None]
    truth = marking.draws(9, contexts, np.arange(V)) < 0.5

    believed = learned.scores(contexts)[:, 2:] > 0.5

    assert np.mean(believed == truth[:, 2:]) > 0.9


def test_what_was_never_seen_is_unknown():
    pair = np.array([[2, 3], [2, 3]])
    learned = watermark.learn(pair, pair, words=V)

    scores = learned.scores(np.array([[7]]))

    assert (scores == 0.5).all()
    triple = np.array([[2, 3, 4]])
    wide = watermark.learn(triple, triple, words=V, width=2)
    assert (wide.scores(triple[:, :1]) == 0.5).all()


def test_who_reads_more_has_read_the_same_before(victim, thief):
    few, many = (
        marking.marked(victim.model, thief.prompts(n, seed=4), GREEN, words=50, seed=3)
        for n in (60, 150)
    )

    np.testing.assert_array_equal(few, many[:60])
    assert (many[:50] != many[100:]).any(axis=1).all()


def test_forged_texts_are_marked_and_say_no_pair_twice(learned, thief):
    prompts = thief.prompts(30, seed=5)

    forged = thief.forged(learned, prompts, strength=4.0, seed=6)
    control = thief.forged(None, prompts, strength=4.0, seed=6)

    assert np.mean(GREEN.p_values(forged) < 0.01) > 0.9
    assert np.mean(GREEN.p_values(control) < 0.01) < 0.2
    for text in forged:
        pairs = np.lib.stride_tricks.sliding_window_view(text, 2)
        assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_the_strength_that_passes_is_found(learned, thief):
    def check(texts):
        return GREEN.p_values(texts) < 0.01

    best = thief.strongest(learned, check, strengths=[0.0, 4.0], texts=20, seed=7)

    assert best == 4.0
    nothing = thief.strongest(
        learned, lambda t: np.zeros(len(t), bool), strengths=[1.0, 2.0], seed=7
    )
    assert nothing == 1.0


def test_rewriting_draws_as_many_words_anew_and_keeps_the_rest(learned, thief, victim):
    theirs = marking.marked(
        victim.model, thief.prompts(30, seed=8), GREEN, words=50, seed=9
    )

    again = partial(watermark.rewritten, thief.model, theirs, seed=10)

    np.testing.assert_array_equal(again(None, share=0.0), theirs)
    blind, scrubbed = again(None, share=0.5), again(learned, share=0.5, strength=4.0)
    assert (np.sum(blind != theirs, axis=1) <= 24).all()
    assert np.mean(blind == theirs) < 0.65
    assert GREEN.z_scores(scrubbed).mean() < GREEN.z_scores(blind).mean() - 1


def test_passages_hold_known_words_only():
    helps = data.help_texts(words=100)

    cut = watermark.passages(helps, words=30)

    assert {len(text) for text in cut} == {30}
    assert min(text.min() for text in cut) >= 2


def test_judges_count_what_the_detector_says(victim, thief):
    fresh = thief.prompts(20, seed=2)
    dose = watermark.judge_learning(
        victim, GREEN, thief, [5, 300], prompts=fresh, seed=0
    )
    assert dose.at("forged", 300) > dose.at("forged, no mark to read", 300)

    told = watermark.judge_knowing(
        victim, {"green": (GREEN, 1)}, thief, reads=100, prompts=fresh, seed=0
    )
    assert told.value("green", "found") > told.value("green", "no mark")

    kinds = {
        "strong": [marking.Green(key=key, strength=6) for key in (1, 2)],
        "luck": [marking.Luck(key=key) for key in (1, 2)],
    }
    price = watermark.judge_price(
        victim, kinds, victim.model, thief.prompts(20, seed=1), words=40, seed=0
    )
    assert price.value("none", "more than unmarked") == 0
    assert price.value("strong", "more than unmarked") > 0.005
    assert price.value("none", "answers of 100 that differ") > 95
    assert price.value("luck", "answers of 100 that differ") == 1

    honest = np.stack(SAID)
    accused = watermark.judge_accused(
        [GREEN], {50.0: {"a": honest}}, lines={"a": "victim"}, dose_name="words"
    )
    assert accused.at("a", 50) == np.mean(GREEN.p_values(honest) <= 0.01)


def test_runs_that_numbers_cannot_name_are_refused():
    with pytest.raises(BadInput, match="wanted shorter runs"):
        watermark.learn(np.stack(SAID), np.stack(SAID), words=10**6, width=4)
    with pytest.raises(BadInput, match="wanted more than 2"):
        watermark.learn(np.array([[2, 3]]), np.array([[2, 3]]), words=V, width=2)
