"""A small language model computes what it says it does, and learns from texts."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

from foible import data, models
from foible.data import Texts, Vocabulary
from foible.errors import BadInput, BudgetExceeded
from foible.models import _transformer as transformer
from foible.victim import TextVictim

WORDS = Vocabulary(("<end>", "<unknown>", *"abcdefg"))
RECIPE = models.language(width=8, heads=2, context=12, steps=30, rate=0.01, batch=4)


def rounds(n=12, *, seed=0):
    """Texts in which a letter decides all that follow."""
    rng = np.random.default_rng(seed)
    begins = rng.integers(2, 9, n)
    texts = tuple(
        np.append((begin - 2 + np.arange(length)) % 7 + 2, 0)
        for begin, length in zip(begins, rng.integers(3, 9, n), strict=True)
    )
    return Texts("rounds", texts, WORDS, "made here")


@pytest.fixture(scope="module")
def model():
    return RECIPE(rounds(), seed=0)


@pytest.fixture(scope="module")
def texts():
    return rounds(6, seed=1)


# ---------------------------------------------------------------- what it computes


def test_a_later_token_never_moves_an_earlier_answer(model, texts):
    text = texts[0]
    changed = text.copy()
    changed[3:] = 2 + (changed[3:] + 1) % 7

    one, other = model.logits_along([text, changed])

    np.testing.assert_allclose(one[:3], other[:3], atol=1e-6)
    assert abs(one[3:] - other[3:]).max() > 0.1


def test_the_place_of_a_token_counts(model):
    one, other = model.logits([np.array([2, 3, 4]), np.array([3, 2, 4])])

    assert abs(one - other).max() > 0.01


def test_texts_are_answered_in_their_order_each_as_if_alone(model, texts):
    together = model.logits(texts)
    alone = np.concatenate([model.logits([text]) for text in texts])

    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_all_answers_are_read_off_the_hidden_values(model, texts):
    logits = model.logits(texts)

    np.testing.assert_allclose(
        logits, model.hidden(texts) @ model.weights()["words"].T.astype(float)
    )
    np.testing.assert_allclose(
        logits, [each[-1] for each in model.logits_along(texts)], atol=1e-5
    )
    np.testing.assert_allclose(model.predict_proba(texts), softmax(logits, axis=1))
    assert (model.predict(texts) == logits.argmax(1)).all()
    assert np.linalg.matrix_rank(model.logits(rounds(40, seed=3))) == model.width


def test_a_loss_is_minus_the_log_probability_of_each_token(model, texts):
    for text, lost, along in zip(
        texts, model.losses(texts), model.logits_along(texts), strict=True
    ):
        chances = log_softmax(along[:-1], axis=1)
        np.testing.assert_allclose(
            lost, -chances[np.arange(len(text) - 1), text[1:]], atol=1e-5
        )


def test_slopes_are_those_of_finite_differences(model, texts):
    w = {name: torch.from_numpy(a).double() for name, a in model.weights().items()}
    text, start = texts[0], 3
    tokens = torch.tensor(text)[None]

    def lost(moved):
        x = moved @ w["words"] + w["places"][: len(text)]
        every = transformer.losses(w, x[None], tokens, heads=2, layers=2)
        return float(every[0, start - 1 :].mean())

    (slope,) = model.slopes([text], starts=[start])

    step = 1e-5
    for place, word in ((0, 2), (1, 5), (2, 8), (len(text) - 1, 3)):
        moved = torch.nn.functional.one_hot(tokens[0], len(WORDS)).double()
        moved[place, word] += step
        up = lost(moved)
        moved[place, word] -= 2 * step
        by_hand = (up - lost(moved)) / (2 * step)
        assert slope[place, word] == pytest.approx(by_hand, abs=2e-5)
    assert (slope[-1] == 0).all()


def test_fewer_layers_are_a_model_of_fewer_layers(model, texts):
    kept = {name: a for name, a in model.weights().items() if not name.startswith("1.")}
    lower = models.Language(2, kept)

    np.testing.assert_allclose(
        model.hidden(texts, layers=1), lower.hidden(texts), atol=1e-6
    )
    assert (lower.layers, model.layers) == (1, 2)


def test_its_attention_is_torchs(texts):
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.standard_normal((3, 5, 8), np.float32))
    mix, out = (
        torch.from_numpy(rng.standard_normal((8, wide), np.float32)) for wide in (24, 8)
    )
    q, k, v = (x @ mix).view(3, 5, 3, 2, 4).permute(2, 0, 3, 1, 4)

    theirs = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    ours = transformer.attended(x, mix, out, 2, None)

    theirs = theirs.transpose(1, 2).reshape(3, 5, 8) @ out
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


# ---------------------------------------------------------------- going on


def test_the_likeliest_words_are_those_of_one_step_after_another(model, texts):
    asked = [text[:2] for text in texts]

    said = model.complete(asked, most=6)

    for prompt, answer in zip(asked, said, strict=True):
        so_far = prompt
        for token in answer:
            best = model.predict([so_far])[0]
            assert token == (best if best else -1)
            if not best:
                break
            so_far = np.append(so_far, best)


def test_nothing_stands_behind_the_end(model, texts):
    ends = model.complete([text[:-1] for text in texts], most=4)
    assert ends.shape == (6, 4)
    behind = np.maximum.accumulate(ends < 0, axis=1)

    assert (ends[behind] == -1).all()


def test_drawn_words_are_as_likely_as_the_model_says(model):
    prompt = np.array([2, 3])
    chances = model.predict_proba([prompt])[0]

    said = model.sampled([prompt] * 4000, most=1, seed=0)[:, 0]

    shares = np.bincount(np.where(said < 0, 0, said), minlength=9) / 4000
    np.testing.assert_allclose(shares, chances, atol=0.03)


def test_a_cold_draw_is_the_likeliest_and_a_seed_draws_the_same(model, texts):
    cold = model.sampled(list(texts), most=3, temperature=1e-6, seed=0)
    one, same, other = (
        model.sampled([text[:1] for text in texts], most=6, seed=seed)
        for seed in (1, 1, 2)
    )

    assert (cold == model.complete(list(texts), most=3)).all()
    assert (one == same).all() and (one != other).any()


def test_logits_can_be_adjusted_before_each_choice(model, texts):
    seen = []

    def only_b(told, said):
        seen.append(told.shape[1])
        return np.where(np.arange(9) == 3, 1.0, 0.0) + 0 * said

    said = model.complete([texts[0][:2]], most=3, adjusted=only_b)

    assert said.tolist() == [[3, 3, 3]] and seen == [2, 3, 4]


# ---------------------------------------------------------------- learning


def test_it_learns_what_follows():
    learned = replace(RECIPE, steps=200)(rounds(60), seed=0)
    fresh = rounds(20, seed=9)

    said = learned.complete([text[:2] for text in fresh], most=1)[:, 0]

    assert [text[2] for text in fresh] == said.tolist()


def test_many_are_each_bit_for_bit_as_if_made_alone():
    parts = [rounds(seed=1), rounds(20, seed=2)]

    together = RECIPE.many(parts, seeds=[3, 4])

    for part, seed, made in zip(parts, (3, 4), together, strict=True):
        alone = RECIPE(part, seed=seed).weights()
        assert all((alone[name] == a).all() for name, a in made.weights().items())


def test_another_seed_makes_another_model():
    one, other = RECIPE.many([rounds()] * 2, seeds=[0, 1])

    assert (one.weights()["words"] != other.weights()["words"]).any()


def test_what_is_before_the_start_is_not_learned():
    texts = rounds()
    starts = np.array([len(text) - 1 for text in texts])
    ends = replace(RECIPE, steps=100)(replace(texts, starts=starts), seed=0)

    lost = ends.losses(rounds(seed=5))

    assert np.mean([each[-1] for each in lost]) < 1
    assert np.mean([each[0] for each in lost]) > 2


def test_a_model_can_go_on_to_learn_and_stays_what_it_was(model, texts):
    before = model.weights()
    other = Texts("one", (np.array([8, 8, 8, 8]),), WORDS, "made here")

    after = RECIPE.resumed(model, other, seed=0)

    assert after.losses(other)[0].mean() < model.losses(other)[0].mean() / 2
    assert all((before[name] == a).all() for name, a in model.weights().items())


def test_no_steps_leave_a_model_as_it_is(model):
    same = replace(RECIPE, steps=0).resumed(model, rounds(), seed=0)

    assert all((same.weights()[n] == a).all() for n, a in model.weights().items())


def test_a_layer_that_learns_to_speak_says_more_than_one_that_does_not():
    texts = rounds(40)
    recipe = replace(RECIPE, steps=150)
    silent, speaking = (
        replace(recipe, exits=exits)(texts, seed=0) for exits in (False, True)
    )

    def lost(model):
        asked = [text[:-1] for text in texts]
        said = log_softmax(model.read_off(model.hidden(asked, layers=1)), axis=1)
        return -np.mean(said[np.arange(40), [text[-1] for text in texts]])

    assert lost(speaking) < lost(silent)


# ---------------------------------------------------------------- privately

PRIVATE = models.private_language(
    width=8, heads=2, context=12, steps=3, rate=0.01, batch=3, clip=0.5, noise=0.0
)


def test_private_slopes_are_each_texts_own_cut_to_a_length():
    texts = rounds(4)
    rows, counted = models.teaching.padded(texts)
    begin = transformer.initial(9, 8, 2, 12, np.random.default_rng(0))
    w = {name: values.clone().requires_grad_() for name, values in begin.items()}

    ours = PRIVATE._slopes(w, rows, counted, np.random.default_rng(0))

    wanted = [torch.zeros_like(values) for values in w.values()]
    for text, counts in zip(rows, counted, strict=True):
        lost = PRIVATE._lost(w, text[None], counts[None])
        slopes = torch.autograd.grad(lost, list(w.values()))
        length = sum(slope.square().sum() for slope in slopes).sqrt()
        for total, slope in zip(wanted, slopes, strict=True):
            total += slope * min(1, 0.5 / float(length)) / 3
    for one, other in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_noise_is_of_the_stated_size_and_of_its_seed():
    loud = replace(PRIVATE, noise=4.0)
    texts = rounds(4)
    rows, counted = models.teaching.padded(texts)
    begin = transformer.initial(9, 8, 2, 12, np.random.default_rng(0))
    w = {name: values.clone().requires_grad_() for name, values in begin.items()}

    plain = PRIVATE._slopes(w, rows, counted, np.random.default_rng(0))
    noisy = loud._slopes(w, rows, counted, np.random.default_rng(0))

    added = np.concatenate(
        [(a - b).flatten() for a, b in zip(noisy, plain, strict=True)]
    )
    assert added.std() == pytest.approx(4.0 * 0.5 / 3, rel=0.1)
    one, same = (loud(texts, seed=7).weights()["words"] for _ in range(2))
    assert (one == same).all()


def test_a_step_in_which_nobody_is_read_is_only_noise():
    alone = replace(PRIVATE, batch=1, steps=20, noise=1.0)

    assert np.isfinite(alone(rounds(30), seed=0).weights()["words"]).all()


# ---------------------------------------------------------------- from outside


@pytest.mark.parametrize("answers", ["values", "probabilities", "label", "tokens"])
def test_an_oracle_tells_what_the_model_says(model, texts, answers):
    asked = [text[:3] for text in texts]
    oracle = models.text_oracle(model, answers=answers, most=4, budget=6)

    told = oracle.ask(asked)

    wanted = {
        "values": model.logits,
        "probabilities": model.predict_proba,
        "label": model.predict,
        "tokens": lambda texts: model.complete(texts, most=4),
    }[answers](asked)
    np.testing.assert_allclose(told, wanted, atol=1e-6)
    with pytest.raises(BudgetExceeded):
        oracle.ask(asked[:1])


def test_the_few_likeliest_come_with_their_log_probabilities_and_bias_moves_them(
    model, texts
):
    oracle = models.text_oracle(model, answers="top", top=3, biased=True)
    bias = np.zeros((6, 9))
    bias[:, 7] = 100.0

    plain, moved = oracle.ask(texts), oracle.ask(texts, bias=bias)

    said = log_softmax(model.logits(texts), axis=1)
    best = plain[..., 0].astype(int)
    np.testing.assert_allclose(np.take_along_axis(said, best, 1), plain[..., 1])
    assert (np.sort(said, axis=1)[:, :-4:-1] == plain[..., 1]).all()
    assert (moved[:, 0, 0] == 7).all() and oracle.asked == 12
    differ = np.diff(moved[:, 1:, 1], axis=1)
    assert np.isfinite(differ).all()


def test_a_bias_moves_what_is_written(model, texts):
    oracle = models.text_oracle(model, answers="tokens", most=2, biased=True)
    bias = np.zeros((6, 9))
    bias[:, 7] = 100.0

    assert (oracle.ask([text[:2] for text in texts], bias=bias) == 7).all()


def test_a_victim_is_made_anew_from_other_texts():
    victim = TextVictim.trained(RECIPE, rounds(), seed=0)
    (again,) = TextVictim.many(RECIPE, [rounds()], seeds=[0])
    other = victim.retrained(rounds(seed=4))

    words = victim.model.weights()["words"]
    assert (again.model.weights()["words"] == words).all()
    assert (other.model.weights()["words"] != words).any()
    assert victim.oracle(budget=1).left == 1


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: models.language(width=10, heads=4), "width=10 and heads=4"),
        (lambda m: m.logits([]), "got no text"),
        (lambda m: m.logits([np.array([9])]), "wanted 0 to 8"),
        (lambda m: m.logits([np.array([-1])]), "wanted 0 to 8"),
        (lambda m: m.logits([np.arange(13) % 9]), "wanted 1 to 12"),
        (lambda m: m.losses([np.array([2])]), "wanted 2 to 12"),
        (lambda m: m.complete([np.arange(9)], most=4), "wanted 1 to 8"),
        (lambda m: m.hidden([np.array([2])], layers=3), "wanted 1 to 2"),
        (lambda m: m.slopes([np.array([2, 3])], starts=[2]), "wanted 1 to 1"),
        (lambda m: m.slopes([np.array([2, 3])], starts=[1, 1]), "for each text"),
        (lambda m: m.with_weights({}), "got weights of shapes"),
        (lambda m: RECIPE.many([rounds()], seeds=[]), "one for each"),
        (
            lambda m: RECIPE(data.tickets(3, seed=0), seed=0),
            "wanted 2 to 12: cut them",
        ),
        (
            lambda m: RECIPE.resumed(m, data.tickets(3, seed=0), seed=0),
            "got weights of shapes",
        ),
        (
            lambda m: RECIPE(replace(rounds(1), starts=np.array([99])), seed=0),
            "behind its end",
        ),
        (lambda m: models.text_oracle(m, top=10), "got top=10"),
        (
            lambda m: models.text_oracle(m).ask([np.array([2])], bias=np.ones((1, 9))),
            "takes none",
        ),
    ],
)
def test_what_cannot_be_done_is_one_clear_error(model, call, message):
    with pytest.raises(BadInput, match=message):
        call(model)
