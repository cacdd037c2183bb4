"""What does a model look like from outside, and what does looking cost?"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, finite_rows, likeliest
from foible.errors import BadInput, BudgetExceeded, ServiceRefused

Transport: TypeAlias = Callable[[Floats], Floats]
"""Takes rows (n, d) to class probabilities (n, k): in this process, or over HTTP."""
Answers: TypeAlias = Literal["probabilities", "label", "values"]
ROUNDED = 0.05  # furthest that an answer rounded to one decimal is from the truth


class Oracle:
    """A model seen from outside: ask rows, get answers, pay queries.

    It knows how to reach the model and nothing about it. One row is one query.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        Carries rows to the model and probabilities back.
    budget : int, optional
        How many queries may be asked in all; no limit if left out.
    answers : {"probabilities", "label", "values"}
        What is told of each row: the probability of every class, perhaps rounded; or
        the likeliest class only (of equals, the first); or plain numbers as they come,
        such as logits, or the prediction of a regression.

    Raises
    ------
    BadInput
        A negative budget, or another kind of answer.
    """

    __slots__ = ("_answers", "_asked", "_budget", "_transport", "_width")

    def __init__(
        self,
        transport: Transport,
        *,
        budget: int | None = None,
        answers: Answers = "probabilities",
    ) -> None:
        if budget is not None and budget < 0:
            raise BadInput(f"got a budget of {budget}; wanted 0 or more, or None")
        if answers not in get_args(Answers):
            raise BadInput(
                f"got answers={answers!r}; wanted one of {', '.join(get_args(Answers))}"
            )
        self._transport = transport
        self._budget = budget
        self._answers = answers
        self._asked = 0
        self._width: int | None = None

    @property
    def asked(self) -> int:
        """Queries spent so far."""
        return self._asked

    @property
    def left(self) -> int | None:
        """Queries that may still be asked; None if there is no limit."""
        return None if self._budget is None else self._budget - self._asked

    def __repr__(self) -> str:
        left = "no limit" if self.left is None else f"{self.left:,} left"
        return f"<oracle: answers {self._answers}, {self.asked:,} asked, {left}>"

    def ask(self, X: ArrayLike) -> NDArray[Any]:
        """Answers to rows, for one query each.

        Rows that are refused here cost nothing. A question that was sent is spent,
        also when the service fails to answer it.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Finite rows, at least one, as wide as those that were answered before.

        Returns
        -------
        ndarray of shape (n, k) or (n,)
            Probabilities, float64, each row summing to 1 up to rounding; or labels,
            int64; or numbers, float64.

        Raises
        ------
        BadInput
            Rows that cannot be asked.
        BudgetExceeded
            More rows than queries are left; none of them is asked.
        ServiceRefused
            The service failed, or its answer cannot be one to these rows.
        """
        rows = finite_rows(X, width=self._width)
        self._pay(len(rows))
        answered = _table(self._transport(rows), len(rows))
        self._width = rows.shape[1]
        if self._answers == "values":
            return answered
        _check_probabilities(answered)
        if self._answers == "label":
            return likeliest(answered)
        return answered

    def _pay(self, wanted: int) -> None:
        if self.left is not None and wanted > self.left:
            raise BudgetExceeded(
                f"asked {self.asked} so far, wanted {wanted} more, {self.left} left; "
                "ask fewer rows or allow a larger budget"
            )
        self._asked += wanted


def _table(answer: object, n: int) -> Floats:
    """The answer of a service, if it is finite numbers for n rows."""
    try:
        table = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ServiceRefused("the service's answer is not a table of numbers") from (
            error
        )
    if table.ndim != 2 or len(table) != n or not table.size:
        raise ServiceRefused(
            f"the service answered with shape {table.shape}; wanted ({n}, columns)"
        )
    if not np.isfinite(table).all():
        raise ServiceRefused(
            "the service answered with NaN or infinity; wanted finite numbers"
        )
    return table


def _check_probabilities(table: Floats) -> None:
    """Refuse what cannot be probabilities, rounded to one decimal at the coarsest."""
    slack = ROUNDED * table.shape[1] + 1e-6
    if not ((table >= 0).all() and (abs(table.sum(axis=1) - 1) <= slack).all()):
        raise ServiceRefused(
            "the service's answers are no probabilities; wanted rows of numbers from "
            "0 to 1 that sum to 1, up to rounding"
        )
