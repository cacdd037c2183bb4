"""Is every page that a reader would see differ on the list, and no other?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import changed_pages

ROOT = Path(__file__).parents[1]
PAGE = """<nav>{nav}</nav><article class="text"><h1>{title}</h1>
<img src="../figures/fig-one-curve.svg" alt="{alt}"></article>"""
WAS = {"nav": "One", "title": "One", "alt": "A line that rises."}


def write(site, *, figure="<svg/>", **differing):
    (site / "book").mkdir(parents=True, exist_ok=True)
    (site / "figures").mkdir(exist_ok=True)
    (site / "figures" / "fig-one-curve.svg").write_text(figure)
    (site / "index.html").write_text("<article class='text'>Foible</article>")
    (site / "book" / "build.html").write_text(differing.pop("seconds", "12 s"))
    (site / "book" / "one.html").write_text(PAGE.format(**WAS | differing))
    return site


@pytest.fixture
def sites(tmp_path):
    return write(tmp_path / "old"), write(tmp_path / "new")


def listed(sites, capsys):
    assert changed_pages.main(*sites) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"title": "Two"}, "- `book/one.html`: text"),
        ({"figure": "<svg>2</svg>"}, "- `book/one.html`: `fig-one-curve.svg`"),
        (
            {"title": "Two", "figure": "<svg>2</svg>"},
            "- `book/one.html`: text, `fig-one-curve.svg`",
        ),
        (
            {"alt": "A line that falls."},
            "- `book/one.html`: markup, such as an alt text",
        ),
    ],
)
def test_what_differs_on_a_page_is_said(sites, capsys, change, line):
    write(sites[1], **change)

    assert listed(sites, capsys) == [line]


@pytest.mark.parametrize(
    ("markup", "brought"),
    [
        ("<script src='../x.js'></script>", "script `x.js`"),
        ("<script>x()</script>", "script `0fa2064b`"),
        ("<b onclick='x()'>", "handler `onclick`"),
        ("<iframe src='/x'></iframe>", "iframe `x`"),
        ("<img src='https://x.example/y.png'>", "host `x.example`"),
        ("<a href='javascript:x()'>", "address `javascript:`"),
    ],
)
def test_what_may_reach_further_is_named(sites, capsys, markup, brought):
    write(sites[1], title=f"One{markup}")

    first, *_ = listed(sites, capsys)

    assert first == f"- **`book/one.html` brings {brought}**"


def test_what_another_page_had_before_is_not_named(sites, capsys):
    for site in sites:
        write(site, nav="<script src='x.js'></script>")
    write(sites[1], nav="<script src='../x.js?v=2'></script>", title="Two")

    assert listed(sites, capsys) == ["- `book/one.html`: text"]


@pytest.mark.parametrize("change", [{}, {"nav": "One and Two"}, {"seconds": "13 s"}])
def test_what_no_reader_of_the_page_sees_is_left_out(sites, capsys, change):
    write(sites[1], **change)

    assert listed(sites, capsys) == ["No page changes for its readers."]


def test_pages_that_come_and_go_are_said(sites, capsys):
    (sites[0] / "book" / "past.html").write_text("<p>past</p>")
    (sites[1] / "book" / "next.html").write_text("<p>next</p>")

    assert listed(sites, capsys) == [
        "- `book/next.html`: new",
        "- `book/past.html`: gone; links to it die",
    ]


def test_a_folder_that_holds_no_site_is_refused(sites, tmp_path, capsys):
    assert changed_pages.main(tmp_path / "nowhere", sites[1]) == 2
    assert "holds no site" in capsys.readouterr().out


def test_two_lists_of_findings_are_compared_wherever_they_lie(tmp_path):
    """As the preview does: what a pull request states against what the book states."""
    for name, text in (("old", "61%"), ("new", "63%")):
        one = {"chapter": "book/attacks/one", "value": 0.6, "text": text}
        stated = {"one.share": one | {"between": [0, 1]}}
        (tmp_path / name).write_text(json.dumps(stated), encoding="utf-8")
    script = ROOT / "book" / "_ext"

    done = subprocess.run(
        [sys.executable, script, "findings", "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "one.share" in done.stdout
    assert done.stdout.index("61%") < done.stdout.index("63%")
