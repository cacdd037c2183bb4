"""Is the book the same book when it is one file?

A site of three pages, in the shape that the theme gives to pages, is printed once.
"""

import shutil
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import matplotlib.pyplot as plt
import pytest
from pypdf import PdfReader
from small_book import ROOT

from bind import epub, leaves, pdf

XHTML = "{http://www.w3.org/1999/xhtml}"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>{title}</title>{head}</head><body>
<nav aria-label="Chapters"><p class="caption">Attacks</p><ul>
<li><a href="{up}attacks/one.html">One</a></li>
<li><a href="{up}attacks/two.html">Two</a></li>
<li><a href="{up}build.html">Build</a></li></ul></nav>
<main><article class="text"><section id="top"><h1>{title}</h1>{text}</section></article>
</main></body></html>"""
FOLDED = """<p>See <a href="#note-1">a work</a><span class="note" id="note-1">The note.
<a href="two.html#work">References</a></span>, <a href="../gone.json">a file</a>
and <a href="https://example.org/there">a place</a>.</p>
<details class="fold" id="more"><summary><h3>Evidence: it holds</h3></summary>
<p>Behind the fold, <math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math>.
</p></details>
<figure id="fig-one"><img class="only-light" src="../../figures/fig-one-page.svg"
alt="A line." loading="lazy"><img class="only-dark" src="../../figures/none.svg" alt="">
<figcaption>It rises.</figcaption></figure>
<table border="1" class="dataframe"><tr><th style="x">a</th></tr></table>"""
BARS = '<svg viewBox="0 0 9 8" focusable="false"><rect width="5" height="8"/></svg>'


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A site, without a build of it."""
    site = tmp_path_factory.mktemp("small") / "html"
    for folder in ("book/attacks", "figures"):
        (site / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "book/_theme/foible/static", site / "_static")
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    figure.savefig(site / "figures/fig-one-page.svg")
    plt.close(figure)
    texts = {
        "index": ("Welcome", "", f"<p>Hello.</p>{BARS}"),
        "attacks/one": ("One", "../", FOLDED),
        "attacks/two": ("Two", "../", '<h2 id="work">A work</h2><p>There.</p>'),
        "build": ("Build", "", "<p>Took 7 s.</p>"),
    }
    for name, (title, up, text) in texts.items():
        page = PAGE.format(title=title, up=up, text=text, head="")
        (site / f"book/{name}.html").write_text(page)
    return site


def test_the_leaves_are_in_the_order_of_the_menu_without_what_differs_each_time(small):
    found = leaves.leaves(small)

    assert [(leaf.title, leaf.part, leaf.name) for leaf in found] == [
        ("Welcome", "", "index"),
        ("One", "Attacks", "attacks-one"),
        ("Two", "Attacks", "attacks-two"),
    ]


def test_a_leaf_stands_open_and_leads_where_its_notes_led(small):
    _, one, two = leaves.leaves(small)
    text = leaves.bound(one, {one.page, two.page}, "", lambda page, at: f"{page}!{at}")

    links = {link.text: link["href"] for link in text.select("a")}
    assert links == {
        "a work": "book/attacks/two.html!work",
        "a place": "https://example.org/there",
    }
    assert "a file" in text.text
    assert "The note" not in text.text
    assert text.select("details, summary, .only-dark, .note") == []
    assert text.select_one("#more .summary h3").text == "Evidence: it holds"


def test_with_an_address_a_file_of_the_site_is_linked_there(small):
    _, one, _ = leaves.leaves(small)

    text = leaves.bound(one, {one.page}, "https://example.org/book/", lambda *_: "#")

    assert text.find("a", string="a file")["href"] == (
        "https://example.org/book/book/gone.json"
    )


@pytest.mark.slow
def test_a_pdf_has_numbers_an_outline_links_type_and_drawings_that_are_no_pictures(
    small, tmp_path
):
    pdf.bind(small, tmp_path / "small.pdf", "v1")

    book = PdfReader(tmp_path / "small.pdf")
    pages = [page.extract_text() for page in book.pages]
    titles = [entry.title for entry in book.outline if not isinstance(entry, list)]
    links = [
        note.get_object() for page in book.pages for note in page.get("/Annots") or []
    ]
    assert book.metadata.title == pdf.TITLE
    assert len(pages) == 5
    assert [line.split() for line in pages[1].splitlines() if "One" in line] == [
        ["One", "4"]
    ]
    assert "Behind the fold" in pages[3]
    assert [page.split()[0] for page in pages[1:]] == ["2", "3", "4", "5"]
    assert titles == ["Contents", "Welcome", "One", "Two"]
    assert sum("/Dest" in link for link in links) >= 4
    assert any("there" in str(link.get("/A", "")) for link in links)
    assert all(len(page.images) == 0 for page in book.pages)
    assert all(page["/Resources"]["/Font"] for page in book.pages)
    pdf.check(tmp_path / "small.pdf")


def test_an_epub_is_the_same_twice_and_every_page_is_xml(small, tmp_path):
    for name in ("a.epub", "b.epub"):
        epub.bind(small, tmp_path / name, "2026-11-24, abc")

    assert (tmp_path / "a.epub").read_bytes() == (tmp_path / "b.epub").read_bytes()
    with ZipFile(tmp_path / "a.epub") as book:
        first = book.infolist()[0]
        pages = {name: book.read(name) for name in book.namelist() if ".xhtml" in name}
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        assert "pictures/fig-one-page.svg" in book.namelist()
        assert b"DOCTYPE" not in book.read("pictures/fig-one-page.svg")
    assert list(pages) == [
        "contents.xhtml",
        "index.xhtml",
        "attacks-one.xhtml",
        "attacks-two.xhtml",
    ]
    trees = {name: ElementTree.fromstring(text) for name, text in pages.items()}
    links = [link.get("href") for link in trees["attacks-one.xhtml"].iter(f"{XHTML}a")]
    assert links == ["attacks-two.xhtml#work", "https://example.org/there"]


def test_epubcheck_finds_no_fault(small, tmp_path):
    if not epub.CHECKER.exists():
        pytest.skip("needs Debian's epubcheck")
    epub.bind(small, tmp_path / "small.epub", "v1")

    epub.check(tmp_path / "small.epub")


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("v1.2", "foible-v1.2.pdf"),
        ("2026-11-24, abc", "foible-2026-11-24-abc.pdf"),
        ("", "foible.pdf"),
    ],
)
def test_a_file_is_called_after_its_version(version, name):
    assert leaves.file_name(version, "pdf") == name
