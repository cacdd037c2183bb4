from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from foible import metrics, plots
from foible.errors import BadInput, FindingMoved, WeakEvidence
from foible.evidence import (
    NOT_TRIED,
    BeforeAfter,
    Cell,
    DoseResponse,
    Matrix,
    Separation,
    stacked,
)
from foible.evidence.showing import TIDY
from foible.findings import finding
from foible.plots.phone import narrowed


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def separation(*, others=1000):
    generator = np.random.default_rng(0)
    return Separation(
        {
            "loss": (generator.normal(1, 1, 500), generator.normal(0, 1, others)),
            "blind": (np.zeros(500), np.zeros(others)),
        },
        group="members",
    )


def dose_response():
    values = np.array([[0.1, 0.2, 0.3], [0.4, 0.6, 0.8]])
    return DoseResponse(
        np.array([1.0, 10.0]),
        {"copy": values},
        dose_name="queries",
        response_name="agreement",
        meanings={"copy": "attacker"},
        units="thieves",
    )


def before_after():
    was = np.r_[np.ones(80, bool), np.zeros(20, bool)]
    return BeforeAfter({"accuracy": (was, ~was)}, change="after")


def matrix():
    return Matrix(
        rows=("talk", "quiet"),
        columns=("scanner", "digest"),
        cells=(
            (Cell("missed", "unnoticed"), Cell("found", "stopped")),
            (Cell("<ran>", "harm"), Cell("found", "stopped")),
        ),
        corner="file",
    )


def test_separation_says_what_is_found_where_false_alarms_are_few():
    evidence = separation()

    share = evidence.found("loss", false_alarms=0.01)

    inside, outside = evidence.scores["loss"]
    assert share == metrics.found_at(inside, outside, false_alarms=0.01)
    assert f"{share:.1%}" in evidence._repr_html_()


def test_the_lines_of_a_table_are_left_to_the_style_sheet():
    assert "border=" not in separation()._repr_html_()


def test_separation_admits_what_it_cannot_measure():
    table = separation(others=500).table()

    assert table.loc["loss", "at 0.1%"] == "not measurable with 500 others"


def test_dose_response_gives_the_mean_of_the_repeats_and_their_interval():
    evidence = dose_response()

    low, high = evidence.interval("copy")[1]

    assert evidence.at("copy", 10) == pytest.approx(0.6)
    assert (low, high) == pytest.approx((0.6 - 0.4968, 1), abs=1e-3)  # cut at 1


def test_an_interval_of_yes_and_no_is_never_a_point():
    yes_and_no = np.repeat([[False], [True]], 50, axis=1)
    evidence = DoseResponse(
        np.array([1.0, 2.0]), {"caught": yes_and_no}, "rows", "share", {}, "n"
    )

    never, always = evidence.interval("caught")

    assert tuple(never) == pytest.approx(metrics.wilson(0, 50))
    assert always[0] < always[1] == 1


def test_what_is_never_so_in_all_repeats_has_an_interval_too():
    never = np.zeros((2, 50), dtype=bool)
    evidence = DoseResponse(
        np.array([1.0, 2]), {"alarm": never}, "rows", "share", {}, "n"
    )

    assert evidence.interval("alarm")[0] == pytest.approx(metrics.wilson(0, 50))
    assert evidence.table().loc["1", "alarm"] == "0.0% (0.0–7.1%)"


def test_an_interval_below_nought_reads_as_words():
    loss = np.array([[-0.01, -0.02, -0.03], [-0.01, 0.02, 0.0]])
    evidence = DoseResponse(
        np.array([1.0, 2]), {"gain": loss}, "rows", "share", {}, "n", within=(-1, 1)
    )

    assert evidence.table().loc["1", "gain"] == "−0.020 (−0.045 to 0.005)"


def test_all_alike_as_numbers_are_not_taken_for_yes_and_no():
    alike = {"as yes": np.ones((1, 20), bool), "as number": np.ones((1, 20))}
    evidence = DoseResponse(np.array([1.0]), alike, "rows", "share", {}, "n")

    assert evidence.interval("as yes")[0] == pytest.approx(metrics.wilson(20, 20))
    assert np.isnan(evidence.interval("as number")).all()


def test_what_was_not_measured_counts_for_nothing():
    values = np.array([[0.8, np.nan, np.nan], [0.5, 0.6, 0.7]])
    meanings = {"it": "victim"}
    evidence = DoseResponse(
        np.array([0.0, 1]), {"it": values}, "d", "r", meanings, "worlds"
    )

    table = evidence.table()

    assert table.loc["0"].tolist() == ["80.0%", "1"]
    assert table.loc["1", "n (worlds)"] == "3"
    assert evidence.at("it", 1) == pytest.approx(0.6)
    assert evidence.plot().has_data()


@pytest.mark.parametrize(
    ("value", "form", "word"),
    [
        (0.99951, "{:.1%}", "> 99.9%"),
        (0.999, "{:.0%}", "> 99%"),
        (1.0, "{:.1%}", "100.0%"),
        (0.004, "{:.0%}", "< 1%"),
        (0.0, "{:.0%}", "0%"),
        (-0.031, "{:+.1%}", "−3.1%"),
        (1234.0, "{:,.0f}", "1,234"),
        (0.5, "{hits} of {n}", "2 of 4"),
        (float("nan"), "{:.0%}", "–"),
        ("runs", "{:.0%}", "runs"),
    ],
)
def test_a_word_never_says_more_than_its_number(value, form, word):
    assert Cell(value, n=4, form=form).word == word


def test_a_share_that_is_nearly_one_is_outside_the_range_of_one():
    copied = Matrix(["copy"], ["agrees"], [[Cell(0.99951, form="{:.1%}")]])

    with pytest.raises(FindingMoved, match=r"0\.99951"):
        finding("agrees", copied.value("copy", "agrees"), "{:.1%}", between=(1, 1))


def test_bars_are_sorted_named_coloured_and_hollow_where_there_is_a_note():
    shares = {"few": 0.004, "all": 1.0, "half": 0.5}
    evidence = Matrix(list(shares), ["kept"], [[Cell(s)] for s in shares.values()])
    meanings = {"few": "attacker", "all": "defence", "half": "attacker"}

    figure = evidence.bars("kept", meanings=meanings, notes={"all": "unused"})

    left, right = figure.axes
    said = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert said == ["unused", "100%", "", "50%", "", "< 1%"]
    assert [t.get_text() for t in left.get_yticklabels()] == ["all", "half"]
    assert [t.get_text() for t in right.get_yticklabels()] == ["few"]
    assert [patch.get_width() for patch in left.patches] == [1, 0.5]
    assert to_hex(left.patches[0].get_edgecolor()) == plots.COLOURS["defence"]
    assert to_hex(left.patches[1].get_facecolor()) == plots.COLOURS["attacker"]
    plt.close()


@pytest.mark.parametrize(
    "make", [separation, dose_response, before_after, matrix], ids=lambda f: f.__name__
)
def test_every_shape_gives_tidy_rows(make):
    tidy = make().tidy()

    assert tuple(tidy.columns[:6]) == TIDY
    assert len(tidy)
    assert tidy.n.min() >= 1


def test_matrices_are_stacked_and_what_was_not_tried_is_a_gap():
    one = Matrix(["a"], ["x", "y"], [[Cell(0.1), Cell(0.2)]], corner="c")
    other = Matrix(["b"], ["y"], [[Cell(0.3)]])

    both = stacked(one, other)

    assert (both.value("b", "y"), both.corner) == (0.3, "c")
    assert both.cell("b", "x") is NOT_TRIED
    assert list(both.column("y")) == ["a", "b"]


def test_each_line_is_labelled_where_it_stands_most_alone():
    lines = {"early": np.array([[0.9], [1.0]]), "late": np.array([[0.0], [1.0]])}
    evidence = DoseResponse(
        np.array([1.0, 2.0]),
        {name: np.repeat(values, 2, axis=1) for name, values in lines.items()},
        "rows",
        "share",
        dict.fromkeys(lines, "defence"),
        "models",
    )

    ax = evidence.plot()

    spots = {text.get_text(): text.xy for text in ax.texts}
    assert spots["early"] == pytest.approx((1, 0.9))
    assert spots["late"][0] < 1.6


def test_settings_of_the_axes_are_made_before_the_names_are_placed():
    rows = np.array([[0.9, 0.9], [0.1, 0.1], [0.0, 0.0]])
    lines = {"a": rows, "b": rows[::-1]}
    evidence = DoseResponse(
        np.array([1.0, 10, 1000]),
        lines,
        "n",
        "share",
        dict.fromkeys(lines, "victim"),
        "rows",
    )

    ax = evidence.plot(xscale="log", xlim=(0.1, 2000))

    assert (ax.get_xscale(), ax.get_xlim()) == ("log", (0.1, 2000))


def test_before_after_is_paired():
    evidence = before_after()

    change, (low, high) = evidence.difference("accuracy")

    assert evidence.before("accuracy") == 0.8
    assert evidence.after("accuracy") == pytest.approx(0.2)
    assert change == pytest.approx(-0.6)
    assert low < -0.6 < high


def test_matrix_counts_how_its_meetings_end_and_escapes_its_words():
    evidence = matrix()

    html = evidence._repr_html_()

    assert (evidence.count("stopped"), evidence.count("harm")) == (2, 1)
    assert evidence.cell("quiet", "scanner").word == "<ran>"
    assert "&lt;ran&gt;" in html
    assert "scope='row'" in html


def test_a_tile_is_framed_where_it_was_stopped_and_shaded_where_there_is_harm():
    ax = matrix().tiles()

    assert [text.get_text() for text in ax.texts] == [
        *("missed", "found"),
        *("<ran>", "found"),
    ]
    faint, *plain = [text.get_color() for text in ax.texts]
    assert faint == plots.COLOURS["attacker"]  # nothing noticed: the number alone
    assert set(plain) == {plots.INK}
    framed = [patch for patch in ax.patches if not patch.get_fill()]
    shades = [patch.get_alpha() for patch in ax.patches if patch.get_fill()]
    assert set(shades) == {0.25}
    assert [patch.get_x() > 0.5 for patch in framed] == [True, True]
    assert len(ax.patches) - len(framed) == 3
    plt.close()


def test_long_words_stand_smaller_in_a_tile():
    ax = Matrix(["a"], ["b", "c"], [[Cell("ran"), Cell("runs")]]).tiles()

    assert [text.get_fontsize() for text in ax.texts] == [9, 8]


def test_tiles_of_a_phone_end_below_the_last_row():
    ax = Matrix(list("abc"), ["x"], [[Cell("ran")]] * 3).tiles()

    with narrowed(ax.figure):
        low, high = ax.get_ylim()

    assert (low, high) == (2 * 1.55 + 0.5, -1)


def five_bars():
    names = list("abcde")
    evidence = Matrix(names, ["kept"], [[Cell(0.5)] for _ in names])
    meanings = dict.fromkeys(names, "victim")
    return evidence.bars("kept", meanings=meanings, notes={}).axes[0]


@pytest.mark.parametrize(
    ("draw", "size", "on_a_phone"),
    [
        (lambda: matrix().plot(), (1.6 + 2 * 1.25, 0.9 + 2 * 0.42), (3.6, 0.85 * 1.74)),
        (
            lambda: matrix().tiles(),
            (1.4 + 2 * 0.4, 1.1 + 2 * 0.3),
            (3.6, 1.1 + 2 * 0.46),
        ),
        (five_bars, (6.4, 0.2 + 3 * 0.22), (3.6, 0.2 + 5 * 0.22)),
        (lambda: before_after().plot(), (6.4, 0.8 + 0.7), (3.6, 0.8 + 0.7)),
    ],
)
def test_a_figure_is_as_large_as_its_rows_and_columns(draw, size, on_a_phone):
    figure = draw().figure

    assert tuple(figure.get_size_inches()) == pytest.approx(size)
    with narrowed(figure):
        now = tuple(figure.get_size_inches())
    assert now == pytest.approx(on_a_phone)


def test_changes_stand_below_each_other_with_room_around():
    was = np.array([True, False, True, False])
    evidence = BeforeAfter({"one": (was, was), "two": (was, ~was)}, change="after")

    ax = evidence.plot()

    assert ax.get_ylim() == (1.6, -0.6)
    assert ax.figure.get_size_inches()[1] == pytest.approx(0.8 + 2 * 0.7)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["one", "two"]
    assert all(
        line.get_zorder() < mark.get_zorder()
        for line in ax.lines
        for mark in ax.collections
    )
    assert [text.get_position()[1] for text in ax.texts] == [9, -15] * 2


def test_bars_fill_both_halves_alike_and_begin_at_nought():
    bars = five_bars()

    assert (bars.get_ylim(), bars.get_xlim()) == ((2.5, -0.5), (0, 1.35))
    assert {text.get_fontsize() for text in bars.texts} == {9}


def test_a_bar_is_thinner_than_its_row_and_its_words_stand_in_and_behind_it():
    bars = five_bars()

    drawn = [
        (bar.get_y(), bar.get_height(), bar.get_linewidth()) for bar in bars.patches
    ]
    assert drawn == [pytest.approx((y - 0.325, 0.65, 1.5)) for y in range(3)]
    assert [text.get_position() for text in bars.texts] == [
        place for y in range(3) for place in ((0.04, y), (0.53, y))
    ]
    assert bare(bars)


def bare(ax):
    """Whether axes have no lines but those that are drawn: no grid, no ticks."""
    axes = (ax.xaxis, ax.yaxis)
    lines = [tick.gridline.get_visible() for a in axes for tick in a.get_major_ticks()]
    ticks = [
        tick.tick1line.get_markersize() for a in axes for tick in a.get_major_ticks()
    ]
    return not any(lines) and not any(ticks)


def test_a_matrix_is_its_words_in_their_places_and_no_frame():
    ax = matrix().plot()

    assert [(text.get_text(), *text.get_position()) for text in ax.texts] == [
        ("△ missed", 0, 0),
        ("■ found", 1, 0),
        ("▲ <ran>", 0, 1),
        ("■ found", 1, 1),
    ]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 1.5), (1.5, -0.5))
    assert list(ax.get_xticks()) == list(ax.get_yticks()) == [0, 1]
    assert [tick.get_rotation() for tick in ax.get_xticklabels()] == [0, 0]
    assert not any(side.get_visible() for side in ax.spines.values())
    assert bare(ax)


def test_tiles_nearly_touch_and_those_of_what_was_stopped_have_a_thick_frame():
    ax = matrix().tiles()

    drawn = [
        (*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in ax.patches
    ]
    corners = [(0.55, -0.4), (0.55, -0.4), (-0.45, 0.6), (0.55, 0.6), (0.55, 0.6)]
    assert drawn == [pytest.approx((*corner, 0.9, 0.8)) for corner in corners]
    assert [patch.get_linewidth() for patch in ax.patches] == [0, 2, 0, 0, 2]
    assert [text.get_position() for text in ax.texts] == [
        (0, 0),
        (1, 0),
        (0, 1),
        (1, 1),
    ]
    assert [tick.get_rotation() for tick in ax.get_xticklabels()] == [90, 90]
    assert bare(ax)


def test_on_a_phone_a_name_stands_above_its_tiles():
    ax = matrix().tiles()

    with narrowed(ax.figure):
        said = [(text.get_text(), *text.get_position()) for text in ax.texts[-2:]]

    assert said == [("talk", -0.45, -0.42), ("quiet", -0.45, pytest.approx(1.13))]


def test_on_a_phone_a_name_stands_above_its_change():
    was = np.array([True, False, True, False])
    ax = BeforeAfter({"one": (was, was), "two": (was, ~was)}, change="after").plot()
    beside = [text.get_text() for text in ax.get_yticklabels()]

    with narrowed(ax.figure):
        said = [(text.get_text(), *text.get_position()) for text in ax.texts[-2:]]
        left = [text.get_text() for text in ax.get_yticklabels()]

    assert (beside, left) == (["one", "two"], ["", ""])
    assert said == [("one", -0.05, -0.36), ("two", -0.05, 0.64)]
    assert ax.get_xlim() == (-0.07, 1.07)


def test_bars_of_a_phone_stand_in_one_column():
    figure = five_bars().figure
    wide = len(figure.axes)

    with narrowed(figure):
        (ax,) = figure.axes
        named = [text.get_text() for text in ax.get_yticklabels()]
        ends = ax.get_ylim()

    assert (wide, named) == (2, list("abcde"))
    assert ends == (4.5, -0.5)


def test_an_interval_is_a_faint_band_without_an_edge():
    band, *_ = dose_response().plot().collections

    assert (band.get_alpha(), *band.get_linewidth()) == (0.2, 0)


def test_a_curve_is_told_at_evenly_spaced_shares_up_to_all():
    evidence = separation()

    curves = evidence.curves(0.001)
    loss = curves[curves.what == "loss"]

    assert (len(loss), len(curves)) == (100, 200)
    assert np.diff(np.log(loss.false_alarms)) == pytest.approx(np.log(1000) / 99)
    assert (loss.false_alarms.iloc[0], loss.false_alarms.iloc[-1]) == (0.001, 1)
    inside, outside = evidence.scores["loss"]
    for share, found in zip(loss.false_alarms, loss.found, strict=True):
        most = max(
            np.mean(inside >= s) for s in inside if np.mean(outside >= s) <= share
        )
        assert found == pytest.approx(most, abs=1e-9)
    assert set(curves[curves.what == "blind"].found) == {0, 1}


def test_curves_are_drawn_from_half_a_false_alarm_to_all():
    ax = separation().plot()

    assert ax.get_xlim() == (0.0005, 1)
    assert ax.get_ylim() == (0.0005, 1.05)
    assert ax.figure.get_size_inches()[1] == 4.4
    assert tuple(ax.lines[0].get_xdata()) == (0.0005, 1)


def test_five_lines_differ_by_colour_or_dashes():
    meanings = dict.fromkeys("abcd", "attacker") | {"e": "victim"}
    lines = {name: np.full((2, 3), 0.5) for name in meanings}
    evidence = DoseResponse(
        np.array([1.0, 2.0]), lines, "rows", "share", meanings, "models"
    )

    drawn = [(line.get_linestyle(), line.get_color()) for line in evidence.plot().lines]

    assert len(set(drawn)) == 5


def test_a_separation_tells_what_it_finds_at_one_in_a_thousand():
    evidence = separation()

    row = evidence.table().loc["loss"]

    found = evidence.found("loss", false_alarms=0.001)
    assert row["at 0.1%"].startswith(f"{found:.1%}")
    assert row["at 0.1%"] != row["members found at 1% false alarms"]


def test_the_line_of_chance_lies_below_the_scores():
    chance, *scores = separation().plot().lines

    assert chance.get_label() == "chance"
    np.testing.assert_array_equal(*chance.get_data())
    assert [line.get_linestyle() for line in scores] == list(plots.LINES[:2])


def test_shares_of_false_alarms_are_one_in_a_hundred_and_in_a_thousand():
    assert list(separation().tidy().dose) == [0.01, 0.001] * 2
    assert list(separation(others=999).tidy().dose) == [0.01] * 2
    with pytest.warns(WeakEvidence):
        assert list(separation(others=40).tidy().dose) == [0.01] * 2


def test_tiles_leave_the_percent_signs_to_the_caption():
    ax = Matrix(["a"], ["b"], [[Cell(0.05, "harm")]]).tiles()

    assert ax.texts[0].get_text() == "5"
    plt.close()


@pytest.mark.parametrize(
    "make", [separation, dose_response, before_after, matrix], ids=lambda f: f.__name__
)
def test_every_shape_draws_on_the_axes_it_is_given(make):
    _, ax = plt.subplots()

    drawn = make().plot(ax)

    assert drawn is ax
    assert len(plt.get_fignums()) == 1
    assert ax.has_data() or ax.texts


@pytest.mark.parametrize(
    "make", [separation, dose_response, before_after, matrix], ids=lambda f: f.__name__
)
def test_every_shape_draws_on_axes_of_its_own_and_shows_a_table(make):
    evidence = make()

    ax = evidence.plot()

    assert ax.figure in map(plt.figure, plt.get_fignums())
    assert "<table" in evidence._repr_html_()
    assert len(evidence.table())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Separation({}, group="members"), "got no score"),
        (
            lambda: DoseResponse(np.array([2.0, 1.0]), {}, "d", "r", {}, "n"),
            "wanted them ascending",
        ),
        (
            lambda: DoseResponse(np.array([1.0]), {"a": np.ones(3)}, "d", "r", {}, "n"),
            "a row for each dose",
        ),
        (lambda: dose_response().at("copy", 3), "wanted one of"),
        (
            lambda: BeforeAfter({"a": (np.ones(2, bool), np.ones(3, bool))}, "x"),
            "same rows twice",
        ),
        (
            lambda: DoseResponse(
                np.array([1.0]), {"a": np.full((1, 2), 3)}, "", "", {}, "n"
            ),
            "wanted 0.0 to 1.0, or say",
        ),
        (lambda: Matrix(("a",), ("b", "c"), ((Cell("x"),),)), "1 rows of 2"),
        (lambda: matrix().cell("loud", "scanner"), "got the row 'loud'"),
        (lambda: matrix().cell("talk", "nose"), "got 'nose'; wanted one of"),
        (lambda: matrix().value("talk", "scanner"), "'missed', which is no number"),
    ],
)
def test_evidence_of_the_wrong_shape_is_one_clear_error(call, message):
    with pytest.raises(BadInput, match=message):
        call()


# ---------------------------------------------------------------- scores that share


def shared_separation():
    """Two people's scores by four models each: one is found, the other never is."""
    person = np.repeat([0, 1], 4)
    inside = np.r_[np.full(4, 9.0), np.zeros(4)]
    outside, others = np.linspace(-1, 1, 400), np.arange(400) % 2
    return Separation(
        {"it": (inside, outside)}, group="members", shared=[(person, others)]
    )


def test_separation_counts_how_often_each_is_found():
    each = shared_separation().each("it", false_alarms=0.01)

    np.testing.assert_array_equal(each, [1, 0])


def test_separation_counts_how_often_each_is_falsely_accused():
    outside = np.r_[np.zeros(198), 5.0, 4.0]
    numbers = [(np.array([0, 1]), np.r_[np.zeros(190, int), np.ones(10, int)])]
    one = Separation({"it": (np.array([9.0, 9.0]), outside)}, "members", numbers)

    of_two, of_one = (
        one.each("it", false_alarms=share, side=1) for share in (0.012, 0.008)
    )

    np.testing.assert_array_equal(of_two, [0, 2 / 10])
    np.testing.assert_array_equal(of_one, [0, 1 / 10])


def test_a_difference_is_counted_on_the_same_resamples():
    random = np.random.default_rng(0)
    noise, person = random.normal(0, 1, 400), np.arange(400) % 40
    scores = {
        "it": (noise + 1, noise),
        "the same, scaled": (2 * noise + 2, 2 * noise),
        "less": (noise + 0.5, noise),
    }
    one = Separation(scores, "members", [(person, person)])

    nothing, exact = one.more("it", "the same, scaled", false_alarms=0.05)
    more, (low, high) = one.more("it", "less", false_alarms=0.05)

    assert nothing == 0
    assert exact == (0, 0)
    assert 0 < low < more < high
    assert more == pytest.approx(
        one.found("it", false_alarms=0.05) - one.found("less", false_alarms=0.05)
    )
    with pytest.raises(BadInput, match="wanted `shared`"):
        replace(one, shared=()).more("it", "less", false_alarms=0.05)


def test_somebody_who_is_never_inside_is_neither_found_nor_missed():
    one = shared_separation()
    numbers = (np.zeros(8, int), np.arange(400) % 2)

    each = Separation(one.scores, "members", [numbers]).each("it", false_alarms=0.01)

    assert each[0] == 0.5
    assert np.isnan(each[1])


def test_shared_scores_get_a_wider_interval_in_the_table():
    shared = shared_separation()
    naive = Separation(shared.scores, group="members")

    (low, high), pretended = (
        one.interval("it", false_alarms=0.01) for one in (shared, naive)
    )

    assert high - low > pretended.high - pretended.low
    assert f"{100 * low:.1f}–{high:.1%}" in shared.table().iloc[0, 0]


def test_numbers_that_do_not_fit_the_scores_are_refused():
    with pytest.raises(BadInput, match="8 and 400 scores of 'it', and 7 and 400"):
        Separation(
            shared_separation().scores,
            group="members",
            shared=[(np.zeros(7, int), np.zeros(400, int))],
        )


def test_two_separations_of_the_same_rows_can_stand_in_one_table():
    one, other = shared_separation(), shared_separation()
    other = Separation({"that": other.scores["it"]}, "members", other.shared)

    both = one | other

    assert list(both.table().index) == ["it", "that"]
    assert both.shared is one.shared
    assert list(one.scores) == ["it"]


def test_an_interval_is_no_point_where_nothing_is_found():
    one = shared_separation()
    nothing = {"it": (np.full(8, -2.0), one.scores["it"][1])}

    low, high = Separation(nothing, "members", one.shared).interval(
        "it", false_alarms=0.01
    )

    assert low == 0
    assert high == metrics.wilson(0, 8).high


def test_a_lead_is_paired_unit_by_unit():
    base = np.array([0.1, 0.5, 0.9])
    curve = DoseResponse(
        np.array([1.0]),
        {"one": (base + 0.1)[None], "other": base[None]},
        "dose",
        "share",
        {"one": "attacker", "other": "chance"},
        "worlds",
    )

    low, high = curve.lead("one", "other", 1)

    assert (low, high) == pytest.approx((0.1, 0.1))
    with pytest.raises(BadInput, match="got the dose 2"):
        curve.lead("one", "other", 2)


def test_a_lead_of_yes_and_no_is_honest_where_nothing_differs():
    same = np.array([[True, True, False, True]])
    curve = DoseResponse(
        np.array([1.0]),
        {"one": same, "other": same},
        "dose",
        "share",
        {"one": "attacker", "other": "chance"},
        "rows",
    )

    low, high = curve.lead("one", "other", 1)

    assert low < 0 < high


def test_shares_of_a_dose_and_of_a_change_are_shown_in_per_cent():
    evidence = DoseResponse(
        np.array([0.0, 0.25]),
        {"lost": np.array([[-0.5, -0.5], [0.5, 0.5]])},
        "rows, as a share",
        "lost",
        {"lost": "victim"},
        "worlds",
        within=(-1, 1),
        dose_share=True,
        response_share=True,
    )

    ax = evidence.plot()
    ax.figure.canvas.draw()

    assert list(evidence.table().index) == ["0%", "25%"]
    assert list(evidence.table()["lost"]) == ["-50.0%", "50.0%"]
    for axis in (ax.xaxis, ax.yaxis):
        assert all(tick.get_text().endswith("%") for tick in axis.get_ticklabels())
