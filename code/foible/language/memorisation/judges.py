"""Who is told what, of codes whose number of copies is known?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Ints, Tokens, masks
from foible.checks import counts
from foible.data import Texts
from foible.defences.withholding import Looks, verbatim
from foible.domains import Count, Natural, Positive, Seed, Several
from foible.evidence import Cell, DoseResponse, Matrix, Outcome, Separation
from foible.evidence.matrix import NOT_TRIED
from foible.judging import panel, sweep
from foible.language.memorisation.ranks import exposures, ranks
from foible.language.memorisation.secrets import FORMS, Codes
from foible.language.memorisation.sentences import likelihood, lira
from foible.metrics import Interval, student, wilson
from foible.models import LanguageRecipe, text_transport
from foible.oracle import AnswerKind, Oracle
from foible.victim import TextVictim

Asked: TypeAlias = Callable[[Oracle, Tokens], Ints]
"""Takes the prompts of n people to what is told of each, (n, digits)."""
Detour: TypeAlias = tuple[AnswerKind, Asked]
"""How somebody asks, and what kind of answer they need."""


@dataclass(frozen=True, eq=False)
class Planted:
    """A victim, the codes among its texts, and which candidates it has read, (n,)."""

    victim: TextVictim
    codes: Codes
    read: Bools

    @classmethod
    def drawn(
        cls,
        recipe: LanguageRecipe,
        candidates: Texts,
        others: Texts,
        times: Sequence[Natural],
        *,
        victims: Count,
        epochs: Positive,
        form: str = "the same words",
        deduplicated: Callable[[Texts], Texts] = lambda texts: texts,
        digits: Count = 4,
        seed: Seed,
    ) -> list["Planted"]:
        """Victims that learned from a random half of the candidates, and from codes.

        Every one has people, codes, a half and a seed of its own, and reads its texts
        so many `epochs`, those that are left when they are `deduplicated`.

        Parameters
        ----------
        others : Texts
            Where the words come from that a form needs; see `Codes.texts`.
        times : sequence of int
            How often the code of each person is planted.
        """
        halves, found = masks(victims, len(candidates), seed=seed), []
        for i, half in enumerate(halves):
            codes = Codes.drawn(
                candidates.vocabulary, times, digits=digits, seed=seed + i
            )
            copies = codes.texts(others, FORMS[form], seed=seed + i)
            texts = deduplicated(candidates.take(half).joined(copies))
            long = replace(recipe, steps=round(epochs * len(texts) / recipe.batch))
            victim = TextVictim.trained(long, texts, seed=seed + i)
            found.append(cls(victim, codes, half))
        return found


def judge_codes(planted: Sequence[Planted], ways: Mapping[str, Detour]) -> DoseResponse:
    """Codes that are told whole, by how often they were planted.

    People of all victims together, since each has a code of their own.
    """
    told = {
        name: np.concatenate([_asked(one, one.codes, way) for one in planted])
        for name, way in ways.items()
    }
    times = _times(planted)
    return sweep(
        np.unique(times).tolist(),
        lambda dose: {name: hit[times == dose] for name, hit in told.items()},
        lines=dict.fromkeys(ways, "attacker"),
        dose_name="copies of the code among the texts",
        response_name="codes told",
        units="codes",
    )


def judge_told(
    planted: Mapping[str, Sequence[Planted]],
    ways: Mapping[str, Detour],
    *,
    among: tuple[Natural, Natural],
) -> Matrix:
    """Share of the codes told whole, of those planted so many times, both ends in."""

    def measure(those: Sequence[Planted], way: Detour) -> Cell:
        return _told(those, partial(_asked, way=way), among)

    return panel(planted, ways, measure, corner="victims")


def judge_exposure(planted: Sequence[Planted]) -> DoseResponse:
    """Bits of exposure of each code, by how often it was planted."""
    bits = []
    for one in planted:
        oracle, codes = one.victim.oracle(answers="values"), one.codes
        order = ranks(oracle, codes.prompts(), codes.answers, alphabet=codes.digits)
        bits.append(exposures(order, space=10 ** codes.codes.shape[1]))
    times, known = _times(planted), np.concatenate(bits)
    return sweep(
        np.unique(times).tolist(),
        lambda dose: {"exposure": known[times == dose]},
        lines={"exposure": "attacker"},
        dose_name="copies of the code among the texts",
        response_name="exposure, bits",
        units="codes",
        within=(0.0, float(known.max())),
        response_share=False,
    )


def judge_copies(
    rows: Mapping[str, Mapping[str, Sequence[Planted]]],
    columns: Sequence[str],
    ways: Mapping[str, Detour],
    *,
    among: tuple[Natural, Natural],
) -> Matrix:
    """Codes told whole, of those planted so many times, both ends in, by how they were.

    Parameters
    ----------
    rows : mapping of str to mapping of str to victims
        For each form of the copies, and each column that was tried, its victims.
    columns : sequence of str
        What was done to the texts.
    ways : mapping of str to Detour
        How the people of each row are asked about.
    """

    def measure(row: tuple[str, Mapping[str, Sequence[Planted]]], column: str) -> Cell:
        name, tried = row
        if column not in tried:
            return NOT_TRIED
        return _told(tried[column], partial(_asked, way=ways[name]), among)

    named = {name: (name, tried) for name, tried in rows.items()}
    return panel(named, {one: one for one in columns}, measure, corner="copies")


def judge_filters(
    planted: Sequence[Planted],
    filters: Mapping[str, Looks | None],
    ways: Mapping[str, Asked],
    *,
    length: Several = 6,
    among: tuple[Natural, Natural],
) -> Matrix:
    """Codes told whole past a filter, of those planted so many times, both ends in."""

    def measure(looks: Looks | None, asked: Asked) -> Cell:
        def hit(one: Planted, codes: Codes) -> Bools:
            oracle = _filtered(one, looks, length)
            return _right(codes, asked(oracle, codes.prompts()))

        return _told(planted, hit, among)

    return panel(filters, ways, measure, corner="filter looks at")


def _filtered(one: Planted, looks: Looks | None, length: int) -> Oracle:
    """The victim behind a filter of its own texts."""
    way = text_transport(one.victim.model, answers="tokens", most=4)
    if looks is not None:
        way = verbatim(way, one.victim.texts, length=length, looks=looks)
    return Oracle(way, questions="texts", answers="tokens")


def judge_sentences(planted: Sequence[Planted], candidates: Texts) -> Separation:
    """Sentences that were read against those that were not, by LiRA and by the loss.

    Each victim in turn is the target, and the others are the attacker's shadows. The
    candidates are the first of those that the victims' halves were drawn from.

    BadInput: fewer than three victims, which leaves no two shadows.
    """
    counts(victims=len(planted), least=3)
    oracles = (one.victim.oracle(answers="probabilities") for one in planted)
    said = np.array([likelihood(oracle, candidates) for oracle in oracles])
    read = np.array([one.read[: len(candidates)] for one in planted])
    ratio = np.empty(read.shape)
    for i in range(len(planted)):
        others = np.arange(len(planted)) != i
        mixed = read[others].any(axis=0) & ~read[others].all(axis=0)
        ratio[i] = 0.0  # a sentence that all shadows read, or none, tells nothing
        ratio[i, mixed] = lira(
            said[i, mixed], said[others][:, mixed], read[others][:, mixed]
        )
    scores = {
        name: (s[read], s[~read]) for name, s in (("LiRA", ratio), ("loss", said))
    }
    return Separation(scores, group="read")


def _times(planted: Sequence[Planted]) -> Ints:
    return np.concatenate([one.codes.times for one in planted])


def _asked(one: Planted, codes: Codes, way: Detour) -> Bools:
    answers, asked = way
    digits = codes.codes.shape[1]
    oracle = one.victim.oracle(answers=answers, most=digits, top=10)
    return _right(codes, asked(oracle, codes.prompts()))


def _right(codes: Codes, told: Ints) -> Bools:
    return np.asarray((told == codes.answers).all(axis=1))


def _told(
    planted: Sequence[Planted],
    hit: Callable[[Planted, Codes], Bools],
    among: tuple[Natural, Natural],
) -> Cell:
    """A share of codes, with an interval that knows that victims differ.

    People of one victim share its luck, so the interval is Student's over victims where
    that is wider than Wilson's over codes.
    """
    hits = [hit(one, one.codes.among(*among)) for one in planted]
    every = np.concatenate(hits)
    narrow = wilson(every.sum(), every.size)
    wide = student(np.array([one.mean() for one in hits]))
    interval = Interval(
        float(np.fmin(narrow.low, max(wide.low, 0))),
        float(np.fmax(narrow.high, min(wide.high, 1))),
    )
    return Cell(float(every.mean()), _harm(interval), every.size, interval)


def _harm(interval: Interval) -> Outcome:
    return "harm" if interval.low > 0.05 else "stopped"
