import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from foible import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def luminance(colour):
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(
        channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def test_the_style_holds_inside_and_is_gone_outside():
    before = mpl.rcParams["axes.spines.top"]

    with plots.styled():
        inside = mpl.rcParams["axes.spines.top"]

    assert inside is False
    assert mpl.rcParams["axes.spines.top"] == before


def test_given_axes_are_used_and_new_ones_have_the_asked_size():
    with plots.styled():
        fresh = plots.axes(None, width=4, height=2)

    assert plots.axes(fresh) is fresh
    assert tuple(fresh.figure.get_size_inches()) == (4, 2)


def test_a_label_stands_beside_its_point_in_the_colour_of_its_line():
    ax = plots.axes(None)

    plots.label(ax, 1, 2, "copy", meaning="attacker")

    assert ax.texts[0].get_text() == "copy"
    assert ax.texts[0].get_color() == plots.COLOURS["attacker"]


@pytest.mark.parametrize("colour", plots.COLOURS.values())
def test_every_colour_stands_out_from_white_and_from_dark(colour):
    on_white = 1.05 / (luminance(colour) + 0.05)
    on_dark = (luminance(colour) + 0.05) / (luminance("#121212") + 0.05)

    assert on_white >= 3
    assert on_dark >= 3


def test_a_notebook_shows_every_figure_and_not_only_the_first():
    cell = "from foible import plots\nwith plots.styled():\n    plots.axes(None)"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for _ in range(2)]
    )

    NotebookClient(notebook, timeout=60).execute()

    kinds = [{key for out in c.outputs for key in out.data} for c in notebook.cells]
    assert all("image/png" in kind for kind in kinds)
