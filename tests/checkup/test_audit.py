"""A check-up says what was tried and what was not, and keeps to its limits."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn

import foible
from foible import artefacts, data, models
from foible.attacks import backdoor
from foible.checkup import OutOfTime, Watch, audit, opened
from foible.checkup._command import main
from foible.checkup.plan import NAMES, PLAN
from foible.checkup.running import prepared
from foible.errors import ArtefactRefused, BadInput, BudgetExceeded, ServiceRefused
from foible.oracle import Oracle
from foible.serving import serve

X, Y = load_breast_cancer(return_X_y=True)
SEEN, NEW, Y_SEEN, Y_NEW = X[::2], X[1::2], Y[::2], Y[1::2]
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(SEEN, Y_SEEN)
BAYES = GaussianNB().fit(SEEN, Y_SEEN)


class Failing:
    """A model of somebody's own that fails."""

    classes_ = np.array([0, 1])

    def predict(self, rows):
        raise RuntimeError("boom")


def checked(model=MODEL, rows=NEW, labels=Y_NEW, **settings):
    return foible.audit(model, rows, labels=labels, **{"questions": 12_000, **settings})


@pytest.fixture(scope="module")
def checkup():
    return checked(train=(SEEN, Y_SEEN), most={"evasion": 0.1, "stealing": 1.0})


# ---------------------------------------------------------------- what is found


def test_the_same_seed_finds_the_same(checkup):
    again = checked(train=(SEEN, Y_SEEN), most={"evasion": 0.1, "stealing": 1.0})
    other = checked(train=(SEEN, Y_SEEN), seed=1)

    assert again.findings == checkup.findings
    assert other.findings != checkup.findings


def test_what_a_threshold_forbids_has_failed(checkup):
    assert checkup["evasion"].share > 0.1
    assert checkup.failed == ("evasion",)
    assert checkup["evasion"].value.interval == checkup["evasion"].interval
    assert checkup.open == ()


def test_a_limit_on_what_is_not_measured_is_not_kept():
    checkup = checked(only=["noise"], most={"backdoor": 0.5})

    assert checkup["backdoor"].status == "refused"
    assert (checkup.failed, checkup.open) == ((), ("backdoor",))


def test_the_forms_of_rows_are_one():
    frame, labels = pd.DataFrame(NEW).rename(columns=str), pd.Series(Y_NEW)
    classes = ("malignant", "benign")
    rows = data.labelled(NEW, Y_NEW, name="cancers")
    forms = [
        checked(only=["groups"], rows=given, labels=y)
        for given, y in (
            (NEW, Y_NEW.tolist()),
            ((NEW, Y_NEW), None),
            (replace(rows, classes=classes), None),
            (frame, labels),
            (pd.DataFrame(NEW), labels),
        )
    ]
    in_column = foible.audit(
        MODEL, frame.assign(paid=Y_NEW), label="paid", only=["groups"]
    )

    shares = {one["groups"].share for one in [*forms, in_column]}
    assert len(shares) == 1


def test_a_column_that_the_model_never_saw_is_left_out():
    frame = pd.DataFrame(SEEN).rename(columns=str)
    model = LogisticRegression(max_iter=10_000).fit(frame, Y_SEEN)
    new = pd.DataFrame(NEW).rename(columns=str)

    plain, more = (
        checked(model, rows=rows, only=["noise"])["noise"]
        for rows in (new, new[new.columns[::-1]].assign(who="somebody"))
    )

    assert more.finding == plain.finding


def test_labels_are_what_the_model_calls_them():
    names = np.array(["malignant", "benign"])
    named = make_pipeline(StandardScaler(), LogisticRegression())
    named.fit(SEEN, names[Y_SEEN])

    told = [
        checked(model, labels=y, only=["noise"])["noise"].finding
        for model, y in ((MODEL, Y_NEW), (named, names[Y_NEW]))
    ]

    assert told[0]["share"] == pytest.approx(told[1]["share"], abs=0.02)
    with pytest.raises(BadInput, match=r"got the label [01]; wanted one of 'benign'"):
        checked(named)


def test_a_model_that_remembers_is_found_out():
    y = np.random.default_rng(0).integers(0, 2, len(Y_SEEN))  # nothing to be learned
    forest = RandomForestClassifier(50, random_state=0).fit(SEEN, y)

    membership = checked(forest, train=(SEEN, y), only=["membership"])["membership"]
    honest = checked(train=(SEEN, Y_SEEN), only=["membership"])["membership"]

    assert membership.interval.low > 0.1 > honest.share
    assert membership.baseline == 0.01


def test_a_model_too_sure_to_tell_members_is_not_cleared():
    """All that a tree says is certain: right answers are alike, members or not."""
    y = np.random.default_rng(0).integers(0, 2, len(Y_SEEN))
    tree = DecisionTreeClassifier(random_state=0).fit(SEEN, y)
    asked = {"train": (SEEN, y), "most": {"membership": 0.05}, "only": ["membership"]}

    by_scores, by_label = (
        checked(model, **asked, labels=y[: len(Y_NEW)])
        for model in (tree, Oracle(tree.predict, answers="label"))
    )

    for checkup in (by_scores, by_label):
        assert checkup["membership"].share is None
        assert "no threshold keeps to 1.0% false alarms" in checkup["membership"].reason
        assert checkup["membership"].also["right on its training rows"] == "100.0%"
        assert checkup.open == ("membership",)


def test_errors_are_looked_for_in_every_column():
    """A column of two values hides no other: here the errors are in a long one."""
    halves = np.arange(len(NEW)) % 2
    rows = np.column_stack([NEW, halves])
    flipped = np.where(NEW[:, 0] > np.quantile(SEEN[:, 0], 0.75), 1 - Y_NEW, Y_NEW)
    model = LogisticRegression(max_iter=10_000)
    model.fit(np.column_stack([SEEN, np.zeros(len(SEEN))]), Y_SEEN)

    groups = checked(model, rows=rows, labels=flipped, only=["groups"])["groups"]

    assert groups.counts.endswith("more than luck gives")
    assert groups.share > 0.5 > groups.baseline


def test_the_interval_of_the_worst_group_knows_that_it_was_chosen():
    """Errors by the toss of a coin: hardly an interval lies above that of all rows."""
    above = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = np.column_stack([rng.normal(size=(300, 6)), rng.integers(3, size=300)])
        wrong = rng.random(300) < 0.15
        groups = checked(
            lambda X: (X[:, 0] > 0).astype(int),
            rows=rows,
            labels=(rows[:, 0] > 0) ^ wrong,
            only=["groups"],
        )["groups"]
        above += groups.interval.low > groups.baseline

    assert above <= 4


def test_a_column_that_carries_the_errors_is_named():
    sick = np.random.default_rng(0).random(len(NEW)) < 0.3
    flipped = np.where(sick, 1 - Y_NEW, Y_NEW)
    rows = np.column_stack([NEW, sick])
    model = LogisticRegression(max_iter=10_000)
    model.fit(np.column_stack([SEEN, np.zeros(len(SEEN))]), Y_SEEN)

    groups = checked(model, rows=rows, labels=flipped, only=["groups"])["groups"]

    assert groups.counts == "wrong answers where column_30 is 1, more than luck gives"
    assert groups.share > 0.8 > groups.baseline


def test_slopes_are_those_of_rows_in_units():
    subject = prepared(MODEL, NEW, labels=Y_NEW, only=["evasion"]).subject
    subject.watch.begin(1, 1)
    Z, step = subject.inside(NEW[:3]), 1e-5 * np.eye(30)[4]

    slope = subject.white.backward(Z, np.tile([0.0, 1.0], (3, 1)))
    rise = subject.white.logits(Z + step) - subject.white.logits(Z - step)

    np.testing.assert_allclose(slope[:, 4], rise[:, 1] / 2e-5, rtol=1e-6)


def test_a_hidden_trigger_is_found_and_none_where_there_is_none():
    seen, new = data.digits().split(0.6, seed=0)
    stamp = backdoor.sticker(seen.image, size=2)
    poisoned = backdoor.poisoned(seen, stamp, target=0, share=0.08, seed=0)
    recipe = models.network(hidden=(64, 32), steps=200, rate=0.005, batch=64)

    plain, tainted = (
        foible.audit(recipe(rows, seed=0), new, only=["backdoor"])["backdoor"]
        for rows in (seen, poisoned)
    )

    assert plain.share == 0
    assert tainted.share == 0.1
    assert tainted.also["most unusual"].startswith("class 0,")


# ---------------------------------------------------------------- limits


class Clock:
    """A clock that goes on by a second each time somebody looks."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        self.time += 1.0
        return self.time


def test_a_watch_deals_out_what_is_left():
    watch = Watch(100, 1000, now=Clock())
    watch.begin(0.5, 0.1)
    watch.account.pay(60)
    first = watch.left
    watch.begin(1, 1)

    assert (first, watch.left) == (40, 940)
    with pytest.raises(OutOfTime):
        for _ in range(200):
            watch.tick()


def test_without_time_nothing_is_measured_and_all_say_so():
    checkup = checked(seconds=1e-9)

    assert {one.status for one in checkup.checks} == {"out of time"}
    assert all("0 rows were answered" in one.reason for one in checkup.checks)
    assert "Not measured, out of time" in checkup.html


def test_without_questions_nothing_is_measured_and_all_say_so():
    checkup = checked(questions=0)

    assert {one.status for one in checkup.checks} == {"out of questions"}
    assert all(one.share is None for one in checkup.checks)


def test_a_check_that_is_cut_off_counts_what_it_finished():
    oracle = Oracle(lambda rows: MODEL.predict_proba(rows))
    few = checked(oracle, questions=9_000, only=["evasion_by_asking"])
    check = few["evasion_by_asking"]

    assert oracle.asked <= 9_000
    assert check.questions <= 9_000 and check.n < 100
    assert check.status == "measured"


def test_a_copy_stands_beside_one_that_learned_the_true_labels():
    right = checked(only=["stealing"])["stealing"]
    odd = checked(lambda rows: 1 - BAYES.predict(rows), only=["stealing"])["stealing"]

    assert right.baseline > 0.9  # the commonest answer: 0.63
    assert odd.baseline < 0.1 < 0.8 < odd.share


def test_a_service_is_asked_no_more_than_is_allowed():
    oracle = Oracle(lambda rows: BAYES.predict_proba(rows))

    checkup = checked(oracle, questions=3_000)

    assert oracle.asked <= 3_000
    assert checkup["stealing"].status == "measured"
    assert checkup.facts["what is held"] == "only its answers"
    with pytest.raises(BudgetExceeded, match="0 left"):
        checked(oracle, questions=0)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"only": ["evasions"]}, "got only='evasions'; wanted names of checks"),
        ({"most": {"safe": 0.5}}, "got most='safe'; wanted names of checks"),
        ({"most": {"evasion": 50}}, r"got most\['evasion'\]=50; wanted"),
        ({"labels": None}, "got rows without labels; wanted label="),
        ({"labels": Y_NEW[:5]}, "got 284 rows and 5 labels"),
        ({"labels": Y_NEW + 7}, "got the label 7; wanted one of 0, 1"),
        ({"labels": Y_NEW * 0.5}, "got the label 0.5; wanted one of 0, 1"),
        ({"rows": NEW * np.nan}, "got a hole in every row"),
        ({"rows": [[1, 2], [3]]}, r"got rows of float64 and shape \(\)"),
        ({"rows": NEW[:0], "labels": Y_NEW[:0]}, r"got rows of float64 and shape \(0"),
        ({"rows": NEW.astype(str)}, "got rows of <U32 and shape"),
        ({"rows": None}, "got rows of object and shape"),
        ({"model": Failing()}, "the model failed on 8 rows .RuntimeError: boom"),
        ({"model": lambda rows: rows[:, :1]}, "got a service that answers with one"),
        ({"model": lambda rows: ["a"] * len(rows)}, "wanted whole numbers from 0, or"),
        ({"model": 5}, "got model='5'; wanted a fitted estimator"),
        ({"model": LogisticRegression()}, "that is not fitted"),
        ({"model": LinearRegression().fit(X, Y)}, "got a regression; wanted a class"),
        ({"model": nn.Linear(30, 2)}, "in train mode"),
        ({"train": (SEEN[:, :5], Y_SEEN)}, "got training rows 5 wide; wanted 30"),
        ({"seconds": 0}, "got seconds=0; wanted"),
    ],
)
def test_what_does_not_fit_is_one_clear_error(settings, message):
    with pytest.raises(BadInput, match=message):
        checked(**settings)


def test_another_machine_is_not_asked():
    with pytest.raises(ServiceRefused, match="only a service on this machine"):
        checked("http://192.0.2.1:8000")


def test_a_label_that_is_no_column_is_named():
    with pytest.raises(BadInput, match="without the column 'paid'"):
        foible.audit(MODEL, pd.DataFrame(NEW), label="paid")


# ---------------------------------------------------------------- the page


def test_the_page_needs_nothing_from_elsewhere(checkup, tmp_path):
    checkup.page(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text("utf-8")

    named = re.findall(r"""(?:src|href|url|action)\s*[=(]\s*["']?([^"')\s>]+)""", text)
    outside = [one for one in named if not one.startswith("#")]
    assert outside == []
    assert not re.search(r"https?://(?!www\.w3\.org/(1999|2000)/)", text)
    assert "<script" not in text
    assert len(text) < 200_000


def test_the_page_says_of_each_line_what_was_tried_and_what_it_does_not_show(checkup):
    for one in checkup.checks:
        assert one.title in checkup.html and one.chapter in checkup.html
        if one.status != "refused":
            assert f'<section id="{one.name}">' in checkup.html
            assert one.limits.split(";")[0] in checkup.html
    measured = [one for one in checkup.checks if one.status != "refused"]
    assert checkup.html.count("What this does not show.") == len(measured)
    assert "More than is allowed: evasion" in checkup.html
    assert not re.search("secure|passed all|no risk", checkup.html)


def test_a_page_on_which_nothing_fits_is_a_page_all_the_same():
    checkup = checked(only=["backdoor"])

    assert "What was not tried" in checkup.html
    assert "got no network of images" in checkup.html


def test_names_in_a_drawing_are_its_own(checkup):
    names = re.findall(r'\bid="([^"]+)"', checkup.html)

    assert len(names) == len(set(names))


def test_what_somebody_calls_a_model_is_no_markup():
    def named(rows):
        return BAYES.predict(rows)

    named.__name__ = "<b>model</b>"

    shown = checked(named, only=["groups"]).html

    assert "<b>model" not in shown and "&lt;b&gt;model" in shown


def test_the_findings_can_be_read_back(checkup, tmp_path):
    checkup.json(tmp_path / "findings.json")
    told = json.loads((tmp_path / "findings.json").read_text("utf-8"))
    seconds = told.pop("seconds")

    assert told == json.loads(json.dumps(checkup.findings))
    assert seconds.keys() == {one.name for one in checkup.checks}
    assert told["failed"] == ["evasion"]


def test_a_notebook_shows_a_table_and_a_figure(checkup):
    table = checkup._repr_html_()
    ax = checkup.plot()

    assert all(one.title in table for one in checkup.checks)
    assert ax.get_xlabel()


def test_every_check_names_a_chapter_and_a_limit():
    assert len(NAMES) == len(set(NAMES))
    for one in PLAN:
        assert one.limits.endswith(".") and one.who.mode.title


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.PKL"])
def test_a_pickle_is_never_opened(tmp_path, name):
    marker, file = tmp_path / "ran", tmp_path / name
    trap = artefacts.Call(marker.touch)
    file.write_bytes(artefacts.append_call(artefacts.dump(BAYES), trap))

    with pytest.raises(ArtefactRefused, match=r"a pickle, which runs .* skops.io.dump"):
        opened(file)

    assert not marker.exists()


@pytest.mark.parametrize(
    "model",
    [
        MODEL,
        BAYES,
        RandomForestClassifier(5, max_depth=3, random_state=0).fit(SEEN, Y_SEEN),
    ],
)
def test_a_model_comes_back_from_skops(tmp_path, model):
    skops.io.dump(model, tmp_path / "model.skops")

    again = opened(tmp_path / "model.skops")

    assert np.array_equal(again.predict(NEW), model.predict(NEW))


def test_what_nobody_has_reviewed_is_refused_and_named(tmp_path):
    boosted = GradientBoostingClassifier(n_estimators=2).fit(SEEN, Y_SEEN)
    skops.io.dump(boosted, tmp_path / "model.skops")

    with pytest.raises(
        ArtefactRefused, match=r"_tree\.Tree, which nobody has reviewed"
    ):
        opened(tmp_path / "model.skops")


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_a_forest_comes_back_from_its_arrays(tmp_path, form):
    forest = RandomForestClassifier(5, max_depth=3, random_state=0).fit(SEEN, Y_SEEN)
    (tmp_path / f"model.{form}").write_bytes(artefacts.dump(forest, form=form))

    again = opened(tmp_path / f"model.{form}")

    assert np.array_equal(again.predict(NEW), forest.predict(NEW))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("weights.pt", "weights that need the code of a network"),
        ("model.exe", "wanted .skops"),
        ("model.skops", "which is no file of skops"),
        ("model.json", "wanted what booster.save_model"),
        ("model.npz", "wanted"),
    ],
)
def test_other_files_are_refused(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"nothing")

    with pytest.raises((ArtefactRefused, BadInput), match=message):
        opened(tmp_path / name)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ArtefactRefused, match="cannot be read"):
        opened(tmp_path / "model.skops")


# ---------------------------------------------------------------- the command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A model and its rows, as files."""
    monkeypatch.chdir(tmp_path)
    frame = load_wine(as_frame=True).frame
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(frame.drop(columns="target")[::2], frame["target"][::2])
    skops.io.dump(model, tmp_path / "model.skops")
    frame[1::2].to_csv(tmp_path / "rows.csv", index=False)
    frame[::2].to_csv(tmp_path / "train.csv", index=False)
    (tmp_path / "mine.py").write_text(
        "from sklearn.datasets import load_wine\n"
        "from sklearn.naive_bayes import GaussianNB\n"
        "frame = load_wine(as_frame=True).frame\n"
        "model = GaussianNB().fit(frame.drop(columns='target'), frame['target'])\n"
    )
    return tmp_path


ASKED = ("--data", "rows.csv", "--label", "target", "--questions", "6000")


def test_the_command_writes_a_page_and_findings(folder, capsys):
    written = "--out", "page.html", "--json", "findings.json"
    limits = "--most", "evasion=0.99"

    status = main(
        ["audit", "model.skops", *ASKED, "--train", "train.csv", *written, *limits]
    )

    assert status == 0
    assert "Check-up of a pipeline" in (folder / "page.html").read_text("utf-8")
    told = json.loads((folder / "findings.json").read_text("utf-8"))
    assert [one["name"] for one in told["checks"]] == list(NAMES)
    said = capsys.readouterr()
    assert "evasion: " in said.out and "Traceback" not in said.err


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--most", "stealing=0.1"], 1, "more than is allowed: stealing"),
        (["--most", "backdoor=0.1"], 2, "not measured: backdoor"),
        (["--questions", "0"], 2, "not measured: everything"),
        (["--most", "stealing"], 2, "got --most 'stealing'; wanted a check and a"),
        (["--label", "colour"], 2, "without the column 'colour'"),
        (["--data", "none.csv"], 2, "none.csv that cannot be read"),
        (["--only", "everything"], 2, "wanted names of checks"),
    ],
)
def test_the_exit_status_tells_what_happened(folder, capsys, more, status, message):
    assert main(["audit", "model.skops", *ASKED, "--only", "stealing", *more]) == status
    assert message in capsys.readouterr().err


def test_a_model_in_a_module_is_checked(folder, capsys):
    assert main(["audit", "mine:model", *ASKED, "--only", "noise"]) == 0
    assert main(["audit", "mine:nothing", *ASKED]) == 2
    assert "wanted package.module:name" in capsys.readouterr().err


def test_a_service_on_this_machine_is_checked(folder, capsys):
    X, y = load_iris(return_X_y=True)
    np.savez(folder / "rows.npz", X=X, y=y)
    asked = ["--data", "rows.npz", "--questions", "3000", "--only", "stealing"]
    form = ["--template", '{"rows": "{rows}"}', "--answer", "probabilities"]
    with serve(GaussianNB().fit(X, y)) as url:
        assert main(["audit", url, *asked]) == 0
        plain = capsys.readouterr().out
        assert main(["audit", f"{url}/predict", *asked, *form]) == 0
    assert capsys.readouterr().out == plain
    for more in ([], form):
        assert main(["audit", "http://192.0.2.1:80", *asked, *more]) == 2
        assert "only a service on this machine" in capsys.readouterr().err
    assert main(["audit", url, *asked, "--template", "{rows}"]) == 2
    assert "wanted JSON" in capsys.readouterr().err


def test_the_command_is_the_packages_own(folder):
    asked = ["audit", "mine:model", *ASKED, "--only", "groups"]

    told = subprocess.run(
        [sys.executable, "-m", "foible", *asked],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.startswith("groups: ")
    assert foible.audit is audit


def test_a_check_up_can_be_watched_as_it_is_made():
    begun = prepared(MODEL, NEW, labels=Y_NEW, only=["noise", "missing"])
    checks = begun.checks()

    assert next(checks).name == "noise"
    assert begun.whole([*checks]).checks[0].name == "missing"


def test_a_network_is_checked_in_the_pixels_own_range():
    digits = data.digits().take(slice(0, 600))
    network = models.network(hidden=16, steps=60)(digits, seed=0)
    brighter = replace(digits, X=16 * digits.X)
    first, *others = network.layers
    dimmer = models.Network(((first[0] / 16, first[1]), *others))

    one, other = (
        foible.audit(model, rows, only=["corruption", "evasion"])
        for model, rows in ((network, digits), (dimmer, brighter))
    )

    for name in ("corruption", "evasion"):
        assert one[name].status == "measured"
        assert other[name].share == pytest.approx(one[name].share, abs=0.01)
