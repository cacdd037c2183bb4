"""How is a program made by somebody who only asks, and pays for each answer?"""

from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Ints
from foible.attacks.reprogramming.programs import (
    BLOCKS,
    Chain,
    Program,
    asked,
    blank,
    blocks,
    drawn,
    right,
    usable,
    worded,
)
from foible.data import Dataset
from foible.domains import Count, Image, Seed, Several
from foible.errors import BudgetExceeded, ServiceRefused
from foible.oracle import Oracle, labels_of

DRAWN = 0.3  # share of the queries spent on random programs
REDRAWN = (0.02, 0.3)  # least and greatest share of the blocks that a change touches


def by_labels(
    oracle: Oracle,
    own: Dataset,
    held: Dataset,
    *,
    image: Image,
    labels: Several,
    queries: Count,
    at_once: Count = 4,
    seed: Seed,
) -> Program:
    """The best program found by random search, from labels alone.

    First random programs are drawn; then some blocks of the best are drawn anew, and
    what is not worse is kept. Whoever runs out of answers keeps what they have.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels.
    own, held : Dataset
        The new task's rows. Both are used for the search, for a program has few
        settings beside the meanings, which are read off `own`.
    image : tuple of int
        Shape of a picture.
    labels : int
        How many labels the model has.
    queries : int
        How many rows may be asked at most.
    at_once : int
        Programs that are asked in a request.
    """
    usable(own, held)
    rng = np.random.default_rng(seed)
    empty = blank(own, image=image, labels=labels)
    everything = np.concatenate([own.X, held.X])
    place, score, spent = empty, -1.0, 0
    while spent + at_once * len(everything) <= queries:
        if spent < DRAWN * queries:
            tried = drawn(empty, at_once, image=image, rng=rng)
        else:
            tried = _changed(place, at_once, image=image, rng=rng)
        try:
            said = asked(partial(labels_of, oracle), tried, everything)
        except (BudgetExceeded, ServiceRefused) as error:
            if not spent and isinstance(error, ServiceRefused):
                raise  # it has answered nothing at all
            break
        spent += said.size
        for one, answers in zip(tried, said, strict=True):
            read, reached = _judged(one, answers, own, held)
            if reached >= score:
                place, score = read, reached
    return place


def _judged(
    program: Program, answers: Ints, own: Dataset, held: Dataset
) -> tuple[Program, float]:
    """A program with meanings from its own rows, and how well it does on all."""
    first, second = answers[: len(own)], answers[len(own) :]
    read = worded(program, first, own)
    shares = right(read, first, own) * len(own) + right(read, second, held) * len(held)
    return read, shares / (len(own) + len(held))


def _changed(
    program: Program, count: int, *, image: tuple[int, ...], rng: np.random.Generator
) -> list[Program]:
    """Copies of a program, some blocks of whose frame are drawn anew."""
    own = blocks(image)
    bases = []
    for _ in range(count):
        share = np.exp(rng.uniform(*np.log(REDRAWN)))
        where = rng.random(BLOCKS**2) < share
        where[rng.integers(BLOCKS**2)] = True
        ink = rng.random(BLOCKS**2)[own]
        bases.append(np.where(where[own] & program.frame, ink, program.base))
    return [replace(program, base=base) for base in bases]


def in_two_questions(
    oracle: Oracle,
    own: Dataset,
    held: Dataset,
    *,
    image: Image,
    labels: Several,
    queries: Count,
    seed: Seed,
) -> Chain:
    """Programs that are asked one after the other, where an answer says too little.

    The first tells one class from the rest, the next one tells the rest apart: k - 1
    programs for k classes, each with its part of the queries, found by `by_labels`; the
    arguments are as for `by_labels`.
    """
    usable(own, held)
    classes = len(own.classes)
    programs = []
    for step in range(classes - 1):
        mine, theirs = (_from(rows, step) for rows in (own, held))
        found = by_labels(
            oracle,
            mine,
            theirs,
            image=image,
            labels=labels,
            queries=queries // (classes - 1),
            seed=seed + step,
        )
        programs.append(found)
    return Chain(tuple(programs))


def _from(rows: Dataset, step: int) -> Dataset:
    """The rows from a class on, labelled by whether they come after it."""
    rest = rows.take(rows.y >= step)
    later = (rest.y > step).astype(np.int64)
    return replace(rest, y=later, classes=("it", "later"))
