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


def test_a_gallery_shows_every_picture_in_its_row():
    rng = np.random.default_rng(0)
    rows = {"grey": rng.random((3, 8, 8)), "colour": rng.random((3, 8, 8, 3))}

    with plots.styled():
        figure = plots.gallery(rows, width=4)

    assert figure.get_size_inches()[0] == 4
    shown = [ax.images[0].get_array() for ax in figure.axes]
    np.testing.assert_array_equal(shown[:3], rows["grey"])
    np.testing.assert_array_equal(shown[3:], rows["colour"])
    assert [ax.get_ylabel() for ax in figure.axes] == ["grey", "", "", "colour", "", ""]


def test_a_gallery_wants_as_many_pictures_in_each_row():
    with pytest.raises(ValueError, match="zip"):
        plots.gallery({"two": np.zeros((2, 4, 4)), "three": np.zeros((3, 4, 4))})
