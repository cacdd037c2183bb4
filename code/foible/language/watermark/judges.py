"""Whose texts are called marked, and what does the mark cost?"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

import numpy as np

from foible import domains
from foible.arrays import Bools, Floats, Ints, Tokens
from foible.defences.marking import Mark, marked
from foible.domains import Count, Seed
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.judging import averaged, counted, sweep
from foible.judging.panels import Ending
from foible.language.watermark.stealing import Thief
from foible.language.watermark.writing import rewritten
from foible.metrics import Interval
from foible.models.language import Language
from foible.plots import Meaning
from foible.victim import TextVictim

CALLED = 0.01
"""A text is called marked if it would look so by chance this often, or more seldom."""
STRENGTHS = (2.0, 4.0, 6.0)
SCRUBBING = 4.0


def judge_accused(
    marks: Sequence[Mark],
    texts: Mapping[float, Mapping[str, Tokens]],
    *,
    lines: Mapping[str, Meaning],
    dose_name: str,
) -> DoseResponse:
    """Share of texts that each key calls marked, at each dose.

    A key is a unit, or a text, where there is one key.

    Parameters
    ----------
    marks : sequence of Mark
        One for each key.
    texts : mapping of float to mapping of str to texts
        Of each dose, the texts of each line.
    lines : mapping of str to Meaning
    dose_name : str
    """

    def responses(told: Tokens) -> Floats | Bools:
        each = [_called(mark, told) for mark in marks]
        return each[0] if len(marks) == 1 else np.array([np.mean(one) for one in each])

    def measure(dose: float) -> dict[str, Floats | Bools]:
        return {line: responses(told) for line, told in texts[dose].items()}

    return sweep(
        list(texts),
        measure,
        lines=lines,
        dose_name=dose_name,
        response_name="called marked",
        units="texts" if len(marks) == 1 else "keys",
        response_share=True,
    )


def judge_learning(
    victim: TextVictim,
    mark: Mark,
    thief: Thief,
    reads: Sequence[Count],
    *,
    prompts: Annotated[Ints, domains.counted("n", "t")],
    seed: Seed,
) -> DoseResponse:
    """What reading buys: texts forged and scrubbed, each beside its control.

    Parameters
    ----------
    reads : sequence of int
        How many marked texts the thief reads, ascending.
    prompts : ndarray of shape (n, t)
        Behind which the texts stand that are judged; none that the thief has.
    """
    write = partial(marked, victim.model, words=thief.length)
    theirs = write(prompts, mark, seed=seed + 1)
    blind = rewritten(thief.model, theirs, None, share=0.5, seed=seed)

    def measure(read: float) -> dict[str, Bools]:
        told = {}
        for name, signed in (("forged", mark), ("forged, no mark to read", None)):
            service = partial(write, mark=signed, seed=seed + 2)
            learned = thief.learned(service, texts=int(read), seed=seed + 3)
            strength = thief.strongest(
                learned, partial(_called, mark), strengths=STRENGTHS, seed=seed + 4
            )
            told[name] = thief.forged(learned, prompts, strength=strength, seed=seed)
            if signed is not None:
                told["scrubbed, half rewritten"] = rewritten(
                    thief.model,
                    theirs,
                    learned,
                    share=0.5,
                    strength=SCRUBBING,
                    seed=seed,
                )
        told["half rewritten blindly"] = blind
        return {name: _called(mark, each) for name, each in told.items()}

    return sweep(
        reads,
        measure,
        lines={
            "forged": "attacker",
            "forged, no mark to read": "chance",
            "half rewritten blindly": "victim",
            "scrubbed, half rewritten": "attacker",
        },
        dose_name="marked texts read, of 100 words",
        response_name="called marked",
        units="texts",
    )


def judge_knowing(
    victim: TextVictim,
    marks: Mapping[str, tuple[Mark, Count]],
    thief: Thief,
    *,
    read: Count,
    prompts: Annotated[Ints, domains.counted("n", "t")],
    seed: Seed,
) -> Matrix:
    """What an attacker who knows each mark, and not its key, makes of it.

    Of each row, the share that is called marked: the owner's own texts, as they are,
    with half of the words rewritten blindly or by what was learned, with every fourth
    word left out, and with a tenth rewritten, which forges; texts forged by what was
    learned; and texts without the mark.

    Parameters
    ----------
    marks : mapping of str to (Mark, int)
        And how many words before the attacker looks at.
    read : int
        How many marked texts the thief reads.
    prompts : ndarray of shape (n, t)
        As for `judge_learning`.
    """

    def row(mark: Mark, width: int) -> dict[str, Cell]:
        write = partial(marked, victim.model, words=thief.length)
        service = partial(write, mark=mark, seed=seed + 2)
        learned = thief.learned(service, texts=read, width=width, seed=seed + 3)
        strength = thief.strongest(
            learned, partial(_called, mark), strengths=STRENGTHS, seed=seed + 4
        )
        theirs = write(prompts, mark, seed=seed + 5)
        again = partial(rewritten, thief.model, theirs, seed=seed)
        every = np.arange(thief.length) % 4 != 3
        forged = thief.forged(learned, prompts, strength=strength, seed=seed)
        scrubbed = again(learned, share=0.5, strength=SCRUBBING)
        told: dict[str, tuple[Ints, Ending]] = {
            "found": (theirs, "no attack"),
            "no mark": (write(prompts, None, seed=seed + 5), "no attack"),
            "half rewritten": (again(None, share=0.5), _missed),
            "half scrubbed": (scrubbed, _missed),
            "a fourth left out": (theirs[:, every], _missed),
            "forged": (forged, _taken),
            "a tenth rewritten": (again(None, share=0.1), _taken),
        }
        return {
            name: counted(_called(mark, each), end)
            for name, (each, end) in told.items()
        }

    rows = [row(mark, width) for mark, width in marks.values()]
    return Matrix(
        list(marks), list(rows[0]), [list(one.values()) for one in rows], "mark"
    )


def judge_price(
    victim: TextVictim,
    marks: Mapping[str, Mark | None],
    reader: Language,
    prompts: Ints,
    *,
    words: Count = 100,
    seed: Seed,
) -> Matrix:
    """What each mark does to what is written.

    The loss of each text under another model, in nats a word; the same less that of the
    unmarked text behind the same prompt; and how many different answers one prompt
    gets, asked a hundred times.

    Parameters
    ----------
    reader : Language
        A third model, neither the owner's nor the attacker's.
    prompts : ndarray of shape (n, t)
    """
    write = partial(marked, victim.model, words=words)
    plain = _lost(reader, write(prompts, None, seed=seed))
    same = np.repeat(prompts[:1], 100, axis=0)

    def row(mark: Mark | None) -> list[Cell]:
        lost = _lost(reader, write(prompts, mark, seed=seed))
        answers = len(np.unique(write(same, mark, seed=seed + 1), axis=0))
        return [
            averaged(lost, form="{:.2f}"),
            averaged(lost - plain, form="{:+.2f} ({low:+.2f} to {high:+.2f})"),
            Cell(answers, n=100, form="{:.0f}"),
        ]

    columns = ["loss, nats a word", "more than unmarked", "answers of 100 that differ"]
    return Matrix(list(marks), columns, [row(mark) for mark in marks.values()], "mark")


def _called(mark: Mark, texts: Tokens | Ints) -> Bools:
    """Whether each text is called marked."""
    return np.asarray(mark.p_values(list(texts)) <= CALLED)


def _lost(reader: Language, texts: Ints) -> Floats:
    """Mean loss of each text's words under a model, (n,)."""
    return np.array([one.mean() for one in reader.losses(list(texts))])


def _missed(share: Interval) -> Outcome:
    """Harm where most marked texts are no longer found."""
    return _taken(Interval(1 - share.high, 1 - share.low))


def _taken(share: Interval) -> Outcome:
    """Harm where most texts are taken for the owner's."""
    if share.low > 0.5:
        return "harm"
    return "stopped" if share.high < 0.5 else "undecided"
