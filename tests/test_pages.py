"""Do the pages look and work as they should, for every reader?

The first half tests the extensions that make the pages. The second half opens every
page of the built site in a browser, on a wide screen and on a phone, light and dark,
served from this machine. The browser cannot reach any other.
"""

import csv
import functools
import gzip
import http.server
import json
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import citations
import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from lint import check_book, check_chapters

ROOT = Path(__file__).parents[1]
EXTENSIONS = ROOT / "book" / "_ext"
SITE = ROOT / "_build" / "html"
SCREENS = {"wide": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
AXE = Path(__file__).parent / "axe" / "axe.min.js"  # axe-core 4.14.1, from npm
FIRST_VIEW = 80_000  # bytes, compressed, of all but figures and type
TYPE = 70_000  # bytes of the typefaces
REQUESTS = 12
SVG = (
    '<svg width="460.8pt" height="259.2pt" viewBox="0 0 460.8 259.2">'
    '<path style="fill: #FFFFFF; stroke: #24292f"/><path style="fill: #d55e00"/></svg>'
)


# --------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    "tex",
    [
        r"x \in \mathbb{R}^d",
        r"\begin{cases} a & \text{if } x \in G, \\ b & \text{otherwise.} \end{cases}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\sum_{i=1}^n \frac{\nabla_x L}{\|\nabla_x L\|_2} + \operatorname{sign}(x)",
        r"\left| \mathrm{accuracy}(f') \right| \le \Pr\left[ x \in G \right]",
    ],
)
def test_a_formula_becomes_mathml_that_carries_its_source(extension, tex):
    markup = extension("mathml").translated(tex, display=True)

    math = BeautifulSoup(markup, "html.parser").math
    assert math["display"] == "block"
    assert math.annotation.extract().text == tex
    assert "\\" not in math.text


@pytest.mark.parametrize(
    "tex",
    [
        "",
        r"\unknown{x}",
        r"\frac{1}",
        "a_",
        r"\left( x",
        "a & b",
        "}",
        r"\newcommand{}",
    ],
)
def test_a_formula_that_would_lose_a_part_is_refused(extension, tex):
    mathml = extension("mathml")

    with pytest.raises(mathml.Untranslatable):
        mathml.translated(tex, display=False)


def test_limits_stand_below_and_upright_letters_are_one_word(extension):
    markup = extension("mathml").translated(r"\max_{x} \mathrm{gain}", display=True)

    math = BeautifulSoup(markup, "html.parser").math
    assert math.munder.mo["movablelimits"] == "true"
    assert math.find("mi", string="gain")


def test_bold_letters_are_letters_that_a_browser_knows(extension):
    markup = extension("mathml").translated(r"\boldsymbol{x}\mathbb{1}", display=False)

    assert "𝒙" in markup
    assert "𝟙" in markup
    assert "mathvariant" not in markup


# ---------------------------------------------------------------------- figures


def test_a_dark_drawing_exchanges_ink_and_paper_and_lightens_meanings(extension):
    drawings = extension("drawings")

    dark = drawings.darkened(SVG)

    assert f"fill: {drawings.DARK_PAPER}; stroke: {drawings.DARK_INK}" in dark
    assert f"fill: {drawings.DARK_COLOURS['attacker']}" in dark
    assert dark.startswith(f'<svg fill="{drawings.DARK_INK}"')


def test_a_drawing_has_its_size_in_pixels(extension):
    assert extension("drawings").size(SVG) == (614, 346)


def test_a_figure_that_leaves_the_page_says_its_message_and_where_it_is_from(extension):
    takeaway = extension("takeaway")
    colours = {"paper": "#fff", "ink": "#000", "quiet": "#555"}

    whole = takeaway.svg(SVG, "Few & many < all", "Foible · CC BY 4.0", **colours)
    drawn = BytesIO()
    Image.new("RGB", (921, 518), "white").save(drawn, "PNG")
    del colours["paper"]
    told = "A message " * 9, "Foible"
    picture = takeaway.png(drawn.getvalue(), *told, points=460.8, **colours)

    root = ElementTree.fromstring(whole)
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["Few & many < all", "Foible · CC BY 4.0"]
    assert float(root.get("viewBox").split()[3]) > 259.2
    with Image.open(BytesIO(picture)) as png:
        assert png.width == 921
        assert png.height > 518 + 100


def test_a_source_longer_than_its_figure_is_wide_is_broken_and_not_cut(extension):
    takeaway = extension("takeaway")
    source = "Foible, A Name That Is Long · fig-with-a-long-name · 2026-12-01, 12345678"
    drawn = BytesIO()
    Image.new("RGB", (600, 300), "white").save(drawn, "PNG")

    picture = takeaway.png(
        drawn.getvalue(), "Few", source, points=200, ink="#000", quiet="#000"
    )
    drawing = SVG.replace('viewBox="0 0 460.8 259.2"', 'viewBox="0 0 200 100"')
    whole = takeaway.svg(drawing, "Few", source, paper="#fff", ink="#000", quiet="#5")

    with Image.open(BytesIO(picture)) as png:
        edge = png.crop((600 - 20, 0, 600, png.height))
        below = png.crop((0, png.height - 100, 600, png.height))
    assert edge.convert("L").getextrema() == (255, 255)
    assert below.convert("L").getextrema()[0] == 0
    texts = ElementTree.fromstring(whole).iter("{http://www.w3.org/2000/svg}text")
    message, *sources = [text.text for text in texts]
    assert message == "Few"
    assert len(sources) > 1
    assert " ".join(sources) == source


@pytest.mark.parametrize(("value", "stacked"), [("1%", False), ("refused " * 9, True)])
def test_a_table_too_wide_for_a_phone_names_the_columns_of_its_cells(
    extension, value, stacked
):
    cells = "".join(f"<td class='x'>{value}</td>" for _ in range(3))
    head = "".join(f"<th>{name}</th>" for name in ("file", "a", "b &amp; c", '"d"'))
    table = (
        f"<table class='foible-evidence'><thead><tr>{head}</tr></thead>"
        f"<tbody><tr><th>one</th>{cells}</tr></tbody></table>"
    )

    shown = BeautifulSoup(extension("frame").mended(table), "html.parser")

    labels = [cell.get("data-label") for cell in shown.find_all("td")]
    assert labels == (["a", "b & c", '"d"'] if stacked else [None] * 3)
    assert [cell.text for cell in shown.find_all("td")] == [value] * 3
    assert len(shown.find_all("div", class_="foible-scroll")) == 1


def test_a_mark_stands_on_the_line_of_its_number(extension):
    cell = "<td class='foible-harm'><span aria-hidden='true'>▲</span> 29.2%</td>"

    shown = BeautifulSoup(extension("frame").mended(cell), "html.parser")

    assert shown.text == "▲\N{NO-BREAK SPACE}29.2%"


def _left(picture):
    """The columns of a picture that hold anything but paper, below its bar."""
    ink = np.asarray(picture.convert("L"))[13:] < 250
    return np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1)) + 13


@pytest.mark.parametrize("claim", ["It scores 1%.", "It " + "scores and scores " * 90])
def test_a_preview_has_its_size_and_all_stands_within_its_edges(
    extension, tmp_path, claim
):
    previews = extension("previews")

    previews.draw(tmp_path, "book/attacks/evasion", "A title of words " * 5, claim, "")

    with Image.open(tmp_path / "previews" / "book-attacks-evasion.png") as picture:
        columns, rows = _left(picture)
        assert picture.size == (1200, 630)
    assert 60 <= columns.min() < columns.max() <= 1200 - 60
    assert 60 <= rows.min() < rows.max() <= 630 - 60


HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""
PLANTED = """# Trial

![](mute.png) and ![mute](mute.png), but ![A grey square on white paper](mute.png).

A formula $\\unknown{x}$ in a line.

```{code-cell} python
---
mystnb:
  figure:
    name: fig-trial-nothing
---
1
```
"""
PLACES = {
    "alternative text": PLANTED.splitlines()[2],
    "has no MathML": PLANTED.splitlines()[4],
    "got no figure": PLANTED.splitlines()[6],
}


@pytest.mark.slow
def test_what_cannot_be_seen_or_drawn_is_said_with_its_line(tmp_path):
    (tmp_path / "index.md").write_text(f"{HEADER}{PLANTED}", encoding="utf-8")
    plt.imsave(tmp_path / "mute.png", np.zeros((2, 2)))
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    extensions = {
        "local_extensions": dict.fromkeys(
            ("foible_book.figures", "foible_book.mathml"), str(EXTENSIONS)
        )
    }
    config = {"execute": {"execute_notebooks": "off"}, "sphinx": extensions}
    (tmp_path / "_config.yml").write_text(json.dumps(config), encoding="utf-8")

    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr

    found = {
        words: abs(int(line) - f"{HEADER}{PLANTED}".splitlines().index(source) - 1)
        for line, words in re.findall(r"index\.md:(\d+): WARNING: (.*)", said)
        for sign, source in PLACES.items()
        if sign in words
    }
    assert len(found) == said.count("WARNING") == 4
    assert max(found.values()) <= 2  # lines off, as MyST counts


# ------------------------------------------------------------------- two halves


def test_what_the_checks_want_of_a_chapter_is_what_the_pages_show(extension):
    assert check_chapters.OPENING == extension("opening").WANTED
    assert check_book.OWN[-3:] == extension("findings").ROLES


def test_a_card_has_a_fold_for_other_names_only_where_there_are_some(extension):
    card = "<dl class='foible-card'><div>wants</div>{}</dl>"
    names = "<div class='foible-names'><dt>NIST</dt></div>"

    folded = extension("opening")._names_folded

    assert folded(card.format("")) == card.format("")
    assert "</dl><details" in folded(card.format(names))


def test_what_follows_from_a_failed_chapter_is_not_listed_as_a_cause(extension):
    failed = "book/attacks/a.md:3: ERROR: cell failed: ValueError"
    own = "book/attacks/a.md:9: WARNING: unknown document: 'b'"
    follows = [
        "book/attacks/a.md:7: WARNING: got no figure from the cell",
        "book/index.md:2: WARNING: no finding is called 'a.share'; wanted",
    ]

    assert extension("gates")._causes([failed, *follows, own]) == [failed, own]


# -------------------------------------------------------------------- addresses


def test_an_address_ends_with_one_slash(extension, monkeypatch):
    monkeypatch.setenv("FOIBLE_BASE_URL", "https://example.org/book//")

    assert extension("pages").address("FOIBLE_BASE_URL") == "https://example.org/book/"


def test_no_address_is_no_error(extension, monkeypatch):
    monkeypatch.delenv("FOIBLE_BASE_URL", raising=False)

    assert extension("pages").address("FOIBLE_BASE_URL") == ""


def test_what_is_no_address_is_refused_with_the_remedy(extension, monkeypatch):
    pages = extension("pages")
    monkeypatch.setenv("FOIBLE_BASE_URL", "example.org")

    with pytest.raises(pages.ConfigError, match="begins with https://"):
        pages.address("FOIBLE_BASE_URL")


# ------------------------------------------------------------- the built pages


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, without a log."""

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def served(folder):
    """The folder's address on this machine."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Browser:
    """Chromium without a window, spoken to in its own protocol."""

    FLAGS = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--remote-debugging-port=0",
    )

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.count = 0
        self.session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    @classmethod
    @contextmanager
    def started(cls):
        """A browser with a profile of its own, gone afterwards."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            command = ["chromium", *cls.FLAGS, f"--user-data-dir={profile}"]
            with subprocess.Popen(
                command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            ) as process:
                rest = threading.Thread(target=process.stderr.read)
                try:
                    ready = next(line for line in process.stderr if "DevTools" in line)
                    rest.start()
                    with connect(
                        ready.split()[-1], max_size=None, ping_interval=None
                    ) as socket:
                        yield cls(socket)
                finally:
                    process.kill()
                    rest.join()

    def call(self, method: str, **settings: Any) -> dict[str, Any]:
        """Ask, and keep what is said before the answer."""
        self.count += 1
        question = {"id": self.count, "method": method, "params": settings}
        self.socket.send(json.dumps(question | self.session))
        while (message := json.loads(self.socket.recv(120))).get("id") != self.count:
            self.events.append(message)
        assert "error" not in message, message
        return message["result"]

    def look(self, screen: str, theme: str) -> None:
        """See the pages that follow on this screen, in this theme."""
        width, height = SCREENS[screen]
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=screen == "phone",
        )
        wish = {"name": "prefers-color-scheme", "value": theme}
        self.call("Emulation.setEmulatedMedia", features=[wish])

    def open(self, address: str) -> None:
        """Go there, and wait until the page is whole."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        while not self.told("Page.loadEventFired"):
            self.events.append(json.loads(self.socket.recv(120)))

    def told(self, method: str) -> list[dict[str, Any]]:
        """What the browser said of this kind since the page was opened."""
        return [e["params"] for e in self.events if e.get("method") == method]

    def value(self, expression: str) -> Any:
        """What the expression is on the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def later(self, promise: str) -> Any:
        """What the promise on the page becomes."""
        answer = self.call(
            "Runtime.evaluate",
            expression=promise,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")


class Visit(NamedTuple):
    """What was seen of one page on one screen in one theme."""

    page: str
    screen: str
    theme: str
    seen: dict[str, Any]
    complaints: list[str]
    strangers: list[str]

    def __str__(self) -> str:
        return f"{self.page} ({self.screen}, {self.theme})"


SEEN = """(() => {
  const shown = part => part.checkVisibility();
  const covered = () => {
    const places = what => [...document.querySelectorAll(what)].filter(shown).map(
      part => [part, part.getBoundingClientRect()]);
    const parts = places("main :is(table, pre, figure, .lab, .note)");
    return places("main .note").flatMap(([note, over]) => parts.filter(([part, at]) =>
      part !== note && Math.min(over.right, at.right) > Math.max(over.left, at.left) + 2
      && Math.min(over.bottom, at.bottom) > Math.max(over.top, at.top) + 2
    ).map(([part]) => `${note.innerText.slice(0, 40)} on a ${part.tagName}`));
  };
  const closed = covered();
  for (const fold of document.querySelectorAll("article details")) fold.open = true;
  const article = document.querySelector("main");
  const wide = document.documentElement.clientWidth;  // a phone zooms out to fit more
  const sideways = [...document.querySelectorAll("article *")].filter(part =>
    shown(part) && part.getBoundingClientRect().right > wide + 1
    && !part.closest("pre, .foible-scroll, .foible-math-scroll, " +
                     ".output"));
  return {
    overflow: document.documentElement.scrollWidth - wide,
    sideways: sideways.map(part => part.outerHTML.slice(0, 80)),
    covered: [...closed, ...covered()],
    titles: [...document.querySelectorAll("h1")].filter(shown).length,
    paper: getComputedStyle(document.body).backgroundColor,
    text: article.innerText.length - [...article.querySelectorAll("button")]
      .reduce((letters, one) => letters + one.innerText.length, 0),
    math: document.querySelectorAll("math").length,
    flat: [...document.querySelectorAll("math")].filter(part =>
      shown(part) && part.getBoundingClientRect().height < 4).length,
    figures: [...document.querySelectorAll("article figure")].map(figure => {
      const images = [...figure.querySelectorAll("img")].filter(shown);
      const used = images.map(image => {
        const source = image.parentElement.querySelector("source");
        return source && matchMedia(source.media).matches ? source : image;
      });
      return {id: figure.id,
              sources: used.map(one => one.getAttribute("srcset")
                                       || one.getAttribute("src")),
              alts: images.map(image => image.alt),
              sizes: images.map(image => [image.width, image.height]),
              stated: used.map(one => [one.getAttribute("width"),
                                       one.getAttribute("height")])};
    })
  };
})()"""


@pytest.fixture(scope="module")
def site():
    """The site, built in place: chapters that ran before do not run again."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return SITE


@pytest.fixture(scope="module")
def pages(site):
    """Every page that a reader can come to, by its path; of figures alone, three."""
    listed = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    apart = ("_", "c/", "figures/", "slides/")
    pages = sorted(page for page in listed if not page.startswith(apart))
    alone = sorted(page for page in listed if page.startswith("figures/"))[::20]
    return [page for page in pages if page not in {"index.html", "404.html"}] + alone


@pytest.fixture(scope="module")
def browser():
    with Browser.started() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def visits(browser, address, pages):
    """Each page, on each screen, in each theme."""
    return [
        visit(browser, address, page, screen, theme)
        for screen, theme in product(SCREENS, THEMES)
        for page in pages
    ]


def visit(browser, address, page, screen, theme):
    browser.look(screen, theme)
    browser.open(address + page)
    seen = browser.value(SEEN)
    asked = [
        told["request"]["url"] for told in browser.told("Network.requestWillBeSent")
    ]
    errors = [told["entry"]["text"] for told in browser.told("Log.entryAdded")]
    raised = [
        told["exceptionDetails"]["text"]
        for told in browser.told("Runtime.exceptionThrown")
    ]
    strangers = [url for url in asked if not url.startswith((address, "data:"))]
    return Visit(page, screen, theme, seen, errors + raised, strangers)


def soup(site, page):
    return BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")


@pytest.mark.slow
def test_no_page_scrolls_sideways(visits):
    wide = {
        str(v): v.seen["sideways"]
        for v in visits
        if v.seen["overflow"] > 0 or v.seen["sideways"]
    }

    assert wide == {}


@pytest.mark.slow
def test_no_note_lies_on_what_else_a_page_shows(visits):
    assert {str(v): v.seen["covered"] for v in visits if v.seen["covered"]} == {}


@pytest.mark.slow
def test_no_page_makes_the_browser_complain(visits):
    assert {str(v): v.complaints for v in visits if v.complaints} == {}


@pytest.mark.slow
def test_no_page_asks_another_machine(visits):
    assert {str(v): v.strangers for v in visits if v.strangers} == {}


# A term with ": " below it, bold, a link, a role, a heading, a row of a table, code.
MARKUP = re.compile(
    r"\n: |^\s*: |(?<!\w)\*\*\w|\]\(|\{[a-z:]+\}`|^:::|^#{1,4} |^\|"
    r"|(?<![\w`])`\w[^`]*`|\$\\?\w"
)


@pytest.mark.slow
def test_no_markup_came_out_as_text(site, pages):
    found = []
    for page in pages:
        soup = BeautifulSoup((site / page).read_text("utf-8"), "html.parser")
        for part in soup.find_all(["pre", "code", "math", "script", "style"]):
            part.replace_with("x")
        blocks = ["p", "li", "dd", "td", "th", "figcaption", "h1", "h2", "h3"]
        texts = [b.get_text() for b in soup.find_all(blocks) if not b.find(["p", "li"])]
        found += [(page, text[:80]) for text in texts if MARKUP.search(text)]

    assert found == []


@pytest.mark.parametrize("text", ["wants\n: what", "a **bold** word", "[a](b)", "$x$"])
def test_markup_that_came_out_as_text_is_seen(text):
    assert MARKUP.search(text)


@pytest.mark.slow
def test_every_page_shows_one_title(visits):
    assert {str(v): v.seen["titles"] for v in visits if v.seen["titles"] != 1} == {}


@pytest.mark.slow
def test_every_figure_shows_the_drawing_of_theme_and_screen_and_says_what(visits):
    figures = [(v, figure) for v in visits for figure in v.seen["figures"]]

    assert figures
    for v, figure in figures:
        kind = "phone" if v.screen == "phone" else "page"
        suffix = f"{figure['id']}-{kind}{'-dark' if v.theme == 'dark' else ''}.svg"
        assert len(figure["sources"]) == 1, (str(v), figure)
        assert figure["sources"][0].endswith(suffix), (str(v), figure)
        assert len(figure["alts"][0]) >= 20, (str(v), figure)
        assert "{" not in figure["alts"][0], (str(v), figure)


@pytest.mark.slow
def test_every_figure_has_its_place_before_it_is_loaded(visits):
    for v in visits:
        if v.page.startswith("figures/"):
            continue  # alone, a figure is fitted into a part of the screen
        for figure in v.seen["figures"]:
            (width, height), stated = figure["sizes"][0], figure["stated"][0]
            wanted = int(stated[0]) / int(stated[1])

            assert 0 < width <= SCREENS[v.screen][0], (str(v), figure)
            assert width / height == pytest.approx(wanted, rel=0.02), (str(v), figure)


@pytest.mark.slow
def test_every_figure_has_its_files_beside_it_and_no_other_is_left(site, visits):
    labels = {figure["id"] for v in visits for figure in v.seen["figures"]}

    files = {path.name for path in (site / "figures").iterdir()}

    drawn = [
        which + dark for which in ("", "-page", "-phone") for dark in ("", "-dark")
    ]
    pictures = (".png", "-dark.png", "-source.png", "-source.svg", ".csv", ".html")
    ends = (*pictures, *(f"{which}.svg" for which in drawn))
    assert files == {label + end for label in labels for end in ends}


@pytest.mark.slow
def test_every_figure_says_in_each_file_what_it_is_and_how_it_may_be_used(site):
    known = json.loads((site / "figures.json").read_text("utf-8"))

    assert len(known) == len({figure["label"] for figure in known}) > 40
    for figure in known:
        path = site / "figures" / figure["label"]
        for end in ("", "-dark", "-source"):
            with Image.open(f"{path}{end}.png") as picture:
                picture.load()
                assert picture.width == 2400, path
                assert picture.text["Title"] == figure["message"], path
                assert picture.text["License"] == figure["licence"], path
                assert picture.text["Description"] == figure["alt"], path
            root = ElementTree.parse(f"{path}{end}.svg").getroot()
            titles = root.iter("{http://purl.org/dc/elements/1.1/}title")
            assert [title.text for title in titles] == [figure["message"]], path
        assert set(figure["files"]) == {
            file.relative_to(site).as_posix()
            for file in path.parent.glob(f"{path.name}*")
            if re.match(rf"{path.name}(-page|-phone)?(-dark|-source)?\.", file.name)
        }


@pytest.mark.slow
def test_a_dark_picture_is_transparent_and_a_light_one_is_not(site):
    for figure in json.loads((site / "figures.json").read_text("utf-8")):
        corners = {}
        for end in (".png", "-dark.png"):
            with Image.open(site / "figures" / f"{figure['label']}{end}") as picture:
                corners[end] = picture.convert("RGBA").getpixel((1, 1))
        assert corners == {".png": (255,) * 4, "-dark.png": (0,) * 4}, figure["label"]


@pytest.mark.slow
def test_every_figure_has_numbers_behind_it_and_a_kind(site):
    for figure in json.loads((site / "figures.json").read_text("utf-8")):
        path = site / "figures" / f"{figure['label']}.csv"
        head, *rows = csv.reader(path.read_text("utf-8").splitlines())

        assert head, path
        assert rows, path
        assert {len(row) for row in rows} == {len(head)}, path
        assert figure["kind"], path


@pytest.mark.slow
def test_numbers_of_figures_and_equations_begin_anew_in_each_chapter(site, pages):
    for page in pages:
        if page.startswith("book/attacks/"):
            chapter = soup(site, page)
            numbers = [tag.text.strip() for tag in chapter(class_="caption-number")]
            equations = [tag.contents[0] for tag in chapter(class_="eqno")]
            figures = [text for text in numbers if text.startswith("Figure")]
            assert figures == [f"Figure {n + 1}" for n in range(len(figures))], page
            assert equations == [f"({n + 1})" for n in range(len(equations))], page


@pytest.mark.slow
def test_the_gallery_has_every_figure_under_its_chapter_with_its_menu(site):
    known = json.loads((site / "figures.json").read_text("utf-8"))

    shown = soup(site, "book/figures.html")("figure")

    assert [figure["id"] for figure in shown] == [one["label"] for one in known]
    for figure, one in zip(shown, known, strict=True):
        assert one["message"] in figure.figcaption.text
        assert len(figure.find(class_="take")("a")) == 8
        assert figure.find("button", attrs={"data-copy": one["citation"]})


@pytest.mark.slow
def test_the_menu_of_a_figure_copies_its_citation_and_closes_by_a_key(browser, address):
    browser.look("wide", "light")
    browser.open(f"{address}book/attacks/evasion.html")

    copied, closed = browser.later("""(async () => {
      let said = "";
      navigator.clipboard.writeText = async (text) => { said = text; };
      const take = document.querySelector("#fig-evasion-radius .take");
      take.open = true;
      const buttons = [...take.querySelectorAll("button")].filter(
        button => button.checkVisibility());
      const copied = [buttons.length];
      for (const button of buttons) { await button.click(); copied.push(said); }
      const key = new KeyboardEvent("keydown", {key: "Escape", bubbles: true});
      document.body.dispatchEvent(key);
      return [copied, !take.open];
    })()""")

    assert copied[0] == 3
    assert copied[1] == f"{address}figures/fig-evasion-radius.html"
    assert "CC BY 4.0" in copied[2]
    assert copied[3].startswith("Two falling lines")
    assert closed


@pytest.mark.slow
def test_letters_of_a_figure_are_as_large_on_a_phone_as_those_around_it(site):
    letters = {}
    for path in (site / "figures").glob("*-phone.svg"):
        svg = path.read_text("utf-8")
        across = float(re.search(r'width="([\d.]+)pt"', svg)[1]) * 96 / 72
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
        if sizes:  # there are pictures without a word
            shown = min(1, 350 / across)  # of the page's 350 pixels
            letters[path.stem] = min(sizes) * 96 / 72 * shown

    assert {name: px for name, px in letters.items() if px < 12} == {}


@pytest.mark.slow
def test_dark_drawings_stand_on_the_paper_of_dark_pages(extension, visits):
    paper = extension("drawings").DARK_PAPER
    colour = f"rgb({', '.join(str(int(paper[i : i + 2], 16)) for i in (1, 3, 5))})"

    assert {v.seen["paper"] for v in visits if v.theme == "dark"} == {colour}


@pytest.mark.slow
def test_every_formula_is_drawn_by_the_browser_itself(site, pages, visits):
    assert sum(v.seen["math"] for v in visits) > 0
    assert {str(v): v.seen["flat"] for v in visits if v.seen["flat"]} == {}
    for page in pages:
        scripts = [tag.get("src", "") for tag in soup(site, page)("script")]
        assert not [script for script in scripts if "mathjax" in script.lower()]


def references(end):
    """What a page refers to on this site."""
    links = [
        tag.get("href") or tag.get("src") for tag in end(href=True) + end(src=True)
    ]
    return [link for link in links if not urlsplit(link).scheme]


def leads_somewhere(site, anchors, page, reference):
    path, anchor = urldefrag(urljoin(f"/{page}", reference))
    target = unquote(urlsplit(path).path).lstrip("/") or "index.html"
    known = anchors.get(target, {unquote(anchor)})
    return (site / target).is_file() and unquote(anchor) in known


@pytest.mark.slow
def test_every_internal_link_and_anchor_leads_somewhere(site, pages):
    ends = {page: soup(site, page) for page in [*pages, "index.html"]}
    anchors = {
        page: {tag["id"] for tag in end(id=True)} | {"", "top"}
        for page, end in ends.items()
    }
    broken = [
        (page, reference)
        for page, end in ends.items()
        for reference in references(end)
        if not leads_somewhere(site, anchors, page, reference)
    ]

    assert broken == []


@pytest.mark.slow
def test_every_page_can_be_read_without_scripts(browser, address, visits):
    texts = {v.page: v.seen["text"] for v in visits if v.screen == "phone"}

    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    without = {
        page: visit(browser, address, page, "phone", "light").seen for page in texts
    }
    browser.call("Emulation.setScriptExecutionDisabled", value=False)

    for page, seen in without.items():
        assert page == "search.html" or seen["text"] >= 0.95 * texts[page], page
        for figure in seen["figures"]:
            assert len(figure["sources"]) == 1, (page, figure)


@pytest.mark.slow
def test_a_page_that_is_not_there_is_said_to_be_missing_with_the_looks_of_others(site):
    missing = soup(site, "404.html")

    assert missing.h1.text == "Page not found"
    sheets = [link["href"] for link in missing("link", rel="stylesheet")]
    assert any(sheet.startswith("/_static/foible.css") for sheet in sheets)


@pytest.mark.slow
def test_every_chapter_can_be_cited_by_people_and_by_machines(site, pages):
    parts = ("book/attacks/", "book/foundations/")
    chapters = [page for page in pages if page.startswith(parts)]

    assert chapters
    for page in chapters:
        chapter = soup(site, page)
        names = {tag.get("name") or tag.get("property") for tag in chapter("meta")}
        thing = json.loads(chapter.find("script", type="application/ld+json").string)
        assert {"description", "og:title", "citation_title"} <= names, page
        assert thing["@type"] == "Chapter"
        assert thing["name"] == chapter.h1.find(string=True)
        known = wanted(chapter, thing)
        for end, read in citations.READERS.items():
            text = (site / f"cite/{Path(page).stem}.{end}").read_text("utf-8")
            assert read(text) == known, page
            assert text.strip() in chapter.find(id="cite").text, page
        said = (site / f"cite/{Path(page).stem}.txt").read_text("utf-8")
        assert all(fact in said for fact in known[1:]), page


def wanted(chapter, thing):
    """What every form of a chapter's citation has to say, by the page itself."""
    footer = chapter.find("footer").text
    version = re.search(r"This is version (?:[\d-]+, )?(\S+)\.\s", footer)[1]
    return citations.Read(
        "chapter",
        chapter.h1.find(string=True),
        thing["isPartOf"]["name"],
        chapter.find("meta", attrs={"name": "citation_author"})["content"],
        version,
        thing["datePublished"],
        "",  # which a site on no server does not have
    )


@pytest.mark.slow
def test_every_page_says_which_data_built_it_and_how_it_may_be_used(site, pages):
    for page in (page for page in pages if not page.startswith("figures/")):
        footer = soup(site, page).find("footer", class_="foot").text
        assert "Built on embedded data" in footer, page
        assert "CC BY 4.0" in footer, page
        assert "This is version " in footer, page


@pytest.fixture(scope="module")
def loaded(browser, address, pages, site):
    """What the first view of each page loads: bytes as a server sends them."""
    found = {}
    for page in pages:
        browser.look("phone", "light")
        browser.open(address + page)
        asked = [
            unquote(urlsplit(told["request"]["url"]).path).lstrip("/")
            for told in browser.told("Network.requestWillBeSent")
            if not told["request"]["url"].startswith("data:")
        ]
        found[page] = {
            path: len(gzip.compress((site / path).read_bytes())) for path in asked
        }
    return found


def weight(files, *suffixes):
    return sum(size for path, size in files.items() if path.endswith(suffixes))


@pytest.mark.slow
def test_the_first_view_of_every_page_is_light(loaded):
    drawn = (".svg", ".png", ".webp")
    texts = {
        page: sum(files.values()) - weight(files, *drawn) - weight(files, ".woff2")
        for page, files in loaded.items()
        if page != "book/findings.html"  # which is all the numbers there are
    }

    assert {page: size for page, size in texts.items() if size > FIRST_VIEW} == {}
    assert {p: f for p, f in loaded.items() if weight(f, ".woff2") > TYPE} == {}
    asked = {  # figures further down are asked for when they are near
        page: [path for path in files if not path.endswith(drawn)]
        for page, files in loaded.items()
    }
    assert {p: f for p, f in asked.items() if len(f) > REQUESTS - 1} == {}


VIOLATIONS = """(async () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, {runOnly: tags});
  const said = (node) => node.html.slice(0, 120) + " " + node.failureSummary;
  return found.violations.map(one => one.id + ": " + one.nodes.length + " × "
    + said(one.nodes[0]).slice(0, 300));
})()"""


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_no_page_breaks_a_rule_of_accessibility(browser, address, pages, theme):
    broken = {}
    for page in pages:
        browser.look("wide", theme)
        browser.open(address + page)
        browser.value(AXE.read_text(encoding="utf-8"))
        if found := browser.later(VIOLATIONS):
            broken[page] = found

    assert broken == {}


@pytest.mark.slow
def test_the_search_opens_the_section_that_has_the_word(browser, address):
    browser.look("wide", "light")
    browser.open(f"{address}book/index.html")
    browser.value("document.querySelector('.find input').focus()")
    found = {}
    for words in (
        "pickle",
        "neural cleanse",
        "lira",
        "prompt injection",
        "deepfake",
        "zebra",
        "pickles on monday",
        "backdoor matrix",
    ):
        found[words] = browser.later(
            f"""(async () => {{
              while (!book) await new Promise(done => setTimeout(done, 20));
              const field = document.querySelector(".find input");
              const words = {json.dumps(words)};
              field.value = words;
              field.dispatchEvent(new Event("input"));
              while (!here(words)) await new Promise(done => setTimeout(done, 20));
              return [...document.querySelectorAll(".hints li")].slice(0, 2).map(
                one => one.querySelector("a")?.getAttribute("href") ?? one.innerText);
            }})()"""
        )

    assert found["pickle"][0] == "../book/glossary.html#term-pickle"
    cleansed = "../book/glossary.html#term-Neural-Cleanse", "../book/attacks/backdoor"
    told = "../book/glossary.html#term-LiRA", "../book/attacks/membership_inference"
    first = found["neural cleanse"] + found["lira"]
    for wanted, got in zip(cleansed + told, first, strict=True):
        assert got.startswith(wanted), found
    assert found["prompt injection"][0].endswith("#term-prompt-injection")
    assert "no chapter on forged pictures" in found["deepfake"][0]
    assert found["pickles on monday"][0].endswith("supply_chain.html#on-monday")
    assert found["backdoor matrix"][0].endswith("#fig-backdoor-matrix")
    assert found["zebra"] == ["Nothing in the book has “zebra”."]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1440, 900)])
def test_the_open_menu_stays_on_the_screen(browser, address, width, height):
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
    )  # fmt: skip
    browser.open(f"{address}book/index.html")

    left, right, across = browser.value("""(() => {
      document.querySelector(".menu").open = true;
      const box = document.querySelector(".menu nav").getBoundingClientRect();
      return [box.left, box.right, document.documentElement.clientWidth];
    })()""")

    assert 0 <= left < right <= across


@pytest.mark.slow
def test_a_figure_fills_the_screen_by_a_key_and_leaves_it_again(browser, address):
    browser.look("phone", "dark")
    browser.open(f"{address}book/attacks/evasion.html")

    large, after = browser.value("""(() => {
      document.querySelector("figure .foible-figure-line button").click();
      const dialog = document.querySelector("dialog");
      const shown = [...dialog.querySelectorAll("img")].filter(
        image => image.checkVisibility());
      const large = [dialog.open, shown.length, dialog.clientHeight == innerHeight];
      dialog.querySelector("button").click();
      return [large, dialog.open];
    })()""")

    assert large == [True, 1, True]
    assert not after


@pytest.mark.slow
def test_what_a_search_for_three_words_loads_is_small(site):
    index = (site / "search-index.js").read_bytes()
    letters = [path.read_bytes() for path in (site / "search").glob("*.js")]
    sizes = sorted(len(gzip.compress(words)) for words in letters)

    assert len(gzip.compress(index)) + sum(sizes[-3:]) < 60_000
