"""Exposure by exact rank, beside the published formula on the same logits."""

from collections.abc import Iterator

import numpy as np
from scipy.special import log_softmax

from foible import data, models
from foible.arrays import Floats, Ints
from foible.language import memorisation
from foible.oracle import Oracle
from peers.table import Row, timed


def compared() -> Iterator[Row]:
    """Our tree with pruning, and all codes written out as the paper has it."""
    texts = memorisation.known_to(data.help_texts(words=400, most=20))
    some, others = texts.split(300 / len(texts), seed=0)
    recipe = models.language(
        width=32, heads=2, context=40, batch=32, rate=0.01, steps=0
    )
    times = (0, 0, 1, 2, 4, 8, 16)
    (one,) = memorisation.Planted.drawn(
        recipe, some, others, times, victims=1, epochs=8, digits=3, seed=0
    )
    codes, oracle = one.codes, one.victim.oracle(answers="values")

    def ours() -> Floats:
        order = memorisation.ranks(
            oracle, codes.prompts(), codes.answers, alphabet=codes.digits
        )
        return memorisation.exposures(order, space=1000)

    def theirs() -> Floats:
        found = [
            published(oracle, *pair, codes.digits)
            for pair in zip(codes.prompts(), codes.answers, strict=True)
        ]
        return np.array(found)

    (own, seconds), (other, their_seconds) = timed(ours), timed(theirs)
    yield Row(
        "exposure of seven codes of three digits, planted 0 to 16 times",
        "mean exposure, bits",
        float(own.mean()),
        seconds,
        "the formula of TensorFlow Privacy, over all codes",
        float(other.mean()),
        their_seconds,
        "equal",
        1e-5,
        float(np.abs(own - other).max()),
    )


def published(oracle: Oracle, prompt: Ints, answer: Ints, digits: Ints) -> float:
    """Exposure as secret_sharer/exposures.py of TensorFlow Privacy computes it.

    log2 of the number of references, less log2 of one more than the number of them
    with a smaller perplexity; of ties it counts the references first, and the secret is
    none of them. Here they are all other codes, and the secret is counted with them.
    """
    every = np.stack(np.meshgrid(*[digits] * len(answer), indexing="ij"), -1)
    every = every.reshape(-1, len(answer))
    perplexity = np.zeros(len(every))
    for place in range(len(answer)):
        begun = [np.concatenate([prompt, code[:place]]) for code in every]
        said = log_softmax(oracle.ask(begun), axis=1)
        perplexity -= said[np.arange(len(every)), every[:, place]]
    own = perplexity[(every == answer).all(axis=1)][0]
    smaller = int((perplexity < own - 1e-6).sum())
    return float(np.log2(len(every)) - np.log2(smaller + 1))
