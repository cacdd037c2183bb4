"""Who is refused, and what stays as it was."""

import numpy as np
import pytest

from foible import data, models
from foible.defences import refusing
from foible.errors import BadInput

ORDERS = data.Orders()
TEXTS = ORDERS.drawn(20, seed=0)
MODEL = models.language(width=8, layers=1, heads=2, context=24, steps=5, batch=8)(
    TEXTS, seed=0
)
WORDS = np.arange(10, 14)
NO = 9


def echo(texts):
    """Answers with a text's first three tokens."""
    return np.array([text[:3] for text in texts])


def test_perplexity_is_of_the_mean_loss():
    found = refusing.perplexities(MODEL, TEXTS[:5])

    wanted = [np.exp(one.mean()) for one in MODEL.losses(TEXTS[:5])]
    np.testing.assert_allclose(found, wanted)


def test_the_filter_refuses_what_is_above_its_limit_and_changes_nothing_else():
    seen = refusing.perplexities(MODEL, TEXTS)
    limit = float(np.median(seen))

    told = refusing.filtered(echo, MODEL, limit=limit, refusal=NO)([*TEXTS])

    for text, how, answer in zip(TEXTS, seen, told, strict=True):
        assert answer.tolist() == ([NO, -1, -1] if how > limit else [*text[:3]])


def test_as_many_tokens_are_changed_as_is_said_and_the_last_is_spared():
    texts = [np.full(50, 3)] * 200

    changed = np.array(refusing.perturbed(texts, share=0.3, words=WORDS, seed=0))

    assert (changed[:, -1] == 3).all()
    assert np.mean(changed[:, :-1] != 3) == pytest.approx(0.3, abs=0.02)
    assert set(np.unique(changed)) == {3, *WORDS}


def test_the_vote_refuses_where_half_of_the_copies_are():
    texts = [np.array([5, 6, 7, 8]), np.array([NO, 6, 7, 8])]

    def settled(share, **more):
        vote = refusing.voted(
            echo, copies=9, share=share, words=WORDS, refusal=NO, seed=0, **more
        )
        return vote(texts).tolist()

    assert settled(0.0) == [[5, 6, 7], [NO, -1, -1]]
    assert settled(1.0) == [[5, 6, 7], [NO, 6, 7]], "no copy is refused"
    published = settled(1.0, as_published=True)
    assert set(np.ravel(published)) <= set(WORDS)


def test_the_published_vote_gives_the_answer_of_a_copy_that_was_answered():
    texts = [np.array([5, 6, 7, 8])]

    def way(copies):
        return np.array([[NO, -1]] * 2 + [[1, 2]] * 3)

    vote = refusing.voted(
        way, copies=5, share=0.5, words=WORDS, refusal=NO, as_published=True, seed=0
    )

    assert vote(texts).tolist() == [[1, 2]]


def test_a_vote_without_words_is_refused():
    with pytest.raises(BadInput, match="wanted at least one"):
        refusing.voted(echo, copies=2, share=0.5, words=WORDS[:0], refusal=NO, seed=0)
