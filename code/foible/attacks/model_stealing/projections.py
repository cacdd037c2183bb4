"""Which matrix makes a language model's logits, when only its answers are seen?

It takes d hidden values to the logits of V words, and d is far below V: so logits span
d dimensions, whatever is asked [carlini2024stealing].
"""

from typing import Annotated

import numpy as np

from foible.arrays import Floats, Tokens
from foible.domains import Count, Positive, Several, shaped
from foible.errors import BadInput
from foible.oracle import Oracle


def through_top(
    oracle: Oracle,
    texts: Tokens,
    *,
    words: Several,
    top: Several = 5,
    bias: Positive = 100.0,
) -> Floats:
    """Logits of every word over that of word 0, from the likeliest few alone.

    A bias lifts word 0 and the next few words above all others, and in the difference
    of two log-probabilities it is gone again [carlini2024stealing].

    Parameters
    ----------
    oracle : Oracle
        Tells the `top` likeliest next words with their log-probabilities, and takes a
        bias.
    texts : sequence of ndarray of shape (t,)
    words : int
        How many words there are, V.
    top : int
        How many are told, 2 or more.
    bias : float
        Larger than logits differ.

    Returns
    -------
    ndarray of shape (n, V)
        For V - 1 over top - 1 queries a text, rounded up.

    BadInput: a bias too small, so that other words are told.
    """
    groups = [
        np.append(0, np.arange(start, min(start + top - 1, words)))
        for start in range(1, words, top - 1)
    ]
    table = np.zeros((len(groups), words))
    for row, group in zip(table, groups, strict=True):
        row[group] = bias
    found = np.zeros((len(texts), words))
    for logits, text in zip(found, texts, strict=True):
        told = oracle.ask([text] * len(groups), bias=table)
        for group, pairs in zip(groups, told, strict=True):
            said = {int(word): value for word, value in pairs}
            if not said.keys() >= {*group.tolist()}:
                raise BadInput(
                    f"got other words under bias={bias}; wanted a larger one"
                )
            logits[group] = [said[word] - said[0] for word in group.tolist()]
    return found


def projection(answers: Annotated[Floats, shaped("n", "v")], *, width: Count) -> Floats:
    """The matrix that makes logits of hidden values, up to an invertible one, (V, d).

    Parameters
    ----------
    answers : ndarray of shape (n, V)
        Logits, or log-probabilities, of more texts than `width`.
    width : int
        Hidden values, d; see `hidden_width`.
    """
    if width > min(answers.shape):
        raise BadInput(
            f"got width={width} and answers of shape {answers.shape}; wanted no more "
            "than either side"
        )
    centred = answers - answers.mean(axis=0)
    return np.asarray(np.linalg.svd(centred, full_matrices=False)[2][:width].T)


def missed(
    found: Annotated[Floats, shaped("v", "k")],
    true: Annotated[Floats, shaped("v", "d")],
) -> float:
    """How far a true matrix is from what the found one spans, relative to its size.

    A number that is added to all logits of a text changes no probability, and is not
    counted.
    """
    span = np.column_stack([found, np.ones(len(found))])
    rest = true - span @ np.linalg.lstsq(span, true, rcond=None)[0]
    return float(np.linalg.norm(rest) / np.linalg.norm(true))
