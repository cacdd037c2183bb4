"""Does the audit serve pages as hosts do, and read Lighthouse's reports rightly?"""

import gzip
from urllib.request import Request, urlopen

import pytest

from audit import __main__ as audit


def _report(**scores):
    audits = {
        "network-requests": {"details": {"items": [{"transferSize": 700}] * 3}},
        "largest-contentful-paint": {
            "numericValue": 1500.0,
            "score": 0.9,
            "scoreDisplayMode": "numeric",
        },
        "color-contrast": {"score": 1, "scoreDisplayMode": "binary"},
    }
    refs = [{"id": name, "weight": 1} for name in list(audits)[1:]]
    shares = dict.fromkeys(audit.MARKS, 1.0) | scores
    categories = {k: {"score": v, "auditRefs": []} for k, v in shares.items()}
    categories["performance"]["auditRefs"] = refs
    return {"audits": audits, "categories": categories}


def test_a_report_is_read():
    score = audit.read(_report())

    assert score == (
        dict.fromkeys(audit.MARKS, 100),
        1.5,
        2100,
        3,
        ["largest-contentful-paint"],
        None,
        0,
    )
    assert score.good


@pytest.mark.parametrize(("took", "good"), [(600, True), (1400, False)])
def test_a_laboratory_is_held_to_the_time_that_it_takes(took, good):
    report = _report(performance=0.5)
    measure = {"name": "laboratory evasion-digits", "duration": took}
    report["audits"]["user-timings"] = {"details": {"items": [measure]}}
    tasks = [{"duration": 80.0}, {"duration": 210.0}]
    report["audits"]["long-tasks"] = {"details": {"items": tasks}}

    score = audit.read(report)

    assert (score.opened, score.longest) == (took / 1000, 0.21)
    assert score.good is good


@pytest.mark.parametrize("missed", [{"performance": 0.94}, {"seo": 0.99}])
def test_a_page_that_misses_one_mark_is_not_good(missed):
    assert not audit.read(_report(**missed)).good


def test_a_page_that_is_painted_late_is_not_good():
    assert not audit.read(_report())._replace(painted=2.1).good


def test_pages_are_served_compressed(tmp_path):
    (tmp_path / "page.html").write_text("<p>" + "again and " * 500, "utf-8")

    with audit.served(tmp_path) as address:
        asked = Request(address + "page.html", headers={"Accept-Encoding": "gzip"})
        with urlopen(asked, timeout=10) as answer:
            body = answer.read()

    assert address.startswith("http://127.0.0.1:")
    assert len(body) < 1000
    assert gzip.decompress(body).startswith(b"<p>again")


def test_a_page_that_is_not_there_is_named(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.html").write_text("<p>", "utf-8")
    monkeypatch.setattr(audit, "SITE", tmp_path)

    with pytest.raises(SystemExit, match=r"got book/none.html; wanted pages of"):
        audit.main(["book/none.html"])
