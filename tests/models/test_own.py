"""Rows, labels and recipes of somebody's own."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn

from foible import data, models
from foible.attacks.membership_inference.shadows import Shadows
from foible.errors import BadInput
from foible.judging.games import Game
from foible.victim import Victim

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RANDOM.integers(18, 80, 120).astype(float),
        "job": RANDOM.choice(["cook", "nurse", "smith"], 120),
        "owes": RANDOM.choice(["yes", "no"], 120),
    }
)


def test_a_frame_becomes_a_data_set():
    rows = data.labelled(FRAME, "owes", name="people")

    assert (rows.columns, rows.classes) == (("age", "job"), ("no", "yes"))
    assert (rows.X[:, 0] == FRAME.age).all()
    assert (
        np.array(["cook", "nurse", "smith"])[rows.X[:, 1].astype(int)] == FRAME.job
    ).all()
    assert (rows.y == (FRAME.owes == "yes")).all()


def test_words_have_the_numbers_of_the_frame_that_decides():
    smiths = FRAME[FRAME.job == "smith"]

    rows = data.labelled(smiths, "owes", like=FRAME[["age", "job"]])

    assert (rows.X[:, 1] == 2).all()


@pytest.mark.parametrize(
    ("y", "classes", "numbers"),
    [
        ([1, -1, 1], ("-1", "1"), [1, 0, 1]),
        ([True, False, True], ("False", "True"), [1, 0, 1]),
        (np.array(["b", "a", "b"]), ("a", "b"), [1, 0, 1]),
        (pd.Series([7, 3, 7], index=[5, 6, 7]), ("3", "7"), [1, 0, 1]),
        ([0.5, 1.0, 2.0], (), [0.5, 1.0, 2.0]),
    ],
)
def test_labels_of_every_kind_are_numbered(y, classes, numbers):
    rows = data.labelled(np.eye(3), y)

    assert rows.classes == classes
    assert rows.y.tolist() == numbers


def test_images_keep_their_shape_and_classes_their_order():
    rows = data.labelled(np.zeros((2, 4, 4, 3)), ["b", "a"], classes=["b", "c", "a"])

    assert rows.image == (4, 4, 3)
    assert rows.y.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: data.labelled(FRAME.assign(age=np.nan), "owes"),
            "got NaN in the column 'age', in 120 of 120 rows; wanted numbers",
        ),
        (lambda: data.labelled(FRAME, "owns"), "without the column 'owns'; wanted"),
        (lambda: data.labelled(np.eye(2), [0.0, 1.0]), r"wanted .* y.astype\(int\)"),
        (lambda: data.labelled(np.eye(2), [0, 9], classes=[0, 1]), "got the label 9"),
        (lambda: models.recipe(3), "got make=3 .* wanted an estimator, or a function"),
        (lambda: models.recipe(RandomForestClassifier), "wanted an estimator, or a fu"),
        (lambda: models.recipe(lambda X, y: 0), r"called as make\(X, y, seed=seed\)"),
        (lambda: data.labelled(np.eye(2), np.eye(2)), r"y.argmax\(axis=1\)"),
        (
            lambda: data.labelled(np.eye(2), ["a", None]),
            "got 1 labels that are",
        ),
        (
            lambda: models.recipe(lambda X, y, seed: "no")(data.irises(), seed=0),
            "makes a str; wanted a torch",
        ),
    ],
)
def test_what_it_cannot_use_is_one_clear_line(call, said):
    with pytest.raises(BadInput, match=said):
        call()


def test_an_estimator_is_cloned_and_its_chance_is_the_seed():
    rows, forest = data.irises(), RandomForestClassifier(5)

    one, same, other = models.recipe(forest).many([rows] * 3, seeds=[1, 1, 2])

    assert not hasattr(forest, "estimators_")
    np.testing.assert_array_equal(one.predict_proba(rows.X), same.predict_proba(rows.X))
    assert (one.predict_proba(rows.X) != other.predict_proba(rows.X)).any()


def test_words_reach_a_pipeline_and_a_missing_class_keeps_its_column():
    rows = data.labelled(FRAME, "owes", classes=["maybe", "no", "yes"])
    words = make_column_transformer(
        (OneHotEncoder(), ["job"]), remainder=StandardScaler()
    )
    pipeline = make_pipeline(words, LogisticRegression())

    model = models.recipe(pipeline, like=FRAME[["age", "job"]])(rows, seed=0)

    shares = model.predict_proba(rows.X)
    assert shares.shape == (120, 3)
    assert (shares[:, 0] == 0).all()
    own = pipeline.fit(FRAME[["age", "job"]], FRAME.owes)
    np.testing.assert_allclose(shares[:, 1:], own.predict_proba(FRAME), atol=1e-9)


def test_a_regression_is_made_too():
    rows = data.diabetes()

    model = models.recipe(RandomForestRegressor(5))(rows, seed=0)

    assert np.corrcoef(model.predict(rows.X), rows.y)[0, 1] > 0.8


def loop(X, y, seed):
    """As tutorials train: torch's own chance, train mode left on."""
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10)
    )
    adam = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(30):
        said = module(torch.tensor(X, dtype=torch.float32))
        loss = nn.functional.cross_entropy(said, torch.tensor(y))
        adam.zero_grad()
        loss.backward()
        adam.step()
    return module


def test_a_training_loop_of_torch_makes_shadows():
    rows = data.digits().take(np.arange(300))
    before = torch.get_rng_state()
    recipe = models.recipe(loop, image=(1, 8, 8))

    made = recipe(rows, seed=0)
    again = recipe(rows, seed=0)
    shadows = Shadows.made(recipe, rows, count=3, seed=0)

    assert (made.predict(rows.X) == rows.y).mean() > 0.8
    np.testing.assert_array_equal(made.logits(rows.X), again.logits(rows.X))
    assert (shadows.models[0].logits(rows.X) != made.logits(rows.X)).any()
    assert (torch.get_rng_state() == before).all()


def test_a_plain_function_makes_shadows_targets_and_victims():
    rows = data.irises()

    def make(rows, *, seed):
        return models.softmax()(rows, seed=seed)

    shadows = Shadows.made(make, rows, count=3, seed=0)
    game = Game.played(make, rows, targets=3, seed=0)
    victims = Victim.many(make, [rows, rows], seeds=[0, 1])

    for one, other in zip(shadows.models, game.models, strict=True):
        np.testing.assert_array_equal(one.logits(rows.X), other.logits(rows.X))
    assert [victim.seed for victim in victims] == [0, 1]
    with pytest.raises(BadInput, match="wanted a Recipe, which has __call__"):
        Shadows.made(LogisticRegression(), rows, count=3, seed=0)
