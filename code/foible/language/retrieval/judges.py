"""Whose answer is given after what was planted, and what is read off vectors?"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.defences import retrieving, veiling
from foible.domains import Amount, Count, Dose, Seed, Some
from foible.evidence import BeforeAfter, DoseResponse, Matrix
from foible.judging import beyond, counted, panel, sweep
from foible.language.retrieval.desks import Case, Desk, Planted, Theft, same
from foible.language.retrieval.inverting import Inverter, turned_back
from foible.language.retrieval.searching import Store
from foible.plots import Meaning

TOLERATED = 0.05  # share of questions above which an attack counts as harm


# ---------------------------------------------------------------- poisoned passages


def judge_counts(
    desk: Desk,
    planted: Mapping[str, Planted],
    *,
    counts: Some[int],
    lines: Mapping[str, Meaning],
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
            measured(desk, name), "no attack" if name == "right" else beyond(TOLERATED)
        ),
        corner="desk",
    )


def judge_removal(
    cosines: Some[float],
    planted: Mapping[str, Callable[[float], Planted]],
    cases: Some[Case],
    *,
    count: Count,
    lines: Mapping[str, Meaning],
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


def judge_certificate(
    desk: Desk,
    planted: Mapping[str, Planted],
    cases: Some[Case],
    *,
    counts: Some[int],
    quorum: Count = 1,
) -> DoseResponse:
    """Right answers that are certified, and right ones under the worst of our attacks.

    Between the two lie answers that no attack of ours changed and another may.
    """
    holds, right = _withstood(desk, cases, quorum), desk.right(cases)

    def measure(count: float) -> dict[str, Bools]:
        stays = right.copy()
        for wrote in planted.values():
            told = wrote.answers(desk, count=int(count), accounts=max(1, int(count)))
            stays &= same(told, [one.question.truth for one in cases])
        return {"certified": right & (holds >= count), "under attack": stays}

    return sweep(
        counts,
        measure,
        lines={"certified": "defence", "under attack": "attacker"},
        dose_name="passages planted for a question",
        response_name="right answers",
        units="questions",
    )


def judge_breaks(
    desk: Desk,
    planted: Mapping[str, Planted],
    cases: Some[Case],
    *,
    counts: Some[int],
    quorum: Count = 1,
) -> BeforeAfter:
    """Whether certified answers stay as they were under every attack of ours.

    Every attack is tried with every number of passages, each under an account of its
    own, on every question whose certificate covers that number.
    """
    holds = _withstood(desk, cases, quorum)
    before = [desk.answer(one.question, one.honest) for one in cases]
    stays: list[Bools] = []
    for wrote in planted.values():
        for count in counts:
            after = wrote.answers(desk, count=count, accounts=count)
            stays.append(same(before, after)[holds >= count])
    kept = np.concatenate(stays)
    outcomes = {"certified answers": (np.ones_like(kept), kept)}
    return BeforeAfter(outcomes, change="under attack")


def _withstood(desk: Desk, cases: Some[Case], quorum: int) -> Ints:
    """How many planted passages cannot change each answer, (n,).

    For a desk that reads by `retrieving.isolated` and whose sieve takes out no honest
    passage on account of a planted one: none, or a quota per source, where sources are
    counted instead of passages.
    """
    said = [desk.claims(one.question, one.honest) for one in cases]
    return np.array(
        [retrieving.withstood(one, k=desk.k, quorum=quorum) for one in said]
    )


# ---------------------------------------------------------------- vectors


def judge_noise(
    thefts: Some[Theft], *, lengths: Some[Amount], seed: Seed
) -> DoseResponse:
    """What noise hides and what it costs, by its length.

    The thief knows the length of the noise, and shrinks what they learn by as much.
    """

    def measure(length: float) -> dict[str, Floats]:
        told: dict[str, list[Floats | Bools]] = {line: [] for line in lines}
        for i, theft in enumerate(thefts):
            plain = theft.store.vectors
            kept = veiling.noisy(plain, length=length, seed=seed + i)
            own, width = len(theft.own), plain.shape[1]
            penalty = 0.3 + own * length**2 / width
            thief = Inverter.learned(theft.made, theft.own, penalty=penalty)
            stolen = kept[theft.private]
            told["words read"].append(thief.found(stolen, theft.texts))
            told["commonest words"].append(thief.blind.found(stolen, theft.texts))
            told["right answers"].append(_right(theft, kept))
        return {line: np.concatenate(one).astype(float) for line, one in told.items()}

    lines: dict[str, Meaning] = {
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


def _right(theft: Theft, vectors: Floats) -> Bools:
    """Whether a search through these vectors answers questions rightly, (n,)."""
    veiled = Store(theft.store.passages, theft.store.meaning, vectors)
    desk = Desk(read=retrieving.isolated)
    told = [desk.answer(one.question, veiled.search(one.vector)) for one in theft.cases]
    return same(told, [one.question.truth for one in theft.cases])
