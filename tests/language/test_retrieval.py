"""What is planted is found, what is read is exact, what is certified holds."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foible import models
from foible.defences import retrieving, veiling
from foible.errors import BadInput
from foible.language import retrieval
from foible.language.retrieval import Desk, Inverter, Passage, Planted, Ranking, Target

TARGET = Target("alder", "port", "8123")
ISOLATED = Desk(read=retrieving.isolated)
WORDINGS = (
    retrieval.in_passing,
    retrieval.lie_alone,
    retrieval.question_and_lie,
    retrieval.shuffled,
    retrieval.repeated,
)


@pytest.fixture(scope="module")
def cases():
    return retrieval.opened(20, seeds=[0, 1])


def planted(cases, wording):
    return Planted.written(
        cases, lambda one: wording(one.question.target, count=5, seed=one.seed)
    )


def test_every_wording_of_a_fact_is_read_and_nothing_else():
    for topic, told in retrieval.worlds.TOPICS.items():
        for said in told.statements:
            text = f"so {said.format(who='alder', what=told.values[0]).capitalize()}."
            assert retrieval.claims(text, "alder", topic) == [told.values[0]]
            assert retrieval.claims(text, "birch", topic) == []
        for asked in told.questions:
            assert retrieval.claims(asked.format(who="alder"), "alder", topic) == []


def test_a_topic_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="wanted one of port"):
        retrieval.claims("alder", "alder", "colour")


def test_honest_passages_never_claim_what_is_not_true():
    world = retrieval.World.drawn(seed=3)

    for who, topic in world.facts:
        said = {c for text in world.texts for c in retrieval.claims(text, who, topic)}
        assert said <= {world.facts[who, topic]}


def test_users_never_ask_in_the_words_that_attackers_guess():
    asked = retrieval.World.drawn(seed=0).questions(144, seed=0)

    assert all(one.asked != one.target.guess for one in asked)
    assert all(one.truth != one.target.lie for one in asked)


def test_more_questions_than_facts_are_refused():
    with pytest.raises(BadInput, match="one a fact"):
        retrieval.World.drawn(services=1, seed=0).questions(7, seed=0)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda one: one.__name__)
def test_every_planted_passage_claims_the_lie_alone(wording):
    texts = wording(TARGET, count=20, seed=0)

    assert len(texts) == 20
    assert all({*retrieval.claims(one, "alder", "port")} == {"8123"} for one in texts)


def test_searched_passages_are_as_far_apart_as_was_asked(cases):
    meaning = cases[0].store.meaning

    texts = retrieval.apart(TARGET, count=3, meaning=meaning, most=0.8, seed=0)

    vectors = meaning.vectors(texts)
    assert (vectors @ vectors.T)[np.triu_indices(3, 1)].max() <= 0.8


def test_a_copied_passage_differs_from_an_honest_one_by_question_and_lie():
    seen = ["the port of alder is 8100. thanks.", "the port of birch is 8100."]

    copy, other = retrieval.copied(TARGET, seen, count=2, seed=0)

    assert copy == f"{TARGET.guess} the port of alder is 8123. thanks."
    assert other.startswith(TARGET.guess)


def test_the_honest_store_answers_and_three_passages_overturn_it(cases):
    honest = ISOLATED.right(cases)
    wrote = planted(cases, retrieval.question_and_lie)

    assert honest.mean() > 0.9
    assert not wrote.lied(ISOLATED, count=0).any()
    assert wrote.lied(ISOLATED, count=3).mean() > 0.8


def test_one_passage_that_repeats_itself_wins_only_where_all_is_read_together(cases):
    wrote = planted(cases, retrieval.repeated)

    assert wrote.lied(Desk(), count=1).mean() > 0.8
    assert wrote.lied(ISOLATED, count=1).mean() < 0.2


def test_an_attacker_with_one_account_has_one_passage_under_a_quota(cases):
    wrote = planted(cases, retrieval.question_and_lie)
    desk = replace(ISOLATED, sieve=retrieving.per_source)

    one, three = (wrote.lied(desk, count=3, accounts=n).mean() for n in (1, 3))

    assert one < 0.2 < 0.8 < three


def test_no_attack_breaks_a_certificate(cases):
    wrote = {one.__name__: planted(cases, one) for one in WORDINGS}
    for desk in (ISOLATED, replace(ISOLATED, k=9)):
        judged = retrieval.judge_breaks(desk, wrote, cases, counts=range(1, 6))
        stayed = judged.after("certified answers")
        assert stayed == 1 and stayed.n > 50


def test_copies_break_a_certificate_that_stands_behind_near_duplicate_removal(cases):
    wrote = Planted.written(
        cases,
        lambda one: retrieval.copied(
            one.question.target, one.guessed, count=2, seed=one.seed
        ),
    )
    sieve = partial(retrieving.without_lookalikes, most=0.8)

    def stayed(desk):
        judged = retrieval.judge_breaks(desk, {"copied": wrote}, cases, counts=[1, 2])
        return judged.after("certified answers")

    assert stayed(replace(ISOLATED, sieve=sieve)) < stayed(ISOLATED) == 1


def test_what_is_found_comes_in_the_order_of_the_search():
    first = Ranking(
        (Passage("a", "x"), Passage("b", "y")), np.array([[1.0, 0], [0.6, 0.8]])
    )
    more = Ranking((Passage("c", "z"),), np.array([[0.8, 0.6]]))

    both = first.joined(more, question=np.array([1.0, 0]))

    assert both.texts == ["a", "c", "b"] and both.sources == ["x", "z", "y"]
    np.testing.assert_array_equal(both.vectors[:, 0], [1.0, 0.8, 0.6])


def test_the_words_of_a_text_are_read_off_a_linear_vector():
    rng = np.random.default_rng(0)
    words = np.array([f"word{c}" for c in "abcdefghijkl"])
    bags = rng.random((300, 12)) < 0.15
    bags[~bags.any(axis=1), 0] = True
    texts = [" ".join(words[bag]) for bag in bags]
    vectors = bags @ np.linalg.qr(rng.normal(size=(12, 12)))[0]

    thief = Inverter.learned(vectors[:200], texts[:200], within=1.0, penalty=1e-6)

    assert thief.found(vectors[200:], texts[200:]).min() == 1
    assert np.nanmean(thief.blind.found(vectors[200:], texts[200:])) < 0.5


def test_an_inverter_without_pairs_or_words_is_refused():
    with pytest.raises(BadInput, match="one each"):
        Inverter.learned(np.eye(3), ["a word"])
    with pytest.raises(BadInput, match="got no word"):
        Inverter.learned(np.eye(2), ["the", "the"])


def test_as_many_known_texts_as_numbers_turn_a_key_back():
    rng = np.random.default_rng(0)
    made, private = rng.normal(size=(8, 8)), rng.normal(size=(5, 8))
    turn = veiling.key(8, seed=1)

    back = retrieval.turned_back(private @ turn, made=made, kept=made @ turn)

    np.testing.assert_allclose(back, private, atol=1e-9)


def test_words_are_read_and_a_key_hides_them_from_who_knows_no_text(cases):
    theft = retrieval.Theft.done(cases[:1], own=200)

    noise = retrieval.judge_noise(theft, lengths=[0.0, 4.0], seed=0)
    key = retrieval.judge_key(theft, shares=[0.0, 1.0], seed=0)

    common = noise.at("commonest words", 0)
    assert noise.at("words read", 0) > common + 0.2
    assert noise.at("words read", 4) < common + 0.1
    assert key.at("words read", 0) < common + 0.05
    assert key.at("words read", 1) == pytest.approx(noise.at("words read", 0))


def test_judges_say_what_they_measured(cases):
    wrote = {"lie": planted(cases, retrieval.question_and_lie)}

    counts = retrieval.judge_counts(
        ISOLATED, wrote, counts=[0, 3], lines={"lie": "attacker"}
    )
    desks = retrieval.judge_desks(
        {"plain": ISOLATED}, {"lie": (wrote["lie"], 3, 1)}, cases
    )
    sure = retrieval.judge_certificate(ISOLATED, wrote, cases, counts=[1, 3])
    removal = retrieval.judge_removal(
        [0.8, 1.0],
        {"lie": lambda most: wrote["lie"]},
        cases,
        count=3,
        lines={"right": "victim", "lie": "attacker"},
    )

    assert counts.at("lie", 0) == 0 and counts.at("lie", 0).n == len(cases)
    assert desks.value("plain", "lie") == counts.at("lie", 3)
    assert desks.cell("plain", "lie").outcome == "harm"
    for count in (1, 3):
        assert sure.at("certified", count) <= sure.at("under attack", count)
    assert removal.at("lie", 0.8) < removal.at("lie", 1.0) == counts.at("lie", 3)
    assert removal.at("right", 1.0) == ISOLATED.right(cases).mean()


def answers_after(honest, planted, k, quorum):
    """Every answer that planted claims can lead to, at any places in the order."""
    orders = {tuple(honest)}
    for claim in planted:
        orders = {
            (*order[:i], claim, *order[i:])
            for order in orders
            for i in range(len(order) + 1)
        }
    return {
        retrieving.isolated([[one] for one in order[:k]], quorum=quorum)
        for order in orders
    }


@settings(max_examples=150, deadline=None)
@given(
    honest=st.lists(st.sampled_from("ab"), min_size=1, max_size=5),
    planted=st.lists(st.sampled_from("abx"), min_size=1, max_size=3),
    k=st.integers(1, 5),
    quorum=st.integers(1, 3),
)
def test_no_planting_changes_an_answer_that_is_certified(honest, planted, k, quorum):
    claims = [[one] for one in honest]
    answer = retrieving.isolated(claims[:k], quorum=quorum)

    safe = retrieving.withstood(claims, k=k, quorum=quorum)

    if len(planted) <= safe:
        assert answers_after(honest, planted, k, quorum) == {answer}


@settings(max_examples=150, deadline=None)
@given(
    honest=st.lists(st.sampled_from("ab"), min_size=1, max_size=5),
    k=st.integers(1, 5),
    quorum=st.integers(1, 3),
)
def test_one_passage_more_than_is_certified_can_change_the_answer(honest, k, quorum):
    claims = [[one] for one in honest]
    answer = retrieving.isolated(claims[:k], quorum=quorum)
    safe = retrieving.withstood(claims, k=k, quorum=quorum)

    if answer is not None and safe < k:
        every = [answers_after(honest, [lie] * (safe + 1), k, quorum) for lie in "abx"]
        assert set().union(*every) != {answer}


def test_a_text_is_embedded_once():
    asked = []

    class Counting:
        width = 2

        def vectors(self, texts):
            asked.extend(texts)
            return np.array([[len(text), 1.0] for text in texts])

    meaning = retrieval.Remembered(Counting())

    first, again = meaning.vectors(["a", "bb", "a"]), meaning.vectors(["bb", "ccc"])

    assert asked == ["a", "bb", "ccc"] and meaning.width == 2
    np.testing.assert_array_equal(first[:, 0], [1, 2, 1])
    np.testing.assert_array_equal(again[:, 0], [2, 3])


def test_the_meaning_may_be_any_that_gives_vectors():
    world = retrieval.World.drawn(services=3, helps=20, seed=0)
    meaning = models.meaning(world.texts, width=16, seed=0)

    store = retrieval.Store.filled(world.passages, meaning)

    nearest = store.search(store.vectors[5], most=1)
    assert nearest.texts == [world.texts[5]]
    assert repr(store) == f"<a store of {len(world.passages)} passages>"
