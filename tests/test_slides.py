"""Has every chapter a deck that can be shown: that fits, offline, to everybody?

The first half tests how passages become slides. The second opens each deck of the built
site in a browser of 1280 × 720, light and dark, and goes through all of its slides.
"""

import hashlib
import importlib
import json
import re
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from test_pages import AXE, THEMES, VIOLATIONS, Browser, served

from foible.threat import parts

ROOT = Path(__file__).parents[1]
EXTENSIONS = ROOT / "book" / "_ext"
SITE = ROOT / "_build" / "html"
REVEAL = ROOT / "book" / "_theme" / "foible" / "deck" / "reveal"
PARTS = {
    path.stem: part for part in parts() for path in (ROOT / "book" / part).glob("*.md")
}
STEMS = sorted(PARTS)
DECKS = [*STEMS, "talk"]
VIEWS = list(product(DECKS, THEMES))


@pytest.fixture(scope="module")
def extension():
    """An extension of the book, by name."""
    sys.path.insert(0, str(EXTENSIONS))
    yield lambda name: importlib.import_module(f"foible_book.{name}")
    sys.path.remove(str(EXTENSIONS))


def test_the_files_of_reveal_are_those_of_the_registry():
    origin = tomllib.loads((REVEAL / "origin.toml").read_text("utf-8"))

    found = {
        name: hashlib.sha256((REVEAL / Path(name).name).read_bytes()).hexdigest()
        for name in origin["sha256"]
    }

    assert found == origin["sha256"]
    assert f"{origin['licence']}" == "MIT"
    assert "Permission is hereby granted" in (REVEAL / "LICENSE.txt").read_text()


# --------------------------------------------------------------------- what is cut


def test_code_loses_docstrings_comments_and_types_and_stays_python(extension):
    source = '''def f(
    X: Floats,
    *,
    seed: int = 0,
) -> Floats:
    """What it gives."""
    # why
    kept = X + 1  # shape (n,)

    return kept
'''

    html, text = extension("slim").code(source)

    assert text == "def f(X, *, seed=0):\n    kept = X + 1\n    return kept"
    assert BeautifulSoup(html, "html.parser").get_text() == text


def test_lines_from_inside_a_function_begin_at_the_margin(extension):
    _, text = extension("slim").code(
        "    kept = X + 1\n    for x in kept:\n        f(x)"
    )

    assert text == "kept = X + 1\nfor x in kept:\n    f(x)"


def test_a_list_item_keeps_its_first_sentence(extension):
    item = nodes.list_item()
    item += nodes.paragraph("", "One e.g. this.\nTwo.")

    short = extension("slim").first_sentence(item)

    assert short.astext() == "One e.g. this."


def test_a_number_on_a_slide_knows_its_finding(extension):
    claim = nodes.paragraph("", "It is ")
    claim += nodes.inline("", "3 %", finding="a.b", classes=["finding", "role-victim"])
    slim = extension("slim")

    html = slim.html(claim)

    assert slim.findings_in(html) == ["a.b"]
    assert slim.plain(html) == "It is 3 %"
    assert "role-victim" in html


def test_a_table_is_cut_to_what_fits_and_says_so(extension):
    row = "<tr>" + "<td style='x'>1</td>" * 9 + "</tr>"
    markup = f"<table><thead>{row}</thead><tbody>{row * 12}</tbody></table>"
    slim = extension("slim")

    html, said = slim.table(markup)

    rows = BeautifulSoup(html, "html.parser")("tr")
    assert (len(rows), len(rows[0]("td"))) == (1 + slim.ROWS, slim.COLUMNS)
    assert "style" not in html
    assert "all are in the chapter" in said
    assert slim.table("<table><tr><td>1</td></tr></table>")[1] == ""


def test_letters_are_smaller_the_more_there_are_and_at_last_it_is_too_much(extension):
    slim = extension("slim")

    steps = [slim.step(f"<p>{'word ' * count}</p>") for count in (30, 120, 200, 900)]

    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == len(slim.STEPS)


# ------------------------------------------------------------------ the built decks


@pytest.fixture(scope="module")
def site():
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return SITE


@pytest.fixture(scope="module")
def browser():
    with Browser.started() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


def look(browser, theme, width=1280, height=720):
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=height, deviceScaleFactor=1, mobile=False,
    )  # fmt: skip
    wish = {"name": "prefers-color-scheme", "value": theme}
    browser.call("Emulation.setEmulatedMedia", features=[wish], media="")


def complaints(browser, address):
    """What the browser said, and what it asked of others."""
    said = [told["entry"]["text"] for told in browser.told("Log.entryAdded")]
    said += [
        told["exceptionDetails"]["text"]
        for told in browser.told("Runtime.exceptionThrown")
    ]
    asked = [
        told["request"]["url"] for told in browser.told("Network.requestWillBeSent")
    ]
    return said + [url for url in asked if not url.startswith((address, "data:"))]


READY = """new Promise(done => {
  const ask = () => typeof deck == "object" && deck.isReady() ? done() : later();
  const later = () => setTimeout(ask, 20);
  ask();
})"""
OVERFLOW = """(async () => {
  await document.fonts.ready;
  const found = {};
  for (const [at, slide] of deck.getSlides().entries()) {
    deck.slide(at);
    await new Promise(done => requestAnimationFrame(done));
    const whole = slide.getBoundingClientRect();
    const body = slide.querySelector(".body").getBoundingClientRect();
    for (const part of slide.querySelectorAll("*")) {
      if (part.closest(".notes") || !part.checkVisibility()) continue;
      const box = part.getBoundingClientRect();
      const room = part.closest(".body") ? body : whole;
      if (box.left < room.left - 1 || box.right > room.right + 1
          || box.top < room.top - 1 || box.bottom > room.bottom + 1
          || (part.localName == "img" && (!part.naturalWidth || box.height < 120)))
        found[slide.id] ??= part.outerHTML.slice(0, 90);
    }
    if (whole.width != 1280 || whole.height != 720) found[slide.id] ??= "size";
    if (!whole.height || !slide.querySelector("h1, h2").innerText) found[slide.id] = "";
  }
  return found;
})()"""


def opened(browser, address, stem, theme="light"):
    look(browser, theme)
    browser.open(f"{address}slides/{stem}.html")
    browser.later(READY)


@pytest.mark.slow
@pytest.mark.parametrize(("stem", "theme"), VIEWS)
def test_nothing_overflows_a_slide_and_nobody_complains(browser, address, stem, theme):
    opened(browser, address, stem, theme)

    overflowing = browser.later(OVERFLOW)

    assert overflowing == {}
    assert complaints(browser, address) == []


@pytest.mark.slow
@pytest.mark.parametrize(("stem", "theme"), VIEWS)
def test_no_deck_breaks_a_rule_of_accessibility(browser, address, stem, theme):
    opened(browser, address, stem, theme)
    browser.value(AXE.read_text(encoding="utf-8"))

    assert browser.later(VIOLATIONS) == []


def deck(site, stem):
    return json.loads((site / "slides" / f"{stem}.json").read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("stem", STEMS)
def test_a_deck_says_all_that_its_chapter_promises(site, stem):
    slides = deck(site, stem)["slides"]
    soup = BeautifulSoup((site / f"slides/{stem}.html").read_text(), "html.parser")

    kinds = [slide["kind"] for slide in slides]
    wanted = ["title", "card", "idea", "attack", "evidence", "defence", "knows"]
    wanted += ["costs", "monday", "limits", "references"]
    assert list(dict.fromkeys(kinds)) == wanted
    code = [b for s in slides for b in s["blocks"] if b["form"] == "code"]
    assert code
    assert max(block["text"].count("\n") for block in code) < 12
    assert all(len(image["alt"]) >= 20 for image in soup("img"))
    assert len(soup("section")) == len(slides)
    for section in soup("section"):
        assert re.match(r"\d+ min", section.find(class_="notes").get_text(strip=True))
        assert section.footer.a["href"].startswith(f"../book/{PARTS[stem]}/{stem}.html")


@pytest.mark.slow
@pytest.mark.parametrize("stem", DECKS)
def test_every_number_of_a_deck_is_a_finding(site, stem):
    known = json.loads((site / "findings.json").read_text("utf-8"))
    soup = BeautifulSoup((site / f"slides/{stem}.html").read_text(), "html.parser")

    shown = {tag["data-finding"]: tag.get_text() for tag in soup(class_="found")}
    carried = json.loads(soup.find(id="carried").string)["findings"]

    assert shown
    for name, text in shown.items():
        assert text == known[name]["text"] == carried[name]["text"]
        assert carried[name]["slides"]


@pytest.mark.slow
def test_keys_lead_through_a_deck_and_make_it_dark(browser, address):
    opened(browser, address, "supply_chain")
    browser.value("localStorage.clear()")
    press = "document.dispatchEvent(new KeyboardEvent('keydown', {keyCode: %d}))"

    for code in (39, 39, 37, 68):  # right, right, left, D
        browser.value(press % code)

    assert browser.value("deck.getIndices().h") == 1
    assert browser.value("document.documentElement.dataset.theme") == "dark"
    browser.value("localStorage.clear()")


@pytest.mark.slow
def test_a_deck_works_from_a_folder_and_in_a_frame(browser, address, site, tmp_path):
    look(browser, "light")
    browser.open((site / "slides/backdoor.html").as_uri())
    browser.later(READY)
    assert browser.value("deck.getTotalSlides()") > 10
    assert browser.told("Log.entryAdded") == []

    browser.open(f"{address}findings.json")  # a page without a policy
    inside = browser.later("""new Promise(done => {
      const frame = document.createElement("iframe");
      frame.src = "slides/backdoor.html";
      frame.onload = () => setTimeout(() => done(frame.contentDocument
        .querySelector("section.present h1").innerText), 500);
      document.body.append(frame);
    })""")
    assert inside == "Backdoors"


@pytest.mark.slow
def test_without_scripts_all_slides_can_be_read(browser, address):
    look(browser, "light")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{address}slides/evasion.html")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)

    seen = browser.value("""[...document.querySelectorAll("section")].map(
      part => part.checkVisibility() && part.getBoundingClientRect().top)""")

    assert all(top is not False for top in seen)
    assert seen == sorted(set(seen))


@pytest.mark.slow
def test_the_speaker_sees_notes_minutes_and_what_comes_next(browser, address):
    look(browser, "light")
    browser.open(f"{address}slides/evasion.html?speaker")
    browser.later(READY)

    said = browser.later("""new Promise(done => setTimeout(() => done(
      document.querySelector(".speaker").innerText), 200))""")

    assert re.search(r"0:0\d spoken, 0 to 1 of \d+ min planned", said)
    assert "Next: What the attacker wants" in said


def test_half_a_statement_is_shown_as_it_is(extension):
    _, text = extension("slim").code("    a = f(\n        1,\n  )\nb")

    assert text == "    a = f(\n        1,\n  )\nb"
