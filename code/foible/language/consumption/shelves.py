"""Where are passages looked up, and what do people ask?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Floats, Ints, Tokens
from foible.data import Vocabulary, help_documents
from foible.data.texts import words_of
from foible.domains import Count, Natural, Seed
from foible.language.consumption.finding import Index
from foible.models import Semantic, semantic
from foible.oracle import Oracle


@dataclass(frozen=True, eq=False)
class Shelf:
    """Passages of Python's own help in an index, and questions about others.

    Parameters
    ----------
    meaning : Semantic
        Gives a vector to a text.
    index : Index
        Of the passages' vectors.
    vocabulary : Vocabulary
        The words of the questions.
    questions : tuple of ndarray of shape (t,)
        What honest people ask: words that stand together in a passage that is not in
        the index.
    """

    meaning: Semantic
    index: Index
    vocabulary: Vocabulary
    questions: tuple[Ints, ...]

    @classmethod
    def filled(
        cls,
        *,
        questions: Count = 500,
        asked: Count = 8,
        words: Count = 30,
        width: Count = 8,
        seed: Seed,
    ) -> "Shelf":
        """Passages of so many words, all but those that questions are made of.

        Parameters
        ----------
        questions : int
            How many, of `asked` words each.
        width : int
            Numbers of a vector.
        """
        rng = np.random.default_rng(seed)
        passages = _passages(words)
        order = rng.permutation(len(passages))
        inside = [" ".join(passages[i]) for i in order[questions:]]
        said = []
        for i in order[:questions]:
            start = int(rng.integers(len(passages[i]) - asked + 1))
            said.append(" ".join(passages[i][start : start + asked]))
        meaning = semantic(inside, width=width, seed=seed)
        vocabulary = Vocabulary.of(said)
        index = Index.built(meaning.vectors(inside), leaf=2)
        return cls(meaning, index, vocabulary, tuple(map(vocabulary.tokens, said)))

    def vectors(self, texts: Tokens) -> Floats:
        """The vector of each text, (n, width); nought where no word is known."""
        return self.meaning.vectors([self.vocabulary.text(text) for text in texts])

    def looked_up(
        self, texts: Tokens, *, nodes: Count | None = None
    ) -> tuple[Ints, Ints]:
        """The nearest passage of each text, and how many nodes were opened for it."""
        return self.index.nearest(self.vectors(texts), nodes=nodes)

    def meter(self, *, budget: Natural | None = None) -> Oracle:
        """Tells how many nodes were opened for a text, (n, 1), for a query each."""

        def told(texts: Tokens) -> NDArray[Any]:
            return self.looked_up(texts)[1][:, np.newaxis]

        return Oracle(told, answers="values", questions="texts", budget=budget)


def _passages(words: int) -> list[list[str]]:
    """The words of the help, so many a passage, its last ones if they are half."""
    said = [
        [word for word in words_of(one) if word.isalpha() and len(word) > 1]
        for one in help_documents()
    ]
    return [
        one[i : i + words]
        for one in said
        for i in range(0, len(one) - words // 2 + 1, words)
    ]
