"""How does every figure look, and what does a colour mean?

A colour has one meaning throughout the book. The four are told apart by people with
any of the common kinds of colour blindness, and every line is labelled besides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Literal

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.typing import LineStyleType

Meaning = Literal["attacker", "victim", "defence", "chance"]

COLOURS: dict[Meaning, str] = {
    "attacker": "#d55e00",
    "victim": "#0072b2",
    "defence": "#009e73",
    "chance": "#767676",
}
LINES: tuple[LineStyleType, ...] = ("-", "--", "-.", ":")
INK, FAINT = "#24292f", "#d8dee4"
STYLE = resources.files("foible") / "style.mplstyle"


@contextmanager
def styled() -> Iterator[None]:
    """Give the figures made inside it the look of the book."""
    # A notebook's back end that is loaded inside would be undone on the way out.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    with mpl.rc_context():
        plt.style.use(str(STYLE))
        yield


def axes(ax: Axes | None, *, width: float = 6.4, height: float = 3.6) -> Axes:
    """The caller's axes, or new ones of a size in inches.

    New axes keep the style that is in force: call inside `styled()`.
    """
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def label(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    meaning: Meaning,
    corner: tuple[str, str] = ("right", "level"),
) -> None:
    """Write a line's name beside one of its points, in the line's colour.

    The corner says on which side ("left" or "right") and how high ("above", "level"
    or "below").
    """
    side, height = corner
    sign = -1 if side == "left" else 1
    ax.annotate(
        text,
        (x, y),
        xytext=(6 * sign, {"above": 11, "level": 0, "below": -11}[height]),
        textcoords="offset points",
        color=COLOURS[meaning],
        ha="right" if side == "left" else "left",
        va="center",
        fontweight="bold",
        annotation_clip=False,
    )
