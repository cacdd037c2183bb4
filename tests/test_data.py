import gzip
import hashlib
import time
from dataclasses import FrozenInstanceError, replace
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, spearmanr
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from foible import data, vision
from foible.data import Dataset, files, people, pictures
from foible.data.rows import parts
from foible.errors import BadInput, DataDamaged, DataMissing
from foible.road import camera, signs
from foible.road.views import draw_views

SOME = {
    "name": "some",
    "X": [[0, 1], [2, 3], [4, 5], [6, 7]],
    "y": [0, 1, 0, 1],
    "columns": ("left", "right"),
    "classes": ("no", "yes"),
    "origin": "typed by hand",
    "image": (1, 2),
}


@pytest.fixture(scope="module")
def twin():
    return data.bank()


# --- Rows and labels ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"X": [0, 1, 2, 3]}, r"got X of shape \(4,\); wanted numbers of shape \(n, d"),
        ({"X": [[0, 1], [2, np.nan], [4, 5], [6, 7]]}, "got NaN or infinity in the X"),
        ({"X": [[0, 1], [2, np.inf], [4, 5], [6, 7]]}, "got NaN or infinity in the X"),
        ({"X": [["a", "b"]] * 4}, "X that are not such numbers, but <U1"),
        ({"X": np.empty((0, 2)), "y": np.empty(0, int)}, "X .* wanted .* at least one"),
        ({"X": np.empty((4, 0)), "columns": ()}, "X .* wanted .* at least one"),
        ({"y": [0, 1, 0]}, "4 rows but 3 labels"),
        ({"y": [[0], [1], [0], [1]]}, "y has 2 dimensions"),
        ({"y": [0, 1, 0, 2]}, "labels run from 0 to 2, wanted 0 to 1"),
        ({"y": [0, 1, 0, -1]}, "labels run from -1 to 1, wanted 0 to 1"),
        ({"y": [0.0, 1.0, 0.0, 1.0]}, "labels are float64, wanted whole numbers"),
        ({"y": [0.0, 1.0, 0.0, np.nan], "classes": ()}, "y holds NaN or infinity"),
        ({"y": list("abab")}, "labels are <U1, wanted whole numbers"),
        (
            {"y": list("abab"), "classes": ()},
            "<U1, .* numbers to regress on",
        ),
        ({"columns": ("left",)}, "X has 2 columns but 1 are named"),
        ({"columns": ("left", "left")}, "column names repeat"),
        (
            {"image": (2, 2)},
            r"an image of shape \(2, 2\) has 4 pixels, but",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(wrong, message):
    with pytest.raises(BadInput, match=message):
        Dataset(**SOME | wrong)


def test_rows_and_labels_have_one_type_and_cannot_be_changed():
    rows = Dataset(**SOME)

    assert (rows.X.dtype, rows.y.dtype) == (np.float64, np.int64)
    with pytest.raises(ValueError, match="read-only"):
        rows.X[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        rows.y[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        rows.column("left")[0] = 1
    with pytest.raises(FrozenInstanceError):
        rows.name = "other"


def test_the_callers_arrays_stay_the_callers():
    X, y = np.zeros((4, 2)), np.array([0, 1, 0, 1])

    rows = Dataset(**SOME | {"X": X, "y": y})
    X[0, 0], y[0] = 9, 1

    assert (rows.X[0, 0], rows.y[0]) == (0, 0)


def test_rows_that_cannot_change_are_held_once():
    X = np.zeros((4, 2))
    rows = Dataset(**SOME | {"X": data.settled(X)})

    relabelled = replace(rows, y=1 - rows.y)

    assert rows.X is X
    assert relabelled.X is X
    with pytest.raises(ValueError, match="read-only"):
        X[0, 0] = 1


def test_a_closed_window_on_an_open_array_is_copied():
    X = np.zeros((4, 2))
    window = X[:]
    window.flags.writeable = False

    rows = Dataset(**SOME | {"X": window})
    X[0, 0] = 9

    assert rows.X[0, 0] == 0


@pytest.mark.parametrize(
    "index",
    [[2, 0], np.array([True, False, True, False]), slice(0, None, 2)],
    ids=["positions", "mask", "slice"],
)
def test_take_gives_the_rows_asked_for(index):
    some = Dataset(**SOME).take(index)

    assert sorted(some.X[:, 0]) == [0, 4]
    assert (len(some), list(some.y), some.image) == (2, [0, 0], (1, 2))


@pytest.mark.parametrize("index", [[4], [True, False], [0.5], [], 0])
def test_rows_that_are_not_there_cannot_be_taken(index):
    with pytest.raises(BadInput):
        Dataset(**SOME).take(index)


def test_columns_are_found_by_name():
    rows = Dataset(**SOME)

    turned = rows.select(["right", "left"])

    assert turned.columns == ("right", "left")
    assert turned.image is None
    np.testing.assert_array_equal(turned.X, rows.X[:, ::-1])
    np.testing.assert_array_equal(rows.column("right"), [1, 3, 5, 7])


@pytest.mark.parametrize("ask", [Dataset.column, lambda rows, x: rows.select([x])])
def test_an_unknown_column_is_refused_with_the_known_ones(ask):
    with pytest.raises(BadInput, match="wanted one of left, right"):
        ask(Dataset(**SOME), "up")


def test_a_data_set_shows_itself_in_a_line():
    assert repr(Dataset(**SOME)) == (
        "<some: 4 rows × 2 columns, 2 classes; typed by hand>"
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.6, 0.97])
def test_a_split_keeps_every_row_and_every_class_in_proportion(share):
    clinic = data.clinic()
    index = replace(clinic, X=np.arange(len(clinic))[:, None], columns=("row",))

    first, second = index.split(share, seed=3)

    assert len(first) == round(share * len(clinic))
    both = np.concatenate([first.X[:, 0], second.X[:, 0]]).astype(int)
    assert sorted(both) == list(range(len(clinic)))
    np.testing.assert_array_equal(clinic.y[both], np.r_[first.y, second.y])
    expected = share * np.bincount(clinic.y)
    assert np.abs(np.bincount(first.y) - expected).max() <= 1.5


def test_a_split_is_in_random_order():
    first, _ = data.clinic().split(0.5, seed=0)

    head = first.y[:100].mean()

    assert 0.45 < head < 0.8  # 63 % of all are benign; sorted by class, none or all


def test_a_split_is_decided_by_its_seed():
    digits = data.digits()

    same = [digits.split(0.3, seed=7)[0] for _ in range(2)]
    other, _ = digits.split(0.3, seed=8)

    assert same[0].X.tobytes() == same[1].X.tobytes()
    assert same[0].X.tobytes() != other.X.tobytes()


def test_a_regression_is_split_at_random():
    diabetes = data.diabetes()

    first, second = diabetes.split(0.5, seed=0)
    other, _ = diabetes.split(0.5, seed=1)

    assert len(first) == len(second) == 221
    assert sorted(np.r_[first.y, second.y]) == sorted(diabetes.y)
    assert sorted(first.y) != sorted(other.y)


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, 0.01, 0.99, float("nan")])
def test_a_split_that_leaves_a_part_empty_is_refused(share):
    with pytest.raises(BadInput, match=r"share=.* above 0|leaves both parts a row"):
        Dataset(**SOME).split(share, seed=0)


# --- The bank and its invented customers ----------------------------------------------


def rates_by_delay(bank, mask=True):
    delay = np.clip(bank.column("PAY_0"), -2, 3)
    return {str(d): bank.y[(delay == d) & mask].mean() for d in range(-2, 4)}


def talk_forest(bank):
    view = data.talk_view(bank)
    X, X_test, y, y_test = train_test_split(
        view.X, view.y, test_size=0.1, random_state=42
    )
    forest = RandomForestClassifier(
        n_estimators=5, max_depth=3, min_samples_leaf=100, random_state=42
    ).fit(X, y)
    return forest.score(X_test, y_test), np.bincount(forest.predict(X_test))


def test_the_twin_has_the_published_columns_in_order(twin):
    assert twin.columns == (
        *("LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
        *("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"),
        *(f"BILL_AMT{month}" for month in range(1, 7)),
        *(f"PAY_AMT{month}" for month in range(1, 7)),
    )
    assert twin.X.shape == (30_000, 23)
    assert twin.X[0, :6].tolist() == [320_000, 1, 2, 1, 35, 0]
    assert twin.origin == "synthetic twin of the UCI credit table"


def test_the_twin_holds_whole_numbers(twin):
    np.testing.assert_array_equal(twin.X, np.rint(twin.X))
    assert not np.signbit(twin.X[twin.X == 0]).any()


def test_no_two_invented_customers_are_alike(twin):
    assert len(np.unique(twin.X, axis=0)) == len(twin)


def test_as_many_default_as_published(twin):
    published = data.bank_aggregates()["default_rate"]

    assert published == pytest.approx(0.2212)
    assert twin.y.mean() == pytest.approx(published, abs=0.01)


def test_default_depends_on_payment_delay_as_published(twin):
    published = data.bank_aggregates()["default_rates"]["PAY_0"]

    assert rates_by_delay(twin) == pytest.approx(published, abs=0.03)


def test_default_depends_on_delay_and_limit_together_as_published(twin):
    published = data.bank_aggregates()["default_rates"]
    low = twin.column("LIMIT_BAL") <= 140_000

    for half, mask in (("lower", low), ("upper", ~low)):
        wanted = published[f"PAY_0, {half} half of LIMIT_BAL"]
        got = rates_by_delay(twin, mask)
        common = ("-2", "-1", "0", "1", "2")  # few are later than two months
        assert [got[d] for d in common] == pytest.approx(
            [wanted[d] for d in common], abs=0.08
        )


def test_default_depends_on_sex_and_limit_as_published(twin):
    published = data.bank_aggregates()["default_rates"]
    tops = np.array([50_000, 100_000, 180_000, 270_000, 1_000_000])
    top = tops[np.searchsorted(tops, twin.column("LIMIT_BAL"))]

    by_sex = [twin.y[twin.column("SEX") == sex].mean() for sex in (1, 2)]
    by_limit = [twin.y[top == limit].mean() for limit in tops]

    assert by_sex == pytest.approx(list(published["SEX"].values()), abs=0.015)
    assert by_limit == pytest.approx(
        list(published["LIMIT_BAL up to"].values()), abs=0.05
    )


@pytest.mark.parametrize(
    ("column", "distance"),
    [
        ("LIMIT_BAL", 0.025),
        ("AGE", 0.025),
        ("SEX", 0.01),
        ("EDUCATION", 0.01),
        ("MARRIAGE", 0.01),
        ("PAY_0", 0.01),
        ("PAY_6", 0.01),
    ],
)
def test_shares_are_the_published_ones(twin, column, distance):
    published = data.bank_aggregates()["shares"][column]

    values, counts = np.unique(twin.column(column), return_counts=True)

    got = dict(zip(values, counts / len(twin), strict=True))
    gaps = [abs(share - got.get(float(v), 0)) for v, share in published.items()]
    assert set(values) <= set(map(float, published))
    assert sum(gaps) / 2 < distance  # total variation


@pytest.mark.parametrize("column", ["BILL_AMT1", "BILL_AMT6", "PAY_AMT1", "PAY_AMT6"])
def test_amounts_have_the_published_quantiles(twin, column):
    facts = data.bank_aggregates()
    amounts = twin.column(column)
    if column.startswith("BILL"):
        amounts = amounts / twin.column("LIMIT_BAL")

    below = [(amounts <= q).mean() for q in facts["quantiles"][column]]

    reached = np.array(below) - facts["levels"]
    rises = np.diff(facts["quantiles"][column], append=np.inf) > 0
    assert np.abs(reached[rises]).max() < 0.03


def test_columns_depend_on_each_other_as_published(twin):
    published = data.symmetric(data.bank_aggregates()["rank_correlation"])

    got = spearmanr(twin.X).statistic

    assert np.abs(got - published).max() < 0.03
    assert np.abs(published[np.triu_indices(23, 1)]).max() > 0.9


def test_hardly_a_bill_exceeds_its_limit_by_far(twin):
    far = twin.column("BILL_AMT1") > 2 * twin.column("LIMIT_BAL")

    assert far.mean() < 0.005


def test_the_talks_forest_does_on_the_twin_what_it_did_in_the_talk(twin):
    accuracy, (spared, accused) = talk_forest(twin)

    assert 0.80 <= accuracy <= 0.84
    assert spared + accused == 3000
    assert 230 <= accused <= 400  # 345 on the published table


def test_the_talks_view_has_its_ten_columns_in_order(twin):
    view = data.talk_view(twin)

    assert view.columns == (
        *("LIMIT_BAL", "AGE", "PAY_0", "PAY_2", "PAY_3"),
        *("BILL_AMT1", "BILL_AMT2", "PAY_AMT1", "SEX_1", "SEX_2"),
    )
    np.testing.assert_array_equal(view.column("SEX_1"), twin.column("SEX") == 1)
    np.testing.assert_array_equal(view.column("SEX_2"), twin.column("SEX") == 2)
    np.testing.assert_array_equal(view.column("PAY_3"), twin.column("PAY_3"))
    np.testing.assert_array_equal(view.y, twin.y)


def test_the_twin_is_drawn_in_under_a_second():
    start = time.process_time()

    data.bank()

    assert time.process_time() - start < 1


def test_the_same_seed_draws_the_same_customers(twin):
    again = data.draw_bank(data.BANK_ROWS, seed=data.BANK_SEED)
    other = data.draw_bank(data.BANK_ROWS, seed=data.BANK_SEED + 1)

    assert again.X.tobytes() == twin.X.tobytes()
    assert again.y.tobytes() == twin.y.tobytes()
    assert other.X.tobytes() != twin.X.tobytes()


def test_a_bank_without_customers_is_refused():
    with pytest.raises(BadInput, match="wanted a whole number"):
        data.draw_bank(0, seed=0)


def test_who_is_shown_is_invented_on_either_origin(monkeypatch, tmp_path):
    embedded = data.invented(50)
    monkeypatch.setenv("FOIBLE_DATA", str(tmp_path))  # in which there is no table

    shown = data.invented(50)

    np.testing.assert_array_equal(shown.X, embedded.X)
    np.testing.assert_array_equal(shown.y, embedded.y)
    assert shown.origin == "synthetic twin of the UCI credit table"
    assert len(shown) == 50


def test_another_bank_can_be_drawn_from_its_own_aggregates():
    facts = data.bank_aggregates()
    facts["intercepts"] = dict.fromkeys(facts["intercepts"], -50.0)

    honest = data.draw_bank(500, seed=0, aggregates=facts)

    assert honest.y.sum() == 0


def test_the_aggregates_tell_of_no_one_in_particular():
    facts = data.bank_aggregates()

    fewest = min(min(shares.values()) for shares in facts["shares"].values())

    assert fewest * facts["rows"] >= 9.9  # shares are written to five decimals
    assert 0.001 <= facts["levels"][0] < facts["levels"][-1] <= 0.999
    path = resources.files("foible").joinpath("bank.json")
    assert len(path.read_bytes()) < 30_000


# --- The other embedded data ----------------------------------------------------------


def test_digits_are_pictures_in_0_to_1():
    digits = data.digits()

    raw = datasets.load_digits()
    assert (digits.X.min(), digits.X.max(), digits.image) == (0, 1, (8, 8))
    assert digits.columns == tuple(raw.feature_names)
    np.testing.assert_array_equal(digits.X * 16, raw.data)
    np.testing.assert_array_equal(digits.y, raw.target)


def test_the_clinic_is_the_breast_cancer_table():
    clinic = data.clinic()

    assert clinic.X.shape == (569, 30)
    assert clinic.classes == ("malignant", "benign")
    assert np.bincount(clinic.y).tolist() == [212, 357]
    assert clinic.column("mean radius")[0] == 17.99


def test_diabetes_is_a_regression():
    diabetes = data.diabetes()

    assert diabetes.X.shape == (442, 10)
    assert diabetes.classes == ()
    assert diabetes.y.dtype == np.float64
    assert (diabetes.y.min(), diabetes.y.max()) == (25, 346)
    assert diabetes.column("age")[0] == 59  # years


@pytest.fixture(scope="module")
def road():
    return data.signs()


def test_the_road_has_drawn_signs_of_every_class_alike(road):
    assert road.X.shape == (4_000, 32 * 32 * 3)
    assert road.image == (32, 32, 3)
    assert road.columns[:4] == (
        "pixel_0_0_red",
        "pixel_0_0_green",
        "pixel_0_0_blue",
        "pixel_0_1_red",
    )
    assert road.classes == signs.NAMES
    assert 0 <= road.X.min() <= road.X.max() <= 1
    assert road.X[0].mean() == pytest.approx(0.343277, abs=1e-5)
    assert np.ptp(np.bincount(road.y)) <= 1


def test_a_row_of_the_road_is_its_sign_from_its_view(road):
    views = draw_views(4_000, seed=data.SIGN_SEED)
    rows = [0, 777, 3_999]

    sheets = [signs.artwork(signs.NAMES[label]) for label in road.y[rows]]
    pictures = camera.photograph(sheets, views.take(rows))

    np.testing.assert_allclose(road.X[rows], pictures.reshape(3, -1), atol=1e-6)


def test_signs_are_decided_by_their_seed():
    one, again, other = (data.draw_signs(30, seed=seed) for seed in (0, 0, 1))

    assert one.X.tobytes() == again.X.tobytes()
    assert one.X.tobytes() != other.X.tobytes()


@pytest.mark.parametrize("size", [16, 64])
def test_signs_are_drawn_in_any_size(size):
    rows = data.draw_signs(13, seed=0, size=size)

    assert rows.image == (size, size, 3)
    assert len(rows.columns) == size * size * 3


@pytest.mark.parametrize(("rows", "size"), [(0, 32), (5, 0)])
def test_signs_that_cannot_be_drawn_are_refused(rows, size):
    with pytest.raises(BadInput, match=r"got (n|size)=0"):
        data.draw_signs(rows, seed=0, size=size)


def test_faces_are_not_embedded():
    with pytest.raises(DataMissing, match=r"set FOIBLE_DATA .*olivetti_py3\.pkz"):
        data.faces()


def test_the_choice_is_what_the_environment_says(monkeypatch):
    choices = [data.choice()]
    for folder in ("", "somewhere"):
        monkeypatch.setenv("FOIBLE_DATA", folder)
        choices.append(data.choice())

    assert choices == ["embedded", "embedded", "real"]


# --- Published files that are missing, damaged or fetched -----------------------------

FILES = {
    "bank": "credit/default_credit_card.csv.gz",
    "digits": "MNIST/raw/train-images-idx3-ubyte.gz",
    "faces": "olivetti/olivetti_py3.pkz",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty FOIBLE_DATA."""
    monkeypatch.setenv("FOIBLE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_parser(monkeypatch):
    """Whatever reads a published file fails the test."""

    def forbidden(*args, **kwargs):
        raise AssertionError("an unverified file was read")

    monkeypatch.setattr(people.pd, "read_csv", forbidden)
    monkeypatch.setattr(files.datasets, "fetch_olivetti_faces", forbidden)
    monkeypatch.setattr(vision, "torchvision", forbidden)


def put(folder, path, content):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_its_checksum_and_the_remedy(folder, name):
    with pytest.raises(DataMissing) as caught:
        getattr(data, name)()

    message = str(caught.value)
    assert str(folder / FILES[name]) in message
    assert files._SOURCES[name].files[FILES[name]] in message
    assert "FOIBLE_DOWNLOAD=1" in message
    assert "unset FOIBLE_DATA" in message


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content",
    [b"", b"\x80\x04.", gzip.compress(b"ID,LIMIT_BAL,DEFAULT\r\n1,1,1")],
    ids=["empty", "pickle", "gzip"],
)
def test_a_damaged_file_is_refused_before_it_is_read(folder, name, content):
    for path in files._SOURCES[name].files:
        put(folder, path, content)

    with pytest.raises(DataDamaged) as caught:
        getattr(data, name)()

    bare = gzip.decompress(content) if name == "bank" and len(content) > 9 else content
    message = str(caught.value)
    assert str(folder / FILES[name]) in message
    assert hashlib.sha256(bare).hexdigest() in message
    assert files._SOURCES[name].files[FILES[name]] in message
    assert "get the published file anew" in message


@pytest.mark.real
@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["truncated", "altered"])
def test_a_published_file_that_was_harmed_is_refused(
    real_data, tmp_path, monkeypatch, name, harm
):
    for path in files._SOURCES[name].files:
        put(tmp_path, path, (real_data / path).read_bytes())
    whole = (real_data / FILES[name]).read_bytes()
    middle = len(whole) // 2
    altered = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    put(tmp_path, FILES[name], whole[:middle] if harm == "truncated" else altered)
    monkeypatch.setenv("FOIBLE_DATA", str(tmp_path))

    with pytest.raises(DataDamaged, match=FILES[name]):
        getattr(data, name)()


def openml(customers):
    """What OpenML would give for these customers: its own column names, floats."""
    frame = pd.DataFrame(customers.X, columns=[f"x{i}" for i in range(1, 24)])
    target = pd.Series(customers.y.astype(str), dtype="category")
    return SimpleNamespace(data=frame, target=target)


def junk_mnist(root, download):
    for path in files._SOURCES["digits"].files:
        put(root, path, b"junk")


def junk_faces(data_home):
    put(data_home, "olivetti_py3.pkz", b"junk")


@pytest.fixture
def junk(monkeypatch, twin):
    """A network that gives other data than the published."""
    monkeypatch.setenv("FOIBLE_DOWNLOAD", "1")
    monkeypatch.setattr(files.datasets, "fetch_openml", lambda **_: openml(twin))
    monkeypatch.setattr(files.datasets, "fetch_olivetti_faces", junk_faces)
    module = SimpleNamespace(datasets=SimpleNamespace(MNIST=junk_mnist))
    monkeypatch.setattr(vision, "torchvision", lambda: module)


@pytest.mark.usefixtures("junk")
@pytest.mark.parametrize("name", FILES)
def test_what_is_fetched_and_cannot_be_verified_is_not_kept(folder, name):
    with pytest.raises(DataDamaged, match=f"fetched/{FILES[name]}"):
        getattr(data, name)()

    assert list(folder.rglob("*")) == []


@pytest.mark.usefixtures("junk")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("answer", ["", "0", "yes"])
def test_nothing_is_fetched_unless_it_is_asked_for(folder, monkeypatch, name, answer):
    monkeypatch.setenv("FOIBLE_DOWNLOAD", answer)

    with pytest.raises(DataMissing, match="set FOIBLE_DOWNLOAD=1"):
        getattr(data, name)()


@pytest.mark.usefixtures("folder")
def test_a_failed_download_says_what_to_do(monkeypatch):
    def unreachable(**_):
        raise URLError("no route to host")

    monkeypatch.setenv("FOIBLE_DOWNLOAD", "1")
    monkeypatch.setattr(files.datasets, "fetch_openml", unreachable)

    with pytest.raises(DataMissing, match=r"no route to host.* Try again later"):
        data.bank()


def test_what_is_fetched_is_kept_beside_what_was_there(folder, monkeypatch):
    contents = {"a/b/one": b"1", "a/b/two": b"2", "three": b"3"}
    sums = {path: hashlib.sha256(raw).hexdigest() for path, raw in contents.items()}
    source = files._Source("three files", sums, lambda _: contents)
    monkeypatch.setitem(files._SOURCES, "some", source)
    monkeypatch.setenv("FOIBLE_DOWNLOAD", "1")
    put(folder, "three", b"3")

    found = files.published("some")

    assert found == contents
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    assert kept == {"a", "a/b", *contents}
    assert (folder / "a/b/two").read_bytes() == b"2"


def test_the_credit_table_is_asked_for_by_its_number_and_written_as_published(
    tmp_path, monkeypatch, twin
):
    asked, some = [], twin.take([0, 1])

    def fetch(**told):
        asked.append(told)
        return openml(some)

    monkeypatch.setattr(files.datasets, "fetch_openml", fetch)

    (packed,) = files._fetch_bank(tmp_path).values()

    assert asked == [{"data_id": 42477, "as_frame": True, "data_home": tmp_path}]
    rows = [f"{i + 1},{','.join(map(str, some.X[i].astype(int)))}" for i in (0, 1)]
    wanted = [
        f"ID,{','.join(twin.columns)},DEFAULT",
        *(f"{row},{label}" for row, label in zip(rows, some.y, strict=True)),
    ]
    assert gzip.decompress(packed).decode() == "\r\n".join(wanted)
    assert packed[4:8] == bytes(4)  # no date


def test_digits_and_faces_are_fetched_from_where_they_are_put(tmp_path, monkeypatch):
    asked = []

    def mnist(root, download):
        asked.append(download)
        junk_mnist(root, download)

    module = SimpleNamespace(datasets=SimpleNamespace(MNIST=mnist))
    monkeypatch.setattr(vision, "torchvision", lambda: module)
    monkeypatch.setattr(files.datasets, "fetch_olivetti_faces", junk_faces)

    digits, faces = files._fetch_mnist(tmp_path), files._fetch_faces(tmp_path)

    assert digits == dict.fromkeys(files._SOURCES["digits"].files, b"junk")
    assert faces == {FILES["faces"]: b"junk"}
    assert asked == [True]


@pytest.mark.usefixtures("folder")
def test_published_digits_are_six_thousand_of_them_between_0_and_1(monkeypatch):
    random = np.random.default_rng(0)
    images = random.integers(256, size=(6500, 2, 3)).astype(np.uint8)
    labels = np.arange(6500) % 10
    asked = []

    def mnist(root, download):
        asked.append(((root / "raw").read_bytes(), download))
        as_tensor = [SimpleNamespace(numpy=lambda a=a: a) for a in (images, labels)]
        return SimpleNamespace(data=as_tensor[0], targets=as_tensor[1])

    def given(root, download):
        return mnist(Path(root), download)

    module = SimpleNamespace(datasets=SimpleNamespace(MNIST=given))
    monkeypatch.setattr(vision, "torchvision", lambda: module)
    monkeypatch.setattr(pictures, "published", lambda _: {"raw": b"as published"})

    digits = data.digits()

    assert asked == [(b"as published", True)]
    assert (len(digits), digits.image) == (6000, (2, 3))
    ours, _ = parts(labels, 6000, seed=0)
    np.testing.assert_array_equal(digits.y, labels[ours])
    np.testing.assert_allclose(digits.X, images[ours].reshape(6000, 6) / 255)


@pytest.mark.usefixtures("folder")
def test_published_faces_are_named_by_their_number(monkeypatch):
    shown = SimpleNamespace(
        data=np.tile(np.linspace(0, 1, 4096), (400, 1)), target=np.arange(400) // 10
    )
    asked = []

    def fetch(*, data_home, download_if_missing):
        asked.append((Path(data_home, "a.pkz").read_bytes(), download_if_missing))
        return shown

    monkeypatch.setattr(pictures.datasets, "fetch_olivetti_faces", fetch)
    monkeypatch.setattr(pictures, "published", lambda _: {"olivetti/a.pkz": b"faces"})

    faces = data.faces()

    assert asked == [(b"faces", False)]
    assert (faces.image, faces.columns[-1]) == ((64, 64), "pixel_63_63")
    assert (faces.classes[0], faces.classes[-1]) == ("person 0", "person 39")
    np.testing.assert_array_equal(faces.X, shown.data)
    np.testing.assert_array_equal(faces.y, shown.target)


@pytest.mark.real
def test_a_fetched_credit_table_that_is_the_published_one_is_kept(
    real_data, tmp_path, monkeypatch
):
    published = data.bank()
    monkeypatch.setenv("FOIBLE_DATA", str(tmp_path))
    monkeypatch.setenv("FOIBLE_DOWNLOAD", "1")
    monkeypatch.setattr(files.datasets, "fetch_openml", lambda **_: openml(published))

    fetched = data.bank()
    monkeypatch.delenv("FOIBLE_DOWNLOAD")
    kept = data.bank()

    for bank in (fetched, kept):
        np.testing.assert_array_equal(bank.X, published.X)
        np.testing.assert_array_equal(bank.y, published.y)
    assert [path.name for path in tmp_path.rglob("*.*")] == [
        "default_credit_card.csv.gz"
    ]


@pytest.mark.real
def test_only_missing_files_are_fetched(real_data, tmp_path, monkeypatch):
    paths = list(files._SOURCES["digits"].files)
    for path in paths[1:]:
        put(tmp_path, path, (real_data / path).read_bytes())
    before = {path: (tmp_path / path).stat().st_mtime_ns for path in paths[1:]}

    def fetch(root, download):
        for path in paths:
            put(root, path, (real_data / path).read_bytes())

    module = SimpleNamespace(datasets=SimpleNamespace(MNIST=fetch))
    monkeypatch.setenv("FOIBLE_DATA", str(tmp_path))
    monkeypatch.setenv("FOIBLE_DOWNLOAD", "1")
    monkeypatch.setattr(vision, "torchvision", lambda: module)

    contents = files.published("digits")

    assert list(contents) == paths
    assert before == {path: (tmp_path / path).stat().st_mtime_ns for path in paths[1:]}


# --- The published data ---------------------------------------------------------------


@pytest.fixture
def offline(monkeypatch):
    """No connection can be made."""

    def refuse(*args):
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr("socket.socket.connect", refuse)


@pytest.mark.real
def test_the_published_bank_is_the_published_table(real_data):
    bank = data.bank()

    assert bank.origin == "UCI credit table"
    assert bank.columns == tuple(data.bank_aggregates()["columns"])
    assert bank.X.shape == (30_000, 23)
    assert bank.column("LIMIT_BAL").sum() == 5_024_529_680
    assert np.bincount(bank.y).tolist() == [23_364, 6_636]


@pytest.mark.real
def test_the_talks_forest_is_right_as_often_as_in_the_talk(real_data):
    accuracy, predicted = talk_forest(data.bank())

    assert accuracy == pytest.approx(0.818)
    assert predicted.tolist() == [2655, 345]


@pytest.mark.real
def test_no_invented_customer_is_a_real_one(real_data, twin):
    real = set(map(tuple, data.bank().X.tolist()))

    assert real.isdisjoint(map(tuple, twin.X.tolist()))


@pytest.mark.real
def test_every_column_of_the_twin_is_distributed_as_the_real_one(real_data, twin):
    real = data.bank()

    distances = {
        name: ks_2samp(real.column(name), twin.column(name)).statistic
        for name in real.columns
    }

    assert max(distances[name] for name in ("LIMIT_BAL", "AGE", "SEX")) < 0.01
    assert max(distances.values()) < 0.035


@pytest.mark.real
def test_the_twin_defaults_like_the_real_table_at_every_common_delay(real_data, twin):
    real = data.bank()
    delays, counts = np.unique(real.column("PAY_0"), return_counts=True)

    for delay in delays[counts >= 500]:
        wanted = real.y[real.column("PAY_0") == delay].mean()
        got = twin.y[twin.column("PAY_0") == delay].mean()
        assert got == pytest.approx(wanted, abs=0.03)


@pytest.mark.real
@pytest.mark.usefixtures("offline")
def test_published_digits_are_a_fixed_part_of_mnist(real_data):
    before = sorted(real_data.rglob("*"))

    digits = data.digits()

    assert (digits.origin, digits.image) == ("MNIST", (28, 28))
    assert digits.X.shape == (data.MNIST_ROWS, 784)
    assert (digits.X.min(), digits.X.max()) == (0, 1)
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.abs(np.bincount(digits.y) - np.array(train) / 10).max() < 1
    raw = gzip.decompress((real_data / FILES["digits"]).read_bytes())[16:]
    originals = {raw[i : i + 784] for i in range(0, len(raw), 784)}
    sample = np.rint(digits.X[::40] * 255).astype(np.uint8)
    assert all(row.tobytes() in originals for row in sample)
    assert sorted(real_data.rglob("*")) == before


@pytest.mark.real
@pytest.mark.usefixtures("offline")
def test_published_faces_are_forty_people_ten_times(real_data):
    faces = data.faces()

    assert faces.X.shape == (400, 4096)
    assert (faces.X.min(), faces.X.max()) == (0, 1)
    assert faces.X.mean() == pytest.approx(0.547042, abs=1e-6)
    assert np.bincount(faces.y).tolist() == [10] * 40
    assert len(faces.classes) == 40


def test_the_ends_of_a_range_belong_to_the_group():
    clinic = data.clinic()
    first, second = clinic.columns[:2]
    low, high = np.sort(clinic.column(first))[[10, 20]]

    inside = data.members(clinic, where={first: (low, high), second: (0, 1000)})

    assert inside.sum() == 11
    assert set(clinic.column(first)[inside]) >= {low, high}


def test_joined_rows_are_the_one_and_then_the_other():
    one, other = data.clinic().split(0.3, seed=0)

    both = data.joined(one, other)

    np.testing.assert_array_equal(both.X, np.concatenate([one.X, other.X]))
    np.testing.assert_array_equal(both.y, np.concatenate([one.y, other.y]))


def test_rows_of_different_tables_are_not_joined():
    with pytest.raises(BadInput, match="wanted the same columns"):
        data.joined(data.clinic(), data.digits())
