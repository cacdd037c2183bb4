"""Who is asked what, what is found after what was planted, and what is answered?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from foible import models
from foible.arrays import Bools, Floats, Ints
from foible.data import published_models
from foible.domains import Count, Level, Natural, Some
from foible.language.retrieval.searching import Ranking, Remembered, Store, together
from foible.language.retrieval.worlds import Passage, Question, World, help_passages


@dataclass(frozen=True, eq=False)
class Case:
    """A question at a store, and the honest passages that are found for it.

    Parameters
    ----------
    store : Store
    question : Question
    vector : ndarray of shape (width,)
        The question's.
    honest : Ranking
    seed : int
        Of what an attacker draws for it.
    """

    store: Store
    question: Question
    vector: Floats
    honest: Ranking
    seed: int

    @property
    def guessed(self) -> list[str]:
        """What the attacker's own search finds, for their guess of the question."""
        guess = self.store.meaning.vectors([self.question.target.guess])[0]
        return self.store.search(guess).texts


def opened(n: Count, *, seeds: Some[int], told: Level = 0.75) -> list[Case]:
    """So many questions at each of several stores, one for every seed.

    `told` is the chance that a source tells a fact.
    """
    cases, known = [], dict[str, Floats]()  # a published model's, of all stores
    for seed in seeds:
        world = World.drawn(told=told, seed=seed)
        made = models.meaning(world.texts, seed=seed)
        meaning = Remembered(made, known if published_models() else {})
        store = Store.filled(world.passages, meaning)
        asked = world.questions(n, seed=seed)
        vectors = meaning.vectors([one.asked for one in asked])
        for i, (one, vector) in enumerate(zip(asked, vectors, strict=True)):
            found = store.search(vector)
            cases.append(Case(store, one, vector, found, 1000 * seed + i))
    return cases


@dataclass(frozen=True)
class Desk:
    """Who answers: the passages that a sieve leaves, cut to the first k, and read.

    Parameters
    ----------
    k : int
        How many passages are read.
    sieve : callable
        Takes what was found to what may speak.
    read : callable
        Takes what each passage claims to the answer, or None.
    """

    k: int = 5
    sieve: Callable[[Ranking], Ranking] = lambda found: found
    read: Callable[[Sequence[Sequence[str]]], str | None] = together

    def claims(self, question: Question, found: Ranking) -> list[list[str]]:
        """What each of the passages that are read claims to be the answer."""
        kept = self.sieve(found).texts[: self.k]
        return [question.claims(text) for text in kept]

    def answer(self, question: Question, found: Ranking) -> str | None:
        """What is answered."""
        return self.read(self.claims(question, found))

    def right(self, cases: Some[Case]) -> Bools:
        """Whether each question is answered rightly, nothing planted, (n,)."""
        told = [self.answer(one.question, one.honest) for one in cases]
        return same(told, [one.question.truth for one in cases])


@dataclass(frozen=True, eq=False)
class Planted:
    """What an attacker wrote for each question, with its vectors.

    Parameters
    ----------
    cases : sequence of Case
    texts : sequence of sequences of str
        For each case.
    vectors : sequence of ndarray of shape (m, width)
    """

    cases: Sequence[Case]
    texts: Sequence[Sequence[str]]
    vectors: Sequence[Floats]

    @classmethod
    def written(
        cls, cases: Some[Case], wording: Callable[[Case], list[str]]
    ) -> "Planted":
        """The same number of passages for each case, embedded as their store does."""
        texts = [wording(one) for one in cases]
        vectors: list[Floats] = []
        for store in dict.fromkeys(one.store for one in cases):
            own = [texts[i] for i, one in enumerate(cases) if one.store is store]
            told = store.meaning.vectors([text for one in own for text in one])
            vectors += [*told.reshape(len(own), -1, told.shape[1])]
        return cls(cases, texts, vectors)

    def found(self, *, count: Natural, accounts: Count = 3) -> list[Ranking]:
        """What is found for each question after the first `count` were planted.

        Parameters
        ----------
        count : int
        accounts : int
            How many sources the attacker writes under, in turn.
        """
        every = []
        for one, texts, vectors in zip(
            self.cases, self.texts, self.vectors, strict=True
        ):
            theirs = tuple(
                Passage(text, f"account {i % accounts}")
                for i, text in enumerate(texts[:count])
            )
            more = Ranking(theirs, vectors[:count])
            every.append(one.honest.joined(more, question=one.vector))
        return every

    def answers(
        self, desk: Desk, *, count: Natural, accounts: Count = 3
    ) -> list[str | None]:
        """What a desk answers to each question then."""
        found = self.found(count=count, accounts=accounts)
        return [
            desk.answer(one.question, those)
            for one, those in zip(self.cases, found, strict=True)
        ]

    def lied(self, desk: Desk, *, count: Natural, accounts: Count = 3) -> Bools:
        """Whether each answer is the attacker's, the whole string, (n,)."""
        told = self.answers(desk, count=count, accounts=accounts)
        return same(told, [one.question.target.lie for one in self.cases])


@dataclass(frozen=True, eq=False)
class Theft:
    """A store's vectors in a thief's hands, and the thief's own texts.

    Parameters
    ----------
    store : Store
    cases : sequence of Case
        Questions at this store, for the price of a defence.
    private : ndarray of int
        Which passages of the store are to be read: those of help.
    own : list of str
        Passages of help that are not in the store.
    made : ndarray of shape (m, width)
        Their vectors, which the thief has made by the same model.
    """

    store: Store
    cases: Sequence[Case]
    private: Ints
    own: Sequence[str]
    made: Floats

    @classmethod
    def done(cls, cases: Some[Case], *, own: Count = 400) -> list["Theft"]:
        """One at each of the stores of these cases."""
        thefts = []
        for store in dict.fromkeys(one.store for one in cases):
            held = {one.text for one in store.passages}
            theirs = [text for text in help_passages() if text not in held][:own]
            where = [i for i, one in enumerate(store.passages) if one.source == "help"]
            at = [one for one in cases if one.store is store]
            made = store.meaning.vectors(theirs)
            thefts.append(cls(store, at, np.array(where, np.int64), theirs, made))
        return thefts

    @property
    def texts(self) -> list[str]:
        """What the private passages say."""
        return [self.store.passages[i].text for i in self.private]


def same(said: Sequence[str | None], wanted: Sequence[str | None]) -> Bools:
    """Whether each answer is what is wanted, the whole string, (n,)."""
    return np.array([a == b for a, b in zip(said, wanted, strict=True)])
