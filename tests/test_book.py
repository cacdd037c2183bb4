"""Is the real book whole: its sources sound, its pages built, its findings in range?"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from foible.threat import parts
from lint import check_chapters
from lint.manuscript import Page

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [
    TOC["root"],
    *(entry["file"] for part in TOC["parts"] for entry in part["chapters"]),
]
CHAPTERS = [page for page in PAGES if page.startswith(check_chapters.CHAPTERS)]
STATED = re.compile(r"^finding\(\s*\"(\w+)\"", re.MULTILINE)


@pytest.fixture(scope="module")
def site():
    """The site, built in place: chapters that ran before do not run again."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return SITE


@pytest.fixture(scope="module")
def findings(site):
    return json.loads((site / "findings.json").read_text(encoding="utf-8"))


def source(page):
    return (ROOT / page).with_suffix(".md").read_text(encoding="utf-8")


def test_the_book_has_chapters_and_every_chapter_is_in_it():
    written = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for folder in parts()
        for path in (ROOT / "book" / folder).glob("*.md")
    }

    assert CHAPTERS
    assert set(CHAPTERS) == written


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_keeps_the_contract(page):
    found = check_chapters.defects(Page(Path(f"{page}.md"), source(page)))

    assert [str(defect) for defect in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_listed_page_is_built_and_shows_no_failure(site, page):
    html = (site / f"{page}.html").read_text(encoding="utf-8")

    assert "<h1" in html
    for trace in ("Traceback (most recent call last)", 'class="output stderr'):
        assert trace not in html


@pytest.mark.slow
@pytest.mark.parametrize("page", CHAPTERS)
def test_what_a_chapter_states_is_what_the_site_publishes(findings, page):
    stem = Path(page).name
    stated = {f"{stem}.{name}" for name in STATED.findall(source(page))}

    published = {name for name, f in findings.items() if f["chapter"] == page}

    assert stated
    assert published == stated


@pytest.mark.slow
def test_every_finding_is_in_its_range_and_has_words(findings):
    for name, finding in findings.items():
        low, high = finding["between"]
        assert low <= finding["value"] <= high, name
        assert finding["text"].strip(), name


@pytest.mark.slow
def test_the_accepted_findings_are_those_that_the_book_states(findings):
    accepted = json.loads((ROOT / "book" / "findings.json").read_text(encoding="utf-8"))

    assert set(accepted) == set(findings)  # else: make accept


@pytest.mark.slow
def test_the_site_holds_the_pages_of_the_book_only(site):
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}

    strangers = {page for page in built if page.startswith((".", "tests/", "code/"))}

    assert strangers == set()
