"""Does a figure keep its address and its number, and say what it is everywhere?"""

import importlib
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from small_book import ROOT, built, edit, extended

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="48pt" height="36pt" '
    'viewBox="0 0 48 36"><metadata>of the library</metadata>'
    '<path d="M0 0H48V36H0z" style="fill: #ffffff"/>'
    '<path d="M20 10H28V26H20z" style="fill: #ffffff; stroke: #24292f"/></svg>'
)
SAID = {
    "Title": "Few & many",
    "Author": "The Foible contributors",
    "Description": "A box.",
    "Copyright": "The Foible contributors, CC BY 4.0",
    "License": "https://creativecommons.org/licenses/by/4.0/",
    "Source": "https://example.org/figures/fig-a-b.html",
    "Version": "2026-11-29, eb4e143",
    "Creation Time": "2026-11-29",
}


@pytest.fixture(scope="module")
def extension():
    """An extension of the book, by name."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    yield lambda name: importlib.import_module(f"foible_book.{name}")
    sys.path.remove(str(ROOT / "book" / "_ext"))


@pytest.fixture
def plate(extension):
    return extension("plates").Plate(
        label="fig-evasion-radius",
        page="book/attacks/evasion",
        chapter="Evasion",
        number=4,
        message="Room is bought",
        alt="Two falling lines.",
        kind="dose and response",
        sizes={"-page": (614, 346)},
        rows=False,
        author="The Foible contributors",
        version="2026-11-29, eb4e143",
        date="2026-11-29",
        base="https://example.org/",
    )


# --------------------------------------------------------------------- pictures


def test_a_picture_is_2400_pixels_wide_and_the_same_each_time(extension):
    pictures = extension("pictures")

    one, two = pictures.drawn(SVG), pictures.drawn(SVG)

    assert one == two
    with Image.open(BytesIO(one)) as picture:
        assert picture.size == (2400, 1800)


def test_a_transparent_drawing_loses_its_paper_and_nothing_else(extension):
    clear = extension("drawings").transparent(SVG)

    with Image.open(BytesIO(extension("pictures").drawn(clear, 48))) as picture:
        assert picture.getpixel((1, 1))[3] == 0
        assert picture.getpixel((24, 18)) == (255, 255, 255, 255)


def test_a_picture_says_what_it_is_to_who_opens_it(extension):
    pictures = extension("pictures")

    with Image.open(BytesIO(pictures.told(pictures.drawn(SVG, 48), SAID))) as picture:
        picture.load()

        assert picture.text == SAID
        assert picture.size == (48, 36)


def test_a_drawing_that_stayed_the_same_is_not_drawn_again(extension, tmp_path):
    pictures = extension("pictures")
    asked = []

    def draw(svg):
        asked.append(svg)
        return b"PNG"

    for svg in ("one", "two", "one", "three", "four", "five"):
        assert pictures.kept(tmp_path, "fig-a-b", svg, draw) == b"PNG"

    assert asked == ["one", "two", "three", "four", "five"]
    assert len(list(tmp_path.iterdir())) == pictures.KEPT


def test_a_picture_that_was_damaged_is_drawn_again(extension, tmp_path):
    pictures = extension("pictures")
    pictures.kept(tmp_path, "fig-a-b", "one", lambda _: b"PNG")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes().replace(b"PNG", b"GNP"))

    assert pictures.kept(tmp_path, "fig-a-b", "one", lambda _: b"PNG") == b"PNG"


def test_letters_of_a_drawing_are_drawn_in_its_typeface(extension):
    text = '<text x="4" y="28" font-size="30" font-family="DejaVu Sans">W</text>'

    picture = extension("pictures").drawn(SVG.replace("</svg>", f"{text}</svg>"), 480)

    assert picture != extension("pictures").drawn(SVG, 480)


# ---------------------------------------------------------------------- drawings


def test_a_drawing_that_leaves_says_what_it_is_and_how_it_may_be_used(extension):
    described = extension("takeaway").described(SVG, SAID)

    root = ElementTree.fromstring(described)
    dc, terms = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}"
    said = {
        name: root.findtext(f".//{tag}")
        for name, tag in {
            "Title": f"{dc}title",
            "Author": f"{dc}creator",
            "Description": f"{dc}description",
            "Copyright": f"{dc}rights",
            "Source": f"{dc}source",
            "Version": f"{terms}hasVersion",
            "Creation Time": f"{dc}date",
        }.items()
    }
    licence = next(root.iter("{http://creativecommons.org/ns#}license"))
    assert said | {"License": next(iter(licence.attrib.values()))} == SAID
    assert "of the library" not in described


def test_what_travels_in_a_drawing_comes_out_and_is_gone(extension):
    drawings = extension("drawings")
    laden = SVG.replace("</svg>", '<metadata id="kind">bWF0cml4</metadata></svg>')

    assert drawings.along(laden) == {"kind": "matrix"}
    assert drawings.alone(laden) == SVG


# ------------------------------------------------------------------ its citation


def test_a_figure_is_cited_with_its_number_its_version_its_address_and_licence(plate):
    assert plate.citation == (
        "The Foible contributors. “Room is bought.” Figure 4 in “Evasion”. "
        "Foible, version 2026-11-29, eb4e143. "
        "https://example.org/figures/fig-evasion-radius.html. "
        "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
    )


def test_without_an_address_a_figure_is_named_by_its_label(plate):
    nowhere = replace(plate, base="", version="1.2")

    assert nowhere.source == (
        "Foible, Evasion, figure 4 · fig-evasion-radius · 1.2 · CC BY 4.0"
    )
    assert "version 1.2, 2026-11-29. fig-evasion-radius." in nowhere.citation
    assert "http" not in nowhere.said["Source"]


def test_a_menu_has_links_to_what_there_is_and_hides_what_needs_a_script(
    extension, plate
):
    without = extension("menus").menu(plate, "../figures")
    menu = extension("menus").menu(replace(plate, rows=True), "../figures")

    assert (".csv" in without, ".csv" in menu) == (False, True)
    assert f'href="../figures/{plate.label}-dark.png"' in menu
    assert menu.count("<li hidden><button") == menu.count("<button") == 3


# -------------------------------------------------------------------- its number


def test_numbers_begin_anew_on_each_page_and_for_each_kind(extension):
    through = {"figure": {"a": (7,), "b": (9,)}, "displaymath": {"c": (3,)}}

    within = extension("numbering").within(through)

    assert within == {"figure": {"a": (1,), "b": (2,)}, "displaymath": {"c": (1,)}}


DRAWN = """
```{{code-cell}}
---
mystnb:
  figure:
    name: fig-{name}
    caption: |
      One line rises.
  image:
    alt: A line that rises from nought to one.
---
import matplotlib.pyplot as plt
plt.plot([0, 1]);
```

```{{math}}
:label: eq-{name}
a = b
```
"""
ELSEWHERE = """
See {numref}`fig-two-line` and {eq}`eq-two-line`.

```{figure-gallery}
```
"""


@pytest.mark.slow
def test_a_chapters_numbers_stay_when_another_gains_a_figure_and_no_old_file_does(book):
    one, two = (book / f"book/attacks/{name}.md" for name in ("one", "two"))
    extended(book, "figures", "plates", "menus", "gallery", "home", "numbering")
    edit(book / "_config.yml", "foible_cell_seconds: 5", "foible_cell_seconds: 60")
    two.write_text(two.read_text() + DRAWN.format(name="two-line"))
    one.write_text(one.read_text() + ELSEWHERE)
    site = book / "_build/html"

    before = built(book)
    assert before.exit == 0, before.said
    page = site / "book/attacks/two.html"
    first = page.read_text()
    one.write_text(one.read_text() + DRAWN.format(name="one-line"))
    after = built(book)
    second = page.read_text()
    edit(one, "fig-one-line", "fig-one-curve")
    renamed = built(book)

    assert (after.exit, renamed.exit) == (0, 0), after.said
    assert first == second
    assert "Fig. 1 " in first
    said = (site / "book/attacks/one.html").read_text()
    assert "Two, figure 1</span>" in said
    assert ">(1)</a> of Two" in said
    assert "figures/fig-two-line-page.svg" in said
    labels = {
        Path(path).name.partition(".")[0] for path in (site / "figures").iterdir()
    }
    assert {"fig-two-line", "fig-one-curve"} <= labels
    assert not [label for label in labels if label.startswith("fig-one-line")]


# ------------------------------------------------------------- an author's mistakes


@pytest.mark.parametrize(("label", "warned"), [("fig-a-source", 1), ("fig-a-b", 0)])
def test_a_label_that_ends_as_files_do_is_refused(
    extension, monkeypatch, label, warned
):
    figures, said = extension("figures"), []
    monkeypatch.setattr(figures.log, "warning", lambda *words, **_: said.append(words))

    figures.check_name(None, label)

    assert len(said) == warned
