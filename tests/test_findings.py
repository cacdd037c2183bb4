import pickle
from functools import partial
from math import nan
from types import SimpleNamespace

import pytest

from foible import findings
from foible.errors import BadInput, FindingMoved
from foible.findings import finding
from foible.metrics import Interval, Measured


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr(findings, "publish_display_data", bundles.append)
    return bundles


def test_a_measured_number_is_shown_with_its_sample(shown):
    finding(
        "hit",
        Measured(0.5, 40, partial(Interval, 0.35, 0.65)),
        "{:.0%}",
        between=(0.4, 0.6),
    )
    finding(
        "alone", Measured(2, 1, partial(Interval, nan, nan)), "{:.0f}", between=(0, 3)
    )

    hit, alone = (bundle[findings.MIME] for bundle in shown)
    assert (hit["n"], hit["interval"]) == (40, ["35%", "65%"])
    assert "n" not in alone


def test_what_is_computed_with_a_measured_number_is_a_plain_one():
    half = Measured(0.5, 40, partial(Interval, 0.35, 0.65))

    assert half == 0.5
    assert type(1 - half) is float
    again = pickle.loads(pickle.dumps(half))
    assert (again, again.n, again.interval) == (half, 40, half.interval)


def test_a_finding_is_shown_once_with_its_text_and_range(shown):
    finding("obeyed", 0.987, "{:.0%}", between=(0.9, 1))

    (bundle,) = shown
    assert bundle[findings.MIME] == {
        "name": "obeyed",
        "value": 0.987,
        "text": "99%",
        "between": [0.9, 1],
        "range": ["90%", "100%"],
    }
    assert bundle["text/plain"] == "obeyed: 99%"


def test_a_negative_finding_has_a_true_minus_sign(shown):
    finding("change", -0.031, "{:+.2f}", between=(-1, 1))

    assert shown[0][findings.MIME]["text"] == "−0.03"


def test_what_rounds_to_nought_has_no_sign(shown):
    finding("change", -0.04, "{:.1f}", between=(-0.06, 1))

    assert shown[0][findings.MIME]["text"] == "0.0"
    assert shown[0][findings.MIME]["range"] == ["−0.1", "1.0"]


@pytest.mark.parametrize("edge", [0.9, 1])
def test_both_ends_of_the_range_are_allowed(shown, edge):
    finding("obeyed", edge, "{:.0%}", between=(0.9, 1))

    assert len(shown) == 1


@pytest.mark.parametrize("value", [0.89, 1.01, float("nan")])
def test_a_finding_outside_its_range_stops_the_chapter(shown, value):
    with pytest.raises(FindingMoved, match=r"obeyed is .*outside 0.9 to 1"):
        finding("obeyed", value, "{:.0%}", between=(0.9, 1))

    assert not shown


@pytest.mark.parametrize(
    ("name", "form"), [("two words", "{:.0%}"), ("obeyed", "99 %"), ("obeyed", " ")]
)
def test_a_name_or_format_that_cannot_be_quoted_is_refused(shown, name, form):
    with pytest.raises(BadInput):
        finding(name, 1, form, between=(0, 1))


def test_each_origin_of_the_data_has_its_own_range(shown, monkeypatch):
    ranges = {"between": (0.1, 0.2), "real": (0.7, 0.8)}

    monkeypatch.delenv("FOIBLE_DATA", raising=False)
    finding("found", 0.15, "{:.0%}", **ranges)
    with pytest.raises(FindingMoved, match=r"outside 0.1 to 0.2"):
        finding("found", 0.75, "{:.0%}", **ranges)

    monkeypatch.setenv("FOIBLE_DATA", "somewhere")
    finding("found", 0.75, "{:.0%}", **ranges)
    finding("found", 0.15, "{:.0%}", between=(0.1, 0.2))
    with pytest.raises(FindingMoved, match=r"outside 0.7 to 0.8"):
        finding("found", 0.15, "{:.0%}", **ranges)


def test_published_models_have_their_own_range(shown, monkeypatch):
    ranges = {"between": (0.1, 0.2), "published": (0.7, 0.8)}

    monkeypatch.delenv("FOIBLE_DATA", raising=False)
    monkeypatch.setenv("FOIBLE_MODELS", "somewhere")
    finding("found", 0.75, "{:.0%}", **ranges)
    finding("found", 0.15, "{:.0%}", between=(0.1, 0.2))
    with pytest.raises(FindingMoved, match=r"outside 0.7 to 0.8"):
        finding("found", 0.15, "{:.0%}", **ranges)


@pytest.mark.parametrize(
    "ranges", [{"between": (0.2, 0.6)}, {"between": (0.4, 0.6), "real": (0, 1)}]
)
def test_a_share_that_may_be_nearly_anything_needs_a_reason(shown, ranges):
    with pytest.raises(BadInput, match=r"wanted one of at most 0\.3"):
        finding("found", 0.5, "{:.0%}", **ranges)
    assert not shown

    finding("found", 0.5, "{:.0%}", **ranges, wide="one of three worlds, yes or no")
    finding("worlds", 3, "{:.0f}", between=(0, 3))
    assert len(shown) == 2


def test_a_count_that_may_be_nearly_anything_needs_a_reason(shown):
    with pytest.raises(BadInput, match=r"1\.00 of the whole for accused"):
        finding("accused", 3, "{:.0f}", of=5, between=(0, 5))
    assert not shown

    finding("accused", 3, "{:.0f}", of=5, between=(0, 5), wide="one owner, all or none")
    finding("accused", 3, "{:.0f}", of=12, between=(1, 4))
    assert len(shown) == 2


def test_the_pages_of_all_findings_have_one_order_whichever_was_read_last(extension):
    pages = {name: {f"{name}.share": {"text": name}} for name in ("b", "a")}
    first, second = (
        SimpleNamespace(foible_findings=dict(items))
        for items in (pages.items(), reversed(pages.items()))
    )

    all_of = extension("findings").all_of
    assert list(all_of(first)) == list(all_of(second)) == ["a.share", "b.share"]
