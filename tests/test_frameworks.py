"""Does the map name a place for every entry, and is a new release noticed?"""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from small_book import HEADER, ROOT, built, edit, extended, git

import frameworks
from foible.threat import FRAMEWORKS, failure_modes

KNOWN = frameworks.committed(ROOT)
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = {
    Path(chapter["file"]).name: ROOT / f"{chapter['file']}.md"
    for part in TOC["parts"]
    for chapter in part["chapters"]
}
UNWRITTEN = {mode.stem for mode in failure_modes()} - PAGES.keys()
SENTENCE = re.compile(r"[A-Z].*[^.]\.")


def stems(entry):
    return {place.partition("#")[0] for place in entry.get("where", [])}


# -------------------------------------------------------------- what the files say


@pytest.mark.parametrize("name", KNOWN)
def test_a_framework_says_where_it_is_from_and_how_it_was_read(name):
    known = KNOWN[name]
    numbers = [entry["id"] for entry in known["entries"]]

    assert known["source"].startswith("https://")
    assert known["title"] and known["version"]
    assert date.fromisoformat(known["date"]) <= date.today()
    assert SENTENCE.fullmatch(known["read"])
    assert len(numbers) == len(set(numbers))
    assert ("repository" in known) == (name in frameworks.READERS)


@pytest.mark.parametrize("name", KNOWN)
def test_an_entry_has_places_or_a_sentence_that_says_why_not(name):
    reasons = KNOWN[name].get("reasons", {})

    for entry in KNOWN[name]["entries"]:
        assert entry["name"]
        assert ("where" in entry) != ("why_not" in entry), entry
        if "where" in entry:
            places = entry["where"]
            assert places and len(places) == len(set(places)), entry
            assert entry.keys() <= {"id", "name", "where", "note"}
        else:
            said = reasons.get(entry["why_not"], entry["why_not"])
            assert SENTENCE.fullmatch(said), entry
            assert entry.keys() == {"id", "name", "why_not"}


@pytest.mark.parametrize("name", KNOWN)
def test_every_page_and_section_that_is_named_is_there(name):
    places = {it for entry in KNOWN[name]["entries"] for it in entry.get("where", [])}

    for place in places:
        stem, _, label = place.partition("#")
        if stem in PAGES:
            text = PAGES[stem].read_text(encoding="utf-8")
            assert re.search(rf"^\({label or stem}\)=\n#+ ", text, re.MULTILINE), place
        else:
            assert place in UNWRITTEN


@pytest.mark.parametrize("name", KNOWN)
def test_every_reason_is_one_of_some_entry(name):
    given = {entry.get("why_not") for entry in KNOWN[name]["entries"]}

    assert KNOWN[name].get("reasons", {}).keys() <= given


def test_all_17_modes_of_kumar_have_their_chapter():
    modes = [mode for mode in failure_modes() if mode.number]

    assert [
        (entry["id"], entry["name"], entry["where"])
        for entry in KNOWN["kumar"]["entries"]
    ] == [(str(mode.number), mode.title, [mode.stem]) for mode in modes]


def test_a_part_of_an_atlas_technique_stands_behind_the_whole():
    numbers = [entry["id"] for entry in KNOWN["atlas"]["entries"]]
    parts = [number for number in numbers if number.count(".") == 2]

    assert numbers == sorted(numbers)
    assert {number.rpartition(".")[0] for number in parts} <= set(numbers)


def test_the_cards_of_the_chapters_say_what_the_map_says():
    of_card = {known["card"]: known for known in KNOWN.values() if "card" in known}

    assert {card: known["title"] for card, known in of_card.items()} == FRAMEWORKS
    for mode in failure_modes():
        for card, names in mode.names.items():
            entries = {entry["id"]: entry for entry in of_card[card]["entries"]}
            for number, name in names.items():
                assert entries[number]["name"] == name, number
                assert mode.stem in stems(entries[number]), number


# ------------------------------------------------------------ what a release changes

TAXONOMY = [{"modes": [{"stem": "evasion", "names": {"ATLAS": {"AML.T0002": "Two"}}}]}]
V6 = """format-version: 6.0.0
collection: {version: '2026.09'}
techniques:
"""
ML = "---\ntitle: {} {}\n---\n"


def own(tree, name, *entries, version="1"):
    """A framework of the small book, whose repository is a folder beside it."""
    known = {
        "title": name.upper(),
        "card": "ATLAS",
        "repository": (tree / "upstream" / f"{name}-data").as_uri(),
        "version": version,
        "entries": list(entries),
    }
    (tree / frameworks.FOLDER / f"{name}.json").write_text(json.dumps(known))


@pytest.fixture
def tree(tmp_path):
    """A repository with a taxonomy and no frameworks, and a folder for clones."""
    (tmp_path / frameworks.FOLDER).mkdir(parents=True)
    (tmp_path / "code/foible").mkdir(parents=True)
    (tmp_path / frameworks.TAXONOMY).write_text(json.dumps(TAXONOMY))
    return tmp_path


def upstream(tree, name, **files):
    """A repository as somebody else publishes it."""
    for path, text in files.items():
        there = tree / "upstream" / f"{name}-data" / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(text)
    return tree / "upstream"


def atlas(tree, techniques):
    lines = [f"  {number}: {{name: '{name}'}}" for number, name in techniques.items()]
    files = {"dist/ATLAS-latest.yaml": V6 + "\n".join(lines)}
    return upstream(tree, "atlas", **files)


def entry(number, name, *where):
    said = {"where": list(where)} if where else {"why_not": "It is not."}
    return {"id": number, "name": name} | said


def said_of(tree, capsys, *arguments):
    code = frameworks.main(tree, [str(it) for it in arguments])
    return code, capsys.readouterr().out


def test_what_came_went_and_was_renamed_is_said_with_the_chapters(tree, capsys):
    own(
        tree,
        "atlas",
        entry("AML.T0001", "One", "poisoning#bought", "backdoor"),
        entry("AML.T0002", "Two"),
        entry("AML.T0003", "Three", "model_stealing"),
        entry("AML.T0004", "Four", "physical_patch"),
        entry("AML.T0005", "Five"),
    )
    newest = atlas(
        tree,
        {
            "AML.T0002": "Second",
            "AML.T0003": "Three",
            "AML.T0003.000": "A part",
            "AML.T0005": "Five",
            "AML.T0009": "Four",
            "AML.M0001": "A mitigation",
        },
    )

    code, said = said_of(tree, capsys, newest, "--report", tree / "report.md")

    assert code == 0
    lines = said.splitlines()
    assert [line for line in lines if line.startswith(("#", "-"))] == [
        "## ATLAS: 1, newest 2026.09",
        "- gone: `AML.T0001` `One` (backdoor, poisoning)",
        "- renamed: `AML.T0002` `Two`, now `Second` (evasion)",
        "- new: `AML.T0003.000` `A part` (model_stealing)",
        "- `AML.T0004` `Four` is now `AML.T0009` `Four` (physical_patch)",
    ]
    touched = "backdoor, evasion, model_stealing, physical_patch, poisoning"
    assert f"Chapters touched: {touched}." in lines
    title, _, body = (tree / "report.md").read_text().partition("\n\n")
    assert title == "Frameworks: ATLAS 2026.09"
    assert body.strip() == said.strip()


def test_nothing_changed_is_one_line_and_an_empty_report(tree, capsys):
    own(tree, "atlas", entry("AML.T0001", "One"), version="2026.09")
    newest = atlas(tree, {"AML.T0001": "One"})

    code, said = said_of(tree, capsys, newest, "--report", tree / "report.md")

    assert (code, said) == (0, "every framework is as in its newest release\n")
    assert (tree / "report.md").read_text() == ""


def test_a_new_version_of_the_same_entries_is_said_too(tree, capsys):
    own(tree, "atlas", entry("AML.T0001", "One"), version="2026.08")
    newest = atlas(tree, {"AML.T0001": "One"})

    _, said = said_of(tree, capsys, newest)

    assert "ATLAS: 2026.08, newest 2026.09" in said
    assert "No entry changed." in said
    assert "Chapters touched: none." in said


def test_other_peoples_words_do_nothing_in_an_issue(tree, capsys):
    own(tree, "atlas", entry("AML.T0001", "One"))
    newest = atlas(tree, {"AML.T0001": "One", "AML.T0002": "`@all` <b>"})

    _, said = said_of(tree, capsys, newest)

    assert "- new: `AML.T0002` `@all <b>`" in said


def test_mitres_older_format_and_a_link_stored_as_text_are_read(tree):
    old = {"version": "5.6.0", "matrices": [{"techniques": [
        {"id": "AML.T0001", "name": "One"}
    ]}]}  # fmt: skip
    files = {"dist/ATLAS.yaml": yaml.safe_dump(old)}
    legacy = upstream(tree, "legacy", **files) / "legacy-data"
    files = {
        "dist/ATLAS-latest.yaml": "v6/ATLAS-latest.yaml",
        "dist/v6/ATLAS-latest.yaml": "ATLAS-2026.09.yaml",
        "dist/v6/ATLAS-2026.09.yaml": f"{V6}  AML.T0001: {{name: One}}",
    }
    linked = upstream(tree, "linked", **files) / "linked-data"

    assert frameworks.newest("atlas", legacy) == ("5.6.0", {"AML.T0001": "One"})
    assert frameworks.newest("atlas", linked) == ("2026.09", {"AML.T0001": "One"})


def test_the_newest_edition_of_each_owasp_list_is_read(tree):
    files = {
        "docs/ML01_2023-Old.md": ML.format("ML01:2023", "Old"),
        "docs/ML01_2027-New.md": ML.format("ML01:2027", "New"),
    }
    ml = upstream(tree, "ml", **files) / "ml-data"
    files = {
        "CITATION.cff": 'version: "2026"\n',
        "2026/final/LLM00_Preface.md": "## Letter\n",
        "2026/final/LLM01_One.md": "## LLM01:2026 Prompt Injection\n\n### More\n",
        "2027/final/LLM01_One.md": "## LLM01:2027 A draft\n",
    }
    llm = upstream(tree, "llm", **files) / "llm-data"

    assert frameworks.newest("owasp_ml", ml) == ("2027", {"ML01:2027": "New"})
    found = {"LLM01:2026": "Prompt Injection"}
    assert frameworks.newest("owasp_llm", llm) == ("2026", found)
    (llm / "CITATION.cff").unlink()
    assert frameworks.newest("owasp_llm", llm).version == "2027"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("techniques: [", "got damaged YAML in "),
        (V6, "got no techniques from "),
        ("version: 5.6.0\n", "got no techniques from "),
        ("matrices: [{techniques: []}]\nversion: 1\n", "got no entries of atlas in "),
        ("nowhere.yaml", "got no text from "),
        ("ATLAS-latest.yaml", "got no techniques from "),
    ],
)
def test_a_damaged_release_is_one_clear_error(tree, capsys, text, words):
    own(tree, "atlas", entry("AML.T0001", "One"))
    newest = upstream(tree, "atlas", **{"dist/ATLAS-latest.yaml": text})

    code, said = said_of(tree, capsys, newest, "--report", tree / "report.md")

    assert code == 1
    assert said.startswith(f"nothing was compared: {words}")
    assert not (tree / "report.md").exists()


def test_a_missing_clone_and_a_damaged_file_of_ours_are_errors(tree, capsys):
    assert said_of(tree, capsys, tree)[0] == 1
    own(tree, "atlas", entry("AML.T0001", "One"))
    assert "clone the repository" in said_of(tree, capsys, tree / "no")[1]
    (tree / frameworks.FOLDER / "atlas.json").write_text("{")
    assert "atlas.json is damaged" in said_of(tree, capsys, tree)[1]


def test_without_a_folder_the_repositories_are_fetched(tree, capsys):
    own(tree, "atlas", entry("AML.T0001", "One"), version="2026.09")
    clone = atlas(tree, {"AML.T0001": "Eins"}) / "atlas-data"
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "all")

    assert "now `Eins`" in said_of(tree, capsys)[1]

    own(tree, "atlas", entry("AML.T0001", "One"))
    (clone / ".git" / "HEAD").unlink()
    code, said = said_of(tree, capsys)
    assert code == 1
    assert "nothing was compared: `git clone" in said


# ------------------------------------------------------------------- in a book

TRIAL = {
    "title": "Trial",
    "source": "https://example.org/trial",
    "version": "7",
    "date": "2026-11-29",
    "read": "We wrote it.",
    "reasons": {"far": "It is too far."},
    "entries": [
        {"id": "T1", "name": "Whole", "where": ["evasion", "one#held"]},
        {"id": "T1.0", "name": "Half", "where": ["corruption"], "note": "in part"},
        {"id": "T2", "name": "A <b>", "why_not": "far"},
        {"id": "T3", "name": "C", "why_not": "far"},
    ],
}


@pytest.mark.slow
def test_a_page_shows_places_and_reasons_and_refuses_what_is_not_there(book):
    extended(book, "home")
    edit(book / "book/index.md", "# Trial", "# Trial\n\n```{framework} trial\n```")
    edit(book / "_toc.yml", "attacks/two", "attacks/evasion")
    (book / "book/attacks/two.md").unlink()
    (book / "book/attacks/evasion.md").write_text(
        f"{HEADER}\n(evasion)=\n# Of evasion\n"
    )
    one = book / "book/attacks/one.md"
    held = "(held)=\n## Evidence: It holds in {glue:text}`share`\n"
    one.write_text(f"{one.read_text()}\n{held}")
    file = book / "book/frameworks/trial.json"
    file.parent.mkdir()
    file.write_text(json.dumps(TRIAL))

    outcome = built(book)
    page = BeautifulSoup(
        (book / "_build/html/book/index.html").read_text(), "html.parser"
    )
    edit(file, "one#held", "evasion#held")
    wrong = built(book)

    assert outcome.exit == 0, outcome.said
    rows = [[cell.text for cell in row("th") + row("td")] for row in page("tr")]
    assert rows == [
        ["entry", "in this book"],
        ["T1 Whole", "Of evasionOne: it holds in 75%"],
        ["T1.0 Whole: Half", "Common Corruption (not yet written)in part"],
    ]
    links = [link["href"] for link in page.select(".mapped a")]
    assert links == ["attacks/evasion.html", "attacks/one.html#held"]
    assert page.find("dt", string="It is too far.").find_next("dd").text == (
        "T2 A <b>; T3 C."
    )
    assert page.find(id="T1.0")
    assert "Trial, version 7, 2026-11-29: 1 of 4 entries are in the book." in page.text
    assert page.find("small", string="We wrote it.")
    assert wrong.exit != 0
    assert "got the place 'evasion#held'; wanted the stem of a page" in wrong.said
