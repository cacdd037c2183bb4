"""What does a model answer that stops thinking as soon as it is sure, at what work?

Work is counted and not timed: layers computed for the tokens of an answer.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from foible.arrays import Bools, Ints, Tokens
from foible.domains import Count, Share
from foible.errors import BadInput
from foible.models.language import Language


@dataclass(frozen=True, eq=False)
class Answered:
    """Answers to n texts, and what they took.

    Parameters
    ----------
    tokens : ndarray of shape (n, m)
        -1 from the answer's end on.
    layers : ndarray of shape (n, m)
        How many were computed for each token, its end included; 0 behind it.
    """

    tokens: Ints
    layers: Ints

    @property
    def length(self) -> Ints:
        """Tokens computed for each answer, the end among them, (n,)."""
        return np.asarray((self.layers > 0).sum(axis=1))

    @property
    def work(self) -> Ints:
        """Layers computed for each answer, (n,)."""
        return np.asarray(self.layers.sum(axis=1))

    @property
    def ended(self) -> Bools:
        """Whether each answer came to its own end, (n,)."""
        return np.asarray(
            (self.layers > 0).sum(axis=1) > (self.tokens >= 0).sum(axis=1)
        )


def answered(
    model: Language,
    texts: Tokens,
    *,
    sure: Share,
    tokens: Count | None = None,
    layers: Count | None = None,
) -> Answered:
    """The likeliest words behind each text, read off at the first layer that is sure.

    A layer is left where the likeliest word has a probability of at least `sure`
    [teerapittayanon2016branchynet]; the last is left anyhow. What earlier words need of
    later layers is not counted.

    Parameters
    ----------
    model : Language
        One whose every layer was trained to say what comes next.
    texts : sequence of ndarray of shape (t,)
        None as long as the context.
    sure : float
    tokens, layers : int, optional
        Caps: an answer is cut off when it has so many tokens, or when its next token
        would take more layers. What the context holds, if left out.
    """
    longest = max((len(text) for text in texts), default=0)
    room = model.context - longest
    if room < 1:
        raise BadInput(
            f"got a text of {longest} tokens; wanted at most {model.context - 1}"
        )
    most = room if tokens is None else min(tokens, room)
    told, taken = np.full((2, len(texts), most), -1)
    going = np.arange(len(texts))
    so_far = [np.asarray(text) for text in texts]
    for step in range(most):
        said, deep = _next([so_far[i] for i in going], model, sure)
        spent = np.maximum(taken[going], 0).sum(axis=1) + deep
        kept = spent <= (np.inf if layers is None else layers)
        going, said, deep = going[kept], said[kept], deep[kept]
        taken[going, step] = deep
        going, said = going[said != 0], said[said != 0]
        if not len(going):
            break
        told[going, step] = said
        for i, token in zip(going, said, strict=True):
            so_far[i] = np.append(so_far[i], token)
    return Answered(told, np.maximum(taken, 0))


def _next(texts: Tokens, model: Language, sure: float) -> tuple[Ints, Ints]:
    """The next token of each text, (n,), and after how many layers it was sure."""
    said, deep = np.zeros((2, len(texts)), np.int64)
    unsure = np.arange(len(texts))
    for layer in range(1, model.layers + 1):
        hidden = model.hidden([texts[i] for i in unsure.tolist()], layers=layer)
        chance = softmax(model.read_off(hidden), axis=1)
        said[unsure], deep[unsure] = chance.argmax(axis=1), layer
        unsure = unsure[chance.max(axis=1) < sure]
        if not len(unsure):
            break
    return said, deep
