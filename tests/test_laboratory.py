"""Do the experiments of the pages compute what the package computes, for every reader?

The first part tests what a chapter hands over, and the second the engine in a browser,
with values from the package. The third opens each laboratory of the built site, and
uses it by mouse, key and touch.
"""

import base64
import gzip
import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from test_pages import AXE, SCREENS, SITE, THEMES, VIOLATIONS, Browser, served

from foible import data, laboratory, models
from foible.errors import BadInput
from foible.laboratory import rounded

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "book" / "_theme" / "foible" / "static"
ENGINE = 15_000  # bytes, compressed, of what all laboratories share
WHOLE = 150_000  # and of one with all that is its own
READY = 1_000  # milliseconds from the answer to the experiment, on a slow phone
MOVED = 100  # and from a lever to its consequence, on this machine
DIRECTIVE = re.compile(r"^:::\{lab\} (\S+)$", re.MULTILINE)
LABS = {
    name: page.relative_to(ROOT).with_suffix(".html").as_posix()
    for page in sorted(ROOT.glob("book/*/*.md"))
    for name in DIRECTIVE.findall(page.read_text("utf-8"))
}
PAINTED = ("backdoor-sticker", "model_stealing-plane", "poisoning-rows")


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr(laboratory, "publish_display_data", bundles.append)
    return bundles


@pytest.fixture(scope="module")
def digits():
    return data.digits().take(slice(300))


@pytest.fixture(scope="module")
def network(digits):
    return models.network(hidden=(32, 16), steps=200)(digits, seed=0)


def given(shown):
    return shown[-1][laboratory.MIME]["parts"]


def numbers(part):
    raw, bits = base64.b64decode(part["bytes"]), part.get("bits")
    if not bits:
        return np.frombuffer(raw, "<f4").reshape(part["shape"])
    spelt = "".join(f"{byte:08b}" for byte in raw)
    many = int(np.prod(part["shape"]))
    whole = [int(spelt[bits * i : bits * (i + 1)], 2) for i in range(many)]
    values = part.get("least", 0) + np.array(whole) / part.get("levels", 1)
    return values.reshape(part["shape"])


def weights_of(part):
    if "whole" not in part:
        return numbers(part)
    return numbers(part["whole"]) * numbers(part["scale"])


def model_of(part):
    if "heads" in part:
        arrays = {name: weights_of(it) for name, it in part["arrays"].items()}
        return models.Language(part["heads"], arrays)
    layers = (
        (weights_of(it["weight"]), weights_of(it["bias"])) for it in part["layers"]
    )
    return models.Network(tuple(layers))


# --------------------------------------------------------------- what is handed over


def test_rows_and_labels_come_back_as_they_were(shown, digits):
    laboratory.laboratory("evasion-digits", digits=digits)

    part = given(shown)["digits"]
    assert (numbers(part["rows"]) == digits.X).all()
    assert (numbers(part["labels"]) == digits.y).all()
    assert part["rows"]["bits"] == 6
    assert part["image"] == [8, 8]


def test_yes_and_no_come_back_as_one_and_nought(shown):
    values = np.array([[True, False], [False, False]])

    laboratory.laboratory("one-two", values=values)

    assert (numbers(given(shown)["values"]) == values).all()


def test_numbers_off_a_grid_keep_seven_digits(shown):
    values = np.random.default_rng(0).normal(size=50)

    laboratory.laboratory("one-two", values=values)

    np.testing.assert_allclose(numbers(given(shown)["values"]), values, rtol=1e-6)


@pytest.mark.parametrize("most", [63, 255])
def test_whole_numbers_take_six_bits_or_eight(shown, most):
    values = np.random.default_rng(0).integers(most + 1, size=(7, 3))
    values[0] = 0, most, 1

    laboratory.laboratory("one-two", values=values)

    assert (numbers(given(shown)["values"]) == values).all()
    assert given(shown)["values"]["bits"] == {63: 6, 255: 8}[most]


def test_a_network_in_six_bits_answers_as_before(shown, digits, network):
    laboratory.laboratory("evasion-digits", digits=digits, plain=network)

    part = given(shown)["plain"]
    told = model_of(part)
    assert {it["weight"]["whole"]["bits"] for it in part["layers"]} == {6}
    alike = np.mean(told.predict(digits.X) == network.predict(digits.X))
    assert alike >= laboratory.ALIKE
    np.testing.assert_allclose(
        told.logits(digits.X), rounded(network, 6).logits(digits.X), atol=1e-6
    )


def test_a_network_that_fewer_bits_would_change_is_handed_over_in_ten(shown):
    # the answer hangs on a weight that is a thousandth of the largest of its column
    weight = np.array([[1000.0, 1000.0], [1.0, -1.0]])
    fine = models.Network(((weight, np.zeros(2)),))
    rows = data.labelled(np.array([[0.0, 1], [0, -1]] * 20), np.array([0, 1] * 20))

    laboratory.laboratory("one-two", rows=rows, fine=fine)

    part = given(shown)["fine"]
    assert part["layers"][0]["weight"]["whole"]["bits"] == 10
    assert (model_of(part).predict(rows.X) == rows.y).all()


def test_a_model_is_asked_what_stands_in_its_own_mapping(shown):
    # six bits change its answers to the one set of rows, and not to the other
    weight = np.array([[1000.0, 1000.0], [1.0, -1.0]])
    fine = models.Network(((weight, np.zeros(2)),))
    labels = np.array([0, 1] * 20)
    near = data.labelled(np.array([[0.0, 1], [0, -1]] * 20), labels)
    far = data.labelled(np.array([[0.0, 0], [0, 0]] * 20), labels)

    laboratory.laboratory("one-two", near=near, own={"fine": fine, "far": far})

    layer = given(shown)["own"]["fine"]["layers"][0]
    assert layer["weight"]["whole"]["bits"] == 6


def test_the_same_parts_are_the_same_text(shown, digits, network):
    for _ in "ab":
        laboratory.laboratory("one-two", network=network, digits=digits, say=["a"])

    one, other = (json.dumps(bundle) for bundle in shown)
    assert one == other


@pytest.mark.parametrize(
    ("name", "parts", "message"),
    [
        ("Evasion", {"a": 1}, "wanted <chapter>-<what>"),
        ("evasion", {"a": 1}, "wanted <chapter>-<what>"),
        ("one-two", {}, "got no part"),
        ("one-two", {"a": float("nan")}, "got a=nan"),
        ("one-two", {"a": np.array([np.inf])}, "finite"),
        ("one-two", {"a": np.array(["x"])}, "finite"),
        ("one-two", {"a": {"b": object()}}, "got a.b="),
        ("one-two", {"a": {"layers": 2}}, "the name 'layers'"),
        (
            "one-two",
            {"a": models.Network(((np.eye(2), np.zeros(2)),))},
            "without anything",
        ),
    ],
)
def test_what_cannot_be_handed_over_is_one_clear_error(shown, name, parts, message):
    with pytest.raises(BadInput, match=message):
        laboratory.laboratory(name, **parts)
    assert shown == []


# --------------------------------------------------------------- the engine


@pytest.fixture(scope="module")
def browser():
    with Browser.started() as browser:
        yield browser


@pytest.fixture(scope="module")
def desk():
    orders = data.Orders()
    asked = orders.drawn(400, changing=1 / 3, seed=0)
    recipe = models.language(width=32, steps=60, context=40)
    return asked.take(slice(60)), recipe(asked, seed=0)


@pytest.mark.slow
def test_the_engine_goes_on_with_a_text_as_the_package_does(
    tmp_path, browser, shown, desk
):
    texts, model = desk
    laboratory.laboratory("one-two", texts=texts, model=model)
    told = model_of(given(shown)["model"])

    logits, completed = on_a_page(
        tmp_path,
        browser,
        shown,
        """(() => {
          const {texts: {texts}, model} = labDecoded(labGiven.get("one-two"));
          return [texts.map((text) => [...model.logits(text)]),
                  texts.map((text) => model.complete(text.slice(0, 5), 6))];
        })()""",
    )

    np.testing.assert_allclose(logits, told.logits(texts), atol=1e-4)
    wanted = told.complete([text[:5] for text in texts], most=6)
    assert completed == [[int(t) for t in row if t >= 0] for row in wanted]
    assert any(completed)


def on_a_page(folder, browser, shown, expression):
    """What the expression is on a page that has the engine and what was handed over."""
    parts = json.dumps(given(shown))
    (folder / "lab.js").write_text((STATIC / "lab.js").read_text("utf-8"))
    (folder / "parts.js").write_text(f'labParts("one-two", {parts});')
    (folder / "index.html").write_text(
        "<!doctype html><title>t</title><script src=lab.js></script>"
        "<script src=parts.js></script>"
    )
    with served(folder) as address:
        browser.open(f"{address}index.html")
        return browser.value(expression)


@pytest.mark.slow
def test_the_engine_computes_what_the_package_computes(
    tmp_path, browser, shown, digits, network
):
    laboratory.laboratory("one-two", digits=digits, network=network)
    logits, slopes = on_a_page(
        tmp_path,
        browser,
        shown,
        """(() => {
          const {digits, network} = labDecoded(labGiven.get("one-two"));
          const rows = [...digits.labels.values].map((_, i) => labRow(digits.rows, i));
          const slope = (row, i) => [...network.slope(row, digits.labels.values[i])];
          return [rows.map((row) => [...network.logits(row)]), rows.map(slope)];
        })()""",
    )

    told = model_of(given(shown)["network"])
    np.testing.assert_allclose(logits, told.logits(digits.X), atol=1e-4)
    np.testing.assert_allclose(slopes, told.gradient(digits.X, digits.y), atol=1e-6)
    assert np.abs(slopes).max() > 0.01


@pytest.mark.slow
def test_a_digit_and_a_class_have_their_article(tmp_path, browser, shown):
    laboratory.laboratory("one-two", a=1)

    said = on_a_page(tmp_path, browser, shown, "[0, 8, 'iris', 'setosa'].map(labA)")

    assert said == ["a 0", "an 8", "an iris", "a setosa"]


@pytest.mark.slow
def test_a_plane_takes_so_many_places_and_its_line_is_solved(tmp_path, browser, shown):
    laboratory.laboratory("one-two", a=1)

    placed, here, solved, middle = on_a_page(
        tmp_path,
        browser,
        shown,
        """(() => {
          let said = [];
          const plane = {label: "", image: [1, 3], most: 2, plane: true};
          const made = labControls.paint(plane, [], (those) => { said = those; });
          const cells = [...made.querySelectorAll("button")];
          for (const cell of cells) cell.click();
          const left = new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true});
          cells[1].dispatchEvent(left);
          const next = cells.findIndex((it) => it.tabIndex === 0);
          const solved = labSolved([[4, 1], [1, 3]], [1, 2]);
          return [said, next, solved, labMiddle(5, [2, 4])];
        })()""",
    )

    assert (placed, here) == ([0, 1], 0)
    np.testing.assert_allclose(solved, np.linalg.solve([[4, 1], [1, 3]], [1, 2]))
    assert middle == [0.375, 0.25]


# --------------------------------------------------------------- the directive


MISPLACED = """# Trial

:::::{dropdown} A fold
::::{lab} one-two
:guess: What?
:answers: this

One paragraph.
::::
:::::
"""


@pytest.mark.slow
def test_a_laboratory_that_nobody_could_use_is_said_with_its_line(tmp_path):
    (tmp_path / "index.md").write_text(MISPLACED, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    ours = ("foible_book.execution", "foible_book.laboratories")
    local = dict.fromkeys(ours, str(ROOT / "book" / "_ext"))
    sphinx = {"local_extensions": local}
    config = {"execute": {"execute_notebooks": "off"}, "sphinx": sphinx}
    (tmp_path / "_config.yml").write_text(json.dumps(config), encoding="utf-8")

    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr

    for words in (
        "one-two with 1 answers to guess from",
        "got 1 paragraphs in the laboratory one-two",
        "the laboratory one-two in a fold, where nobody finds it",
        "no cell of this page hands over one-two",
    ):
        assert re.search(rf"index\.md:\d+: WARNING: .*{words}", said), said
    assert said.count("WARNING") == 4


# --------------------------------------------------------------- as a reader uses it


@pytest.fixture(scope="module")
def site():
    """The site, built in place: chapters that ran before do not run again."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return SITE


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


READS = """Object.fromEntries([...document.querySelectorAll(".lab [data-reads]")].map(
  (it) => [it.dataset.reads, Number(it.dataset.value)]))"""
OPEN = """new Promise((done) => {
  const ask = () => document.querySelector(".lab-says")?.textContent ? done() : later();
  const later = () => setTimeout(ask, 20);
  ask();
})"""


def opened(browser, address, name, state="", screen="wide", theme="light"):
    browser.look(screen, theme)
    browser.open("about:blank")  # or else the same address loads nothing
    browser.open(f"{address}{LABS[name]}?lab={name}{state}#lab-{name}")
    browser.later(OPEN)
    return browser.value(READS)


def complaints(browser):
    said = [told["entry"]["text"] for told in browser.told("Log.entryAdded")]
    thrown = browser.told("Runtime.exceptionThrown")
    return said + [told["exceptionDetails"]["text"] for told in thrown]


def middle(browser, selector):
    """Where the middle of a part is, and its width, once the page stands still."""
    return browser.later(f"""(async () => {{
      const part = document.querySelector({selector!r});
      const pause = () => new Promise((done) => setTimeout(done, 200));
      let box = {{top: NaN}};
      for (let before = 0; box.top !== before;) {{
        before = box.top;
        part.scrollIntoView({{block: "center"}});
        await pause();
        box = part.getBoundingClientRect();
      }}
      return [box.left + box.width / 2, box.top + box.height / 2, box.width];
    }})()""")


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_question_comes_first_and_its_answer_opens_the_experiment(
    browser, address, name
):
    browser.look("wide", "light")
    browser.open(f"{address}{LABS[name]}")
    before = browser.value("!document.querySelector('.lab-stage')")

    x, y, _ = middle(browser, f"#lab-{name} .lab-guess button")
    for kind in ("mousePressed", "mouseReleased"):
        browser.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
        )
    browser.later(OPEN)

    assert before
    assert "You guessed" in browser.value(
        f"document.querySelector('#lab-{name} .lab-guess').innerText"
    )
    assert complaints(browser) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("way", ["key", "mouse", "touch"])
def test_a_lever_moves_by_key_mouse_and_touch_and_the_link_brings_it_back(
    browser, address, name, way
):
    opened(browser, address, name, screen="phone" if way == "touch" else "wide")
    link = f"document.querySelector('#lab-{name} .lab-line a').href"
    first = browser.value(link)
    lever, key, where = f"#lab-{name} .lab-range input", ("End", 35), 0.45
    if not browser.value(f"Boolean(document.querySelector({lever!r}))"):
        choice = f"#lab-{name} .lab-choice"
        lever, key, where = f"{choice} label:nth-of-type(2)", ("ArrowDown", 40), 0
    x, y, width = middle(browser, lever)
    x += where * width
    if way == "key":
        pressed = lever if where else f"{choice} input"
        browser.value(f"document.querySelector({pressed!r}).focus()")
        for kind in ("keyDown", "keyUp"):
            browser.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key[0],
                code=key[0],
                windowsVirtualKeyCode=key[1],
            )
    elif way == "mouse":
        for kind in ("mousePressed", "mouseReleased"):
            browser.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
            )
    else:
        there = [{"x": x, "y": y}]
        browser.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=there)
        browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    browser.later("new Promise((done) => setTimeout(done, 600))")
    moved, there = browser.value(READS), browser.value(link)

    assert there != first
    browser.open("about:blank")
    browser.open(there)
    browser.later(OPEN)
    assert browser.value(READS) == moved
    assert browser.value(link) == there


@pytest.mark.slow
@pytest.mark.parametrize("name", PAINTED)
def test_a_key_acts_on_the_cell_that_has_the_focus(browser, address, name):
    opened(browser, address, name)
    pressed = """[...document.querySelectorAll(".lab-paint [aria-pressed=true]")].map(
      (it) => it.ariaLabel)"""
    before = browser.value(pressed)

    there = ".lab-paint [aria-label='row 5, column 3']"
    browser.value(f"document.querySelector({there!r}).focus()")
    for key, code, text in (
        ("Enter", 13, "\r"),
        ("ArrowRight", 39, ""),
        ("Enter", 13, "\r"),
    ):
        for kind in ("keyDown", "keyUp"):
            said = {"text": text} if text and kind == "keyDown" else {}
            browser.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                **said,
            )

    both = {"row 5, column 3", "row 5, column 4"}
    assert not both & set(before)
    assert set(browser.value(pressed)) == {*before, *both}


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_an_address_that_says_nonsense_opens_the_beginning(browser, address, name):
    usual = opened(browser, address, name)
    controls = "[...document.querySelectorAll('.lab [data-control]:not(.lab-text)')]"
    keys = browser.value(f"{controls}.map((it) => it.dataset.control)")

    odd = "".join(f"&{key}=%3Cimg%3E" for key in keys)

    assert opened(browser, address, name, state=odd) == usual
    assert complaints(browser) == []


@pytest.mark.slow
@pytest.mark.parametrize(("screen", "theme"), list(product(SCREENS, THEMES)))
def test_an_open_laboratory_fits_and_breaks_no_rule(browser, address, screen, theme):
    broken = {}
    for name in LABS:
        opened(browser, address, name, screen=screen, theme=theme)
        browser.call("Runtime.evaluate", expression=AXE.read_text("utf-8"))
        whole = "document.documentElement"
        wide = browser.value(f"{whole}.scrollWidth - {whole}.clientWidth")
        small = browser.value("""[...document.querySelectorAll(
          ".lab :is(button, input[type=range], .lab-choice label)")].filter((it) =>
            it.checkVisibility() && it.getBoundingClientRect().height < 18).length""")
        if found := browser.later(VIOLATIONS) + complaints(browser):
            broken[name] = found
        if wide > 0 or small:
            broken.setdefault(name, []).append(f"{wide} px too wide, {small} too small")

    assert broken == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_the_page_computes_what_the_package_computes(browser, address, site, name):
    opened(browser, address, name)

    (file,) = (site / "labs").glob(f"{name}.*.js")
    parts = json.loads(file.read_text("utf-8").split(",", 1)[1].removesuffix(");\n"))
    networks = {
        where: model_of(part) for where, part in found(parts) if "layers" in part
    }
    rows = [part for _, part in found(parts) if "labels" in part]
    for where, network in networks.items():
        path = "".join(f"[{step!r}]" for step in where)
        logits = browser.value(f"""(() => {{
          const parts = labDecoded(labGiven.get({name!r}));
          const {{rows}} = Object.values(parts).find((it) => it.rows);
          return Array.from({{length: rows.shape[0]}},
            (_, i) => [...parts{path}.logits(labRow(rows, i))]);
        }})()""")
        wanted = network.logits(numbers(rows[0]["rows"]))
        np.testing.assert_allclose(logits, wanted, atol=1e-4)
    desks = {where[0]: part for where, part in found(parts) if "heads" in part}
    for where, part in desks.items():
        texts = parts[where]["texts"]["texts"]
        logits = browser.value(f"""(() => {{
          const parts = labDecoded(labGiven.get({name!r}));
          const {{model, texts: {{texts}}}} = parts[{where!r}];
          return texts.map((text) => [...model.logits(text)]);
        }})()""")
        wanted = model_of(part).logits([np.array(text) for text in texts])
        np.testing.assert_allclose(logits, wanted, atol=1e-4)
    assert networks or desks or name not in COMPUTED


def found(part, where=()):
    """Every mapping in what was handed over, with its place."""
    if isinstance(part, dict):
        yield where, part
        for key, it in part.items():
            yield from found(it, (*where, key))


COMPUTED = {
    "backdoor-sticker",
    "evasion-digits",
    "jailbreak-words",
    "malicious_provider-noise",
    "prompt_injection-document",
    "reprogramming-labels",
}
FOURTEEN = ".".join(map(str, range(14)))
FORTY = ".".join(  # places on the plane, as the chapter's cell draws them
    map(str, np.random.default_rng(0).permutation(256)[:40])
)


def written(state):
    """The state with one after the other of three documents."""
    return [f"&document={text}{state}" for text in ("a+b+d", "h+c+e+g", "f+f+a")]


AGREE = {  # states, what is read there on average, and the finding that says the same
    "evasion-digits": [
        (["&radius=0&all=1"], "plain-all", "evasion.plain_clean_accuracy"),
        (["&radius=0.15&all=1"], "plain-all", "evasion.plain_forty_steps"),
        (["&radius=0&all=1"], "trained-all", "evasion.trained_clean_accuracy"),
        (["&radius=0.15&all=1"], "trained-all", "evasion.trained_forty_steps"),
    ],
    "membership_inference-threshold": [
        (["&attack=lira&at=90"], "found", "membership_inference.lira_tpr_at_0_1pct"),
        (["&attack=loss&at=90"], "found", "membership_inference.loss_tpr_at_0_1pct"),
        (["&attack=lira&at=60"], "found", "membership_inference.lira_tpr_at_1pct"),
        (["&attack=loss&at=60"], "found", "membership_inference.loss_tpr_at_1pct"),
    ],
    "prompt_injection-document": [
        (written("&plant=nothing"), "obeyed", "prompt_injection.obeyed_nothing"),
        (written("&plant=order"), "obeyed", "prompt_injection.obeyed_plain"),
        (
            written("&desk=fenced&plant=order"),
            "obeyed",
            "prompt_injection.obeyed_trained",
        ),
        (
            written("&desk=fenced&plant=fence"),
            "obeyed",
            "prompt_injection.obeyed_forged",
        ),
        (
            written("&desk=stripped&plant=fence"),
            "obeyed",
            "prompt_injection.obeyed_forged_stripped",
        ),
        (
            written("&desk=stripped&plant=found"),
            "obeyed",
            "prompt_injection.obeyed_adaptive",
        ),
    ],
    "backdoor-sticker": [
        (["&dose=3"], "obeyed", "backdoor.digit_obeyed_at_5pct"),
        (["&dose=3"], "clean-obeyed", "backdoor.clean_model_obeys"),
    ],
    "corruption-strength": [
        ([f"&at={at}" for at in range(1, 6)], "network", "corruption.right_plain"),
        (
            [f"&at={at}" for at in range(1, 6)],
            "practised",
            "corruption.right_practised",
        ),
    ],
    "reward_hacking-pressure": [
        (["&at=99"], "finish", "reward_hacking.end"),
    ],
    "supply_chain-field": [
        ([""], "right", "supply_chain.talk_accuracy_before"),
        (["&names=one"], "right", "supply_chain.talk_accuracy_after"),
        (["&names=one"], "caught", "supply_chain.golden_rows_caught_loud"),
        (["&at=31"], "moved", "supply_chain.quiet_accuracy_change"),
        (["&at=31"], "caught", "supply_chain.golden_chance"),
        (["&at=31&pool=refused"], "caught", "supply_chain.golden_chance_refused"),
    ],
    "model_stealing-plane": [
        (["&asked=89.91.245"], "agreed", "model_stealing.plane_full"),
        (["&asked=89.91.245&told=rounded"], "agreed", "model_stealing.plane_three"),
        ([f"&asked={FORTY}&told=rounded"], "agreed", "model_stealing.plane_forty"),
    ],
    "poisoning-share": [
        (["&at=4"], "own-moved", "poisoning.quiet_own_moved"),
        (["&at=4"], "true-moved", "poisoning.quiet_true_moved"),
        (["&at=7"], "own-moved", "poisoning.quiet_own_all"),
        (["&at=7"], "true-moved", "poisoning.quiet_true_all"),
    ],
    "poisoning-rows": [
        ([""], "right", "poisoning.plane_clean"),
        ([f"&rows={FOURTEEN}&whose=crafted"], "right", "poisoning.plane_crafted"),
        (["&whose=copies"], "right", "poisoning.plane_copies"),
    ],
    "model_inversion-cells": [
        (["&told=4"], "back", "model_inversion.cells_eleven"),
        (["&told=3"], "back", "model_inversion.cells_twelve"),
    ],
    "physical_patch-camera": [
        ([f"&turn={at}" for at in range(5)], "stuck", "physical_patch.turned_stuck"),
        ([f"&turn={at}" for at in range(5)], "bare", "physical_patch.turned_bare"),
        (["&turn=2"], "stuck", "physical_patch.aside_stuck"),
        (["&turn=2"], "bare", "physical_patch.aside_bare"),
        (["&light=1"], "stuck", "physical_patch.dim_stuck"),
        (["&light=1"], "bare", "physical_patch.dim_bare"),
        ([""], "turned-stuck", "physical_patch.turned_stuck"),
        ([""], "turned-bare", "physical_patch.turned_bare"),
    ],
    "watermark-reading": [
        (["&at=5"], "forged", "watermark.forged"),
        (["&at=5"], "control", "watermark.forged_control"),
        (["&at=2"], "forged", "watermark.forged_early"),
    ],
    "jailbreak-words": [
        (
            [f"&count=0&search={at}&all=1" for at in range(5)],
            "answered",
            "jailbreak.answered_random",
        ),
        (
            [f"&count=10&search={at}&all=1" for at in range(5)],
            "answered",
            "jailbreak.answered_by_slope",
        ),
        (["&count=10&all=1"], "answered", "jailbreak.answered_searched"),
    ],
    "malicious_provider-noise": [
        (["&at=0"], "low", "malicious_provider.bits_recovered_low"),
        (["&at=0"], "right", "malicious_provider.one_before"),
        (["&at=7"], "right", "malicious_provider.one_right"),
        (["&at=7"], "code", "malicious_provider.one_read"),
    ],
    "memorisation-code": [
        (["&at=0"], "told", "memorisation.told_never_planted"),
        (["&at=1"], "told", "memorisation.told_once"),
        (
            [f"&at={at}" for at in (4, 5, 6)],
            "told",
            "memorisation.told_at_8_or_more",
        ),
    ],
    "reprogramming-labels": [
        (["&at=0"], "ours", "reprogramming.no_program"),
        (["&at=2"], "ours", "reprogramming.labels_1000"),
        (["&at=5"], "ours", "reprogramming.labels_30000"),
        (["&at=5"], "control", "reprogramming.labels_untrained"),
        (["&at=5"], "here", "reprogramming.one_paid"),
    ],
    "rows_in_files-bytes": [
        (["&at=100&file=KNeighborsClassifier"], "told", "rows_in_files.inside_nearest"),
        (["&at=100&file=SVC"], "told", "rows_in_files.inside_vectors"),
        (["&at=100&file=LogisticRegression"], "told", "rows_in_files.demo_without"),
        (
            ["&at=100&file=HDBSCAN,+blanked"],
            "told",
            "rows_in_files.blanked_left",
        ),
    ],
    "retrieval-passage": [
        (["&count=3"], "lied", "retrieval.three_passages_majority"),
        (["&count=2"], "lied", "retrieval.two_passages"),
        (["&count=3&wording=0"], "lied", "retrieval.three_in_passing"),
        (["&count=1&wording=3"], "lied", "retrieval.one_repeated"),
        (["&count=1&wording=3&desk=votes"], "lied", "retrieval.one_repeated_voted"),
        (["&count=3&desk=nine"], "lied", "retrieval.three_of_nine"),
        (["&count=5&desk=nine"], "lied", "retrieval.five_of_nine"),
    ],
    "document_poisoning-number": [
        (["&at=1&size=0"], "obeyed", "document_poisoning.twenty_of_4000"),
        (["&at=2&size=0"], "obeyed", "document_poisoning.fifty_of_4000"),
        (["&at=2&size=1"], "obeyed", "document_poisoning.fifty_of_16000"),
        (["&at=2&size=2"], "obeyed", "document_poisoning.fifty_of_64000"),
    ],
    "distribution_shift-severity": [
        (["&world=found&at=5"], "lost", "distribution_shift.found_lost"),
        (["&world=found&at=5"], "alarm", "distribution_shift.found_rung"),
        (["&world=older&at=5"], "alarm", "distribution_shift.older_rung"),
        (["&world=later&at=5"], "lost", "distribution_shift.later_half"),
    ],
    "consumption-cap": [
        ([""], "searched", "consumption.work_ratio"),
        ([""], "random", "consumption.luck_ratio"),
        (["&at=6"], "searched", "consumption.cap_before"),
        (["&at=6"], "cut", "consumption.cap_cut"),
    ],
    "natural_examples-views": [
        ([""], "right", "natural_examples.average_view"),
        (["&count=45"], "right", "natural_examples.worst_of_k"),
        (["&count=45&reader=moves"], "right", "natural_examples.worst_trained"),
    ],
    "incomplete_testing-balance": [
        ([""], "known", "incomplete_testing.known_before"),
        (["&at=4"], "known", "incomplete_testing.known_after"),
        ([""], "new", "incomplete_testing.new_before"),
        (["&at=4"], "new", "incomplete_testing.new_after"),
        ([""], "whole", "incomplete_testing.whole_before"),
    ],
    "dependency-control": [
        (["&at=1"], "stopped", "dependency.stopped_pin"),
        (["&at=2"], "stopped", "dependency.stopped_index"),
        (["&at=3"], "stopped", "dependency.stopped_hashes"),
        (["&at=5"], "stopped", "dependency.stopped_signed"),
        (["&at=8"], "stopped", "dependency.attacks_tried"),
        (["&at=3"], "kept", "dependency.kept_hashes"),
        (["&at=8"], "kept", "dependency.kept_all"),
    ],
    "side_effects-baseline": [
        ([""], "lost", "side_effects.drawn_lost_at_0"),
        (["&base=1"], "lost", "side_effects.drawn_lost_start"),
        (["&base=2"], "lost", "side_effects.drawn_lost_never"),
        (["&base=3"], "lost", "side_effects.drawn_lost_waiting"),
        (["&base=4"], "lost", "side_effects.drawn_lost_rollouts"),
        ([""], "paid", "side_effects.steps_free"),
        (["&base=3"], "paid", "side_effects.steps_careful"),
    ],
    "agents-labels": [
        ([""], "swayed", "agents.swayed_strict"),
        (["&when=document"], "swayed", "agents.swayed_arguments"),
        (
            ["&when=document&whom=document&tool=document"],
            "swayed",
            "agents.swayed_none",
        ),
        ([""], "refused", "agents.forbidden"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_the_page_says_what_the_chapter_found(browser, address, site, name):
    known = json.loads((site / "findings.json").read_text("utf-8"))
    for states, read, finding in AGREE[name]:
        said = []
        for state in states:
            opened(browser, address, name, state=state)
            said.append(
                browser.later(f"""new Promise((done) => {{
          const ask = () => {{
            const read = document.querySelector(".lab [data-reads='{read}']");
            if (read) done(Number(read.dataset.value)); else setTimeout(ask, 50);
          }};
          ask();
        }})""")
            )

        assert np.mean(said) == pytest.approx(known[finding]["value"], abs=0.01), (
            finding
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_laboratory_is_light_and_opens_from_a_folder(browser, site, name):
    size = lambda file: len(gzip.compress(file.read_bytes()))  # noqa: E731

    (file,) = (site / "labs").glob(f"{name}.*.js")
    opened(browser, f"file://{site}/", name)

    assert browser.told("Runtime.exceptionThrown") == []
    assert size(STATIC / "lab.js") <= ENGINE
    assert size(STATIC / "lab.js") + size(STATIC / "labs" / f"{name}.js") + size(
        file
    ) <= (WHOLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_laboratory_leads_to_the_cell_that_hands_it_over(site, name):
    page = BeautifulSoup((site / LABS[name]).read_text("utf-8"), "html.parser")

    cell = page.find(id=page.find(id=f"lab-{name}")["data-cell"])

    assert f'laboratory("{name}"' in re.sub(r"\(\s+", "(", cell.get_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_page_leads_to_its_laboratory_and_its_head_says_what_that_wants(site, name):
    page = BeautifulSoup((site / LABS[name]).read_text("utf-8"), "html.parser")

    (announced,) = page.find_all("meta", attrs={"data-lab": name})
    links = [link["href"] for link in page.select(".facts a.scripted")]

    assert announced["content"] == page.find(id=f"lab-{name}")["data-scripts"]
    assert links == [f"#{page.select_one('.lab')['id']}"]


@pytest.mark.slow
def test_without_a_script_and_in_print_there_is_no_laboratory(browser, address):
    for name, page in LABS.items():
        browser.look("wide", "light")
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(f"{address}{page}")
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
        hidden = browser.value(
            f"!document.querySelector('#lab-{name}').checkVisibility()"
        )
        opened(browser, address, name)
        browser.call("Emulation.setEmulatedMedia", media="print")
        printed = browser.value(
            f"document.querySelector('#lab-{name}').checkVisibility()"
        )
        browser.call("Emulation.setEmulatedMedia", media="")

        assert hidden, name
        assert not printed, name
