"""How does a number look in a table?"""

import re
from collections.abc import Iterable
from html import escape

import pandas as pd

from foible.domains import Number, Unknown
from foible.metrics import Interval

TIDY = ("what", "dose", "value", "low", "high", "n")


def tidied(
    rows: Iterable[tuple[str, object, object, Interval, int]],
) -> pd.DataFrame:
    """Rows of what, dose, value, interval and n as a data frame, a column for each."""
    flat = [
        (what, dose, value, low, high, n) for what, dose, value, (low, high), n in rows
    ]
    return pd.DataFrame(flat, columns=list(TIDY))


def shown(value: Number, form: str, **fields: object) -> str:
    """A number as a format has it, with a true minus sign.

    A percentage is never rounded to all or to nothing: 99.95% is "> 99%", not "100%".
    """
    text = form.format(value, **fields).replace("-", "−")
    if 0 < value < 1 and (end := re.fullmatch(r"(0|100)(\.0+)?%", text)):
        step = 10.0 ** -(2 + max(0, len(end[2] or "") - 1))
        return (
            f"> {form.format(1 - step)}"
            if end[1] == "100"
            else f"< {form.format(step)}"
        )
    return text


def bounded(share: Unknown, interval: Interval) -> str:
    """A share as a percentage with its interval, if that is known."""
    low, high = interval
    places = 2 if 0 < share < 0.02 else 1
    if not low <= high:
        return f"{share:.{places}%}"
    return f"{share:.{places}%} ({100 * low:.{places}f}–{high:.{places}%})"


def minus(number: Unknown) -> str:
    """A number with three decimals and a true minus sign."""
    return f"{number:.3f}".replace("-", "−")


def between(interval: Interval) -> str:
    """An interval, if it is known; a dash would be lost beside a minus sign."""
    low, high = interval
    if not low <= high:
        return ""
    return f" ({minus(low)}{' to ' if low < 0 else '–'}{minus(high)})"


def signed(share: Unknown) -> str:
    """A change of a share in points, with a true minus sign."""
    return f"{100 * share:+.2f}".replace("-", "−")


def html(table: pd.DataFrame) -> str:
    """A data frame as an HTML table that can be scrolled on a narrow screen."""
    table.index.name, corner = None, table.index.name
    markup = table.to_html(classes="foible-evidence", border=0, justify="left")
    markup = re.sub(
        r"(<td>[^<(]*\S) (\([^<]*\))</td>", r"\1 <small>\2</small></td>", markup
    )
    head = f"<th>{escape(str(corner))}</th>" if corner else "<td></td>"
    return framed(markup.replace("<th></th>", head, 1))


def framed(markup: str) -> str:
    """A frame that scrolls by itself, also by keyboard."""
    frame = "<div class='foible-scroll' tabindex='0' role='group' aria-label='table'>"
    return f"{frame}{markup}</div>"
