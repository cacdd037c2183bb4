"""Who misreads what nobody altered, and how far does each defence reach?"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from foible.arrays import Bools
from foible.data import Dataset
from foible.defences.viewing import least_sure
from foible.domains import Count, Seed, Share
from foible.evidence import Cell, DoseResponse, Matrix
from foible.failures.natural_examples.hard import crossed
from foible.failures.natural_examples.looking import Look, fewest, missed, none_of
from foible.failures.natural_examples.moves import Move, draw_moves
from foible.judging import averaged, counted, panel, sweep
from foible.models import Recipe
from foible.oracle import Transport
from foible.plots import Meaning
from foible.victim import Victim

Looks = Sequence[Look]
"""One of each office."""


def judge_hard(
    rows: Dataset,
    *,
    selectors: Mapping[str, Recipe],
    readers: Mapping[str, Recipe],
    seed: Seed,
) -> Matrix:
    """Rows that a model of one family misreads, as models of others read them.

    Selector and reader are made from rows that neither shares with the other, nor with
    those that are read; see `crossed`.

    Returns
    -------
    Matrix
        For all rows, and for those that each selector misreads: of each reader, the
        share misread.
    """
    chosen = {"all": np.ones(len(rows), bool)} | {
        f"misread by {name}": crossed(recipe, rows, half="first", seed=seed).wrong
        for name, recipe in selectors.items()
    }
    read = {
        name: crossed(recipe, rows, half="second", seed=seed).wrong
        for name, recipe in readers.items()
    }
    return panel(
        chosen, read, lambda these, wrong: counted(wrong[these]), corner="digits"
    )


def judge_worst(
    looks: Mapping[str, Looks],
    *,
    meanings: Mapping[str, Meaning],
    tries: Sequence[Count],
) -> DoseResponse:
    """Rows that are read rightly in each of so many moves drawn at random."""

    def measure(count: float) -> dict[str, list[float]]:
        return {
            name: [float(none_of(one.wrong, int(count)).mean()) for one in each]
            for name, each in looks.items()
        }

    return sweep(
        tries,
        measure,
        lines=meanings,
        dose_name="pictures of one digit, k",
        response_name="digits read rightly in all k",
        units="offices",
    )


def judge_refusing(
    looks: Mapping[str, Looks],
    *,
    meanings: Mapping[str, Meaning],
    refused: Sequence[Share],
) -> DoseResponse:
    """Rows of which some move is answered wrongly, as the least sure are refused.

    The price is stated on rows set aside, as they are: the dose.
    """

    def measure(share: float) -> dict[str, list[float]]:
        return {
            name: [float(_some_wrong(one, share).mean()) for one in each]
            for name, each in looks.items()
        }

    return sweep(
        refused,
        measure,
        lines=meanings,
        dose_name="digits refused, of those that come as they are",
        response_name="digits with a move answered wrongly",
        units="offices",
        dose_share=True,
    )


def judge_defences(looks: Mapping[str, tuple[Looks, float]]) -> Matrix:
    """What each defence reads of rows as they are, and moved.

    Parameters
    ----------
    looks : mapping of str to (sequence of Look, float)
        For each defence what is said, and the share of known rows to be refused.

    Returns
    -------
    Matrix
        Mean over offices: rows as they are that are read rightly and that are refused;
        moved rows that are refused; rows of which some move is answered wrongly.
    """
    measures = {
        "read, as it is": lambda one, share: (
            ~_refused(one, share)[0] & (one.straight == one.truth)
        ),
        "refused, as it is": lambda one, share: _refused(one, share)[0],
        "refused, moved": lambda one, share: _refused(one, share)[1],
        "some move answered wrongly": _some_wrong,
    }
    return panel(
        looks,
        measures,
        lambda given, measure: averaged(
            [float(np.mean(measure(one, given[1]))) for one in given[0]]
        ),
        corner="defence",
    )


def judge_search(
    asked: Mapping[str, Sequence[Transport]],
    rows: Sequence[tuple[Dataset, Dataset]],
    *,
    kinds: Mapping[str, Sequence[str]],
    pool: Count = 60,
    count: Count = 10,
    seed: Seed,
) -> Matrix:
    """The next surprise: the `count` of many moves under which fewest rows stay right.

    Parameters
    ----------
    asked : mapping of str to sequence of Transport
        Each reader, one of each office.
    rows : sequence of (Dataset, Dataset)
        Of each office, rows to search in and others to judge by.
    kinds : mapping of str to sequence of str
        From which `KINDS` the moves are drawn, by name.
    pool, count : int
        How many moves are drawn to choose from, and how many are chosen.

    Returns
    -------
    Matrix
        Rows that are right in every one of as many moves drawn, of those chosen where
        they were chosen, and of those chosen on the rows to judge by.
    """
    names, cells = [], []
    for reader, asks in asked.items():
        for name, kind in kinds.items():
            found = [
                _searched(ask, *pair, kind, (pool, count), seed + number)
                for number, (ask, pair) in enumerate(zip(asks, rows, strict=True))
            ]
            names.append(f"{reader}: {name}")
            cells.append([averaged(list(one)) for one in zip(*found, strict=True)])
    columns = ["drawn", "chosen, where searched", "chosen, fresh digits"]
    return Matrix(names, columns, cells, corner="right in all ten")


def judge_backgrounds(
    victims: Mapping[str, Sequence[Victim]], rows: Mapping[str, Sequence[Dataset]]
) -> Matrix:
    """Signs that are misread before each kind of scene, mean over the trainings."""

    def cell(made: Sequence[Victim], sets: Sequence[Dataset]) -> Cell:
        pairs = zip(made, sets, strict=True)
        return averaged([_misread(one, seen) for one, seen in pairs])

    return panel(victims, rows, cell, corner="learned")


# ---------------------------------------------------------------- measures


def _misread(victim: Victim, rows: Dataset) -> float:
    return float(np.mean(victim.transport(rows.X).argmax(axis=1) != rows.y))


def _refused(look: Look, share: float) -> tuple[Bools, Bools]:
    """Which rows as they are, (n,), and which moves, (k, n), are refused."""
    least = least_sure(look.known_sure, refused=share)
    return look.straight_sure < least, look.moved_sure < least


def _some_wrong(look: Look, share: float) -> Bools:
    return np.asarray((look.wrong & ~_refused(look, share)[1]).any(axis=0))


def _searched(
    ask: Transport,
    searched: Dataset,
    judged: Dataset,
    kinds: Sequence[str],
    sizes: tuple[int, int],
    seed: int,
) -> tuple[float, float, float]:
    """Rows right in all moves: drawn, chosen, and chosen on fresh rows."""
    pool, count = sizes
    if judged.image is None:
        return (np.nan,) * 3
    drawn = partial(draw_moves, judged.image, kinds=kinds)
    moves: list[Move] = drawn(pool, seed=seed)
    there = missed(ask, searched, moves)
    chosen = fewest(there, count)
    fresh = missed(ask, judged, [moves[place] for place in chosen])
    luck = missed(ask, judged, drawn(count, seed=seed + 1000))
    right = [(~one.any(axis=0)).mean() for one in (luck, there[chosen], fresh)]
    return float(right[0]), float(right[1]), float(right[2])
