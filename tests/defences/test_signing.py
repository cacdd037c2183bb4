import hashlib
import zlib

import numpy as np
import pytest
from scipy import stats

from foible import data
from foible.defences import signing
from foible.defences.signing import scanners
from foible.errors import ArtefactRefused, BadInput

RELEASE = signing.Release(b"a model, version two", version=2)
OLD = signing.Release(b"a model, version one", version=1)


@pytest.fixture(scope="module")
def keys():
    return signing.Keys.new()


# ---------------------------------------------------------------- the digest


def test_a_digest_is_that_of_hashlib():
    assert signing.digest(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_file_with_another_digest_is_refused_with_both_digests():
    wanted, got = signing.digest(b"abc"), signing.digest(b"abx")

    with pytest.raises(ArtefactRefused, match=f"{got}.*{wanted}"):
        signing.verified(b"abx", wanted=wanted)


# ---------------------------------------------------------------- the signature


def test_an_old_release_is_accepted_until_the_version_is_checked(keys):
    signature = signing.sign(OLD, private=keys.private)

    replayed = signing.accepted(OLD, signature, public=keys.public)

    assert replayed == OLD.artefact
    with pytest.raises(ArtefactRefused, match="wanted 2 or later"):
        signing.accepted(OLD, signature, public=keys.public, newest=2)


def test_each_check_stops_what_it_can_and_none_a_frozen_consumer():
    found = signing.judge_checks(RELEASE, b"another model", OLD)

    honest, *attackers = found.rows
    assert {cell.value for cell in found.row(honest).values()} == {"accepted"}
    refused = {
        check: [
            found.cell(attacker, check).outcome == "stopped" for attacker in attackers
        ]
        for check in found.columns
    }
    assert refused == {
        "digest beside": [True, False, False, False, False],
        "digest elsewhere": [True, True, True, False, True],
        "signed": [True, True, False, False, False],
        "signed + version": [True, True, True, False, False],
    }


# ---------------------------------------------------------------- the scanner


ODD = {
    "no pickle": b"this is not a pickle",
    "a persistent id": b"Pabc\n.",
    "a buffer": b"\x80\x05\x97\x98.",
    "a bytearray": b"\x80\x05\x96" + b"\2".ljust(8, b"\0") + b"ab.",
    "an extension code": b"\x80\x02\x82\x01.",
    "two pickles": b"N.N.",
    "letters that are none": b"c\xff\xfe\n\xff\n.",
    "nothing": b"",
}


@pytest.mark.parametrize("name", signing.SCANNERS)
def test_whatever_a_file_holds_a_scanner_has_a_verdict_and_is_silent(
    name, capfd, caplog
):
    said = signing.SCANNERS[name](list(ODD.values()))

    heard = capfd.readouterr()
    assert heard.out == heard.err == ""
    assert caplog.records == []
    assert len(said) == len(ODD)
    assert all(isinstance(one.code, int) and one.word for one in said)


SHELL = b"cos\nsystem\n(Vtrue\ntR."
VERDICTS = {
    "a list": (b"]q\x00.", [(0, "no issue"), (0, "no issue"), (0, "likely safe")]),
    "a shell": (
        SHELL,
        [(1, "1 issue"), (1, "1 issue"), (1, "likely overtly malicious")],
    ),
    "broken off": (
        SHELL[:-1],
        [
            (2, "1 issue, cannot read it"),
            (3, "cannot read it"),
            (1, "likely overtly malicious"),
        ],
    ),
    "packed": (zlib.compress(SHELL), [(0, "cannot read it"), (3, "cannot read it")]),
}


@pytest.mark.parametrize(("file", "wanted"), VERDICTS.values(), ids=VERDICTS)
def test_scanners_are_heard_as_their_command_lines_speak(file, wanted):
    said = [scan([file])[0] for scan in list(signing.SCANNERS.values())[: len(wanted)]]

    assert [tuple(verdict) for verdict in said] == wanted
    assert [verdict.flagged for verdict in said] == [code > 0 for code, _ in wanted]


@pytest.mark.parametrize("forced", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_scanners_are_heard_in_colour_as_well(forced, monkeypatch):
    monkeypatch.setenv(forced, "1")

    said = [scan([SHELL])[0] for scan in list(signing.SCANNERS.values())[:2]]

    assert [tuple(verdict) for verdict in said] == [(1, "1 issue"), (1, "1 issue")]


# ---------------------------------------------------------------- the weights


# ---------------------------------------------------------------- the golden rows


@pytest.fixture(scope="module")
def rows():
    X = np.arange(1000.0)[:, None]
    return data.Dataset(
        name="line",
        X=X,
        y=np.zeros(1000, int),
        columns=("x",),
        classes=("no", "yes"),
        origin="counted",
    )


class Altered:
    """Answers 1 on a stretch of the line."""

    classes_ = np.array([0, 1])

    def __init__(self, start, stop):
        self.start, self.stop = start, stop

    def predict(self, X):
        return ((X[:, 0] >= self.start) & (X[:, 0] < self.stop)).astype(int)

    def predict_proba(self, X):
        return np.eye(2)[self.predict(X)]


@pytest.mark.parametrize("altered", [20, 500])
def test_golden_rows_notice_as_often_as_the_closed_form_says(altered, rows):
    counts, repeats = [1, 30, 100, 1000], 2000
    found = signing.judge_golden(
        Altered(0, 0),
        {"bribed": [Altered(100, 100 + altered)]},
        rows,
        counts=counts,
        repeats=repeats,
        seed=0,
    )

    for count in counts:
        expected = signing.caught(golden=count, altered=altered, rows=1000)
        hits = round(found.at("bribed", count) * repeats)
        assert stats.binomtest(hits, repeats, min(expected, 1)).pvalue > 1e-3


def test_the_closed_form_is_near_the_binomial_one_and_exact_at_its_ends():
    assert signing.caught(golden=0, altered=5, rows=100) == 0
    assert signing.caught(golden=96, altered=5, rows=100) == pytest.approx(1)
    assert signing.caught(golden=10, altered=20, rows=10_000) == pytest.approx(
        1 - (1 - 0.002) ** 10, rel=0.01
    )


def test_who_knows_the_rows_is_noticed_only_where_all_choices_are(rows):
    choices = [Altered(start, start + 20) for start in range(0, 200, 20)]
    found = signing.judge_golden(
        Altered(0, 0),
        {"does not know": choices[:1], "knows": choices},
        rows,
        counts=[50, 1000],
        seed=0,
    )

    assert found.at("does not know", 50) > 0.4
    assert found.at("knows", 50) < 0.05
    assert found.at("knows", 1000) == 1


def test_a_model_that_is_not_altered_is_refused(rows):
    with pytest.raises(BadInput, match="answers every row as the released one"):
        signing.judge_golden(
            Altered(0, 0), {"same": [Altered(5, 5)]}, rows, counts=[1], seed=0
        )


@pytest.mark.parametrize("counts", [[0, 5], [5, 1001]])
def test_counts_that_cannot_be_drawn_are_refused(rows, counts):
    with pytest.raises(BadInput, match=r"wanted (1 to 1000|a whole number from 1)"):
        signing.judge_golden(
            Altered(0, 0), {"a": [Altered(0, 9)]}, rows, counts=counts, seed=0
        )


def test_a_scanner_that_was_killed_has_not_read_the_file(tmp_path):
    (tmp_path / "said").write_text("found 0")

    for scan in signing.SCANNERS.values():
        said = scanners._verdict(-24, tmp_path, scan.keywords["read"])
        assert said == (-24, "cannot read it")
        assert said.flagged


@pytest.mark.parametrize(("number", "words"), [(1, "1 issue"), (2, "2 issues")])
def test_issues_are_counted_as_one_says_it(number, words, tmp_path):
    said = scanners._Said(1, f"found {number}", tmp_path)

    assert scanners._counted(r"found (\d)", said, lost=False) == words
