"""Trees of other people's, and the exact attack on them."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from foible import models
from foible.attacks.evasion import anything, boxes, cheapest
from foible.errors import BadInput

WINE, KIND = load_wine(return_X_y=True)
WINE = WINE[:, [0, 6, 9]]
DUMPS = Path(__file__).parent / "dumps"
TOLD = json.loads((DUMPS / "told.json").read_text())
SOME = {"n_estimators": 3, "max_depth": 2, "random_state": 0}
GROWN = [
    DecisionTreeClassifier(max_depth=3, random_state=0),
    RandomForestClassifier(**SOME),
    ExtraTreesClassifier(**SOME),
    GradientBoostingClassifier(**SOME),
    GradientBoostingClassifier(**SOME, init="zero"),
    HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=4),
]


def check_exact(model, predict, X):
    """The nearest row of every other class is of it, and less of the way is not."""
    regions = boxes(model)
    spread = np.ones(X.shape[1])
    assert len(regions.answer) < 5000
    for wanted in np.unique(regions.answer):
        rows = cheapest(
            regions, X, wanted=wanted, scale=spread, rules=anything(X.shape[1])
        )
        moved = abs(rows - X).max(axis=1) > 1e-5  # more than float32's grain
        nearer = X + 0.999 * (rows - X)
        assert (predict(rows) == wanted).all()
        assert (predict(nearer)[moved] != wanted).all()


@pytest.mark.parametrize("two", [False, True], ids=["three", "two"])
@pytest.mark.parametrize("grown", GROWN, ids=lambda one: type(one).__name__)
def test_scikit_learns_trees_are_read_and_attacked_exactly(grown, two):
    y = (KIND == 1).astype(int) if two else KIND
    grown.fit(WINE, y)

    read = models.trees(grown)

    np.testing.assert_allclose(
        read.predict_proba(WINE), grown.predict_proba(WINE), atol=1e-9
    )
    assert (read.predict(WINE) == grown.predict(WINE)).all()
    check_exact(grown, grown.predict, WINE[::20])


def test_exponential_loss_is_read_too():
    grown = GradientBoostingClassifier(loss="exponential", **SOME)
    grown.fit(WINE, KIND == 1)

    read = models.trees(models.sklearn(grown))

    np.testing.assert_allclose(
        read.predict_proba(WINE), grown.predict_proba(WINE), atol=1e-9
    )


@pytest.mark.parametrize("classes", ["three", "two"])
@pytest.mark.parametrize(
    ("read", "name"), [(models.xgboost, "xgb"), (models.lightgbm, "lgb")]
)
def test_dumps_say_what_their_makers_said(read, name, classes):
    end = "json" if name == "xgb" else "txt"
    model = read((DUMPS / f"{name}_{classes}.{end}").read_text())

    X = np.array(TOLD[classes]["X"])

    np.testing.assert_allclose(model.predict_proba(X), TOLD[classes][name], atol=1e-6)
    check_exact(model, model.predict, X)


def test_trees_that_compare_in_float64_are_moved_in_float64():
    cut = 0.1 + 2**-40  # which float32 does not have
    X = np.linspace(0, 0.2, 41)[:, None]
    X = np.where(abs(X - 0.1) < 1e-9, [[cut]], X)
    grown = HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=2)
    grown.fit(X, (X[:, 0] > cut).astype(int))
    regions = boxes(grown)

    (row,) = cheapest(
        regions, np.array([[0.0]]), wanted=1, scale=np.ones(1), rules=anything(1)
    )

    before = np.nextafter(row, 0)
    assert grown.predict([row, before]).tolist() == [1, 0]


def test_the_labels_of_an_estimator_are_its_numbers():
    names = np.array(["a", "b", "c"])[KIND]
    grown = RandomForestClassifier(**SOME).fit(WINE, names)

    assert (models.trees(models.sklearn(grown)).predict(WINE) < 3).all()
    with pytest.raises(BadInput, match=r"classes \['a', .* models.sklearn"):
        boxes(grown)


BIG = RandomForestClassifier(100, random_state=0).fit(WINE, KIND)
BEHIND = make_pipeline(StandardScaler(), RandomForestClassifier(**SOME))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: boxes(BIG), "got over 100000 regions; wanted a smaller forest"),
        (
            lambda: boxes(models.sklearn(BEHIND.fit(WINE, KIND))),
            "got a Pipeline; wanted a tree, a forest",
        ),
        (
            lambda: boxes(models.sklearn(AdaBoostClassifier().fit(WINE, KIND))),
            "got a AdaBoostClassifier; wanted a tree",
        ),
        (
            lambda: models.trees(
                HistGradientBoostingClassifier(categorical_features=[0]).fit(
                    np.column_stack([KIND, WINE]), KIND
                )
            ),
            "ask for categories; wanted numbers",
        ),
        (lambda: models.xgboost("{}"), "no dump of XGBoost's .* wanted what booster"),
        (lambda: models.lightgbm("tree"), "no dump of LightGBM's .* wanted what"),
        (
            lambda: models.lightgbm("objective=regression\n"),
            "trees for regression; wanted binary",
        ),
    ],
)
def test_what_it_cannot_use_is_one_clear_line(call, said):
    with pytest.raises(BadInput, match=said):
        call()
