import numpy as np
import pytest
from sklearn import neighbors as near  # codespell:ignore neighbors
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC

from foible import artefacts, data
from foible.attacks import rows_in_files
from foible.attacks.rows_in_files import files, judges

# ---------------------------------------------------------------- rows in the file


def test_a_model_that_keeps_its_rows_is_caught_with_all_of_them(clinic):
    rows = clinic[0]
    artefact = artefacts.dump(near.KNeighborsClassifier().fit(rows.X, rows.y))

    for check in (rows_in_files.verbatim, rows_in_files.up_to_scale):
        inside = rows_in_files.rows_inside(artefact, rows.X, check=check)
        assert inside == (1.0, {"._fit_X": 1.0})


def test_rows_are_found_in_objects_written_in_c_and_in_joblib_files(clinic):
    model = near.KernelDensity().fit(clinic[0].X)

    for form in ("pickle", "joblib"):
        artefact = artefacts.dump(model, form=form)
        assert rows_in_files.rows_inside(artefact, clinic[0].X).share == 1


def test_the_share_of_support_vectors_is_scikit_learns_own_count(clinic):
    rows = clinic[0]
    model = SVC().fit(rows.X, rows.y)

    inside = rows_in_files.rows_inside(artefacts.dump(model), rows.X)

    assert inside.places.keys() == {".support_vectors_"}
    assert inside.share == pytest.approx(len(model.support_) / len(rows))


def test_a_forest_and_other_peoples_rows_are_not_reported(clinic):
    rows, others = clinic
    model = RandomForestClassifier(random_state=0).fit(rows.X, rows.y)
    stranger = near.KNeighborsClassifier().fit(others.X, others.y)

    for innocent in (model, stranger):
        inside = rows_in_files.rows_inside(artefacts.dump(innocent), rows.X)
        assert inside == (0.0, {})


@pytest.mark.parametrize("seed", range(5))
def test_a_disguise_defeats_the_naive_check_only(clinic, seed):
    rows = clinic[0].X
    artefact = artefacts.dump(rows_in_files.disguised(rows, seed=seed))

    naive = rows_in_files.rows_inside(artefact, rows, check=rows_in_files.verbatim)

    assert naive.share == 0
    assert rows_in_files.rows_inside(artefact, rows).share == 1


def test_part_of_the_rows_and_of_the_columns_is_found_and_no_more(clinic):
    rows = clinic[0].X
    table = rows[:100, [7, 2, 9, 0, 4, 5]] * -3 - 1

    found = rows_in_files.up_to_scale(table, rows)

    assert found[:100].all()
    assert not found[100:].any()


def test_columns_sorted_one_by_one_are_no_rows(clinic):
    assert not rows_in_files.up_to_scale(
        np.sort(clinic[0].X, axis=0), clinic[0].X
    ).any()


def test_the_limits_are_those_that_are_stated(clinic):
    found = rows_in_files.judge_checks(*clinic, seed=0)

    for row in ("logarithm", "columns mixed", "other people's rows"):
        assert found.value(row, "up to scale") == 0
    for row in ("as they are", "order changed", "float32", "float16", "columns scaled"):
        assert found.value(row, "up to scale") == 1


@pytest.mark.parametrize("table", ["clinic", "diabetes"])
@pytest.mark.parametrize("seed", range(5))
def test_strangers_in_halves_raise_no_alarm(in_shares, table, seed):
    rows, others = in_shares(getattr(data, table)()).split(0.5, seed=seed)

    for hidden, share in ((rows, 1), (others, 0)):
        artefact = artefacts.dump(hidden.X.astype(np.float16))
        assert rows_in_files.rows_inside(artefact, rows.X).share == share


def test_looking_into_a_file_does_not_run_it(clinic, tmp_path):
    marker = tmp_path / "marker"
    trap = artefacts.Call(exec, f"open({str(marker)!r}, 'w').close()")

    rows_in_files.rows_inside(artefacts.dump([trap, clinic[0].X]), clinic[0].X)

    assert not marker.exists()


# ---------------------------------------------------------------- columns in the file


def told(estimator, values):
    lists = rows_in_files.columns_inside(estimator).values()
    return max((np.isin(values, held).mean() for held in lists), default=0)


@pytest.fixture(scope="module")
def streets():
    rng = np.random.default_rng(0)
    names = np.array([f"street {place}" for place in range(90)], dtype=object)
    return rng.permutation(names)[:, np.newaxis], rng.integers(2, size=90)


def test_every_word_of_a_column_is_found_deep_in_a_pipeline(streets):
    words, y = streets
    holes = np.vstack([words, [[None]]])
    mixed = ColumnTransformer([("street", OneHotEncoder(), [0])])
    model = make_pipeline(mixed, LogisticRegression()).fit(holes, [*y, 0])

    lists = rows_in_files.columns_inside(model)

    (place,) = [place for place in lists if place.endswith("categories_[0]")]
    assert "transformers_" in place
    np.testing.assert_array_equal(lists[place], np.unique(words[:, 0].astype(str)))
    assert told(model, np.array(["street 91"])) == 0


def test_encoders_tell_the_values_of_numbers_and_scalers_do_not(clinic):
    rows, others = clinic
    quantiles = QuantileTransformer(n_quantiles=len(rows))
    for kind, share in ((quantiles, 0.8), (OneHotEncoder(), 1)):
        kept = kind.fit(rows.X[:, :3])
        assert told(kept, rows.X[:, 0]) >= share
        assert told(kept, others.X[:, 0]) < told(kept, rows.X[:, 0]) - 0.2
    assert told(StandardScaler().fit(rows.X), rows.X[:, 0]) == 0


def test_rare_values_stand_in_the_file_though_they_are_put_together(streets):
    few = {"min_frequency": 2, "handle_unknown": "infrequent_if_exist"}
    encoder = OneHotEncoder(**few).fit(streets[0])

    assert encoder.transform(streets[0]).shape == (90, 1)
    assert told(encoder, streets[0][:, 0].astype(str)) == 1


def test_a_target_encoder_writes_the_label_of_who_is_alone_down(streets):
    words, y = streets
    encoder = TargetEncoder(target_type="binary").fit(words, y)

    spots = np.searchsorted(encoder.categories_[0].astype(str), words[:, 0].astype(str))

    np.testing.assert_allclose(encoder.encodings_[0][spots], y)


def test_what_does_not_ascend_is_no_column(clinic):
    model = near.KNeighborsClassifier().fit(clinic[0].X, clinic[0].y)

    assert rows_in_files.columns_inside(model).keys() <= {".classes_"}


# ---------------------------------------------------------------- every estimator


@pytest.fixture(scope="module")
def audit(in_shares, clinic):
    sick = in_shares(data.diabetes()).split(0.3, seed=0)
    return rows_in_files.every_estimator(clinic, sick, seed=0, seconds=2)


@pytest.mark.slow
def test_every_estimator_is_fitted_or_says_why_not(audit):
    fitted, failed = audit

    assert len(fitted) >= 150
    assert all(failed.values())
    assert not fitted.keys() & failed.keys()


def test_what_takes_too_long_is_broken_off(clinic):
    _, failed = rows_in_files.every_estimator(clinic, clinic, seed=0, seconds=1e-4)

    assert "takes more than 0.0001 s" in failed.values()


@pytest.mark.slow
def test_the_audit_finds_those_that_are_known_to_keep_rows(audit):
    found = rows_in_files.judge_estimators(audit[0])

    whole = {row for row in found.rows if found.value(row, "of its rows") == 1}
    assert len(whole) >= 15
    assert {"KNeighborsClassifier", "KernelDensity", "KernelRidge", "Isomap"} <= whole
    assert not {"LogisticRegression", "RandomForestClassifier"} & set(found.rows)
    assert found.cell("KNeighborsRegressor", "they are").value == "used"
    assert found.cell("HDBSCAN", "they are").outcome == "harm"


def test_a_column_of_two_values_can_say_which_row_is_which():
    carried = files._carried(np.array([0.0, 1, 1, 0]), np.array([5.0, 9, 9, 5, 9]))

    assert set(carried) == {5, 9}


def test_the_disguise_scales_each_column_by_its_own_factor():
    X = np.random.default_rng(0).normal(size=(50, 4))

    scaled = judges.DISGUISES["columns scaled"](X, np.random.default_rng(1))

    factors = scaled.std(axis=0) / X.std(axis=0)
    assert len(np.unique(factors.round(9))) == 4
    assert (factors >= 1).all()
    assert (factors <= 2).all()
