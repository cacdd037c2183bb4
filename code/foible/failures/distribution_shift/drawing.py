"""What does a shift cost, and what of it is seen, in one plane?"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from foible import plots
from foible.evidence import DoseResponse

LOW = 25
"""Per cent: a path that ends below it has its name underneath."""


def plane(
    paths: Mapping[str, tuple[DoseResponse, plots.Meaning]], *, falls: str, up: str
) -> Figure:
    """Draw each shift as a path that begins without a shift, and grows.

    Parameters
    ----------
    paths : mapping of str to (DoseResponse, meaning)
        Each with the lines `falls` and `up`, of whose means its points are made.
    falls, up : str
        A point lies as far to the right as the mean of `falls` has fallen since the
        first dose, and as high as that of `up`.
    """
    means = {}
    for name, (path, _) in paths.items():
        kept, seen = (np.mean(path.responses[line], axis=1) for line in (falls, up))
        means[name] = kept[0] - kept, seen
    rows = [
        {"what": name, "dose": dose, f"{falls} lost": lost, up: seen}
        for name, (path, _) in paths.items()
        for dose, lost, seen in zip(path.dose, *means[name], strict=True)
    ]
    with plots.styled():
        figure, ax = plt.subplots(figsize=(6.4, 4.0))
        ax.set(xlabel=f"{falls} lost, points", ylabel="windows with an alarm, %")
        for place, (name, (_, meaning)) in enumerate(paths.items()):
            x, y = (100 * one for one in means[name])
            colour, line = plots.COLOURS[meaning], plots.LINES[place % 4]
            ax.plot(x, y, marker="o", color=colour, linestyle=line)
            low = y[-1] < LOW
            ax.annotate(
                name,
                (x[-1], y[-1]),
                (0, -9 if low else 9),
                textcoords="offset points",
                color=colour,
                fontweight="bold",
                ha="right" if x[-1] > 1 else "left",
                va="top" if low else "bottom",
            )
        ax.set_ylim(-18, 118)
        ax.set_yticks(range(0, 101, 20))
    plots.rows(figure, pd.DataFrame(rows), kind="points and lines")
    return figure
