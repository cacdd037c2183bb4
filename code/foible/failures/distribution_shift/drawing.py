"""What does a shift cost, and what of it is seen, in one plane?"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from foible import plots
from foible.evidence import DoseResponse


def plane(
    paths: Mapping[str, tuple[DoseResponse, plots.Meaning]], *, across: str, up: str
) -> Figure:
    """Draw each shift as a path that begins without a shift, and grows.

    Parameters
    ----------
    paths : mapping of str to (DoseResponse, meaning)
        Each with the lines `across` and `up`, means of which are its points.
    across, up : str
        The line whose mean says how far to the right a point lies, or how high.
    """
    means = {
        name: [np.mean(path.responses[line], axis=1) for line in (across, up)]
        for name, (path, _) in paths.items()
    }
    rows = [
        {"what": name, "dose": dose, across: lost, up: seen}
        for name, (path, _) in paths.items()
        for dose, lost, seen in zip(path.dose, *means[name], strict=True)
    ]
    with plots.styled():
        figure, ax = plt.subplots(figsize=(6.4, 4.0))
        ax.set(xlabel="right answers lost, points", ylabel="windows with an alarm, %")
        for place, (name, (_, meaning)) in enumerate(paths.items()):
            x, y = (100 * one for one in means[name])
            colour, line = plots.COLOURS[meaning], plots.LINES[place % 4]
            ax.plot(x, y, marker="o", color=colour, linestyle=line)
        ax.set_ylim(-4, 112)
        for name, (_, meaning) in paths.items():
            x, y = (100 * one for one in means[name])
            plots.name_lines(ax, x, {name: y}, meanings={name: meaning})
    plots.rows(figure, pd.DataFrame(rows), kind="points and lines")
    return figure
