"""How does one picture look in many moves, and what is read each time?"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from foible import plots
from foible.arrays import Bools, Floats, Ints


def readings(
    pictures: Floats, answers: Ints, wrong: Bools, *, names: Sequence[str]
) -> Figure:
    """Pictures in a row of five each, below each what is read, framed where wrong.

    Parameters
    ----------
    pictures : ndarray of shape (k, h, w)
        Grey, 0 to 1.
    answers, wrong : ndarray of shape (k,)
    names : sequence of str
        What each class is called.
    """
    with plots.styled():
        figure = plt.figure()

    def draw(phone: bool) -> None:
        across = 5
        along = -(-len(pictures) // across)
        side = 0.66 if phone else 1.0
        figure.clear()
        figure.set_size_inches(across * side + 0.2, along * (side + 0.24))
        with plots.styled():
            panels = figure.subplots(along, across, squeeze=False).ravel()
            for ax in panels:
                ax.set_axis_off()
            shown = zip(panels, pictures, answers, wrong, strict=False)
            for ax, picture, answer, bad in shown:
                colour = plots.COLOURS["attacker" if bad else "victim"]
                ax.set_axis_on()
                ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set(color=colour, linewidth=2.5, visible=bool(bad))
                mark = "▲" if bad else ""
                ax.set_xlabel(f"{mark}{names[answer]}", color=colour, labelpad=2)

    plots.redrawn(figure, draw)
    frame = {"picture": np.arange(len(answers)), "read": answers, "wrong": wrong}
    plots.rows(figure, pd.DataFrame(frame), kind="pictures")
    return figure
