"""What has somebody brought: which model, which rows, and how may they be changed?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Bools, Floats, Ints, scale
from foible.checkup.watching import Watch
from foible.data import Dataset
from foible.domains import Count
from foible.errors import BadInput
from foible.models import Differentiable
from foible.models.scoring import Scoring
from foible.oracle import Answers, Oracle, Transport

APART = 1000.0  # units between two words, so that no step leads from one to another


@dataclass(frozen=True, eq=False)
class Subject:
    """A model to be checked, with the rows to check it on.

    Rows are changed in units of their column: of a table its standard deviation, of an
    image the range of all pixels. Columns of words are held: their codes lie so far
    apart in these units that no attack leads from one to another.

    Parameters
    ----------
    called : str
        What it is, in a phrase.
    model : object
        As the book's attacks take it; None where there is only a way to ask.
    transport : callable, (n, d) to (n, k) or (n,)
        The way to its answers.
    labelling : callable, (n, d) to (n, k) or (n,)
        The way to its labels, which need not be the likeliest class.
    answers : {"probabilities", "label"}
    rows, train : Dataset
        Those to judge it on, and those it was trained on, if they are known.
    held : ndarray of bool, shape (d,)
        Columns of words.
    left_out : int
        Rows with holes, which are not among them.
    watch : Watch
    told : ndarray of shape (n,)
        Its answers to the rows.
    """

    called: str
    model: Any
    transport: Transport
    labelling: Callable[[Floats], NDArray[Any]]
    answers: Answers
    rows: Dataset
    train: Dataset | None
    held: Bools
    left_out: int
    watch: Watch
    told: Ints

    # ------------------------------------------------------------ what it is

    @property
    def classes(self) -> int:
        """How many."""
        return len(self.rows.classes)

    @property
    def image(self) -> bool:
        """Whether the rows are images."""
        return self.rows.image is not None

    @property
    def differentiable(self) -> bool:
        """Whether its slopes can be followed; not across words."""
        return isinstance(self.model, Differentiable) and not self.held.any()

    # ------------------------------------------------------------ units

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """Where each column begins, and its unit, (d,) each."""
        X = self.rows.X
        if self.image:
            low, far = float(X.min()), float(np.ptp(X)) or 1.0
            return np.full(X.shape[1], low), np.full(X.shape[1], far)
        centre, spread = scale(X)
        return (
            np.where(self.held, 0.0, centre),
            np.where(self.held, 1 / APART, spread),
        )

    @property
    def box(self) -> tuple[float, float]:
        """Least and greatest value of a column, in units."""
        return (0.0, 1.0) if self.image else (-np.inf, np.inf)

    def inside(self, X: Floats) -> Floats:
        """Rows in units."""
        centre, unit = self.units
        return np.clip((X - centre) / unit, *self.box)

    def outside(self, Z: Floats) -> Floats:
        """Rows as they came, from units; words are whole again."""
        centre, unit = self.units
        X = centre + unit * Z
        X[:, self.held] = np.rint(X[:, self.held])
        return np.asarray(X)

    # ------------------------------------------------------------ asking

    def oracle(self, *, label: bool = False) -> Oracle:
        """The model from outside, for rows as they came; the check pays."""
        return self._oracle(np.asarray, label=label)

    def oracle_in_units(self, *, label: bool = False) -> Oracle:
        """The same for rows in units."""
        return self._oracle(self.outside, label=label)

    def _oracle(self, made: Callable[[Floats], Floats], *, label: bool) -> Oracle:
        way: Callable[[Floats], Any] = self.labelling if label else self.transport

        def answered(X: Floats) -> Any:
            self.watch.tick()
            self.watch.account.pay(len(X))
            return way(made(X))

        return Oracle(answered, answers="label" if label else self.answers)

    def predict(self, X: Floats) -> Ints:
        """Its answer to each row as it came, (n,)."""
        return self.oracle(label=True).ask(X)

    def right(self, count: Count) -> Dataset:
        """The first rows that it answers rightly, at most so many; else BadInput."""
        right = np.flatnonzero(self.told == self.rows.y)
        if not len(right):
            raise BadInput("got no row that it answers rightly; wanted some to lose")
        return self.rows.take(right[:count])

    # ------------------------------------------------------------ as attacks take it

    @cached_property
    def white(self) -> "InUnits":
        """The model whose slopes are followed, for rows in units."""
        return InUnits(self)

    def with_answers(self, told: Ints) -> "Subject":
        """The same, with the answers to its first rows, and those rows only."""
        return replace(self, rows=self.rows.take(slice(0, len(told))), told=told)


class InUnits(Scoring):
    """A differentiable model that is moved in units, and heeds the time."""

    def __init__(self, subject: Subject) -> None:
        self._subject, self._model = subject, subject.model

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self._model.classes_)

    def logits(self, X: Any) -> Floats:
        """As `Scoring.logits`."""
        self._subject.watch.tick()
        return np.asarray(self._model.logits(self._subject.outside(np.asarray(X))))

    def follow(self, X: Any, aim: Any) -> tuple[Floats, Floats]:
        """As `Scoring.follow`."""
        self._subject.watch.tick()
        logits, slope = self._model.follow(self._subject.outside(np.asarray(X)), aim)
        return logits, slope * self._subject.units[1]
