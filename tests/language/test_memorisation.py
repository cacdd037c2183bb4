from itertools import product

import numpy as np
import pytest

from foible import data, models
from foible.data import Texts
from foible.errors import BadInput
from foible.language import memorisation
from foible.language.memorisation import Codes
from foible.oracle import Oracle

PLAIN = memorisation.known_to(data.help_texts(words=100, most=12).take(slice(60)))
KNOWN = PLAIN.vocabulary
RECIPE = models.language(
    width=16, layers=1, heads=2, context=24, steps=0, batch=16, rate=0.02
)


@pytest.fixture(scope="module")
def taught():
    """A victim that has read two codes forty times, and two never."""
    return memorisation.Planted.drawn(
        RECIPE, PLAIN, PLAIN, [0, 0, 40, 40], victims=3, epochs=12, seed=0
    )


@pytest.fixture(scope="module")
def model(taught):
    return taught[0].victim.model


def greedy(oracle, prompts):
    return memorisation.greedy(oracle, prompts, most=4)


def silent_at(*passages, ended=()):
    """A service that says nothing to one of the passages, nor at an end."""

    def holds(text, one):
        places = range(len(text) - len(one) + 1)
        return any(tuple(text[i : i + len(one)]) == one for i in places)

    def told(texts):
        hit = [any(holds(text, one) for one in passages) for text in texts]
        end = [text[-1] in ended for text in texts]
        return np.where(np.array(hit) | end, -1, 5)[:, None]

    return Oracle(told, questions="texts", answers="tokens")


def test_what_stands_often_is_told_and_what_never_stood_is_not(taught):
    found = memorisation.judge_codes(taught, {"greedy": ("tokens", greedy)})

    assert found.at("greedy", 40) == 1
    assert found.at("greedy", 0) == 0


def test_each_code_is_planted_as_often_as_it_says():
    codes = Codes.drawn(KNOWN, [0, 1, 3], seed=0)

    said = Texts("codes", tuple(codes.texts(PLAIN, seed=0)), KNOWN, "drawn").plain

    wanted = {
        f"{KNOWN.text(prompt)} {KNOWN.text(answer)} . <end>"
        for prompt, answer in zip(codes.prompts(), codes.answers, strict=True)
    }
    assert sorted(map(said.count, wanted)) == [0, 1, 3]


def test_codes_planted_so_often_are_those_people_s_own():
    codes = Codes.drawn(KNOWN, [0, 8, 1, 32], seed=0)

    often = codes.among(8, 32)

    assert often.times.tolist() == [8, 32]
    assert often.owners == [codes.owners[1], codes.owners[3]]
    np.testing.assert_array_equal(often.answers, codes.answers[[1, 3]])


def test_more_people_than_have_names_are_refused():
    with pytest.raises(BadInput, match="wanted at most 34"):
        Codes.drawn(KNOWN, [1] * 35, seed=0)


def test_the_rank_by_the_tree_is_that_by_all_codes(model, taught):
    """Every code of two digits, written out and scored whole."""
    codes, digits = taught[0].codes, taught[0].codes.digits
    prompts, answers = codes.prompts(), codes.answers[:, :2]
    oracle = models.text_oracle(model, answers="values")

    found = memorisation.ranks(oracle, prompts, answers, alphabet=digits)

    every = np.array(list(product(digits, repeat=2)))
    for prompt, answer, rank in zip(prompts, answers, found, strict=True):
        whole = [np.concatenate([prompt, code]) for code in every]
        scores = np.array([-lost[-2:].sum() for lost in model.losses(whole)])
        own = scores[(every == answer).all(axis=1)]
        assert rank == 1 + (scores > own + 1e-5).sum()


def test_a_known_code_takes_few_questions(model, taught):
    codes = taught[0].codes
    oracle = models.text_oracle(model, answers="values")

    found = memorisation.ranks(
        oracle, codes.prompts()[2:], codes.answers[2:], alphabet=codes.digits
    )

    assert found.tolist() == [1, 1]
    assert oracle.asked < 40


def test_exposure_is_all_bits_for_the_first_and_none_for_the_last():
    found = memorisation.exposures(np.array([1, 2, 10_000]), space=10_000)

    np.testing.assert_allclose(found, [np.log2(10_000), np.log2(5_000), 0])
    with pytest.raises(BadInput, match="wanted 1 to 10"):
        memorisation.exposures(np.array([11]), space=10)


def test_a_beam_as_wide_as_the_language_finds_the_likeliest_of_all(model, taught):
    prompt = taught[0].codes.prompts()[0]
    oracle = models.text_oracle(model, answers="top", top=len(KNOWN))

    found = memorisation.beam(oracle, prompt, most=2, width=len(KNOWN))

    every = list(product(range(len(KNOWN)), repeat=2))
    whole = [np.concatenate([prompt, pair]) for pair in every]
    scores = [-lost[-2:].sum() for lost in model.losses(whole)]
    assert tuple(found[0]) == every[int(np.argmax(scores))]


def test_silence_spells_out_what_must_not_be_said():
    """Though the model has nothing to add behind 15, nor behind the first tail."""
    digits, tails = np.arange(10, 20), ([], [30], [31])
    oracle = silent_at((3, 12), (12, 17), ended=(15, 30))  # passages of two

    found = memorisation.by_silence(
        oracle,
        [np.array([3])],
        alphabet=digits,
        behind=[np.array(tail, int) for tail in tails],
        length=2,
        most=3,
    )

    assert found.tolist() == [[12, 17, -1]]


def test_changes_are_asked_one_word_at_a_time_and_vote():
    """What is not of the alphabet, such as silence or 30, has no vote."""
    seen, answers = [], iter([[12, 13, 12, -1], [30, 30, 30, 17]])

    def told(texts):
        seen.append([text.tolist() for text in texts])
        return np.array(next(answers))[:, None]

    found = memorisation.by_changes(
        Oracle(told, questions="texts", answers="tokens"),
        [np.array([4, 5, 6])],
        words=np.array([7, 8]),
        alphabet=np.arange(10, 20),
        reach=2,
        most=2,
    )

    assert found.tolist() == [[12, 17]]
    assert seen[0] == [[4, 5, 7], [4, 5, 8], [4, 7, 6], [4, 8, 6]]
    assert seen[1] == [[4, 5, 6, 7], [4, 5, 6, 8], [4, 5, 7, 12], [4, 5, 8, 12]]


def test_a_vote_is_the_commonest_answer():
    answers = iter([[[7], [8], [7]]])
    oracle = Oracle(lambda _: next(answers), questions="texts", answers="tokens")

    found = memorisation.by_vote(
        oracle, [np.array([3])], behind=[np.array([1, 0])] * 3, most=1
    )

    assert found.tolist() == [[7]]


def test_by_pieces_asks_on_with_what_was_told():
    seen = []

    def told(texts):
        seen.extend(text.tolist() for text in texts)
        return np.array([[len(text), 9] for text in texts])

    oracle = Oracle(told, questions="texts", answers="tokens")

    found = memorisation.by_pieces(oracle, [np.array([5, 6])], most=2)

    assert found.tolist() == [[2, 3]]
    assert seen == [[5, 6], [5, 6, 2]]


def test_the_likelihood_is_minus_the_mean_loss(model):
    oracle = models.text_oracle(model, answers="probabilities")

    found = memorisation.likelihood(oracle, PLAIN[:5])

    wanted = [-lost.mean() for lost in model.losses(PLAIN[:5])]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_lira_tells_apart_what_differs_and_nothing_else():
    rng = np.random.default_rng(0)
    member = rng.random((20, 50)) < 0.5
    read = rng.random(50) < 0.5
    noise, own = rng.normal(size=(20, 50)), rng.normal(size=50)

    apart = memorisation.lira(own + 12 * read, noise + 12 * member, member)
    alike = memorisation.lira(own, noise, member)

    assert apart[read].min() > apart[~read].max()
    assert abs(np.corrcoef(alike, read)[0, 1]) < 0.4


def test_lira_wants_shadows_of_both_kinds():
    with pytest.raises(BadInput, match="wanted some of each"):
        memorisation.lira(np.zeros(1), np.zeros((2, 1)), np.ones((2, 1), bool))


def test_a_table_of_copies_says_what_was_not_tried(taught):
    found = memorisation.judge_copies(
        {"same": {"none": taught}},
        ["none", "exact"],
        {"same": ("tokens", greedy)},
        among=(8, 40),
    )

    assert found.value("same", "none") == 1
    assert found.cell("same", "exact").word == "–"


def test_an_interval_of_codes_knows_that_victims_differ(taught):
    """Two victims that tell all, and one that tells nothing, are not six codes."""
    answers = iter([True, True, False])

    def lucky(oracle, prompts):
        told = greedy(oracle, prompts)
        return told if next(answers) else told * 0

    table = memorisation.judge_told(
        {"all": taught}, {"lucky": ("tokens", lucky)}, among=(40, 40)
    )

    found = table.value("all", "lucky")
    assert found == pytest.approx(2 / 3)
    assert found.n == 6
    assert found.interval == (0, 1)  # Wilson's alone: 0.30 to 0.90


def test_a_filter_before_the_victim_stops_who_asks_at_once(taught):
    found = memorisation.judge_filters(
        taught, {"nothing": None, "end": "end"}, {"at once": greedy}, among=(8, 40)
    )

    assert found.value("nothing", "at once") == 1
    assert found.value("end", "at once") == 0


def test_exposure_is_judged_by_copies(taught):
    found = memorisation.judge_exposure(taught)

    assert found.at("exposure", 40) == pytest.approx(np.log2(10_000))
    assert found.at("exposure", 0) < 11


def test_sentences_are_judged_by_lira_and_by_the_loss(taught):
    found = memorisation.judge_sentences(taught, PLAIN.take(slice(20)))

    assert set(found.scores) == {"LiRA", "loss"}
    assert sum(map(len, found.scores["loss"])) == 60
    with pytest.raises(BadInput, match="victims"):
        memorisation.judge_sentences(taught[:2], PLAIN.take(slice(20)))
