"""Does the reference say what the package says, and do names in cells lead to it?"""

import pytest
from bs4 import BeautifulSoup
from small_book import ROOT, built, edit, extended, written

SEARCH = '''"""What is near what?"""

from typing import Annotated

from foible.domains import Count, Seed, shaped

Floats = list


class Ball:
    """How far rows may be moved.

    Parameters
    ----------
    radius : float
        In the unit of the rows.
    """

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def step(self, share: float = 0.5) -> float:
        """A step of `share` <of> it."""
        return share * self.radius


def near(X: Annotated[Floats, shaped("n")], *, count: Count = 3, seed: Seed) -> Ball:
    """The nearest [known2020work].

    Parameters
    ----------
    X : ndarray of shape (n,)
        Where to look.

    Returns
    -------
    Ball
        Around the nearest.

    BadInput: rows that
    are none.
    """
    return Ball(1.0)
'''
PAGES = ("foible-search", "foible-domains")
CELL = """
```{code-cell}
from foible import search
from foible.search import Ball
one = Ball(2.0).step()
near = search.near([1.0], seed=0)
dict(search=near, Ball=one)["Ball"];
```
"""


@pytest.fixture
def api(extension):
    return extension("api")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = written(tmp_path_factory.mktemp("book"))
    bib = folder / "book" / "references.bib"
    bib.write_text(
        "@misc{known2020work, title = {Known}, author = {A. B.}, year = 2020}"
    )
    (folder / "code/foible/search.py").write_text(SEARCH)
    (folder / "book/reference").mkdir()
    for name in ("search", "domains"):
        page = folder / f"book/reference/foible-{name}.md"
        page.write_text(f"```{{reference}} foible.{name}\n```\n")
    works = folder / "book/works.md"
    works.write_text("# Works\n\n```{bibliography}\n```\n")
    with (folder / "_toc.yml").open("a") as toc:
        toc.writelines(f"- file: book/reference/{name}\n" for name in PAGES)
        toc.write("- file: book/works\n")
    path = folder / "book/attacks/one.md"
    path.write_text(path.read_text() + CELL)
    extended(folder, "reference", "linking")
    edit(
        folder / "_config.yml",
        "nitpicky: true,",
        "nitpicky: true, nitpick_ignore_regex: [['py:.*', '.*']], "
        "python_use_unqualified_type_names: true, add_module_names: false, "
        "myst_enable_extensions: [deflist, dollarmath],",
    )
    outcome = built(folder)
    assert outcome.exit == 0, outcome.said
    return folder / "_build" / "html"


def page(site, name):
    return BeautifulSoup((site / f"book/{name}.html").read_text(), "html.parser")


@pytest.mark.slow
def test_a_function_is_shown_with_its_types_as_they_are_written(site):
    shown = page(site, "reference/foible-search").find(id="foible.search.near")

    said = "".join(shown.get_text().split())
    assert said.startswith("near(X:Floats,*,count:Count=3,seed:Seed)→Ball")
    (seed,) = (a for a in shown("a") if a.get_text() == "Seed")
    assert seed["href"] == "foible-domains.html#foible.domains.Seed"


@pytest.mark.slow
def test_what_is_said_of_it_is_read_in_its_parts(site):
    shown = page(site, "reference/foible-search").find(id="foible.search.near").parent

    said = shown.get_text(" ", strip=True)
    for words in ("Parameters", "Where to look.", "Returns", "Around the nearest."):
        assert words in said
    (error,) = (dt for dt in shown("dt") if dt.get_text() == "BadInput")
    assert error.find_next("dd").get_text(" ", strip=True) == "rows that\nare none."
    assert "[ B20 ]" in said  # the work is cited


@pytest.mark.slow
def test_each_type_of_an_argument_says_what_it_allows(site):
    table = page(site, "reference/foible-domains").table

    rows = {
        row.th.get_text() if row.th else row.td.get_text(): row for row in table("tr")
    }
    assert "a whole number from 1" in rows["Count"].get_text()
    assert "a number from 0 to 1" in rows["Share"].get_text()


@pytest.mark.slow
def test_names_of_the_package_in_a_cell_lead_to_it_and_no_others(site):
    links = page(site, "attacks/one").select("div.cell")[-1].select("a.api")

    found = [(a.get_text(), a["href"].partition("reference/")[2]) for a in links]
    search = "foible-search.html"
    assert found == [
        ("search", search),
        ("Ball", f"{search}#foible.search.Ball"),
        ("Ball", f"{search}#foible.search.Ball"),
        ("search.near", f"{search}#foible.search.near"),
    ]


def test_every_public_module_has_a_page_that_says_so(api):
    known = api.Package(ROOT / "code" / "foible")
    listed = (ROOT / "_toc.yml").read_text("utf-8")

    for module in known.pages:
        stub = ROOT / "book/reference" / f"{api.stem(module)}.md"
        assert stub.read_text("utf-8") == f"```{{reference}} {module}\n```\n"
        assert f"file: book/reference/{stub.stem}\n" in listed


def test_a_public_name_is_listed_once_where_it_is_exported(api):
    known = api.Package(ROOT / "code" / "foible")

    things = known.inside("foible.attacks.evasion")

    exported = [thing.name for thing in things["foible.attacks.evasion"]]
    assert {"pgd", "fgsm", "autoattack"} <= set(exported)
    assert "foible.attacks.evasion.gradient" not in things  # it exports all it has
    origin = known.public["foible.attacks.evasion.gradient.pgd"]
    assert origin.full == "foible.attacks.evasion.pgd"
