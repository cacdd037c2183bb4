"""How does what is asked become the one text that a model reads?

A `Frame` makes one text of a request: what the model reads. A defence is another frame,
or takes a frame to one, or teaches the model what a frame means.
"""

from collections.abc import Sequence

import numpy as np

from foible.arrays import Ints
from foible.data import Orders, Texts, Vocabulary
from foible.defences.fencing.asking import Frame, Request
from foible.domains import Seed, Share, Some
from foible.models import Language

MARKS = ("[", "]")


def one_channel(vocabulary: Vocabulary) -> Frame:
    """No defence: orders and documents as one text, one behind the other."""
    return lambda asked: vocabulary.tokens(
        " ".join(word for part in asked.parts for word in part.words)
    )


def fenced(frame: Frame, *, marks: tuple[str, str] = MARKS) -> Frame:
    """A mark before each document, and one behind it."""

    def framed(asked: Request) -> Ints:
        for place in asked.documents:
            words = asked.parts[place].words
            asked = asked.with_document(place, (marks[0], *words, marks[1]))
        return frame(asked)

    return framed


def stripped(frame: Frame, *, marks: Sequence[str] = MARKS) -> Frame:
    """These words are taken out of each document before it is framed."""

    def framed(asked: Request) -> Ints:
        for place in asked.documents:
            words = asked.parts[place].words
            kept = [word for word in words if word not in marks]
            asked = asked.with_document(place, kept)
        return frame(asked)

    return framed


def two_channels(vocabulary: Vocabulary) -> Frame:
    """Each word of a document as another token than the user's same word.

    Of the vocabulary's `twice`: a second vector for each word, so that the model is
    told of each token whose it is [zverev2025aside].
    """

    def framed(asked: Request) -> Ints:
        tokens = [
            vocabulary.tokens(" ".join(part.words)) + part.document * len(vocabulary)
            for part in asked.parts
        ]
        return np.concatenate(tokens)

    return framed


def doubled(model: Language) -> Language:
    """The model with a second vector for each word, for data; at first the same one."""
    weights = model.weights()
    weights["words"] = np.concatenate([weights["words"]] * 2)
    return Language(model.heads, weights)


def distrusting(
    asked: Sequence[Request], orders: Orders, *, share: Share, seed: Seed
) -> list[Request]:
    """Requests to learn from, in a share of which a document holds an order.

    It stands at any place of one of the documents, and what is wanted stays what the
    user wanted: so a model learns to ignore it [chen2025struq].
    """
    rng, taught = np.random.default_rng(seed), []
    for one in asked:
        if rng.random() < share:
            place = int(rng.choice(one.documents))
            words = [*one.parts[place].words]
            tongue = orders.tongues[rng.integers(len(orders.tongues))]
            at = int(rng.integers(len(words) + 1))
            words[at:at] = ["in", tongue]
            one = one.with_document(place, words)
        taught.append(one)
    return taught


def lessons(asked: Some[Request], orders: Orders, frame: Frame) -> Texts:
    """What a model learns from: each request as framed, then the right answer."""
    vocabulary = orders.vocabulary
    read = [frame(one) for one in asked]
    told = [vocabulary.tokens(orders.answer(one.wanted, one.letters)) for one in asked]
    most = max((int(text.max(initial=0)) for text in read), default=0)
    both = (np.concatenate([a, b, [0]]) for a, b in zip(read, told, strict=True))
    return Texts(
        "requests",
        tuple(both),
        vocabulary if most < len(vocabulary) else vocabulary.twice(),
        "drawn requests",
        np.array([len(text) for text in read]),
    )
