"""Whose answer is given after what was planted, and what is read off vectors?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from foible import metrics, models
from foible.arrays import Bools, Floats, Ints
from foible.data import published_models
from foible.defences import retrieving, veiling
from foible.domains import Amount, Count, Dose, Level, Natural, Seed, Some
from foible.evidence import DoseResponse, Matrix, Outcome
from foible.judging import counted, panel, sweep
from foible.language.retrieval.inverting import Inverter, turned_back
from foible.language.retrieval.searching import Found, Remembered, Store, together
from foible.language.retrieval.worlds import Passage, Question, World, help_passages
from foible.plots import Meaning as Colour

TOLERATED = 0.05  # share of questions above which an attack counts as harm


# ---------------------------------------------------------------- the desk


@dataclass(frozen=True, eq=False)
class Case:
    """A question at a store, and the honest passages that are found for it.

    Parameters
    ----------
    store : Store
    question : Question
    vector : ndarray of shape (width,)
        The question's.
    honest : Found
    seed : int
        Of what an attacker draws for it.
    """

    store: Store
    question: Question
    vector: Floats
    honest: Found
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
    sieve: Callable[[Found], Found] = lambda found: found
    read: Callable[[Sequence[Sequence[str]]], str | None] = together

    def claims(self, question: Question, found: Found) -> list[list[str]]:
        """What each of the passages that are read claims to be the answer."""
        kept = self.sieve(found).texts[: self.k]
        return [question.claims(text) for text in kept]

    def answer(self, question: Question, found: Found) -> str | None:
        """What is answered."""
        return self.read(self.claims(question, found))

    def right(self, cases: Some[Case]) -> Bools:
        """Whether each question is answered rightly, nothing planted, (n,)."""
        told = [self.answer(one.question, one.honest) for one in cases]
        return _same(told, [one.question.truth for one in cases])


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

    def found(self, *, count: Natural, accounts: Count = 3) -> list[Found]:
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
            more = Found(theirs, vectors[:count])
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
        return _same(told, [one.question.target.lie for one in self.cases])


def _same(said: Sequence[str | None], wanted: Sequence[str | None]) -> Bools:
    """Whether each answer is what is wanted, the whole string, (n,)."""
    return np.array([a == b for a, b in zip(said, wanted, strict=True)])


# ---------------------------------------------------------------- poisoned passages


def judge_counts(
    desk: Desk,
    planted: Mapping[str, Planted],
    *,
    counts: Some[int],
    lines: Mapping[str, Colour],
) -> DoseResponse:
    """Answers that are the attacker's, by how many passages they planted."""
    return sweep(
        counts,
        lambda count: {
            name: planted[name].lied(desk, count=int(count)) for name in lines
        },
        lines=lines,
        dose_name="passages planted for a question",
        response_name="lies answered",
        units="questions",
    )


def judge_desks(
    desks: Mapping[str, Desk],
    planted: Mapping[str, tuple[Planted, Count, Count]],
    cases: Some[Case],
) -> Matrix:
    """How often each desk gives each attacker's answer, and is right without one.

    Parameters
    ----------
    desks : mapping of str to Desk
    planted : mapping of str to (Planted, int, int)
        What was written, how much of it is planted, and under how many sources.
    cases : sequence of Case
    """

    def measured(desk: Desk, column: str) -> Bools:
        if column == "right":
            return desk.right(cases)
        wrote, count, accounts = planted[column]
        return wrote.lied(desk, count=count, accounts=accounts)

    return panel(
        desks,
        {name: name for name in ("right", *planted)},
        lambda desk, name: counted(
            measured(desk, name), "no attack" if name == "right" else _ended
        ),
        corner="desk",
    )


def _ended(interval: metrics.Interval) -> Outcome:
    """Harm where surely more than one in twenty get the lie, stopped where fewer."""
    if interval.low > TOLERATED:
        return "harm"
    return "undecided" if interval.high > TOLERATED else "stopped"


def judge_removal(
    cosines: Some[float],
    planted: Mapping[str, Callable[[float], Planted]],
    cases: Some[Case],
    *,
    count: Count,
    lines: Mapping[str, Colour],
) -> DoseResponse:
    """What near-duplicate removal by vectors does, by the cosine that is allowed.

    The first line are right answers with nothing planted, and the others lies.

    Parameters
    ----------
    cosines : sequence of float
    planted : mapping of str to callable
        Takes the cosine, which an attacker may know, to what is written.
    cases : sequence of Case
    count : int
        Of planted passages.
    lines : mapping of str to Meaning
        Their names, with colours.
    """

    def measure(most: float) -> dict[str, Bools]:
        sieve = partial(retrieving.without_lookalikes, most=most)
        desk = Desk(sieve=sieve, read=retrieving.isolated)
        told = {
            name: one(most).lied(desk, count=count) for name, one in planted.items()
        }
        return {next(iter(lines)): desk.right(cases)} | told

    return sweep(
        cosines,
        measure,
        lines=lines,
        dose_name="largest cosine that two passages may have",
        response_name="answers",
        units="questions",
    )


# ---------------------------------------------------------------- the certificate


def certified(desk: Desk, cases: Some[Case], *, quorum: Count = 1) -> Ints:
    """How many planted passages cannot change each answer, int64 of shape (n,).

    For a desk that reads by `retrieving.isolated` and whose sieve takes out no honest
    passage on account of a planted one: none, or a quota per source, where sources are
    counted instead of passages.
    """
    return np.array(
        [
            retrieving.withstood(
                desk.claims(one.question, one.honest), k=desk.k, quorum=quorum
            )
            for one in cases
        ]
    )


def breaks(
    desk: Desk,
    *,
    planted: Mapping[str, Planted],
    cases: Some[Case],
    counts: Some[int],
    quorum: Count = 1,
) -> tuple[int, int]:
    """How often an attack changed an answer against its certificate, and of how many.

    Every attack is tried with every number of passages on every question whose
    certificate covers that number.
    """
    holds = certified(desk, cases, quorum=quorum)
    before = [desk.answer(one.question, one.honest) for one in cases]
    broken = tried = 0
    for wrote in planted.values():
        for count in counts:
            after = wrote.answers(desk, count=count, accounts=count)
            moved = ~_same(before, after)
            broken += int(moved[holds >= count].sum())
            tried += int((holds >= count).sum())
    return broken, tried


def judge_certificate(
    desk: Desk, planted: Mapping[str, Planted], cases: Some[Case], *, counts: Some[int]
) -> DoseResponse:
    """Right answers that are certified, and right ones under the worst of our attacks.

    Between the two lie answers that no attack of ours changed and another may.
    """
    holds, right = certified(desk, cases), desk.right(cases)

    def measure(count: float) -> dict[str, Bools]:
        stays = right.copy()
        for wrote in planted.values():
            told = wrote.answers(desk, count=int(count), accounts=max(1, int(count)))
            stays &= _same(told, [one.question.truth for one in cases])
        return {"certified": right & (holds >= count), "under attack": stays}

    return sweep(
        counts,
        measure,
        lines={"certified": "defence", "under attack": "attacker"},
        dose_name="passages planted for a question",
        response_name="right answers",
        units="questions",
    )


# ---------------------------------------------------------------- vectors


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

    def right(self, vectors: Floats) -> Bools:
        """Whether questions are answered rightly by a search through these vectors."""
        veiled = Store(self.store.passages, self.store.meaning, vectors)
        desk = Desk(read=retrieving.isolated)
        told = [
            desk.answer(one.question, veiled.search(one.vector)) for one in self.cases
        ]
        return _same(told, [one.question.truth for one in self.cases])


def judge_noise(
    thefts: Some[Theft], *, lengths: Some[Amount], seed: Seed
) -> DoseResponse:
    """What noise hides and what it costs, by its length.

    The thief learns from vectors without noise: from noisy ones they read less.
    """

    def measure(length: float) -> dict[str, Floats]:
        told: dict[str, list[Floats | Bools]] = {line: [] for line in lines}
        for i, theft in enumerate(thefts):
            plain = theft.store.vectors
            kept = veiling.noisy(plain, length=length, seed=seed + i)
            thief = Inverter.learned(theft.made, theft.own)
            stolen = kept[theft.private]
            told["words read"].append(thief.found(stolen, theft.texts))
            told["commonest words"].append(thief.blind.found(stolen, theft.texts))
            told["right answers"].append(theft.right(kept))
        return {line: np.concatenate(one).astype(float) for line, one in told.items()}

    lines: dict[str, Colour] = {
        "words read": "attacker",
        "commonest words": "chance",
        "right answers": "victim",
    }
    return sweep(
        lengths,
        measure,
        lines=lines,
        dose_name="length of the noise, in lengths of a vector",
        response_name="share",
        units="passages or questions",
    )


def judge_key(thefts: Some[Theft], *, shares: Some[Dose], seed: Seed) -> DoseResponse:
    """Words read under a key, by how many of the thief's texts are in the store too.

    Parameters
    ----------
    thefts : sequence of Theft
    shares : sequence of float
        Known texts, as a share of the width of a vector; with none, the thief reads
        the vectors as they are.
    seed : int
        Of the keys.
    """

    def measure(share: float) -> dict[str, Floats]:
        read, common = [], []
        for i, theft in enumerate(thefts):
            turn = veiling.key(theft.made.shape[1], seed=seed + i)
            stolen = theft.store.vectors[theft.private] @ turn
            known = theft.made[: round(share * theft.made.shape[1])]
            if len(known):
                stolen = turned_back(stolen, made=known, kept=known @ turn)
            thief = Inverter.learned(theft.made, theft.own)
            read.append(thief.found(stolen, theft.texts))
            common.append(thief.blind.found(stolen, theft.texts))
        return {
            "words read": np.concatenate(read),
            "commonest words": np.concatenate(common),
        }

    return sweep(
        shares,
        measure,
        lines={"words read": "attacker", "commonest words": "chance"},
        dose_name="known texts, share of a vector's width",
        response_name="share of a passage's words",
        units="passages",
        dose_share=True,
    )
