"""Estimators of scikit-learn's, as somebody else fitted them, behind one line."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

from foible import models
from foible.attacks import evasion
from foible.data import wines
from foible.errors import BadInput
from foible.models import Differentiable
from foible.search import Ball

WINE, KIND = load_wine(return_X_y=True, as_frame=True)
NAMES = np.array(["barbera", "barolo", "grignolino"])[KIND]
CELLS, ILL = load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="module")
def people():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 80, 200).astype(float),
            "job": random.choice(["cook", "nurse", "smith"], 200),
            "city": random.choice(["Bonn", "Kiel", None], 200),
        }
    )
    owes = np.where((frame.age > 50) ^ (frame.job == "cook"), "owes", "paid")
    words = OneHotEncoder(handle_unknown="error")
    columns = make_column_transformer(
        (words, ["job", "city"]), remainder=StandardScaler()
    )
    pipeline = make_pipeline(columns, RandomForestClassifier(10, random_state=0))
    return frame, owes, pipeline.fit(frame, owes)


def test_labels_are_numbered_and_named_again():
    forest = RandomForestClassifier(10, random_state=0).fit(WINE, NAMES)

    model = models.sklearn(forest)

    rows = WINE.to_numpy()
    assert (model.named(model.predict(rows)) == forest.predict(WINE)).all()
    assert (model.numbers(NAMES) == KIND).all()
    np.testing.assert_array_equal(
        models.probabilities(model, rows), forest.predict_proba(WINE)
    )
    with pytest.raises(BadInput, match="got the label 'merlot'; wanted one of 'barb"):
        model.numbers(["merlot"])


def test_a_class_that_was_never_met_keeps_its_column():
    some = KIND != 1
    forest = RandomForestClassifier(5).fit(WINE[some], KIND[some])

    model = models.sklearn(forest, labels=(0, 1, 2))

    shares = model.predict_proba(WINE)
    assert shares.shape == (178, 3) and (shares[:, 1] == 0).all()
    assert set(model.predict(WINE)) == {0, 2}


def test_words_and_names_go_through_a_pipeline_as_rows_of_numbers(people):
    frame, owes, pipeline = people

    model = models.sklearn(pipeline, like=frame)

    rows = model.rows(frame[["city", "age", "job"]])  # in another order
    assert rows.shape == (200, 3) and np.isfinite(rows).all()
    told = pipeline.predict_proba(frame)
    for asked in (rows, frame, frame[["city", "age", "job"]]):
        np.testing.assert_array_equal(model.predict_proba(asked), told)
    asked = models.oracle(model, answers="label").ask(rows)
    assert (model.named(asked) == pipeline.predict(frame)).all()
    assert (model.numbers(owes) == (owes == "paid")).all()


def test_what_a_frame_lacks_or_holds_too_much_is_named(people):
    frame, _, pipeline = people
    model = models.sklearn(pipeline, like=frame)

    with pytest.raises(BadInput, match="without the column 'job'; wanted age, job"):
        model.predict(frame.drop(columns="job"))
    with pytest.raises(BadInput, match=r"column 'job' .*'pilot'.* wanted rows"):
        model.predict(frame.assign(job="pilot"))
    with pytest.raises(BadInput, match="got 'pilot' in the column 'job'; wanted one"):
        model.rows(frame.assign(job="pilot"))
    with pytest.raises(BadInput, match=r"got 'age', a column .* wanted numbers"):
        model.rows(frame.assign(age="old"))
    moved = model.rows(frame) + np.array([0, 0.5, 0])
    with pytest.raises(
        BadInput, match=r"got .*\.5 in the column 'job'; wanted a whole"
    ):
        model.predict(moved)


def test_holes_are_for_the_estimator_to_take_or_to_refuse():
    holes = WINE.assign(ash=WINE.ash.where(WINE.ash > 2.3))
    takes = HistGradientBoostingClassifier(max_iter=5).fit(holes, NAMES)
    refuses = SVC().fit(WINE, NAMES)

    assert (
        models.sklearn(takes).predict_proba(holes) == takes.predict_proba(holes)
    ).all()
    with pytest.raises(BadInput, match=r"SVC cannot read, in the column 'ash' .*NaN"):
        models.sklearn(refuses).predict(holes)
    with pytest.raises(BadInput, match=r"NaN in the column 'ash', in 75 of 178 rows"):
        models.sklearn(takes).rows(holes)


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_without_probabilities_there_are_labels_and_what_decides(kernel):
    svc = SVC(kernel=kernel).fit(CELLS, ILL)
    model = models.sklearn(svc)

    labels = models.oracle(model, answers="label").ask(CELLS)
    values = models.oracle(model, answers="values").ask(CELLS)

    assert (labels == svc.predict(CELLS)).all()
    np.testing.assert_array_equal(values[:, 0], svc.decision_function(CELLS))
    np.testing.assert_array_equal(models.values(svc, CELLS), values)
    with pytest.raises(BadInput, match=r'no probabilities; wanted .*"label"'):
        models.oracle(model)


def test_hopskipjump_asks_it_for_labels():
    svc = SVC().fit(WINE / WINE.std(), NAMES)
    X = (WINE / WINE.std()).to_numpy()[::30]
    model = models.sklearn(svc)
    y = model.predict(X)
    starts = X[[np.flatnonzero(y != label)[0] for label in y]]

    oracle = models.oracle(model, answers="label")
    near = evasion.hopskipjump(oracle, X, y, start=starts, rounds=2, seed=0)

    assert (model.predict(near) != y).all()


LINEAR = [
    LogisticRegression(max_iter=5000),
    LinearSVC(),
    SGDClassifier(random_state=0),
    RidgeClassifier(),
]


@pytest.mark.parametrize("labels", [NAMES, NAMES == "barolo"], ids=["three", "two"])
@pytest.mark.parametrize("last", LINEAR, ids=lambda one: type(one).__name__)
def test_a_linear_one_has_a_gradient(last, labels):
    pipeline = make_pipeline(StandardScaler(), last).fit(WINE, labels)

    model = models.sklearn(pipeline)

    X = WINE.to_numpy()
    y, decides = model.numbers(labels), pipeline.decision_function(WINE)
    logits = model.logits(X)
    own = logits if decides.ndim > 1 else logits[:, 1]
    np.testing.assert_allclose(own, decides, atol=1e-9)
    assert isinstance(model, Differentiable)
    assert (model.named(model.predict(X)) == pipeline.predict(WINE)).all()
    step = 1e-6 * WINE.std().to_numpy()
    loss = [
        -np.log(model.predict_proba(X + s)[np.arange(178), y]) for s in (-step, step)
    ]
    np.testing.assert_allclose(
        model.gradient(X, y) @ step * 2, loss[1] - loss[0], atol=1e-9
    )
    ball = Ball(0.3 * WINE.std().mean(), low=-1e4, high=1e4)
    moved = evasion.fgsm(model, X, y, ball=ball)
    assert (model.predict(moved) == y).mean() < (model.predict(X) == y).mean()
    assert evasion.reach(model, X, y).shape == (178,)
    shuffled = WINE[WINE.columns[::-1]]
    np.testing.assert_array_equal(model.logits(shuffled), logits)


def test_its_probabilities_are_those_of_logistic_regression():
    X = WINE / WINE.std()
    own = LogisticRegression(max_iter=5000).fit(X, NAMES)

    shares = models.sklearn(own).predict_proba(X.to_numpy())

    np.testing.assert_allclose(shares, own.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize("C", [0.1, 3.0])
def test_c_is_the_inverse_of_our_strength_and_twice_that_for_two_classes(C):
    rows = wines()
    many = LogisticRegression(C=C, tol=1e-9, solver="newton-cg", max_iter=9999)
    two = rows.take(rows.y < 2)
    pair = type(rows)("two", two.X, two.y, two.columns, two.classes[:2], "part")
    cases = [
        (rows, models.softmax(strength=1 / C)),
        (pair, models.softmax(strength=2 / C)),
        (pair, models.logistic(strength=1 / C)),
    ]

    for part, recipe in cases:
        ours = recipe(part, seed=0).predict_proba(part.X)
        theirs = models.sklearn(many.fit(part.X, part.y)).predict_proba(part.X)

        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_sparse_weights_are_read_and_texts_that_are_no_rows_are_refused():
    sparse = SGDClassifier(random_state=0).fit(WINE, NAMES).sparsify()
    texts = make_pipeline(TfidfVectorizer(), LogisticRegression())
    texts.fit(["good day", "bad day"] * 5, [1, 0] * 5)

    logits = models.sklearn(sparse).logits(WINE)

    np.testing.assert_allclose(logits, sparse.decision_function(WINE), atol=1e-9)
    with pytest.raises(BadInput, match=r"got rows that .* wanted"):
        models.sklearn(texts).predict(["good day"])
    with pytest.raises(BadInput, match=r"Pipeline cannot read .* wanted rows"):
        models.sklearn(texts).predict(pd.DataFrame({"said": ["good day"]}))


def test_a_regressor_gives_numbers():
    forest = RandomForestRegressor(5, random_state=0).fit(WINE, WINE.ash)

    told = models.oracle(models.sklearn(forest), answers="values").ask(WINE.to_numpy())

    np.testing.assert_array_equal(told[:, 0], forest.predict(WINE))


TWICE = np.column_stack([ILL, 1 - ILL])


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (RandomForestClassifier(), "got a RandomForestClassifier that is not fitted"),
        (RandomForestClassifier(2).fit(CELLS, TWICE), "with 2 outputs; wanted one"),
        (
            MultiOutputClassifier(RandomForestClassifier(2)).fit(CELLS, TWICE),
            "MultiOutputClassifier with 2 outputs; wanted one",
        ),
        (KMeans(2, n_init=1).fit(CELLS), "wanted a classifier or a regressor"),
        (StandardScaler().fit(CELLS), "wanted a classifier or a regressor"),
        (object(), "wanted a classifier or a regressor"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_it_cannot_use_is_one_clear_line(estimator, said):
    with pytest.raises(BadInput, match=said):
        models.sklearn(estimator)


def test_several_numbers_for_a_row_are_refused():
    forest = RandomForestRegressor(2).fit(CELLS, TWICE)

    with pytest.raises(BadInput, match="with 2 outputs; wanted one"):
        models.sklearn(forest).predict(CELLS)
