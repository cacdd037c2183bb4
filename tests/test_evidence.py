import matplotlib.pyplot as plt
import numpy as np
import pytest

from foible import metrics
from foible.errors import BadInput
from foible.evidence import BeforeAfter, DoseResponse, Matrix, Separation


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
    )


def before_after():
    was = np.r_[np.ones(80, bool), np.zeros(20, bool)]
    return BeforeAfter({"accuracy": (was, ~was)}, change="after")


def matrix():
    return Matrix(
        rows=("talk", "quiet"),
        columns=("scanner", "digest"),
        cells=(
            (("missed", "unseen"), ("found", "stopped")),
            (("<ran>", "harm"), ("found", "stopped")),
        ),
        corner="file",
    )


def test_separation_says_what_is_found_where_false_alarms_are_few():
    evidence = separation()

    share = evidence.found("loss", false_alarms=0.01)

    inside, outside = evidence.scores["loss"]
    assert share == metrics.found_at(inside, outside, false_alarms=0.01)
    assert f"{share:.1%}" in evidence._repr_html_()


def test_separation_admits_what_it_cannot_measure():
    table = separation(others=500).table()

    assert table.loc["loss", "at 0.1%"] == "not measurable with 500 others"


def test_dose_response_gives_the_mean_of_the_repeats_and_their_interval():
    evidence = dose_response()

    low, high = evidence.interval("copy")[1]

    assert evidence.at("copy", 10) == pytest.approx(0.6)
    assert 0.4 <= low < 0.6 < high < 0.8 + 1e-9


def test_an_interval_of_yes_and_no_is_never_a_point():
    yes_and_no = np.repeat([[0.0], [1.0]], 50, axis=1)
    evidence = DoseResponse(
        np.array([1.0, 2.0]), {"caught": yes_and_no}, "rows", "share", {}
    )

    never, always = evidence.interval("caught")

    assert tuple(never) == pytest.approx(metrics.wilson(0, 50))
    assert always[0] < always[1] == 1


def test_what_is_never_so_in_all_repeats_has_an_interval_too():
    never = np.zeros((2, 50), dtype=bool)
    evidence = DoseResponse(np.array([1.0, 2]), {"alarm": never}, "rows", "share", {})

    assert evidence.interval("alarm")[0] == pytest.approx(metrics.wilson(0, 50))
    assert evidence.table().loc["1", "alarm"] == "0.000 (0.000–0.071)"


def test_an_interval_below_nought_reads_as_words():
    loss = np.array([[-0.01, -0.02], [-0.01, 0.02]])
    evidence = DoseResponse(np.array([1.0, 2]), {"gain": loss}, "rows", "share", {})

    assert evidence.table().loc["1", "gain"] == "−0.015 (−0.020 to −0.010)"


def test_each_line_is_labelled_where_it_stands_most_alone():
    lines = {"early": np.array([[0.9], [1.0]]), "late": np.array([[0.0], [1.0]])}
    evidence = DoseResponse(
        np.array([1.0, 2.0]),
        {name: np.repeat(values, 2, axis=1) for name, values in lines.items()},
        "rows",
        "share",
        dict.fromkeys(lines, "defence"),
    )

    ax = evidence.plot()

    spots = {text.get_text(): text.xy for text in ax.texts}
    assert spots["early"] == pytest.approx((1, 0.9))
    assert spots["late"][0] < 1.6


def test_settings_of_the_axes_are_made_before_the_names_are_placed():
    rows = np.array([[0.9, 0.9], [0.1, 0.1], [0.0, 0.0]])
    lines = {"a": rows, "b": rows[::-1]}
    evidence = DoseResponse(
        np.array([1.0, 10, 1000]), lines, "n", "share", dict.fromkeys(lines, "victim")
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

    assert evidence.count("stopped") == 2
    assert evidence.word("quiet", "scanner") == "<ran>"
    assert "&lt;ran&gt;" in html
    assert "scope='row'" in html


def test_a_tile_is_framed_where_it_was_stopped_and_shaded_where_there_is_harm():
    ax = matrix().tiles()

    assert [text.get_text() for text in ax.texts] == [
        *("missed", "found"),
        *("<ran>", "found"),
    ]
    framed = [patch for patch in ax.patches if not patch.get_fill()]
    assert [patch.get_x() > 0.5 for patch in framed] == [True, True]
    assert len(ax.patches) - len(framed) == 3
    plt.close()


def test_tiles_leave_the_percent_signs_to_the_caption():
    ax = Matrix(["a"], ["b"], [[("5%", "harm")]]).tiles()

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
            lambda: DoseResponse(np.array([2.0, 1.0]), {}, "d", "r", {}),
            "wanted them ascending",
        ),
        (
            lambda: DoseResponse(np.array([1.0]), {"a": np.ones(3)}, "d", "r", {}),
            "a row for each dose",
        ),
        (lambda: dose_response().at("copy", 3), "wanted one of"),
        (
            lambda: BeforeAfter({"a": (np.ones(2, bool), np.ones(3, bool))}, "x"),
            "same rows twice",
        ),
        (lambda: Matrix(("a",), ("b", "c"), ((("x", "harm"),),)), "1 rows of 2"),
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
