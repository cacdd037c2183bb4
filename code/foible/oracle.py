"""What does a model look like from outside, and what does looking cost?"""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foible.arrays import Floats, Ints, Tokens, finite_rows, likeliest
from foible.domains import Count, Natural
from foible.errors import (
    BadInput,
    BudgetExceeded,
    FoibleError,
    NoAnswer,
    ServiceRefused,
)

Transport: TypeAlias = Callable[[Floats], Floats]
"""Takes rows (n, d) to class probabilities (n, k): in this process, or over HTTP."""
Answers: TypeAlias = Literal["probabilities", "label", "values"]
AnswerKind: TypeAlias = Literal["probabilities", "label", "values", "top", "tokens"]
"""What an oracle tells: of rows the first three, of texts all."""
Questions: TypeAlias = Literal["rows", "texts"]
ROUNDED = 0.05  # furthest that an answer rounded to one decimal is from the truth


class Account:
    """How many questions were asked, and how many may still be.

    Parameters
    ----------
    budget : int, optional
        How many may be asked in all; no limit if left out.

    BadInput: a budget that is no whole number from 0.
    """

    __slots__ = ("_budget", "asked")

    def __init__(self, budget: Natural | None = None) -> None:
        self._budget = budget
        self.asked = 0

    @property
    def left(self) -> int | None:
        """Queries that may still be asked; None if there is no limit."""
        return None if self._budget is None else self._budget - self.asked

    def pay(self, wanted: Natural) -> None:
        """Spend queries, all or none; BudgetExceeded if there are not so many left."""
        if self.left is not None and wanted > self.left:
            raise BudgetExceeded(
                f"asked {self.asked} so far, wanted {wanted} more, {self.left} left; "
                "ask fewer rows or allow a larger budget"
            )
        self.asked += wanted


class Oracle:
    """A model seen from outside: ask questions, get answers, pay queries.

    It knows how to reach the model and nothing about it. One row, or one text, is one
    query.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k), or to (n,)
        Carries rows to the model and probabilities back; or, for the answers "label",
        the labels that a service gives itself, whole numbers from 0.
    budget : int, optional
        How many queries may be asked in all; no limit if left out.
    answers : {"probabilities", "label", "values"}
        What is told of each question: the probability of every class, perhaps rounded;
        or the likeliest class only (of equals, the first); or plain numbers as they
        come, such as logits, or the prediction of a regression. Of a text also "top",
        its likeliest next tokens with their log-probabilities; or "tokens", what comes
        behind it.
    questions : {"rows", "texts"}
        What is asked: rows (n, d), or n texts of any length from one token.
    biased : bool
        Whether the asker may add numbers to the logits of a text.

    BadInput: a budget that is no whole number from 0, or another kind of answer or
    question.
    """

    __slots__ = (
        "_account",
        "_answers",
        "_biased",
        "_questions",
        "_transport",
        "_width",
    )

    def __init__(
        self,
        transport: Callable[..., NDArray[Any]],
        *,
        budget: Natural | None = None,
        answers: AnswerKind = "probabilities",
        questions: Questions = "rows",
        biased: bool = False,
    ) -> None:
        self._account = Account(budget)
        self._transport = transport
        self._answers = answers
        self._biased = biased
        self._questions = questions
        self._width: int | None = None

    @property
    def asked(self) -> int:
        """Queries spent so far."""
        return self._account.asked

    @property
    def left(self) -> int | None:
        """Queries that may still be asked; None if there is no limit."""
        return self._account.left

    def __repr__(self) -> str:
        left = "no limit" if self.left is None else f"{self.left:,} left"
        return f"<oracle: answers {self._answers}, {self.asked:,} asked, {left}>"

    def ask(self, X: Any, *, bias: ArrayLike | None = None) -> NDArray[Any]:
        """Answers to questions, for one query each.

        Rows that are refused here cost nothing. A question that was sent is spent,
        also when the service fails to answer it.

        Parameters
        ----------
        X : array_like of shape (n, d), or texts
            Finite rows, at least one, as wide as those that were answered before; or
            texts, each the whole numbers of its tokens.
        bias : array_like of shape (n, V), optional
            What is added to the logits of each text, where a service offers that.

        Returns
        -------
        ndarray of shape (n, k), (n,), (n, k, 2) or (n, m)
            Probabilities, float64, each row summing to 1 up to rounding; or labels,
            int64; or numbers, float64. "top" gives k pairs of a token and its
            log-probability; "tokens", int64, is -1 from a text's end on.

        Raises
        ------
        BadInput
            Rows that cannot be asked.
        BudgetExceeded
            More rows than queries are left; none of them is asked.
        ServiceRefused
            The service failed, or (`NoAnswer`) its answer cannot be one to these rows.
        """
        asked: Floats | list[Ints]
        if self._questions == "texts":
            asked = whole_texts(X)
        else:
            asked = finite_rows(X, width=self._width)
        more = () if bias is None else (self._bias(bias, len(asked)),)
        self._account.pay(len(asked))
        told = read(self._sent(asked, *more), len(asked), answers=self._answers)
        if isinstance(asked, np.ndarray):
            self._width = asked.shape[1]
        return told

    def _bias(self, bias: ArrayLike, n: int) -> Floats:
        """A bias for each question, if the service takes one; else BadInput."""
        if not self._biased:
            raise BadInput("got a bias; wanted none, since this service takes none")
        table = finite_rows(bias)
        if len(table) != n:
            raise BadInput(f"got a bias of shape {table.shape}; wanted ({n}, V)")
        return table

    def _sent(self, asked: Floats | list[Ints], *more: Floats) -> Any:
        try:
            return self._transport(asked, *more)
        except FoibleError:
            raise
        except Exception as error:
            raise ServiceRefused(
                f"the service failed on {len(asked)} questions ("
                f"{type(error).__name__}: {str(error)[:200]}); wanted an answer to each"
            ) from error


def scores_of(oracle: Oracle, X: Any) -> Floats:
    """Answers (n, k) to rows; BadInput where labels alone come back."""
    told = oracle.ask(X)
    if told.ndim != 2:
        raise BadInput("got labels alone; wanted an oracle that gives probabilities")
    return told


def labels_of(oracle: Oracle, X: Any) -> Ints:
    """Labels (n,) of rows; BadInput where a number for each class comes back."""
    told = oracle.ask(X)
    if told.ndim != 1:
        raise BadInput(
            f"got answers of shape {told.shape}; wanted labels alone, (n,): "
            'answers="label"'
        )
    return told


def whole_texts(texts: Tokens) -> list[Ints]:
    """Texts, at least one, each as the numbers of its tokens, at least one."""
    asked = [np.asarray(text) for text in texts]
    for tokens in asked:
        if tokens.ndim != 1 or not tokens.size or tokens.dtype.kind not in "iu":
            raise BadInput(
                f"got a text of shape {tokens.shape} and kind {tokens.dtype}; wanted "
                "the whole numbers of its tokens, at least one"
            )
    if not asked:
        raise BadInput("got no text; wanted at least one")
    return [tokens.astype(np.int64) for tokens in asked]


def read(answer: object, n: Count, *, answers: AnswerKind) -> NDArray[Any]:
    """What a service answered to n questions; NoAnswer if it can be none."""
    if answers in ("top", "tokens"):
        return _spoken(answer, n, sides=3 if answers == "top" else 2)
    if answers == "label" and (labels := _list(answer)) is not None:
        return _whole(labels, n)
    answered = _table(answer, n)
    if answers == "values":
        return answered
    _check_probabilities(answered)
    return likeliest(answered) if answers == "label" else answered


def _spoken(answer: object, n: int, *, sides: int) -> NDArray[Any]:
    """Tokens (n, m), or pairs of a token and a number (n, k, 2), as a service gave."""
    try:
        given = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(0)
    tokens = given[..., 0] if sides == 3 and given.ndim == 3 else given
    shape = (n, -1, 2)[:sides]
    fits = given.ndim == sides and given.shape[0] == n and given.shape[2:] == shape[2:]
    if not fits or not np.isfinite(given).all() or (tokens % 1 != 0).any():
        raise NoAnswer(
            f"the service answered with shape {given.shape}; wanted whole numbers of "
            f"tokens, {'with a number each, ' if sides == 3 else ''}for {n} texts"
        )
    return given if sides == 3 else given.astype(np.int64)


def _list(answer: object) -> NDArray[Any] | None:
    """The answer as an array, if it has one entry a question; else None."""
    try:
        given = np.asarray(answer)
    except (TypeError, ValueError):
        return None
    return given if given.ndim == 1 else None


def _whole(labels: NDArray[Any], n: int) -> Ints:
    """Labels that a service gave, if they are whole numbers for n rows."""
    number = labels.dtype.kind in "iubf" and labels.shape == (n,)
    if not number or (labels < 0).any() or (labels % 1 != 0).any():
        raise NoAnswer(
            f"the service answered with labels of {labels.dtype} and shape "
            f"{labels.shape}, such as {labels[:1].tolist()}; wanted {n} whole numbers "
            "from 0: give a transport that numbers its labels"
        )
    return labels.astype(np.int64)


def _table(answer: object, n: int) -> Floats:
    """The answer of a service, if it is finite numbers for n rows."""
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "fiub":
            raise TypeError(f"it is {given.dtype}")
        table = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise NoAnswer(
            f"the service's answer is not a table of numbers ({error}); wanted ({n}, "
            "columns)"
        ) from error
    if table.ndim != 2 or len(table) != n or not table.size:
        raise NoAnswer(
            f"the service answered with shape {table.shape}; wanted ({n}, columns)"
        )
    if not np.isfinite(table).all():
        raise NoAnswer(
            "the service answered with NaN or infinity; wanted finite numbers"
        )
    return table


def _check_probabilities(table: Floats) -> None:
    """Refuse what cannot be probabilities, rounded to one decimal at the coarsest."""
    slack = ROUNDED * table.shape[1] + 1e-6
    if not ((table >= 0).all() and (abs(table.sum(axis=1) - 1) <= slack).all()):
        raise NoAnswer(
            "the service's answers are no probabilities; wanted rows of numbers from "
            "0 to 1 that sum to 1, up to rounding"
        )
