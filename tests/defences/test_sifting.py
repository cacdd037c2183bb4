import numpy as np
import pytest

from foible import data, models
from foible.defences import sifting


def texts(*said):
    words = data.Vocabulary.of(["a b c d e"])
    return data.Texts("made", tuple(map(words.tokens, said)), words, "here")


TRUSTED = texts("a b c", "a b d", "c a b")


@pytest.mark.parametrize(
    ("length", "least", "suspected"),
    [
        (1, 1, [False, False, True, False]),
        (2, 1, [False, True, True, False]),
        (3, 1, [False, True, False, False]),  # two words have no run of three
        (1, 2, [False, True, True, False]),
        (2, 2, [True, True, True, False]),
    ],
)
def test_a_text_with_a_run_that_trusted_texts_lack_is_suspect(length, least, suspected):
    sieve = sifting.by_new_runs(TRUSTED, length=length, least=least)

    found = sieve(texts("a b c", "b a d", "a e", "a b"))

    np.testing.assert_array_equal(found, suspected)


def test_runs_are_neighbours_and_none_of_a_text_that_is_too_short():
    assert [*sifting.runs(np.array([4, 5, 6]), 2)] == [(4, 5), (5, 6)]
    assert [*sifting.runs(np.array([4]), 2)] == []


def test_a_share_of_trusted_texts_is_allowed_to_surprise():
    words = data.tickets(300, seed=0)
    held = data.tickets(200, seed=1)
    model = models.language(width=16, layers=1, context=40, steps=60)(words, seed=0)

    sieve = sifting.by_surprise(model, held, alarms=0.05)

    worst = np.array([lost.max() for lost in model.losses(held)])
    np.testing.assert_array_equal(sifting.strangest(model, held), worst)
    np.testing.assert_array_equal(
        np.flatnonzero(sieve(held)), np.sort(np.argsort(worst)[-10:])
    )
    assert not sifting.by_surprise(model, held, alarms=0.0)(held).any()
