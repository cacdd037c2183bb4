"""Does every form of a citation say the same, to people and to their programs?"""

import json
import shutil
from types import SimpleNamespace

import citations
import pytest
from bs4 import BeautifulSoup
from small_book import built, edit, extended, git

ADDRESS = "https://example.org/foible/"
HARD = 'Rows & "columns": 5 % of x_y, #1 by Müller – à deux'
CURLED = HARD.replace('"columns"', "“columns”")


@pytest.fixture
def cite(extension):
    return extension("cite")


def work(cite, **known):
    facts = {
        "stem": "rows_in_files",
        "title": "Training rows in a model's file",
        "book": cite.BOOK,
        "author": "The Foible contributors",
        "version": "2026.12",
        "date": "2026-12-01",
        "url": f"{ADDRESS}c/rows_in_files/",
    }
    return cite.Work(**facts | known)


def wanted(it):
    kind = "chapter" if it.book else "book"
    return citations.Read(
        kind, it.title, it.book, it.author, it.version, it.date, it.url
    )


@pytest.mark.parametrize("end", citations.READERS)
@pytest.mark.parametrize(
    "known",
    [
        {},
        {"title": HARD, "author": f"Contributors of {HARD}"},
        {"book": "", "stem": "foible"},
        {"url": "", "version": "", "date": "2026"},
    ],
    ids=["a chapter", "hard words", "the book", "no address, no version"],
)
def test_a_library_reads_back_what_went_in(cite, end, known):
    it = work(cite, **known)

    _, form = cite.FORMS[end]

    assert citations.READERS[end](form(it)) == wanted(it)


def test_a_style_makes_a_whole_reference_of_the_item(cite):
    it = work(cite)

    said = citations.rendered(cite.csl(it))

    for part in (it.author, it.title, it.book, "2026", it.url):
        assert part in said


def test_the_reference_in_words_names_all_that_is_known(cite):
    assert cite.reference(work(cite)) == (
        "The Foible contributors. (2026-12-01). Training rows in a model's file. "
        f"In {cite.BOOK} (Version 2026.12). {ADDRESS}c/rows_in_files/"
    )


def test_the_reference_in_words_is_whole_without_address_and_version(cite):
    it = work(cite, url="", version="", date="2026", book="", title="Foible")

    assert cite.reference(it) == "The Foible contributors. (2026). Foible."


@pytest.mark.parametrize(
    ("base", "newest"),
    [
        (f"{ADDRESS}v/2026.12/", f"{ADDRESS}c/one/"),
        (ADDRESS, ""),
        ("", ""),
    ],
)
def test_a_page_of_an_old_release_knows_where_the_newest_is(extension, base, newest):
    config = SimpleNamespace(html_baseurl=base)
    env = SimpleNamespace(found_docs={"book/attacks/one"})
    app = SimpleNamespace(config=config, env=env)

    assert extension("pages")._newest(app, "book/attacks/one") == newest


# ------------------------------------------------------------------- in a book


@pytest.fixture(scope="module")
def cited(green, tmp_path_factory):
    """A small book, built at the tag v2026.12 for a server."""
    left_out = shutil.ignore_patterns("html", "staging", ".doctrees", "__pycache__")
    book = tmp_path_factory.mktemp("cited") / "book"
    shutil.copytree(green, book, ignore=left_out)
    extended(book, "addresses", "cite", "pages", "opening")
    pages = "[book/index, book/attacks/one, book/attacks/two]"
    (book / "book/addresses.yml").write_text(f"pages: {pages}\n")
    edit(book / "book/attacks/one.md", "# One", f"# {CURLED}")
    edit(book / "book/attacks/two.md", "# Two", "# Two\n\nIt is cited.")
    git(book, "init", "-q")
    git(book, "add", "book", "code", "_config.yml", "_toc.yml")
    git(book, "commit", "-qm", "all")
    git(book, "tag", "v2026.12")
    outcome = built(book, FOIBLE_BASE_URL=ADDRESS)
    assert outcome.exit == 0, outcome.said
    return book


def page(book, name):
    html = (book / "_build/html" / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


@pytest.mark.slow
def test_every_file_and_the_page_say_title_version_date_and_address(cited):
    chapter, folder = page(cited, "book/attacks/one"), cited / "_build/html/cite"

    for end, read in citations.READERS.items():
        text = (folder / f"one.{end}").read_text(encoding="utf-8")
        known = read(text)
        assert (known.title, known.version) == (CURLED, "2026.12")
        assert known.date == "2026-12-01"
        assert known.url == f"{ADDRESS}c/one/"
        assert text.strip() in chapter.find("details", id="cite").text


@pytest.mark.slow
def test_the_address_of_a_citation_leads_to_the_chapter(cited):
    lead = page(cited, "c/one/index")

    refresh = lead.find("meta", attrs={"http-equiv": "refresh"})["content"]

    assert refresh == "0; url=../../book/attacks/one.html"
    assert lead.a["href"] == "../../book/attacks/one.html"
    there = f"{ADDRESS}book/attacks/one.html"
    assert lead.find("link", rel="canonical")["href"] == there


@pytest.mark.slow
def test_reference_managers_and_search_engines_find_the_same_on_the_page(cited):
    chapter = page(cited, "book/attacks/two")
    tags = {
        tag["name"]: tag["content"] for tag in chapter("meta", attrs={"name": True})
    }
    thing = json.loads(chapter.find("script", type="application/ld+json").string)

    assert tags["citation_title"] == thing["name"] == "Two"
    assert tags["citation_publication_date"] == "2026/12/01"
    assert tags["citation_public_url"] == f"{ADDRESS}c/two/"
    assert tags["citation_fulltext_html_url"] == f"{ADDRESS}book/attacks/two.html"
    assert thing["url"] == tags["citation_fulltext_html_url"]
    assert (thing["version"], thing["datePublished"]) == ("2026.12", "2026-12-01")
    assert thing["isPartOf"]["@type"] == "Book"
