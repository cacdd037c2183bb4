"""Is a talk cut to its minutes, in three formats, and does it know what has moved?"""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation
from pypdf import PdfReader
from test_slides import EXTENSIONS

ROOT = Path(__file__).parents[1]
LABEL = "fig-one-dose"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="60pt"/>'


@pytest.fixture(scope="module")
def talk():
    """A module of the talk, by name."""
    sys.path.insert(0, str(EXTENSIONS))
    yield lambda name: importlib.import_module(f"talk.{name}")
    sys.path.remove(str(EXTENSIONS))


def slide(kind, minutes, priority, html="", **more):
    block = {"form": "prose", "html": html, "step": 0}
    shown = {"kind": kind, "minutes": minutes, "priority": priority, "anchor": "x"}
    shown |= {"heading": kind.title(), "blocks": [block] if html else []}
    return shown | {"notes": ["Say it."], "findings": [], "works": []} | more


def chapter(stem):
    number = f'<span class="found role-attacked" data-finding="{stem}.n">3 %</span>'
    figure = {"form": "figure", "label": LABEL, "alt": "A line that rises.", "html": ""}
    code = {"form": "code", "html": "<pre>f(x)</pre>", "text": "f(x)", "step": 0}
    rows = "<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>"
    table = {"form": "table", "html": f"<table>{rows}</table>", "step": 2}
    math = '<math display="block"><msup><mi>x</mi><mn>2</mn></msup></math>'
    return {
        "stem": stem,
        "title": f"Chapter {stem}",
        "author": "Us",
        "year": "2026",
        "version": "v1",
        "built_on": "",
        "page": f"book/attacks/{stem}.html",
        "base": "",
        "findings": {f"{stem}.n": "3 %"},
        "slides": [
            slide("title", 1, 1, f"<p>It is {number}.</p>", findings=[f"{stem}.n"]),
            slide("idea", 2, 2, f"<p>Power.</p>{math}", works=["Gu et al. 2017."]),
            slide("attack", 2, 3, blocks=[code]),
            slide("evidence", 2, 1, blocks=[figure]),
            slide("costs", 1, 2, blocks=[table]),
            slide("monday", 1, 2, '<ol start="4"><li><p>Look.</p></li></ol>'),
            slide("references", 0, 3),
        ],
    }


@pytest.fixture
def site(tmp_path):
    """A site of two chapters, as far as talks know it."""
    site = tmp_path / "_build" / "html"
    (site / "slides").mkdir(parents=True)
    (site / "figures").mkdir()
    for stem in ("one", "two"):
        path = site / "slides" / f"{stem}.json"
        path.write_text(json.dumps(chapter(stem)))
    for end in ("-page.svg", "-page-dark.svg"):
        (site / "figures" / f"{LABEL}{end}").write_text(SVG)
    Image.new("RGB", (90, 60), "white").save(site / "figures" / f"{LABEL}.png")
    findings = {"one.n": {"text": "3 %"}, "two.n": {"text": "3 %"}}
    (site / "findings.json").write_text(json.dumps(findings))
    return site


def kinds(deck):
    return [(s["page"][13:16], s["kind"]) for s in deck["slides"] if s["minutes"]]


def test_what_must_be_shown_comes_first_and_then_what_should_in_turn(talk):
    chapters = [chapter("one"), chapter("two")]

    short = talk("cutting").talk(chapters, minutes=6)
    longer = talk("cutting").talk(chapters, minutes=9)

    must = [
        ("one", "title"),
        ("one", "evidence"),
        ("two", "title"),
        ("two", "evidence"),
    ]
    assert kinds(short) == must
    assert set(kinds(longer)) - set(must) == {("one", "idea"), ("one", "costs")}
    assert short["slides"][-1]["kind"] == "references"
    assert "Gu et al." in longer["slides"][-1]["blocks"][0]["html"]


def test_too_few_minutes_are_one_error_with_the_least(talk):
    cutting = talk("cutting")

    with pytest.raises(cutting.TooShort, match="got 5 minutes; wanted 6 at least"):
        cutting.talk([chapter("one"), chapter("two")], minutes=5)


@pytest.mark.parametrize(
    ("minutes", "chapters", "words"),
    [
        ("20", "three", 'got three; wanted CHAPTERS="..." of one, two'),
        ("20", "", "got no chapter"),
        ("", "one", "got MINUTES=nothing; wanted a number"),
        ("1", "one", "wanted 3 at least"),
    ],
)
def test_bad_input_is_one_clear_error(
    talk, site, monkeypatch, minutes, chapters, words
):
    monkeypatch.chdir(site.parents[1])

    with pytest.raises(SystemExit, match=words.replace("...", r"\.\.\.")):
        talk("__main__").main(minutes, chapters)


@pytest.fixture
def made(talk, site):
    """The folder of a talk of both chapters."""
    out = site.parents[1] / "_build" / "talk"
    decks = talk("__main__").read(site, ["one", "two"])
    talk("__main__").make(site, out, talk("cutting").talk(decks, minutes=30))
    return out


def test_the_slides_can_be_edited_and_keep_text_pictures_and_notes(made):
    shown = Presentation(str(made / "talk.pptx"))

    slides = list(shown.slides)
    texts = [[s.text_frame.text for s in p.shapes if s.has_text_frame] for p in slides]
    assert texts[0][:2] == ["Title", "It is 3 %."]
    assert texts[1][1] == "Power.\nx2"
    assert texts[2][1] == "f(x)"
    assert texts[5][1] == "4.  Look."
    (picture,) = [s for s in slides[3].shapes if s.shape_type == 13]
    assert picture._element.nvPicPr.cNvPr.get("descr") == "A line that rises."
    (table,) = [s.table for s in slides[4].shapes if s.has_table]
    assert [c.text for row in table.rows for c in row.cells] == ["a", "b", "1", "2"]
    assert slides[0].notes_slide.notes_text_frame.text == "1 min\nSay it."
    runs = [
        r for r in slides[0].shapes[1].text_frame.paragraphs[0].runs if r.text == "3 %"
    ]
    assert str(runs[0].font.color.rgb) == "B34E00"


def test_everything_stays_on_its_slide(made):
    shown = Presentation(str(made / "talk.pptx"))

    for page in shown.slides:
        for shape in page.shapes:
            assert 0 <= shape.left < shape.left + shape.width <= shown.slide_width
            assert 0 <= shape.top < shape.top + shape.height <= shown.slide_height


def test_two_talks_of_one_build_are_the_same_bytes(talk, site, made):
    first = {p.name: p.read_bytes() for p in made.rglob("*") if p.is_file()}
    shutil.rmtree(made)

    decks = talk("__main__").read(site, ["one", "two"])
    talk("__main__").make(site, made, talk("cutting").talk(decks, minutes=30))

    assert {p.name: p.read_bytes() for p in made.rglob("*") if p.is_file()} == first


@pytest.mark.parametrize("name", ["talk.html", "talk.pptx"])
def test_a_deck_knows_which_of_its_numbers_moved(talk, site, made, name):
    checking = talk("checking")
    told = checking.carried(made / name)
    known = json.loads((site / "findings.json").read_text())

    known["one.n"]["text"] = "4 %"
    del known["two.n"]

    assert list(checking.moved(told, known)) == [
        "moved  one.n: 3 % -> 4 % (slide 1)",
        "gone   two.n: was 3 % (slide 7)",
    ]
    assert told["version"] == "v1"


@pytest.mark.parametrize("name", ["talk.txt", "none.pptx"])
def test_what_is_no_deck_is_refused(talk, tmp_path, name):
    (tmp_path / "talk.txt").write_text("nothing")

    with pytest.raises(SystemExit, match="wanted a deck of this book"):
        talk("checking").carried(tmp_path / name)


@pytest.mark.slow
def test_a_deck_prints_a_slide_a_page(talk, made):
    printed = made / "talk.pdf"

    assert talk("printing").pdf(made / "talk.html", printed) == str(printed)

    pages = PdfReader(printed).pages
    slides = json.loads((made.parent / "html/slides/one.json").read_text())["slides"]
    assert len(pages) == 2 * (len(slides) - 1) + 1
    box = pages[0].mediabox
    assert (round(box.width), round(box.height)) == (960, 540)
    assert "It is 3 %" in " ".join(pages[0].extract_text().split())


def test_without_chromium_it_says_what_is_missing(talk, made, monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert "that needs Chromium" in talk("printing").pdf(made / "talk.html", made / "p")


@pytest.fixture(scope="module")
def book():
    """The site of the book, built in place."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return ROOT / "_build" / "html"


@pytest.mark.slow
def test_the_command_makes_a_talk_of_the_book(book):
    command = ["make", "talk", "MINUTES=20", "CHAPTERS=supply_chain backdoor"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert " slides of 20 minutes" in done.stdout
    shown = Presentation(str(book.parent / "talk/talk.pptx"))
    assert len(PdfReader(book.parent / "talk/talk.pdf").pages) == len(shown.slides)


@pytest.mark.slow
def test_the_deck_of_a_chapter_prints_a_slide_a_page(talk, book, tmp_path):
    printed = tmp_path / "evasion.pdf"

    talk("printing").pdf(book / "slides/evasion.html", printed)

    slides = json.loads((book / "slides/evasion.json").read_text("utf-8"))["slides"]
    assert len(PdfReader(printed).pages) == len(slides)
