"""What does a language model tell of a text, to whoever may only ask?"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from foible.arrays import Floats, Tokens, likeliest
from foible.domains import Count, Natural
from foible.errors import BadInput
from foible.models.language import Language
from foible.oracle import AnswerKind, Oracle

TextTransport: TypeAlias = Callable[..., NDArray[Any]]
"""Takes texts, and perhaps a bias (n, V), to an answer for each."""


def text_transport(
    model: Language, *, answers: AnswerKind = "values", most: Count = 16, top: Count = 5
) -> TextTransport:
    """The way to what a language model says of texts, and to nothing else.

    Parameters
    ----------
    model : Language
    answers : {"values", "probabilities", "label", "top", "tokens"}
        Of the next token the logits (n, V), the probabilities (n, V), the likeliest
        (n,), or the likeliest few with their log-probabilities, (n, top, 2), the first
        the likeliest; or what comes behind each text, (n, most), see
        `Language.complete`.
    most, top : int
        How many tokens are added at most, and how many are told of.
    """
    if top > model.words:
        raise BadInput(f"got top={top}; wanted 1 to {model.words}, all words")

    def told(texts: Tokens, bias: Floats | None = None) -> NDArray[Any]:
        if answers == "tokens":
            added = None if bias is None else _biased(bias)
            return model.complete(texts, most=most, adjusted=added)
        said = model.logits(texts) if bias is None else model.logits(texts) + bias
        if answers == "values":
            return said
        if answers == "label":
            return likeliest(said)
        if answers == "probabilities":
            return np.asarray(softmax(said, axis=1))
        return _best(np.asarray(log_softmax(said, axis=1)), top)

    return told


def _biased(bias: Floats) -> Any:
    if len(bias) != 1 and (bias != bias[0]).any():
        raise BadInput("got several biases; wanted one for all texts that go on")
    return lambda _, said: said + bias[0]


def _best(said: Floats, top: int) -> Floats:
    """The tokens of the largest values (n, V), and these, (n, top, 2)."""
    order = np.argsort(-said, axis=1, kind="stable")[:, :top]
    return np.stack([order, np.take_along_axis(said, order, 1)], axis=2)


def text_oracle(
    model: Language,
    *,
    budget: Natural | None = None,
    answers: AnswerKind = "values",
    most: Count = 16,
    top: Count = 5,
    biased: bool = False,
) -> Oracle:
    """A language model seen from outside, with a new account of queries.

    One text is one query. The settings are those of `text_transport`; with `biased` the
    asker may add numbers to the logits, as some services allow [carlini2024stealing].
    """
    return Oracle(
        text_transport(model, answers=answers, most=most, top=top),
        budget=budget,
        answers=answers,
        questions="texts",
        biased=biased,
    )
