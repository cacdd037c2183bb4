"""How does a number get from a cell into the prose without being typed?

This is the one bridge between the package and the book. In a notebook a finding
shows itself; in the book it shows nothing where it is made, and the prose around it
quotes it by name.
"""

import os
import re
from math import inf
from typing import Any, SupportsFloat

from IPython.display import publish_display_data

from foible.domains import Range
from foible.errors import BadInput, FindingMoved

MIME = "application/vnd.foible.finding+json"
WIDEST = 0.3
"""The widest range that still says something, as a share of all that could be."""


def finding(
    name: str,
    value: SupportsFloat,
    form: str,
    *,
    between: Range,
    real: Range | None = None,
    published: Range | None = None,
    of: float | None = None,
    wide: str = "",
) -> None:
    """State a result once, refuse it outside its range, and lend it to the prose.

    Parameters
    ----------
    name : str
        The name by which the chapter quotes it: a Python identifier.
    value : number
        The result; what it knows of its sample (`metrics.Measured`) is shown with it.
    form : str
        A format with one field, such as ``"{:.1%}"``; what the prose will say.
    between : tuple of two numbers
        The range that the chapter's argument needs and other seeds justify, both ends
        allowed.
    real : tuple of two numbers, optional
        The same on the real data sets, where it is another.
    published : tuple of two numbers, optional
        The same with the published models of `FOIBLE_MODELS`, where it is another.
    of : number, optional
        What it is counted of, where it is no share: 5 for so many of five copies.
    wide : str
        Why it must be allowed to move by more than three tenths of all that could be.

    Raises
    ------
    FindingMoved
        When the value is outside the range or not a number.
    BadInput
        When the name or the format cannot be used, or the number may be nearly
        anything.
    """
    number = float(value)
    low, high = expected(between, real=real, published=published)
    if not name.isidentifier():
        raise BadInput(f"got the name {name!r}; wanted a Python identifier")
    text = _said(form, number)
    if text == form or not text.strip():
        raise BadInput(f"got the format {form!r}; wanted one field, such as '{{:.1%}}'")
    ranges = (between, real or between, published or between)
    whole = of or (1 if "%" in form else inf)
    widest = max(end - start for start, end in ranges) / whole
    if widest > WIDEST + 1e-9 and not wide:
        raise BadInput(
            f"got a range of {widest:.2f} of the whole for {name}; wanted one of at "
            f"most {WIDEST}, which other seeds justify: see scripts/spread.py; or "
            "wide=, which says why the claim needs no less"
        )
    if not low <= number <= high:
        raise FindingMoved(
            f"{name} is {number!r}, outside {low!r} to {high!r}; find out why it "
            "moved, then mend the code or the claim"
        )
    record = {"name": name, "value": number, "text": text, "between": [low, high]}
    record |= {"range": [_said(form, low), _said(form, high)]} | _sample(value, form)
    bundle: dict[str, Any] = {MIME: record, "text/plain": f"{name}: {text}"}
    publish_display_data(bundle)  # type: ignore[no-untyped-call]


def expected(
    between: Range, *, real: Range | None = None, published: Range | None = None
) -> Range:
    """The range that holds for the data and the models of this build; see `finding`."""
    if real and os.environ.get("FOIBLE_DATA"):
        return real
    if published and os.environ.get("FOIBLE_MODELS"):
        return published
    return between


def _said(form: str, number: float) -> str:
    """With a true minus sign, and none before a nought."""
    said = form.format(number)
    if not re.search("[1-9]", said):
        said = form.format(abs(number))
    return said.replace("-", "−")


def _sample(value: object, form: str) -> dict[str, Any]:
    """From how many the number was measured, and its interval, if it knows them."""
    n, interval = getattr(value, "n", 0), getattr(value, "interval", None)
    if not n or interval is None or not interval.low <= interval.high:
        return {}
    return {"n": n, "interval": [_said(form, end) for end in interval]}
