"""Does a reader with an old address still come to the page?"""

import shutil

import pytest
from bs4 import BeautifulSoup
from small_book import ROOT, built, edit, extended, line_of

KNOWN = """# Every page that was published.
pages:
  - book/index
  - book/attacks/one
  - book/attacks/two
"""


@pytest.fixture
def addresses(extension):
    return extension("addresses")


def published(addresses, *pages, **moved):
    return addresses.Published(frozenset(pages), moved)


def test_a_book_with_all_its_pages_is_sound(addresses):
    known = published(addresses, "a/one", "a/two", gone="a/one")

    assert list(addresses.wrong(known, {"a/one", "a/two"})) == []


@pytest.mark.parametrize(
    ("pages", "moved", "there", "page", "words"),
    [
        (["one", "two"], {}, {"one"}, "two", "got no page two, which was published"),
        (["one"], {}, {"one", "two"}, "two", "got a new page; add `- two` to `pages:`"),
        (["one"], {"old": "no"}, {"one"}, "old", "got old moved to no; wanted a page"),
        (["one"], {"one": "one"}, {"one"}, "one", "under `moved:`, and the page is he"),
        (["a/x", "b/x"], {}, {"a/x", "b/x"}, "b/x", "a/x and b/x, both at c/x/"),
    ],
    ids=["lost", "new", "moved to nowhere", "moved and here", "one name twice"],
)
def test_what_would_lose_a_reader_is_said_in_one_line(
    addresses, pages, moved, there, page, words
):
    (found,) = addresses.wrong(published(addresses, *pages, **moved), there)

    assert found.page == page
    assert words in found.words


def test_the_list_of_this_book_names_every_page(addresses):
    listed = addresses.published(ROOT)

    pages = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "book").rglob("*.md")
    }
    assert listed.pages - listed.moved.keys() == pages


# ------------------------------------------------------------------- in a book


@pytest.fixture
def listing(book):
    """A small book that keeps its addresses."""
    extended(book, "addresses")
    (book / "book/addresses.yml").write_text(KNOWN)
    return book


def lead(book, name):
    html = (book / f"_build/html/{name}.html").read_text(encoding="utf-8")
    page = BeautifulSoup(html, "html.parser")
    refresh = page.find("meta", attrs={"http-equiv": "refresh"})["content"]
    assert refresh == f"0; url={page.a['href']}"
    assert page.find("link", rel="canonical")["href"] == page.a["href"]
    return page.a["href"]


@pytest.mark.slow
def test_a_page_that_is_renamed_needs_a_line_and_leaves_a_lead(listing):
    known = listing / "book/addresses.yml"
    assert built(listing).exit == 0
    site = listing / "_build/html"
    assert lead(listing, "c/two/index") == "../../book/attacks/two.html"

    shutil.move(listing / "book/attacks/two.md", listing / "book/attacks/three.md")
    edit(listing / "_toc.yml", "attacks/two", "attacks/three")
    edit(
        known,
        "  - book/attacks/two\n",
        "  - book/attacks/two\n  - book/attacks/three\n",
    )
    lost = built(listing)
    known.write_text(
        known.read_text() + "moved:\n  book/attacks/two: book/attacks/three\n"
    )
    led = built(listing)

    assert lost.exit != 0
    line = line_of(known, "- book/attacks/two")
    said = lost.said.partition("The site is NOT good:")[2]
    assert f"book/addresses.yml:{line}: WARNING: got no page book/attacks/two" in said
    assert led.exit == 0, led.said
    assert lead(listing, "book/attacks/two") == "../../book/attacks/three.html"
    assert lead(listing, "c/two/index") == "../../book/attacks/three.html"
    assert lead(listing, "c/three/index") == "../../book/attacks/three.html"

    known.write_text(KNOWN.replace("two", "three"))
    assert built(listing).exit == 0
    assert not (site / "book/attacks/two.html").exists()
    assert not (site / "c/two").exists()
