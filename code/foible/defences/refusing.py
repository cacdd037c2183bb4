"""What stands around a model that is to refuse some questions?

A way takes texts to the tokens of an answer each, (n, most), -1 behind its end. Each
defence takes a way to one that refuses more.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Floats, Ints, Tokens
from foible.domains import Count, Limit, Numbers, Seed, Share
from foible.errors import BadInput
from foible.models import Language

Way: TypeAlias = Callable[[Tokens], Ints]


def perplexities(reader: Language, texts: Tokens) -> Floats:
    """How many words could as well have come, in the mean, ndarray of shape (n,).

    The exponential of the mean loss of each text's tokens but the first under a model
    that knows what users say [alon2023detecting].
    """
    return np.exp([each.mean() for each in reader.losses(texts)])


def filtered(way: Way, reader: Language, *, limit: Limit, refusal: Count) -> Way:
    """Refuses each text whose perplexity is above the limit [jain2023baseline].

    Parameters
    ----------
    reader : Language
        Who judges the texts.
    refusal : int
        The token that refuses.
    """
    return lambda texts: _refused(
        way(texts), perplexities(reader, texts) > limit, refusal
    )


def perturbed(
    texts: Tokens, *, share: Share, words: Numbers, spared: int = 1, seed: Seed
) -> list[Ints]:
    """Copies of texts in which each token is replaced with this chance.

    Parameters
    ----------
    words : ndarray of shape (k,)
        By which.
    spared : int
        How many tokens at the end stay: the desk's own.
    """
    rng, found = np.random.default_rng(seed), []
    for text in texts:
        hit = rng.random(len(text)) < share
        hit[len(text) - spared :] = False
        found.append(np.where(hit, rng.choice(words, len(text)), text))
    return found


def voted(
    way: Way,
    *,
    copies: Count,
    share: Share,
    words: Ints,
    refusal: Count,
    as_published: bool = False,
    seed: Seed,
) -> Way:
    """Refuses where at least half of the perturbed copies are [robey2023smoothllm].

    Parameters
    ----------
    copies : int
    share : float
        Of the tokens that are replaced in each copy, by `words`.
    refusal : int
        The token by which a refused answer begins.
    as_published : bool
        Where most copies are answered, whether the answer to one of these is given; the
        answer to the text itself, if not.
    """
    if not len(words):
        raise BadInput("got no word to replace others by; wanted at least one")

    def answered(texts: Tokens) -> Ints:
        many = [text for text in texts for _ in range(copies)]
        changed = perturbed(many, share=share, words=words, seed=seed)
        told = way(changed).reshape(len(texts), copies, -1)
        refused = told[:, :, 0] == refusal
        if as_published:
            luck = np.random.default_rng([seed, 1]).random(refused.shape)
            chosen = np.where(refused, -1.0, luck).argmax(axis=1)
            said = told[np.arange(len(texts)), chosen]
        else:
            said = way(texts)
        return _refused(said, refused.mean(axis=1) >= 0.5, refusal)

    return answered


def _refused(told: Ints, flags: Bools, refusal: int) -> Ints:
    """Answers (n, most), where flagged the refusal alone."""
    no = np.full(told.shape[1], -1)
    no[0] = refusal
    return np.where(flags[:, None], no, told)
