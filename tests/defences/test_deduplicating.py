import numpy as np

from foible.data import Texts, Vocabulary
from foible.defences import deduplicating

KNOWN = Vocabulary(("<end>", "<unknown>", *"abcdefghijklmnop"))


def texts(*said):
    return Texts("some", tuple(map(KNOWN.tokens, said)), KNOWN, "made here")


def test_the_first_of_equal_texts_stays_in_its_place():
    found = deduplicating.exactly(texts("a b", "c", "a b", "b a", "c"))

    assert found.plain == ["a b", "c", "b a"]


def test_near_copies_go_and_others_stay():
    found = deduplicating.nearly(
        texts("a b c d e f g h", "p b c d e f g h", "a b c p p p p p"), share=0.5
    )

    assert found.plain == ["a b c d e f g h", "a b c p p p p p"]


def test_the_share_is_jaccards():
    """Five phrases in common of seven in all."""
    both = texts("a b c d e f g h", "p b c d e f g h")

    assert len(deduplicating.nearly(both, share=5 / 7)) == 1
    assert len(deduplicating.nearly(both, share=5 / 7 + 0.01)) == 2


def test_a_text_shorter_than_a_phrase_is_compared_whole():
    assert deduplicating.nearly(texts("a b", "a b", "a c")).plain == ["a b", "a c"]


def test_a_passage_is_cut_out_where_it_stands_again():
    found = deduplicating.passages(
        texts("a b c d e", "f g b c d h i", "b c d", "a b e"), length=3
    )

    assert found.plain == ["a b c d e", "f g h i", "a b e"]


def test_a_text_that_repeats_itself_is_left_whole():
    """What it says again is compared with the texts before it, not with itself."""
    found = deduplicating.passages(texts("a b c a b c"), length=3)

    np.testing.assert_array_equal(found[0], KNOWN.tokens("a b c a b c"))
