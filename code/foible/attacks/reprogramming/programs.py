"""What is a program, how is a row written into it, and how is the answer read?"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.checks import fitting
from foible.data import Dataset
from foible.domains import Amount, Count, Image, Rows
from foible.errors import BadInput

BLOCKS = 8  # a frame is drawn as so many times so many blocks
REFUSED = -1
Labels = Callable[[Floats], Ints]
"""Takes pictures (n, d) to the labels that a model gives them, (n,)."""


class Task(NamedTuple):
    """What a network is to be turned to: rows to learn by, to choose by, to judge by.

    All are disjoint; `own` and `held` are the attacker's.
    """

    own: Dataset
    held: Dataset
    judged: Dataset


@dataclass(frozen=True, eq=False)
class Program:
    """A picture with room for a row, and what each answer to it is taken to mean.

    Parameters
    ----------
    place : ndarray of shape (d,)
        Which column is written on each pixel; -1 where none is.
    base : ndarray of shape (d,)
        The picture, 0 to 1: the same for every row.
    contrast : float
        How much darker the greatest value of a column is than the least, 0 to 1.
    low, high : ndarray of shape (k,)
        The least and the greatest value of each column.
    names : ndarray of shape (m,)
        What each of the model's labels means in the new task.
    """

    place: Ints
    base: Floats
    contrast: float
    low: Floats
    high: Floats
    names: Ints

    def written(self, X: ArrayLike) -> Floats:
        """Pictures that show rows (n, k), (n, d) [elsayed2019adversarial].

        BadInput: rows that are not finite or not k wide.
        """
        share = (finite_rows(X, width=len(self.low)) - self.low) / self._span
        ink = np.clip(share, 0, 1)[:, self.place] - 0.5
        ink = np.where(self.place >= 0, self.contrast * ink, 0)
        return np.asarray(np.clip(self.base + ink, 0, 1))

    def read(self, answers: Ints) -> Ints:
        """What a model's answers mean, (n,); `REFUSED` stays as it is."""
        given = np.asarray(answers)
        if given.size and given.max() >= len(self.names):
            raise BadInput(
                f"got the answer {given.max()}; wanted one of {len(self.names)} labels"
            )
        return np.where(given >= 0, self.names[given], REFUSED)

    def answered(self, labels: Labels, X: Rows) -> Ints:
        """The class of each row, (n,), by a model that gives labels."""
        return self.read(np.asarray(labels(self.written(X))))

    @property
    def frame(self) -> Bools:
        """The pixels on which no column is written, (d,)."""
        return self.place < 0

    @property
    def _span(self) -> Floats:
        return np.where(self.high > self.low, self.high - self.low, 1.0)


@dataclass(frozen=True, eq=False)
class Chain:
    """Programs asked one after the other, where one answer says too little.

    Parameters
    ----------
    programs : tuple of Program
        The i-th tells class i, which it reads as 0, from those after it.
    """

    programs: tuple[Program, ...]

    def answered(self, labels: Labels, X: Rows) -> Ints:
        """The class of each row, (n,), for as many questions as there are programs."""
        later = [one.answered(labels, X) == 1 for one in self.programs]
        return np.asarray(np.cumprod(later, axis=0).sum(axis=0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Rota:
    """Programs that take turns, so that no two questions in a row share their frame.

    Parameters
    ----------
    programs : tuple of Program
        The best first.
    each : int
        Rows that are asked from one account; then the next is opened.
    """

    programs: tuple[Program, ...]
    each: int = 10

    def answered(self, labels: Labels, X: Rows) -> Ints:
        """The class of each row, (n,), asked in a request for each account."""
        accounts = [X[i : i + self.each] for i in range(0, len(X), self.each)]
        return np.concatenate([self._asked(labels, rows) for rows in accounts])

    def _asked(self, labels: Labels, X: Floats) -> Ints:
        turn = np.arange(len(X)) % len(self.programs)
        pictures = np.empty((len(X), len(self.programs[0].base)))
        for place, program in enumerate(self.programs):
            if (turn == place).any():
                pictures[turn == place] = program.written(X[turn == place])
        said = np.asarray(labels(pictures))
        names = np.stack([program.names for program in self.programs])
        return np.where(said >= 0, names[turn, said], REFUSED)


class Sorter(Protocol):
    """A program, a chain or a rota of them."""

    def answered(self, labels: Labels, X: Floats, /) -> Ints:
        """The class of each row, (n,)."""


def sorted_rightly(sorter: Sorter, labels: Labels, rows: Dataset) -> float:
    """Share of the rows that a sorter puts into their class, 0 to 1."""
    return float(np.mean(sorter.answered(labels, rows.X) == rows.y))


def apart(programs: Sequence[Program], *, least: Amount) -> Rota:
    """Those of the programs whose pictures lie at least so far apart, as a rota.

    Parameters
    ----------
    programs : sequence of Program
        The best first; each is taken that is not too close to those taken before.
    least : float
        Euclidean distance between two bases.
    """
    taken: list[Program] = []
    for one in programs:
        if all(np.linalg.norm(one.base - other.base) >= least for other in taken):
            taken.append(one)
    if not taken:
        raise BadInput("got no program; wanted at least one")
    return Rota(tuple(taken))


def turning(
    programs: Sequence[Program],
    labels: Labels,
    held: Dataset,
    *,
    leasts: Iterable[float],
) -> Rota:
    """The rota that sorts most rows held back rightly, of several distances `apart`.

    The service, `labels`, is asked as often as there are distances and rows.
    """
    rotas = [apart(programs, least=least) for least in leasts]
    return max(rotas, key=lambda rota: sorted_rightly(rota, labels, held))


def sheet(image: Image, columns: Count) -> Ints:
    """Where columns are written: squares in the middle half of an image.

    Returns
    -------
    ndarray of shape (h * w,)
        The column of each pixel, -1 outside. BadInput: more columns than there is room
        for, or no image of two dimensions.
    """
    side = int(np.ceil(np.sqrt(columns)))
    if len(image) != 2 or min(image) // 2 < side:
        raise BadInput(f"got an image of {image}; wanted room for {columns} columns")
    size = min(image) // 2 // side
    place = np.full(image, -1)
    top, left = ((length - size * side) // 2 for length in image)
    for column in range(columns):
        row, across = divmod(column, side)
        y, x = top + row * size, left + across * size
        place[y : y + size, x : x + size] = column
    return place.ravel()


def blank(rows: Dataset, *, image: Image, labels: Count) -> Program:
    """A grey program for the rows' columns, which reads every answer as the first.

    Parameters
    ----------
    rows : Dataset
        The attacker's own, which say between what values each column lies.
    image : tuple of int
        Shape of a picture.
    labels : int
        How many labels the model has.
    """
    place = sheet(image, rows.X.shape[1])
    low, high = rows.X.min(axis=0), rows.X.max(axis=0)
    grey = np.full(len(place), 0.5)
    return Program(place, grey, 1.0, low, high, np.zeros(labels, dtype=np.int64))


def blocks(image: Image) -> Ints:
    """The block of each pixel, (h * w,), 0 to `BLOCKS` squared less one."""
    if len(image) != 2:
        raise BadInput(f"got an image of {image}; wanted (height, width)")
    down, across = (np.arange(length) * BLOCKS // length for length in image)
    return np.asarray(BLOCKS * down[:, np.newaxis] + across).ravel()


def drawn(
    program: Program,
    count: Count,
    *,
    image: Image,
    rng: np.random.Generator,
) -> list[Program]:
    """So many programs with frames of random blocks, else the same."""
    block = blocks(image)
    if block.shape != program.base.shape:
        raise BadInput(
            f"got an image of {image} for programs of {len(program.base)} pixels; "
            "wanted as many"
        )
    inked = rng.random((count, BLOCKS**2))[:, block]
    bases = np.where(program.frame, inked, program.base)
    return [replace(program, base=base) for base in bases]


def asked(labels: Labels, programs: Sequence[Program], X: Rows) -> Ints:
    """What a model answers to rows in each of r programs, in one request; (r, n)."""
    pictures = np.concatenate([program.written(X) for program in programs])
    return np.asarray(labels(pictures)).reshape(len(programs), len(X))


def worded(program: Program, answers: Ints, rows: Dataset) -> Program:
    """The program, each answer now meaning the class that it was given to most.

    An answer that was never given is left to the class that has the fewest answers.

    Parameters
    ----------
    answers : ndarray of shape (n,)
        What the model said to the rows.
    """
    if answers.shape != rows.y.shape:
        raise BadInput(
            f"got answers of shape {answers.shape}; wanted one for each of {len(rows)} "
            "rows"
        )
    if not rows.classes or answers.max() >= len(program.names):
        raise BadInput(
            f"got answers up to {answers.max()} for {len(program.names)} labels and "
            f"rows of {len(rows.classes)} classes; wanted answers below the labels, "
            "and rows that are labelled with classes"
        )
    table = np.zeros((len(program.names), len(rows.classes)))
    heard = answers >= 0
    np.add.at(table, (answers[heard], rows.y[heard]), 1)
    names, given = table.argmax(axis=1), table.sum(axis=1) > 0
    tally = np.bincount(names[given], minlength=len(rows.classes))
    for answer in np.flatnonzero(~given):
        names[answer] = tally.argmin()
        tally[tally.argmin()] += 1
    return replace(program, names=names)


def right(program: Program, answers: Ints, rows: Dataset) -> float:
    """Share of rows whose answer is read as their class."""
    return float(np.mean(program.read(answers) == rows.y))


def usable(own: Dataset, held: Dataset) -> None:
    """Refuse rows that are no classification or that do not fit each other."""
    if not own.classes or (own.columns, own.classes) != (held.columns, held.classes):
        raise BadInput(
            f"got {own!r} and {held!r}; wanted rows of classes, with the same columns"
        )
    fitting(own.y, (len(own), len(own.classes)))
