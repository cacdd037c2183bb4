"""Does a release say what moved, and does an old one stay as it was?"""

import json
import re
import subprocess
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from small_book import ROOT, git

import release

SCHEMA = Path(__file__).parent / "cff" / "schema.json"
LOG = "# Changelog\n\n## Unreleased\n\nWe say more.\n"
CFF = 'cff-version: 1.2.0\ntitle: "A book"\n'


def findings(**texts):
    return {
        name.replace("_", ".", 1): {"text": text, "chapter": f"book/{name[:3]}"}
        for name, text in texts.items()
    }


@pytest.fixture
def tree(tmp_path):
    """A book that is about to be released for the first time."""
    (tmp_path / "book").mkdir()
    (tmp_path / "CHANGELOG.md").write_text(LOG)
    (tmp_path / "CITATION.cff").write_text(CFF)
    git(tmp_path, "init", "-q")
    return tmp_path


def state(tree, **texts):
    (tree / release.FINDINGS).write_text(json.dumps(findings(**texts)))


def tag(tree, version):
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", version)
    git(tree, "tag", f"v{version}")


def test_a_second_release_lists_what_moved_came_and_went_since_the_first(tree):
    state(tree, one_a="70%", one_b="1", two_c="5")
    assert release.main(tree, "2026.12", "2026-12-01") == 0
    tag(tree, "2026.12")
    state(tree, one_a="75%", one_b="1", two_d="6")

    assert release.main(tree, "2027.1", "2027-01-05") == 0

    assert (tree / "CHANGELOG.md").read_text() == (
        "# Changelog\n\n## Unreleased\n\n"
        "## 2027.1 (2027-01-05)\n\n"
        "### one\n\n- `one.a`: 70% → 75%\n\n"
        "### two\n\n- `two.c`: 5 → gone\n- `two.d`: new, 6\n\n"
        "## 2026.12 (2026-12-01)\n\nWe say more.\n\n"
        "All 3 findings are new; `book/findings.json` lists them.\n"
    )
    cff = yaml.safe_load((tree / "CITATION.cff").read_text())
    assert (cff["version"], cff["date-released"]) == ("2027.1", "2027-01-05")


def test_a_release_says_how_to_commit_and_tag_and_does_neither(tree, capsys):
    state(tree, one_a="70%")

    release.main(tree, "2026.12", "2026-12-01")

    said = capsys.readouterr().out
    assert "git tag v2026.12 && git push origin HEAD v2026.12" in said
    assert release.released(tree) == ""


@pytest.mark.parametrize(
    ("version", "log", "reason"),
    [
        ("", LOG, "got VERSION=''; wanted one as in VERSION=2026.12"),
        ("v2026.12", LOG, "got VERSION='v2026.12'"),
        ("2026.1", LOG, "v2026.1 is a tag already"),
        ("2026.12", "# Changelog\n", "got no line '## Unreleased'"),
    ],
)
def test_what_cannot_be_released_changes_nothing(tree, capsys, version, log, reason):
    state(tree, one_a="70%")
    (tree / "CHANGELOG.md").write_text(log)
    tag(tree, "2026.1")

    assert release.main(tree, version, "2026-12-01") == 1

    assert reason in capsys.readouterr().out
    assert (tree / "CHANGELOG.md").read_text() == log
    assert (tree / "CITATION.cff").read_text() == CFF


# ---------------------------------------------------------------- the files here


def test_the_citation_file_is_valid_and_is_that_of_the_newest_tag():
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    last = release.released(ROOT)

    checker = jsonschema.FormatChecker()
    jsonschema.validate(cff, json.loads(SCHEMA.read_text()), format_checker=checker)
    assert cff.get("version", "") in {last.removeprefix("v"), next_release()}
    if last and cff["version"] == last.removeprefix("v"):
        said = ["git", "log", "-1", "--format=%cs", last]
        done = subprocess.run(said, cwd=ROOT, capture_output=True, text=True)
        days = date.fromisoformat(done.stdout.strip()) - date.fromisoformat(
            cff["date-released"]
        )
        assert abs(days.days) <= 1


def next_release():
    """The version of the first section of the changelog, which may wait for its tag."""
    sections = re.findall(r"^## (\S+) \(", (ROOT / "CHANGELOG.md").read_text(), re.M)
    return sections[0] if sections else ""


# -------------------------------------------------------------------- old releases


def run(script, *arguments):
    command = [ROOT / "scripts" / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def packages(tmp_path):
    path = tmp_path / "sbom.cdx.json"
    path.write_text("{}")
    return path


@pytest.fixture
def site(tmp_path):
    site = tmp_path / "site"
    (site / "book").mkdir(parents=True)
    (site / "book/one.html").write_text("one")
    return site


def test_a_packed_site_comes_back_below_its_version(site, packages, tmp_path):
    assets, main = tmp_path / "assets", tmp_path / "main"
    main.mkdir()

    packed = run("pack_release.sh", site, "2026.12", assets, packages)
    before = (assets / "foible-2026.12.tar.gz").read_bytes()
    (site / "book/one.html").touch()
    run("pack_release.sh", site, "2026.12", assets, packages)
    placed = run("place_releases.sh", assets, main)

    assert (packed.returncode, placed.returncode) == (0, 0), placed.stderr
    assert (assets / "foible-2026.12.tar.gz").read_bytes() == before
    assert (main / "v/2026.12/book/one.html").read_text() == "one"
    assert sorted(path.name for path in assets.iterdir()) == [
        "foible-2026.12.cdx.json",
        "foible-2026.12.cdx.json.sha256",
        "foible-2026.12.tar.gz",
        "foible-2026.12.tar.gz.sha256",
    ]


def test_a_damaged_release_is_not_published(site, packages, tmp_path):
    assets, main = tmp_path / "assets", tmp_path / "main"
    main.mkdir()
    run("pack_release.sh", site, "2026.12", assets, packages)
    with (assets / "foible-2026.12.tar.gz").open("ab") as archive:
        archive.write(b"x")

    placed = run("place_releases.sh", assets, main)

    assert placed.returncode != 0
    assert not (main / "v").exists()


def test_without_a_release_nothing_is_placed(tmp_path):
    assert run("place_releases.sh", tmp_path, tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []
