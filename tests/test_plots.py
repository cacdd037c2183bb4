import base64
import csv
import re
from io import StringIO
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from foible import plots
from foible.evidence import Cell, Matrix


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


def named(lines, *, meanings=None, **settings):
    """The axes with these lines over 0, 1, 2, and the box of each name."""
    meanings = meanings or dict.fromkeys(lines, "attacker")
    with plots.styled():
        ax = plots.axes(None)
        for line in lines.values():
            ax.plot(range(3), line)
        ax.set(**settings)
        plots.name_lines(ax, range(3), lines, meanings=meanings)
    ax.figure.canvas.draw()
    return ax, {text.get_text(): text.get_window_extent() for text in ax.texts}


def crossed(box, ax, lines):
    """How many of many points along the lines lie in a box of the screen."""
    x = np.linspace(0, 2, 1000)
    points = [np.column_stack([x, np.interp(x, range(3), y)]) for y in lines.values()]
    return box.count_contains(ax.transData.transform(np.concatenate(points)))


def test_a_name_has_the_colour_of_its_line_and_stands_beside_it():
    ax, _ = named({"copy": [1, 3, 2]}, meanings={"copy": "victim"})

    (text,) = ax.texts
    assert text.get_color() == plots.COLOURS["victim"]
    assert text.xy[1] == pytest.approx(np.interp(text.xy[0], range(3), [1, 3, 2]))


@pytest.mark.parametrize(
    "lines",
    [
        {"rising": [0, 1, 2], "falling": [2, 1, 0]},
        {"one": [0, 1, 1], "the same": [0, 1, 1]},
        {"a low line": [0, 0, 0], "a high one": [1, 1, 1], "between": [0, 1, 0]},
        {"steep": [0.01, 1, 100], "steeper": [0.001, 1, 1000]},
    ],
    ids=lambda lines: next(iter(lines)),
)
@pytest.mark.parametrize("scale", ["linear", "symlog"])
def test_names_hide_neither_lines_nor_each_other(lines, scale):
    ax, boxes = named(lines, yscale=scale)

    assert [crossed(box, ax, lines) for box in boxes.values()] == [0] * len(lines)
    for one, other in combinations(boxes.values(), 2):
        assert not one.overlaps(other)


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


def _both(figure):
    """The drawing, and the one for a phone that it carries."""
    (drawn,) = plots.drawings(figure).values()
    return drawn, _along(figure)["phone"]


def _width(svg):
    return float(re.search(r'width="([\d.]+)pt"', svg)[1]) * 96 / 72


@pytest.fixture
def tiled():
    names = [f"a long name {n}" for n in range(12)]
    return Matrix(names[:3], names, [[Cell(1.0, "harm")] * 12] * 3).tiles().figure


@pytest.mark.parametrize("what", ["lines", "tiles"])
def test_on_a_phone_letters_are_as_large_as_those_of_the_text(what, tiled):
    figure = tiled if what == "tiles" else named({"up": [0, 1, 2]})[0].figure

    wide, narrow = _both(figure)

    assert _width(wide) > 400
    assert 340 < _width(narrow) <= 390
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", narrow)]
    on_a_phone = 96 / 72 * 358 / _width(narrow)  # the drawing counts in points
    assert min(sizes) * on_a_phone >= 12.5


def test_a_figure_is_drawn_for_a_phone_and_is_as_it_was(tiled):
    drawn, again = (re.sub(r"#p\w+|id=\S+", "", _both(tiled)[0]) for _ in range(2))

    # A layout that is found anew may differ in the last digits.
    shapes = [re.findall(r"<text|<path|font-size: \d+", one) for one in (drawn, again)]
    assert shapes[0] == shapes[1]
    assert _width(drawn) == pytest.approx(_width(again), rel=0.01)


def _along(figure):
    """What travels inside a drawing, by name."""
    (drawn,) = plots.drawings(figure).values()
    parts = re.findall(r'<metadata id="(\w+)">(.*?)</metadata>', drawn)
    return {name: base64.b64decode(text).decode() for name, text in parts}


def _rows(figure):
    return list(csv.DictReader(StringIO(_along(figure)["rows"])))


def test_what_a_cell_draws_by_hand_is_rows_under_labels_and_meanings():
    with plots.styled():
        ax = plots.axes(None)
        ax.bar([1, 2], [0.25, 1 / 3], label="published")
        ax.plot([1], [2], "o", color=plots.COLOURS["victim"])
        ax.axvline(1.5, label="switches")
        ax.scatter([2], [3], color=plots.COLOURS["attacker"])
        ax.set(xlabel="status", yticks=[2, 3], yticklabels=["low", "high"])

    rows = [[row[k] for k in ("series", "x", "y")] for row in _rows(ax.figure)]

    assert rows == [
        ["published", "1", "0.25"],
        ["published", "2", "0.333333"],
        ["victim", "1", "low"],
        ["switches", "1.5", ""],
        ["attacker", "2", "high"],
    ]
    assert {row["x_name"] for row in _rows(ax.figure)} == {"status"}


def test_ticks_that_panels_share_name_the_rows_of_each():
    with plots.styled():
        figure, places = plt.subplots(1, 2, sharey=True)
        for ax, title in zip(places, ("hard", "easy"), strict=True):
            ax.plot([0.5], [1])
            ax.set_title(title)
        places[0].set_yticks([0, 1], ["not seen", "seen"])

    told = [[row[k] for k in ("panel", "x", "y")] for row in _rows(figure)]

    assert told == [["hard", "0.5", "seen"], ["easy", "0.5", "seen"]]


def test_rows_that_a_cell_hands_over_are_the_rows():
    with plots.styled():
        ax = plots.axes(None)
        ax.plot([1, 2], [3, 4])
    plots.rows(ax.figure, pd.DataFrame({"what": ["one"], "found": [0.1 + 0.2]}))
    plots.rows(ax.figure, pd.DataFrame({"what": ["two"], "n": [np.nan]}))

    assert _along(ax.figure)["rows"] == "what,found,n\none,0.3,\ntwo,,\n"


def test_of_pictures_the_shapes_are_told_with_the_names_of_their_rows():
    figure = plots.gallery({"grey": np.zeros((2, 8, 6)), "red": np.zeros((2, 8, 6, 3))})

    along = _along(figure)

    assert along["kind"] == "pictures"
    told = [
        [row[k] for k in ("row", "height", "width", "colour")] for row in _rows(figure)
    ]
    assert told == [["grey", "8", "6", "no"]] * 2 + [["red", "8", "6", "yes"]] * 2


def test_only_what_leaves_its_axes_is_clipped():
    with plots.styled():
        ax = plots.axes(None)
        ax.grid(False)
        ax.plot([0, 1, 2], [0, 1, 2])
        inside = plots.drawings(ax.figure)["image/svg+xml"].count('clip-path="')
        ax.set_xlim(0.5, 1)
        beyond = plots.drawings(ax.figure)["image/svg+xml"].count('clip-path="')

    assert (inside, beyond) == (0, 1)
    assert all(line.get_clip_on() for line in ax.lines)
