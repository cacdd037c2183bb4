"""Which answers of a language model are not to be told?

A filter stands between a model and those who ask it, as those of `muting` do: it takes
the way to the model's tokens and gives back a way that tells less.
"""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Ints, Tokens
from foible.data import Texts
from foible.domains import Several
from foible.models.asking import TextTransport

Looks: TypeAlias = Literal["answer", "end", "everything"]
"""At what a filter looks: the answer alone, passages that end in it, or the prompt."""


def verbatim(
    transport: TextTransport,
    texts: Texts,
    *,
    length: Several = 6,
    looks: Looks = "end",
) -> TextTransport:
    """No passage of the training texts is finished [ippolito2023preventing].

    An answer ends before the token that would complete `length` tokens in a row of one
    of the texts; it is -1 from there on. No passage is missed and none is suspected
    wrongly: the passages are kept as they are, and not in a Bloom filter.

    Parameters
    ----------
    transport : callable
        Takes texts to tokens; see `models.text_transport`.
    texts : Texts
        What must not be repeated.
    length : int
        Of a passage, in tokens.
    looks : {"answer", "end", "everything"}
        Whether passages count within the answer alone, or if they end in the answer and
        begin in the prompt, or wherever they stand: then a prompt that has one already
        is not answered.
    """
    known = {
        text[i : i + length].tobytes()
        for text in texts
        for i in range(len(text) - length + 1)
    }

    def stands(so_far: Ints) -> bool:
        return so_far[-length:].tobytes() in known

    def told(asked: Tokens, *more: Any) -> NDArray[Any]:
        answers = np.array(transport(asked, *more))
        for prompt, answer in zip(asked, answers, strict=True):
            if looks == "everything" and any(
                stands(prompt[:i]) for i in range(length, len(prompt) + 1)
            ):
                answer[:] = -1
            before = prompt[:0] if looks == "answer" else prompt
            for place in range(len(answer)):
                if stands(np.append(before, answer[: place + 1])):
                    answer[place:] = -1
                    break
        return answers

    return told
