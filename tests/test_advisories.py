"""Is every advisory about a pin reported, and is silence the silence of an answer?"""

import json
from types import SimpleNamespace

import pytest

import advisories

SOUND = {"name": "sound", "version": "1", "vulns": []}
WEAK = {
    "name": "weak",
    "version": "2",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["3"], "aliases": [], "description": "*a*"},
        {"id": "PYSEC-2", "fix_versions": [], "aliases": [], "description": "b"},
    ],
}
UNSEEN = {"name": "unseen", "skip_reason": "could not be audited"}


@pytest.fixture
def audited(monkeypatch, tmp_path, capsys):
    """The exit, what is printed and the report, where pip-audit says this."""

    def audit(*packages):
        said = json.dumps({"dependencies": packages})
        done = SimpleNamespace(stdout=said, stderr="")
        monkeypatch.setattr(advisories.subprocess, "run", lambda *_, **__: done)
        report = tmp_path / "report.md"
        exit = advisories.main(tmp_path, report)
        written = report.read_text() if report.exists() else ""
        return exit, capsys.readouterr().out, written

    return audit


def test_where_nothing_is_known_there_is_no_report(audited):
    exit, said, report = audited(SOUND)

    assert (exit, report) == (0, "")
    assert said == "nothing is known against 2 packages\n"  # of two locks


def test_each_advisory_is_a_line_with_the_version_that_mends_it(audited):
    exit, _, report = audited(SOUND, WEAK)

    assert exit == 0
    lines = report.splitlines()
    assert lines[0] == "2 advisories about what we pin: weak"
    assert lines[2:4] == [
        "- `weak` 2: PYSEC-1, mended in 3",
        "- `weak` 2: PYSEC-2, not mended yet",
    ]
    assert "*a*" not in report  # nobody else's words


def test_a_package_that_was_not_looked_up_is_an_error(audited):
    exit, said, _ = audited(SOUND, UNSEEN)

    assert exit == 1
    assert "not looked up, so nobody knows: unseen" in said


def test_an_audit_that_ends_before_it_looked_is_an_error(monkeypatch, tmp_path):
    done = SimpleNamespace(stdout="", stderr="no index\nno answer\n")
    monkeypatch.setattr(advisories.subprocess, "run", lambda *_, **__: done)

    with pytest.raises(SystemExit, match="nothing was looked up: no answer"):
        advisories.main(tmp_path, None)
