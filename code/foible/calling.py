"""How is a service of somebody else's asked, a function or an address?

Both ways give a `Transport` for `Oracle`, which keeps the budget. Ask only what you
may: the owner's permission, and their limit on requests, are yours to have.
"""

from collections.abc import Callable, Mapping
from time import monotonic, sleep
from typing import Any

import numpy as np

from foible.arrays import Floats, finite_rows
from foible.domains import Count, Positive
from foible.errors import BadInput, ServiceRefused
from foible.oracle import Transport
from foible.serving import MOST_ROWS, posting

ALL, ONE = "{rows}", "{row}"  # what a template holds in the place of numbers


def called(
    function: Callable[[Floats], Any],
    *,
    most: Count = MOST_ROWS,
    rate: Positive | None = None,
) -> Transport:
    """The way to whatever a function of rows answers.

    Parameters
    ----------
    function : callable, (m, d) to (m, k) or (m,)
        Gives probabilities, or labels or numbers: an array, a list or a tensor.
    most : int
        Rows in one call.
    rate : float, optional
        Calls in a second, at most; no limit if left out.

    Raises
    ------
    ServiceRefused
        Later, when asking: the function failed, or did not answer each row.
    """
    free = -np.inf

    def answered(X: Floats) -> Floats:
        nonlocal free
        rows, told = finite_rows(X), []
        for start in range(0, len(rows), most):
            if rate is not None:
                sleep(max(0.0, free - monotonic()))
                free = monotonic() + 1 / rate
            told.append(_told(function, rows[start : start + most]))
        try:
            return np.concatenate(told)
        except ValueError as error:
            raise ServiceRefused(
                f"the service answered in several shapes ({error}); wanted one"
            ) from error

    return answered


def _told(function: Callable[[Floats], Any], rows: Floats) -> Any:
    try:
        said = np.asarray(function(rows))
    except ServiceRefused:
        raise
    except Exception as error:
        raise ServiceRefused(
            f"the service failed on {len(rows)} rows ({type(error).__name__}: "
            f"{str(error)[:200]}); wanted an answer to each"
        ) from error
    if said.ndim == 0 or len(said) != len(rows):
        raise ServiceRefused(
            f"the service answered with shape {said.shape}; wanted an answer to each "
            f"of {len(rows)} rows"
        )
    return said


def templated(
    url: str,
    template: Any,
    *,
    answer: tuple[str | int, ...] = (),
    most: Count = 100,
    rate: Positive | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: Positive = 30.0,
    elsewhere: bool = False,
) -> Transport:
    """The way to a service that takes and gives JSON of any form, by POST.

        templated(url, {"instances": "{rows}"}, answer=("predictions",))
        templated(url, {"age": "{0}", "income": "{1}"}, answer=("risk",))

    Parameters
    ----------
    url : str
        On this machine, unless `elsewhere`.
    template : object
        What is sent, as JSON; in it "{rows}" becomes a list of rows, "{row}" one row
        and "{3}" its column 3. Without "{rows}" each row is a request of its own.
    answer : tuple of str or int
        Where in what comes back the answers are, keys and places from the outside in.
    most : int
        Rows in a request.
    rate : float, optional
        Requests in a second, at most; no limit if left out.
    headers : mapping of str to str, optional
        Sent with each request, such as a key.
    timeout : float
        Seconds to wait for a connection, and for each answer.
    elsewhere : bool
        Whether another machine may be asked: one that you may ask.

    Raises
    ------
    ServiceRefused
        The address is another machine's and `elsewhere` is not said; or later, when
        asking, the service cannot be reached, is late, declines, or answers otherwise.
        Nothing is asked twice, and no other address is followed.

    BadInput: a template without a place for numbers.
    """
    many = _holds(template, ALL)
    if not many and _filled(template, np.zeros((1, 10_000))) == template:
        raise BadInput(
            f"got template={template!r}; wanted a place for the numbers in it: "
            '"{rows}", "{row}", or "{0}", "{1}" and so on'
        )
    asked = posting(url, timeout=timeout, headers=headers, elsewhere=elsewhere)

    def post(rows: Floats) -> Any:
        said = asked(_filled(template, rows))
        for key in answer:
            try:
                said = said[key]
            except (KeyError, IndexError, TypeError) as error:
                raise ServiceRefused(
                    f"{url} answered without {key!r} in {str(said)[:200]}; wanted it "
                    f"at answer={answer}"
                ) from error
        return said if many else [said]

    return called(post, most=most if many else 1, rate=rate)


def _holds(template: Any, mark: str) -> bool:
    inside = template.values() if isinstance(template, dict) else template
    if isinstance(template, dict | list):
        return any(_holds(part, mark) for part in inside)
    return bool(template == mark)


def _filled(template: Any, rows: Floats) -> Any:
    """The template with numbers in the place of its marks."""
    if isinstance(template, dict):
        return {key: _filled(part, rows) for key, part in template.items()}
    if isinstance(template, list):
        return [_filled(part, rows) for part in template]
    if template == ALL:
        return rows.tolist()
    if template == ONE:
        return rows[0].tolist()
    if isinstance(template, str) and template[:1] + template[-1:] == "{}":
        place = template[1:-1]
        if place.isdecimal():
            if int(place) >= rows.shape[1]:
                raise BadInput(
                    f"got {template!r} in the template; wanted a column of rows "
                    f"{rows.shape[1]} wide, from 0"
                )
            return float(rows[0, int(place)])
    return template
